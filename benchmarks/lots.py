"""CPU seconds of the lots engine on synthetic histories: `python benchmarks/lots.py [--sizes ...]`.

Half buys and half sells with a mean-reverting price and no short position; four fifths of what is bought is sold. The
history is in memory as events; `engine` is their replay into lots and parts, `ledger` the same and the decimal ledger.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.matching import Scope, ledger_of, match_books, without_collector
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.core.valuation import NoPrices

START = datetime(2015, 1, 1, tzinfo=UTC)
ACCOUNT = AccountId("bench")
ZONE = ZoneInfo("America/New_York")
SATOSHI = Decimal("0.00000001")
CENT = Decimal("0.01")


def history(size: int, assets: int, seed: int = 7) -> list[Event]:
    """`size` trades in order of time, a tenth of them with a dollar fee."""
    random_source = random.Random(seed)
    names = [Asset(f"C{number}") for number in range(assets)]
    held = dict.fromkeys(names, 0)
    cents = dict.fromkeys(names, 3_000_000)
    step = timedelta(days=3650) / size
    events = []
    for number in range(size):
        asset = names[random_source.randrange(assets)]
        cents[asset] += random_source.randrange(-20_000, 20_001) + (3_000_000 - cents[asset]) // 100
        satoshis = random_source.randrange(1_000, 100_000_000)
        sold = min(held[asset], satoshis * 4 // 5)
        is_sale = number % 2 == 1 and sold > 0
        satoshis = sold if is_sale else satoshis
        held[asset] += -satoshis if is_sale else satoshis
        coins = Amount(SATOSHI * satoshis, asset)
        dollars = Amount(CENT * (satoshis * cents[asset] // 10**8), USD)
        fee = Amount(CENT * 25, USD) if number % 10 == 0 else None
        sent, received = (coins, dollars) if is_sale else (dollars, coins)
        name = EventId(f"bench:{number:07d}")
        events.append(
            Event(name, ACCOUNT, EventKind.TRADE, START + step * number, sent, received, fee, sequence=number)
        )
    return events


def measure(events: list[Event], method: Method) -> dict[str, float | int]:
    """CPU seconds of replay and of the decimal ledger, and how many parts and lots came out."""
    with without_collector():
        begun = time.process_time()
        matched = match_books(events, methods=MethodTable(method), scope=Scope.ACCOUNT, zone=ZONE, values=NoPrices())
        replayed = time.process_time()
        ledger = ledger_of(matched, ZONE)
        done = time.process_time()
    return {
        "engine_s": round(replayed - begun, 3),
        "ledger_s": round(done - begun, 3),
        "parts": len(ledger.disposals),
        "lots": len(ledger.lots),
        "gaps": len(ledger.gaps),
    }


def main() -> None:
    """Prints one JSON line a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--assets", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--methods", nargs="+", default=["fifo", "lifo", "hifo"])
    options = parser.parse_args()
    for size in options.sizes:
        for assets in options.assets:
            events = history(size, assets)
            for name in options.methods:
                method = Method(name)
                row: dict[str, object] = {"trades": size, "assets": assets, "method": name, **measure(events, method)}
                row["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                sys.stdout.write(json.dumps(row) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
