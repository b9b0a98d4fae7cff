"""One Coinbase account of the simulator, read by the genuine client into a store made of dictionaries."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harvest_tui.core.credentials import Credentials
from harvest_tui.core.pages import Page, PageOutcome, RawRow, StoredRow
from harvest_tui.core.records import AccountId, Event
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.history import SyncOutcome, sync_account
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.exchanges.strategies.coinbase import CoinbaseStrategy
from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.process import SimulatorProcess

ACCOUNT = AccountId("cb")


async def no_wait(seconds: float) -> None:
    """Lets other tasks run instead of sleeping."""
    await asyncio.sleep(0)


class Shelf:
    """Rows and cursors as a store keeps them; it can be told to break before a page is kept."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], RawRow] = {}
        self.cursors: dict[str, str] = {}
        self.pages = 0
        self.breaks_at: int | None = None

    async def keep(self, page: Page) -> PageOutcome:
        if self.pages == self.breaks_at:
            raise OSError("the disk is gone")
        self.pages += 1
        new = known = changed = 0
        for row in page.rows:
            before = self.rows.get((page.stream, row.native_id))
            new += before is None
            known += before == row
            changed += before is not None and before != row
            self.rows[page.stream, row.native_id] = row
        if page.cursor is not None:
            self.cursors[page.stream] = page.cursor
        return PageOutcome(new, known, changed)

    def told(self, stream: str) -> dict[str, Any]:
        return {name: json.loads(row.payload) for (kind, name), row in self.rows.items() if kind == stream}

    def events(self) -> list[Event]:
        groups: dict[str, list[StoredRow]] = defaultdict(list)
        for (stream, name), row in self.rows.items():
            groups[row.group].append(StoredRow(stream, name, row.payload))
        strategy = CoinbaseStrategy()
        return [event for group, rows in groups.items() for event in strategy.parse_group(ACCOUNT, group, rows)]


@asynccontextmanager
async def client_of(
    simulator: SimulatorProcess, credentials: Credentials | None = None, pacing: Pacing | None = None
) -> AsyncIterator[ExchangeClient]:
    client = await ExchangeClient.open(
        CoinbaseStrategy(),
        credentials=credentials or simulator.credentials("coinbase"),
        transport=Transport(simulator.routes, Path(simulator.ca_file)),
        pacing=pacing,
    )
    try:
        yield client
    finally:
        await client.close()


async def synced(client: ExchangeClient, shelf: Shelf) -> SyncOutcome:
    now = datetime.now(UTC)
    return await sync_account(client, CoinbaseStrategy(), ACCOUNT, shelf.cursors, shelf.keep, now, lambda *_: None)
