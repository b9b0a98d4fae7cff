"""A page of raw rows on its way from an exchange into the store, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from harvest_tui.core.records import AccountId, Event


class RawRow(NamedTuple):
    """One row exactly as the exchange told it, as canonical JSON text in `payload`.

    `native_id` is unique in (account, stream). `group` joins the rows, also of other streams of the
    account, that tell one event together (both legs of a Kraken trade share their `refid`).
    """

    native_id: str
    group: str
    payload: str


class StoredRow(NamedTuple):
    """A raw row as the store hands it back for parsing: latest version only."""

    stream: str
    native_id: str
    payload: str


class Page(NamedTuple):
    """Rows of one checked reply, with the cursor that is true once they are stored.

    `cursor` is JSON text, or None where this page must not move the mark yet. `is_last` says that
    the stream is complete up to now; `expected_rows` is the exchange's own count where it gives one.
    """

    account: AccountId
    stream: str
    rows: tuple[RawRow, ...]
    cursor: str | None
    is_last: bool
    endpoint: str
    fetched_at: datetime
    expected_rows: int | None = None


class PageOutcome(NamedTuple):
    """How many rows of a page were new, known, or known with another payload."""

    new: int
    known: int
    changed: int


GroupParser = Callable[[AccountId, str, Sequence[StoredRow]], Sequence[Event]]
"""(account, group, rows of that group) -> events; rows that are no event of their own give none."""

PageSink = Callable[[Page], "object"]
