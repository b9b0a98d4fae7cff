"""Postings applied to books in order of time, and undone again: one engine for a whole history and one late trade.

The parts a posting drew are kept on it. They are the result, and they are what undoing needs: a posting that comes
late, changes or goes away rewinds its own book to its instant and replays that tail. A move whose lots come out
otherwise than before wakes the book they arrive in, from that instant; one that comes out the same wakes nobody.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from itertools import compress, count, islice
from operator import attrgetter, eq, lt
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.allocation import Allocation, allocate
from harvest_tui.core.lots.books import Book, HeldLot, Part, Piece, draw, merged
from harvest_tui.core.lots.ledger import BasisGap
from harvest_tui.core.lots.moving import moved_lots
from harvest_tui.core.lots.orders import MethodTable, OldestFirst, View
from harvest_tui.core.lots.postings import (
    Allot,
    Arrive,
    Depart,
    Dispose,
    Leave,
    Open,
    Order,
    Phase,
    Posting,
    Take,
    order_of,
)
from harvest_tui.core.lots.scaled import to_decimal, to_scaled
from harvest_tui.core.records import AccountId, Asset, EventId

BookKey = tuple[AccountId, Asset]
POOL = AccountId("")
"""The account of a book that holds an asset of all accounts together (years before 2025)."""
_at = attrgetter("at")
AnyTake = Dispose | Leave | Depart
AnyPosting = TypeVar("AnyPosting", bound=Posting)
NEVER = datetime.max.replace(tzinfo=UTC)
ALWAYS = datetime.min.replace(tzinfo=UTC)


class Drawn(NamedTuple):
    """A part as it is read one at a time, with the posting that drew it."""

    posting: Take | Allot
    piece: Piece
    proceeds: int | None


class Shortfall(NamedTuple):
    """Units that an event identifies from the lot of `origin` and that are not there to be taken."""

    event_id: EventId
    origin: EventId
    asset: Asset
    units: int
    account: AccountId
    at: datetime


class Replay:
    """The state of all books. Postings before `switch` go to one pool an asset, later ones to books by account."""

    def __init__(
        self, methods: MethodTable, zone: ZoneInfo, switch: datetime = ALWAYS, allocation: Allocation | None = None
    ) -> None:
        self.books: dict[BookKey, Book] = {}
        self._methods = methods
        self._zone = zone
        self._switch = switch.astimezone(UTC) if ALWAYS < switch < NEVER else switch
        self._allocation = allocation or Allocation()
        self._is_pooled = switch > ALWAYS
        self._is_loading = False
        self._queue: list[tuple[Order, int, Book]] = []

    def load(self, postings: Iterable[Posting]) -> None:
        """Applies a whole history to empty books, in any order of arrival."""
        ordered = in_order(postings)
        self._is_loading = True
        pooled = bisect_left(ordered, self._switch, key=_at) if self._is_pooled else 0
        self._run(ordered[:pooled])
        if self._switch < NEVER:
            pools = [book for book in self.books.values() if book.account == POOL]
            for book in sorted(pools, key=attrgetter("asset")):
                allot = Allot(POOL, book.asset, self._switch)
                self._run([allot])
                self._run(allot.landings.values())
        self._run(ordered[pooled:] if pooled else ordered)
        for book in self.books.values():
            book.applied = len(book.log)
        self._is_loading = False

    def _run(self, ordered: Iterable[Posting]) -> None:
        """Applies postings in order of time, all of them on one side of the switch."""
        shelves: dict[AccountId, dict[Asset, Book]] = defaultdict(dict)
        find, apply, take = self._shelve, self._apply, self._take
        for posting in ordered:
            # The same words in each branch: the interpreter is quick where a line always meets the same type.
            if type(posting) is Open:
                book = shelves[posting.account].get(posting.asset) or find(shelves, posting)
                book.log.append(posting)
                posting.left = units = posting.units
                if units:
                    for keeper in book.keepers:
                        keeper.put(posting)
            elif type(posting) is Dispose:
                book = shelves[posting.account].get(posting.asset) or find(shelves, posting)
                book.log.append(posting)
                take(book, posting)
            else:
                book = shelves[posting.account].get(posting.asset) or find(shelves, posting)
                book.log.append(posting)
                apply(book, posting)

    def _shelve(self, shelves: dict[AccountId, dict[Asset, Book]], posting: Posting) -> Book:
        book = shelves[posting.account][posting.asset] = self.book_of(posting)
        return book

    def book_of(self, posting: Posting) -> Book:
        """The book that the posting concerns; an empty one is opened."""
        account = posting.account
        if self._is_pooled and posting.at < self._switch:
            account = POOL
        book = self.books.get((account, posting.asset))
        if book is None:
            book = self.books[account, posting.asset] = Book(account, posting.asset)
        return book

    def change(self, gone: Iterable[Posting], new: Iterable[Posting]) -> None:
        """Takes postings out of their books and puts others in, and replays what that concerns."""
        dirty: dict[int, Book] = {}
        for posting in gone:
            book = self.book_of(posting)
            index = self._index(book, posting)
            self._rewind(book, index)
            del book.log[index]
            dirty[id(book)] = book
        for posting in new:
            book = self.book_of(posting)
            log = book.log
            if not log and book.account == POOL and self._switch < NEVER:
                log.append(Allot(POOL, book.asset, self._switch))
            if not log or order_of(log[-1]) < order_of(posting):
                log.append(posting)
            else:
                index = self._index(book, posting)
                self._rewind(book, index)
                log.insert(index, posting)
            dirty[id(book)] = book
        for book in dirty.values():
            self._wait(book)
        self._settle()

    def _index(self, book: Book, posting: Posting) -> int:
        return bisect_left(book.log, order_of(posting), key=order_of)

    def _wait(self, book: Book) -> None:
        if book.applied < len(book.log):
            heappush(self._queue, (order_of(book.log[book.applied]), id(book), book))

    def _settle(self) -> None:
        """Replays the books that wait, all together in order of time."""
        queue = self._queue
        heapify(queue)
        while queue:
            book = heappop(queue)[2]
            log = book.log
            while book.applied < len(log):
                posting = log[book.applied]
                if queue and queue[0][0] < order_of(posting):
                    self._wait(book)
                    break
                book.applied += 1
                self._apply(book, posting)

    def _rewind(self, book: Book, index: int) -> None:
        """Undoes all postings of the book from `index` on."""
        revived: list[HeldLot] = []
        for posting in reversed(book.log[index : book.applied]):
            undo(book, posting, revived)
        book.applied = min(index, book.applied)
        book.restore([lot for lot in revived if lot.left])

    def _apply(self, book: Book, posting: Posting) -> None:
        if type(posting) is Dispose or type(posting) is Leave:
            self._take(book, posting)
        elif type(posting) is Open:
            posting.left = posting.units
            if posting.units:
                for keeper in book.keepers:
                    keeper.put(posting)
        elif type(posting) is Arrive:
            for lot in posting.lots:
                book.put(lot)
        elif type(posting) is Depart:
            self._depart(book, posting)
        elif type(posting) is Allot:
            self._allot(book, posting)

    def _take(self, book: Book, posting: Take) -> None:
        """Draws units: the named lots first, then by the account's method; what nothing covers is missing."""
        view = book.steady or self._view(book, posting)
        if not posting.named and type(view) is OldestFirst:
            view.take(posting)
            return
        units = posting.units
        parts: list[Part] = []
        wanted = self._take_named(book, posting, parts) if posting.named else units
        posting.missing = draw(view, wanted, posting.proceeds, units, parts, units - wanted)
        posting.parts = tuple(merged(parts) if posting.named else parts)

    def _take_named(self, book: Book, posting: Take, parts: list[Part]) -> int:
        wanted = posting.units
        shorts = []
        for name in posting.named:
            asked = min(wanted, to_scaled(name.quantity))
            gone = posting.units - wanted
            short = draw(book.named(name.origin), asked, posting.proceeds, posting.units, parts, gone)
            wanted -= asked - short
            if short:
                shorts.append((name.origin, short))
        posting.shorts = tuple(shorts)
        return wanted

    def _view(self, book: Book, posting: Take) -> View:
        """The book in the order of the account and year. A book of one account in any year has but one: it is kept."""
        methods, account = self._methods, posting.account
        if methods.knows_years:
            return book.view(methods.method(account, posting.told_at.astimezone(self._zone).year))
        view = book.view(methods.method(account, 0))
        if book.account == account or not methods.by_account:
            book.steady = view
        return view

    def _depart(self, book: Book, posting: Depart) -> None:
        """In a pool, coins that stay the same coin take no lots with them: the pool does not care where they are."""
        if book.account == POOL and posting.asset == posting.arrive.asset:
            lots: list[HeldLot] = []
        else:
            self._take(book, posting)
            lots = moved_lots(posting)
        self._land(posting.arrive, lots)

    def _land(self, arrive: Arrive, lots: list[HeldLot]) -> None:
        """Hands the lots to the other end. Where they are the ones already there, nothing has to be done again."""
        old = arrive.lots
        if len(old) == len(lots) and all(a.is_like(b) for a, b in zip(old, lots, strict=True)):
            return
        if not self._is_loading:
            book = self.book_of(arrive)
            index = self._index(book, arrive)
            if index < book.applied:
                self._rewind(book, index)
                self._wait(book)
        arrive.lots = tuple(lots)

    def _allot(self, book: Book, posting: Allot) -> None:
        placed = allocate(posting, book, self._allocation)
        for account in sorted(set(placed) | set(posting.landings)):
            landing = posting.landings.get(account)
            if landing is None:
                landing = Arrive(posting.event_id, account, book.asset, self._switch, Phase.ALLOT, 0, 1)
                posting.landings[account] = landing
                if not self._is_loading:
                    target = self.book_of(landing)
                    self._rewind(target, 0)
                    target.log.insert(0, landing)
                    self._wait(target)
            self._land(landing, placed.get(account, []))

    def trial(self, posting: Dispose) -> tuple[tuple[Part, ...], int]:
        """The parts of a sale after everything else, and what no lot covers; the books stay as they are."""
        book = self.books.get(
            (POOL if self._is_pooled and posting.at < self._switch else posting.account, posting.asset)
        )
        if book is None:
            return (), posting.units
        self._take(book, posting)
        parts, missing = posting.parts, posting.missing
        revived: list[HeldLot] = []
        undo(book, posting, revived)
        book.restore(revived)
        return parts, missing

    def open_lots(self) -> list[HeldLot]:
        """Lots with units left, those under way included, oldest first."""
        lots = [lot for book in self.books.values() for lot in book.lots()]
        return sorted(lots, key=attrgetter("order"))

    def takes(self) -> list[AnyTake]:
        """Postings that draw from lots, book by book."""
        return [one for book in self.books.values() for one in book.log if isinstance(one, Take)]

    def _drawn(self, kind: type[Take]) -> list[Drawn]:
        return [
            Drawn(one, Piece(lot, units, cost, loss), proceeds)
            for one in in_order(self.takes())
            if type(one) is kind
            for lot, units, cost, proceeds, loss in one.parts
        ]

    @property
    def gaps(self) -> list[BasisGap]:
        """What no lot covered, in order of time."""
        return gaps_of(self.takes())

    @property
    def sold(self) -> list[Drawn]:
        """Pieces that were disposed of."""
        return self._drawn(Dispose)

    @property
    def left(self) -> list[Drawn]:
        """Pieces that went out of sight without a disposal."""
        return self._drawn(Leave)

    @property
    def moved(self) -> list[Drawn]:
        """Pieces that went into another book."""
        return self._drawn(Depart)

    @property
    def named_shortfalls(self) -> list[Shortfall]:
        """Named lots that could not be honoured, in order of time, those of an allocation table last."""
        return self.shortfalls_of(self.takes())

    def shortfalls_of(self, takes: Iterable[AnyTake]) -> list[Shortfall]:
        """The same, of these postings."""
        shorts = [
            Shortfall(one.event_id, origin, one.asset, units, one.account, one.told_at)
            for one in in_order([one for one in takes if one.shorts])
            for origin, units in one.shorts
        ]
        for book in sorted(self.books.values(), key=attrgetter("asset")):
            for one in book.log[-1:]:
                if isinstance(one, Allot):
                    shorts += [
                        Shortfall(EventId(f"{account}:allocation"), origin, one.asset, units, account, one.at)
                        for account, origin, units in one.shorts
                    ]
        return shorts


