"""One year's return over the plane of its short- and long-term results: tax, state tax, and what is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.federal import Liability, OtherIncome, liability
from harvest_tui.core.tax.schedule_d import Results, carried_forward
from harvest_tui.core.tax.taxpayer import TaxInputs
from harvest_tui.core.tax.year_table import StatusFigures, year_table

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply


@dataclass(frozen=True, slots=True)
class StateRule:
    """State tax as the user stated it: one rate on federal taxable income.

    Where the state allows no carryover (61 Pa. Code 121.13, N.J.S.A. 54A:5-2) losses only meet gains of the same year,
    and the rate is taken of what remains of those.
    """

    rate: Decimal = ZERO
    allows_carryover: bool = True


NO_STATE = StateRule()


class Settled(NamedTuple):
    """Federal and state tax in US dollars, unrounded, and the losses carried to the next year, positive."""

    tax: Decimal
    carry_short: Decimal
    carry_long: Decimal


@dataclass(frozen=True, slots=True)
class YearPicture:
    """A year as it is, or as it is expected; `inputs` hold everything but the short- and long-term results moved along.

    `short` and `long` are results of the year before carryovers, without collectibles, as in `TaxInputs`.
    """

    inputs: TaxInputs
    state: StateRule = NO_STATE
    _figures: StatusFigures = field(init=False, repr=False, compare=False)
    _other: OtherIncome = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError, in words, for a year without parameters."""
        told = self.inputs
        object.__setattr__(self, "_figures", year_table(told.year).of(told.status))
        object.__setattr__(self, "_other", OtherIncome(told.wages, told.interest, told.qualified_dividends))

    @property
    def start(self) -> tuple[Decimal, Decimal]:
        """The results as the inputs tell them."""
        return self.inputs.short_gain, self.inputs.long_gain

    @property
    def loss_limit(self) -> Decimal:
        """The most of a net loss that is deducted in the year (IRC 1211(b))."""
        return self._figures.loss_limit

    @property
    def income_without_gains(self) -> Decimal:
        """Signed taxable income before any capital gain or loss."""
        income = _plus(_plus(self._other.wages, self._other.interest), self._other.qualified_dividends)
        return _minus(income, self._figures.standard_deduction)

    @property
    def used_at_most(self) -> Decimal:
        """What the year can use up of a net loss: the limit, or less where there is no income to deduct it from."""
        return min(self.loss_limit, max(ZERO, self.income_without_gains))

    def net(self, short: Decimal, long: Decimal) -> tuple[Decimal, Decimal]:
        """Schedule D lines 7 and 15: carryovers taken off, collectibles in."""
        told = self.inputs
        return _minus(short, told.carry_short), _minus(_plus(long, told.collectibles_gain), told.carry_long)

    def settle(self, short: Decimal, long: Decimal, carry_short: Decimal = ZERO, carry_long: Decimal = ZERO) -> Settled:
        """The year's tax and carryovers out, with further losses carried in besides those of the inputs."""
        told = self.inputs
        results = Results(
            short,
            long,
            told.collectibles_gain,
            _plus(told.carry_short, carry_short),
            _plus(told.carry_long, carry_long),
        )
        bill = liability(self._figures, self._other, results)
        carried = carried_forward(bill.netted, bill.signed_taxable_income)
        return Settled(_plus(bill.total_tax, self._state_tax(results, bill)), carried.short, carried.long)

    def _state_tax(self, results: Results, bill: Liability) -> Decimal:
        if not self.state.rate:
            return ZERO
        if self.state.allows_carryover:
            return _times(self.state.rate, max(ZERO, bill.signed_taxable_income))
        same_year = _plus(_plus(results.short, results.long), results.collectibles)
        return _times(self.state.rate, max(ZERO, same_year))

    def tax_edges(self) -> Iterator[Edge]:
        """Where the tax bends."""
        yield from FederalSurface(self.inputs).edges()
        if self.state.rate and self.state.allows_carryover:
            yield self.edge(1, 1, _minus(ZERO, self.income_without_gains))
        elif self.state.rate:
            yield Edge(1, 1, _minus(ZERO, self.inputs.collectibles_gain))

    def carry_edges(self) -> Iterator[Edge]:
        """Where the carryovers out bend (Capital Loss Carryover Worksheet)."""
        used = self.used_at_most
        yield from (self.edge(1, 0, ZERO), self.edge(0, 1, ZERO), self.edge(1, 1, ZERO))
        yield from (self.edge(1, 1, _minus(ZERO, used)), self.edge(1, 0, _minus(ZERO, used)))

    def edge(self, short: int, long: int, at: Decimal) -> Edge:
        """The line `short * net_short + long * net_long = at`, told in results before carryovers."""
        told = self.inputs
        long_part = _times(Decimal(long), _minus(told.carry_long, told.collectibles_gain))
        return Edge(short, long, _plus(at, _plus(_times(Decimal(short), told.carry_short), long_part)))
