"""The stored identification records at work: sales that they identify name their lots."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harvest_tui.core.records import Event

if TYPE_CHECKING:
    from harvest_tui.core.identification.record import Record
    from harvest_tui.store import Store


async def load_records(store: Store) -> list[Record]:
    """The records in order, up to the first that is not as it was written: `verify` names that one."""
    links = await store.record_links()
    if not links:
        return []
    from harvest_tui.core.identification.chain import readable

    return await asyncio.to_thread(readable, links)


async def identified(store: Store, events: list[Event]) -> list[Event]:
    """The events, with lots named in the sales that come under a record."""
    records = await load_records(store)
    return await asyncio.to_thread(_identified, events, records) if records else events


def _identified(events: Sequence[Event], records: Sequence[Record]) -> list[Event]:
    from harvest_tui.core.identification.assignment import identify

    return identify(events, records)
