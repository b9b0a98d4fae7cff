"""Lots set down for sale: how much of each, and what each brings on top of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.candidates import Candidate
from harvest_tui.core.harvest.circumstances import Reach
from harvest_tui.core.harvest.tiers import Tier
from harvest_tui.core.harvest.value import HarvestValue, last_day, lost_by_turning_long, trigger_of, value_of
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax_days import days_to_long_term

_HUNDRED = Decimal(100)


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


def _turn(one: Candidate) -> tuple[str, int, Fraction, int, str]:
    option, result = one.option, one.sale.gain
    if option.chain:
        return option.chain, option.place, Fraction(0), 0, option.lot_id
    cost = Fraction(option.cost) / abs(Fraction(result)) if result else Fraction(0)
    return "", 0, cost, option.rank, option.lot_id


def marks_of(
    candidates: Sequence[Candidate], bill: ExpectedBill, short: Decimal, long: Decimal, profile: Profile, day: date
) -> tuple[tuple[Mark, ...], tuple[Decimal, Decimal]]:
    """A mark for each candidate, sold whole one after the other, and the year's results after all of them.

    What each saves is counted on top of those before it, so that the marks add up to the whole.
    """
    marks: list[Mark] = []
    for one in in_turn(candidates):
        value = value_of(bill, short, long, one.sale, profile)
        marks.append(Mark(one.lot, one.quantity, one.sale.term, value, True, _why(one, value, bill, profile, day)))
        if one.sale.term is Term.SHORT:
            short = EXACT.add(short, one.sale.gain)
        else:
            long = EXACT.add(long, one.sale.gain)
    return tuple(marks), (short, long)


def totals_of(marks: Sequence[Mark]) -> PlanTotals:
    """The sums."""
    totals = PlanTotals()
    for mark in marks:
        totals = totals.plus(mark.value)
    return totals


def _why(one: Candidate, value: HarvestValue, bill: ExpectedBill, profile: Profile, day: date) -> str:
    """Why the lot is proposed, in one line."""
    if value.loss <= 0:
        if one.option.chain:
            return "the venue sells it before the lots behind it"
        return "a long-term gain that is not taxed this year: it raises the basis"
    said = [value.tier.value if value.tier is not None else "is a loss"]
    lost = lost_by_turning_long(bill, bill.this_year.start[0], bill.this_year.start[1], one.sale)
    if lost > 0 and value.term is Term.SHORT:
        left = days_to_long_term(one.lot.long_term_on, day)
        said.append(f"turns long-term in {left} days, which would cost {rounded(lost, 2)}")
    trigger = trigger_of(value, one.sale, bill, profile, day, last_day(day, one.lot.long_term_on, lost > 0))
    depth = f"{rounded(EXACT.multiply(trigger.depth, _HUNDRED), 1)} % below its basis"
    if trigger.threshold is None:
        said.append(depth)
    else:
        limit = rounded(EXACT.multiply(trigger.threshold, _HUNDRED), 1)
        word = "deep enough today" if trigger.is_due else "waiting may bring more"
        said.append(f"{depth}, {word} (from {limit} %)")
    if one.circumstances.reach is Reach.IN_ORDER:
        said.append("next in its venue's own order")
    return "; ".join(said)


def why_not(one: Candidate, bill: ExpectedBill, short: Decimal, long: Decimal, slopes: dict[Term, Decimal]) -> str:
    """Why a lot is left, given the results with everything that was taken. `slopes` keeps what a next dollar saves."""
    if one.sale.gain >= 0:
        return "not needed for the target"
    term = one.sale.term
    if term not in slopes:
        slopes[term] = _next_dollar(bill, short, long, term)
    saves = slopes[term]
    if saves <= 0:
        return (
            f"enough: a further loss {Tier.CARRIED.value.removeprefix('saves nothing this year: ')}, or saves nothing"
        )
    costs = ROUNDED.divide(one.option.cost, one.sale.loss)
    if costs >= saves:
        return f"costs more than it saves: {_cents(costs)} for each dollar of loss, which saves {_cents(saves)}"
    return "another lot serves the target better"


def _next_dollar(bill: ExpectedBill, short: Decimal, long: Decimal, term: Term) -> Decimal:
    one = Decimal(1)
    after = (EXACT.subtract(short, one), long) if term is Term.SHORT else (short, EXACT.subtract(long, one))
    return EXACT.subtract(bill.at(short, long), bill.at(*after))


def _cents(dollars: Decimal) -> str:
    return f"{rounded(EXACT.multiply(dollars, _HUNDRED) if abs(dollars) < 10 else dollars, 1)} cents"
