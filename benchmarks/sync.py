"""A first and a second sync against the simulated exchanges: rows, requests and seconds, each beside its bound.

Run: python benchmarks/sync.py [--rows 10000] [--venues kraken,coinbase,binance,binanceus] [--limits real|off]
[--alone-only]. Every venue runs in a simulator of its own with its real rate limits; Kraken's account is of the tier
pro. The real client reads it into a real cache, and every stored row is compared field by field with the simulator's.
Then three accounts (Kraken, Coinbase, Binance.US) sync side by side in one session. With 10,000 rows Kraken's limit
alone asks for six and a half minutes, twice.

The second sync begins once the limits have recovered, as they have when it comes a quarter of an hour later.

requests: of the history, as the simulator counted them; `checks` are the clock and the key's rights, asked at each
start. least: what the exchange's page sizes and windows ask for, computed from the simulator's rows.
limit: seconds that the published limits impose on these requests. Past prices are asked after the history; their
requests and seconds are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from harvest_tui.core.records import Account, AccountId
from harvest_tui.session.choices import utc_now
from harvest_tui.session.connections import Connections
from harvest_tui.session.syncing import AccountSync, SyncResult
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.store import Store
from support.against_truth import Truth, compare
from support.simulated import choices_for, connected, impatient

VENUES = ("kraken", "coinbase", "binance", "binanceus")
TOGETHER = ("kraken", "coinbase", "binanceus")
TIERS = {"kraken": "pro"}
_CHECKS = re.compile(r"/public/Time$|/GetApiKeyInfo$|/v2/time$|/key_permissions$|/api/v3/time$|/apiRestrictions$")
_DAY_MS = 86_400_000
_WEIGHTS = {"binance": 20, "binanceus": 10}
_MINUTE_WEIGHT = {"binance": 6000, "binanceus": 1200}
_CONVERTS_A_MINUTE = 60
_KRAKEN_COUNTER = 20
"""Highest value of the pro tier; a unit decays in a second."""
_WITHDRAWALS_A_SECOND = 10


@dataclass
class Run:
    """One sync as seen from the outside."""

    result: SyncResult
    seconds: float
    refused: int
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def checks(self) -> int:
        """Requests for the clock and the key's rights."""
        return sum(count for path, count in self.asked.items() if _CHECKS.search(path))

    @property
    def requests(self) -> int:
        """Requests for history and balances."""
        return self.asked.total() - self.checks


@dataclass
class Line:
    """What is printed of a venue."""

    venue: str
    truth: Truth
    verdict: str
    symbols: int
    first: Run
    second: Run

    @property
    def rows(self) -> int:
        """Rows the cache holds after the first sync."""
        return self.first.result.new


def least_first(venue: str, truth: Truth, symbols: int, now_ms: int) -> int:
    """The least requests that can bring the whole history and the balances; `symbols` markets must be asked."""
    if venue == "kraken":
        return ceil(len(truth["ledger"]) / 50) + bool(truth["deposits"]) + bool(truth["withdrawals"]) + 1
    if venue == "coinbase":
        by_wallet = Counter(row["resource_path"].split("/")[3] for row in truth["transactions"])
        wallets = sum(ceil(rows / 100) for rows in by_wallet.values())
        return max(1, ceil(len(truth["fills"]) / 250)) + ceil(len(truth["accounts"]) / 100) + wallets
    return _binance_fixed(venue) + _trade_requests(truth, symbols) + _window_requests(venue, truth, now_ms)


def least_again(venue: str, truth: Truth, symbols: int) -> int:
    """The least requests that can tell that nothing is new. Binance: the last window of each history."""
    if venue == "kraken":
        return 2
    if venue == "coinbase":
        return 1 + ceil(len(truth["accounts"]) / 100)
    positions, histories = (2, 9) if venue == "binance" else (1, 9)
    return 1 + positions + symbols + histories


def _binance_fixed(venue: str) -> int:
    """The account, the list of markets, and what is staked or earning."""
    return 4 if venue == "binance" else 3


