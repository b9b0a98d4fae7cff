"""A walk over the bill gives at every step what a return computed there would give, to the last digit."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from harvest_tui.core.harvest.level_path import LevelPath
from harvest_tui.core.harvest.plan import bill_for
from harvest_tui.core.harvest.targets import Aim
from support.random_plans import random_home


@pytest.mark.parametrize("batch", range(4))
def test_every_step_of_a_walk_is_exact(batch: int) -> None:
    for seed in range(batch * 30, batch * 30 + 30):
        chance, told = Random(seed), random_home(seed).occasion
        bill = bill_for(Aim.BEST, told.profile, told.so_far.inputs)
        path, (short, long) = LevelPath(bill), bill.this_year.start
        size = chance.choice((40, 900, 20_000))
        for _ in range(60):
            assert path.at(short, long) == bill.levels(short, long), (seed, short, long)
            step = Decimal(chance.randrange(-size * 100, size * 20)).scaleb(-2)
            short, long = (short + step, long) if chance.random() < 0.5 else (short, long + step)


def test_steps_that_end_on_a_bend_and_cross_it_are_exact() -> None:
    """From a net gain of 500 dollars in steps of 100 down through zero and the end of the yearly deduction."""
    told = random_home(3).occasion
    bill = bill_for(Aim.BEST, told.profile, told.so_far.inputs)
    path = LevelPath(bill)
    net = sum(bill.this_year.net(*bill.this_year.start))
    short, long = bill.this_year.start
    for number in range(60):
        at = short - net + 500 - 100 * number
        assert path.at(at, long) == bill.levels(at, long), number
