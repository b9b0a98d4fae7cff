"""Opening: one writer, owner-only files, and no file touched that is not ours."""

# ruff: noqa: ASYNC221, ASYNC240 -- nothing else runs on the loop of a test
from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import KRAKEN, START, account, leg, page, parse_swaps

from harvest_tui.core.records import Quote
from harvest_tui.errors import ReadOnlyStore, StoreError, StoreTooNew
from harvest_tui.store import Store
from harvest_tui.store.schema import APPLICATION_ID, MIGRATIONS

HOLD = """
import asyncio, sys
from pathlib import Path
from harvest_tui.store import Store

async def hold():
    async with await Store.open(Path(sys.argv[1])) as store:
        print(store.writable, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(hold())
"""


def start_holder(cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cache)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_folder_and_files_are_for_their_owner_alone(store: Store, cache: Path) -> None:
    await store.save_page(page([leg(0)]), parse_swaps)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in cache.parent.iterdir()}
    assert modes == dict.fromkeys(["cache.db", "cache.db-wal", "cache.db-shm", "cache.db.lock"], 0o600)
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700


async def test_rights_that_others_got_are_taken_back(cache: Path) -> None:
    await (await Store.open(cache)).close()
    cache.chmod(0o644)
    async with await Store.open(cache) as store:
        assert stat.S_IMODE(cache.stat().st_mode) == 0o600
        assert [finding for finding in await store.integrity() if "read by others" in finding] == []


@pytest.mark.parametrize("ending", ["", "-wal", ".lock"])
async def test_a_link_in_the_place_of_a_file_is_refused_and_its_target_untouched(cache: Path, ending: str) -> None:
    target = cache.parent.parent / "precious"
    target.write_bytes(b"")
    cache.parent.mkdir()
    cache.with_name(cache.name + ending).symlink_to(target)
    with pytest.raises(StoreError):
        await Store.open(cache)
    assert target.read_bytes() == b""


async def test_a_second_instance_reads_what_the_first_stores_and_changes_nothing(store: Store, cache: Path) -> None:
    async with await Store.open(cache) as viewer:
        assert store.writable and not viewer.writable
        assert str(os.getpid()) in viewer.read_only_because
        await store.save_page(page([leg(0)], cursor='"c"'), parse_swaps)
        assert await viewer.events() == await store.events() != []
        with pytest.raises(ReadOnlyStore, match="close the other harvest-tui"):
            await viewer.save_page(page([leg(1)]), parse_swaps)
        with pytest.raises(ReadOnlyStore):
            await viewer.set_note("a", "b")
        with pytest.raises(ReadOnlyStore):
            await viewer.save_quotes({("kraken", leg(0).group): Quote})  # type: ignore[dict-item]


async def test_the_next_instance_writes_once_the_first_has_closed(cache: Path) -> None:
    first = await Store.open(cache)
    await first.close()
    async with await Store.open(cache) as second:
        assert second.writable


async def test_of_several_processes_exactly_one_writes_and_the_lock_dies_with_it(cache: Path) -> None:
    holders = [start_holder(cache) for _ in range(4)]
    try:
        answers = [first_line(process) for process in holders]
        assert sorted(answers) == ["False", "False", "False", "True"]
        holders[answers.index("True")].kill()
        holders[answers.index("True")].wait()
        async with await Store.open(cache) as heir:
            assert heir.writable
            await heir.add_account(account())
    finally:
        for process in holders:
            process.kill()
            process.communicate()


async def test_a_reader_by_choice_leaves_the_lock_to_others(cache: Path) -> None:
    with pytest.raises(StoreError, match="no cache"):
        await Store.open(cache, read_only=True)
    assert not cache.exists()
    await (await Store.open(cache)).close()
    async with await Store.open(cache, read_only=True) as reader, await Store.open(cache) as writer:
        assert (reader.writable, writer.writable) == (False, True)


async def test_closing_leaves_one_plain_file_and_may_be_repeated(cache: Path) -> None:
    store = await Store.open(cache)
    await store.add_account(account())
    await store.close()
    await store.close()
    assert sorted(file.name for file in cache.parent.iterdir()) == ["cache.db", "cache.db.lock"]
    with pytest.raises(StoreError, match="closed"):
        await store.accounts()
    with pytest.raises(StoreError, match="closed"):
        await store.add_account(account())


