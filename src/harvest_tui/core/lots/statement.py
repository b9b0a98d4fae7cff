"""The ledger in decimals and tax days, made of what the books hold in integers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import overload
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import HeldLot, Part
from harvest_tui.core.lots.ledger import Disposal, Ledger, Lot, NamedShortfall, Term, UnmatchedMove, Unpriced
from harvest_tui.core.lots.postings import Dispose, Take
from harvest_tui.core.lots.replay import Replay, gaps_of, in_order
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.tax_days import first_long_term_day

MANY = 250_000
"""From so many disposals on they are not kept."""


class Days:
    """Tax days and first long-term days of instants, the latter worked out once a day.

    The zone is asked once for eight days of UTC: clocks that say the same at both ends said so in between. Where they
    do not, it is asked for each instant.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._long: dict[date, date] = {}
        self._offsets: dict[int, timedelta | None] = {}

    def day(self, at: datetime) -> date:
        """The taxpayer's calendar day."""
        if at.tzinfo is UTC:
            block = at.toordinal() >> 3
            try:
                offset = self._offsets[block]
            except KeyError:
                offset = self._offsets[block] = _offset(block, self._zone)
            if offset is not None:
                return (at + offset).date()
        return at.astimezone(self._zone).date()

    def long_term_on(self, acquired_at: datetime) -> date:
        """First day on which a sale is long-term."""
        day = self.day(acquired_at)
        found = self._long.get(day)
        if found is None:
            found = self._long[day] = first_long_term_day(day)
        return found


def _offset(block: int, zone: ZoneInfo) -> timedelta | None:
    """What local clocks are ahead of UTC in those eight days; None where that changes, or where the calendar ends."""
    first = block << 3
    if first + 16 > date.max.toordinal() or first < 16:
        return None
    ends = (datetime.fromordinal(first), datetime.fromordinal(first + 8))
    begun, ended = (end.replace(tzinfo=UTC).astimezone(zone).utcoffset() for end in ends)
    return begun if begun == ended else None


def lot_of(held: HeldLot, days: Days) -> Lot:
    """What is left of the lot."""
    loss_cost = held.loss_cost_left()
    return Lot(
        held.lot_id,
        held.origin,
        held.account,
        held.asset,
        held.acquired_at,
        days.long_term_on(held.acquired_at),
        to_decimal(held.left),
        None if held.cost_left is None else to_decimal(held.cost_left),
        held.provenance,
        None if loss_cost is None else to_decimal(loss_cost),
        None if loss_cost is None else held.gift_at,
    )


def disposal_of(posting: Take, part: Part, days: Days) -> Disposal:
    """One part of a lot that was sold.

    A gift worth less than its basis when given has three outcomes (IRC 1015(a)): a gain from the giver's basis with the
    giver's holding period, a loss from the value at the gift with one's own, and between the two neither.
    """
    lot, units, cost, proceeds, loss_cost = part
    acquired_at = lot.acquired_at
    if loss_cost is not None and proceeds is not None and cost is not None and proceeds < cost:
        if proceeds < loss_cost and lot.gift_at is not None:
            cost, acquired_at = loss_cost, lot.gift_at
        else:
            cost = proceeds
    is_long = days.day(posting.told_at) >= days.long_term_on(acquired_at)
    return Disposal(
        posting.event_id,
        lot.lot_id,
        lot.origin,
        posting.account,
        lot.asset,
        acquired_at,
        posting.told_at,
        to_decimal(units),
        None if proceeds is None else to_decimal(proceeds),
        None if cost is None else to_decimal(cost),
        Term.LONG if is_long else Term.SHORT,
        lot.provenance,
    )


def statement(
    replay: Replay,
    zone: ZoneInfo,
    lots: tuple[Lot, ...],
    unpriced: Iterable[Unpriced],
    unmatched: Iterable[UnmatchedMove],
) -> Ledger:
    """The ledger of the books as they are now. Disposals are made when somebody reads them, from the parts of now."""
    takes = replay.takes()
    return Ledger(
        lots,
        SoldParts(takes, zone),
        tuple(gaps_of(takes)),
        tuple(sorted(unpriced, key=lambda miss: (miss.at, miss.event_id, miss.asset))),
        tuple(sorted(unmatched, key=lambda move: (move.at, move.event_id))),
        tuple(
            NamedShortfall(one.event_id, one.account, one.asset, one.origin, to_decimal(one.units), one.at)
            for one in replay.shortfalls_of(takes)
        ),
    )


class SoldParts(Sequence[Disposal]):
    """The disposals of a replay in order of time, of the parts of now. It equals and hashes as their tuple.

    A million of them in decimals take as much memory as the books they come from: from `many` on each is made whenever
    it is read; fewer are kept once they are.
    """

    __slots__ = ("_count", "_days", "_ends", "_is_kept", "_is_ordered", "_made", "_parts", "_postings")

    def __init__(self, takes: Iterable[Take], zone: ZoneInfo, many: int = MANY) -> None:
        self._postings = [one for one in takes if type(one) is Dispose and one.parts]
        self._parts = [one.parts for one in self._postings]
        self._is_ordered = False
        self._count = sum(map(len, self._parts))
        self._days = Days(zone)
        self._is_kept = self._count < many
        self._made: tuple[Disposal, ...] | None = None
        self._ends: list[int] | None = None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Disposal]:
        return iter(self._kept()) if self._is_kept else self._each()

    def _kept(self) -> tuple[Disposal, ...]:
        if self._made is None:
            self._made = tuple(self._each())
        return self._made

    def _arrange(self) -> None:
        parts_of = dict(zip(self._postings, self._parts, strict=True))
        self._postings = in_order(self._postings)
        self._parts = [parts_of[one] for one in self._postings]
        self._is_ordered = True

    def _each(self) -> Iterator[Disposal]:
        if not self._is_ordered:
            self._arrange()
        days = self._days
        for posting, parts in zip(self._postings, self._parts, strict=True):
            for part in parts:
                yield disposal_of(posting, part, days)

    @overload
    def __getitem__(self, index: int) -> Disposal: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Disposal, ...]: ...
    def __getitem__(self, index: int | slice) -> Disposal | tuple[Disposal, ...]:
        if self._is_kept:
            return self._kept()[index]
        if isinstance(index, slice):
            return tuple(map(self._at, range(*index.indices(self._count))))
        return self._at(range(self._count)[index])

    def _at(self, place: int) -> Disposal:
        if not self._is_ordered:
            self._arrange()
        if self._ends is None:
            self._ends = list(accumulate(map(len, self._parts)))
        number = bisect_right(self._ends, place)
        # Counted from the end of the posting, which is where `_ends` has it.
        return disposal_of(self._postings[number], self._parts[number][place - self._ends[number]], self._days)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
