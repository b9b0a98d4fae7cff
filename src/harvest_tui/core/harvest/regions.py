"""The cells in which the tax is linear, cut out of what the lots can reach."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from harvest_tui.core.harvest.options import Exact, ratio


class Point(NamedTuple):
    """A change of the year's short- and long-term result, in units of a scale."""

    short: Exact
    long: Exact


class Line(NamedTuple):
    """The points with `short * s + long * l == at`."""

    short: int
    long: int
    at: Exact

    def side(self, point: Point) -> Exact:
        """Above zero on one side, below on the other, zero on the line."""
        return self.short * point.short + self.long * point.long - self.at


Cell = list[Point]
"""A convex polygon, its corners in order; a segment or a single point where there is no room for more."""


def rectangle(low: Point, high: Point) -> Cell:
    """Everything between two corners."""
    corners = [low, Point(high.short, low.long), high, Point(low.short, high.long)]
    return _without_repeats(corners)


def kept_side(cell: Cell, line: Line, sign: int) -> Cell:
    """The part of a cell where `sign * line.side(...)` is not below zero; empty where there is none."""
    sides = [sign * line.side(corner) for corner in cell]
    kept: Cell = []
    for number, corner in enumerate(cell):
        here, before = sides[number], sides[number - 1]
        if (here > 0 > before) or (here < 0 < before):
            kept.append(_between(cell[number - 1], before, corner, here))
        if here >= 0:
            kept.append(corner)
    return _without_repeats(kept)


def cells(whole: Cell, lines: Iterable[Line]) -> list[Cell]:
    """The pieces that the lines cut a cell into.

    Parallel lines are taken together, so that a piece is measured once a direction and not once a line.
    """
    parallel: dict[tuple[int, int], set[Exact]] = {}
    for short, long, at in lines:
        parallel.setdefault((short, long), set()).add(at)
    pieces = [whole] if whole else []
    for (short, long), places in sorted(parallel.items()):
        stops = sorted(places)
        cut: list[Cell] = []
        for piece in pieces:
            heights = [short * corner.short + long * corner.long for corner in piece]
            for at in stops[bisect_right(stops, min(heights)) : bisect_left(stops, max(heights))]:
                line = Line(short, long, at)
                cut.append(kept_side(piece, line, -1))
                piece = kept_side(piece, line, 1)
            cut.append(piece)
        pieces = cut
    return pieces


class Slope(NamedTuple):
    """What one unit more of short- and of long-term result adds to the tax within a cell."""

    short: Exact
    long: Exact


def slope_within(cell: Cell, tax: Callable[[Point], Exact]) -> Slope:
    """The gradient of a tax that is linear in the cell; in a cell without area, one that agrees with it there."""
    origin = cell[0]
    base = tax(origin)
    first = cell[1] if len(cell) > 1 else origin
    x1, y1, rise1 = first.short - origin.short, first.long - origin.long, tax(first) - base
    for corner in cell[2:]:
        x2, y2 = corner.short - origin.short, corner.long - origin.long
        area = x1 * y2 - x2 * y1
        if area:
            rise2 = tax(corner) - base
            return Slope(ratio(rise1 * y2 - rise2 * y1, area), ratio(x1 * rise2 - x2 * rise1, area))
    if x1:
        return Slope(ratio(rise1, x1), 0)
    return Slope(0, ratio(rise1, y1) if y1 else 0)


class Plot(NamedTuple):
    """A cell with the tax on it: `base` at its first corner, rising by `slope`; `low` and `high` hold all of it."""

    cell: Cell
    slope: Slope
    base: Exact
    low: Point
    high: Point


def plot(cell: Cell, tax: Callable[[Point], Exact]) -> Plot:
    """The cell under a tax that is linear in it."""
    return Plot(cell, slope_within(cell, tax), tax(cell[0]), *bounds(cell))


def is_inside(point: Point, cell: Cell) -> bool:
    """Whether a point within the cell's bounds lies in the cell, its border included."""
    turns = [
        (end.short - start.short) * (point.long - start.long) - (end.long - start.long) * (point.short - start.short)
        for start, end in zip(cell, cell[1:] + cell[:1], strict=True)
    ]
    return min(turns) >= 0 or max(turns) <= 0


def bounds(cell: Cell) -> tuple[Point, Point]:
    """The lowest and the highest short and long of a cell."""
    shorts = [corner.short for corner in cell]
    longs = [corner.long for corner in cell]
    return Point(min(shorts), min(longs)), Point(max(shorts), max(longs))


def _between(start: Point, before: Exact, end: Point, after: Exact) -> Point:
    """Where a side whose ends are `before` and `after` off a line meets it."""
    span = before - after
    return Point(
        ratio(end.short * before - start.short * after, span), ratio(end.long * before - start.long * after, span)
    )


def _without_repeats(corners: Sequence[Point]) -> Cell:
    kept: Cell = []
    for corner in corners:
        if not kept or corner != kept[-1]:
            kept.append(corner)
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return kept
