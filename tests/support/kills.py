"""Kills real syncs of four real accounts at random moments and says whether the cache kept every promise."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.records import AccountId, Balance, Event
from harvest_tui.keys import environment_names
from harvest_tui.settings import locate
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.store import NOTE, Store
from support.against_truth import Truth, ahead, compare
from support.simulated import connected, impatient

VENUES = ("kraken", "coinbase", "binance", "binanceus")
_PAST_PRICES = ("/OHLC", "/candles", "/klines")
_LOOK_EVERY = 0.004
_STARTING_UP = 0.2
"""Share of the kills that come at any time of the process; the others wait until pages are being stored."""
_LONGEST_START = 2.5
_LONGEST_WRITING = 3.0
_LONGEST_SYNC = 240.0


@dataclass
class Tally:
    """What came of the kills so far. `mid_sync`: pages had been stored by then and others were still to come."""

    kills: int = 0
    mid_sync: int = 0
    starting_up: int = 0
    by_venue: dict[str, int] = field(default_factory=dict)
    homes: int = 0
    lost: int = 0
    repeated: int = 0
    foreign: int = 0
    cursors_ahead: int = 0
    damaged: int = 0
    wrong_ends: int = 0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        venues = ", ".join(f"{venue} {count}" for venue, count in sorted(self.by_venue.items()))
        return (
            f"kills {self.kills}, of them while pages were being stored {self.mid_sync} (half-read then: {venues}), "
            f"while starting up {self.starting_up}; homes synced to the end {self.homes}; rows lost {self.lost}, "
            f"twice {self.repeated}, foreign {self.foreign}; cursors ahead {self.cursors_ahead}; "
            f"integrity failures {self.damaged}; wrong ends {self.wrong_ends}"
        )

    @property
    def is_spotless(self) -> bool:
        """Nothing lost, repeated, invented, damaged or ahead."""
        return not self.findings


@dataclass(frozen=True)
class End:
    """What a home holds once a sync has ended."""

    events: Sequence[Event]
    balances: Mapping[tuple[str, str], Decimal]


class KillDrill:
    """One simulator, one home after another; every sync is the real command in a process of its own."""

    def __init__(self, folder: Path, simulator: SimulatorProcess, truth: Mapping[str, Truth], seed: int) -> None:
        self.tally = Tally()
        self._folder = folder
        self._truth = truth
        self._sizes = {venue: compare(venue, rows, ()).true for venue, rows in truth.items()}
        self._chance = random.Random(seed)
        self._simulator = simulator
        self._environment = _environment(folder, simulator)
        self._template = folder / "connected"
        self._home = folder / "home"
        self._rows_before: dict[str, set[tuple[str, str]]] = {}
        self._undisturbed: End | None = None

    async def prepare(self) -> None:
        """Connects the four accounts once, and keeps what a sync without a kill brings as the measure."""
        for venue in VENUES:
            status = await self._command(self._template, "connect", venue, "--tier", "pro")
            assert status == 0, f"connecting {venue} ended with {status}"
        self._begin_anew()
        self._undisturbed = await self._finish()
        self._begin_anew()

    async def run(self, kills: int, kills_a_home: tuple[int, int]) -> Tally:
        """So many kills; after between so many of them a sync may end, and a fresh home follows."""
        left = self._chance.randint(*kills_a_home)
        while self.tally.kills < kills:
            is_whole = await self._kill_once()
            await self._check()
            left -= 1
            if is_whole or left <= 0 or self.tally.kills == kills:
                end = await self._finish()
                assert self._undisturbed is not None
                if (end.events, end.balances) != (self._undisturbed.events, self._undisturbed.balances):
                    self.tally.wrong_ends += 1
                    self.tally.findings.append("events or balances differ from those of a sync that nobody killed")
                self._begin_anew()
                left = self._chance.randint(*kills_a_home)
        return self.tally

    @property
    def _database(self) -> Path:
        return locate(str(self._home)).database

    def _begin_anew(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.copytree(self._template, self._home)
        self._rows_before = {}

    async def _kill_once(self) -> bool:
        """Starts a sync and kills it. True where there was nothing left to interrupt."""
        started_us = time.time_ns() // 1000
        process = await self._start(self._home, "sync")
        before = self._stored()
        if self._chance.random() < _STARTING_UP:
            await _ended(process, self._chance.uniform(0, _LONGEST_START))
        else:
            await self._wait_for_pages(process, started_us, before)
        if process.returncode is not None:
            return True
        process.kill()
        await process.wait()
        self.tally.kills += 1
        has_stored = self._last_page_us() > started_us
        half_read = [venue for venue, size in self._sizes.items() if 0 < self._stored(venue) < size]
        if has_stored and self._stored() < sum(self._sizes.values()):
            self.tally.mid_sync += 1
            for venue in half_read:
                self.tally.by_venue[venue] = self.tally.by_venue.get(venue, 0) + 1
        elif not has_stored:
            self.tally.starting_up += 1
        return False

    async def _wait_for_pages(self, process: asyncio.subprocess.Process, started_us: int, before: int) -> None:
        """Until this sync has stored a chosen number of rows or some time has passed, and a little longer."""
        left = sum(self._sizes.values()) - before
        target = before + self._chance.randrange(1, max(2, left))
        patience = self._chance.uniform(0, _LONGEST_WRITING)
        deadline = None
        while process.returncode is None:
            now = time.monotonic()
            if deadline is None and self._last_page_us() > started_us:
                deadline = now + patience
            if deadline is not None and (now > deadline or self._stored() >= target):
                break
            await _ended(process, _LOOK_EVERY)
        await _ended(process, self._chance.uniform(0, 0.02))

    async def _check(self) -> None:
        """Opens the cache as the next start would and compares all of it with the truth."""
        async with await Store.open(self._database) as store:
            for venue, truth in self._truth.items():
                stored = await store.raw_rows(AccountId(venue))
                difference = compare(venue, truth, stored)
                now = {(row.stream, row.native_id) for row in stored}
                gone = self._rows_before.get(venue, set()) - now
                self._rows_before[venue] = now
                leading = ahead(venue, truth, stored, await store.cursors(AccountId(venue)))
                self._note(lost=len(gone), repeated=difference.repeated, foreign=difference.foreign, leading=leading)
            await self._check_integrity(store)

    async def _check_integrity(self, store: Store) -> None:
        damage = [finding for finding in await store.integrity() if not finding.startswith(NOTE)]
        self.tally.damaged += bool(damage)
        self.tally.findings += damage

    def _note(self, *, lost: int, repeated: Sequence[str], foreign: Sequence[str], leading: Sequence[str]) -> None:
        self.tally.lost += lost
        self.tally.repeated += len(repeated)
        self.tally.foreign += len(foreign)
        self.tally.cursors_ahead += len(leading)
        self.tally.findings += [*([f"{lost} rows lost"] if lost else []), *repeated[:2], *foreign[:2], *leading[:2]]

    async def _finish(self) -> End:
        """Lets a sync end, its waits skipped, and compares rows and balances with the truth."""
        async with connected(self._simulator, self._home, VENUES, impatient(30)) as session:
            results = await session.sync_results()
        for result in results:
            if result.error is not None:
                self.tally.wrong_ends += 1
                self.tally.findings.append(f"a sync after kills ended with {result.error!r}")
        async with await Store.open(self._database) as store:
            for venue, truth in self._truth.items():
                difference = compare(venue, truth, await store.raw_rows(AccountId(venue)))
                if not difference.is_none:
                    self._note(
                        lost=len(difference.lost),
                        repeated=difference.repeated,
                        foreign=difference.foreign,
                        leading=(),
                    )
            await self._check_integrity(store)
            events = sorted(await store.events(), key=lambda event: event.event_id)
            balances = await store.balances()
        self.tally.homes += 1
        return End(events, {_key(balance): balance.quantity for balance in balances})

    def _stored(self, venue: str | None = None) -> int:
        return self._number("SELECT count(*) FROM raw_rows WHERE ?1 IS NULL OR account = ?1", venue)

    def _last_page_us(self) -> int:
        return self._number("SELECT coalesce(max(page_us), 0) FROM streams WHERE ?1 IS NULL", None)

    def _number(self, sql: str, value: str | None) -> int:
        """Of what is committed, read beside the running sync."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=5)) as connection:
            return int(connection.execute(sql, (value,)).fetchone()[0])

    async def _start(self, home: Path, *words: str) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "harvest_tui", "--home", str(home), *words]
        with (self._folder / "said.txt").open("ab") as said:
            return await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said, env=self._environment
            )

    async def _command(self, home: Path, *words: str) -> int:
        process = await self._start(home, *words)
        try:
            return await asyncio.wait_for(process.wait(), _LONGEST_SYNC)
        except TimeoutError:
            process.kill()
            await process.wait()
            return -1


