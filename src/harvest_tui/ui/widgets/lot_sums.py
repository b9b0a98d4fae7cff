"""Sums over lots that are seen: made once, then kept up with the prices at a cost that grows with what moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import compress
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.ui.widgets.lot_filter import Seen
from harvest_tui.ui.widgets.lot_order import LotOrder

Cell = tuple[int, int]
"""A group and a position in it."""


class Sums(NamedTuple):
    """What of some lots of one position does not depend on a price. Basis in US dollars, of the lots that have one."""

    lots: int = 0
    quantity: Decimal = ZERO
    known_quantity: Decimal = ZERO
    cost_basis: Decimal = ZERO


class Subtotal(NamedTuple):
    """Sums in US dollars at the latest prices. `unpriced` lots are left out of what a price is needed for.

    `priced_cost` is the basis of what `unrealized` is measured on. Where `lacks_basis`, lots without a basis are left
    out of both and of `cost_basis`.
    """

    lots: int = 0
    quantity: Decimal = ZERO
    known_quantity: Decimal = ZERO
    cost_basis: Decimal = ZERO
    value: Decimal = ZERO
    unrealized: Decimal = ZERO
    priced_cost: Decimal = ZERO
    unpriced: int = 0
    lacks_basis: bool = False

    @property
    def is_unpriced(self) -> bool:
        """No price of any of it is known: a sum over none would read as zero."""
        return 0 < self.lots == self.unpriced

    @property
    def percent(self) -> Decimal | None:
        """Unrealized in percent of the basis it is measured on; None where that is unknown or nothing."""
        return ROUNDED.divide(self.unrealized * 100, self.priced_cost) if self.priced_cost else None


class _Worth(NamedTuple):
    """What one cell adds to its group at one price."""

    value: Decimal = ZERO
    unrealized: Decimal = ZERO
    priced_cost: Decimal = ZERO
    unpriced: int = 0


class Tally:
    """Subtotals of groups and of everything seen, at the prices last taken."""

    def __init__(self, cells: Mapping[Cell, Sums], positions: Sequence[PositionKey], group_count: int) -> None:
        self._cells = cells
        self._positions = positions
        self._cells_of: dict[int, list[Cell]] = {}
        self._worth = {cell: _Worth(unpriced=sums.lots) for cell, sums in cells.items()}
        self._groups = [Subtotal()] * group_count
        self._total = Subtotal()
        self._late: tuple[Portfolio, set[int]] | None = None
        for cell, sums in cells.items():
            self._cells_of.setdefault(cell[1], []).append(cell)
            self._groups[cell[0]] = _joined(self._groups[cell[0]], sums)
            self._total = _joined(self._total, sums)

    @property
    def total(self) -> Subtotal:
        """Everything seen."""
        self._catch_up()
        return self._total

    @property
    def groups(self) -> Sequence[Subtotal]:
        """Each group."""
        self._catch_up()
        return self._groups

    def follow(self, portfolio: Portfolio, moved: Iterable[int]) -> None:
        """As `take`, once somebody asks: until then a tick costs next to nothing here."""
        late = set() if self._late is None else self._late[1]
        late.update(moved)
        self._late = portfolio, late

    def _catch_up(self) -> None:
        if self._late is not None:
            (portfolio, moved), self._late = self._late, None
            self._take(portfolio, moved)

    def take(self, portfolio: Portfolio, moved: Iterable[int] | None = None) -> set[int]:
        """Takes the prices of positions that moved (all by default); the groups they are in."""
        self._catch_up()
        return self._take(portfolio, self._cells_of if moved is None else moved)

    def _take(self, portfolio: Portfolio, moved: Iterable[int]) -> set[int]:
        changes: dict[int, list[tuple[_Worth, _Worth]]] = {}
        for position in moved:
            quote = portfolio.quotes.get(self._positions[position])
            for cell in self._cells_of.get(position, ()):
                old, new = self._worth[cell], _worth(self._cells[cell], None if quote is None else quote.price)
                self._worth[cell] = new
                changes.setdefault(cell[0], []).append((old, new))
        for group, steps in changes.items():
            self._groups[group] = _moved(self._groups[group], steps)
            self._total = _moved(self._total, steps) if len(self._groups) > 1 else self._groups[group]
        return set(changes)

    def positions_of(self, group: int) -> list[PositionKey]:
        """The positions that lots of the group lie in."""
        return [self._positions[position] for number, position in self._cells if number == group]


def _joined(total: Subtotal, sums: Sums) -> Subtotal:
    return total._replace(
        lots=total.lots + sums.lots,
        quantity=EXACT.add(total.quantity, sums.quantity),
        known_quantity=EXACT.add(total.known_quantity, sums.known_quantity),
        cost_basis=EXACT.add(total.cost_basis, sums.cost_basis),
        unpriced=total.unpriced + sums.lots,
        lacks_basis=total.lacks_basis or sums.quantity != sums.known_quantity,
    )


def _worth(sums: Sums, price: Decimal | None) -> _Worth:
    if price is None:
        return _Worth(unpriced=sums.lots)
    known = EXACT.multiply(sums.known_quantity, price)
    value = known if sums.quantity == sums.known_quantity else EXACT.multiply(sums.quantity, price)
    return _Worth(value, EXACT.subtract(known, sums.cost_basis), sums.cost_basis)


def _moved(total: Subtotal, steps: Iterable[tuple[_Worth, _Worth]]) -> Subtotal:
    add, subtract = EXACT.add, EXACT.subtract
    value, unrealized, cost, unpriced = total.value, total.unrealized, total.priced_cost, total.unpriced
    for old, new in steps:
        value = add(value, subtract(new.value, old.value))
        unrealized = add(unrealized, subtract(new.unrealized, old.unrealized))
        if new.priced_cost is not old.priced_cost:
            cost = add(cost, subtract(new.priced_cost, old.priced_cost))
        unpriced += new.unpriced - old.unpriced
    return total._replace(value=value, unrealized=unrealized, priced_cost=cost, unpriced=unpriced)


def sums_of_positions(positions: Iterable[int], order: LotOrder, portfolio: Portfolio) -> dict[int, Sums]:
    """The sums of whole positions, as the portfolio has them."""
    made = {}
    for number in positions:
        position = portfolio.positions[order.positions[number]]
        made[number] = Sums(position.lot_count, position.quantity, position.known_quantity, position.cost_basis)
    return made


def sums_of_lots(rows: Sequence[int], order: LotOrder, portfolio: Portfolio) -> dict[int, Sums]:
    """The sums of these lots by position; of most lots they are all less the others, which is less to add."""
    if 2 * len(rows) <= len(order.lots):
        return _added_up(rows, order)
    others = bytearray(b"\1") * len(order.lots)
    for row in rows:
        others[row] = 0
    rest = _added_up(list(compress(range(len(others)), others)), order)
    whole = sums_of_positions(range(len(order.positions)), order, portfolio)
    left = {number: _less(sums, rest[number]) if number in rest else sums for number, sums in whole.items()}
    return {number: sums for number, sums in left.items() if sums.lots}


def _less(whole: Sums, part: Sums) -> Sums:
    return Sums(
        whole.lots - part.lots,
        EXACT.subtract(whole.quantity, part.quantity),
        EXACT.subtract(whole.known_quantity, part.known_quantity),
        EXACT.subtract(whole.cost_basis, part.cost_basis),
    )


def _added_up(rows: Sequence[int], order: LotOrder) -> dict[int, Sums]:
    """Lot by lot, in the order the lots lie in memory."""
    quantities, costs = order.amounts()
    position_of, add = order.position_of, EXACT.add
    lots, known, cost = [0] * len(order.positions), [ZERO] * len(order.positions), [ZERO] * len(order.positions)
    lacking: dict[int, Decimal] = {}
    for row in rows:
        position = position_of[row]
        lots[position] += 1
        basis = costs[row]
        if basis is None:
            lacking[position] = add(lacking.get(position, ZERO), quantities[row])
        else:
            known[position] = add(known[position], quantities[row])
            cost[position] = add(cost[position], basis)
    return {
        number: Sums(count, add(known[number], lacking.get(number, ZERO)), known[number], cost[number])
        for number, count in enumerate(lots)
        if count
    }


def sums_of_seen(seen: Seen, order: LotOrder, portfolio: Portfolio) -> dict[int, Sums]:
    """The sums of what is seen, by position."""
    if seen.positions is not None:
        return sums_of_positions(seen.positions, order, portfolio)
    return sums_of_lots(seen.rows, order, portfolio)
