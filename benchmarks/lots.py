"""CPU seconds and memory of the lots engine, and of rp2's beside it: `python benchmarks/lots.py [--sizes ...]`.

Half buys and half sells with a mean-reverting price and no short position; four fifths of what is bought is sold.

What the clock holds. `engine_s`: unsorted postings in memory, integers of 10^-18, into books and every part of every
lot with its units, basis and share of the proceeds. `prepare_s`: events into those postings. `ledger_s`: the open lots,
gaps and disposals as decimals with tax days, on top. Every run has a process of its own, which makes its events one by
one and keeps none, so `peak_mib` is what the engine needs, its interpreter (about 40 MiB) included. rp2's clock holds
its accounting engine alone: its transactions are in memory before, its files are never read or written.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.live import LiveLedger
from harvest_tui.core.lots.matching import Matched, ledger_of, without_collector
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.posting_maker import PostingMaker
from harvest_tui.core.lots.postings import Posting
from harvest_tui.core.lots.replay import Replay
from harvest_tui.core.lots.transfers import Pairing
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.core.valuation import NoPrices

START = datetime(2015, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3650)
ACCOUNT = AccountId("bench")
ZONE = ZoneInfo("America/New_York")
SATOSHI = Decimal("0.00000001")
CENT = Decimal("0.01")
RP2 = Path(__file__).with_name("rp2_engine.py")
SMALL = 10_000
METHODS = ("fifo", "lifo", "hifo")
Plain = tuple[int, str, bool, int, int, int]
"""Number, asset, whether it is a sale, satoshis, cents a coin, cents of fee."""


def plain_history(size: int, assets: int, seed: int = 7) -> Iterator[Plain]:
    """`size` trades in order of time, a tenth of them with a dollar fee."""
    random_source = random.Random(seed)
    names = [f"C{number}" for number in range(assets)]
    held = dict.fromkeys(names, 0)
    cents = dict.fromkeys(names, 3_000_000)
    for number in range(size):
        asset = names[random_source.randrange(assets)]
        cents[asset] += random_source.randrange(-20_000, 20_001) + (3_000_000 - cents[asset]) // 100
        satoshis = random_source.randrange(1_000, 100_000_000)
        sold = min(held[asset], satoshis * 4 // 5)
        is_sale = number % 2 == 1 and sold > 0
        satoshis = sold if is_sale else satoshis
        held[asset] += -satoshis if is_sale else satoshis
        yield number, asset, is_sale, satoshis, cents[asset], 25 if number % 10 == 0 else 0


def trade(number: int, at: datetime, asset: str, is_sale: bool, satoshis: int, cents: int, fee: int = 0) -> Event:
    """One purchase or sale for dollars."""
    coins = Amount(SATOSHI * satoshis, Asset(asset))
    dollars = Amount(CENT * (satoshis * cents // 10**8), USD)
    sent, received = (coins, dollars) if is_sale else (dollars, coins)
    paid = Amount(CENT * fee, USD) if fee else None
    name = EventId(f"bench:{number:07d}")
    return Event(name, ACCOUNT, EventKind.TRADE, at, sent, received, paid, sequence=number)


def history(size: int, assets: int, seed: int = 7) -> Iterator[Event]:
    """The trades as events."""
    step = YEARS / size
    for number, *rest in plain_history(size, assets, seed):
        yield trade(number, START + step * number, *rest)


def peak_mib() -> int:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def prepared(size: int, assets: int) -> tuple[list[Posting], float]:
    """A history as postings, and the CPU seconds that made them of events. The events themselves are not kept."""
    maker = PostingMaker(NoPrices(), Pairing())
    spent = 0
    for event in history(size, assets):
        begun = time.process_time_ns()
        maker.add(event)
        spent += time.process_time_ns() - begun
    postings = maker.taken()[0]
    late = postings[-(size // 100) :]
    random.Random(1).shuffle(late)
    return postings[: -len(late)] + late, spent / 1e9


def bulk(size: int, assets: int, method: Method) -> dict[str, object]:
    """One history replayed from scratch; the best of three where it is small (rp2 has the same chance)."""
    best = float("inf")
    with without_collector():
        for _ in range(3 if size <= SMALL else 1):
            postings, preparing = prepared(size, assets)
            replay = Replay(MethodTable(method), ZONE)
            begun = time.process_time()
            replay.load(postings)
            best = min(best, time.process_time() - begun)
        parts, lots = sum(len(one.parts) for one in replay.takes()), len(replay.open_lots())
        peak = peak_mib()
        begun = time.process_time()
        ledger = ledger_of(Matched(replay, (), ()), ZONE)
        made = len(ledger.lots) + len(ledger.disposals)
        in_decimals = time.process_time() - begun
    assert made == parts + lots
    return {
        "engine_s": round(best, 4),
        "us_a_trade": round(best / size * 1e6, 2),
        "prepare_s": round(preparing, 3),
        "ledger_s": round(in_decimals, 3),
        "parts": parts,
        "lots": lots,
        "peak_mib": peak,
        "peak_with_ledger_mib": peak_mib(),
    }


def _latency(name: str, seconds: list[float]) -> dict[str, object]:
    seconds.sort()
    milliseconds = [one * 1000 for one in seconds]
    at = {"p50": 0.5, "p99": 0.99}
    figures = {f"{name}_{key}_ms": round(milliseconds[int(len(seconds) * part)], 4) for key, part in at.items()}
    return {**figures, f"{name}_max_ms": round(milliseconds[-1], 3)}


def living(size: int, assets: int, method: Method) -> dict[str, object]:
    """Trades appended to a history, trades that come late, and sales only tried, by the wall clock."""
    live = LiveLedger(history(size, assets), method=MethodTable(method), zone=ZONE)
    timer = time.perf_counter
    random_source = random.Random(3)
    end = START + YEARS
    appended, tried, late, late_cpu = [], [], [], []
    for number in range(2_000):
        asset = f"C{random_source.randrange(assets)}"
        satoshis, cents = random_source.randrange(1_000, 100_000_000), random_source.randrange(2_900_000, 3_100_000)
        event = trade(size + number, end + timedelta(seconds=number), asset, number % 2 == 1, satoshis, cents)
        begun = timer()
        live.append([event])
        appended.append(timer() - begun)
        quantity, proceeds = event.sent or event.received, Decimal(12_345)
        assert quantity is not None
        begun = timer()
        live.what_if(ACCOUNT, Asset(asset), SATOSHI * satoshis * 3, proceeds, end)
        tried.append(timer() - begun)
    behind = min(10_000, size // assets // 2)
    for number in range(20):
        at = end - YEARS / size * behind * assets + timedelta(microseconds=number)
        event = trade(size + 10_000 + number, at, "C0", number % 2 == 1, 12_345_678, 3_000_000)
        begun, begun_cpu = timer(), time.process_time()
        live.append([event])
        late.append(timer() - begun)
        late_cpu.append(time.process_time() - begun_cpu)
    return {
        **_latency("append", appended),
        **_latency("what_if", tried),
        "late_behind": behind,
        **_latency("late", late),
        **_latency("late_cpu", late_cpu),
        "peak_mib": peak_mib(),
    }


def in_own_process(*arguments: str) -> dict[str, object]:
    """The JSON line that this file prints in a fresh interpreter."""
    command = [sys.executable, __file__, *arguments]
    found: dict[str, object] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def report(row: dict[str, object]) -> None:
    """One JSON line."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def beside_rp2(sizes: list[int], assets: list[int], ours: dict[tuple[int, int, str], float]) -> None:
    """Runs rp2's engine on the same trades, installed into a folder that goes away; `times` is its seconds by ours."""
    with tempfile.TemporaryDirectory(prefix="rp2-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "rp2==1.7.2"], check=True)
        for size in sizes:
            for count in assets:
                trades = Path(folder) / "trades.json"
                trades.write_text(json.dumps(list(plain_history(size, count))))
                for method in METHODS:
                    command = [str(python), str(RP2), str(trades), method, "3" if size <= SMALL else "1"]
                    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout
                    row = json.loads(answer.splitlines()[-1])
                    mine = ours.get((size, count, method))
                    ratio = round(row["engine_s"] / mine, 1) if mine else None
                    report({"engine": "rp2", "trades": size, "assets": count, "method": method, **row, "times": ratio})


def main() -> None:
    """Prints one JSON line a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--assets", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--rp2", type=int, nargs="*", default=[1_000, 10_000], help="sizes for rp2; none leaves it out")
    parser.add_argument("--only", choices=("bulk", "living"), help="one run in this process")
    options = parser.parse_args()
    if options.only:
        run = bulk if options.only == "bulk" else living
        report(run(options.sizes[0], options.assets[0], Method(options.methods[0])))
        return
    ours: dict[tuple[int, int, str], float] = {}
    for size in options.sizes:
        for count in options.assets:
            for method in options.methods:
                told = ("--sizes", str(size), "--assets", str(count), "--methods", method)
                row = in_own_process("--only", "bulk", *told)
                ours[size, count, method] = float(str(row["engine_s"]))
                report({"engine": "ours", "trades": size, "assets": count, "method": method, **row})
    largest = max(options.sizes)
    for method in options.methods:
        told = ("--sizes", str(largest), "--assets", "50", "--methods", method)
        report(
            {
                "engine": "live",
                "trades": largest,
                "assets": 50,
                "method": method,
                **in_own_process("--only", "living", *told),
            }
        )
    if options.rp2:
        beside_rp2(options.rp2, options.assets, ours)


if __name__ == "__main__":
    main()
