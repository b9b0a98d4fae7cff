"""Sorting and filtering 100,000 lots: from the key to the painted rows in a real pty, and every column in one process.

Run: python benchmarks/sort_filter.py [--lots 100000] [--rounds 9]. In the pty of 140x40: `i` turns the order of the day
of acquisition round, and the clock stops when a day that only the other end has was written; the last letter of a
filter, and the clock stops when the line below the table has its count. In the process: the arrangement alone, under
a price of every asset, in milliseconds of wall time.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from live_table import OURS, choices, make_home, told, watched

from harvest_tui.cli.home import settled
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Asset, Quote
from harvest_tui.session.snapshot import load_picture
from harvest_tui.ui.widgets.lot_arrangement import Wish, arrange
from harvest_tui.ui.widgets.lot_columns import COLUMNS
from harvest_tui.ui.widgets.lot_filter import parse_filter
from harvest_tui.ui.widgets.lot_order import LotOrder, Sorting

FILTERS = ("coin77", "ledger", "short", "loss", "value>1000", "days<200 !ledger")


def in_terminal(home: Path, lots: int, rounds: int) -> None:
    """Keys, as a person waits for them."""
    choices(home, "acquired", 4)
    sorts: list[float] = []
    filters: list[float] = []
    one = sum(number % 300 == 77 for number in range(lots))
    many = sum(str(number % 300).startswith("12") for number in range(lots))
    with watched(["monitor", str(home), "0"], OURS) as program:
        time.sleep(8)  # the library loads, the lots are sorted
        for number in range(rounds):
            sorts.append(program.type(b"i", b"2022-01-0" if number % 2 else b"2025-12-2"))
            time.sleep(0.5)
        for number in range(rounds):
            text, count = ((b"coin77", one), (b"coin12", many))[number % 2]
            program.write(b"/")
            time.sleep(0.5)
            program.write(text[:-1])
            time.sleep(1)
            filters.append(program.type(text[-1:], f"{count:,} of {lots:,} lots".encode()))
            program.write(b"\x1b")
            time.sleep(0.5)
            program.write(b"\x1b")
            time.sleep(1)
    print(told("key to rows in another order ", sorts))
    print(told("last letter to its lots      ", filters))


def priced(home: Path) -> Portfolio:
    """The lots of the home under a price of every asset."""
    locations, settings = settled(str(home))
    now = datetime.now(UTC)
    picture = load_picture(locations, settings, now)
    assert picture is not None
    held = picture.facts.portfolio(now)
    draw = random.Random(4)
    quotes = {}
    for account, asset in held.positions:
        quotes[account, asset] = Quote(Asset(asset), Decimal(draw.randrange(4000, 6000)) / 100, now, "feed")
    return held.with_quotes(quotes, now)


def in_process(home: Path, rounds: int) -> None:
    """Every column and some filters."""
    held = priced(home)
    order = LotOrder(held.ledger.lots)
    wishes = {f"sort by {column.key}": Wish(sorting=Sorting(column.key)) for column in COLUMNS}
    wishes |= {f"filter {text}": Wish(parse_filter(text)) for text in FILTERS}
    for name, wish in wishes.items():
        taken = []
        for number in range(rounds):
            turned = wish._replace(sorting=wish.sorting._replace(descending=bool(number % 2)))
            began = time.perf_counter()
            made = arrange(order, turned, held)
            taken.append(time.perf_counter() - began)
        middle, first = statistics.median(taken) * 1000, taken[0] * 1000
        print(f"{name:24} {len(made.rows):>8,} rows: {middle:6.1f} ms, the first time {first:6.1f}")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_home(home, arguments.lots)
        in_terminal(home, arguments.lots, arguments.rounds)
        in_process(home, arguments.rounds)


if __name__ == "__main__":
    main()
