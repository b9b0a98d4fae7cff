"""A store for one account in memory: rows, cursors and groups as the pages of a sync leave them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from harvest_tui.core.pages import Page, PageOutcome, StoredRow
from harvest_tui.core.records import AccountId, Event
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.history import SyncOutcome, sync_account
from harvest_tui.exchanges.strategies.base import Strategy


@dataclass
class SyncStore:
    """Takes pages as one transaction each."""

    account: AccountId
    rows: dict[tuple[str, str], str] = field(default_factory=dict)
    groups: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    progress: list[tuple[str, int, int | None]] = field(default_factory=list)

    async def take(self, page: Page) -> PageOutcome:
        """Stores a page's rows and cursor."""
        new = known = changed = 0
        for row in page.rows:
            key = (page.stream, row.native_id)
            new += key not in self.rows
            known += self.rows.get(key) == row.payload
            changed += key in self.rows and self.rows[key] != row.payload
            self.rows[key] = row.payload
            self.groups.setdefault(row.group, set()).add(key)
        if page.cursor is not None:
            self.cursors[page.stream] = page.cursor
        self.pages.append(page)
        return PageOutcome(new, known, changed)

    async def sync(self, client: ExchangeClient, strategy: Strategy, now: datetime | None = None) -> SyncOutcome:
        """One sync of the account."""
        return await sync_account(
            client,
            strategy,
            self.account,
            dict(self.cursors),
            self.take,
            now or datetime.now(UTC),
            lambda stream, rows, expected: self.progress.append((stream, rows, expected)),
        )

    def stream(self, name: str) -> dict[str, str]:
        """Payloads of a stream by native id."""
        return {native_id: payload for (stream, native_id), payload in self.rows.items() if stream == name}

    def events(self, strategy: Strategy) -> list[Event]:
        """The events of all groups, in order of time."""
        found: list[Event] = []
        for group, keys in self.groups.items():
            rows = [StoredRow(stream, native_id, self.rows[stream, native_id]) for stream, native_id in sorted(keys)]
            found += strategy.parse_group(self.account, group, rows)
        return sorted(found, key=lambda event: (event.executed_at, event.sequence, event.event_id))
