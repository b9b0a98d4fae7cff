"""The bill a harvest is judged by: this year's tax as expected, less what a loss carried forward is worth.

Tiers of the value of a loss: gains realized this year and the yearly deduction, for certain; gains planned this year
and room expected next year, by their probability; the rest only meets the gain that its own lower basis will make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from harvest_tui.core.harvest.later import LaterRates, discount, later_rates
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.harvest.year_picture import Settled, StateRule, YearPicture
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.profile import ONE, Profile
from harvest_tui.core.tax.taxpayer import TaxInputs
from harvest_tui.core.tax.year_table import known_years

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply
_POINTS = 4096
"""So many points of a bill are kept settled: a choice asks for a few hundred, and half of them again at new prices."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Gains still to come this year, in US dollars, and how likely they are."""

    short: Decimal = ZERO
    long: Decimal = ZERO
    probability: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Both together."""
        return _plus(self.short, self.long)


@dataclass(frozen=True, slots=True)
class NextYear:
    """Next year as expected, how likely that is, and what a dollar saved then is worth today."""

    picture: YearPicture
    probability: Decimal
    discount: Decimal


class Levels(NamedTuple):
    """The bill at one point in its three readings, in US dollars: `ExpectedBill.tax_now`, `expected_tax` and `at`."""

    now: Decimal
    expected: Decimal
    counted: Decimal


@dataclass(frozen=True)
class ExpectedBill:
    """A `TaxSurface` over this year's short- and long-term results before carryovers, in US dollars.

    `at` is the expectation over planned gains of federal and state tax, less `carried_worth`. `expected_tax` and
    `tax_now` are its parts, for showing. `next_year` is None where the user told nothing of it.
    """

    this_year: YearPicture
    rates: LaterRates
    planned: Planned = field(default_factory=Planned)
    next_year: NextYear | None = None

    def at(self, short: Decimal, long: Decimal) -> Decimal:
        """The bill, exact and unrounded."""
        return self.levels(short, long).counted

    def tax_now(self, short: Decimal, long: Decimal) -> Decimal:
        """Tax of the year as it stands, without planned gains and without next year."""
        return self.this_year.settle(short, long).tax

    def expected_tax(self, short: Decimal, long: Decimal) -> Decimal:
        """Expected tax of this year less the expected saving of the next, without the rest of the carryforward."""
        return self.levels(short, long).expected

    def levels(self, short: Decimal, long: Decimal) -> Levels:
        """All three readings at one point, for about the work of one: each year is settled once.

        The latest points are kept, for the corners of the plane come back with every price.
        """
        return self._known.levels(short, long)

    @cached_property
    def _known(self) -> _Known:
        return _known_of(self)

    def _settled(self, short: Decimal, long: Decimal) -> Levels:
        stay = self.this_year.settle(short, long)
        alone, counted = self._after_carry(stay)
        likely, planned = self.planned.probability, self.planned
        if not likely or not planned.total:
            return Levels(stay.tax, alone, counted)
        come = self._after_carry(self.this_year.settle(_plus(short, planned.short), _plus(long, planned.long)))
        unlikely = _minus(ONE, likely)
        return Levels(
            stay.tax,
            _plus(_times(likely, come[0]), _times(unlikely, alone)),
            _plus(_times(likely, come[1]), _times(unlikely, counted)),
        )

    def carried_worth(self, settled: Settled, has_own_gain: bool = True) -> Decimal:
        """Today's worth of the losses carried out: what they save next year, by its probability, discounted.

        What next year does not use meets the gain that the lower basis of the harvested coins makes at their sale, and
        cancels tax on it; with that `has_own_gain` the harvest of an unusable loss is worth about nothing, not less.
        """
        return self._worths(settled)[has_own_gain]

    def edges(self) -> tuple[Edge, ...]:
        """Every line along which the bill bends, each once, and some along which it does not; found once a bill."""
        return self._known.edges

    def _all_edges(self) -> tuple[Edge, ...]:
        here = list(dict.fromkeys(self._edges_without_plans()))
        if self.planned.probability and self.planned.total:
            moved = [_shifted(edge, self.planned) for edge in here]
            here = moved + (here if self.planned.probability < ONE else [])
        return tuple(dict.fromkeys(here))

    @cached_property
    def _next_year_without(self) -> Settled | None:
        """Next year with nothing carried into it."""
        if self.next_year is None:
            return None
        return self.next_year.picture.settle(*self.next_year.picture.start)

    def _after_carry(self, settled: Settled) -> tuple[Decimal, Decimal]:
        """The tax less the worth of what is carried out, without and with the gain it makes itself."""
        next_year_only, counted = self._worths(settled)
        return _minus(settled.tax, next_year_only), _minus(settled.tax, counted)

    def _worths(self, settled: Settled) -> tuple[Decimal, Decimal]:
        """`carried_worth` without and with the gain of the carryforward's own making."""
        short, long = settled.carry_short, settled.carry_long
        carried = _plus(short, long)
        if not carried:
            return ZERO, ZERO
        cover = self.rates.covered_per_dollar
        following, without = self.next_year, self._next_year_without
        if following is None or without is None or not following.probability:
            return ZERO, _times(cover, carried)
        with_carry = following.picture.settle(*following.picture.start, short, long)
        saved = _times(following.probability, _times(following.discount, _minus(without.tax, with_carry.tax)))
        used = _minus(carried, _plus(with_carry.carry_short, with_carry.carry_long))
        gone = _times(following.probability, _plus(used, _plus(without.carry_short, without.carry_long)))
        return saved, _plus(saved, _times(cover, _minus(carried, gone)))

    def _edges_without_plans(self) -> Iterator[Edge]:
        yield from self.this_year.tax_edges()
        yield from self.this_year.carry_edges()
        following = self.next_year
        if following is None or not following.probability:
            return
        for edge in (*following.picture.tax_edges(), *following.picture.carry_edges()):
            yield from _carried_back(edge, following.picture, self.this_year)


