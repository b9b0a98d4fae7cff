"""From a stored trade to new facts, by what has changed against by everything: `python benchmarks/resync.py`.

A home of 10,000, 100,000 and 1,000,000 trades (`--sizes`) in one account, of 50 coins or one (`--assets`), open as a
monitor has it. A trade is stored, then facts are loaded and the disposals of the year are read: `new` trades come last,
`late` ones before the last tenth of the history. `whole` reads and replays everything. All take turns in one run over
one store; each figure is the median of processor milliseconds, and `times` is the whole by the part. `first` is the
load that the later ones build on. `picture` is the file for the next start, which is written behind what is shown. Each
size has a process of its own, and so have the peaks of memory: after a whole load and a second one, as without kept
books, and after a first load and one that builds on it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lots import START, YEARS, history, trade

from harvest_tui.core.records import Event
from harvest_tui.session.facts import Facts, load_facts, rules_of
from harvest_tui.session.kept_facts import KeptFacts
from harvest_tui.session.snapshot import Picture, save_picture
from harvest_tui.settings import Settings, locate
from harvest_tui.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = rules_of(Settings(timezone="America/New_York"), ())
AT_ONCE = 50_000
Load = Callable[[], Awaitable[Facts]]


class Home:
    """A store with so many trades in it, and one more whenever it is asked for."""

    def __init__(self, store: Store, size: int, after: int = 0) -> None:
        """`after` so many trades more than the history: their names are taken."""
        self.store = store
        self._size = size
        self._number = size + after

    async def fill(self, assets: int) -> None:
        """Imports the history."""
        waiting: list[Event] = []
        for event in history(self._size, assets):
            waiting.append(event)
            if len(waiting) == AT_ONCE:
                await self.store.import_events(waiting, "history.csv", "0" * 64)
                waiting = []
        if waiting:
            await self.store.import_events(waiting, "history.csv", "0" * 64)

    async def add(self, behind: float) -> None:
        """Stores a purchase or sale of the first coin, with that part of the history after it."""
        self._number += 1
        at = START + YEARS * (1 - behind) + timedelta(seconds=self._number)
        event = trade(self._number, at, "C0", self._number % 2 == 1, 12_345_678, 3_000_000)
        await self.store.import_events([event], "more.csv", "1" * 64)

    async def whole(self) -> Facts:
        """What every load was before books were kept."""
        return await load_facts(self.store, RULES, NOW)


async def milliseconds(load: Load) -> tuple[float, Facts]:
    """Of all threads of this process, until facts are there and the year's disposals were read."""
    begun = time.process_time()
    facts = await load()
    sum(one.disposed_at.year == NOW.year for one in facts.ledger.disposals)
    return (time.process_time() - begun) * 1000, facts


def peak_mib() -> int:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def timed(folder: Path, size: int, assets: int, rounds: int) -> dict[str, object]:
    """The figures of one size."""
    async with await Store.open(folder / "cache.db") as store:
        home, kept = Home(store, size), KeptFacts(store)

        async def part() -> Facts:
            return await kept.load(RULES, NOW)

        await home.fill(assets)
        first, _ = await milliseconds(part)
        spent: dict[str, list[float]] = {"new": [], "late": [], "whole": []}
        for _ in range(rounds):
            for name, behind in (("new", 0.0), ("late", 0.1)):
                await home.add(behind)
                spent[name].append((await milliseconds(part))[0])
                assert kept.revised is not None and kept.revised.events == 1
            took, facts = await milliseconds(home.whole)
            spent["whole"].append(took)
            again = await part()
            assert (again.ledger, again.missing_prices) == (facts.ledger, facts.missing_prices)
        begun = time.process_time()
        locations = locate(str(folder / "home"))
        locations.create()
        save_picture(locations, Picture(facts, tuple(await store.accounts()), {}, 1, RULES))
        picture = (time.process_time() - begun) * 1000
    at = {name: statistics.median(some) for name, some in spent.items()}
    return {
        "lots": len(facts.ledger.lots),
        "disposals": len(facts.ledger.disposals),
        "first_ms": round(first),
        "whole_ms": round(at["whole"]),
        "new_ms": round(at["new"], 1),
        "late_ms": round(at["late"], 1),
        "times_new": round(at["whole"] / at["new"]),
        "times_late": round(at["whole"] / at["late"]),
        "picture_ms": round(picture),
    }


async def weighed(folder: Path, size: int, *, is_kept: bool) -> dict[str, object]:
    """Peaks of memory after the first load and the second, over a store that another process filled."""
    async with await Store.open(folder / "cache.db") as store:
        home, kept = Home(store, size, 1_000 if is_kept else 2_000), KeptFacts(store)
        peaks = []
        for _ in range(2):
            facts = await (kept.load(RULES, NOW) if is_kept else home.whole())
            sum(one.disposed_at.year == NOW.year for one in facts.ledger.disposals)
            peaks.append(peak_mib())
            await home.add(0.0)
    return {"kept" if is_kept else "whole": peaks}


def in_own_process(*arguments: str) -> dict[str, object]:
    """The JSON line that this file prints in a fresh interpreter."""
    command = [sys.executable, __file__, *arguments]
    found: dict[str, object] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    """Prints one JSON line a size and number of coins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--assets", type=int, nargs="+", default=[50, 1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("time", "whole", "kept"), help="one run in this process")
    parser.add_argument("--folder", type=Path, help="where that run has its store")
    options = parser.parse_args()
    if options.only:
        size, assets, folder = options.sizes[0], options.assets[0], options.folder
        if options.only == "time":
            row = asyncio.run(timed(folder, size, assets, options.rounds))
        else:
            row = asyncio.run(weighed(folder, size, is_kept=options.only == "kept"))
        sys.stdout.write(json.dumps(row) + "\n")
        return
    for size in options.sizes:
        for assets in options.assets:
            with tempfile.TemporaryDirectory(prefix="resync-") as folder:
                told = ("--sizes", str(size), "--assets", str(assets), "--rounds", str(options.rounds))
                row = in_own_process("--only", "time", "--folder", folder, *told)
                row["peak_mib"] = {
                    name: peaks
                    for only in ("whole", "kept")
                    for name, peaks in in_own_process("--only", only, "--folder", folder, *told).items()
                }
                sys.stdout.write(json.dumps({"trades": size, "assets": assets, **row}) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
