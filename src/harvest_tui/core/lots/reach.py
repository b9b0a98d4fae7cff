"""How far a change of postings reaches: the tails of the books that may be replayed for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from harvest_tui.core.lots.books import Book, HeldLot, Part
from harvest_tui.core.lots.postings import Allot, Depart, Order, Phase, Posting, Take, order_of
from harvest_tui.core.lots.replay import ALWAYS, POOL, AnyTake, BookKey, Replay

BEGINNING: Order = (ALWAYS, Phase.ALLOT, 0, "", 0)
"""Before everything in a book."""


class Redone(NamedTuple):
    """What a change came to: takes that are new or draw other parts now, takes that are gone, and lots to look at.

    `redrawn` of the takes were there before; `postings` lie in the tails that were reached.
    """

    came: tuple[AnyTake, ...]
    went: tuple[AnyTake, ...]
    lots: frozenset[HeldLot]
    redrawn: int
    postings: int


class Reach:
    """Made before a change; `redone` tells after it what came out otherwise.

    A move reaches the book it lands in from there on, and the allocation of a pool reaches every account of its asset.
    That bounds what the engine does: it wakes only those of these books whose lots come out otherwise.
    """

    def __init__(self, replay: Replay, changed: Iterable[Posting]) -> None:
        self._replay = replay
        self._starts: dict[BookKey, Order] = {}
        self._lots: set[HeldLot] = set()
        seeds = [((book := replay.book_of(one)).account, book.asset, order_of(one)) for one in changed]
        for account, asset, order in sorted(seeds, key=itemgetter(2)):
            self._spread(replay.books[account, asset], order)
        self._postings = 0
        self._drawn = {one: one.parts for one in self._takes()}

    @property
    def books(self) -> frozenset[BookKey]:
        """The books that the change may concern; no other is looked at."""
        return frozenset(self._starts)

    def redone(self) -> Redone:
        """What is otherwise than before the change."""
        for account, asset in [key for key in self._starts if key[0] == POOL]:
            for book, order in self._accounts_of(self._replay.books[account, asset]):
                self._starts.setdefault((book.account, book.asset), order)
        before, now = self._drawn, self._takes()
        there = set(now)
        came = [one for one in now if before.get(one) is not one.parts]
        return Redone(
            tuple(came),
            tuple(one for one in before if one not in there),
            frozenset(self._lots),
            sum(one in before for one in came),
            self._postings,
        )

    def _spread(self, book: Book, order: Order) -> None:
        waiting = [(book, order)]
        while waiting:
            book, order = waiting.pop()
            key = (book.account, book.asset)
            known = self._starts.get(key)
            if known is not None and known <= order:
                continue
            self._starts[key] = order
            end = len(book.log) if known is None else _index(book, known)
            if book.account == POOL and not book.log:
                waiting += self._accounts_of(book)
            for posting in book.log[_index(book, order) : end]:
                if type(posting) is Depart:
                    waiting.append((self._replay.book_of(posting.arrive), order_of(posting.arrive)))
                elif type(posting) is Allot:
                    waiting += self._accounts_of(book)

    def _accounts_of(self, pool: Book) -> list[tuple[Book, Order]]:
        """Every account's book of the asset: an allocation may reach one that it did not reach before."""
        books = self._replay.books.values()
        return [(book, BEGINNING) for book in books if book.asset == pool.asset and book.account != POOL]

    def _tails(self) -> Iterator[Posting]:
        for key, start in self._starts.items():
            book = self._replay.books[key]
            yield from book.log[_index(book, start) :]

    def _takes(self) -> list[AnyTake]:
        """The takes in the tails; every lot that the tails open or draw from is noted."""
        found: list[AnyTake] = []
        note = self._lots.add
        self._postings = 0
        for posting in self._tails():
            self._postings += 1
            for lot in posting.opened():
                note(lot)
            if isinstance(posting, Take | Allot):
                self._lots.update(_lots_of(posting.parts))
                if isinstance(posting, Take):
                    found.append(posting)
        return found


def _lots_of(parts: tuple[Part, ...]) -> Iterator[HeldLot]:
    return (part[0] for part in parts)


def _index(book: Book, order: Order) -> int:
    log = book.log
    if not log or order_of(log[-1]) < order:
        return len(log)
    return bisect_left(log, order, key=order_of)
