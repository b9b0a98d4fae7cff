"""The losses that could have been taken on each day of a year, and those that were."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.closes import end_of
from harvest_tui.core.lots.holdings import Change, Changes, basis_of
from harvest_tui.core.lots.ledger import Disposal
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import Asset
from harvest_tui.core.tax_days import tax_day

_KEY_PLACES = 24
_KEY_UNIT: int = 10**_KEY_PLACES


class DayLoss(NamedTuple):
    """What the lots held at the close of a day lost at its price: positive US dollars, and how many of them lost.

    `unpriced` assets were held and have no price of that day: their losses are not in it.
    """

    day: date
    loss: Decimal
    lots: int
    unpriced: int


class TakenLoss(NamedTuple):
    """The losses realized on one tax day, in positive US dollars, gains of that day apart."""

    day: date
    loss: Decimal


class MissedLosses(NamedTuple):
    """A tax year's losses day by day. `unpriced` counts, by asset, the days on which it was held without a price.

    Lots of the assets in `unknown` have no known basis: they are in no figure.
    """

    year: int
    days: tuple[DayLoss, ...]
    taken: tuple[TakenLoss, ...]
    unpriced: Mapping[Asset, int]
    unknown: frozenset[Asset]

    @property
    def best(self) -> DayLoss | None:
        """The day that closed with the largest loss not taken, the earliest of equals; None where none ever lost."""
        best = max(self.days, key=lambda day: (day.loss, -day.day.toordinal()), default=None)
        return best if best is not None and best.loss else None

    @property
    def taken_in_all(self) -> Decimal:
        """All losses realized in the year."""
        return _sum(one.loss for one in self.taken)

    def taken_after(self, day: date) -> Decimal:
        """Losses realized later than that day."""
        return _sum(one.loss for one in self.taken if one.day > day)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def losses_taken(disposals: Iterable[Disposal], year: int, zone: ZoneInfo) -> tuple[TakenLoss, ...]:
    """The realized losses of the tax year by tax day; sales whose result nobody knows are left out."""
    found: dict[date, Decimal] = {}
    for one in disposals:
        gain, day = one.gain, tax_day(one.disposed_at, zone)
        if gain is not None and gain < 0 and day.year == year:
            found[day] = EXACT.subtract(found.get(day, ZERO), gain)
    return tuple(TakenLoss(day, loss) for day, loss in sorted(found.items()))


def missed_losses(
    changes: Changes,
    closes: Mapping[Asset, Mapping[date, Decimal]],
    days: Sequence[date],
    taken: tuple[TakenLoss, ...],
    year: int,
) -> MissedLosses:
    """The loss of each day over the lots held at its end. Cost grows with trades and days, not with their product."""
    losses = [ZERO] * len(days)
    lots, missing = [0] * len(days), [0] * len(days)
    unpriced: dict[Asset, int] = {}
    for asset, of_asset in changes.by_asset.items():
        held = _Held(of_asset)
        known = closes.get(asset, {})
        for number, day in enumerate(days):
            held.advance(day)
            if not held.count:
                continue
            close = known.get(day)
            if close is None:
                missing[number] += 1
                unpriced[asset] = unpriced.get(asset, 0) + 1
                continue
            loss, losing = held.losing_at(close)
            losses[number] = EXACT.add(losses[number], loss)
            lots[number] += losing
    rows = zip(days, losses, lots, missing, strict=True)
    return MissedLosses(year, tuple(DayLoss(*row) for row in rows), taken, unpriced, changes.unknown)


class _Held:
    """The lots of one asset as time goes by, ranked by unit cost, with sums over every rank and those above it."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self._place = 0
        unit_costs = {id(change.lot): _unit_cost(change) for change in changes}
        self._keys = sorted(set(unit_costs.values()))
        ranks = {key: rank for rank, key in enumerate(self._keys)}
        self._rank_of = {lot: ranks[key] for lot, key in unit_costs.items()}
        self._left: dict[int, int] = {}
        self._units, self._basis, self._lots = (_Sums(len(self._keys)) for _ in range(3))
        self.count = 0

    def advance(self, day: date) -> None:
        """Takes in all that happened before the day was over."""
        end = end_of(day)
        while self._place < len(self._changes) and self._changes[self._place].at < end:
            self._apply(self._changes[self._place])
            self._place += 1

    def _apply(self, change: Change) -> None:
        lot = id(change.lot)
        rank, before = self._rank_of[lot], self._left.get(lot, 0)
        after = self._left[lot] = before + change.units
        self._units.add(rank, change.units)
        self._basis.add(rank, change.basis)
        step = bool(after) - bool(before)
        if step:
            self._lots.add(rank, step)
            self.count += step

    def losing_at(self, price: Decimal) -> tuple[Decimal, int]:
        """The loss at that price, positive, and how many lots lose.

        A lot whose unit cost is the price to 24 places adds what it really loses, next to nothing, and is not counted.
        """
        key = int(EXACT.scaleb(price, _KEY_PLACES).to_integral_value(rounding=ROUND_CEILING))
        rank = bisect_left(self._keys, key)
        cost, units = self._basis.from_rank(rank), self._units.from_rank(rank)
        loss = EXACT.subtract(to_decimal(cost), EXACT.multiply(to_decimal(units), price))
        return loss, self._lots.from_rank(bisect_right(self._keys, key))


def _unit_cost(change: Change) -> int:
    return (basis_of(change.lot) or 0) * _KEY_UNIT // change.lot.units


class _Sums:
    """Amounts by rank, changed one at a time and summed over a range, each in logarithmic time (a Fenwick tree)."""

    __slots__ = ("_total", "_tree")

    def __init__(self, size: int) -> None:
        self._tree = [0] * (size + 1)
        self._total = 0

    def add(self, rank: int, amount: int) -> None:
        """Adds to one rank."""
        self._total += amount
        place = rank + 1
        while place < len(self._tree):
            self._tree[place] += amount
            place += place & -place

    def from_rank(self, rank: int) -> int:
        """The sum of that rank and all above it."""
        below: int = 0
        place = rank
        while place:
            below += self._tree[place]
            place -= place & -place
        return self._total - below