class _Known:
    """What was found of a bill, whoever asked: its edges, and its readings at the latest points."""

    def __init__(self, bill: ExpectedBill) -> None:
        self.levels = lru_cache(_POINTS)(bill._settled)
        self._bill = bill

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Found when they are first asked for."""
        return self._bill._all_edges()


@lru_cache(maxsize=8)
def _known_of(bill: ExpectedBill) -> _Known:
    """The same for equal bills: one is made at every look, while the taxpayer stays who he is."""
    return _Known(bill)


def _shifted(edge: Edge, planned: Planned) -> Edge:
    moved = _plus(_times(Decimal(edge.short), planned.short), _times(Decimal(edge.long), planned.long))
    return Edge(edge.short, edge.long, _minus(edge.at, moved))


def _carried_back(edge: Edge, following: YearPicture, this_year: YearPicture) -> Iterator[Edge]:
    """A bend of next year's tax as lines over this year's results.

    Next year's net results are its own less what is carried in; what is carried out of this year is, by the worksheet,
    all short-term, all long-term, or each its own side, less what the year uses up.
    """
    a, b = edge.short, edge.long
    start_short, start_long = following.start
    own = _plus(_times(Decimal(a), start_short), _times(Decimal(b), start_long))
    rest = _minus(edge.at, own)
    used = this_year.used_at_most
    if a:
        yield this_year.edge(a, a, _minus(rest, _times(Decimal(a), used)))
    if b:
        yield this_year.edge(b, b, _minus(rest, _times(Decimal(b), used)))
    yield this_year.edge(a, b, _minus(rest, _times(Decimal(a), used)))


def expected_bill(profile: Profile, inputs: TaxInputs) -> ExpectedBill:
    """The bill of the taxpayer whose year so far is `inputs` (lots and elsewhere together).

    Next year stands under its own tables where they are known, else under this year's; so does the year of the sale.
    Rates at the sale are averages over about as much gain as the year can use of losses. Raises ValueError, in words,
    for a year without parameters.
    """
    state = StateRule(profile.state_rate, profile.state_allows_carryover)
    this_year = YearPicture(inputs, state)
    table_year = inputs.year + 1 if inputs.year + 1 in known_years() else inputs.year
    expected = YearPicture(profile.next_inputs(table_year), state)
    planned = Planned(
        profile.planned_short_gain or ZERO, profile.planned_long_gain or ZERO, profile.planned_probability
    )
    net_short, net_long = this_year.net(*this_year.start)
    usable = _plus(max(ZERO, _plus(net_short, net_long)), _plus(planned.total, this_year.loss_limit))
    rates = later_rates(profile, expected, usable)
    if not profile.knows_next_year:
        return ExpectedBill(this_year, rates, planned)
    a_year = discount(profile.discount_rate, ONE)
    return ExpectedBill(this_year, rates, planned, NextYear(expected, profile.next_probability, a_year))
