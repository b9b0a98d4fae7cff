"""A full, failing or read-only disk costs the page under way and nothing else."""

# ruff: noqa: ASYNC221, ASYNC240 -- nothing else runs on the loop of a test
from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kill_drill import WORKER, Drill, check, last_cursor
from store_samples import KRAKEN, account, leg, page, parse_swaps

from harvest_tui.errors import ReadOnlyStore, StoreError
from harvest_tui.store import NOTE, Store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("not run: making a small disk needs the right to mount")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def remount_read_only(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)


async def save_until_it_fails(store: Store) -> int:
    for number in range(0, 100_000, 25):
        rows = [leg(n, quantity=f"{n}.{'7' * 300}") for n in range(number, number + 25)]
        try:
            await store.save_page(page(rows, cursor=str(number + 25)), parse_swaps)
        except StoreError as error:
            assert "disk is full" in error.happened and "free some space" in error.hint
            return number
    raise AssertionError("the disk never filled")


async def test_a_full_disk_keeps_what_was_stored_and_goes_on_once_there_is_room(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 600_000)
    async with await Store.open(small_disk / "cache.db") as store:
        await store.add_account(account())
        stored = await save_until_it_fails(store)
        assert stored > 0
        assert await store.raw_count(KRAKEN) == stored
        assert await store.cursors(KRAKEN) == {"ledger": str(stored)}
        assert len(await store.events()) == (stored + 1) // 2
        assert store.writable
        ballast.unlink()
        assert (await store.save_page(page([leg(99_999)], cursor="on"), parse_swaps)).new == 1
        assert [finding for finding in await store.integrity() if not finding.startswith(NOTE)] == []


async def test_a_backup_without_room_is_refused_before_it_begins(small_disk: Path) -> None:
    async with await Store.open(small_disk / "cache.db") as store:
        await store.add_account(account())
        await save_until_it_fails(store)
        with pytest.raises(StoreError, match="free for a backup"):
            await store.backup(small_disk / "backup.db")
        assert [file.name for file in small_disk.iterdir() if "backup" in file.name] == []


async def test_a_cache_on_a_read_only_disk_can_be_read(small_disk: Path) -> None:
    async with await Store.open(small_disk / "cache.db") as store:
        await store.add_account(account())
        await store.save_page(page([leg(0), leg(1)]), parse_swaps)
        told = await store.events()
    remount_read_only(small_disk)
    async with await Store.open(small_disk / "cache.db") as viewer:
        assert await viewer.events() == told
        assert "cannot be written" in viewer.read_only_because
        with pytest.raises(ReadOnlyStore, match="cannot be written"):
            await viewer.save_page(page([leg(2)]), parse_swaps)
        assert [finding for finding in await viewer.integrity() if not finding.startswith(NOTE)] == []


FAULTS = [
    ("fdatasync", "EIO", 6),
    ("fdatasync", "ENOSPC", 9),
    ("pwrite64", "EIO", 60),
    ("pwrite64", "ENOSPC", 61),
]


@pytest.mark.parametrize(("call", "error", "nth"), FAULTS, ids=[f"{call}-{error}" for call, error, _ in FAULTS])
async def test_a_write_that_fails_once_costs_its_page_alone(cache: Path, call: str, error: str, nth: int) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("not run: injecting faults needs strace")
    async with await Store.open(cache) as made_before:
        await made_before.add_account(account())
    inject = ["-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={nth}"]
    command = [strace, *inject, sys.executable, str(WORKER), str(cache), "40"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if "ptrace" in done.stderr.lower():
        pytest.skip("not run: this system forbids ptrace")
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    failed = [at for at, line in enumerate(lines) if line.startswith("failed")]
    # strace counts each thread's calls, so the fault comes back on every handle that is opened after a failed one
    assert failed and all(lines[at + 1].isdigit() for at in failed if at + 1 < len(lines)), lines
    assert all("disk" in lines[at] for at in failed)
    assert last_cursor(lines) == 7 * (40 - len(failed))
    await check(cache, last_cursor(lines), Drill())
