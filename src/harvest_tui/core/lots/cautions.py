"""What a taxpayer should look at in realized results that are right as far as anybody can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.kept import turning_long
from harvest_tui.core.lots.ledger import Disposal, Lot, NamedShortfall, Term
from harvest_tui.core.money import plain
from harvest_tui.core.records import AccountId, Asset, EventId
from harvest_tui.core.tax_days import (
    first_long_term_day,
    tax_day,
    tax_year,
    term_differs_from_utc,
    year_differs_from_utc,
)

UTC_ZONE = ZoneInfo("UTC")
SWITCH = date(2025, 1, 1)
_NEAR = timedelta(days=3)


class CautionKind(StrEnum):
    """What sort of thing to look at."""

    YEAR = "year"
    TERM = "term"
    UNKNOWN = "unknown"
    LOTS = "lots"
    ALLOCATION = "allocation"


class Caution(NamedTuple):
    """One thing to look at, `message` being for people; it may hold outside text."""

    kind: CautionKind
    event_id: EventId
    account: AccountId
    asset: Asset
    at: datetime
    message: str


def year_cautions(disposals: Iterable[Disposal], zone: ZoneInfo) -> Iterator[Caution]:
    """Events that a form made in UTC puts into another tax year, each once.

    No rule fixes the zone of a trade; brokers' forms tend to use UTC, and the taxpayer's own day is what
    Rev. Proc. 2024-28 speaks of.
    """
    told: set[tuple[EventId, Asset]] = set()
    for one in disposals:
        if (one.event_id, one.asset) in told or not year_differs_from_utc(one.disposed_at, zone):
            continue
        told.add((one.event_id, one.asset))
        local, elsewhere = tax_day(one.disposed_at, zone), tax_day(one.disposed_at, UTC_ZONE)
        yield _caution(
            CautionKind.YEAR,
            one,
            f"{one.event_id} disposed of {one.asset} on {local} in {zone.key}, which is {elsewhere} in UTC: it counts"
            f" for {local.year}, and a form made in UTC shows it in {elsewhere.year}",
        )


def term_cautions(disposals: Iterable[Disposal], zone: ZoneInfo) -> Iterator[Caution]:
    """Parts of lots that days read in UTC give another term, so that a broker's form may show it."""
    for one in disposals:
        # Zones differ by days, so only a holding of about a year can come out differently.
        if not 363 <= (one.disposed_at - one.acquired_at).days <= 368:
            continue
        if term_differs_from_utc(one.acquired_at, one.disposed_at, zone):
            other = Term.SHORT if one.term is Term.LONG else Term.LONG
            bought, sold = tax_day(one.acquired_at, zone), tax_day(one.disposed_at, zone)
            yield _caution(
                CautionKind.TERM,
                one,
                f"{one.event_id} disposed of {plain(one.quantity)} {one.asset} of {one.origin_id}: by the days in"
                f" {zone.key} ({bought} to {sold}) {one.term.value}-term, by those in UTC {other.value}-term",
            )


def utc_words(lot: Lot, at: datetime, day: date) -> str:
    """What of the lot would be another in a form made in UTC; "" where nothing would. `day` is the taxpayer's at `at`.

    Told as long as it matters: sold now the lot would get another term, or it turns long-term on another day.
    """
    by_utc = first_long_term_day(tax_day(lot.acquired_at, UTC_ZONE))
    term, other = _terms(lot.long_term_on, day, by_utc, tax_day(at, UTC_ZONE))
    if term is not other:
        return f"sold now {term.value}-term, by UTC days {other.value}-term: a form may show that"
    if by_utc == lot.long_term_on or term is Term.LONG:
        return ""
    return f"long-term from {by_utc} by UTC days: a form may show that"


def year_words(at: datetime, day: date) -> str:
    """What a sale now would be in a form made in UTC, in the hours between two new years; "" at other times."""
    elsewhere = tax_day(at, UTC_ZONE).year
    return "" if day.year == elsewhere else f"sold now it counts for {day.year}, by UTC days for {elsewhere}"


