"""Which lot goes first: FIFO, LIFO, HIFO and LOFO, and which of them an account uses in which year."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from harvest_tui.core.records import AccountId, EventId

if TYPE_CHECKING:
    from harvest_tui.core.lots.books import HeldLot, LotOrder, Part
    from harvest_tui.core.lots.postings import Take

KEY_BITS = 400
"""Unit costs are compared as floor(cost * 2^400 / units): two that differ always differ there, as no amount that can be
parsed has more than 200 bits."""


class Method(StrEnum):
    """The standing order of an account."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    LOFO = "lofo"


@dataclass(frozen=True, slots=True)
class MethodTable:
    """The method of each account and tax year; the most specific entry holds."""

    default: Method = Method.FIFO
    by_year: Mapping[int, Method] = field(default_factory=dict)
    by_account: Mapping[AccountId, Method] = field(default_factory=dict)
    by_account_year: Mapping[tuple[AccountId, int], Method] = field(default_factory=dict)

    @property
    def knows_years(self) -> bool:
        """Whether the year of an event matters at all."""
        return bool(self.by_year or self.by_account_year)

    def method(self, account: AccountId, year: int) -> Method:
        """The method of the account in that tax year."""
        found = self.by_account_year.get((account, year)) or self.by_account.get(account) or self.by_year.get(year)
        return found or self.default


class View(Protocol):
    """Open lots in one order. A lot used up elsewhere is skipped when its turn comes."""

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot."""
        ...

    def discard(self, lot: HeldLot) -> None:
        """Forgets a lot that was never put after all; it has no units."""
        ...

    def restore(self, lots: list[HeldLot]) -> None:
        """Lots that were used up have units again."""
        ...

    def first(self) -> HeldLot | None:
        """The open lot whose turn it is, or None."""
        ...


_order = attrgetter("order")


class OldestFirst:
    """FIFO by acquisition, wherever and whenever the units arrived in the account (Reg. 1.1012-1(j)).

    All open lots stand in `lots` from `head` on; what is before the head is used up and may be written over.
    """

    __slots__ = ("head", "lots")

    def __init__(self, lots: Iterable[HeldLot]) -> None:
        self.lots = sorted(lots, key=_order)
        self.head = 0

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot at its place in time."""
        lots, head = self.lots, self.head
        if head == len(lots) or lots[-1].acquired_at < lot.acquired_at:
            lots.append(lot)
        elif lot.acquired_at < lots[head].acquired_at:
            self._put_first(lot)
        else:
            place = bisect_left(lots, lot.order, lo=head, key=_order)
            if place == len(lots) or lots[place] is not lot:
                self._put_first(lot) if place == head else lots.insert(place, lot)

    def _put_first(self, lot: HeldLot) -> None:
        if self.head:
            self.head -= 1
            self.lots[self.head] = lot
        else:
            self.lots.insert(0, lot)

    def discard(self, lot: HeldLot) -> None:
        """Takes the lot out of the list."""
        if self.lots and self.lots[-1] is lot:
            self.lots.pop()
            self.head = min(self.head, len(self.lots))
            return
        place = bisect_left(self.lots, lot.order, lo=self.head, key=_order)
        if place < len(self.lots) and self.lots[place] is lot:
            del self.lots[place]

    def restore(self, lots: list[HeldLot]) -> None:
        """Puts back those that the head has passed."""
        for lot in sorted(lots, key=_order, reverse=True):
            self.put(lot)

    def first(self) -> HeldLot | None:
        """The oldest open lot."""
        lots, head = self.lots, self.head
        count = len(lots)
        while head < count:
            lot = lots[head]
            if lot.left:
                self.head = head
                return lot
            head += 1
        self.head = head
        return None

    def take(self, posting: Take) -> None:
        """Draws what the posting asks for, and notes on it the parts and what no lot covers.

        It is `books.draw` written out for the order that most people use: nothing is called for a part.
        """
        lots, head = self.lots, self.head
        whole, proceeds = posting.units, posting.proceeds
        wanted, gone, told = whole, 0, 0
        parts: list[Part] = []
        while wanted and head < len(lots):
            lot = lots[head]
            units, cost = lot.left, lot.cost_left
            loss = None if lot.loss_cost is None else lot.loss_share(min(units, wanted))
            if units > wanted:
                units, cost = wanted, lot.cut(wanted)
            else:
                head += 1
                if not units:
                    continue
                lot.left = 0
                if cost is not None:
                    lot.cost_left = 0
            wanted -= units
            if proceeds is None or units == whole:
                parts.append((lot, units, cost, proceeds, loss))
            else:
                gone += units
                upto = proceeds * gone // whole if gone != whole else proceeds
                parts.append((lot, units, cost, upto - told, loss))
                told = upto
        self.head = head
        posting.missing = wanted
        posting.parts = tuple(parts)


