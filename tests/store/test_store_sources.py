"""Which raw rows, or which file, tell an event."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.pages import Page, RawRow, StoredRow
from harvest_tui.core.records import USD, Account, AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.core.source_rows import SourceRow
from harvest_tui.store import Store

MAIN = AccountId("main")
FIRST, LATER = datetime(2025, 1, 2, tzinfo=UTC), datetime(2025, 1, 3, tzinfo=UTC)


def event_of(account: AccountId, group: str) -> Event:
    return Event(
        EventId(f"{account}:{group}"),
        account,
        EventKind.TRADE,
        FIRST,
        sent=Amount(Decimal(100), USD),
        received=Amount(Decimal(2), Asset("SOL")),
    )


def told_by(account: AccountId, group: str, rows: object) -> list[Event]:
    assert all(isinstance(row, StoredRow) for row in rows)  # type: ignore[attr-defined]
    return [event_of(account, group)]


def page(stream: str, at: datetime, *rows: tuple[str, str, str]) -> Page:
    return Page(MAIN, stream, tuple(RawRow(*row) for row in rows), None, True, f"/{stream}", at)


async def test_an_event_is_told_by_the_latest_version_of_every_row_of_its_group(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "facts.sqlite3") as store:
        await store.add_account(Account(MAIN, "kraken", FIRST))
        await store.save_page(
            page("ledger", FIRST, ("L1", "T1", "{}"), ("L2", "T1", "{}"), ("L9", "T9", "{}")), told_by
        )
        await store.save_page(page("trades", FIRST, ("X1", "T1", "{}")), told_by)
        await store.save_page(page("ledger", LATER, ("L2", "T1", '{"a":1}')), told_by)
        found = await store.sources([EventId("main:T1"), EventId("main:nothing")])
    assert found == {
        EventId("main:T1"): (
            SourceRow("kraken", "ledger", "L1", "/ledger", FIRST),
            SourceRow("kraken", "ledger", "L2", "/ledger", LATER),
            SourceRow("kraken", "trades", "X1", "/trades", FIRST),
        )
    }


async def test_an_imported_event_is_told_by_its_file_unless_an_exchange_tells_it_too(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "facts.sqlite3") as store:
        await store.add_account(Account(MAIN, "kraken", FIRST))
        events = [event_of(MAIN, "T1"), event_of(AccountId("paper"), "p1")]
        await store.import_events(events, "old/ledger.csv", "0123456789abcdef" * 4)
        await store.save_page(page("ledger", FIRST, ("L1", "T1", "{}")), told_by)
        found = await store.sources([event.event_id for event in events])
    assert found[EventId("paper:p1")] == (SourceRow("", "old/ledger.csv", "0123456789ab"),)
    assert [row.exchange for row in found[EventId("main:T1")]] == ["kraken"]
