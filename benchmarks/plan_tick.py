"""Time of one price tick over marked lots: `python benchmarks/plan_tick.py [--marks 1000 10000] [--moved 1 10 50]`.

Lots of 50 coins are bought over three years and all of them marked; then 1, 10 or all 50 coins move. A tick ends with
the totals of the plan: the results by term, the return before and after, what is saved, owed and paid. Sizes and
numbers of coins take turns in one run; each figure is a median in processor time, and the last columns are ratios
within that run: to the fewest marks, and to the same totals made anew from every mark.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill, expected_bill
from harvest_tui.core.harvest.costs import SaleDay
from harvest_tui.core.harvest.live_totals import MarkedTotals
from harvest_tui.core.lots.ledger import Lot, Provenance
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.core.tax_days import long_term_on

COINS = 50
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
KEYS: list[PositionKey] = [(AccountId("kraken"), Asset(f"COIN{number}")) for number in range(COINS)]


def lots(count: int) -> list[Lot]:
    """So many lots that cost between a dollar and three times today's hundred a unit."""
    chance = random.Random(count)
    made = []
    for number in range(count):
        account, asset = KEYS[number % COINS]
        at = NOW - timedelta(days=chance.randrange(1, 1000))
        units = Decimal(chance.randrange(10**6, 10**9)).scaleb(-8)
        name = f"kraken:{number}"
        cost = (units * chance.randrange(1, 300)).quantize(Decimal("0.01"))
        made.append(
            Lot(LotId(name), EventId(name), account, asset, at, long_term_on(at, ZONE), units, cost, Provenance.PROVEN)
        )
    return made


def taxpayer() -> tuple[ExpectedBill, SaleDay]:
    """A planner with gains this year, planned gains and a next year: every part of the bill is asked."""
    profile = Profile(
        status=FilingStatus.SINGLE,
        wages=Decimal(180_000),
        short_gain=Decimal(60_000),
        long_gain=Decimal(40_000),
        planned_long_gain=Decimal(20_000),
        next_long_gain=Decimal(9_000),
    )
    bill = expected_bill(profile, profile.inputs(2026))
    return bill, SaleDay(profile, bill.rates, NOW, ZONE)


def marked(count: int) -> MarkedTotals:
    """All those lots marked whole, under first prices."""
    live = MarkedTotals(*taxpayer(), {})
    live.update({key: Decimal(100) for key in KEYS})
    for lot in lots(count):
        live.mark(lot, lot.quantity)
    live.totals()
    return live


def timed(live: MarkedTotals, moved: int, chance: random.Random) -> float:
    """Processor seconds of one tick of so many coins."""
    prices: dict[PositionKey, Decimal | None] = {
        key: Decimal(chance.randrange(5_000, 15_000)).scaleb(-2) for key in chance.sample(KEYS, moved)
    }
    started = time.process_time()
    live.update(prices)
    return time.process_time() - started


def timed_mark(live: MarkedTotals, lot: Lot) -> float:
    """Processor seconds of taking one mark away and putting it back."""
    started = time.process_time()
    live.unmark(lot.lot_id)
    live.mark(lot, lot.quantity)
    return (time.process_time() - started) / 2


def timed_anew(count: int) -> float:
    """Processor seconds of making the totals of so many marks from nothing."""
    offered, (bill, day) = lots(count), taxpayer()
    started = time.process_time()
    live = MarkedTotals(bill, day, {})
    live.update({key: Decimal(100) for key in KEYS})
    for lot in offered:
        live.mark(lot, lot.quantity)
    live.totals()
    return time.process_time() - started


def main() -> None:
    """Print a line for each number of marks and of coins that moved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--moved", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    chance = random.Random(7)
    kept = {count: marked(count) for count in arguments.marks}
    some = {count: lots(count)[count // 2] for count in arguments.marks}
    times: dict[tuple[int, int], list[float]] = {(c, m): [] for c in arguments.marks for m in arguments.moved}
    marks: dict[int, list[float]] = {count: [] for count in arguments.marks}
    for _ in range(arguments.rounds):
        for count, moved in times:
            times[count, moved].append(timed(kept[count], moved, chance))
        for count, live in kept.items():
            marks[count].append(timed_mark(live, some[count]))
    for count in arguments.marks:
        anew = timed_anew(count)
        for moved in arguments.moved:
            took = statistics.median(times[count, moved])
            base = statistics.median(times[arguments.marks[0], moved])
            one = statistics.median(times[count, arguments.moved[0]])
            print(
                f"{count:>7} marks, {moved:>2} coins moved: {took * 1e6:8.0f} us, {took / base:5.2f} of the fewest"
                f" marks, {took / one:5.2f} of the fewest coins, 1/{anew / took:,.0f} of all anew"
            )
        took, base = statistics.median(marks[count]), statistics.median(marks[arguments.marks[0]])
        print(f"{count:>7} marks, one put or taken: {took * 1e6:4.0f} us, {took / base:5.2f} of the fewest marks")


if __name__ == "__main__":
    main()
