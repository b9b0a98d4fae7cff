"""The ledger in decimals and tax days, made of what the books hold in integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import HeldLot, Part
from harvest_tui.core.lots.ledger import Disposal, Lazy, Ledger, Lot, NamedShortfall, Term, UnmatchedMove, Unpriced
from harvest_tui.core.lots.postings import Dispose, Take
from harvest_tui.core.lots.replay import Replay, gaps_of, in_order
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.tax_days import first_long_term_day


class Days:
    """Tax days and first long-term days of instants, the latter worked out once a day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._long: dict[date, date] = {}

    def day(self, at: datetime) -> date:
        """The taxpayer's calendar day."""
        return at.astimezone(self._zone).date()

    def long_term_on(self, acquired_at: datetime) -> date:
        """First day on which a sale is long-term."""
        day = self.day(acquired_at)
        found = self._long.get(day)
        if found is None:
            found = self._long[day] = first_long_term_day(day)
        return found


def lot_of(held: HeldLot, days: Days) -> Lot:
    """What is left of the lot."""
    loss_cost = held.loss_cost_left()
    return Lot(
        held.lot_id,
        held.origin,
        held.account,
        held.asset,
        held.acquired_at,
        days.long_term_on(held.acquired_at),
        to_decimal(held.left),
        None if held.cost_left is None else to_decimal(held.cost_left),
        held.provenance,
        None if loss_cost is None else to_decimal(loss_cost),
        None if loss_cost is None else held.gift_at,
    )


def disposal_of(posting: Take, part: Part, days: Days) -> Disposal:
    """One part of a lot that was sold.

    A gift worth less than its basis when given has three outcomes (IRC 1015(a)): a gain from the giver's basis with the
    giver's holding period, a loss from the value at the gift with one's own, and between the two neither.
    """
    lot, units, cost, proceeds, loss_cost = part
    acquired_at = lot.acquired_at
    if loss_cost is not None and proceeds is not None and cost is not None and proceeds < cost:
        if proceeds < loss_cost and lot.gift_at is not None:
            cost, acquired_at = loss_cost, lot.gift_at
        else:
            cost = proceeds
    is_long = days.day(posting.told_at) >= days.long_term_on(acquired_at)
    return Disposal(
        posting.event_id,
        lot.lot_id,
        lot.origin,
        posting.account,
        lot.asset,
        acquired_at,
        posting.told_at,
        to_decimal(units),
        None if proceeds is None else to_decimal(proceeds),
        None if cost is None else to_decimal(cost),
        Term.LONG if is_long else Term.SHORT,
        lot.provenance,
    )


def statement(
    replay: Replay,
    zone: ZoneInfo,
    lots: tuple[Lot, ...],
    unpriced: Iterable[Unpriced],
    unmatched: Iterable[UnmatchedMove],
) -> Ledger:
    """The ledger of the books as they are now. Disposals are made when somebody reads them, from the parts of now."""
    takes = replay.takes()
    parts_of = {one: one.parts for one in takes if type(one) is Dispose and one.parts}
    return Ledger(
        lots,
        Lazy(lambda: _disposals(parts_of, zone)),
        tuple(gaps_of(takes)),
        tuple(sorted(unpriced, key=lambda miss: (miss.at, miss.event_id, miss.asset))),
        tuple(sorted(unmatched, key=lambda move: (move.at, move.event_id))),
        tuple(
            NamedShortfall(one.event_id, one.account, one.asset, one.origin, to_decimal(one.units), one.at)
            for one in replay.shortfalls_of(takes)
        ),
    )


def _disposals(parts_of: Mapping[Dispose, tuple[Part, ...]], zone: ZoneInfo) -> tuple[Disposal, ...]:
    days = Days(zone)
    return tuple(disposal_of(posting, part, days) for posting in in_order(parts_of) for part in parts_of[posting])
