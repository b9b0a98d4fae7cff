"""The lots of one asset as levels of its price: what each unit cost, since when, and what loses at a price."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.tax_days import tax_day


class Level(NamedTuple):
    """One lot: US dollars a unit, good to 60 digits; the tax day since which it is held; its units and basis.

    The basis is the one a loss is measured from.
    """

    unit_cost: Decimal
    since: date
    quantity: Decimal
    basis: Decimal


class Losing(NamedTuple):
    """How many lots lose at a price, and what they lose together in positive US dollars."""

    lots: int
    loss: Decimal


class Levels:
    """All levels by rising unit cost. What loses at a price is a bisection."""

    __slots__ = ("_basis", "_costs", "_units", "levels", "unknown")

    def __init__(self, levels: Iterable[Level], unknown: int = 0) -> None:
        self.levels = tuple(sorted(levels))
        self.unknown = unknown
        """Lots of no known basis, which have no level."""
        self._costs = [level.unit_cost for level in self.levels]
        self._units = [ZERO, *accumulate((level.quantity for level in self.levels), EXACT.add)]
        self._basis = [ZERO, *accumulate((level.basis for level in self.levels), EXACT.add)]

    def between(self, low: Decimal, high: Decimal) -> tuple[int, tuple[Level, ...], int]:
        """How many levels are below the two, those from one to the other, and how many are above."""
        first, last = bisect_left(self._costs, low), bisect_right(self._costs, high)
        return first, self.levels[first:last], len(self.levels) - last

    def losing_at(self, price: Decimal) -> Losing:
        """The lots that cost more than `price` a unit."""
        first = bisect_right(self._costs, price)
        units = EXACT.subtract(self._units[-1], self._units[first])
        basis = EXACT.subtract(self._basis[-1], self._basis[first])
        return Losing(len(self.levels) - first, EXACT.subtract(basis, EXACT.multiply(units, price)))


def levels_of(lots: Iterable[Lot], zone: ZoneInfo) -> Levels:
    """The levels of these lots of one asset."""
    found: list[Level] = []
    unknown = 0
    for lot in lots:
        basis = lot.cost_basis if lot.loss_basis is None else lot.loss_basis
        if basis is None or not lot.quantity:
            unknown += 1
            continue
        found.append(
            Level(
                ROUNDED.divide(basis, lot.quantity),
                tax_day(lot.loss_acquired_at or lot.acquired_at, zone),
                lot.quantity,
                basis,
            )
        )
    return Levels(found, unknown)
