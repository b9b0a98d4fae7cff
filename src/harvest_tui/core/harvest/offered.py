"""The lots offered to a choice, as columns: a hundred thousand are read much faster so than one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import reduce
from itertools import accumulate, compress
from operator import not_

from harvest_tui.core.harvest.options import NOTHING, Option, places_of
from harvest_tui.core.money import EXACT, ZERO

_AT_ONCE = 1024
"""Options read together: few enough to stay near the processor."""
_FLOORED = Context(prec=9, rounding=ROUND_FLOOR, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Quotients are cut downward, so that one is below a number of up to nine digits exactly where the true one is."""


class Group:
    """Lots of one term that may be sold in any part, all at a loss or all at a gain; columns, in US dollars.

    `numbers` are their places among all options; a fixed charge is part of the cost. `totals` are the running totals
    of the results, without sign, from zero on. `slopes` are what a dollar of result costs, below zero for a loss that
    costs something, to nine digits and cut downward.
    """

    __slots__ = ("_join", "changes", "costs", "numbers", "slopes", "totals")

    def __init__(self, *, is_loss: bool) -> None:
        self._join = EXACT.subtract if is_loss else EXACT.add
        self.numbers: list[int] = []
        self.changes: list[Decimal] = []
        self.costs: list[Decimal] = []
        self.totals = [ZERO]
        self.slopes: list[Decimal] = []

    @property
    def total(self) -> Decimal:
        """All results together, without sign."""
        return self.totals[-1]

    def add(self, numbers: Iterable[int], changes: Sequence[Decimal], costs: Sequence[Decimal]) -> None:
        """Takes in more lots."""
        self.numbers += numbers
        self.changes += changes
        self.costs += costs
        self.slopes += map(_FLOORED.divide, costs, changes)
        self.totals += accumulate(changes, self._join, initial=self.totals.pop())


class Sides:
    """The lots of one term that are free to be sold in any part."""

    __slots__ = ("gains", "losses")

    def __init__(self) -> None:
        self.losses = Group(is_loss=True)
        self.gains = Group(is_loss=False)

    def add(self, numbers: Sequence[int], changes: Sequence[Decimal], costs: Sequence[Decimal]) -> None:
        """Takes in more lots, each to its side; no result is zero."""
        is_loss = [*map(Decimal.is_signed, changes)]
        if all(is_loss):
            self.losses.add(numbers, changes, costs)
            return
        for group, chosen in ((self.losses, is_loss), (self.gains, [*map(not_, is_loss)])):
            group.add([*compress(numbers, chosen)], [*compress(changes, chosen)], [*compress(costs, chosen)])


class Offered:
    """All lots of a choice; those of chains and those without result stand apart from the others, by their numbers.

    `result_places` and `cost_places` are the decimals that hold every result, cost and charge. Raises ValueError for a
    lot offered twice, one with results of both terms, or a limit on a lot of a chain.
    """

    def __init__(self, options: Sequence[Option]) -> None:
        self.count = len(options)
        self.has_limits = False
        self.chained: list[int] = []
        self.without_result: list[int] = []
        self.terms = {True: Sides(), False: Sides()}
        self._names: set[str] = set()
        # An exact sum carries the finest exponent of its terms.
        self._results, self._costs = ZERO, ZERO
        for start in range(0, self.count, _AT_ONCE):
            block = options[start : start + _AT_ONCE]
            self._read(range(start, start + len(block)), block)
        if len(self._names) < self.count:
            raise ValueError("a lot is offered twice")
        totals = (group.total for sides in self.terms.values() for group in (sides.losses, sides.gains))
        self.result_places = places_of(reduce(EXACT.add, totals, self._results))
        self.cost_places = places_of(self._costs)

    def _read(self, numbers: Sequence[int], options: Sequence[Option]) -> None:
        names, shorts, longs, costs, _, leasts, charges, chains, _ = zip(*options, strict=True)
        self._names.update(names)
        self._costs = reduce(EXACT.add, costs, self._costs)
        is_short = [*map(bool, shorts)]
        is_long = [*map(not_, is_short)]
        is_limited = charges.count(ZERO) < len(charges) or leasts.count(NOTHING) < len(leasts)
        if is_limited:
            self.has_limits = True
            self._costs = reduce(EXACT.add, charges, self._costs)
            costs = tuple(map(EXACT.add, costs, charges))
        is_plain = chains.count("") == len(chains) and ZERO not in compress(longs, is_long)
        if not is_plain or any(compress(longs, is_short)):
            _check(options)
            is_long = [*map(bool, longs)]
            for number, option in zip(numbers, options, strict=True):
                place = number - numbers[0]
                if option.chain:
                    self.chained.append(number)
                    self._results = EXACT.add(self._results, option.short_gain or option.long_gain)
                    is_short[place] = is_long[place] = False
                elif not is_short[place] and not is_long[place]:
                    self.without_result.append(number)
        for sides, results, chosen in ((self.terms[True], shorts, is_short), (self.terms[False], longs, is_long)):
            sides.add([*compress(numbers, chosen)], [*compress(results, chosen)], [*compress(costs, chosen)])


def _check(options: Sequence[Option]) -> None:
    for option in options:
        if option.short_gain and option.long_gain:
            raise ValueError(f"a lot has one term, not both: {option.lot_id}")
        if option.chain and (option.charge or option.least):
            raise ValueError(f"a lot of a chain has no limits of its own: {option.lot_id}")


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    return reduce(EXACT.add, amounts, ZERO)
