"""The outlook: what can be harvested now, lot by lot and best first, the best set, and how far a loss still helps."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from heapq import nlargest

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.candidates import Candidate
from harvest_tui.core.harvest.circumstances import Reach
from harvest_tui.core.harvest.deferral import Rebought, rebought
from harvest_tui.core.harvest.ladder import LadderStep, ladder
from harvest_tui.core.harvest.plan import Occasion, Plan, Weighed, plan_of, target_of, weigh
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.harvest.trigger import ROUGH
from harvest_tui.core.harvest.value import HarvestValue, lost_by_turning_long, value_of
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.lots.matching import without_collector
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import LotId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.year_so_far import YearSoFar
from harvest_tui.core.tax_days import days_to_long_term, tax_day

MOST_SHOWN = 100
"""So many candidates are valued and told of one by one."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A lot that could be sold now, all that can be of it. US dollars.

    `value` is what that brings by itself, on top of the year so far. `turning_long_costs` is what the saving loses on
    the day the lot turns long-term, `days_to_long_term` away. `in_best` are its units in the best set. `why` is the
    word of the plan on it.
    """

    lot: Lot
    quantity: Decimal
    term: Term
    value: HarvestValue
    turning_long_costs: Decimal
    days_to_long_term: int
    rebought: Rebought
    is_in_order: bool
    in_best: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the planner shows, as of one instant. Money in US dollars.

    `proposals` are the best by net benefit of `found` candidates. `reasons` counts the lots that are left, by why.
    `words` tells of every lot why it is proposed or left. `harvestable` are the losses of all candidates by term.
    """

    as_of: datetime
    day: date
    so_far: YearSoFar
    profile: Profile
    bill: ExpectedBill
    plan: Plan
    proposals: tuple[Proposal, ...]
    found: int
    harvestable: Mapping[Term, Decimal]
    reasons: tuple[tuple[str, int], ...]
    words: Mapping[LotId, str]
    ladders: Mapping[Term, tuple[LadderStep, ...]]

    @property
    def deadline(self) -> datetime:
        """The last second of the tax year in the taxpayer's zone."""
        return self.plan.deadline


def look_out(occasion: Occasion, aim: Aim = Aim.BEST, amount: Decimal = ZERO, most: int = MOST_SHOWN) -> Outlook:
    """The outlook for an aim, with the best `most` candidates. Raises ValueError, in words, for a year without
    parameters."""
    with without_collector():
        weighed = weigh(occasion, aim)
        plan = plan_of(occasion, target_of(aim, amount, occasion), weighed)
        return _outlook(occasion, weighed, plan, most)


def _outlook(occasion: Occasion, weighed: Weighed, plan: Plan, most: int) -> Outlook:
    profile, bill, found = occasion.profile, weighed.bill, weighed.found
    day = tax_day(occasion.portfolio.as_of, occasion.zone)
    ladders = {term: ladder(bill, *bill.this_year.start, term) for term in Term}
    words = {skip.lot.lot_id: skip.why for skip in plan.skipped} | {mark.lot.lot_id: mark.why for mark in plan.marks}
    taken = {mark.lot.lot_id: mark.quantity for mark in plan.marks}
    best = _best(found, bill, ladders, most)
    proposals = [_proposal(one, bill, profile, day, taken, words) for one in best]
    return Outlook(
        as_of=plan.as_of,
        day=day,
        so_far=occasion.so_far,
        profile=profile,
        bill=bill,
        plan=plan,
        proposals=tuple(sorted(proposals, key=lambda one: (-one.value.net, one.lot.lot_id))),
        found=len(found),
        harvestable=_losses(found),
        reasons=tuple(Counter(skip.why for skip in plan.skipped).most_common()),
        words=words,
        ladders=ladders,
    )


def _proposal(
    one: Candidate,
    bill: ExpectedBill,
    profile: Profile,
    day: date,
    taken: Mapping[LotId, Decimal],
    words: Mapping[LotId, str],
) -> Proposal:
    lot, sale = one.lot, one.sale
    start = bill.this_year.start
    value = value_of(bill, *start, sale, profile)
    return Proposal(
        lot=lot,
        quantity=one.quantity,
        term=sale.term,
        value=value,
        turning_long_costs=lost_by_turning_long(bill, *start, sale),
        days_to_long_term=days_to_long_term(lot.long_term_on, day),
        rebought=rebought(sale, lot.long_term_on, day, profile.wait_days, value.saved_now, bill.rates),
        is_in_order=one.circumstances.reach is Reach.IN_ORDER,
        in_best=taken.get(lot.lot_id, ZERO),
        why=words.get(lot.lot_id, ""),
    )


def _losses(found: Iterable[Candidate]) -> dict[Term, Decimal]:
    sums = dict.fromkeys(Term, ZERO)
    for one in found:
        if one.sale.gain < 0:
            sums[one.sale.term] = EXACT.subtract(sums[one.sale.term], one.sale.gain)
    return sums


class _Curve:
    """What losses of one term save, about: straight lines between the steps of the ladder. It ranks, no more."""

    def __init__(self, bill: ExpectedBill, term: Term, steps: Sequence[LadderStep]) -> None:
        short, long = bill.this_year.start
        before = bill.at(short, long)
        last = steps[-1].from_loss
        self._losses = [*(step.from_loss for step in steps), EXACT.add(last, Decimal(1000))]
        self._saved = [
            EXACT.subtract(
                before,
                bill.at(EXACT.subtract(short, loss), long)
                if term is Term.SHORT
                else bill.at(short, EXACT.subtract(long, loss)),
            )
            for loss in self._losses
        ]

    def saved(self, loss: Decimal) -> Decimal:
        end = min(max(1, bisect_left(self._losses, loss)), len(self._losses) - 1)
        at, saved = self._losses[end - 1], self._saved[end - 1]
        rise = ROUGH.subtract(self._saved[end], saved)
        slope = ROUGH.divide(rise, ROUGH.subtract(self._losses[end], at))
        return ROUGH.add(saved, ROUGH.multiply(slope, ROUGH.subtract(loss, at)))


def _best(
    found: Iterable[Candidate], bill: ExpectedBill, ladders: Mapping[Term, Sequence[LadderStep]], most: int
) -> list[Candidate]:
    """The candidates with the largest net benefit."""
    curves = {term: _Curve(bill, term, steps) for term, steps in ladders.items()}

    def net(one: Candidate) -> Decimal:
        return ROUGH.subtract(curves[one.sale.term].saved(one.sale.loss), one.option.cost)

    return nlargest(most, found, key=net)
