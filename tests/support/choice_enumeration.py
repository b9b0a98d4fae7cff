"""The best choice by looking at every corner there is: slow, exact, and without any of the ideas under test."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from math import ceil, floor, lcm

from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.surface import Edge, TaxSurface
from harvest_tui.core.money import EXACT, ROUNDED

Lot = tuple[Fraction, Fraction]
Limits = tuple[Fraction | None, Fraction | None]


class Folded:
    """A bill folded along lines, `sum(weight * max(0, p*s + q*l - at))`, and a slope: neither convex nor concave."""

    def __init__(self, folds: Sequence[tuple[Decimal, Edge]], slope: tuple[Decimal, Decimal]) -> None:
        self.folds, self.slope = folds, slope

    def at(self, short: Decimal, long: Decimal) -> Decimal:
        """The bill, exact."""
        total = EXACT.add(EXACT.multiply(self.slope[0], short), EXACT.multiply(self.slope[1], long))
        for weight, edge in self.folds:
            sides = EXACT.multiply(Decimal(edge.short), short), EXACT.multiply(Decimal(edge.long), long)
            over = EXACT.subtract(EXACT.add(*sides), edge.at)
            if over > 0:
                total = EXACT.add(total, EXACT.multiply(weight, over))
        return total

    def edges(self) -> list[Edge]:
        """Every fold."""
        return [edge for _, edge in self.folds]


class SmallYear:
    """A year in miniature: netting, the $3,000 limit, 12/24/35 %, 0/15/20 % on long-term gains, 5 % of carryover."""

    ORDINARY = (Decimal(0), Decimal(48_000), Decimal(103_000))
    RATES = (Decimal("0.12"), Decimal("0.24"), Decimal("0.35"))
    PREFERRED = (Decimal(0), Decimal(47_000), Decimal(112_000))
    PREFERRED_RATES = (Decimal(0), Decimal("0.15"), Decimal("0.20"))

    def __init__(self, wages: Decimal) -> None:
        self.wages = wages

    def at(self, short: Decimal, long: Decimal) -> Decimal:
        """The bill less five cents for each dollar of loss that is carried on."""
        net = EXACT.add(short, long)
        preferred = min(max(long, Decimal(0)), max(net, Decimal(0)))
        ordinary = EXACT.subtract(EXACT.add(self.wages, max(net, Decimal(-3_000))), preferred)
        carried = max(EXACT.minus(EXACT.add(net, 3_000)), Decimal(0))
        bill = _stepped(ordinary, self.ORDINARY, self.RATES)
        whole = EXACT.add(ordinary, preferred)
        bill = EXACT.add(bill, _stepped(whole, self.PREFERRED, self.PREFERRED_RATES))
        bill = EXACT.subtract(bill, _stepped(ordinary, self.PREFERRED, self.PREFERRED_RATES))
        return EXACT.subtract(bill, EXACT.multiply(Decimal("0.05"), carried))

    def edges(self) -> list[Edge]:
        """The lines of netting, of the limit and of every bracket."""
        lines = [Edge(1, 0, Decimal(0)), Edge(0, 1, Decimal(0)), Edge(1, 1, Decimal(0)), Edge(1, 1, Decimal(-3_000))]
        for top in {*self.ORDINARY, *self.PREFERRED}:
            room = EXACT.subtract(top, self.wages)
            lines += [Edge(1, 0, room), Edge(1, 1, room)]
        return lines


def _stepped(amount: Decimal, tops: Sequence[Decimal], rates: Sequence[Decimal]) -> Decimal:
    total, before = Decimal(0), Decimal(0)
    for top, rate in zip(tops, rates, strict=True):
        total = EXACT.add(
            total, EXACT.multiply(EXACT.subtract(rate, before), max(EXACT.subtract(amount, top), Decimal(0)))
        )
        before = rate
    return total


def best_benefit(
    options: Sequence[Option],
    surface: TaxSurface,
    start: tuple[Decimal, Decimal],
    limits: Limits = (None, None),
) -> Fraction | None:
    """The greatest benefit over all corners of all regions; None where the limits on the net change leave nothing.

    At a corner of a linear programme with two totals at most two lots are sold in part, and each of them is pinned
    by an edge, by a limit, or by a crossing of two of these. All such points are tried with every set of whole lots.
    """
    shorts = [(Fraction(o.short_gain), Fraction(o.cost)) for o in options if o.short_gain]
    longs = [(Fraction(o.long_gain), Fraction(o.cost)) for o in options if not o.short_gain]
    whole = (_whole_totals(shorts), _whole_totals(longs))
    cost_of = (_cost_of_any(shorts), _cost_of_any(longs))
    lines = list(_lines(surface, start, limits))
    before, best = Fraction(surface.at(*start)), None
    for short, long in {*product(*whole), *_within(whole, _pinned(lines, whole))}:
        net = short + long
        if (limits[0] is not None and net < limits[0]) or (limits[1] is not None and net > limits[1]):
            continue
        costs = (cost_of[0](short), cost_of[1](long))
        if costs[0] is None or costs[1] is None:
            continue
        after = Fraction(surface.at(_moved(start[0], short), _moved(start[1], long)))
        benefit = before - after - costs[0] - costs[1]
        best = benefit if best is None else max(best, benefit)
    return best


def _lines(surface: TaxSurface, start: tuple[Decimal, Decimal], limits: Limits) -> Iterator[tuple[int, int, Fraction]]:
    for edge in set(surface.edges()):
        yield (
            edge.short,
            edge.long,
            Fraction(edge.at) - edge.short * Fraction(start[0]) - edge.long * Fraction(start[1]),
        )
    for limit in limits:
        if limit is not None:
            yield 1, 1, limit


def _pinned(
    lines: Iterable[tuple[int, int, Fraction]], whole: tuple[set[Fraction], set[Fraction]]
) -> Iterator[tuple[Fraction, Fraction]]:
    lines = list(lines)
    for p, q, at in lines:
        if q:
            yield from ((short, (at - p * short) / q) for short in whole[0])
        if p:
            yield from (((at - q * long) / p, long) for long in whole[1])
    for (p, q, at), (u, v, to) in combinations(lines, 2):
        if p * v - q * u:
            yield (at * v - to * q) / Fraction(p * v - q * u), (p * to - u * at) / Fraction(p * v - q * u)


def _within(
    whole: tuple[set[Fraction], set[Fraction]], points: Iterable[tuple[Fraction, Fraction]]
) -> Iterator[tuple[Fraction, Fraction]]:
    """The points that any lots could reach at all."""
    (least_short, most_short), (least_long, most_long) = ((min(totals), max(totals)) for totals in whole)
    for short, long in points:
        if least_short <= short <= most_short and least_long <= long <= most_long:
            yield short, long


def _whole_totals(lots: Sequence[Lot]) -> set[Fraction]:
    return {sum((change for change, _ in chosen), Fraction(0)) for chosen in _subsets(lots)}


def _subsets(lots: Sequence[Lot]) -> Iterator[tuple[Lot, ...]]:
    for count in range(len(lots) + 1):
        yield from combinations(lots, count)


def _cost_of_any(lots: Sequence[Lot]) -> Callable[[Fraction], Fraction | None]:
    """The least cost of a total over every set of whole lots and every lot in part; None where there is none."""
    tables = [_InPart(lot, [*lots[:number], *lots[number + 1 :]]) for number, lot in enumerate(lots)]
    known: dict[Fraction, Fraction | None] = {}

    def cost_of(total: Fraction) -> Fraction | None:
        if total not in known:
            costs = [Fraction(0)] if not lots and not total else []
            costs += [cost for table in tables if (cost := table.least(total)) is not None]
            known[total] = min(costs, default=None)
        return known[total]

    return cost_of


class _InPart:
    """One lot in part beside every set of whole others, as straight pieces in order of where they begin."""

    def __init__(self, lot: Lot, others: Sequence[Lot]) -> None:
        change, cost = lot
        self._rate = cost / change if change else Fraction(0)
        pieces = []
        for chosen in _subsets(others):
            done, paid = sum((c for c, _ in chosen), Fraction(0)), sum((k for _, k in chosen), Fraction(0))
            # A lot without a result is sold whole or not at all.
            pieces.append((min(done, done + change), paid - self._rate * done if change else min(paid, paid + cost)))
        pieces.sort()
        self._begin_scale, self._begins = _whole_numbers([begin for begin, _ in pieces])
        self._base_scale, self._bases = _whole_numbers([base for _, base in pieces])
        self._length = abs(change)

    def least(self, total: Fraction) -> Fraction | None:
        """The least cost over all pieces that reach the total."""
        first = bisect_left(self._begins, ceil((total - self._length) * self._begin_scale))
        reaching = self._bases[first : bisect_right(self._begins, floor(total * self._begin_scale))]
        return Fraction(min(reaching), self._base_scale) + self._rate * total if reaching else None


def _whole_numbers(figures: Sequence[Fraction]) -> tuple[int, list[int]]:
    """A common denominator and the numerators over it."""
    scale = lcm(*(figure.denominator for figure in figures))
    return scale, [figure.numerator * (scale // figure.denominator) for figure in figures]


def _moved(start: Decimal, change: Fraction) -> Decimal:
    return EXACT.add(start, ROUNDED.divide(Decimal(change.numerator), Decimal(change.denominator)))
