"""The federal tax of a year over the plane of its short- and long-term results: what a harvest moves along."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.harvest.federal_edges import edges_of
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.tax.federal import OtherIncome, liability
from harvest_tui.core.tax.schedule_d import Results
from harvest_tui.core.tax.taxpayer import TaxInputs
from harvest_tui.core.tax.year_table import year_table


class FederalSurface:
    """A `TaxSurface` of the tax alone: nothing is counted for what a carryforward may save later.

    `short` and `long` stand for `short_gain` and `long_gain` of the inputs: before carryovers, without collectibles;
    everything else stays as it is there.
    """

    __slots__ = ("_edges", "_figures", "_other", "inputs")

    def __init__(self, inputs: TaxInputs) -> None:
        """Raises ValueError, in words, for a year without parameters."""
        self.inputs = inputs
        self._figures = year_table(inputs.year).of(inputs.status)
        self._other = OtherIncome(inputs.wages, inputs.interest, inputs.qualified_dividends)
        self._edges: tuple[Edge, ...] | None = None

    def at(self, short: Decimal, long: Decimal) -> Decimal:
        """The total tax in US dollars, exact, unrounded."""
        told = self.inputs
        results = Results(short, long, told.collectibles_gain, told.carry_short, told.carry_long)
        return liability(self._figures, self._other, results).total_tax

    def edges(self) -> tuple[Edge, ...]:
        """Every line along which the tax bends, each once; found when they are first asked for."""
        if self._edges is None:
            told = self.inputs
            self._edges = edges_of(
                self._figures, self._other, told.collectibles_gain, told.carry_short, told.carry_long
            )
        return self._edges
