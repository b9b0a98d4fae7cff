"""The choice with some decisions taken: which charges are paid, which lots are out, which part of a chain is open.

With its decisions a branch is a choice among freely divisible pieces, solved exactly. What is not yet decided is
read optimistically: a charge as part of the price, a chain as the hull of its runs. So a branch's burden is never
above that of any choice in it, and is true where its answer is a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import chain, repeat
from typing import NamedTuple

from harvest_tui.core.harvest.best_point import Spot, best_spot
from harvest_tui.core.harvest.chains import Rates, Run, Standing, Stretch, Window, standing
from harvest_tui.core.harvest.cost_curve import WHOLE, CostCurve, Piece
from harvest_tui.core.harvest.options import Exact
from harvest_tui.core.harvest.problem import Problem
from harvest_tui.core.harvest.regions import Point


class Branch(NamedTuple):
    """Decisions: lots left out, lots of which at least the least order is sold, and the windows of chains."""

    out: frozenset[int]
    taken: frozenset[int]
    windows: tuple[Window, ...]


class Answer(NamedTuple):
    """The best of a branch by its optimistic reading, and where that reading is not real."""

    branch: Branch
    spot: Spot
    parts: Mapping[int, Fraction]
    standings: tuple[Standing, ...]
    partly: tuple[int, ...]
    """Lots sold in part whose charge or least order was not yet decided, the first to be sold first."""
    rates: Rates
    """What a dollar more of short and of long result costs at the answer's balance."""

    @property
    def is_real(self) -> bool:
        """Whether it could be carried out as it is, at the cost it says."""
        return not self.partly and all(place.is_real for place in self.standings)


class _Open(NamedTuple):
    """What a branch leaves to choose from."""

    shift: Point
    cost: Exact
    pieces: dict[bool, list[Piece]]
    fixed: dict[int, Fraction]
    runs: list[list[Run]]
    stretches: list[Stretch]
    chain_of: list[int]


def solve(problem: Problem, branch: Branch) -> Answer | None:
    """The branch's best answer; None where its decisions cannot meet the target."""
    opened = _open(problem, branch)
    without = branch.out | branch.taken
    curves = dict(problem.curves)
    for is_short, curve in problem.curves.items():
        extra = opened.pieces[is_short]
        if extra or any(problem.figures(number)[0] == is_short for number in without):
            order = curve.order.altered(without, extra, lambda owner: _rank(problem, opened, owner))
            curves[is_short] = CostCurve(order)
    shift = opened.shift
    plots = problem.plots(shift, curves[True], curves[False])
    if not plots:
        return None
    found = best_spot(plots, problem.tax_from(shift), curves[True], curves[False])
    parts, sold = dict(opened.fixed), [Fraction(0)] * len(opened.stretches)
    for curve, total in ((curves[True], found.point.short), (curves[False], found.point.long)):
        whole, part = curve.sold_at(total)
        for owner, fraction in chain(zip(whole, repeat(WHOLE)), [part] if part else []):
            if owner >= 0:
                parts[owner] = fraction
            else:
                sold[-1 - owner] = fraction
    for number in branch.taken:
        least = problem.options[number].least
        parts[number] = least + parts.get(number, Fraction(0)) * (1 - least)
    point = Point(found.point.short + shift.short, found.point.long + shift.long)
    standings = _standings(opened, sold, branch.windows)
    spot = Spot(point, found.tax, found.cost + opened.cost)
    rates = (-_rate(curves[True], found.point.short), -_rate(curves[False], found.point.long))
    return Answer(branch, spot, parts, standings, _partly(problem, branch, parts), rates)


def _rank(problem: Problem, opened: _Open, owner: int) -> tuple[int, str]:
    if owner >= 0:
        return problem.rank(owner)
    return problem.rank(problem.chains[opened.chain_of[-1 - owner]].links[0].number)


def _open(problem: Problem, branch: Branch) -> _Open:
    totals: dict[bool, Exact] = {True: 0, False: 0}
    opened = _Open(Point(0, 0), problem.free_cost, {True: [], False: []}, dict(problem.free), [], [], [])
    cost = opened.cost
    for number in sorted(branch.taken, key=problem.rank):
        option, (is_short, change, price) = problem.options[number], problem.figures(number)
        least = option.least
        totals[is_short] += change * least
        cost += price * least + problem.charge(number)
        if least < 1:
            opened.pieces[is_short].append(Piece(change * (1 - least), price * (1 - least), number))
    for index, window in enumerate(branch.windows):
        lots = problem.chains[index]
        for is_short, changes in lots.changes.items():
            totals[is_short] += changes[window.low]
        cost += lots.prices[window.low]
        runs, stretches = lots.runs(window, -1 - len(opened.stretches))
        for run in runs:
            totals[run.is_short] += run.low
            cost += run.cost
        opened.runs.append(runs)
        opened.stretches.extend(stretches)
        opened.chain_of.extend([index] * len(stretches))
        for stretch in stretches:
            opened.pieces[stretch.is_short].append(stretch.piece)
    return opened._replace(shift=Point(totals[True], totals[False]), cost=cost)


def _standings(opened: _Open, sold: list[Fraction], windows: tuple[Window, ...]) -> tuple[Standing, ...]:
    places = []
    first = 0
    for runs, window in zip(opened.runs, windows, strict=True):
        parts = []
        for run in runs:
            count = len(run.corners) - 1
            parts.append(sold[first : first + count])
            first += count
        places.append(standing(runs, parts, window))
    return tuple(places)


def _rate(curve: CostCurve, total: Exact) -> Fraction:
    if curve.low == curve.high:
        return Fraction(0)
    return curve.slope_after(total) if total < curve.high else curve.slope_before(total)


def _partly(problem: Problem, branch: Branch, parts: Mapping[int, Fraction]) -> tuple[int, ...]:
    """The undecided lots whose part is neither none nor all, and that have a charge or a least order.

    A charge is spread over the lot by the optimistic reading, so a part has not paid all of it.
    """
    if not problem.has_limits:
        return ()
    partial = [
        number
        for number, fraction in parts.items()
        if fraction != WHOLE and number not in branch.taken and problem.is_limited(number)
    ]
    return tuple(sorted(partial, key=problem.rank))
