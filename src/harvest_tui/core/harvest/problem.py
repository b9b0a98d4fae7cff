"""The choice in whole numbers: lots, tax, target and chains in units of one scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from sys import maxsize

from harvest_tui.core.harvest.best_point import best_spot
from harvest_tui.core.harvest.chains import Chain, Link
from harvest_tui.core.harvest.cost_curve import WHOLE, CostCurve
from harvest_tui.core.harvest.frontier import EVERY, Band, Scales, band_around, sample, seen_from
from harvest_tui.core.harvest.offered import Offered
from harvest_tui.core.harvest.options import Exact, Option, Scale, fitting
from harvest_tui.core.harvest.regions import Line, Plot, Point, cells, kept_side, plot, rectangle
from harvest_tui.core.harvest.surface import TaxSurface
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.money import EXACT

_RATE_PLACES = 6
"""Tax rates have fewer decimals than this, so that a tax is whole in the scale of costs."""
_FEW = 1500
"""So many lots are all weighed one by one."""

Bands = Mapping[bool, Band]
"""The slopes of short-term lots (True) and of long-term ones that are weighed one by one."""


class Problem:
    """Everything that a choice is made of, prepared once; its curves are those of the last `look`.

    Raises ValueError for a lot with results of both terms, a repeated lot id, or a limit on a lot of a chain.
    """

    def __init__(
        self, options: Sequence[Option], surface: TaxSurface, start: tuple[Decimal, Decimal], target: Target
    ) -> None:
        self.surface, self.start = surface, start
        self.options = options
        if target.aim is not Aim.BEST:
            self.options = [option for option in options if target.admits(option)]
        self._offered = offered = Offered(self.options)
        self.has_limits = offered.has_limits
        self._edges = surface.edges()
        others = [*start, target.amount, *(edge.at for edge in self._edges)]
        self.money = Scale(max(offered.result_places, fitting(others)))
        self.worth = Scale(max(offered.cost_places, self.money.places + _RATE_PLACES))
        self._taxes: dict[tuple[int, int, int, int], Exact] = {}
        self._plots: tuple[tuple[Point, Point, Point], list[Plot]] | None = None
        self.chains = self._chains()
        self._limits = self._target_limits(target)
        self.curves: dict[bool, CostCurve] = {}
        self.free: dict[int, Fraction] = {}
        """What is sold in every case."""
        self.free_cost: Exact = 0

    def likely(self) -> Bands:
        """Bands that most likely hold every lot the choice hangs on, by a sample of the lots; without end for few."""
        offered, scales = self._offered, Scales(self.money, self.worth)
        if offered.count <= _FEW or offered.chained or offered.has_limits:
            return dict.fromkeys((True, False), EVERY)
        curves = {is_short: sample(sides, scales) for is_short, sides in offered.terms.items()}
        here = Point(0, 0)
        plots = self.plots(here, curves[True], curves[False])
        if not plots:
            return dict.fromkeys((True, False), EVERY)
        found = best_spot(plots, self.tax_from(here), curves[True], curves[False])
        reached = {True: found.point.short, False: found.point.long}
        return {is_short: band_around(curve, reached[is_short], scales) for is_short, curve in curves.items()}

    def look(self, bands: Bands) -> None:
        """Weighs the lots of the bands one by one and all others together."""
        offered, scales = self._offered, Scales(self.money, self.worth)
        self.free, self.free_cost = {}, 0
        for number in offered.without_result:
            price = self.figures(number)[2] + self.charge(number)
            if price < 0:
                self.free[number] = WHOLE
                self.free_cost += price
        for is_short, sides in offered.terms.items():
            near = seen_from(bands[is_short], sides, scales, self._ends(is_short), self.rank)
            self.curves[is_short] = near.curve
            self.free.update(dict.fromkeys(near.sold, WHOLE))

    def opened(self, bands: Bands, parts: Mapping[int, Fraction]) -> Bands | None:
        """Wider bands where something beyond these is sold, or left, only in part; None where the parts are real."""
        wider = {}
        for is_short, band in bands.items():
            low, high = (end in parts for end in self._ends(is_short))
            wider[is_short] = Band(EVERY.low if low else band.low, EVERY.high if high else band.high)
        return None if wider == bands else wider

    def rank(self, number: int) -> tuple[int, str]:
        """The order in which equally good lots are sold; what lies beyond a band comes last."""
        if number >= len(self.options):
            return maxsize, ""
        option = self.options[number]
        return option.rank, option.lot_id

    def figures(self, number: int) -> tuple[bool, Exact, Exact]:
        """Whether a lot is short-term, its result and its cost without charge."""
        option = self.options[number]
        change = option.short_gain or option.long_gain
        return bool(option.short_gain), self.money.of(change), self.worth.of(option.cost)

    def charge(self, number: int) -> Exact:
        """The fixed charge of a lot's order."""
        return self.worth.of(self.options[number].charge) if self.has_limits else 0

    def is_limited(self, number: int) -> bool:
        """Whether a lot has a charge or a least order."""
        option = self.options[number]
        return bool(option.charge or option.least)

    def tax(self, change: Point) -> Exact:
        """The year's tax after a change of its results."""
        short, long = change
        # A fraction takes long to hash, whole numbers do not.
        key = short.numerator, short.denominator, long.numerator, long.denominator
        known = self._taxes.get(key)
        if known is None:
            at = EXACT.add(self.start[0], self.money.dollars(short)), EXACT.add(self.start[1], self.money.dollars(long))
            known = self._taxes[key] = self.worth.of(self.surface.at(*at))
        return known

    def tax_from(self, shift: Point) -> Callable[[Point], Exact]:
        """The same, of changes counted from `shift`."""
        if not shift.short and not shift.long:
            return self.tax
        return lambda change: self.tax(Point(change.short + shift.short, change.long + shift.long))

    def nothing_is_allowed(self) -> bool:
        """Whether selling nothing is within the target."""
        low, high = self._limits
        return (low is None or low <= 0) and (high is None or high >= 0)

    def plots(self, shift: Point, short: CostCurve, long: CostCurve) -> list[Plot]:
        """What the curves can reach within the target, cut along the edges; the points are counted from `shift`."""
        low, high = Point(short.low, long.low), Point(short.high, long.high)
        if self._plots is None or self._plots[0] != (shift, low, high):
            tax = self.tax_from(shift)
            self._plots = (shift, low, high), [plot(cell, tax) for cell in self._cells(shift, low, high)]
        return self._plots[1]

    def _cells(self, shift: Point, low: Point, high: Point) -> list[list[Point]]:
        reach = rectangle(low, high)
        net = shift.short + shift.long
        for limit, sign in zip(self._limits, (1, -1), strict=True):
            if limit is not None and reach:
                reach = kept_side(reach, Line(1, 1, limit - net), sign)
        scale, (short_start, long_start) = self.money, map(self.money.of, self.start)
        lines = (
            Line(
                edge.short,
                edge.long,
                scale.of(edge.at) - edge.short * (short_start + shift.short) - edge.long * (long_start + shift.long),
            )
            for edge in self._edges
        )
        return cells(reach, lines)

    def _ends(self, is_short: bool) -> tuple[int, int]:
        """What stands for the number of a lot where all beyond a band are meant, below and above it."""
        first = len(self.options) + (0 if is_short else 2)
        return first, first + 1

    def _chains(self) -> list[Chain]:
        members: dict[str, list[int]] = {}
        for number in self._offered.chained:
            members.setdefault(self.options[number].chain, []).append(number)
        made = []
        for name in sorted(members):
            numbers = sorted(members[name], key=lambda number: (self.options[number].place, self.rank(number)))
            lots = [self.options[number] for number in numbers]
            changes = self.money.all_of([lot.short_gain or lot.long_gain for lot in lots])
            columns = (numbers, [bool(lot.short_gain) for lot in lots], changes)
            prices = self.worth.all_of([lot.cost for lot in lots])
            made.append(Chain(name, [*map(Link, *columns, prices)]))
        return made

    def _target_limits(self, target: Target) -> tuple[Exact | None, Exact | None]:
        deepest: Exact = 0
        if target.aim is Aim.LOSS:
            deepest = sum(chain.deepest for chain in self.chains)
            deepest += sum(-self.money.of(sides.losses.total) for sides in self._offered.terms.values())
        limits = target.limits(EXACT.add(*self.start), self.money.dollars(deepest))
        low, high = (None if limit is None else self.money.of(limit) for limit in limits)
        return low, high
