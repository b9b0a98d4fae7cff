"""Walking a history that Binance only tells window by window, without a gap and without asking twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvest_tui.core.pages import RawRow
from harvest_tui.exchanges.strategies.base import Caller, Endpoint
from harvest_tui.exchanges.strategies.binance_pace import Pace
from harvest_tui.exchanges.strategies.binance_replies import JsonObject, Rows, bad, canonical, object_of

DAY_MS = 86_400_000
DISORDER = 50
"""Rows of an unsorted page that are asked again, in case neighbours of theirs fell behind its end."""

Params = dict[str, str | int]
Following = Callable[[Any, Sequence[JsonObject], Params], Params | None]
"""(reply, its rows, what was asked) -> what to ask for the rest of the window; None where it is complete."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One history of one endpoint.

    `days` is the widest window (None: any span), `overlap_days` how far back each sync reads again for rows that
    came late or changed. `at` gives a row's time in ms, `identity` its id in the stream, `coins` the codes in it.
    `starts_with_account`: nothing can be there before the account's first sign of life.
    """

    stream: str
    endpoint: Endpoint
    since_ms: int
    days: int | None
    overlap_days: int
    rows: Rows
    at: Callable[[JsonObject], int]
    identity: Callable[[JsonObject], str]
    group: Callable[[JsonObject], str]
    read: Callable[[JsonObject], object]
    coins: Callable[[JsonObject], Sequence[str]]
    following: Following
    first_page: Mapping[str, str | int]
    times: tuple[str, str] = ("startTime", "endTime")
    starts_with_account: bool = False
    pace: Pace | None = None

    def check(self, reply: Any) -> None:
        """Raises BadReply unless every row of the reply can be told apart, dated and read."""
        for row in self.rows(reply):
            self.at(row)
            self.identity(row)
            self.read(row)

    def raw(self, rows: Sequence[JsonObject]) -> tuple[RawRow, ...]:
        """The rows as they are stored; a row that came twice in one page is one."""
        found = {self.identity(row): RawRow(self.identity(row), self.group(row), canonical(row)) for row in rows}
        return tuple(found.values())

    def end_of(self, start: int, now_ms: int) -> int:
        """The last ms of the window that begins at `start`."""
        return now_ms if self.days is None else min(now_ms, start + self.days * DAY_MS - 1)

    async def ask(self, caller: Caller, window: tuple[int, int], page: Mapping[str, str | int]) -> Any:
        """One checked reply."""
        if self.pace is not None:
            await self.pace.step()
        asked = {self.times[0]: window[0], self.times[1]: window[1], **page}
        return await caller.call(self.endpoint, asked, self.check)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a feed is read: everything before `to`; of the window from `to` to `end` all before `page`.

    `since` is where the walk began; `first` is the time of the oldest row ever seen, None where there was none.
    """

    to: int
    since: int
    end: int | None = None
    page: Mapping[str, str | int] | None = None
    first: int | None = None

    def text(self) -> str:
        """The mark as a cursor."""
        told: dict[str, object] = {"to": self.to, "since": self.since, "first": self.first}
        if self.end is not None:
            told |= {"end": self.end, "page": dict(self.page or {})}
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def parse(cls, cursor: str) -> Mark:
        """The mark that `text` wrote."""
        told = json.loads(cursor)
        return cls(told["to"], told["since"], told.get("end"), told.get("page"), told.get("first"))


@dataclass(frozen=True, slots=True)
class Step:
    """One reply of a walk: its rows, and the mark that is true once they are stored."""

    rows: Sequence[JsonObject]
    mark: Mark
    is_last: bool


async def walk(feed: Feed, caller: Caller, mark: Mark | None, since_ms: int, now_ms: int) -> AsyncIterator[Step]:
    """Every reply from `mark` (None: from `since_ms`) up to now. An empty window is no end."""
    start, end, page = since_ms, None, None
    first = None if mark is None else mark.first
    if mark is not None and mark.end is not None:
        start, end, page = mark.to, mark.end, mark.page
    elif mark is not None:
        start = max(feed.since_ms, min(mark.to, now_ms) - feed.overlap_days * DAY_MS)
    while True:
        end = feed.end_of(start, now_ms) if end is None else end
        asked: Params | None = dict(feed.first_page if page is None else page)
        while asked is not None:
            reply = await feed.ask(caller, (start, end), asked)
            rows = feed.rows(reply)
            first = min([feed.at(row) for row in rows] + ([] if first is None else [first]), default=None)
            asked = _progress(asked, feed.following(reply, rows, asked))
            is_last = asked is None and end >= now_ms
            begun = since_ms if mark is None else mark.since
            left = Mark(start, begun, end, asked, first) if asked else Mark(end + 1, begun, first=first)
            yield Step(rows, left, is_last)
        if end >= now_ms:
            return
        start, end, page = end + 1, None, None


def _progress(asked: Params, following: Params | None) -> Params | None:
    if following == asked:
        raise bad("a page that leads to itself")
    return following


def by_offset(limit: int) -> Following:
    """`offset` counts on while pages are full."""

    def following(reply: Any, rows: Sequence[JsonObject], asked: Params) -> Params | None:
        return None if len(rows) < limit else {**asked, "offset": int(asked.get("offset", 0)) + len(rows)}

    return following


def by_page(size: int, total: Callable[[JsonObject], int]) -> Following:
    """`page` counts on until all rows of the reply's own total are told."""

    def following(reply: Any, rows: Sequence[JsonObject], asked: Params) -> Params | None:
        number = int(asked["page"])
        expected = total(object_of(reply, "the reply"))
        if (number - 1) * size + len(rows) >= expected:
            return None
        if not rows:
            raise bad("an empty page that says more follows")
        return {**asked, "page": number + 1}

    return following


def by_narrowing(
    has_more: Callable[[JsonObject, Sequence[JsonObject]], bool],
    at: Callable[[JsonObject], int],
    times: tuple[str, str] = ("startTime", "endTime"),
) -> Following:
    """The window's end (or start, where rows come oldest first) moves to the last row told.

    That row's ms is asked again, because others of the same ms may not have fitted in the page.
    """

    def following(reply: Any, rows: Sequence[JsonObject], asked: Params) -> Params | None:
        if not has_more(object_of(reply, "the reply"), rows):
            return None
        if not rows:
            raise bad("an empty page that says more follows")
        told = [at(row) for row in rows]
        ordered = sorted(told)
        if ordered[0] == ordered[-1]:
            raise bad("more rows in one millisecond than a page holds")
        if told == ordered:
            return {**asked, times[0]: ordered[-1]}
        # Rows out of order: others as old as the oldest ones here may stand on the next page.
        is_sorted = told == ordered[::-1]
        return {**asked, times[1]: ordered[0 if is_sorted else min(DISORDER, len(ordered) - 1)]}

    return following
