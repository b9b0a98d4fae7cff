"""The order of the rows. Binary floats may order rows; no figure that is read comes from here."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import Portfolio, PositionKey

INFINITY = float("inf")


class Sorting(NamedTuple):
    """A column's key and whether the largest comes first."""

    column: str = "unrealized"
    descending: bool = False


class LotOrder:
    """Lots of one ledger with what ordering them needs, made once and only for the columns asked for."""

    def __init__(self, lots: Sequence[Lot]) -> None:
        self.lots = lots
        index: dict[PositionKey, int] = {}
        keys = lots.keys() if isinstance(lots, KeptLots) else ((lot.account, lot.asset) for lot in lots)
        self.position_of = array("L", [index.setdefault(key, len(index)) for key in keys])
        self.positions: tuple[PositionKey, ...] = tuple(index)
        self._quantity: array[float] | None = None
        self._cost: array[float] | None = None

    def quantity(self) -> array[float]:
        """Units of each lot."""
        if self._quantity is None:
            lots = self.lots
            units = lots.quantities() if isinstance(lots, KeptLots) else (lot.quantity for lot in lots)
            self._quantity = array("d", map(float, units))
        return self._quantity

    def cost(self) -> array[float]:
        """Basis of each lot in US dollars, NaN where unknown."""
        if self._cost is None:
            lots = self.lots
            costs = lots.costs() if isinstance(lots, KeptLots) else (lot.cost_basis for lot in lots)
            self._cost = array("d", [float("nan" if cost is None else cost) for cost in costs])
        return self._cost

    def ordered(self, sorting: Sorting, portfolio: Portfolio) -> list[int]:
        """Indexes of the lots in order; unknown figures come last either way, equal ones in ledger order."""
        rows = range(len(self.lots))
        keys = self._keys(sorting.column, portfolio)
        if keys and isinstance(keys[0], float):
            last = -INFINITY if sorting.descending else INFINITY
            keys = [last if key != key else key for key in keys]
        return sorted(rows, key=keys.__getitem__, reverse=sorting.descending)

    def _prices(self, portfolio: Portfolio) -> list[float]:
        quotes = [portfolio.quotes.get(key) for key in self.positions]
        return [float("nan") if quote is None else float(quote.price) for quote in quotes]

    def _keys(self, column: str, portfolio: Portfolio) -> Sequence[str | float]:
        lots = self.lots
        if column == "account":
            return [lot.account for lot in lots]
        if column == "asset":
            return [lot.asset for lot in lots]
        if column == "acquired":
            return [lot.acquired_at.timestamp() for lot in lots]
        if column == "held":
            return [-lot.acquired_at.timestamp() for lot in lots]
        if column == "term":
            return [float(-lot.long_term_on.toordinal()) for lot in lots]
        if column == "quantity":
            return self.quantity()
        if column == "cost_basis":
            return self.cost()
        if column == "unit_cost":
            return [cost / units for cost, units in zip(self.cost(), self.quantity(), strict=True)]
        return self._live_keys(column, self._prices(portfolio))

    def _live_keys(self, column: str, prices: list[float]) -> Sequence[float]:
        price = [prices[position] for position in self.position_of]
        if column == "price":
            return price
        value = [units * each for units, each in zip(self.quantity(), price, strict=True)]
        if column == "value":
            return value
        gain = [worth - cost for worth, cost in zip(value, self.cost(), strict=True)]
        if column == "percent":
            return [each / cost if cost else float("nan") for each, cost in zip(gain, self.cost(), strict=True)]
        return gain