def _key(balance: Balance) -> tuple[str, str]:
    return balance.account, balance.asset


def _environment(folder: Path, simulator: SimulatorProcess) -> dict[str, str]:
    """What the command needs to find the simulator and the keys."""
    ready = folder / "ready.json"
    ready.write_text(json.dumps({"port": simulator.port, "hosts": simulator.hosts, "ca_file": simulator.ca_file}))
    found = {**os.environ, "HARVEST_TUI_SIMULATOR": str(ready)}
    for venue in VENUES:
        key_name, secret_name = environment_names(venue)
        account = simulator.accounts[venue]
        found |= {key_name: account["key"], secret_name: account["secret"]}
    return found


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Waits so long, or until the process has ended."""
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)


@asynccontextmanager
async def kill_drill(folder: Path, rows: int, seed: int) -> AsyncIterator[KillDrill]:
    """A drill over the four venues with `rows` rows each, connected and measured. Past prices are refused, because
    the drill is about history."""
    async with SimulatorProcess(seed=3, venues=VENUES, rows=rows, limits="off", tick_rate=0) as simulator:
        truth = {}
        for venue in VENUES:
            truth[venue] = await simulator.truth(venue)
            for path in _PAST_PRICES:
                await simulator.fault(venue, "permission", path)
        drill = KillDrill(folder, simulator, truth, seed)
        await drill.prepare()
        yield drill
