"""What was found of a bill is not found again: settled years are counted, never timed."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from decimal import Decimal
from types import FrameType

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.choice import choose
from harvest_tui.core.harvest.level_path import LevelPath
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.year_picture import YearPicture
from support.harvest_words import bill_of, person


def full_bill(wages: int) -> tuple[ExpectedBill, Decimal, Decimal]:
    """A bill in which every tier counts, made anew."""
    told = person(
        wages=wages,
        short_gain=6000,
        carry_short=500,
        planned_short_gain=10_000,
        planned_long_gain=3000,
        planned_probability="0.8",
        next_short_gain=20_000,
        next_probability="0.5",
        next_wages=90_000,
        state_rate="0.05",
    )
    return bill_of(told, 2026)


def lots(price: str) -> list[Option]:
    """Two hundred lots of either term, some of them gains."""
    pick = random.Random(7)
    found = []
    for number in range(200):
        change = pick.randrange(100, 900) * Decimal(price) - 500
        short, long = (change, Decimal(0)) if pick.random() < 0.5 else (Decimal(0), change)
        found.append(Option(f"lot {number}", short, long, Decimal(pick.randrange(1, 30))))
    return found


def settled_by(work: Callable[[], object]) -> tuple[int, int]:
    """How many years are settled while the work is done, and how often the lines of a bill are found."""
    counted = {YearPicture.settle.__code__: 0, ExpectedBill._all_edges.__code__: 0}

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in counted:
            counted[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    settled, found = counted.values()
    return settled, found


def test_a_choice_for_an_equal_bill_settles_no_year_again_and_one_at_new_prices_only_what_is_new() -> None:
    (bill, short, long), (again, *_), (other, *_) = full_bill(141_003), full_bill(141_003), full_bill(141_004)

    def work_of(asked: ExpectedBill, price: str) -> tuple[int, int]:
        return settled_by(lambda: choose(lots(price), asked, short, long))

    first, found = work_of(bill, "1.01")
    assert first > 60 and found == 1
    assert work_of(again, "1.01") == (0, 0)
    moved, found = work_of(again, "1.02")
    assert 0 < moved < 0.8 * first and not found
    assert work_of(other, "1.01")[0] > 60, "another taxpayer, another bill"


def test_what_is_kept_is_what_would_be_found() -> None:
    kept, short, long = full_bill(152_001)
    for step in range(3):
        fresh = kept._settled(short - 900 * step, long + 70 * step)
        assert kept.levels(short - 900 * step, long + 70 * step) == fresh
        assert kept.levels(short - 900 * step, long + 70 * step) == fresh
    assert kept.edges() == kept._all_edges()
    other, *_ = full_bill(152_002)
    assert other.at(short, long) != kept.at(short, long)
    assert other.edges() != kept.edges()


def test_the_lines_of_a_bill_are_found_once_whoever_asks() -> None:
    assert settled_by(full_bill(163_005)[0].edges)[1] == 1
    assert settled_by(full_bill(163_005)[0].edges)[1] == 0
    assert settled_by(lambda: LevelPath(full_bill(163_005)[0]))[1] == 0
