"""Time of the exact choice of lots, on the federal surface: `python benchmarks/choice.py [--lots 1000 10000 100000]`.

Lots are bought over three years at prices around today's, so that some are in loss, some in gain and the shorts and
longs are mixed; result and cost go to eight decimals. The sizes take turns, round by round, in one run; each line has
the best and the median, sorting included, as a planner pays it: from values in dollars to the named lots and parts.

A first choice has nothing kept from an earlier one: the taxpayer's edges are found anew. A choice after a tick has new
values for every lot, and only those edges are kept, since they hang on no price. Making the values out of lots and
prices is in neither.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from decimal import Decimal

from harvest_tui.core.harvest.choice import Choice, choose
from harvest_tui.core.harvest.federal_edges import edges_of
from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs

START = (Decimal("61250.25"), Decimal("48100.75"))


def lots(count: int, per_mille: int = 1000) -> list[Option]:
    """So many lots, in no order; together they lose about $600,000 whatever their number.

    `per_mille` is the price, of the one they are first valued at.
    """
    chance = random.Random(count)
    offered = []
    for number in range(count):
        basis = chance.randrange(10**8, 2 * 10**12) * 1000 // count
        value = basis * chance.randrange(300, 1150) // 1000 * per_mille // 1000
        gain = Decimal(value - basis).scaleb(-8)
        cost = Decimal(value * chance.randrange(20, 130) // 10_000 + abs(value - basis) * chance.randrange(80) // 1000)
        short, long = (gain, Decimal(0)) if chance.random() < 0.4 else (Decimal(0), gain)
        offered.append(Option(f"wallet:{number}", short, long, cost.scaleb(-8)))
    return offered


def timed(offered: list[Option], *, is_first: bool = True) -> tuple[float, float, Choice]:
    """Wall and processor seconds of one choice."""
    if is_first:
        edges_of.cache_clear()
    surface = FederalSurface(TaxInputs(2025, FilingStatus.SINGLE, wages=Decimal(180_000)))
    started, worked = time.perf_counter(), time.process_time()
    chosen = choose(offered, surface, *START)
    return time.perf_counter() - started, time.process_time() - worked, chosen


def told(seconds: Sequence[float]) -> str:
    """The best and the median, in milliseconds."""
    return f"{min(seconds) * 1000:6.1f} best {statistics.median(seconds) * 1000:6.1f} median"


def main() -> None:
    """Print two lines a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    offers = {count: (lots(count), lots(count, 990)) for count in arguments.lots}
    walls: dict[tuple[int, bool], list[float]] = {(count, first): [] for count in offers for first in (True, False)}
    times: dict[tuple[int, bool], list[float]] = {key: [] for key in walls}
    last: dict[tuple[int, bool], Choice] = {}
    for _ in range(arguments.rounds):
        for count, first in walls:
            wall, worked, last[count, first] = timed(offers[count][not first], is_first=first)
            walls[count, first].append(wall)
            times[count, first].append(worked)
    for (count, first), chosen in last.items():
        key = count, first
        print(
            f"{count:>7} lots, {'first choice' if first else 'after a tick'}: {told(walls[key])} ms wall,"
            f" {told(times[key])} ms processor, {statistics.median(times[key]) / count * 1e6:5.2f} us a lot;"
            f" {len(chosen.parts)} sold, benefit {chosen.benefit:.2f}, exact {chosen.is_exact}"
        )


if __name__ == "__main__":
    main()
