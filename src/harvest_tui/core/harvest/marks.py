"""Lots set down for sale: how much of each, and what each brings on top of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.candidates import Candidate
from harvest_tui.core.harvest.circumstances import Reach
from harvest_tui.core.harvest.level_path import LevelPath
from harvest_tui.core.harvest.tiers import tier_bands, tier_parts
from harvest_tui.core.harvest.value import (
    HarvestValue,
    last_day,
    lost_by_turning_long,
    results_after,
    trigger_of,
    value_between,
    years_until,
)
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ZERO, rounded
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax_days import first_long_term_day

_HUNDRED = Decimal(100)
_RATIO = Context(prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Ratios that only order lots or are shown to a tenth of a percent."""


class Mark(NamedTuple):
    """`quantity` units of the lot, to be sold for `proceeds` after the selling fee; `value` is what that is worth after
    the marks before it."""

    lot: Lot
    quantity: Decimal
    term: Term
    value: HarvestValue
    is_reachable: bool
    why: str


class PlanTotals(NamedTuple):
    """Sums over marks, in US dollars; `loss` is positive. `risks` are the restarted holding period and the wait."""

    loss: Decimal = ZERO
    saved_now: Decimal = ZERO
    saved_hoped: Decimal = ZERO
    owed_later: Decimal = ZERO
    fees: Decimal = ZERO
    risks: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """What remains of what is saved and hoped for after all costs."""
        saved = EXACT.add(self.saved_now, self.saved_hoped)
        return EXACT.subtract(saved, EXACT.add(self.owed_later, EXACT.add(self.fees, self.risks)))

    def plus(self, value: HarvestValue) -> PlanTotals:
        """With one more mark."""
        add = EXACT.add
        return PlanTotals(
            add(self.loss, value.loss),
            add(self.saved_now, value.saved_now),
            add(self.saved_hoped, value.saved_hoped),
            add(self.owed_later, value.owed_later),
            add(self.fees, value.fees),
            add(self.risks, add(value.reset_cost, value.wait_cost)),
        )


def in_turn(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The order in which marks are judged: the cheapest dollar of loss first, a chain in its own order."""
    return sorted(candidates, key=_turn)


def _turn(one: Candidate) -> tuple[str, int, Decimal, int, str]:
    option, result = one.option, one.sale.gain
    if option.chain:
        return option.chain, option.place, ZERO, 0, option.lot_id
    cost = _RATIO.divide(option.cost, result.copy_abs()) if result else ZERO
    return "", 0, cost, option.rank, option.lot_id


def marks_of(
    candidates: Sequence[Candidate], bill: ExpectedBill, short: Decimal, long: Decimal, profile: Profile, day: date
) -> tuple[tuple[Mark, ...], tuple[Decimal, Decimal]]:
    """A mark for each candidate, sold whole one after the other, and the year's results after all of them.

    What each saves is counted on top of those before it, so that the marks add up to the whole.
    """
    marks: list[Mark] = []
    told = _Why(bill, profile, day)
    bands, path = tier_bands(bill), LevelPath(bill)
    before = path.at(short, long)
    for one in in_turn(candidates):
        sale = one.sale
        results = results_after(short, long, sale)
        after = path.at(*results)
        parts = tier_parts(bill, short, long, sale.loss, bands)
        value = value_between(before, after, sale, one.costs, parts)
        marks.append(Mark(one.lot, one.quantity, sale.term, value, True, told.of(one, value)))
        (short, long), before = results, after
    return tuple(marks), (short, long)


def totals_of(marks: Sequence[Mark]) -> PlanTotals:
    """The sums."""
    totals = PlanTotals()
    for mark in marks:
        totals = totals.plus(mark.value)
    return totals


class _Why:
    """Why lots are proposed, in one line each."""

    def __init__(self, bill: ExpectedBill, profile: Profile, day: date) -> None:
        self._bill = bill
        self._day = day
        self._year_end = date(day.year, 12, 31)
        self._bought_back_long_on = first_long_term_day(day + timedelta(days=profile.wait_days))
        self._years: dict[date, Decimal] = {}

    def of(self, one: Candidate, value: HarvestValue) -> str:
        """The tier it lands in, the day it turns long-term where that matters, and whether it is deep enough."""
        if value.loss <= 0:
            if one.option.chain:
                return "the venue sells it before the lots behind it"
            if value.saved_now < 0:
                return "a gain that uses up losses of this year and raises the basis"
            return "a long-term gain that is not taxed this year: it raises the basis"
        said = [value.tier.value if value.tier is not None else "is a loss"]
        if len(value.parts) > 1 and value.wasted > 0:
            said.append(f"{rounded(value.wasted, 2):,f} of it would only be carried forward")
        turns = self._turns_long(one)
        lost = ZERO
        if turns is not None:
            lost = lost_by_turning_long(self._bill, *self._bill.this_year.start, one.sale)
            if lost > 0:
                days = (turns - self._day).days
                said.append(f"turns long-term in {days} days, which would cost {rounded(lost, 2):,f}")
        last = self._year_end if turns is None else last_day(self._day, turns, lost > 0)
        said.append(self._depth(one, value, last))
        if one.circumstances.reach is Reach.IN_ORDER:
            said.append("next in its venue's own order")
        return "; ".join(said)

    def _turns_long(self, one: Candidate) -> date | None:
        """The day on which the loss turns long-term, if that is still in this tax year."""
        if one.sale.term is Term.LONG:
            return None
        turns = self._bought_back_long_on - timedelta(days=one.sale.delayed_days)
        return turns if turns <= self._year_end else None

    def _depth(self, one: Candidate, value: HarvestValue, last: date) -> str:
        years = self._years.get(last)
        if years is None:
            years = self._years[last] = years_until(last, self._day)
        found = trigger_of(value, one.sale, years)
        depth = f"{_percent(found.depth)} below its basis"
        if found.threshold is None:
            return depth
        wanted = _percent(found.threshold)
        if found.is_due:
            return f"{depth}, deep enough today (from {wanted})"
        return f"{depth}: pays today, waiting for {wanted} may pay more"


def _percent(part: Decimal) -> str:
    return f"{rounded(EXACT.multiply(part, _HUNDRED), 1)} %"
