"""Kills a syncing process at random moments and says whether the cache kept every promise."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from store_samples import KRAKEN, leg, parse_swaps

from harvest_tui.core.pages import StoredRow
from harvest_tui.store import NOTE, Store

WORKER = Path(__file__).parent / "sync_worker.py"
SECONDS_TO_START = 2.0


@dataclass
class Drill:
    """What came of the kills so far."""

    kills: int = 0
    acknowledged: int = 0
    slowest_start: float = 0.0


def run_and_kill(cache: Path, chance: random.Random) -> int:
    """Starts a sync, kills it and answers the last cursor it had acknowledged (0: none)."""
    process = subprocess.Popen([sys.executable, str(WORKER), str(cache), "100000"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    heard = []
    if chance.random() < 0.2:
        time.sleep(chance.random() * 0.4)  # somewhere between the process and its first page
    else:
        heard += [process.stdout.readline() for _ in range(chance.randrange(1, 25))]
        time.sleep(chance.random() * 0.012)
    process.kill()
    heard += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return last_cursor(heard)


def last_cursor(heard: list[str]) -> int:
    """The highest cursor among a worker's lines; 0 where it acknowledged nothing."""
    return max((int(line) for line in heard if line.strip().isdigit()), default=0)


async def check(cache: Path, acknowledged: int, drill: Drill) -> None:
    """Raises AssertionError where the cache lost, repeated or invented anything."""
    started = time.perf_counter()
    async with await Store.open(cache) as store:
        assert store.writable
        drill.slowest_start = max(drill.slowest_start, time.perf_counter() - started)
        assert drill.slowest_start <= SECONDS_TO_START
        cursor = int((await store.cursors(KRAKEN)).get("ledger", "0"))
        assert cursor >= acknowledged
        rows = await store.raw_rows(KRAKEN)
        told = [leg(number) for number in range(cursor)]
        assert rows == [StoredRow("ledger", row.native_id, row.payload) for row in told]
        groups = {row.group: [] for row in told}
        for row in told:
            groups[row.group].append(StoredRow("ledger", row.native_id, row.payload))
        events = [event for group, members in groups.items() for event in parse_swaps(KRAKEN, group, members)]
        assert await store.events() == sorted(events, key=lambda event: event.executed_at)
        assert [finding for finding in await store.integrity() if not finding.startswith(NOTE)] == []
    drill.acknowledged = max(drill.acknowledged, cursor)


async def kill_and_check(cache: Path, kills: int, seed: int) -> Drill:
    """The drill: `kills` times start, kill, open and compare everything."""
    chance, drill = random.Random(seed), Drill()
    for _ in range(kills):
        acknowledged = run_and_kill(cache, chance)
        drill.kills += 1
        await check(cache, max(acknowledged, drill.acknowledged), drill)
    return drill
