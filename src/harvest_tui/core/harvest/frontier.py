"""The lots near the edge between sold and left: only they have to be weighed one by one.

Lots are sold by rising cost per dollar, so those far on one side of the edge are sold whole and those far on the other
are left. Each side is read as one piece that is nowhere dearer than the lots in it. A best choice that leaves these
pieces alone is then a best of all: whatever else could be chosen looks at least as good here as it is. One that
touches a piece proves nothing, and the choice is made again with that side opened.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from itertools import repeat
from typing import NamedTuple

from harvest_tui.core.harvest.cost_curve import CostCurve, PieceOrder, Rank
from harvest_tui.core.harvest.offered import Group, Sides, total
from harvest_tui.core.harvest.options import Exact, Scale
from harvest_tui.core.money import EXACT, ZERO

_MICRO = 6
"""Edges of bands go to so many decimals, fewer than costs have beyond results: what they multiply stays whole."""
_STEEPEST = 900
"""Beyond so many dollars a dollar a band is open: its edge would have too many digits."""
_ROUGH = Context(prec=12, traps=[InvalidOperation, DivisionByZero, Overflow])
_SAMPLES, _AROUND = 160, 14
"""Lots in a sample of one group, each for as much of the result, and those on either side that stay in the band."""
_SHARES = [_ROUGH.divide(Decimal(2 * number + 1), Decimal(2 * _SAMPLES)) for number in range(_SAMPLES)]


class Band(NamedTuple):
    """Slopes from `low` to below `high`: what lots cost for a dollar of result."""

    low: Decimal = Decimal("-Infinity")
    high: Decimal = Decimal("Infinity")


EVERY = Band()


class Scales(NamedTuple):
    """Results are whole in `money`, costs in `worth`, which is finer by the decimals of a rate."""

    money: Scale
    worth: Scale


class Near(NamedTuple):
    """One term as seen from a band: its curve, and the lots outside that are sold whole throughout it."""

    curve: CostCurve
    sold: list[int]


class _Columns(NamedTuple):
    numbers: Sequence[int]
    changes: Sequence[Decimal]
    costs: Sequence[Decimal]


class _Parted(NamedTuple):
    """A group cut by a band: the lots in it, those sold whole all along it, and the results of these and of the rest
    that is left all along it, without sign."""

    near: _Columns
    sold: _Columns
    sold_result: Decimal
    left_result: Decimal


_NOBODY = _Columns((), (), ())


def seen_from(band: Band, sides: Sides, scales: Scales, ends: tuple[int, int], rank: Rank) -> Near:
    """The term's curve with the lots of the band, and one piece at either end for the others, owned by `ends`."""
    losses, gains = _parted(sides.losses, band, is_loss=True), _parted(sides.gains, band, is_loss=False)
    changes: list[int] = []
    prices: list[int] = []
    owners: list[int] = []
    for parted in (losses, gains):
        changes += scales.money.all_of(parted.near.changes)
        prices += scales.worth.all_of(parted.near.costs)
        owners += parted.near.numbers
    below = EXACT.add(losses.left_result, gains.sold_result)
    above = EXACT.add(losses.sold_result, gains.left_result)
    for width, slope, owner in zip((EXACT.minus(below), above), band, ends, strict=True):
        if width:
            changes += scales.money.all_of([width])
            prices += scales.worth.all_of([EXACT.multiply(width, slope)])
            owners.append(owner)
    change = EXACT.subtract(gains.sold_result, losses.sold_result)
    cost = EXACT.add(total(losses.sold.costs), total(gains.sold.costs))
    curve = CostCurve(PieceOrder(changes, prices, owners, rank), scales.money.of(change), scales.worth.of(cost))
    return Near(curve, [*losses.sold.numbers, *gains.sold.numbers])


def _parted(group: Group, band: Band, *, is_loss: bool) -> _Parted:
    if band == EVERY or not group.numbers:
        return _Parted(_Columns(group.numbers, group.changes, group.costs), _NOBODY, ZERO, ZERO)
    low, high = band
    slopes = group.slopes
    # Most often nearly all lots are left, so the first pass takes those that are not.
    if is_loss:
        rest = [place for place, slope in enumerate(slopes) if slope >= low]
        near = _picked(group, [place for place in rest if slopes[place] < high])
        sold = _picked(group, [place for place in rest if slopes[place] >= high])
    else:
        rest = [place for place, slope in enumerate(slopes) if slope < high]
        near = _picked(group, [place for place in rest if slopes[place] >= low])
        sold = _picked(group, [place for place in rest if slopes[place] < low])
    result, sold_result = total(near.changes).copy_abs(), total(sold.changes).copy_abs()
    return _Parted(near, sold, sold_result, EXACT.subtract(group.total, EXACT.add(result, sold_result)))


def _picked(group: Group, places: list[int]) -> _Columns:
    return _Columns(
        [*map(group.numbers.__getitem__, places)],
        [*map(group.changes.__getitem__, places)],
        [*map(group.costs.__getitem__, places)],
    )


def sample(sides: Sides, scales: Scales) -> CostCurve:
    """About the curve of a term, of the same length: each lot drawn stands for as much of its group's result."""
    changes: list[int] = []
    prices: list[int] = []
    for group, sign in ((sides.losses, -1), (sides.gains, 1)):
        if not group.numbers:
            continue
        (units,) = scales.money.all_of([group.total])
        shares = _SHARES if units >= _SAMPLES else _SHARES[:1]
        width, rest = divmod(units, len(shares))
        drawn = [bisect_left(group.totals, _ROUGH.multiply(group.total, share)) - 1 for share in shares]
        price = EXACT.scaleb(scales.money.dollars(sign * width), scales.worth.places)
        changes += [sign * (width + rest), *repeat(sign * width, len(shares) - 1)]
        prices += map(int, map(EXACT.multiply, repeat(price), map(group.slopes.__getitem__, drawn)))
    return CostCurve(PieceOrder(changes, prices, range(len(changes)), rank=int))


def band_around(curve: CostCurve, reached: Exact, scales: Scales) -> Band:
    """The slopes of a sampled curve a little to both sides of a total."""
    place = bisect_left(curve.totals, reached)
    low, high = place - 1 - _AROUND, place + _AROUND
    return Band(
        EVERY.low if low < 0 else _edge(curve.order, low, scales, -1),
        EVERY.high if high >= len(curve.order.keys) else _edge(curve.order, high, scales, 2),
    )


def _edge(order: PieceOrder, place: int, scales: Scales, aside: int) -> Decimal:
    """The slope of a piece to six decimals, so many steps aside."""
    unit = 10 ** (scales.worth.places - scales.money.places)
    steps = order.prices[place] * 10**_MICRO // (order.changes[place] * unit)
    if abs(steps) > _STEEPEST * 10**_MICRO:
        return EVERY.low if aside < 0 else EVERY.high
    return EXACT.scaleb(Decimal(steps + aside), -_MICRO)
