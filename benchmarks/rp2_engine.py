"""CPU seconds of rp2's accounting engine alone: `python rp2_engine.py TRADES.json METHOD TIMES` where rp2 is installed.

The transactions are made before the clock starts; the clock holds the walk over taxable events that pairs each with its
lots and makes the gains, asset by asset; of several times the best and the median. Prints one JSON line.
"""

import json
import resource
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from prezzemolo.avl_tree import AVLTree
from rp2 import tax_engine
from rp2.accounting_engine import AccountingEngine
from rp2.configuration import MAX_DATE, MIN_DATE, Configuration
from rp2.in_transaction import InTransaction
from rp2.input_data import InputData
from rp2.out_transaction import OutTransaction
from rp2.plugin.country.us import US
from rp2.rp2_decimal import ZERO, RP2Decimal
from rp2.transaction_set import TransactionSet

CENTS, SATOSHIS = RP2Decimal(100), RP2Decimal(10**8)
START = datetime(2015, 1, 1, tzinfo=UTC)
HEADERS = """
[in_header]
timestamp = 0
asset = 1
exchange = 2
holder = 3
transaction_type = 4
spot_price = 5
crypto_in = 6
[out_header]
timestamp = 0
asset = 1
exchange = 2
holder = 3
transaction_type = 4
spot_price = 5
crypto_out_no_fee = 6
crypto_fee = 7
[intra_header]
timestamp = 0
asset = 1
from_exchange = 2
from_holder = 3
to_exchange = 4
to_holder = 5
spot_price = 6
crypto_sent = 7
crypto_received = 8
"""


def configured(assets: list[str]) -> Configuration:
    """A configuration for one exchange and one holder, by way of a file in the current folder."""
    path = Path("rp2.ini")
    path.write_text(f"[general]\nassets = {', '.join(assets)}\nexchanges = bench\nholders = me\n{HEADERS}")
    return Configuration(str(path), US())


def input_of(configuration: Configuration, asset: str, trades: list[list[object]], step: timedelta) -> InputData:
    """The trades of one asset as transactions in memory."""
    sets = [TransactionSet(configuration, kind, asset, MIN_DATE, MAX_DATE) for kind in ("IN", "OUT", "INTRA")]
    for row, (number, _, is_sale, satoshis, cents, fee) in enumerate(trades, 1):
        at = str(START + step * number)
        price, coins = RP2Decimal(cents) / CENTS, RP2Decimal(satoshis) / SATOSHIS
        name = f"bench:{number}"
        if is_sale:
            made = OutTransaction(
                configuration, at, asset, "bench", "me", "SELL", price, coins, ZERO, row=row, unique_id=name
            )
        else:
            paid = RP2Decimal(fee) / CENTS if fee else None
            made = InTransaction(
                configuration, at, asset, "bench", "me", "BUY", price, coins, fiat_fee=paid, row=row, unique_id=name
            )
        sets[is_sale].add_entry(made)
    return InputData(asset, *sets)


def main() -> None:
    """Reads the trades, runs the engine, prints the seconds."""
    trades = json.loads(Path(sys.argv[1]).read_text())
    by_asset: dict[str, list[list[object]]] = {}
    for trade in trades:
        by_asset.setdefault(trade[1], []).append(trade)
    configuration = configured(sorted(by_asset))
    step = timedelta(days=3650) / len(trades)
    inputs = [input_of(configuration, asset, rows, step) for asset, rows in by_asset.items()]
    for data in inputs:
        list(data.unfiltered_in_transaction_set), list(data.unfiltered_out_transaction_set)
    methods: AVLTree = AVLTree()
    methods.insert_node(1970, import_module(f"rp2.plugin.accounting_method.{sys.argv[2]}").AccountingMethod())
    engine = AccountingEngine(methods)
    seconds: list[float] = []
    for _ in range(int(sys.argv[3])):
        parts = 0
        begun = time.process_time()
        for data in inputs:
            events = tax_engine._create_unfiltered_taxable_event_set(configuration, data)
            parts += tax_engine._create_unfiltered_gain_and_loss_set(configuration, engine, data, events).count
        seconds.append(time.process_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"engine_s": round(min(seconds), 3), "engine_median_s": round(statistics.median(seconds), 3)}
    sys.stdout.write(json.dumps({**told, "parts": parts, "peak_mib": peak}) + "\n")


if __name__ == "__main__":
    main()
