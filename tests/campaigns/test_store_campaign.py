"""Long drills of the cache: hundreds of kills, a kill at every write, ten thousand cancelled pages."""

# ruff: noqa: ASYNC221 -- nothing else runs on the loop of a test
from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from kill_drill import WORKER, Drill, check, kill_and_check, last_cursor
from store_samples import KRAKEN, account
from test_store_cancellation import storm

from harvest_tui.store import Store

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(3600)]


async def test_two_hundred_and_forty_kills_cost_nothing(tmp_path: Path) -> None:
    for seed in range(4):
        drill = await kill_and_check(tmp_path / f"{seed}" / "cache.db", 60, seed)
        assert drill.acknowledged > 900


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
async def test_a_kill_at_each_of_the_first_writes_costs_nothing(tmp_path: Path, call: str) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("not run: killing at a chosen write needs strace")
    hits = 0
    for nth in range(1, 61, 1 if call == "fdatasync" else 2):
        cache = tmp_path / f"{nth}" / "cache.db"
        inject = ["-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=SIGKILL:when={nth}"]
        command = [strace, *inject, sys.executable, str(WORKER), str(cache), "12"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        hits += done.returncode != 0
        await check(cache, last_cursor(done.stdout.splitlines()), Drill())
    assert hits > 10


async def test_ten_thousand_pages_in_a_storm_of_cancellations(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "cache.db") as store:
        await store.add_account(account())
        tally = await storm(store, 10_000, random.Random(7))
        assert tally.cancelled > 1000
        await store.set_note("still", "alive")
    async with await Store.open(tmp_path / "cache.db") as again:
        held = {row.native_id for row in await again.raw_rows(KRAKEN)}
        assert held == tally.begun >= tally.acknowledged
