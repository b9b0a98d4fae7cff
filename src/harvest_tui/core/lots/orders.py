"""Which lot goes first: FIFO, LIFO, HIFO and LOFO, and which of them an account uses in which year."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Protocol

from harvest_tui.core.records import AccountId

if TYPE_CHECKING:
    from harvest_tui.core.lots.books import HeldLot

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

    def first(self) -> HeldLot | None:
        """The open lot whose turn it is, or None."""
        ...


def _order(lot: HeldLot) -> tuple[object, ...]:
    return lot.order


class OldestFirst:
    """FIFO by acquisition, wherever and whenever the units arrived in the account (Reg. 1.1012-1(j))."""

    __slots__ = ("head", "lots")

    def __init__(self, lots: Iterable[HeldLot]) -> None:
        self.lots = sorted(lots, key=_order)
        self.head = 0

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot at its place in time."""
        if not self.lots or self.lots[-1].order < lot.order:
            self.lots.append(lot)
        else:
            insort(self.lots, lot, lo=self.head, key=_order)

    def first(self) -> HeldLot | None:
        """The oldest open lot."""
        lots, head = self.lots, self.head
        while head < len(lots) and not lots[head].left:
            head += 1
        self.head = head
        if head > 4096 and head * 2 > len(lots):
            del lots[:head]
            self.head = head = 0
        return lots[head] if head < len(lots) else None


class NewestFirst:
    """LIFO by acquisition."""

    __slots__ = ("lots",)

    def __init__(self, lots: Iterable[HeldLot]) -> None:
        self.lots = sorted(lots, key=_order)

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot at its place in time."""
        if not self.lots or self.lots[-1].order < lot.order:
            self.lots.append(lot)
        else:
            insort(self.lots, lot, key=_order)

    def first(self) -> HeldLot | None:
        """The newest open lot."""
        lots = self.lots
        while lots and not lots[-1].left:
            lots.pop()
        return lots[-1] if lots else None


class ByUnitCost:
    """HIFO (`sign` -1) or LOFO (1) by cost per unit, fees in; the older lot first among equals, unknown basis last."""

    __slots__ = ("heap", "sign")

    def __init__(self, lots: Iterable[HeldLot], sign: int) -> None:
        self.sign = sign
        self.heap = [self._entry(lot) for lot in lots]
        heapify(self.heap)

    def _entry(self, lot: HeldLot) -> tuple[bool, int, tuple[object, ...], HeldLot]:
        if lot.cost is None:
            return (True, 0, lot.order, lot)
        return (False, self.sign * ((lot.cost << KEY_BITS) // lot.units), lot.order, lot)

    def put(self, lot: HeldLot) -> None:
        """Adds an open lot."""
        heappush(self.heap, self._entry(lot))

    def first(self) -> HeldLot | None:
        """The open lot with the highest (HIFO) or lowest (LOFO) unit cost."""
        heap = self.heap
        while heap and not heap[0][3].left:
            heappop(heap)
        return heap[0][3] if heap else None


def view_of(method: Method, lots: Iterable[HeldLot]) -> View:
    """The lots in the order of `method`."""
    if method is Method.FIFO:
        return OldestFirst(lots)
    if method is Method.LIFO:
        return NewestFirst(lots)
    return ByUnitCost(lots, -1 if method is Method.HIFO else 1)
