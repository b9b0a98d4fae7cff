"""CPU seconds and memory of the lots engine, and of rp2's beside it: `python benchmarks/lots.py [--sizes ...]`.

With `--profile` the first size, number of assets and method are run under the profiler instead, and each function's
share of the time is printed: events into postings, the replay, and every lot and disposal read.

Half buys and half sells with a mean-reverting price and no short position; four fifths of what is bought is sold.

What the clock holds. `engine_s`: unsorted postings in memory, integers of 10^-18, into books and every part of every
lot with its units, basis and share of the proceeds. `prepare_s`: events into those postings, a look at the clock for
each included. `ledger_s`: the open lots, gaps and disposals as decimals with tax days, on top, each looked at once.
Every run has a process of its own, which makes its events one by one and keeps none, so `peak_mib` is what the engine
needs, its interpreter (about 40 MiB) included; `peak_with_ledger_mib` is after every disposal was read, and
`peak_with_list_mib` with a list of them all kept.
rp2's clock holds its accounting engine alone: its transactions are in memory before, sorted and asset by asset, its
files are never read or written. Of several runs (`--times`) the best and the median are told, of both engines.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
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
    seconds = []
    with without_collector():
        for _ in range(3 if size <= SMALL else 1):
            postings, preparing = prepared(size, assets)
            replay = Replay(MethodTable(method), ZONE)
            begun = time.process_time()
            replay.load(postings)
            seconds.append(time.process_time() - begun)
        del postings
        parts, lots = sum(len(one.parts) for one in replay.takes()), len(replay.open_lots())
        peak = peak_mib()
        begun = time.process_time()
        ledger = ledger_of(Matched(replay, (), ()), ZONE)
        made = len(ledger.lots) + sum(one.quantity > 0 for one in ledger.disposals)
        in_decimals = time.process_time() - begun
        peak_read = peak_mib()
        kept = list(ledger.disposals)
    assert made == parts + lots
    assert len(kept) == parts
    return {
        "engine_s": round(min(seconds), 4),
        "us_a_trade": round(min(seconds) / size * 1e6, 2),
        "prepare_s": round(preparing, 3),
        "ledger_s": round(in_decimals, 3),
        "parts": parts,
        "lots": lots,
        "peak_mib": peak,
        "peak_with_ledger_mib": peak_read,
        "peak_with_list_mib": peak_mib(),
    }


def profile(size: int, assets: int, method: Method) -> None:
    """Prints what each function has of the time of its stage, under the profiler: shares, not seconds."""
    events = list(history(size, assets))
    maker, replay = PostingMaker(NoPrices(), Pairing()), Replay(MethodTable(method), ZONE)

    def prepare() -> None:
        for event in events:
            maker.add(event)

    def read() -> None:
        ledger = ledger_of(Matched(replay, (), ()), ZONE)
        assert len(ledger.lots) + sum(one.quantity > 0 for one in ledger.disposals) > 0

    with without_collector():
        for name, stage in (
            ("events to postings", prepare),
            ("replay", lambda: replay.load(maker.postings)),
            ("lots and disposals read", read),
        ):
            profiler = cProfile.Profile()
            profiler.runcall(stage)
            _write_shares(name, pstats.Stats(profiler))


def _write_shares(name: str, stats: pstats.Stats) -> None:
    rows = stats.stats.items()  # type: ignore[attr-defined]
    whole = sum(row[2] for _, row in rows)
    sys.stdout.write(f"\n{name}\n| share | calls | function |\n| ---: | ---: | --- |\n")
    for (file, _, function), (_, calls, own, *_) in sorted(rows, key=lambda row: -row[1][2])[:12]:
        if own >= whole / 100:
            place = f"{Path(file).stem}.{function}" if file != "~" else function
            sys.stdout.write(f"| {own / whole:.0%} | {calls:,} | `{place}` |\n")


def _latency(name: str, seconds: list[float]) -> dict[str, object]:
    seconds.sort()
    milliseconds = [one * 1000 for one in seconds]
    at = {"p50": 0.5, "p99": 0.99}
    figures = {f"{name}_{key}_ms": round(milliseconds[int(len(seconds) * part)], 4) for key, part in at.items()}
    return {**figures, f"{name}_max_ms": round(milliseconds[-1], 3)}


def living(size: int, assets: int, method: Method) -> dict[str, object]:
    """Trades appended to a history, trades that come late, and sales only tried: by the wall clock and in CPU time.

    Where other programs run beside it the wall clock tells of them at the 99th percentile, the CPU time does not.
    """
    live = LiveLedger(history(size, assets), method=MethodTable(method), zone=ZONE)
    random_source = random.Random(3)
    end = START + YEARS
    spent: dict[str, list[float]] = {
        f"{name}{unit}": [] for name in ("append", "what_if", "late") for unit in ("", "_cpu")
    }

    def timed(name: str, act: Callable[[], object]) -> None:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        act()
        ended_cpu, ended = time.process_time(), time.perf_counter()
        spent[name].append(ended - begun)
        spent[f"{name}_cpu"].append(ended_cpu - begun_cpu)

    for number in range(2_000):
        asset = f"C{random_source.randrange(assets)}"
        satoshis, cents = random_source.randrange(1_000, 100_000_000), random_source.randrange(2_900_000, 3_100_000)
        event = trade(size + number, end + timedelta(seconds=number), asset, number % 2 == 1, satoshis, cents)
        timed("append", partial(live.append, [event]))
        quantity, proceeds = event.sent or event.received, Decimal(12_345)
        assert quantity is not None
        timed("what_if", partial(live.what_if, ACCOUNT, Asset(asset), SATOSHI * satoshis * 3, proceeds, end))
    behind = min(10_000, size // assets // 2)
    for number in range(20):
        at = end - YEARS / size * behind * assets + timedelta(microseconds=number)
        event = trade(size + 10_000 + number, at, "C0", number % 2 == 1, 12_345_678, 3_000_000)
        timed("late", partial(live.append, [event]))
    figures = {key: figure for name, seconds in spent.items() for key, figure in _latency(name, seconds).items()}
    return {"late_behind": behind, **figures, "peak_mib": peak_mib()}


def in_own_process(*arguments: str) -> dict[str, object]:
    """The JSON line that this file prints in a fresh interpreter."""
    command = [sys.executable, __file__, *arguments]
    found: dict[str, object] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def report(row: dict[str, object]) -> None:
    """One JSON line."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def best_of(times: int, *arguments: str) -> dict[str, object]:
    """The quickest of several runs, with the median of all in `engine_median_s`."""
    rows = [in_own_process(*arguments) for _ in range(times)]
    seconds = [float(str(row["engine_s"])) for row in rows]
    return {**rows[seconds.index(min(seconds))], "engine_median_s": round(statistics.median(seconds), 4)}


