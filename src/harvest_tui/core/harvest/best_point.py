"""The totals of short and long that leave the least tax and cost together, over all regions of the tax.

Within a region the tax is linear and the least cost convex, so the best point of a region is where each term's next
dollar stops paying, if that lies in the region; else it is on the region's border, where one term decides the other
and a search along each side finds it. No region is looked at whose bound is above what is already found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import NamedTuple

from harvest_tui.core.harvest.cost_curve import CostCurve
from harvest_tui.core.harvest.options import Exact, ratio
from harvest_tui.core.harvest.regions import Cell, Plot, Point, bounds, is_inside

Tax = Callable[[Point], Exact]


class Spot(NamedTuple):
    """A point with the tax and the cost it leaves; the best spot is the least by `merit`."""

    point: Point
    tax: Exact
    cost: Exact

    @property
    def burden(self) -> Exact:
        """Tax and cost together."""
        return self.tax + self.cost

    @property
    def merit(self) -> tuple[Exact, Exact, Exact, Exact]:
        """The smaller, the better: burden, then cost, then less loss, then less short-term loss."""
        return self.burden, self.cost, -self.point.short - self.point.long, -self.point.short


class _Region:
    """A cell with the tax on it, and a floor in whole units: no point of it has a smaller burden.

    It is that of the box around the cell, each part of the sum cut downward, for leaving regions out at little cost.
    """

    __slots__ = ("_curves", "floor", "plot")

    def __init__(self, plot: Plot, short: CostCurve, long: CostCurve) -> None:
        self.plot, self._curves = plot, (short, long)
        self.floor = self.floor_between(plot.low, plot.high)

    def floor_between(self, low: Point, high: Point) -> int:
        """The same for another box, whose points are taxed as if they lay in the cell."""
        slope, origin, (short, long) = self.plot.slope, self.plot.cell[0], self._curves
        at_short = min(max(short.flat(-slope.short)[0], low.short), high.short)
        at_long = min(max(long.flat(-slope.long)[0], low.long), high.long)
        tax = self.plot.base // 1
        tax += slope.short.numerator * (at_short - origin.short) // slope.short.denominator
        tax += slope.long.numerator * (at_long - origin.long) // slope.long.denominator
        return tax + short.cost_floor(at_short) + long.cost_floor(at_long)

    def points(self) -> list[Point]:
        """The points of least burden in the box around the cell, if the tax were linear in all of it."""
        slope, low, high, (short, long) = self.plot.slope, self.plot.low, self.plot.high, self._curves
        shorts = {min(max(total, low.short), high.short) for total in short.flat(-slope.short)}
        longs = {min(max(total, low.long), high.long) for total in long.flat(-slope.long)}
        return [Point(*totals) for totals in product(shorts, longs)]

    def spot(self, point: Point) -> Spot:
        """A point of the cell with its tax and its cost."""
        slope, origin, (short, long) = self.plot.slope, self.plot.cell[0], self._curves
        rise = slope.short * (point.short - origin.short) + slope.long * (point.long - origin.long)
        cost = short.cost_at(point.short) + long.cost_at(point.long)
        return Spot(point, ratio(self.plot.base + rise, 1), ratio(cost, 1))


class _Best:
    """The spot of least merit so far."""

    __slots__ = ("_ceiling", "spot")

    def __init__(self) -> None:
        self.spot: Spot | None = None
        self._ceiling = 0

    def take(self, spots: Iterable[Spot]) -> None:
        """Keeps the best of these and of what was there."""
        for spot in spots:
            if self.spot is None or spot.merit < self.spot.merit:
                self.spot = spot
                self._ceiling = -(-spot.burden // 1)

    def is_beyond(self, floor: int) -> bool:
        """Whether nothing above that floor could be as good."""
        return self.spot is not None and floor > self._ceiling


def best_spot(plots: Sequence[Plot], tax: Tax, short: CostCurve, long: CostCurve) -> Spot:
    """The spot of least burden in the plots, which hold at least one point."""
    regions = sorted((_Region(one, short, long) for one in plots), key=lambda region: region.floor)
    best = _Best()
    seen: set[tuple[Point, Point]] = set()
    for region in regions:
        if best.is_beyond(region.floor):
            break
        points = region.points()
        inside = [point for point in points if is_inside(point, region.plot.cell)]
        best.take(map(region.spot, inside))
        if len(inside) == len(points):
            # All of the best of the box lie in the cell: its sides hold nothing better.
            continue
        for start, end in _sides(region.plot.cell):
            if not best.is_beyond(region.floor_between(*bounds([start, end]))) and (start, end) not in seen:
                seen.add((start, end))
                found = _best_on_side(start, end, tax(end) - tax(start), short, long)
                near = (point for point in found if not best.is_beyond(region.floor_between(point, point)))
                best.take(map(region.spot, near))
    if best.spot is None:
        raise ValueError("there is no region to choose in")
    return best.spot


def _sides(cell: Cell) -> Iterable[tuple[Point, Point]]:
    """Both ends of every side, the one with the lower short total (or long) first."""
    for number, end in enumerate(cell):
        start = cell[number - 1]
        yield (start, end) if start < end else (end, start)


def _best_on_side(start: Point, end: Point, rise: Exact, short: CostCurve, long: CostCurve) -> Iterable[Point]:
    """Both ends of the stretch with the least burden on a side with the lower short total (or long) at its start."""
    side = _Side(start, end.short - start.short, end.long - start.long, rise)
    if not side.across:
        totals = long.flat(-ratio(rise, side.up)) if side.up else (start.long, start.long)
        return [Point(start.short, min(max(total, start.long), end.long)) for total in totals]
    if not side.up:
        totals = short.flat(-ratio(rise, side.across))
        return [Point(min(max(total, start.short), end.short), start.long) for total in totals]
    return [_end_of_stretch(side, short, long, is_last=is_last) for is_last in (False, True)]


class _Side(NamedTuple):
    """From `start` so far across in short and so far up in long, along which the tax rises by `rise`."""

    start: Point
    across: Exact
    up: Exact
    rise: Exact


def _end_of_stretch(side: _Side, short: CostCurve, long: CostCurve, *, is_last: bool) -> Point:
    """The first or the last point with the least burden on a slanting side, whose `across` is above zero.

    The search finds the corner of the short curve from which the burden rises; before it the short cost is straight, so
    the long curve decides.
    """
    start, across, up, rise = side
    prices, changes = long.order.prices, long.order.changes

    def is_past(place: int) -> bool:
        reached = start.long * across + (short.totals[place] - start.short) * up
        other = long.place_after(reached, across) if up > 0 else long.place_before(reached, across)
        width, other_width = short.order.changes[place], changes[other]
        # The burden's rise times the widths of both pieces, since fractions are slow.
        rising = rise * width * other_width
        rising += across * short.order.prices[place] * other_width + up * prices[other] * width
        if (width < 0) != (other_width < 0):
            rising = -rising
        return rising > 0 if is_last else rising >= 0

    end = start.short + across
    lowest, highest = bisect_right(short.totals, start.short), bisect_left(short.totals, end)
    place = bisect_left(range(lowest, max(lowest, highest)), True, key=is_past) + lowest
    left = max(start.short, short.totals[place - 1])
    right = min(end, short.totals[place])
    straight = ratio(rise, across) + short.slope_after(left)
    flat = long.flat(-ratio(straight * across, up))
    turning = flat[1] if (up > 0) == is_last else flat[0]
    total = min(max(start.short + ratio((turning - start.long) * across, up), left), right)
    return Point(ratio(total, 1), ratio(start.long * across + (total - start.short) * up, across))
