"""The least cost of every total of one term: a convex curve made of lots sorted by cost per dollar."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from itertools import accumulate, compress
from operator import truediv
from typing import Any, NamedTuple, cast

from harvest_tui.core.harvest.options import Exact, ratio


class Piece(NamedTuple):
    """Something divisible that may be sold: the whole changes the result by `change` and costs `price`."""

    change: Exact
    price: Exact
    owner: int
    """The number of the lot, or below zero that of a stretch of a chain."""


class Part(NamedTuple):
    """So much of a piece is sold."""

    owner: int
    fraction: Fraction


WHOLE = Fraction(1)
Rank = Callable[[int], Any]
"""What an owner is sorted by among equals, the first to be sold lowest."""


class PieceOrder:
    """Pieces by rising cost per dollar, exactly; among equals the losses first, and the one to sell first innermost.

    The sort goes by the quotient to machine precision. Dividing whole numbers rounds to the nearest, so a smaller
    quotient never comes out larger; where two come out equal, the exact ones decide.
    """

    __slots__ = ("changes", "keys", "owners", "prices")

    def __init__(
        self,
        changes: Sequence[Exact],
        prices: Sequence[Exact],
        owners: Sequence[int],
        rank: Rank,
        known: Sequence[Any] = (),
    ) -> None:
        """No change may be zero.

        `known` are the keys of the first pieces, where they were made before.
        """
        keys = [*known, *map(truediv, *_whole(prices[len(known) :], changes[len(known) :]))]
        places = sorted(range(len(keys)), key=keys.__getitem__)
        if len(set(keys)) < len(keys):
            places = _settle_ties(places, keys, changes, prices, lambda place: rank(owners[place]))
        self.changes = [*map(changes.__getitem__, places)]
        self.prices = [*map(prices.__getitem__, places)]
        self.owners = [*map(owners.__getitem__, places)]
        self.keys = [*map(keys.__getitem__, places)]

    def altered(self, without: Collection[int], extra: Sequence[Piece], rank: Rank) -> PieceOrder:
        """The same order less the pieces of some owners and with pieces added."""
        keep = [owner not in without for owner in self.owners]
        changes = [*compress(self.changes, keep), *(piece.change for piece in extra)]
        prices = [*compress(self.prices, keep), *(piece.price for piece in extra)]
        owners = [*compress(self.owners, keep), *(piece.owner for piece in extra)]
        return PieceOrder(changes, prices, owners, rank, known=[*compress(self.keys, keep)])

    def cost_per_dollar(self, place: int) -> Fraction:
        """What a dollar of the piece's result costs; below zero for a loss that costs something."""
        return Fraction(self.prices[place]) / self.changes[place]


def _whole(over: Sequence[Exact], under: Sequence[Exact]) -> tuple[Sequence[int], Sequence[int]]:
    """Whole numbers with the same quotients, place by place."""
    if Fraction not in {*map(type, over), *map(type, under)}:
        return cast(Sequence[int], over), cast(Sequence[int], under)
    pairs = [Fraction(top) / bottom for top, bottom in zip(over, under, strict=True)]
    return [pair.numerator for pair in pairs], [pair.denominator for pair in pairs]


def _settle_ties(
    places: list[int],
    keys: Sequence[Any],
    changes: Sequence[Exact],
    prices: Sequence[Exact],
    rank: Rank,
) -> list[int]:
    """The places with each run of equal keys by exact quotient, then losses (last to be sold first), then gains."""
    settled: list[int] = []
    start, count = 0, len(places)
    while start < count:
        end = start + 1
        while end < count and keys[places[end]] == keys[places[start]]:
            end += 1
        run = places[start:end]
        if len(run) > 1:
            losses = sorted((place for place in run if changes[place] < 0), key=rank, reverse=True)
            run = losses + sorted((place for place in run if changes[place] > 0), key=rank)
            run.sort(key=lambda place: Fraction(prices[place]) / changes[place])
        settled += run
        start = end
    return settled


def _below(signed: Sequence[Exact], turned: Sequence[Exact]) -> Exact:
    """The sum of those that the second list holds with the other sign."""
    return ratio(sum(signed) - sum(turned), 2)


