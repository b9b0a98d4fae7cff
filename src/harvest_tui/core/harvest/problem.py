"""The choice in whole numbers: lots, tax, target and chains in units of one scale."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import compress
from operator import and_, attrgetter, gt
from typing import NamedTuple

from harvest_tui.core.harvest.chains import Chain, Link
from harvest_tui.core.harvest.cost_curve import WHOLE, CostCurve, PieceOrder
from harvest_tui.core.harvest.options import NOTHING, Exact, Option, Scale, fitting
from harvest_tui.core.harvest.regions import Cell, Line, Point, cells, kept_side, rectangle
from harvest_tui.core.harvest.surface import TaxSurface
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.money import EXACT, ZERO

_RATE_PLACES = 6
"""Tax rates have fewer decimals than this, so that a tax is whole in the scale of costs."""


class Problem:
    """Everything that a choice is made of, prepared once.

    Raises ValueError for a lot with results of both terms, a repeated lot id, or a limit on a lot of a chain.
    """

    def __init__(
        self, options: Sequence[Option], surface: TaxSurface, start: tuple[Decimal, Decimal], target: Target
    ) -> None:
        self.surface, self.start = surface, start
        self.options = list(options)
        if target.aim is not Aim.BEST:
            self.options = [option for option in options if target.admits(option)]
        told = _Columns.of(self.options)
        _check(told)
        self._edges = surface.edges()
        self.has_limits = told.has_limits
        others = [*start, target.amount, *(edge.at for edge in self._edges)]
        changes = [short or long for short, long in zip(told.shorts, told.longs, strict=True)]
        self.money = Scale(max(fitting(changes), fitting(others)))
        self.worth = Scale(max(fitting(told.costs), fitting(told.charges), self.money.places + _RATE_PLACES))
        self._is_short = [*map(bool, told.shorts)]
        self._changes = self.money.all_of(changes)
        self._prices = self.worth.all_of(told.costs)
        self._charges = self.worth.all_of(told.charges) if self.has_limits else []
        self.free: dict[int, Fraction] = {}
        self.free_cost: Exact = 0
        self.curves = self._curves(told.has_chains)
        self.chains = self._chains(told.chains if told.has_chains else [])
        self._taxes: dict[Point, Exact] = {}
        self._limits = self._target_limits(target)

    def rank(self, number: int) -> tuple[int, str]:
        """The order in which equally good lots are sold."""
        option = self.options[number]
        return option.rank, option.lot_id

    def figures(self, number: int) -> tuple[bool, int, int]:
        """Whether a lot is short-term, its result and its cost without charge."""
        return self._is_short[number], self._changes[number], self._prices[number]

    def charge(self, number: int) -> int:
        """The fixed charge of a lot's order."""
        return self._charges[number] if self._charges else 0

    def is_limited(self, number: int) -> bool:
        """Whether a lot has a charge or a least order."""
        return bool(self.charge(number) or self.options[number].least)

    def tax(self, change: Point) -> Exact:
        """The year's tax after a change of its results."""
        known = self._taxes.get(change)
        if known is None:
            short = EXACT.add(self.start[0], self.money.dollars(change.short))
            long = EXACT.add(self.start[1], self.money.dollars(change.long))
            known = self._taxes[change] = self.worth.of(self.surface.at(short, long))
        return known

    def nothing_is_allowed(self) -> bool:
        """Whether selling nothing is within the target."""
        low, high = self._limits
        return (low is None or low <= 0) and (high is None or high >= 0)

    def cells(self, shift: Point, short: CostCurve, long: CostCurve) -> list[Cell]:
        """What the curves can reach within the target, cut along the edges; the points are counted from `shift`."""
        reach = rectangle(Point(short.low, long.low), Point(short.high, long.high))
        net = shift.short + shift.long
        for limit, sign in zip(self._limits, (1, -1), strict=True):
            if limit is not None and reach:
                reach = kept_side(reach, Line(1, 1, limit - net), sign)
        scale, (short_start, long_start) = self.money, map(self.money.of, self.start)
        lines = {
            Line(
                edge.short,
                edge.long,
                scale.of(edge.at) - edge.short * (short_start + shift.short) - edge.long * (long_start + shift.long),
            )
            for edge in self._edges
        }
        return cells(reach, sorted(lines))

    def _curves(self, has_chains: bool) -> dict[bool, CostCurve]:
        """The freely sold lots of each term by cost per dollar; those without result are decided by their cost."""
        prices: Sequence[int] = self._prices
        if self._charges:
            prices = [price + charge for price, charge in zip(prices, self._charges, strict=True)]
        free = [bool(change) for change in self._changes]
        if has_chains:
            free = [
                bool(change) and not option.chain for change, option in zip(self._changes, self.options, strict=True)
            ]
        if self._changes.count(0):
            for number, change in enumerate(self._changes):
                if not change and prices[number] < 0 and not self.options[number].chain:
                    self.free[number] = WHOLE
                    self.free_cost += prices[number]
        terms = {
            True: [*map(and_, free, self._is_short)],
            False: [*map(gt, free, self._is_short)],
        }
        numbers = range(len(self.options))
        owners = {is_short: [*compress(numbers, column)] for is_short, column in terms.items()}
        return {
            is_short: CostCurve(
                PieceOrder(
                    [*map(self._changes.__getitem__, numbers)], [*map(prices.__getitem__, numbers)], numbers, self.rank
                )
            )
            for is_short, numbers in owners.items()
        }

    def _chains(self, chains: Sequence[str]) -> list[Chain]:
        members: dict[str, list[int]] = {}
        for number, chain in enumerate(chains):
            if chain:
                members.setdefault(chain, []).append(number)
        made = []
        for name in sorted(members):
            numbers = sorted(members[name], key=lambda number: (self.options[number].place, self.rank(number)))
            made.append(Chain(name, [Link(number, *self.figures(number)) for number in numbers]))
        return made

    def _target_limits(self, target: Target) -> tuple[Exact | None, Exact | None]:
        deepest: Exact = 0
        if target.aim is Aim.LOSS:
            deepest = sum(chain.deepest for chain in self.chains)
            deepest += sum(curve.low for curve in self.curves.values())
        limits = target.limits(EXACT.add(*self.start), self.money.dollars(deepest))
        low, high = (None if limit is None else self.money.of(limit) for limit in limits)
        return low, high


