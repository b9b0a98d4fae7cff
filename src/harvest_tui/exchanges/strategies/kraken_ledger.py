"""The walk through Kraken's ledger: newest first, 50 rows a page, by offset, cut short anywhere without loss."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from harvest_tui.core.pages import Page
from harvest_tui.core.records import AccountId
from harvest_tui.exchanges.strategies.base import Caller, Endpoint
from harvest_tui.exchanges.strategies.kraken_replies import (
    bad,
    check_ledger,
    ledger_raw,
    ledger_rows,
    microsecond,
    time_parts,
)

LEDGER = Endpoint("POST", r"/0/private/Ledgers", "privatePostLedgers", cost=2)
LEDGER_STREAM = "ledger"
OVERLAP_SECONDS = 3600
"""Rows may show up late; each walk reads the last hour before the mark again."""
_MOST_REWALKS = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows after `after` up to `until` (seconds) of which the newest `offset` are stored; `count` are in it."""

    after: int | None
    until: int | None
    offset: int
    count: int
    newest: int


@dataclass(frozen=True, slots=True)
class LedgerCursor:
    """`mark`: all rows up to this second are stored. `deposit`, `withdrawal`: the newest such row, in us."""

    mark: int | None = None
    gap: Gap | None = None
    deposit: int | None = None
    withdrawal: int | None = None

    @classmethod
    def read(cls, text: str | None) -> LedgerCursor:
        """The cursor of stored JSON text; the beginning where nothing is stored."""
        if text is None:
            return cls()
        told = json.loads(text)
        gap = told.get("gap")
        return cls(told.get("mark"), None if gap is None else Gap(**gap), told.get("deposit"), told.get("withdrawal"))

    def write(self) -> str:
        """The cursor as JSON text."""
        gap = self.gap
        told = {
            "mark": self.mark,
            "deposit": self.deposit,
            "withdrawal": self.withdrawal,
            "gap": None
            if gap is None
            else {
                "after": gap.after,
                "until": gap.until,
                "offset": gap.offset,
                "count": gap.count,
                "newest": gap.newest,
            },
        }
        return json.dumps(told, separators=(",", ":"))

    def seeing(self, rows: Mapping[str, Mapping[str, Any]]) -> LedgerCursor:
        """The cursor that also knows of these rows' deposits and withdrawals."""
        newest: dict[str, int | None] = {"deposit": self.deposit, "withdrawal": self.withdrawal}
        for row in rows.values():
            kind, at = row["type"], microsecond(row["time"])
            if kind in newest:
                newest[kind] = max(at, newest[kind] or 0)
        return replace(self, deposit=newest["deposit"], withdrawal=newest["withdrawal"])


class LedgerWalk:
    """One sync's walk. `cursor` is what is true of the pages handed out so far."""

    def __init__(self, caller: Caller, account: AccountId, cursor: LedgerCursor, now: datetime) -> None:
        self.cursor = cursor
        self._caller = caller
        self._account = account
        self._now = now

    async def pages(self) -> AsyncIterator[Page]:
        """An unfinished gap first, then everything newer than the mark."""
        if self.cursor.gap is not None:
            async for page in self._close(self.cursor.gap, is_head=False):
                yield page
        mark = self.cursor.mark
        after = None if mark is None else max(0, mark - OVERLAP_SECONDS)
        async for page in self._close(Gap(after, None, 0, 0, mark or 0), is_head=True):
            yield page

    async def _close(self, gap: Gap, *, is_head: bool) -> AsyncIterator[Page]:
        """Walks the gap to its end. Rows that slip in above the walk push others into it twice: as many as came
        twice are missing above, and the walk starts over until all were seen."""
        seen: set[str] = set()
        before, rewalks = gap.offset, 0
        while True:
            rows, count = await self._ask(gap)
            seen.update(rows)
            gap = _advanced(gap, rows, count)
            is_done = gap.offset >= count
            if is_done and len(seen) + before < count:
                rewalks += 1
                if rewalks > _MOST_REWALKS:
                    raise bad("a ledger that changes faster than it can be read")
                gap, before, is_done = replace(gap, offset=0), 0, False
            self.cursor = replace(self.cursor.seeing(rows), gap=gap)
            if is_done:
                mark = max(gap.newest, self.cursor.mark or 0) or None
                self.cursor = replace(self.cursor, gap=None, mark=mark)
            yield self._page(rows, count, is_last=is_done and is_head)
            if is_done:
                return

    async def _ask(self, gap: Gap) -> tuple[dict[str, dict[str, Any]], int]:
        params: dict[str, str | int] = {}
        if gap.after is not None:
            params["start"] = gap.after
        if gap.until is not None:
            params["end"] = gap.until
        if gap.offset:
            params["ofs"] = gap.offset

        def check(reply: Any) -> None:
            check_ledger(reply)
            rows, count = ledger_rows(reply)
            if len(rows) > count or (not rows and gap.offset < count):
                raise bad("a ledger page that does not fit its count")

        return ledger_rows(await self._caller.call(LEDGER, params, check))

    def _page(self, rows: Mapping[str, Mapping[str, Any]], count: int, *, is_last: bool) -> Page:
        return Page(
            account=self._account,
            stream=LEDGER_STREAM,
            rows=tuple(ledger_raw(ledger_id, row) for ledger_id, row in rows.items()),
            cursor=self.cursor.write(),
            is_last=is_last,
            endpoint="Ledgers",
            fetched_at=self._now,
            expected_rows=count,
        )


def _advanced(gap: Gap, rows: Mapping[str, Mapping[str, Any]], count: int) -> Gap:
    """The gap after a page. Its end is fixed by the first page: later rows must not move the offsets."""
    newest = max((time_parts(row["time"])[0] for row in rows.values()), default=0)
    until = gap.until
    if until is None and rows:
        until = newest + 1
    gone = max(0, gap.count - count)
    offset = max(0, gap.offset - gone) if gone else gap.offset + len(rows)
    return Gap(gap.after, until, offset, count, max(gap.newest, newest))
