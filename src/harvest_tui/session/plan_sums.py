"""What each named plan comes to at the latest prices, beside each other, and what every marked lot is worth of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.harvest.costs import sale_of
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.records import LotId
from harvest_tui.session.marked_sums import MarkedSum, MarkedSums

if TYPE_CHECKING:
    from harvest_tui.core.harvest.plan import Occasion
    from harvest_tui.core.identification.marks import MarkedLot, Plan
    from harvest_tui.core.portfolio import Portfolio
    from harvest_tui.core.tax.taxpayer import FederalReturn
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.session.planner import Planner

_plus, _minus = EXACT.add, EXACT.subtract
_CENTS = 2


class PlanSum(NamedTuple):
    """A plan with its marked lots; `sum` is None before the lots were weighed, or where nothing is marked."""

    plan: Plan
    marked: tuple[MarkedLot, ...]
    sum: MarkedSum | None


class Compared(NamedTuple):
    """All plans in their order, the active one's name, and the return of the year as it stands (None: not known)."""

    plans: tuple[PlanSum, ...]
    active: str
    before: FederalReturn | None


class PlanSums:
    """Keeps a running sum for each plan, so that a price costs what it moves and a mark what it changes."""

    def __init__(self) -> None:
        self._footing: object = None
        self._sums: dict[str, MarkedSums] = {}
        self._marked: tuple[object, dict[str, tuple[MarkedLot, ...]]] = (None, {})

    def compare(self, harvesting: Harvesting, planner: Planner | None, portfolio: Portfolio, facts: int) -> Compared:
        """Every plan at these prices; `facts` is the version of the lots."""
        plans = harvesting.plans
        key = harvesting.version, facts
        if self._marked[0] != key:
            self._marked = key, {plan.name: harvesting.marked(plan.name) for plan in plans.plans}
        marked = self._marked[1]
        occasion = None if planner is None else planner.occasion
        outlook = None if planner is None else planner.view().outlook
        if occasion is None or outlook is None:
            return Compared(tuple(PlanSum(plan, marked[plan.name], None) for plan in plans.plans), plans.active, None)
        footing = occasion.so_far, outlook.bill, outlook.day, facts
        if self._footing != footing:
            self._footing, self._sums = footing, {}
        found = []
        for plan in plans.plans:
            lots = marked[plan.name]
            if plan.name not in self._sums:
                self._sums[plan.name] = MarkedSums(occasion, outlook.bill)
            found.append(PlanSum(plan, lots, self._sums[plan.name].of(lots, portfolio.quotes) if lots else None))
        return Compared(tuple(found), plans.active, outlook.so_far.federal)


def shares_of_benefit(planner: Planner, marked: Sequence[MarkedLot], portfolio: Portfolio) -> dict[LotId, Decimal]:
    """The net benefit of selling the marked lots together, in US dollars, shared out by what each loses or gains.

    To the cent, and the shares add up to the whole. Nothing before the lots were weighed.
    """
    occasion, known = planner.occasion, planner.sum_marked(marked)
    if occasion is None or known is None:
        return {}
    weights = _weights(occasion, marked, portfolio)
    whole = ZERO
    for weight in weights.values():
        whole = _plus(whole, weight)
    shares: dict[LotId, Decimal] = {}
    left = rounded(known.totals.net, _CENTS)
    for lot_id, weight in weights.items():
        part = rounded(ROUNDED.divide(ROUNDED.multiply(left, weight), whole), _CENTS)
        shares[lot_id] = part
        left, whole = _minus(left, part), _minus(whole, weight)
    return shares


def _weights(occasion: Occasion, marked: Sequence[MarkedLot], portfolio: Portfolio) -> Mapping[LotId, Decimal]:
    """How much each marked lot loses or gains; those of which nobody can say are left out."""
    weights: dict[LotId, Decimal] = {}
    for one in marked:
        quote = None if one.lot is None else portfolio.quotes.get((one.lot.account, one.lot.asset))
        if one.lot is None or quote is None or not one.quantity:
            continue
        sale = sale_of(one.lot, one.quantity, quote.price, occasion.profile, occasion.portfolio.as_of, occasion.zone)
        if sale is not None and sale.gain:
            weights[one.lot.lot_id] = sale.gain.copy_abs()
    return weights
