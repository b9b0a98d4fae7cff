"""Figures that rows are ordered and filtered by: binary floats, so no figure that is read comes from here."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.ui.widgets.lot_cells import acquired_on

INFINITY = float("inf")
NAN = float("nan")
_RUN = 12_500


class Sorting(NamedTuple):
    """A column's key and whether the largest comes first."""

    column: str = "unrealized"
    descending: bool = False


class LotOrder:
    """Lots of one ledger with what ordering and filtering them needs, made once and only when asked for."""

    def __init__(self, lots: Sequence[Lot]) -> None:
        self.lots = lots
        index: dict[PositionKey, int] = {}
        keys = lots.keys() if isinstance(lots, KeptLots) else ((lot.account, lot.asset) for lot in lots)
        self.position_of = array("L", [index.setdefault(key, len(index)) for key in keys])
        self.positions: tuple[PositionKey, ...] = tuple(index)
        self._fixed: dict[str, Sequence[float]] = {}
        self._amounts: tuple[Sequence[Decimal], Sequence[Decimal | None]] | None = None
        self._live: tuple[object, dict[str, Sequence[float]]] = (None, {})

    def ordered(self, sorting: Sorting, portfolio: Portfolio, rows: Sequence[int] | None = None) -> list[int]:
        """Indexes of the lots (all by default) in order; unknown figures come last either way, equal ones as given."""
        chosen = range(len(self.lots)) if rows is None else rows
        if sorting.column in ("account", "asset"):
            place = 0 if sorting.column == "account" else 1
            names = [key[place] for key in self.positions]
            rank = {name: number for number, name in enumerate(sorted(set(names)))}
            ranks = [rank[name] for name in names]
            keys: Sequence[float] = [ranks[position] for position in self.position_of]
        else:
            last = -INFINITY if sorting.descending else INFINITY
            keys = [
                last if key != key else key for key in self.figure(_BY.get(sorting.column, sorting.column), portfolio)
            ]
        return _sorted(chosen, keys.__getitem__, sorting.descending)

    def figure(self, name: str, portfolio: Portfolio) -> Sequence[float]:
        """The figure of every lot, NaN where unknown: a column's, `days` held or `left` until it turns long-term."""
        if name in _FIXED:
            made = self._fixed.get(name)
            if made is None:
                made = self._fixed[name] = self._fixed_figure(name)
            return made
        if name == "days":
            return [portfolio.tax_day.toordinal() - day for day in self.figure("acquired_day", portfolio)]
        if name == "left":
            return [day - portfolio.tax_day.toordinal() for day in self.figure("long_on", portfolio)]
        return self._live_figure(name, portfolio)

    def _fixed_figure(self, name: str) -> Sequence[float]:
        lots = self.lots
        match name:
            case "quantity":
                units = lots.quantities() if isinstance(lots, KeptLots) else (lot.quantity for lot in lots)
                return array("d", map(float, units))
            case "cost_basis":
                costs = lots.costs() if isinstance(lots, KeptLots) else (lot.cost_basis for lot in lots)
                return array("d", [NAN if cost is None else float(cost) for cost in costs])
            case "unit_cost":
                both = zip(self._kept("cost_basis"), self._kept("quantity"), strict=True)
                return array("d", [cost / units for cost, units in both])
            case "acquired":
                return array("d", [lot.acquired_at.timestamp() for lot in lots])
            case "latest":
                return array("d", [-at for at in self._kept("acquired")])
            case "acquired_day":
                return array("l", self._acquired_days())
            case "latest_long":
                return array("l", [-day for day in self._kept("long_on")])
            case _:
                return array("l", [lot.long_term_on.toordinal() for lot in lots])

    def _acquired_days(self) -> list[int]:
        known: dict[tuple[int, int], int] = {}
        days = []
        for lot in self.lots:
            key = (lot.acquired_at.toordinal(), lot.long_term_on.toordinal())
            found = known.get(key)
            if found is None:
                found = known[key] = acquired_on(lot).toordinal()
            days.append(found)
        return days

    def amounts(self) -> tuple[Sequence[Decimal], Sequence[Decimal | None]]:
        """Exact units and basis of every lot: what sums are made of."""
        if self._amounts is None:
            lots = self.lots
            self._amounts = ([lot.quantity for lot in lots], [lot.cost_basis for lot in lots])
        return self._amounts

    def _kept(self, name: str) -> Sequence[float]:
        made = self._fixed.get(name)
        if made is None:
            made = self._fixed[name] = self._fixed_figure(name)
        return made

    def _live_figure(self, name: str, portfolio: Portfolio) -> Sequence[float]:
        quotes, made = self._live
        if quotes is not portfolio.quotes:
            made = {}
            self._live = (portfolio.quotes, made)
        if name not in made:
            made[name] = self._priced(name, portfolio)
        return made[name]

    def _priced(self, name: str, portfolio: Portfolio) -> Sequence[float]:
        if name == "price":
            quotes = [portfolio.quotes.get(key) for key in self.positions]
            prices = [NAN if quote is None else float(quote.price) for quote in quotes]
            return [prices[position] for position in self.position_of]
        if name == "value":
            both = zip(self._kept("quantity"), self._live_figure("price", portfolio), strict=True)
            return [units * price for units, price in both]
        cost = self._kept("cost_basis")
        if name == "percent":
            both = zip(self._live_figure("unrealized", portfolio), cost, strict=True)
            return [each / basis if basis else NAN for each, basis in both]
        return [value - basis for value, basis in zip(self._live_figure("value", portfolio), cost, strict=True)]


def _sorted(rows: Sequence[int], key: Callable[[int], float], is_descending: bool) -> list[int]:
    """In runs, then as a whole: no other thread waits longer than for one run, or for their merging."""
    runs: list[int] = []
    for start in range(0, len(rows), _RUN):
        runs += sorted(rows[start : start + _RUN], key=key, reverse=is_descending)
    if len(rows) > _RUN:
        runs.sort(key=key, reverse=is_descending)
    return runs


_FIXED = {"quantity", "cost_basis", "unit_cost", "acquired", "latest", "acquired_day", "latest_long", "long_on"}
_BY = {"held": "latest", "term": "latest_long"}
"""Columns whose order is not that of a figure of the same name."""
