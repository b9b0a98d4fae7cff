"""An account's history: raw rows as told, the events they tell, and how far each stream has been read."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from harvest_tui.core.pages import GroupParser, Page, PageOutcome, StoredRow
from harvest_tui.core.records import AccountId, Event, EventId
from harvest_tui.errors import StoreError
from harvest_tui.store.columns import VALUES_AT_ONCE, chunks, marks, microseconds, moment, moment_or_none
from harvest_tui.store.engine import Engine, Rows, Transaction, Value
from harvest_tui.store.event_rows import EVENT_COLUMN_COUNT, EVENT_COLUMNS, event_builder, event_row

_LATEST = """NOT EXISTS (SELECT 1 FROM raw_rows AS newer WHERE newer.account = raw_rows.account
    AND newer.stream = raw_rows.stream AND newer.native_id = raw_rows.native_id AND newer.version > raw_rows.version)"""
_INSERT_RAW = """INSERT INTO raw_rows
    (account, stream, native_id, version, group_key, payload, sha256, endpoint, fetched_us)
    VALUES (?,?,?,?,?,?,?,?,?)"""
_INSERT_EVENT = f"INSERT INTO events ({EVENT_COLUMNS}, group_key) VALUES ({marks(EVENT_COLUMN_COUNT + 1)})"
_MARK_STREAM = """INSERT INTO streams (account, stream, cursor, is_complete, completed_us, page_us, expected_rows)
    VALUES (?,?,?,?,?,?,?) ON CONFLICT (account, stream) DO UPDATE SET
        cursor = coalesce(excluded.cursor, cursor), is_complete = excluded.is_complete,
        completed_us = coalesce(excluded.completed_us, completed_us), page_us = excluded.page_us,
        expected_rows = coalesce(excluded.expected_rows, expected_rows)"""
_ALL_EVENTS = f"""SELECT {EVENT_COLUMNS} FROM events WHERE ?1 IS NULL OR account = ?1
    UNION ALL SELECT {EVENT_COLUMNS} FROM imported_events
        WHERE (?1 IS NULL OR account = ?1) AND event_id NOT IN (SELECT event_id FROM events)"""
_IN_ORDER = " ORDER BY executed_us, sequence, event_id"
_NAMED_EVENTS = f"""SELECT {EVENT_COLUMNS} FROM events WHERE event_id IN (%s)
    UNION ALL SELECT {EVENT_COLUMNS} FROM imported_events
        WHERE event_id IN (%s) AND NOT EXISTS (SELECT 1 FROM events WHERE events.event_id = imported_events.event_id)"""
EVENTS_AT_ONCE = 4_000
_GROUPS_BETWEEN_TURNS = 50
"""Groups parsed before the event loop gets its turn, so that the screen stays alive."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far one stream of an account has been read.

    `is_complete` is False while a walk is under way; `completed_at` is when the last whole walk ended, None before
    the first. `rows` counts the rows held, `expected_rows` is the exchange's own count where it gave one.
    """

    stream: str
    is_complete: bool
    completed_at: datetime | None
    page_at: datetime
    rows: int
    expected_rows: int | None


@dataclass(slots=True)
class _Head:
    """The latest stored version of a raw row."""

    version: int
    group: str
    sha256: bytes


async def save_page(transaction: Transaction, page: Page, parse: GroupParser) -> PageOutcome:
    """Stores the page's rows, the events of every group they touch, the cursor and the stream's state."""
    await _require_account(transaction, page.account)
    heads = await _heads(transaction, page)
    fresh: list[tuple[Value, ...]] = []
    touched: set[str] = set()
    new = known = 0
    fetched_us = microseconds(page.fetched_at)
    for row in page.rows:
        sha256 = hashlib.sha256(row.payload.encode()).digest()
        head = heads.get(row.native_id)
        if head is not None and (head.sha256, head.group) == (sha256, row.group):
            known += 1
            continue
        version = 1
        if head is None:
            new += 1
        else:
            version = head.version + 1
            touched.add(head.group)
        touched.add(row.group)
        heads[row.native_id] = _Head(version, row.group, sha256)
        fresh.append(
            (
                page.account,
                page.stream,
                row.native_id,
                version,
                row.group,
                row.payload,
                sha256,
                page.endpoint,
                fetched_us,
            )
        )
    if fresh:
        await transaction.run_many(_INSERT_RAW, fresh)
        await _derive(transaction, page.account, sorted(touched), parse)
        transaction.touch_facts()
    completed_us = fetched_us if page.is_last else None
    state = (page.cursor, int(page.is_last), completed_us, fetched_us, page.expected_rows)
    await transaction.run(_MARK_STREAM, (page.account, page.stream, *state))
    return PageOutcome(new=new, known=known, changed=len(fresh) - new)


async def _require_account(transaction: Transaction, account: AccountId) -> None:
    if not await transaction.rows("SELECT 1 FROM accounts WHERE account = ?", (account,)):
        raise StoreError(f"there is no account {account!r} in the cache", "connect it first; nothing was stored")


async def _heads(transaction: Transaction, page: Page) -> dict[str, _Head]:
    heads: dict[str, _Head] = {}
    for ids in chunks([row.native_id for row in page.rows]):
        found = await transaction.rows(
            "SELECT native_id, version, group_key, sha256 FROM raw_rows WHERE account = ? AND stream = ? "
            f"AND native_id IN ({marks(len(ids))}) AND {_LATEST}",
            (page.account, page.stream, *ids),
        )
        heads.update({native_id: _Head(version, group, sha256) for native_id, version, group, sha256 in found})
    return heads


async def _derive(transaction: Transaction, account: AccountId, groups: Sequence[str], parse: GroupParser) -> int:
    """Replaces the events of the groups by what their raw rows tell now. The number of events they have."""
    for some in chunks(groups):
        where = f"account = ? AND group_key IN ({marks(len(some))})"
        gone = await transaction.rows(f"DELETE FROM events WHERE {where} RETURNING event_id", (account, *some))
        transaction.touched.event_ids += [event_id for (event_id,) in gone]
    count = 0
    for some in chunks(groups):
        where = f"account = ? AND group_key IN ({marks(len(some))})"
        raw = await transaction.rows(
            f"SELECT group_key, stream, native_id, payload FROM raw_rows WHERE {where} AND {_LATEST} "
            "ORDER BY group_key, stream, native_id",
            (account, *some),
        )
        rows: list[tuple[Value, ...]] = []
        for turn, (group, members) in enumerate(groupby(raw, key=itemgetter(0)), start=1):
            events = parse(account, group, [StoredRow(*member[1:]) for member in members])
            transaction.touched.event_ids += [event.event_id for event in events]
            rows.extend((*event_row(_own(event, account)), group) for event in events)
            if not turn % _GROUPS_BETWEEN_TURNS:
                await asyncio.sleep(0)
        if rows:
            await transaction.run_many(_INSERT_EVENT, rows)
        count += len(rows)
    return count


def _own(event: Event, account: AccountId) -> Event:
    if event.account != account:
        raise StoreError(
            f"event {event.event_id!r} of account {event.account!r} came out of rows of {account!r}",
            "nothing of it was stored; please report this",
        )
    return event


async def rebuild(transaction: Transaction, account: AccountId, parse: GroupParser) -> int:
    """Drops the account's events and tells them anew from the raw rows. The number of events."""
    await transaction.run("DELETE FROM events WHERE account = ?", (account,))
    groups = await transaction.rows("SELECT DISTINCT group_key FROM raw_rows WHERE account = ? ORDER BY 1", (account,))
    transaction.touch_facts()
    transaction.touched.is_all = True
    return await _derive(transaction, account, [group for (group,) in groups], parse)