class _Columns(NamedTuple):
    """What is read of every option, column by column, since a hundred thousand are read much faster so."""

    lot_ids: list[str]
    shorts: list[Decimal]
    longs: list[Decimal]
    costs: list[Decimal]
    leasts: list[Fraction]
    charges: list[Decimal]
    chains: list[str]

    @classmethod
    def of(cls, options: Sequence[Option]) -> _Columns:
        """The columns of these options."""
        names = ("lot_id", "short_gain", "long_gain", "cost", "least", "charge", "chain")
        return cls(*([*map(attrgetter(name), options)] for name in names))

    @property
    def has_limits(self) -> bool:
        """Whether any option has a charge or a least order."""
        return self.charges.count(ZERO) < len(self.charges) or self.leasts.count(NOTHING) < len(self.leasts)

    @property
    def has_chains(self) -> bool:
        """Whether any option is part of a chain."""
        return self.chains.count("") < len(self.chains)


def _check(told: _Columns) -> None:
    if len(set(told.lot_ids)) < len(told.lot_ids):
        raise ValueError("a lot is offered twice")
    for lot_id, short, long in zip(told.lot_ids, told.shorts, told.longs, strict=True):
        if short and long:
            raise ValueError(f"a lot has one term, not both: {lot_id}")
    if told.has_chains:
        for lot_id, chain, least, charge in zip(told.lot_ids, told.chains, told.leasts, told.charges, strict=True):
            if chain and (charge or least):
                raise ValueError(f"a lot of a chain has no limits of its own: {lot_id}")
