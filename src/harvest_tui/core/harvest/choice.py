"""The set of lots and parts of lots with the largest net benefit, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count

from harvest_tui.core.harvest.best_point import Spot
from harvest_tui.core.harvest.branches import Answer, Branch, solve
from harvest_tui.core.harvest.chains import Window
from harvest_tui.core.harvest.cost_curve import WHOLE
from harvest_tui.core.harvest.options import Exact, Option
from harvest_tui.core.harvest.problem import Bands, Problem
from harvest_tui.core.harvest.regions import Point
from harvest_tui.core.harvest.surface import TaxSurface
from harvest_tui.core.harvest.targets import BEST, Target
from harvest_tui.core.lots.matching import without_collector

_NO_RATES = (Fraction(0), Fraction(0))
_EFFORT_FOR_CHAINS, _EFFORT_FOR_LIMITS = 600_000, 100_000
"""Lots in all branches together after which the search stops at a gap; that of charges is cents from the start."""
_FEWEST, _MOST = 4, 600
"""Branches looked at whatever the number of lots, and at most."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to sell and what it brings, in US dollars.

    `parts` gives the part of each lot that is sold, above 0 and at most 1; parts in units are rounded to the venue's
    step by the caller. `benefit` is the tax before less the tax after less the cost, and no other choice has more
    than `gap` beyond it; `is_exact` says that the gap is zero.
    """

    parts: Mapping[str, Fraction]
    short_gain: Decimal
    long_gain: Decimal
    benefit: Decimal
    tax_before: Decimal
    tax_after: Decimal
    cost: Decimal
    is_exact: bool
    gap: Decimal


def choose(
    options: Sequence[Option], surface: TaxSurface, short: Decimal, long: Decimal, target: Target = BEST
) -> Choice:
    """The choice of greatest benefit within the target, from the year's short- and long-term results so far.

    It is the same whatever order the options come in: of equally good choices the one of least cost, then of least
    loss. Without charges, least orders and chains it is always exact; with them the search may stop at a gap.
    Every edge of the surface is a straight line, so within each region the rules of linear programming hold.

    Raises ValueError for a lot with results of both terms, a lot offered twice, or a limit on a lot of a chain.
    """
    with without_collector():
        problem = Problem(options, surface, (short, long), target)
        bands: Bands | None = problem.likely()
        while bands is not None:
            problem.look(bands)
            search = _Search(problem)
            answer = search.run()
            bands = problem.opened(bands, answer.parts)
        return _told(problem, answer, search.gap)


class _Search:
    """Branch and bound over what is not freely divisible; one look where everything is."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.nothing = Answer(
            Branch(frozenset(), frozenset(), ()), Spot(Point(0, 0), problem.tax(Point(0, 0)), 0), {}, (), (), _NO_RATES
        )
        self.best: Answer | None = self.nothing if problem.nothing_is_allowed() else None
        self.gap: Exact = 0
        self._left = 1
        self._ties = count()
        self._open: list[tuple[Exact, int, Answer]] = []

    def run(self) -> Answer:
        """The best answer, or the best within the effort; then `gap` is what it may lack."""
        windows = tuple(Window(0, len(chain.links)) for chain in self.problem.chains)
        self._keep(self._look(Branch(frozenset(), frozenset(), windows)))
        effort = _EFFORT_FOR_LIMITS if self.problem.has_limits else _EFFORT_FOR_CHAINS
        self._left = max(_FEWEST, min(_MOST, effort // (len(self.problem.options) + 1)))
        while self._open:
            bound, _, answer = self._open[0]
            if self.best is not None and bound >= self.best.spot.burden:
                break
            if self._left <= 0:
                self.gap = (self.best or self.nothing).spot.burden - bound
                break
            heappop(self._open)
            self._plunge(answer)
        return self.best or self.nothing

    def _plunge(self, answer: Answer | None) -> None:
        """Goes from an unreal answer down the better of two branches to a real one, and keeps the others for later."""
        while answer is not None and self._left > 0:
            for branch in _guesses(self.problem, answer):
                self._look(branch)
            halves = [half for half in map(self._look, _halves(self.problem, answer)) if half is not None]
            halves.sort(key=lambda half: half.spot.burden)
            for half in halves[1:]:
                self._keep(half)
            answer = halves[0] if halves else None
            if answer is not None and self.best is not None and answer.spot.burden >= self.best.spot.burden:
                return
        self._keep(answer)

    def _keep(self, answer: Answer | None) -> None:
        if answer is not None:
            heappush(self._open, (answer.spot.burden, next(self._ties), answer))

    def _look(self, branch: Branch) -> Answer | None:
        """Solves a branch and remembers what is real in it; what is not real, and may hide better, is returned."""
        self._left -= 1
        answer = solve(self.problem, branch)
        if answer is None:
            return None
        real = _paid(self.problem, answer)
        if real.is_real and (self.best is None or real.spot.merit < self.best.spot.merit):
            self.best = real
        return None if answer.is_real else answer


def _paid(problem: Problem, answer: Answer) -> Answer:
    """The answer with every charge paid in full, which is a real one if its parts are as large as orders must be."""
    if any(answer.parts[number] < problem.options[number].least for number in answer.partly):
        return answer
    owed = sum(problem.charge(number) * (1 - answer.parts[number]) for number in answer.partly)
    return answer._replace(spot=answer.spot._replace(cost=answer.spot.cost + owed), partly=())


def _guesses(problem: Problem, answer: Answer) -> list[Branch]:
    """Branches that are likely to hold a good real answer: each chain open by one lot beside its best position."""
    if all(place.is_real for place in answer.standings):
        return []
    guesses = []
    for step in (0, 1):
        windows = []
        for index, (window, place) in enumerate(zip(answer.branch.windows, answer.standings, strict=True)):
            low = place.whole
            if not place.is_real:
                low = problem.chains[index].best_position(window, answer.rates)[1] - step
            low = max(window.low, min(low, window.high - 1))
            windows.append(Window(low, min(low + 1, window.high)))
        guesses.append(answer.branch._replace(windows=tuple(windows)))
    return guesses


def _halves(problem: Problem, answer: Answer) -> list[Branch]:
    """Two narrower branches that together hold every real choice of the answer's branch.

    The chain to cut is the one whose optimistic reading promises most beyond its best real position.
    """
    branch = answer.branch
    if answer.partly:
        undecided = {answer.partly[0]}
        return [branch._replace(out=branch.out | undecided), branch._replace(taken=branch.taken | undecided)]
    windows, cuts = branch.windows, []
    for index, place in enumerate(answer.standings):
        if not place.is_real:
            chain, window = problem.chains[index], windows[index]
            cost, best = chain.best_position(window, answer.rates)
            cuts.append((cost - chain.least_cost(window, answer.rates), -index, place.whole, best))
    _, index, cut, best = max(cuts)
    index, window = -index, windows[-index]
    cut = best if window.low < best < window.high else cut
    return [
        branch._replace(windows=(*windows[:index], half, *windows[index + 1 :]))
        for half in (Window(window.low, cut), Window(cut, window.high))
    ]


def _told(problem: Problem, answer: Answer, gap: Exact) -> Choice:
    options, dollars = problem.options, problem.worth.dollars
    parts = {options[number].lot_id: fraction for number, fraction in answer.parts.items() if fraction}
    for chain, place in zip(problem.chains, answer.standings, strict=False):
        for link in chain.links[: place.whole]:
            parts[options[link.number].lot_id] = WHOLE
        if place.fraction:
            parts[options[chain.links[place.whole].number].lot_id] = place.fraction
    before, after, cost = problem.tax(Point(0, 0)), answer.spot.tax, answer.spot.cost
    return Choice(
        parts,
        short_gain=problem.money.dollars(answer.spot.point.short),
        long_gain=problem.money.dollars(answer.spot.point.long),
        benefit=dollars(before - after - cost),
        tax_before=dollars(before),
        tax_after=dollars(after),
        cost=dollars(cost),
        is_exact=not gap,
        gap=dollars(gap),
    )
