"""From marks to a record: what is to be sold is checked once more and written down with all that was known then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.identification.assignment import assign, revocations
from harvest_tui.core.identification.consumption import LotKey
from harvest_tui.core.identification.marks import MarkedLot, MarkState
from harvest_tui.core.identification.record import Record, RecordedAccount, RecordedLot, RecordKind
from harvest_tui.core.identification.rule import IdentificationRule, rule_at
from harvest_tui.core.identification.ticket import in_venue_order
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT, ZERO, plain, split
from harvest_tui.core.records import AccountId, Asset, Event, LotId, Quote

_plus, _minus = EXACT.add, EXACT.subtract
FAR_OFF = Decimal(60)
"""Seconds from which on a wrong clock makes the time of a record worthless."""


class Moment(NamedTuple):
    """What a record says of the moment it is made, apart from its lots."""

    at: datetime
    zone: ZoneInfo
    program: str
    plan: str
    accounts: tuple[RecordedAccount, ...]

    def record(self, lots: Sequence[RecordedLot], told: Iterable[AccountId]) -> Callable[[int, str], Record]:
        """Makes the identification of its number and the hash before it."""
        names = {lot.account for lot in lots}
        accounts = tuple(one for one in self.accounts if one.account in names)
        rule = rule_facts(rule_at(self.at, self.zone))

        def make(number: int, previous: str) -> Record:
            return Record(
                number=number,
                previous=previous,
                kind=RecordKind.IDENTIFY,
                recorded_at=self.at,
                zone=self.zone.key,
                local_time=self.at.astimezone(self.zone).isoformat(),
                program=self.program,
                plan=self.plan,
                rule=rule,
                accounts=accounts,
                lots=tuple(lots),
                told=tuple(sorted(told)),
            )

        return make

    def word_on(
        self, about: Record, kind: RecordKind, reason: str, told: Iterable[AccountId] = ()
    ) -> Callable[[int, str], Record]:
        """Makes a record about an earlier one of its number and the hash before it."""
        names = {one.account for one in about.accounts}
        accounts = tuple(one for one in self.accounts if one.account in names)

        def make(number: int, previous: str) -> Record:
            return Record(
                number=number,
                previous=previous,
                kind=kind,
                recorded_at=self.at,
                zone=self.zone.key,
                local_time=self.at.astimezone(self.zone).isoformat(),
                program=self.program,
                accounts=accounts,
                about=about.number,
                told=tuple(sorted(told)),
                reason=reason,
            )

        return make


def rule_facts(rule: IdentificationRule) -> tuple[tuple[str, str], ...]:
    """The rule as a record tells it."""
    until = rule.own_books_until
    facts = {
        "broker_held": rule.broker.value,
        "identify_by": rule.when,
        "law_status": rule.law_status,
        "own_books_accepted_until": "" if until is None else until.isoformat(),
        "tax_year": str(rule.year),
    }
    return tuple(sorted(facts.items()))


def known_until(
    events: Iterable[Event], assets: Mapping[AccountId, Iterable[Asset]]
) -> dict[AccountId, tuple[tuple[Asset, datetime], ...]]:
    """The time of the last event known of each asset in each account."""
    wanted = {(account, asset) for account, names in assets.items() for asset in names}
    last: dict[tuple[AccountId, Asset], datetime] = {}
    for event in events:
        for leg in (event.sent, event.received, event.fee):
            key = (event.account, Asset("") if leg is None else leg.asset)
            if key in wanted and (key not in last or last[key] < event.executed_at):
                last[key] = event.executed_at
    return {
        account: tuple(sorted((asset, at) for (owner, asset), at in last.items() if owner == account))
        for account in assets
    }


def recorded_lots(
    marked: Sequence[MarkedLot],
    quotes: Mapping[tuple[AccountId, Asset], Quote],
    methods: Mapping[AccountId, str],
    benefits: Mapping[LotId, Decimal],
) -> list[RecordedLot]:
    """The marked units as a record tells them: by account and asset, in the order in which the account uses lots up."""
    groups: dict[tuple[AccountId, Asset], list[RecordedLot]] = {}
    for one in marked:
        if one.lot is not None:
            key = (one.lot.account, one.lot.asset)
            groups.setdefault(key, []).append(_recorded(one, one.lot, quotes.get(key), benefits.get(one.lot.lot_id)))
    return [lot for key in sorted(groups) for lot in in_venue_order(groups[key], methods[key[0]])]


def _recorded(marked: MarkedLot, lot: Lot, quote: Quote | None, benefit: Decimal | None) -> RecordedLot:
    def share(total: Decimal | None) -> Decimal | None:
        return None if total is None else split(total, marked.quantity, lot.quantity)[0]

    return RecordedLot(
        account=lot.account,
        asset=lot.asset,
        lot_id=lot.lot_id,
        origin_id=lot.origin_id,
        acquired_at=lot.acquired_at,
        long_term_on=lot.long_term_on,
        quantity=marked.quantity,
        lot_quantity=lot.quantity,
        cost_basis=share(lot.cost_basis),
        quote=quote,
        net_benefit=benefit,
        reason=marked.mark.reason,
        loss_basis=share(lot.loss_basis),
    )


def open_claims(events: Iterable[Event], records: Sequence[Record]) -> dict[LotKey, Decimal]:
    """Units that records still wait to sell, by lot."""
    used = assign(events, records).used()
    ended = revocations(records)
    claims: dict[LotKey, Decimal] = {}
    for record in records:
        if record.number in ended:
            continue
        for place, lot in enumerate(record.lots):
            key: LotKey = (lot.account, lot.asset, lot.origin_id)
            left = _minus(lot.quantity, used.get((record.number, place), ZERO))
            if left:
                claims[key] = _plus(claims.get(key, ZERO), left)
    return claims


def objections(marked: Sequence[MarkedLot], lots: Iterable[Lot], claims: Mapping[LotKey, Decimal]) -> list[str]:
    """Why the marks cannot be recorded as they are; nothing where they can. Names in it are outside text."""
    found = [one.words for one in marked if one.state is not MarkState.FITS]
    there: dict[LotKey, Decimal] = {}
    for lot in lots:
        key: LotKey = (lot.account, lot.asset, lot.origin_id)
        there[key] = _plus(there.get(key, ZERO), lot.quantity)
    wanted = dict(claims)
    for one in marked:
        if one.lot is None:
            continue
        if one.lot.cost_basis is None and not one.mark.reason:
            found.append(f"{one.lot.asset} in {one.lot.account}: lot {one.lot.lot_id} has no known basis and no reason")
        key = (one.lot.account, one.lot.asset, one.lot.origin_id)
        wanted[key] = _plus(wanted.get(key, ZERO), one.quantity)
        if claims.get(key) and wanted[key] > there.get(key, ZERO):
            found.append(
                f"{one.lot.asset} in {one.lot.account}: a record still waits to sell {plain(claims[key])} of lot "
                f"{one.lot.lot_id}"
            )
    return found


def clock_objection(accounts: Iterable[RecordedAccount]) -> str:
    """Why the machine's clock cannot be trusted with the time of a record, "" where it can."""
    for one in accounts:
        if one.clock_ahead is not None and abs(one.clock_ahead) > FAR_OFF:
            seconds, side = plain(abs(one.clock_ahead)), "ahead of" if one.clock_ahead > 0 else "behind"
            return f"this machine's clock is {seconds} s {side} that of {one.account}"
    return ""