def sale_words(lots: Sequence[Lot], at: datetime, day: date) -> str:
    """In one line, what a sale of these lots now would be in a form made in UTC: another tax year, another term."""
    said = [year_words(at, day)]
    utc_day = tax_day(at, UTC_ZONE)
    # Days differ by one, and first long-term days by two at most: others need no second look.
    differing = []
    for lot in turning_long(lots, day - _NEAR, day + _NEAR):
        term, other = _terms(lot.long_term_on, day, first_long_term_day(tax_day(lot.acquired_at, UTC_ZONE)), utc_day)
        if term is not other:
            differing.append(f"{lot.lot_id} ({term.value}, not {other.value})")
    if differing:
        more = f" and {len(differing) - 1} more" if differing[1:] else ""
        said.append(f"sold now {differing[0]}{more} would have another term by UTC days")
    told = "; ".join(one for one in said if one)
    return told and f"{told}: a broker's form may show that"


def _terms(first: date, day: date, first_by_utc: date, utc_day: date) -> tuple[Term, Term]:
    """The term of a sale by the taxpayer's days and by those of UTC."""
    return Term.LONG if day >= first else Term.SHORT, Term.LONG if utc_day >= first_by_utc else Term.SHORT


def unknown_cautions(disposals: Iterable[Disposal]) -> Iterator[Caution]:
    """Disposals without a gain, because nobody told their proceeds or their basis; totals leave them out."""
    for one in disposals:
        if one.gain is not None:
            continue
        names = [name for name, value in (("proceeds", one.proceeds), ("basis", one.cost_basis)) if value is None]
        yield _caution(
            CautionKind.UNKNOWN,
            one,
            f"{one.event_id} disposed of {plain(one.quantity)} {one.asset} of {one.origin_id} with unknown"
            f" {' and '.join(names)}: its gain is in no total",
        )


def lot_cautions(shortfalls: Iterable[NamedShortfall]) -> Iterator[Caution]:
    """Lots that were identified and could not be taken, and rows of an allocation table that do not fit."""
    for short in shortfalls:
        is_table = short.event_id == f"{short.account}:allocation"
        amount = f"{plain(short.quantity)} {short.asset}"
        message = (
            f"the allocation table places {amount} of {short.origin_id} in {short.account}, which had no room for it"
            " or the lot no such units: the rule for the rest placed them"
            if is_table
            else f"{short.event_id} names {amount} of {short.origin_id} that were not there: other lots went instead"
        )
        kind = CautionKind.ALLOCATION if is_table else CautionKind.LOTS
        yield Caution(kind, short.event_id, short.account, short.asset, short.at, message)


class AllocationRecord(NamedTuple):
    """What is told of the allocation: when it was written down, and which rule or rows it has."""

    decided: date | None
    has_order: bool
    placements: tuple[tuple[str, str, Decimal], ...]


def allocation_cautions(
    record: AllocationRecord, disposals: Iterable[Disposal], events: Iterable[EventId], zone: ZoneInfo
) -> Iterator[Caution]:
    """Whether the allocation came in time, and rows of its table that name no lot at all.

    Rev. Proc. 2024-28: a global rule is written down before 1 January 2025; units are allocated one by one by the
    first disposal of 2025, and no later than the return for it is due.
    """
    known = set(events)
    for account, origin, quantity in record.placements:
        if origin not in known:
            yield _of_allocation(account, f"the allocation places {plain(quantity)} of {origin}, which is no event")
    if not (record.has_order or record.placements):
        return
    if record.decided is None:
        yield _of_allocation("", "the allocation has no date: write `decided = DATE` when it was written down")
        return
    if record.has_order and record.decided >= SWITCH:
        yield _of_allocation(
            "", f"the allocation rule was written on {record.decided}: Rev. Proc. 2024-28 asks for it before 2025"
        )
    if record.placements:
        sales = (tax_day(one.disposed_at, zone) for one in disposals if tax_year(one.disposed_at, zone) >= SWITCH.year)
        first = min(sales, default=None)
        if first is not None and record.decided > first:
            yield _of_allocation(
                "",
                f"the allocation table was written on {record.decided}, after the first disposal of {first}:"
                " Rev. Proc. 2024-28 asks for it before",
            )


def _of_allocation(account: str, message: str) -> Caution:
    at = datetime(SWITCH.year, SWITCH.month, SWITCH.day, tzinfo=UTC)
    return Caution(CautionKind.ALLOCATION, EventId("allocation"), AccountId(account), Asset(""), at, message)


def _caution(kind: CautionKind, one: Disposal, message: str) -> Caution:
    return Caution(kind, one.event_id, one.account, one.asset, one.disposed_at, message)
