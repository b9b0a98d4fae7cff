"""What this process changed in the cache since it opened it: which events, and which past prices. In memory alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar

from harvest_tui.core.records import Asset, EventId

CandleSpan = tuple[Asset, datetime, int]
"""Asset, start and seconds of a candle."""
LIMIT = 20_000
"""Events, and candles, that are remembered by name. Who missed more reads everything anew: it is hardly more work."""
T = TypeVar("T")


class Changes(NamedTuple):
    """Names of what was added, changed or removed since an earlier mark; `mark` is where to go on from."""

    mark: int
    event_ids: tuple[EventId, ...] = ()
    candles: tuple[CandleSpan, ...] = ()


class Touched:
    """What one transaction changes; the journal hears of it once it is committed."""

    def __init__(self) -> None:
        self.event_ids: list[EventId] = []
        self.candles: list[CandleSpan] = []
        self.is_all = False
        """Too much to name: a whole account, or nobody knows."""

    def __bool__(self) -> bool:
        return self.is_all or bool(self.event_ids or self.candles)


class Journal:
    """Names with the number of the transaction that touched them last; the oldest are forgotten beyond a limit."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._mark = 0
        self._known_from = 0
        self._event_ids: dict[EventId, int] = {}
        self._candles: dict[CandleSpan, int] = {}

    @property
    def mark(self) -> int:
        """The number of the last transaction that touched anything."""
        return self._mark

    def add(self, touched: Touched) -> None:
        """Takes a committed transaction in."""
        if touched.is_all:
            self.forget()
        elif touched:
            self._mark += 1
            self._take(self._event_ids, touched.event_ids)
            self._take(self._candles, touched.candles)

    def forget(self) -> None:
        """From now on nobody can say what changed up to here."""
        self._mark += 1
        self._known_from = self._mark
        self._event_ids.clear()
        self._candles.clear()

    def since(self, mark: int) -> Changes | None:
        """What was touched after `mark`, a mark of this journal; None where that is not known any more."""
        if mark < self._known_from:
            return None
        return Changes(self._mark, _after(self._event_ids, mark), _after(self._candles, mark))

    def _take(self, book: dict[T, int], names: Iterable[T]) -> None:
        for name in names:
            book.pop(name, None)  # so that the last touched are the last
            book[name] = self._mark
        while len(book) > self._limit:
            oldest = next(iter(book))
            self._known_from = max(self._known_from, book.pop(oldest))


def _after(book: dict[T, int], mark: int) -> tuple[T, ...]:
    found = []
    for name in reversed(book):
        if book[name] <= mark:
            break
        found.append(name)
    return tuple(found)
