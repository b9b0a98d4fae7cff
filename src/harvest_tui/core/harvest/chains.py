"""Lots that a venue uses up in its own order: how far along the chain to sell, and an optimistic reading of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from harvest_tui.core.harvest.cost_curve import Piece
from harvest_tui.core.harvest.options import Exact, ratio


class Link(NamedTuple):
    """One lot of a chain: its number among the options, its term and figures in units."""

    number: int
    is_short: bool
    change: int
    price: int


class Stretch(NamedTuple):
    """A straight way between two positions of one run, as the optimistic reading takes it."""

    run: int
    piece: Piece
    is_short: bool


class Run(NamedTuple):
    """Neighbouring lots of one term: the positions that the optimistic reading can stop at, by rising total.

    The least cost of a total, were parts of several positions allowed at once, is the lower hull of the positions
    passed; the truth is never cheaper. `start` and `end` are where the run begins and ends in the chain.
    """

    chain: str
    start: int
    end: int
    corners: tuple[int, ...]
    low: Exact
    cost: Exact
    is_short: bool


Rates = tuple[Fraction, Fraction]
"""What a dollar of short and of long result costs."""


class Window(NamedTuple):
    """The first `low` lots are sold whole, and none after the first `high`."""

    low: int
    high: int


class Chain:
    """Lots in the order of the venue; a position is how many of them are sold."""

    __slots__ = ("changes", "links", "name", "prices")

    def __init__(self, name: str, links: Sequence[Link]) -> None:
        self.name, self.links = name, links
        self.changes = {
            is_short: list(accumulate((link.change if link.is_short == is_short else 0 for link in links), initial=0))
            for is_short in (True, False)
        }
        self.prices = list(accumulate((link.price for link in links), initial=0))

    @property
    def deepest(self) -> int:
        """The lowest net result of any position, zero or below."""
        return min(short + long for short, long in zip(self.changes[True], self.changes[False], strict=True))

    def runs(self, window: Window, first_owner: int) -> tuple[list[Run], list[Stretch]]:
        """The runs of a window and their stretches; these are owned by `first_owner` and the numbers below it."""
        runs: list[Run] = []
        stretches: list[Stretch] = []
        start = window.low
        while start < window.high:
            end = start + 1
            while end < window.high and self.links[end].is_short == self.links[start].is_short:
                end += 1
            run = self._run(start, end)
            for left, right in zip(run.corners, run.corners[1:], strict=False):
                change, price = self._between(run.is_short, left, right)
                stretches.append(Stretch(len(runs), Piece(change, price, first_owner - len(stretches)), run.is_short))
            runs.append(run)
            start = end
        return runs, stretches

    def best_position(self, window: Window, rates: Rates) -> tuple[Exact, int]:
        """The position of least cost where a dollar of each result costs these rates, behind that cost."""
        short_rate, long_rate = rates
        # Whole numbers until the end: a chain may have thousands of positions.
        under = short_rate.denominator * long_rate.denominator
        over = (short_rate.numerator * long_rate.denominator, long_rate.numerator * short_rate.denominator)
        short, long, prices = self.changes[True], self.changes[False], self.prices
        cost, place = min(
            (prices[place] * under + over[0] * short[place] + over[1] * long[place], place)
            for place in range(window.low, window.high + 1)
        )
        return ratio(cost, under), place

    def least_cost(self, window: Window, rates: Rates) -> Exact:
        """The same of the optimistic reading, in which each run may stop where it likes."""
        runs, _ = self.runs(window, 0)
        low = window.low
        total = self.prices[low] + rates[0] * self.changes[True][low] + rates[1] * self.changes[False][low]
        for run in runs:
            rate, changes = rates[0] if run.is_short else rates[1], self.changes[run.is_short]
            total += min(
                self.prices[place] - self.prices[run.start] + rate * (changes[place] - changes[run.start])
                for place in run.corners
            )
        return ratio(total, 1)

    def _between(self, is_short: bool, left: int, right: int) -> tuple[int, int]:
        changes = self.changes[is_short]
        return changes[right] - changes[left], self.prices[right] - self.prices[left]

    def _run(self, start: int, end: int) -> Run:
        """The lower hull of the run's positions, by a scan from the lowest total."""
        is_short = self.links[start].is_short
        changes, prices = self.changes[is_short], self.prices
        hull: list[int] = []
        for place in sorted(range(start, end + 1), key=lambda place: (changes[place], prices[place], place)):
            if hull and changes[hull[-1]] == changes[place]:
                continue
            while len(hull) > 1:
                before, last = hull[-2], hull[-1]
                rise = (prices[last] - prices[before]) * (changes[place] - changes[before])
                straight = (prices[place] - prices[before]) * (changes[last] - changes[before])
                if rise < straight:
                    break
                hull.pop()
            hull.append(place)
        low, cost = self._between(is_short, start, hull[0])
        return Run(self.name, start, end, tuple(hull), low, cost, is_short)


class Standing(NamedTuple):
    """Where a chosen mixture leaves a chain: `whole` lots and a part of the next, if the mixture is a real position."""

    is_real: bool
    whole: int
    fraction: Fraction


def standing(runs: Sequence[Run], sold: Sequence[Sequence[Fraction]], window: Window) -> Standing:
    """The position that the sold parts of each run's stretches stand for, or the place where they stop being one."""
    whole, fraction, is_open = window.low, Fraction(0), True
    for run, parts in zip(runs, sold, strict=True):
        done = sum(1 for part in parts if part == 1)
        left = run.corners[done]
        rest = next((part for part in parts if 0 < part < 1), Fraction(0))
        right = run.corners[done + 1] if rest else left
        is_untouched = left == run.start and not rest
        if not is_open:
            if not is_untouched:
                return Standing(False, run.start, Fraction(0))
            continue
        if abs(right - left) > 1:
            return Standing(False, (left + right) // 2, Fraction(0))
        whole = min(left, right)
        fraction = rest if right >= left else 1 - rest
        if whole != run.end:
            is_open = False
    return Standing(True, whole, fraction if fraction < 1 else Fraction(0))