class NewestFirst:
    """LIFO by acquisition. Lots used up fall off the end when their turn comes."""

    __slots__ = ("lots",)

    def __init__(self, lots: Iterable[HeldLot]) -> None:
        self.lots = sorted(lots, key=_order)

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot at its place in time."""
        lots = self.lots
        if not lots or lots[-1].acquired_at < lot.acquired_at:
            lots.append(lot)
            return
        place = bisect_left(lots, lot.order, key=_order)
        if place == len(lots) or lots[place] is not lot:
            lots.insert(place, lot)

    def discard(self, lot: HeldLot) -> None:
        """Takes the lot out of the stack."""
        if self.lots and self.lots[-1] is lot:
            self.lots.pop()
            return
        place = bisect_left(self.lots, lot.order, key=_order)
        if place < len(self.lots) and self.lots[place] is lot:
            del self.lots[place]

    def restore(self, lots: list[HeldLot]) -> None:
        """Puts back those that had fallen off."""
        for lot in sorted(lots, key=_order):
            self.put(lot)

    def first(self) -> HeldLot | None:
        """The newest open lot."""
        lots = self.lots
        while lots:
            lot = lots[-1]
            if lot.left:
                return lot
            lots.pop()
        return None


class _Level:
    """Lots whose unit costs are one binary float: told apart exactly, and the older first among true equals."""

    __slots__ = ("heap", "inside", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.inside: set[HeldLot] = set()
        self.heap: list[tuple[int, LotOrder, HeldLot]] = []

    def put(self, lot: HeldLot) -> None:
        if lot not in self.inside:
            self.inside.add(lot)
            exact = 0 if lot.cost is None else self.sign * ((lot.cost << KEY_BITS) // lot.units)
            heappush(self.heap, (exact, lot.order, lot))

    def first(self) -> HeldLot | None:
        heap = self.heap
        while heap:
            lot = heap[0][2]
            if lot.left:
                return lot
            heappop(heap)
            self.inside.discard(lot)
        return None


class ByUnitCost:
    """HIFO (`sign` -1) or LOFO (1) by cost per unit, fees in; the older lot first among equals, unknown basis last.

    The heap holds unit costs as binary floats, which no two lots have in the wrong order: the quotient of two integers
    is rounded correctly. What shares a float stands in a `_Level` of its own.
    """

    __slots__ = ("levels", "prices", "sign")

    def __init__(self, lots: Iterable[HeldLot], sign: int) -> None:
        self.sign = sign
        self.prices: list[float] = []
        self.levels: dict[float, HeldLot | _Level] = {}
        for lot in lots:
            self.put(lot)

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot, once: one that was undone and is done again may still be inside."""
        cost = lot.cost
        price = inf if cost is None else self.sign * (cost / lot.units)
        there = self.levels.get(price)
        if there is None:
            self.levels[price] = lot
            heappush(self.prices, price)
        elif there is not lot:
            self._share(price, there, lot)

    def _share(self, price: float, there: HeldLot | _Level, lot: HeldLot) -> None:
        level = there
        if not isinstance(level, _Level):
            level = self.levels[price] = _Level(self.sign)
            level.put(there)  # type: ignore[arg-type]
        level.put(lot)

    def discard(self, lot: HeldLot) -> None:
        """Nothing to do: a lot without units falls out when its turn comes."""

    def restore(self, lots: list[HeldLot]) -> None:
        """Puts back those that had fallen out."""
        for lot in lots:
            self.put(lot)

    def first(self) -> HeldLot | None:
        """The open lot with the highest (HIFO) or lowest (LOFO) unit cost."""
        prices, levels = self.prices, self.levels
        while prices:
            top = levels[prices[0]]
            lot = top.first() if isinstance(top, _Level) else top
            if lot is not None and lot.left:
                return lot
            del levels[heappop(prices)]
        return None


class ByName:
    """Lots by the event that first acquired them and by the event that put them here."""

    __slots__ = ("lots",)

    def __init__(self, lots: Iterable[HeldLot]) -> None:
        self.lots: dict[EventId, list[HeldLot]] = {}
        for lot in lots:
            self.put(lot)

    def put(self, lot: HeldLot) -> None:
        """Adds the lot under its names."""
        self.lots.setdefault(lot.origin, []).append(lot)
        if lot.opened_by != lot.origin:
            self.lots.setdefault(lot.opened_by, []).append(lot)

    def discard(self, lot: HeldLot) -> None:
        """Takes the lot out."""
        for name in {lot.origin, lot.opened_by}:
            self.lots[name] = [one for one in self.lots.get(name, ()) if one is not lot]

    def restore(self, lots: list[HeldLot]) -> None:
        """Adds those that were used up before anybody asked for a name."""
        for lot in lots:
            if not any(one is lot for one in self.lots.get(lot.origin, ())):
                self.put(lot)


def view_of(method: Method, lots: Iterable[HeldLot]) -> View:
    """The lots in the order of `method`."""
    if method is Method.FIFO:
        return OldestFirst(lots)
    if method is Method.LIFO:
        return NewestFirst(lots)
    return ByUnitCost(lots, -1 if method is Method.HIFO else 1)
