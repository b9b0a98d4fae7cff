"""Disposals in order of time, page by page: a change makes anew only the pages that it touches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import overload
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import Part
from harvest_tui.core.lots.ledger import Disposal
from harvest_tui.core.lots.postings import Dispose, Order, order_of
from harvest_tui.core.lots.statement import Days, disposal_of

Parts = tuple[Part, ...]
PAGE = 512
"""Postings of a page; one of twice as many is halved."""


class _Shown:
    """A page as it was at one time. Its disposals are made when somebody reads them, of the parts of that time.

    Those that the page `before` it has made of the same parts are taken from there.
    """

    __slots__ = ("_before", "_made", "_parts", "_postings", "_zone", "count")

    def __init__(self, postings: Sequence[Dispose], zone: ZoneInfo, before: _Shown | None) -> None:
        self._postings: Sequence[Dispose] = tuple(postings)
        self._parts: Sequence[Parts] = [one.parts for one in postings]
        self._zone = zone
        # A page that nobody read passes on the last one that somebody did: there is no chain of them.
        self._before: _Shown | None = before
        if before is not None and before._made is None:
            self._before = before._before
        self._made: tuple[Disposal, ...] | None = None
        self.count = sum(map(len, self._parts))

    def disposals(self) -> tuple[Disposal, ...]:
        made, before = self._made, self._before
        if made is None:
            known = {} if before is None else before._by_posting()
            self._made = made = tuple(chain.from_iterable(self._disposals(known)))
            self._before = None
        return made

    def _disposals(self, known: Mapping[Dispose, tuple[Parts, Sequence[Disposal]]]) -> Iterator[Sequence[Disposal]]:
        days = Days(self._zone)
        for posting, parts in zip(self._postings, self._parts, strict=True):
            had, made = known.get(posting, (None, ()))
            yield made if had is parts else [disposal_of(posting, part, days) for part in parts]

    def _by_posting(self) -> dict[Dispose, tuple[Parts, Sequence[Disposal]]]:
        found: dict[Dispose, tuple[Parts, Sequence[Disposal]]] = {}
        made, end = self._made or (), 0
        for posting, parts in zip(self._postings, self._parts, strict=True):
            start, end = end, end + len(parts)
            found[posting] = (parts, made[start:end])
        return found


class Disposals(Sequence[Disposal]):
    """Equals and hashes as the tuple of its disposals, and knows their number without making them."""

    __slots__ = ("_ends", "_pages")

    def __init__(self, pages: Iterable[_Shown]) -> None:
        self._pages = tuple(pages)
        self._ends = list(accumulate(page.count for page in self._pages))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Disposal: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Disposal, ...]: ...
    def __getitem__(self, index: int | slice) -> Disposal | tuple[Disposal, ...]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return tuple(self._between(start, stop))
            return tuple(self[one] for one in range(start, stop, step))
        place = range(len(self))[index]
        page = bisect_right(self._ends, place)
        return self._pages[page].disposals()[place - (self._ends[page - 1] if page else 0)]

    def _between(self, start: int, stop: int) -> Iterator[Disposal]:
        for page, end in zip(self._pages, self._ends, strict=True):
            begin = end - page.count
            if begin < stop and start < end:
                yield from page.disposals()[max(start - begin, 0) : stop - begin]

    def __iter__(self) -> Iterator[Disposal]:
        return chain.from_iterable(page.disposals() for page in self._pages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Sold:
    """The disposing postings in order of time, and pages of what they came to."""

    def __init__(self, ordered: Sequence[Dispose], zone: ZoneInfo) -> None:
        self._zone = zone
        self._pages = [list(ordered[start : start + PAGE]) for start in range(0, len(ordered), PAGE)] or [[]]
        self._shown: list[_Shown | None] = [None] * len(self._pages)
        self._is_old = [True] * len(self._pages)
        self._firsts = [order_of(page[0]) for page in self._pages[1:]]

    def change(self, went: Iterable[Dispose], came: Iterable[Dispose]) -> None:
        """Takes postings out, and puts in those that are not there; all of them are read anew."""
        for posting in went:
            number, place, is_there = self._find(posting)
            if is_there:
                del self._pages[number][place]
                self._is_old[number] = True
        for posting in came:
            number, place, is_there = self._find(posting)
            self._is_old[number] = True
            if not is_there:
                self._pages[number].insert(place, posting)
                if len(self._pages[number]) > 2 * PAGE:
                    self._halve(number)

    def disposals(self) -> Disposals:
        """Everything as of now. It stays as it is when postings change."""
        for number, shown in enumerate(self._shown):
            if self._is_old[number]:
                self._shown[number] = _Shown(self._pages[number], self._zone, shown)
                self._is_old[number] = False
        return Disposals(shown for shown in self._shown if shown is not None)

    def _find(self, posting: Dispose) -> tuple[int, int, bool]:
        order: Order = order_of(posting)
        number = bisect_right(self._firsts, order)
        page = self._pages[number]
        place = bisect_left(page, order, key=order_of)
        for same in range(place, len(page)):
            if page[same] is posting:
                return number, same, True
            if order_of(page[same]) != order:
                break
        return number, place, False

    def _halve(self, number: int) -> None:
        page = self._pages[number]
        self._pages[number : number + 1] = [page[:PAGE], page[PAGE:]]
        self._shown[number : number + 1] = [self._shown[number]] * 2
        self._is_old[number : number + 1] = [True, True]
        self._firsts.insert(number, order_of(page[PAGE]))
