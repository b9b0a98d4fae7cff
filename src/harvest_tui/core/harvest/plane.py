"""The plane of a year's short- and long-term results: linear forms, half-planes and lines. Exact, in scaled integers.

A line is `short * s + long * l + constant = 0`; it is kept only where it crosses the part in which its rule decides.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from math import gcd
from typing import NamedTuple

from harvest_tui.core.money import EXACT
from harvest_tui.core.tax.year_table import Schedule

POINTS = 10_000
"""Rates are integers in units of a hundredth of a percent."""


class Form(NamedTuple):
    """`short * s + long * l + constant`, in scaled dollars; as a condition: at least zero."""

    short: int
    long: int
    constant: int

    def plus(self, other: Form) -> Form:
        """The sum."""
        return Form(self.short + other.short, self.long + other.long, self.constant + other.constant)

    def raised(self, amount: int) -> Form:
        """The form and a constant."""
        return Form(self.short, self.long, self.constant + amount)

    def times(self, factor: int) -> Form:
        """The multiple."""
        return Form(self.short * factor, self.long * factor, self.constant * factor)

    def minus(self, other: Form) -> Form:
        """The difference."""
        return Form(self.short - other.short, self.long - other.long, self.constant - other.constant)

    def above(self, amount: int) -> Form:
        """The condition that the form is at least that."""
        return self.raised(-amount)

    def below(self, amount: int) -> Form:
        """The condition that the form is at most that."""
        return self.times(-1).raised(amount)


class Bend(NamedTuple):
    """A line, and the conditions under which the tax bends along it."""

    line: Form
    where: tuple[Form, ...] = ()


class Step(NamedTuple):
    """A stretch of a rate schedule: from `over` up to `up_to` (None: no end), at `points`, on top of `below`."""

    over: int
    up_to: int | None
    points: int
    below: int

    def within(self, amount: Form, unit: int = 1) -> tuple[Form, ...]:
        """The conditions that an amount, given `unit` times as large, lies in this stretch."""
        first = amount.above(self.over * unit)
        return (first,) if self.up_to is None else (first, amount.below(self.up_to * unit))

    def tax(self, amount: Form, unit: int = 1) -> Form:
        """The tax on an amount in this stretch, given `unit` times as large: `unit * POINTS` times as large."""
        return amount.raised(-self.over * unit).times(self.points).raised(self.below * unit)


class Region(NamedTuple):
    """A part of the plane in which netting takes one course.

    `taxable` is taxable income, `ordinary` what is left of it without the part taxed at 0, 15 and 20 % (Schedule D Tax
    Worksheet line 14), `without_group` without the 28 % group too (line 18); all signed.
    """

    where: tuple[Form, ...]
    ordinary: Form
    without_group: Form
    taxable: Form


class Scale(NamedTuple):
    """Dollars as integers, fine enough for every figure of one taxpayer."""

    places: int

    def of(self, amount: Decimal) -> int:
        """The amount in scaled dollars."""
        return int(EXACT.scaleb(amount, self.places))

    def steps(self, schedule: Schedule) -> tuple[Step, ...]:
        """The schedule in scaled dollars, lowest stretch first."""
        return _steps(self, schedule)


@cache
def _steps(scale: Scale, schedule: Schedule) -> tuple[Step, ...]:
    steps: list[Step] = []
    upper: int | None = None
    for over, rate, below in schedule.highest_first:
        points, tax = int(EXACT.multiply(rate, POINTS)), int(EXACT.multiply(below, POINTS)) * 10**scale.places
        steps.insert(0, Step(scale.of(over), upper, points, tax))
        upper = scale.of(over)
    return tuple(steps)


def canonical(line: Form) -> Form:
    """The same line in lowest terms, its first coefficient positive."""
    shared = gcd(*line)
    if line.short < 0 or (not line.short and line.long < 0):
        shared = -shared
    return Form(line.short // shared, line.long // shared, line.constant // shared)


def crosses(line: Form, where: tuple[Form, ...]) -> bool:
    """Whether a stretch of the line, longer than a point, meets every condition."""
    along, across, at = line.long, -line.short, -line.constant
    size = line.short * line.short + line.long * line.long
    low: tuple[int, int] | None = None
    high: tuple[int, int] | None = None
    for short, long, constant in where:
        slope = short * along + long * across
        start = (short * line.short + long * line.long) * at + constant * size
        if not slope:
            if start < 0:
                return False
        elif slope > 0:
            if low is None or -start * low[1] > low[0] * slope:
                low = (-start, slope)
        elif high is None or start * high[1] < high[0] * -slope:
            high = (start, -slope)
        if low is not None and high is not None and low[0] * high[1] >= high[0] * low[1]:
            return False
    return True