async def cursors(source: Rows, account: AccountId) -> dict[str, str]:
    """The stored cursor of each stream that has one."""
    found = await source.rows(
        "SELECT stream, cursor FROM streams WHERE account = ? AND cursor IS NOT NULL ORDER BY stream", (account,)
    )
    return dict(found)


async def stream_states(source: Rows, account: AccountId) -> dict[str, StreamState]:
    """The state of each stream that was read at least once."""
    found = await source.rows(
        """SELECT stream, is_complete, completed_us, page_us, expected_rows,
            (SELECT count(*) FROM raw_rows WHERE raw_rows.account = streams.account
                AND raw_rows.stream = streams.stream AND version = 1)
        FROM streams WHERE account = ? ORDER BY stream""",
        (account,),
    )
    return {
        stream: StreamState(stream, bool(is_complete), moment_or_none(completed_us), moment(page_us), rows, expected)
        for stream, is_complete, completed_us, page_us, expected, rows in found
    }


async def raw_rows(source: Rows, account: AccountId, stream: str | None) -> list[StoredRow]:
    """The latest version of each raw row, by stream and native id."""
    found = await source.rows(
        "SELECT stream, native_id, payload FROM raw_rows WHERE account = ?1 AND (?2 IS NULL OR stream = ?2) "
        f"AND {_LATEST} ORDER BY stream, native_id",
        (account, stream),
    )
    return [StoredRow(*row) for row in found]


async def raw_count(source: Rows, account: AccountId, stream: str | None) -> int:
    """How many different raw rows are held; versions of one row count once."""
    [(count,)] = await source.rows(
        "SELECT count(*) FROM raw_rows WHERE account = ?1 AND (?2 IS NULL OR stream = ?2) AND version = 1",
        (account, stream),
    )
    return int(count)


async def event_count(source: Rows, account: AccountId) -> int:
    """How many events of the account are held."""
    [(count,)] = await source.rows(f"SELECT count(*) FROM ({_ALL_EVENTS})", (account,))
    return int(count)


@contextmanager
def _collections_paused() -> Iterator[None]:
    """No search for cycles while events are made: they have none, and it takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def events(source: Rows, account: AccountId | None) -> list[Event]:
    """Events of one or all accounts in order of time, then of their source.

    An imported event steps back behind the exchange's own event of the same id.
    """
    with _collections_paused():
        return await source.rows(_ALL_EVENTS + _IN_ORDER, (account,), event_builder())


def event_parts(engine: Engine) -> AsyncGenerator[list[Event], None]:
    """The same events of all accounts, in no order, some thousands at a time and all as of one instant."""
    return engine.parts(_ALL_EVENTS, (None,), event_builder(), EVENTS_AT_ONCE)


async def named_events(source: Rows, event_ids: Sequence[EventId]) -> list[Event]:
    """The events of these ids, in no order; ids of no event are left out. As in `events`, an exchange's own goes
    before an imported one."""
    found: list[Event] = []
    with _collections_paused():
        for some in chunks(event_ids, VALUES_AT_ONCE // 2):
            places = marks(len(some))
            found += await source.rows(_NAMED_EVENTS % (places, places), (*some, *some), event_builder())
    return found