class CostCurve:
    """The least cost at which pieces of one term add up to a total between `low` and `high`.

    At `low` every loss is sold and no gain. Going up, each piece in turn gives back a loss or adds a gain, the ones
    that save most or cost least first, so the curve is convex and its corners are `totals` and `costs`.
    """

    __slots__ = ("_flats", "_is_whole", "costs", "order", "totals")

    def __init__(self, order: PieceOrder, total: Exact = 0, cost: Exact = 0) -> None:
        """`total` and `cost` are of what is sold besides, whatever is chosen among the pieces."""
        widths = [change if change > 0 else -change for change in order.changes]
        steps = [price if change > 0 else -price for change, price in zip(order.changes, order.prices, strict=True)]
        self.order = order
        self.totals: list[Exact] = list(accumulate(widths, initial=total + _below(order.changes, widths)))
        self.costs: list[Exact] = list(accumulate(steps, initial=cost + _below(order.prices, steps)))
        # One fraction makes fractions of all sums after it.
        self._is_whole = isinstance(self.totals[-1], int)
        self._flats: dict[Exact, tuple[Exact, Exact]] = {}

    @property
    def low(self) -> Exact:
        """The least total: every loss, no gain."""
        return self.totals[0]

    @property
    def high(self) -> Exact:
        """The greatest total: every gain, no loss."""
        return self.totals[-1]

    def cost_at(self, total: Exact) -> Exact:
        """The least cost of a total within the curve."""
        place = bisect_right(self.totals, total) - 1
        beyond = total - self.totals[place]
        if not beyond:
            return self.costs[place]
        change, price = self.order.changes[place], self.order.prices[place]
        return ratio(self.costs[place] * change + beyond * price, change)

    def cost_floor(self, total: Exact) -> int:
        """The same cut down to whole units."""
        place = bisect_right(self.totals, total) - 1
        beyond = total - self.totals[place]
        if not beyond:
            return self.costs[place] // 1
        change, price = self.order.changes[place], self.order.prices[place]
        return (self.costs[place] * change + beyond * price) // change

    def slope_after(self, total: Exact) -> Fraction:
        """What the next dollar upward costs; `total` is below `high`."""
        return self.order.cost_per_dollar(self.place_after(total, 1))

    def slope_before(self, total: Exact) -> Fraction:
        """What the last dollar upward cost; `total` is above `low`."""
        return self.order.cost_per_dollar(self.place_before(total, 1))

    def place_after(self, over: Exact, under: Exact) -> int:
        """The place of the piece that goes on upward from the total `over / under`; it is below `high`."""
        # Whole numbers are not above a quotient exactly where they are not above its floor.
        return bisect_right(self.totals, over // under if self._is_whole else ratio(over, under)) - 1

    def place_before(self, over: Exact, under: Exact) -> int:
        """The place of the piece that leads up to the total `over / under`; it is above `low`."""
        return bisect_left(self.totals, -(-over // under) if self._is_whole else ratio(over, under)) - 1

    def flat(self, slope: Exact) -> tuple[Exact, Exact]:
        """The first and the last total at which `cost - slope * total` is least."""
        known = self._flats.get(slope)
        if known is None:
            over, under = slope.numerator, slope.denominator
            keys, changes, prices = self.order.keys, self.order.changes, self.order.prices

            def margin(place: int) -> int:
                dearer = prices[place] * under - over * changes[place]
                return (dearer > 0) - (dearer < 0) if changes[place] > 0 else (dearer < 0) - (dearer > 0)

            # Quotients are rounded to the nearest in both, so that only where they agree the exact ones may differ.
            near = over / under
            low, high = bisect_left(keys, near), bisect_right(keys, near)
            places = range(high)
            first = bisect_left(places, 0, lo=low, key=margin)
            last = bisect_right(places, 0, lo=first, key=margin)
            known = self._flats[slope] = (self.totals[first], self.totals[last])
        return known

    def sold_at(self, total: Exact) -> tuple[list[int], Part | None]:
        """The owners of what is sold whole where the least cost of `total` is paid, and what is sold in part."""
        place = bisect_right(self.totals, total) - 1
        changes, owners = self.order.changes, self.order.owners
        beyond = total - self.totals[place]
        moved = ratio(beyond, self.totals[place + 1] - self.totals[place]) if beyond else 0
        rest = place + 1 if moved else place
        whole = [owner for owner, change in zip(owners[:place], changes[:place], strict=True) if change > 0]
        whole += [owner for owner, change in zip(owners[rest:], changes[rest:], strict=True) if change < 0]
        if not moved:
            return whole, None
        return whole, Part(owners[place], Fraction(moved if changes[place] > 0 else 1 - moved))
