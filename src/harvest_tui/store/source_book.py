"""Which raw rows tell an event: an exchange's own, or the file it was imported from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harvest_tui.core.records import EventId
from harvest_tui.core.source_rows import SourceRow
from harvest_tui.store.columns import chunks, marks, moment
from harvest_tui.store.engine import Rows

_DIGITS = 12
"""So much of a file's SHA-256 names it among the files of one home."""
_FROM_EXCHANGES = """SELECT events.event_id, accounts.exchange, raw_rows.stream, raw_rows.native_id, raw_rows.endpoint,
        max(raw_rows.version), raw_rows.fetched_us
    FROM events JOIN accounts USING (account)
    JOIN raw_rows ON raw_rows.account = events.account AND raw_rows.group_key = events.group_key
    WHERE events.event_id IN ({marks})
    GROUP BY events.event_id, raw_rows.stream, raw_rows.native_id
    ORDER BY events.event_id, raw_rows.stream, raw_rows.native_id"""
_FROM_FILES = """SELECT event_id, imports.source, imports.source_sha256
    FROM imported_events JOIN imports USING (import_id)
    WHERE event_id IN ({marks}) AND event_id NOT IN (SELECT event_id FROM events)"""


async def sources(source: Rows, event_ids: Sequence[EventId]) -> dict[EventId, tuple[SourceRow, ...]]:
    """The rows of each event, by stream and row id; events that no row tells are left out.

    Where rows tell an event together with others (an order and its fills), all rows of the group are given.
    """
    found: dict[EventId, list[SourceRow]] = defaultdict(list)
    for some in chunks(event_ids):
        told = await source.rows(_FROM_EXCHANGES.format(marks=marks(len(some))), some)
        for event_id, exchange, stream, native_id, endpoint, _, fetched_us in told:
            found[EventId(event_id)].append(SourceRow(exchange, stream, native_id, endpoint, moment(fetched_us)))
        told = await source.rows(_FROM_FILES.format(marks=marks(len(some))), some)
        for event_id, name, sha256 in told:
            found[EventId(event_id)].append(SourceRow("", name, sha256[:_DIGITS]))
    return {event_id: tuple(rows) for event_id, rows in found.items()}