def beside_rp2(
    sizes: list[int], assets: list[int], methods: list[str], ours: dict[tuple[int, int, str], float], times: int
) -> None:
    """Runs rp2's engine on the same trades, installed into a folder that goes away; `times` is its seconds by ours."""
    with tempfile.TemporaryDirectory(prefix="rp2-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "rp2==1.7.2"], check=True)
        for size in sizes:
            for count in assets:
                trades = Path(folder) / "trades.json"
                trades.write_text(json.dumps(list(plain_history(size, count))))
                for method in methods:
                    command = [str(python), str(RP2), str(trades), method, str(max(times, 3 if size <= SMALL else 1))]
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
    parser.add_argument("--times", type=int, default=1, help="runs of each; the best and the median are told")
    parser.add_argument("--profile", action="store_true", help="shares of the time by function")
    parser.add_argument("--no-live", action="store_true", help="leave out appended, late and tried trades")
    parser.add_argument("--only", choices=("bulk", "living"), help="one run in this process")
    options = parser.parse_args()
    if options.profile:
        profile(options.sizes[0], options.assets[0], Method(options.methods[0]))
        return
    if options.only:
        run = bulk if options.only == "bulk" else living
        report(run(options.sizes[0], options.assets[0], Method(options.methods[0])))
        return
    ours: dict[tuple[int, int, str], float] = {}
    for size in options.sizes:
        for count in options.assets:
            for method in options.methods:
                told = ("--sizes", str(size), "--assets", str(count), "--methods", method)
                row = best_of(options.times, "--only", "bulk", *told)
                ours[size, count, method] = float(str(row["engine_s"]))
                report({"engine": "ours", "trades": size, "assets": count, "method": method, **row})
    largest = max(options.sizes)
    for method in () if options.no_live else options.methods:
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
        beside_rp2(options.rp2, options.assets, options.methods, ours, options.times)


if __name__ == "__main__":
    main()
