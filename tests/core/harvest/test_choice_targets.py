"""Targets of a harvest: offset gains, the full deduction, an exact loss, gains up to a cap."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from harvest_tui.core.harvest.choice import choose
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.harvest.targets import OFFSET_GAINS, Aim, Target
from support.choice_enumeration import Folded, SmallYear, best_benefit
from support.random_choices import random_lots, random_start, random_surface

ZERO = Decimal(0)
HAIR = Fraction(1, 10**40)
YEAR = Folded(
    [(Decimal("0.20"), Edge(1, 1, Decimal(-3_000))), (Decimal("0.04"), Edge(1, 1, ZERO))], (ZERO, Decimal("0.05"))
)
"""24 % on net gains, 20 % of the next $3,000, and 5 % on any long result."""
LOTS = [
    Option("short", Decimal(-4_000), ZERO, Decimal(80)),
    Option("long", ZERO, Decimal(-5_000), Decimal(500)),
    Option("deep", ZERO, Decimal(-6_000), Decimal(60)),
    Option("winner", ZERO, Decimal(9_000), Decimal(-700)),
]


def expected(number: int, target: Target, limits: tuple[int | None, int | None]) -> None:
    """The choice of a random case equals enumeration among the lots that serve, within limits on the net change."""
    chance = Random(number)
    surface, start = random_surface(chance, number), random_start(chance)
    options = random_lots(chance, chance.randrange(1, 6), size=8 if isinstance(surface, SmallYear) else 1)
    is_gain = target.aim is Aim.GAIN
    serving = [o for o in options if (o.short_gain + o.long_gain > 0 if is_gain else o.short_gain + o.long_gain < 0)]
    net = int(start[0] + start[1])
    low, high = limits
    if target.aim in (Aim.OFFSET_GAINS, Aim.MAX_DEDUCTION):
        low = min(0, -int(target.amount) - net)
    if target.aim is Aim.LOSS:
        low = high = max(-int(target.amount), int(sum(o.short_gain + o.long_gain for o in serving)))
    exact = tuple(None if limit is None else Fraction(limit) for limit in (low, high))
    best = best_benefit(serving, surface, start, (exact[0], exact[1]))
    choice = choose(options, surface, *start, target)
    change = choice.short_gain + choice.long_gain
    assert best is not None
    assert abs(Fraction(choice.benefit) - best) < HAIR, number
    assert low is None or change >= low
    assert high is None or change <= high


@pytest.mark.parametrize(
    ("target", "limits"),
    [
        (OFFSET_GAINS, (None, None)),
        (Target(Aim.MAX_DEDUCTION, Decimal(3_000)), (None, None)),
        (Target(Aim.MAX_DEDUCTION, Decimal(1_500)), (None, None)),
        (Target(Aim.LOSS, Decimal(1_730)), (None, None)),
        (Target(Aim.LOSS, Decimal(90_000)), (None, None)),
        (Target(Aim.GAIN, Decimal(1_270)), (0, 1_270)),
    ],
    ids=lambda value: f"{value.aim.value}:{value.amount}" if isinstance(value, Target) else "",
)
def test_every_target_equals_enumeration(target: Target, limits: tuple[int | None, int | None]) -> None:
    for number in range(300):
        expected(number, target, limits)


def test_offsetting_gains_stops_at_zero() -> None:
    choice = choose(LOTS, YEAR, Decimal(1_000), Decimal(4_500), OFFSET_GAINS)
    assert choice.parts == {"deep": Fraction(5_500, 6_000)}
    assert choose(LOTS, YEAR, Decimal(1_000), Decimal(-1_200), OFFSET_GAINS).parts == {}


def test_offsetting_gains_stops_where_it_no_longer_pays() -> None:
    dear = [Option("dear", ZERO, Decimal(-5_000), Decimal(1_500)), Option("fair", ZERO, Decimal(-700), Decimal(90))]
    choice = choose(dear, YEAR, ZERO, Decimal(4_500), OFFSET_GAINS)
    assert choice.parts == {"fair": 1}
    assert choice.benefit == Decimal("0.29") * 700 - 90


def test_the_full_deduction_goes_to_the_limit_and_no_further() -> None:
    choice = choose(LOTS, YEAR, Decimal(1_000), Decimal(4_500), Target(Aim.MAX_DEDUCTION, Decimal(3_000)))
    assert choice.short_gain + choice.long_gain == -8_500
    assert choice.parts == {"deep": 1, "short": Fraction(2_500, 4_000)}
    half = choose(LOTS, YEAR, Decimal(1_000), Decimal(4_500), Target(Aim.MAX_DEDUCTION, Decimal(1_500)))
    assert half.short_gain + half.long_gain == -7_000


def test_an_exact_loss_is_harvested_even_where_it_costs_more_than_it_saves() -> None:
    nothing_to_save = Folded([], (ZERO, ZERO))
    choice = choose(LOTS, nothing_to_save, ZERO, ZERO, Target(Aim.LOSS, Decimal(7_000)))
    assert choice.parts == {"deep": 1, "short": Fraction(1, 4)}
    assert choice.benefit == -80


def test_more_loss_than_there_is_takes_all_there_is() -> None:
    choice = choose(LOTS, YEAR, ZERO, ZERO, Target(Aim.LOSS, Decimal(40_000)))
    assert choice.parts == {"short": 1, "long": 1, "deep": 1}


def test_gains_are_harvested_up_to_the_cap_with_the_best_lot_first() -> None:
    lots = [
        *LOTS,
        Option("second", ZERO, Decimal(2_000), Decimal(-150)),
        Option("poor", ZERO, Decimal(3_000), Decimal(9)),
    ]
    free = Folded([(Decimal("0.15"), Edge(0, 1, Decimal(10_400)))], (ZERO, ZERO))
    choice = choose(lots, free, ZERO, ZERO, Target(Aim.GAIN, Decimal(10_000)))
    assert choice.parts == {"winner": 1, "second": Fraction(1, 2)}
    assert choice.benefit == 775


def test_a_target_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Target(Aim.LOSS, Decimal(-1))