async def test_closing_waits_for_the_page_under_way(cache: Path) -> None:
    store = await Store.open(cache)
    await store.add_account(account())
    saving = asyncio.create_task(store.save_page(page([leg(n) for n in range(500)]), parse_swaps))
    await asyncio.sleep(0)
    await store.close()
    assert (await saving).new == 500
    async with await Store.open(cache) as again:
        assert await again.raw_count(KRAKEN) == 500


async def test_a_process_that_forgets_to_close_ends_when_it_abandons_the_store(cache: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from harvest_tui.store import Store\n"
        "store = asyncio.run(Store.open(Path(sys.argv[1])))\nstore.abandon()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(cache)], timeout=20, check=True)


async def test_an_opening_that_is_cancelled_leaves_no_thread_and_no_lock(cache: Path) -> None:
    for turns in range(0, 12, 3):
        opening = asyncio.create_task(Store.open(cache))
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
    async with await Store.open(cache) as store:
        assert store.writable


async def test_the_engine_runs_under_the_rules_that_keep_facts_safe(store: Store) -> None:
    async def asked(rows: object) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "recursive_triggers", "busy_timeout")
        return {name: (await rows.rows(f"PRAGMA {name}"))[0][0] for name in names}  # type: ignore[attr-defined]

    expected = dict(zip(("journal_mode", "synchronous", "foreign_keys"), ("wal", 2, 1), strict=True))
    expected |= {"trusted_schema": 0, "recursive_triggers": 1, "busy_timeout": 5000}
    assert await store._engine.write(asked) == expected
    assert await store._engine.rows("PRAGMA query_only") == [(1,)]
    assert await store._engine.rows("PRAGMA wal_autocheckpoint") == [(0,)]


def make_foreign(cache: Path, *statements: str) -> bytes:
    cache.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(cache)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()
    return cache.read_bytes()


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE wallets (id INTEGER)",),
        ("PRAGMA application_id = 252006675",),
        ("PRAGMA user_version = 1",),
        (f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 1", "CREATE TABLE accounts (account)"),
    ],
)
async def test_a_database_of_another_program_is_refused_and_left_as_it_is(
    cache: Path, statements: tuple[str, ...]
) -> None:
    before = make_foreign(cache, *statements)
    with pytest.raises(StoreError, match="move it away"):
        await Store.open(cache)
    assert cache.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_bytes(b"PK\x03\x04 this is a spreadsheet" * 400)
    with pytest.raises(StoreError, match="not a cache"):
        await Store.open(cache)
    assert cache.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER eat BEFORE INSERT ON raw_rows BEGIN SELECT RAISE(IGNORE); END",
        "CREATE VIEW peek AS SELECT payload FROM raw_rows",
        "DROP TRIGGER raw_rows_never_change",
        "DROP INDEX events_by_group",
    ],
)
async def test_a_cache_whose_tables_were_altered_is_refused(cache: Path, statement: str) -> None:
    await (await Store.open(cache)).close()
    make_foreign(cache, statement)
    with pytest.raises(StoreError, match="not those harvest-tui made"):
        await Store.open(cache)


async def test_a_cache_of_a_newer_release_is_refused_in_words(cache: Path) -> None:
    await (await Store.open(cache)).close()
    make_foreign(cache, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    for read_only in (False, True):
        with pytest.raises(StoreTooNew, match="update harvest-tui"):
            await Store.open(cache, read_only=read_only)


async def test_a_write_that_a_kill_cut_off_before_the_log_was_in_use_is_undone(cache: Path, tmp_path: Path) -> None:
    async with await Store.open(cache) as store:
        await store.add_account(account())
        digest = await store.content_digest()
    killed = tmp_path / "killed.db"
    with closing(sqlite3.connect(cache, isolation_level=None)) as file:
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 1", "BEGIN"):
            file.execute(statement)
        for number in range(400):
            file.execute("INSERT INTO notes VALUES (?, ?)", (f"half {number}", "x" * 900))
        for ending in ("", "-journal"):
            shutil.copy(f"{cache}{ending}", f"{killed}{ending}")
    assert killed.stat().st_size > 100_000
    async with await Store.open(killed) as recovered:
        assert await recovered.content_digest() == digest
        assert await recovered.get_note("half 0") is None


async def test_a_path_with_signs_that_mean_something_in_addresses_works(tmp_path: Path) -> None:
    odd = tmp_path / "100% mine?mode=memory#x &" / "cache ü.db"
    async with await Store.open(odd) as store:
        await store.set_note("at", START.isoformat())
    assert odd.stat().st_size > 0
