"""Open lots in order of time, all together and by position: kept up lot by lot, and handed out as they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from operator import attrgetter

from harvest_tui.core.lots.books import HeldLot
from harvest_tui.core.lots.ledger import Lazy, Lot
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.lots.statement import Days, lot_of
from harvest_tui.core.money import ZERO
from harvest_tui.core.portfolio import LossLadder, Position, PositionKey

_order = attrgetter("order")
_long_term_on = attrgetter("long_term_on")
MANY = 2_000
"""From so many lots on, all of them are put in order anew."""


class _Rows:
    """Lots in order, as the books hold them and, beside each, as it is shown."""

    __slots__ = ("held", "lots")

    def __init__(self) -> None:
        self.held: list[HeldLot] = []
        self.lots: list[Lot] = []

    def find(self, lot: HeldLot) -> tuple[int, bool]:
        """Where the lot is, or where it belongs; and whether it is there."""
        held, order = self.held, lot.order
        place = bisect_left(held, order, key=_order)
        for same in range(place, len(held)):
            if held[same] is lot:
                return same, True
            if held[same].order != order:
                break
        return place, False

    def put(self, lot: HeldLot, shown: Lot) -> None:
        """Shows the lot so, in its place."""
        place, is_there = self.find(lot)
        if is_there:
            self.lots[place] = shown
        else:
            self.held.insert(place, lot)
            self.lots.insert(place, shown)

    def drop(self, lot: HeldLot) -> None:
        """Takes the lot out."""
        place, is_there = self.find(lot)
        if is_there:
            del self.held[place], self.lots[place]


class OpenLots:
    """The lots with units left. What is handed out stays as it is when lots change."""

    def __init__(self, held: Iterable[HeldLot], days: Days) -> None:
        self._days = days
        self._arrange((lot, lot_of(lot, days)) for lot in held)

    def _arrange(self, pairs: Iterable[tuple[HeldLot, Lot]]) -> None:
        """Takes lots, which come in order, in the place of all that were there."""
        self._all = _Rows()
        self._by_key: dict[PositionKey, _Rows] = {}
        for held, lot in pairs:
            rows = self._by_key.get((held.account, held.asset))
            if rows is None:
                rows = self._by_key[held.account, held.asset] = _Rows()
            for each in (self._all, rows):
                each.held.append(held)
                each.lots.append(lot)
        self._lots: tuple[Lot, ...] | None = None
        self._day: date | None = None
        self._positions: dict[PositionKey, Position] = {}

    def update(self, touched: Collection[HeldLot]) -> None:
        """Looks at these lots again: they may be new, smaller, larger or used up."""
        if len(touched) >= MANY:
            known = dict(zip(self._all.held, self._all.lots, strict=True))
            for lot in touched:
                if lot.left:
                    known[lot] = lot_of(lot, self._days)
                else:
                    known.pop(lot, None)
            self._arrange((lot, known[lot]) for lot in sorted(known, key=_order))
            return
        for lot in touched:
            self._look_at(lot)

    def _look_at(self, lot: HeldLot) -> None:
        place, is_there = self._all.find(lot)
        if not lot.left and not is_there:
            return
        key = (lot.account, lot.asset)
        if lot.left:
            shown = lot_of(lot, self._days)
            if is_there and shown == self._all.lots[place]:
                return
            self._all.put(lot, shown)
            self._by_key.setdefault(key, _Rows()).put(lot, shown)
        else:
            self._all.drop(lot)
            self._by_key[key].drop(lot)
            if not self._by_key[key].held:
                del self._by_key[key]
        self._lots = None
        self._positions.pop(key, None)

    def lots(self) -> tuple[Lot, ...]:
        """All of them, the oldest first."""
        if self._lots is None:
            self._lots = tuple(self._all.lots)
        return self._lots

    def positions(self, tax_day: date) -> dict[PositionKey, Position]:
        """As `positions_of`; a position none of whose lots changed is the one of before, its ladders included."""
        if tax_day != self._day:
            self._day = tax_day
            self._positions = {}
        made: dict[PositionKey, Position] = {}
        for key, rows in sorted(self._by_key.items(), key=lambda item: item[1].held[0].order):
            made[key] = self._positions.get(key) or _position(key, rows, tax_day)
        self._positions = dict(made)
        return made


def _position(key: PositionKey, rows: _Rows, tax_day: date) -> Position:
    units = known = cost = 0
    for lot in rows.held:
        units += lot.left
        if lot.cost_left is not None:
            known += lot.left
            cost += lot.cost_left
    # What is held longer was acquired earlier: the long-term lots come first.
    short_from = bisect_right(rows.lots, tax_day, key=_long_term_on)
    return Position(
        *key,
        len(rows.held),
        to_decimal(units),
        to_decimal(known) if known else ZERO,
        to_decimal(cost) if known else ZERO,
        _ladder(rows.lots[short_from:]),
        _ladder(rows.lots[:short_from]),
    )


def _ladder(lots: Sequence[Lot]) -> LossLadder | None:
    """Made of the lots when a price asks for it; a loss on a gift is measured from the lower value (IRC 1015(a))."""
    if all(lot.cost_basis is None for lot in lots):
        return None
    return LossLadder(
        Lazy(
            lambda: tuple(
                (lot.quantity, lot.cost_basis if lot.loss_basis is None else lot.loss_basis)
                for lot in lots
                if lot.cost_basis is not None
            )
        )
    )
