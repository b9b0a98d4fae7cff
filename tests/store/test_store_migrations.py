"""Every cache ever released opens for ever, with a backup before its tables change."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import COINBASE, KRAKEN, START, account, leg, page, parse_swaps

from harvest_tui.errors import StoreError, StoreTooNew
from harvest_tui.store import Store
from harvest_tui.store.instance_lock import InstanceLock
from harvest_tui.store.migrations import prepare, recognise
from harvest_tui.store.schema import APPLICATION_ID, MIGRATIONS, Migration

GOLDEN = Path(__file__).parent / "golden"


def widen(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE accounts SET colour = 'colour of ' || account")


SECOND = Migration(2, ("ALTER TABLE accounts ADD COLUMN colour TEXT",), widen)
NEXT = (*MIGRATIONS[:1], SECOND)
LOSING = (*MIGRATIONS[:1], Migration(2, ("DROP TRIGGER raw_rows_go_with_their_account", "DELETE FROM raw_rows")))
LOOSE = (*MIGRATIONS[:1], Migration(2, ("INSERT INTO balances VALUES ('nobody', 'BTC', '1', 0)",)))
BROKEN = (*MIGRATIONS[:1], Migration(2, ("CREATE TABLE half (a)", "CREATE TABLE half (a)")))


def restore_golden(cache: Path, version: int) -> None:
    cache.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(cache)) as file:
        file.executescript((GOLDEN / f"v{version}.sql").read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
async def test_a_cache_of_every_released_schema_opens_with_all_of_its_facts(cache: Path, version: int) -> None:
    restore_golden(cache, version)
    async with await Store.open(cache) as store:
        assert store.writable
        assert [book.account for book in await store.accounts()] == [KRAKEN, COINBASE, "old wallet"]
        assert await store.raw_count(KRAKEN) == 3
        told = await store.events()
        assert [event.event_id for event in told] == [f"{KRAKEN}:swap-0", f"{KRAKEN}:swap-1", "old wallet:1"]
        await store.rebuild_events(KRAKEN, parse_swaps)
        assert await store.events() == told
        assert await store.cursors(KRAKEN) == {"ledger": '{"ofs":50}'}
        assert [str(balance.quantity) for balance in await store.balances()] == ["2.07300"]
        assert [str(balance.locked) for balance in await store.balances()] == ["0" if version < 4 else "0.41000"]
        assert await store.get_note("transfer 7") == "confirmed"
        assert [finding for finding in await store.integrity() if not finding.startswith("note: ")] == []


async def fill(cache: Path) -> str:
    async with await Store.open(cache, migrations=MIGRATIONS[:1]) as store:
        await store.add_account(account())
        await store.save_page(page([leg(0), leg(1), leg(2)], cursor='"c"'), parse_swaps)
        return await store.content_digest()


def read(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(query).fetchall()


async def test_a_step_runs_once_and_keeps_every_fact(cache: Path) -> None:
    digest = await fill(cache)
    async with await Store.open(cache, migrations=NEXT) as store:
        assert await store.content_digest() == digest
        assert (await store.save_page(page([leg(3)]), parse_swaps)).new == 1
    async with await Store.open(cache, migrations=NEXT) as store:
        assert await store.raw_count(KRAKEN) == 4
    assert read(cache, "SELECT colour FROM accounts") == [(f"colour of {KRAKEN}",)]
    assert read(cache, "PRAGMA user_version") == [(2,)]


async def test_the_backup_taken_first_is_private_and_opens_with_the_old_release(cache: Path) -> None:
    digest = await fill(cache)
    await (await Store.open(cache, migrations=NEXT)).close()
    backup = cache.with_name("cache.db.v1.backup")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    async with await Store.open(backup, migrations=MIGRATIONS[:1]) as old:
        assert await old.content_digest() == digest


async def test_an_old_release_refuses_the_migrated_cache(cache: Path) -> None:
    await fill(cache)
    await (await Store.open(cache, migrations=NEXT)).close()
    with pytest.raises(StoreTooNew):
        await Store.open(cache, migrations=MIGRATIONS[:1])


@pytest.mark.parametrize(
    ("steps", "words"),
    [(LOSING, "lose facts"), (LOOSE, "loose ends"), (BROKEN, "half")],
    ids=["loss", "loose", "broken"],
)
async def test_a_step_that_fails_or_harms_is_undone(cache: Path, steps: tuple[Migration, ...], words: str) -> None:
    digest = await fill(cache)
    with pytest.raises(StoreError, match=words):
        await Store.open(cache, migrations=steps)
    async with await Store.open(cache, migrations=MIGRATIONS[:1]) as store:
        assert await store.content_digest() == digest
        assert read(cache, "PRAGMA user_version") == [(1,)]


async def test_a_viewer_never_migrates(cache: Path) -> None:
    await fill(cache)
    with pytest.raises(StoreError, match="older harvest-tui"):
        await Store.open(cache, read_only=True, migrations=NEXT)
    assert read(cache, "PRAGMA user_version") == [(1,)]


async def test_a_viewer_waits_while_another_instance_updates_the_cache(cache: Path) -> None:
    digest = await fill(cache)
    writing = InstanceLock.take(cache.with_name("cache.db.lock"))
    assert writing is not None
    opening = asyncio.create_task(Store.open(cache, migrations=NEXT))
    await asyncio.to_thread(prepare, cache, NEXT)
    async with await opening as viewer:
        assert not viewer.writable
        assert await viewer.content_digest() == digest
    writing.release()


def test_a_cache_in_the_making_is_never_mistaken_for_a_foreign_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as maker:
        for number in range(30):
            path = tmp_path / f"{number}.db"
            making = maker.submit(prepare, path, MIGRATIONS)
            while not recognise(path, MIGRATIONS, "ro"):
                assert not making.done() or recognise(path, MIGRATIONS, "ro")
            making.result()


async def test_only_the_last_ten_backups_are_kept(cache: Path) -> None:
    await fill(cache)
    steps = MIGRATIONS[:1]
    for version in range(2, 14):
        steps = (*steps, Migration(version, (f"CREATE TABLE extra_{version} (a TEXT) STRICT",)))
        await (await Store.open(cache, migrations=steps)).close()
    kept = {file.name for file in cache.parent.iterdir() if file.name.endswith(".backup")}
    assert kept == {f"cache.db.v{version}.backup" for version in range(3, 13)}


def test_the_file_says_that_it_is_ours() -> None:
    assert APPLICATION_ID.to_bytes(4, "big") == b"HTUI"
    assert START.tzinfo is not None
    assert [step.version for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
