"""Time of the exact choice of lots, on the federal surface: `python benchmarks/choice.py [--lots 1000 10000 100000]`.

Lots are bought over three years at prices around today's, so that some are in loss, some in gain and the shorts and
longs are mixed; result and cost go to eight decimals. The sizes take turns, round by round, in one run; each figure
is the median, sorting included, as a planner pays it: from values in dollars to the named lots and parts.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from decimal import Decimal

from harvest_tui.core.harvest.choice import Choice, choose
from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs

START = (Decimal("61250.25"), Decimal("48100.75"))


def lots(count: int) -> list[Option]:
    """So many lots, in no order; together they lose about $600,000 whatever their number."""
    chance = random.Random(count)
    offered = []
    for number in range(count):
        basis = chance.randrange(10**8, 2 * 10**12) * 1000 // count
        value = basis * chance.randrange(300, 1150) // 1000
        gain = Decimal(value - basis).scaleb(-8)
        cost = Decimal(value * chance.randrange(20, 130) // 10_000 + abs(value - basis) * chance.randrange(80) // 1000)
        short, long = (gain, Decimal(0)) if chance.random() < 0.4 else (Decimal(0), gain)
        offered.append(Option(f"wallet:{number}", short, long, cost.scaleb(-8)))
    return offered


def timed(offered: list[Option]) -> tuple[float, float, Choice]:
    """Wall and processor seconds of one choice with nothing kept from an earlier one."""
    surface = FederalSurface(TaxInputs(2025, FilingStatus.SINGLE, wages=Decimal(180_000)))
    started, worked = time.perf_counter(), time.process_time()
    chosen = choose(offered, surface, *START)
    return time.perf_counter() - started, time.process_time() - worked, chosen


def main() -> None:
    """Print a line a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    offers = {count: lots(count) for count in arguments.lots}
    walls: dict[int, list[float]] = {count: [] for count in offers}
    times: dict[int, list[float]] = {count: [] for count in offers}
    last: dict[int, Choice] = {}
    for _ in range(arguments.rounds):
        for count, offered in offers.items():
            wall, worked, last[count] = timed(offered)
            walls[count].append(wall)
            times[count].append(worked)
    base = statistics.median(times[arguments.lots[0]]) / arguments.lots[0]
    for count, chosen in last.items():
        wall, worked = statistics.median(walls[count]), statistics.median(times[count])
        print(
            f"{count:>7} lots: {wall * 1000:7.1f} ms wall (best {min(walls[count]) * 1000:.1f}), "
            f"{worked * 1000:7.1f} ms processor, {worked / count * 1e6:6.2f} us a lot, "
            f"{worked / count / base:4.2f} of the first; {len(chosen.parts)} sold,"
            f" benefit {chosen.benefit:.2f}, exact {chosen.is_exact}"
        )


if __name__ == "__main__":
    main()
