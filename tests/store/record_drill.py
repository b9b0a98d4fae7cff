"""Kills a process that commits records at random moments, and says whether every acknowledged one is there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from record_worker import plans, record

from harvest_tui.core.identification.chain import check, head_of
from harvest_tui.core.identification.record import GENESIS
from harvest_tui.store import NOTE, Store

WORKER = Path(__file__).parent / "record_worker.py"


def run_and_kill(cache: Path, chance: random.Random) -> list[str]:
    """Starts the process, kills it after a few records, and answers the hashes that it had acknowledged."""
    process = subprocess.Popen([sys.executable, str(WORKER), str(cache)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    heard = [process.stdout.readline() for _ in range(chance.randrange(1, 12))]
    time.sleep(chance.random() * 0.012)  # somewhere in the next commit
    process.kill()
    heard += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    words = [line.split() for line in heard if line.endswith("\n")]
    return [one[1] for one in words if len(one) == 2]


async def check_records(cache: Path, acknowledged: list[str]) -> int:
    """The number of records. Raises AssertionError where one is missing, changed, or not what was to be written."""
    async with await Store.open(cache) as store:
        links = await store.record_links()
        found = check(links, head_of(await store.record_head()))
        assert found.is_whole, found.problem
        hashes = [link.sha256 for link in links]
        assert set(acknowledged) <= set(hashes)
        previous = GENESIS
        for link in links:
            assert link.text.decode() == record(link.number, previous).text
            previous = link.sha256
        if links:
            assert await store.plans() == plans(len(links))
        assert [finding for finding in await store.integrity() if not finding.startswith(NOTE)] == []
    return len(links)


async def kill_and_check_records(cache: Path, kills: int, seed: int) -> tuple[int, int]:
    """The drill; the answer is how many records there are and how many of them were acknowledged."""
    chance, acknowledged, there = random.Random(seed), list[str](), 0
    for _ in range(kills):
        acknowledged += run_and_kill(cache, chance)
        there = await check_records(cache, acknowledged)
    return there, len(acknowledged)