def _trade_requests(truth: Truth, symbols: int) -> int:
    """One for each symbol asked, and one more for each full page of 1000."""
    by_symbol = Counter(row["symbol"] for row in truth["trades"])
    return symbols + sum(rows // 1000 for rows in by_symbol.values())


def _window_requests(venue: str, truth: Truth, now_ms: int) -> int:
    """Every window from the exchange's opening on, or from the first deposit where nothing can be before it."""
    opened = _ms(2017, 7) if venue == "binance" else _ms(2019, 9)
    starts = [_first_ms(truth, stream) for stream in truth if stream not in ("trades", "withdrawals", "converts")]
    begun = min(start for start in starts if start is not None)

    def windows(days: int, since: int) -> int:
        return ceil((now_ms - since) / (days * _DAY_MS))

    def pages(size: int, *streams: str) -> int:
        return sum(max(1, ceil(len(truth[stream]) / size)) for stream in streams)

    moves = windows(90, opened) + windows(90, begun)
    if venue == "binance":
        fiat = pages(500, "fiat_deposits", "fiat_withdrawals", "fiat_buys", "fiat_sells")
        return moves + fiat + pages(100, "dust") + windows(180, opened) + windows(30, begun)
    orders = pages(100, "otc", "ocbs")
    return moves + 2 * windows(90, opened) + orders + 1 + pages(500, "distributions", "staking_rewards")


def _ms(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)


def _first_ms(truth: Truth, stream: str) -> int | None:
    names = ("insertTime", "createTime", "operateTime", "divTime", "time")
    return min((next(int(row[name]) for name in names if name in row) for row in truth[stream]), default=None)


def imposed_seconds(venue: str, asked: Mapping[str, int]) -> float:
    """Seconds that the published limits ask for between the first and the last of these requests, at the least."""
    if venue == "kraken":
        private = {path: count for path, count in asked.items() if "/private/" in path}
        cost = sum(count * (2 if path.endswith("/Ledgers") else 1) for path, count in private.items())
        return float(max(0, cost - _KRAKEN_COUNTER))
    if venue == "coinbase":
        fast = sum(count for path, count in asked.items() if "/api/v3/" in path)
        return max(0.0, fast / 30 - 1)
    weighed = sum(count for path, count in asked.items() if re.search(r"account$|myTrades$|exchangeInfo$", path))
    minutes = [weighed * _WEIGHTS[venue] / _MINUTE_WEIGHT[venue]]
    if venue == "binance":
        minutes.append(asked.get("GET /sapi/v1/convert/tradeFlow", 0) / _CONVERTS_A_MINUTE)
        withdrawals = asked.get("GET /sapi/v1/capital/withdraw/history", 0) / _WITHDRAWALS_A_SECOND - 1
    else:
        withdrawals = 0.0
    return max(0.0, withdrawals, *(60.0 * (ceil(minute) - 1) for minute in minutes))


def seconds_to_recover(venue: str) -> float:
    """Until the venue's limits allow a burst again: Kraken's counter runs down, Binance counts by whole minutes."""
    if venue == "kraken":
        return _KRAKEN_COUNTER
    return 60.5 - time.time() % 60 if venue == "binance" else 0.0


class Bench:
    """One account of one simulator, synced by the real client into a real cache."""

    def __init__(self, simulator: SimulatorProcess, venue: str, store: Store, connections: Connections) -> None:
        self._simulator = simulator
        self._store = store
        self._connections = connections
        self._venue = venue
        self._account = Account(AccountId(venue), venue, datetime.now(UTC), tier=TIERS.get(venue, ""))

    async def add(self) -> None:
        """The account, nothing synced."""
        await self._store.add_account(self._account)

    async def sync(self) -> Run:
        """One sync, and what the simulator was asked meanwhile."""
        await self._simulator.reset_stats()
        started = time.perf_counter()
        sync = AccountSync(self._store, self._connections, self._account, lambda _: None, utc_now)
        result = await sync.run()
        seconds = time.perf_counter() - started
        if result.error is not None:
            raise RuntimeError(f"{self._venue}: {result.error}")
        stats = await self._simulator.stats(self._venue)
        return Run(result, seconds, stats["limit_hits"], Counter(stats["requests"]))

    async def symbols(self) -> int:
        """Markets of Binance that were asked for trades; one that never was may hide some."""
        cursors = await self._store.cursors(AccountId(self._venue))
        marks = [json.loads(cursors[stream]) for stream in ("trades", "rest") if stream in cursors]
        return len({symbol for mark in marks for symbol in mark.get("trades", mark)["last"]})

    async def verdict(self, truth: Truth) -> str:
        """Whether the cache holds every row once and word for word."""
        return str(compare(self._venue, truth, await self._store.raw_rows(AccountId(self._venue))))


async def alone(venue: str, rows: int, limits: str) -> Line:
    """First and second sync of one venue."""
    async with SimulatorProcess(seed=1, venues=(venue,), rows=rows, limits=limits, tick_rate=0) as simulator:
        if limits == "real" and venue in TIERS:
            await simulator.limits(venue, TIERS[venue])
        with tempfile.TemporaryDirectory() as folder:
            choices = choices_for(simulator, Path(folder), impatient(30) if limits == "off" else None)
            async with await Store.open(choices.locations.database) as store:
                connections = Connections(store, choices.keys, choices.loopback, choices.clock, choices.pacing)
                bench = Bench(simulator, venue, store, connections)
                await bench.add()
                first = await bench.sync()
                truth = await simulator.truth(venue)
                verdict, symbols = await bench.verdict(truth), await bench.symbols()
                if limits == "real":
                    await asyncio.sleep(seconds_to_recover(venue))
                second = await bench.sync()
                await connections.close()
    return Line(venue, truth, verdict, symbols, first, second)


async def together(rows: int, limits: str) -> list[tuple[str, float]]:
    """Three accounts in one session: seconds from the start to the end of each."""
    async with SimulatorProcess(seed=1, venues=TOGETHER, rows=rows, limits=limits, tick_rate=0) as simulator:
        for venue, tier in TIERS.items():
            if limits == "real":
                await simulator.limits(venue, tier)
        with tempfile.TemporaryDirectory() as folder:
            pacing = impatient(30) if limits == "off" else None
            async with connected(simulator, Path(folder), TOGETHER, pacing) as session:
                for venue, tier in TIERS.items():
                    account = next(one for one in session.accounts() if one.account == venue)
                    await session.store.update_account(Account(account.account, venue, account.added_at, tier=tier))
                await session.accounts_changed()
                started = datetime.now(UTC)
                ended = []
                for result in await session.sync_results():
                    if result.error is not None or result.state.finished_at is None:
                        raise RuntimeError(f"{result.state.exchange}: {result.state.message}")
                    ended.append((result.state.exchange, (result.state.finished_at - started).total_seconds()))
                ended.append(("past prices too", (datetime.now(UTC) - started).total_seconds()))
    return ended


def show(line: Line, by_endpoint: bool) -> None:
    """One venue's block."""
    least = least_first(line.venue, line.truth, line.symbols, int(time.time() * 1000))
    again = least_again(line.venue, line.truth, len({row.get("symbol") for row in line.truth.get("trades", ())}))
    limit = imposed_seconds(line.venue, line.first.asked)
    wall = line.first.seconds
    bound = (
        f"asks for {limit:.1f} s, ratio {wall / limit:.3f}" if limit > 5 else "does not bind: this is fetch and store"
    )
    print(f"{line.venue}: {line.verdict}")
    print(
        f"  first sync:  {line.rows} rows, {line.first.requests} requests (+ {line.first.checks} checks), "
        f"least {least}, ratio {line.first.requests / least:.3f}, {line.first.refused} refused by a limit"
    )
    print(f"  wall time:   {wall:.1f} s ({line.rows / wall:.0f} rows/s); published limit {bound}")
    print(
        f"  second sync: {line.second.result.new} rows added, {line.second.requests} requests "
        f"(+ {line.second.checks} checks), least {again}, {line.second.refused} refused by a limit, "
        f"{line.second.seconds:.1f} s"
    )
    if by_endpoint:
        for path in sorted(line.first.asked):
            print(f"    {path}: {line.first.asked[path]} then {line.second.asked[path]}")
    sys.stdout.flush()


async def run(arguments: argparse.Namespace) -> None:
    """All that was asked for, one after the other."""
    lines = []
    for venue in arguments.venues.split(","):
        lines.append(await alone(venue, arguments.rows, arguments.limits))
        show(lines[-1], arguments.endpoints)
    if arguments.alone_only:
        return
    ended = await together(arguments.rows, arguments.limits)
    wall = max(seconds for venue, seconds in ended if venue in TOGETHER)
    print("side by side: " + ", ".join(f"{venue} {seconds:.1f} s" for venue, seconds in ended))
    slowest = max((line.first.seconds for line in lines if line.venue in TOGETHER), default=None)
    if slowest is not None:
        print(f"  {wall:.1f} s against {slowest:.1f} s of the slowest alone, ratio {wall / slowest:.3f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--venues", default=",".join(VENUES))
    parser.add_argument("--limits", choices=("real", "off"), default="real")
    parser.add_argument("--alone-only", action="store_true", help="leave out the three accounts side by side")
    parser.add_argument("--endpoints", action="store_true", help="print the requests of each endpoint")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
