"""The totals of short and long that leave the least tax and cost together, over all regions of the tax.

Within a region the tax is linear and the least cost convex, so the best point of a region is where each term's next
dollar stops paying, if that lies in the region; else it is on the region's border, where one term decides the other
and a search along each side finds it. No region is looked at whose bound is above what is already found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from harvest_tui.core.harvest.cost_curve import CostCurve
from harvest_tui.core.harvest.options import Exact, ratio
from harvest_tui.core.harvest.regions import Cell, Point, bounds, is_inside, slope_within

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


class _Region(NamedTuple):
    bound: Exact
    """No point of the region has a smaller burden."""
    cell: Cell
    inside: list[Spot]
    """The best spots of the bounds around the cell that lie in it."""
    is_settled: bool
    """One best spot of the bounds, and it is in the cell: the sides hold nothing better."""


def best_spot(cells: Sequence[Cell], tax: Tax, short: CostCurve, long: CostCurve) -> Spot:
    """The spot of least burden in the cells, which hold at least one point."""
    regions = sorted((_region(cell, tax, short, long) for cell in cells), key=lambda region: region.bound)
    best: Spot | None = None
    seen: set[tuple[Point, Point]] = set()
    for region in regions:
        if best is not None and region.bound > best.burden:
            break
        spots = list(region.inside)
        if not region.is_settled:
            spots += _spots_on_sides(region.cell, seen, tax, short, long)
        for spot in spots:
            if best is None or spot.merit < best.merit:
                best = spot
    if best is None:
        raise ValueError("there is no region to choose in")
    return best


def _region(cell: Cell, tax: Tax, short: CostCurve, long: CostCurve) -> _Region:
    slope, base, origin = slope_within(cell, tax), tax(cell[0]), cell[0]
    low, high = bounds(cell)
    shorts = {min(max(total, low.short), high.short) for total in short.flat(-slope.short)}
    longs = {min(max(total, low.long), high.long) for total in long.flat(-slope.long)}
    spots = []
    for point in (Point(*totals) for totals in product(shorts, longs)):
        rise = slope.short * (point.short - origin.short) + slope.long * (point.long - origin.long)
        cost = short.cost_at(point.short) + long.cost_at(point.long)
        spots.append(Spot(point, ratio(base + rise, 1), ratio(cost, 1)))
    inside = [spot for spot in spots if is_inside(spot.point, cell)]
    return _Region(spots[0].burden, cell, inside, is_settled=len(spots) == len(inside))


def _spots_on_sides(
    cell: Cell, seen: set[tuple[Point, Point]], tax: Tax, short: CostCurve, long: CostCurve
) -> Iterable[Spot]:
    for number, end in enumerate(cell):
        start, last = sorted((cell[number - 1], end))
        if (start, last) in seen:
            continue
        seen.add((start, last))
        rise = tax(last) - tax(start)
        along = last.short - start.short
        for point in _best_on_side(start, last, rise, short, long):
            passed = ratio(point.short - start.short, along) if along else point.long - start.long
            full = 1 if along else last.long - start.long
            level = tax(start) + (rise * Fraction(passed) / full if full else 0)
            yield Spot(point, ratio(level, 1), ratio(short.cost_at(point.short) + long.cost_at(point.long), 1))


def _best_on_side(start: Point, end: Point, rise: Exact, short: CostCurve, long: CostCurve) -> Iterable[Point]:
    """Both ends of the stretch with the least burden on a side with the lower short total (or long) at its start."""
    across, up = end.short - start.short, end.long - start.long
    if not across:
        totals = long.flat(-ratio(rise, up)) if up else (start.long, start.long)
        return [Point(start.short, min(max(total, start.long), end.long)) for total in totals]
    slope, steep = ratio(rise, across), ratio(up, across)
    if not steep:
        return [Point(min(max(total, start.short), end.short), start.long) for total in short.flat(-slope)]
    return [_end_of_stretch(start, end, (slope, steep), (short, long), is_last) for is_last in (False, True)]


def _end_of_stretch(
    start: Point, end: Point, slopes: tuple[Exact, Exact], curves: tuple[CostCurve, CostCurve], is_last: bool
) -> Point:
    """The first or the last point with the least burden on a slanting side.

    `slopes` are what the tax and the long total rise by for a unit of the short total. The search finds the corner
    of the short curve from which the burden rises; before it the short cost is straight, so the long curve decides.
    """
    (slope, steep), (short, long) = slopes, curves

    def is_past(place: int) -> bool:
        total = short.totals[place]
        other = start.long + (total - start.short) * steep
        long_slope = long.slope_after(other) if steep > 0 else long.slope_before(other)
        rising = slope + short.slope_after(total) + steep * long_slope
        return rising > 0 if is_last else rising >= 0

    lowest, highest = bisect_right(short.totals, start.short), bisect_left(short.totals, end.short)
    place = bisect_left(range(lowest, max(lowest, highest)), True, key=is_past) + lowest
    left = max(start.short, short.totals[place - 1])
    right = min(end.short, short.totals[place])
    straight = slope + short.slope_after(left)
    flat = long.flat(-ratio(straight, steep))
    turning = flat[1] if (steep > 0) == is_last else flat[0]
    total = min(max(start.short + ratio(turning - start.long, steep), left), right)
    return Point(ratio(total, 1), ratio(start.long + (total - start.short) * steep, 1))
