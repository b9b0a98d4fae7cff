"""Commits identification records in a process of its own, for tests that kill it or cut its power.

Run as `record_worker.py CACHE [RECORDS] [SYNCHRONOUS]`: without a number it goes on for ever, and another word than
FULL makes a cache whose records are not on disk when they seem to be. Every line on standard output is the number and
hash of a record that is on disk.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from store_samples import START

from harvest_tui.core.identification.marks import Mark, Plan, Plans
from harvest_tui.core.identification.record import Record
from harvest_tui.core.records import AccountId, Asset, LotId
from harvest_tui.store import Store
from support.identification import Recorder, lot


def record(number: int, previous: str) -> Record:
    """Record `number`: any process makes the same one."""
    made = Recorder().identify(number, lot(f"lot {number}", number, 1000 * number, reason="x" * (number % 7 * 400)))
    return replace(made, number=number, previous=previous, recorded_at=START)


def plans(number: int) -> Plans:
    """The plans as they are after record `number`."""
    return Plans((Plan("plan", (Mark(LotId(f"after {number}"), AccountId("w1"), Asset("BTC")),)),), "plan")


async def commit(cache: Path, records: int | None = None, synchronous: str = "FULL") -> None:
    async with await Store.open(cache) as store:
        writer = store._engine._writer
        assert writer is not None
        await writer.execute_fetchall(f"PRAGMA synchronous = {synchronous}")
        print("open", flush=True)
        number = 0
        while records is None or number < records:
            number = len(await store.record_links()) + 1
            kept = await store.add_record(record, plans(number))
            print(kept.number, kept.sha256, flush=True)


if __name__ == "__main__":
    asked = sys.argv[2:]
    asyncio.run(commit(Path(sys.argv[1]), *([int(asked[0])] if asked else []), *asked[1:]))