def undo(book: Book, posting: Posting, revived: list[HeldLot]) -> None:
    """Takes one posting back, the last one applied. Lots that were used up and have units again go to `revived`.

    What the posting noted stays on it until it is applied again: a move compares what comes out.
    """
    if type(posting) is Open:
        book.discard(posting)
    elif type(posting) is Arrive:
        for lot in posting.lots:
            book.discard(lot)
    else:
        for lot, units, cost, _, _ in posting.parts:  # type: ignore[union-attr]
            if not lot.left:
                revived.append(lot)
            lot.left += units
            if cost is not None and lot.cost_left is not None:
                lot.cost_left += cost


def gaps_of(takes: Iterable[AnyTake]) -> list[BasisGap]:
    """What no lot covered of what they asked for, in order of time."""
    return [
        BasisGap(one.account, one.asset, to_decimal(one.missing), one.told_at, one.event_id)
        for one in in_order([one for one in takes if one.missing])
    ]


def in_order(postings: Iterable[AnyPosting]) -> list[AnyPosting]:
    """The postings in order of time. Most have an instant of their own; only the ties are looked at closely."""
    ordered = sorted(postings, key=_at)
    instants = list(map(_at, ordered))
    if all(map(lt, instants, islice(instants, 1, None))):
        return ordered
    end = 0
    for start in compress(count(), map(eq, instants, islice(instants, 1, None))):
        if start >= end:
            end = bisect_right(instants, instants[start], lo=start)
            ordered[start:end] = sorted(ordered[start:end], key=order_of)
    return ordered
