"""Events from files: added once, never altered, all of a file or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from harvest_tui.core.records import AccountId, Event, EventId
from harvest_tui.errors import InputError
from harvest_tui.store.columns import chunks, marks, microseconds
from harvest_tui.store.engine import Rows, Transaction
from harvest_tui.store.event_rows import EVENT_COLUMN_COUNT, EVENT_COLUMNS, event_builder, event_row

_INSERT = f"INSERT INTO imported_events ({EVENT_COLUMNS}, import_id) VALUES ({marks(EVENT_COLUMN_COUNT + 1)})"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """How many events were (or, in a dry run, would be) new, how many known, and how many contradict known ones."""

    new: int
    known: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Comparison:
    fresh: tuple[Event, ...]
    known: int
    contradicting: tuple[EventId, ...]


def _is_same(one: Event, other: Event) -> bool:
    """Equal but for the place in the file: a longer export lists the same rows at other places."""
    return replace(one, sequence=0) == replace(other, sequence=0)


async def _compare(source: Rows, events: Sequence[Event]) -> _Comparison:
    held: dict[EventId, Event] = {}
    for some in chunks([event.event_id for event in events]):
        for table in ("imported_events", "events"):
            found: list[Event] = await source.rows(
                f"SELECT {EVENT_COLUMNS} FROM {table} WHERE event_id IN ({marks(len(some))})", some, event_builder()
            )
            held.update({event.event_id: event for event in found})
    fresh: list[Event] = []
    contradicting: list[EventId] = []
    for event in events:
        before = held.setdefault(event.event_id, event)
        if before is event:
            fresh.append(event)
        elif not _is_same(before, event):
            contradicting.append(event.event_id)
    return _Comparison(tuple(fresh), len(events) - len(fresh) - len(contradicting), tuple(contradicting))


async def preview(source: Rows, events: Sequence[Event]) -> ImportOutcome:
    """What an import of the events would come to."""
    comparison = await _compare(source, events)
    return ImportOutcome(len(comparison.fresh), comparison.known, len(comparison.contradicting))


async def add(transaction: Transaction, events: Sequence[Event], source: str, source_sha256: str) -> ImportOutcome:
    """Adds what is new. Raises InputError naming the first event whose id is held with other content."""
    comparison = await _compare(transaction, events)
    if comparison.contradicting:
        count, first = len(comparison.contradicting), comparison.contradicting[0]
        raise InputError(
            f"{count} events are known with other content, first {first!r}",
            "give the rows ids of their own, or remove the account they were imported into; nothing was imported",
        )
    outcome = ImportOutcome(len(comparison.fresh), comparison.known, 0)
    if comparison.fresh:
        await _add_missing_accounts(transaction, comparison.fresh)
        [(import_id,)] = await transaction.rows(
            "INSERT INTO imports (source, source_sha256, new_events, known_events) VALUES (?,?,?,?) "
            "RETURNING import_id",
            (source, source_sha256, outcome.new, outcome.known),
        )
        await transaction.run_many(_INSERT, [(*event_row(event), import_id) for event in comparison.fresh])
        transaction.touched.event_ids += [event.event_id for event in comparison.fresh]
        transaction.touch_facts()
    return outcome


async def _add_missing_accounts(transaction: Transaction, events: Sequence[Event]) -> None:
    """Lots need a home: accounts the file names become books, as old as their first event."""
    first: dict[AccountId, datetime] = {}
    for event in events:
        for account in (event.account, event.counter_account):
            if account is not None:
                first[account] = min(event.executed_at, first.get(account, event.executed_at))
    await transaction.run_many(
        "INSERT INTO accounts (account, exchange, added_us, rights, lot_order, tier) "
        "VALUES (?, '', ?, 'unknown', 'fifo', '') ON CONFLICT DO NOTHING",
        [(account, microseconds(at)) for account, at in sorted(first.items())],
    )
