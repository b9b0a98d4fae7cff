"""Choices among more lots than are weighed one by one: those far from the edge are weighed together, and exactly so."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from harvest_tui.core.harvest.branches import Branch, solve
from harvest_tui.core.harvest.choice import choose
from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.frontier import Band
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.problem import Problem
from harvest_tui.core.harvest.targets import BEST, OFFSET_GAINS, Aim, Target
from harvest_tui.core.money import EXACT
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs
from support.choice_enumeration import best_benefit
from support.random_choices import random_lots, random_start, random_surface

ZERO = Decimal(0)
HAIR = Fraction(1, 10**40)
WHOLE_BRANCH = Branch(frozenset(), frozenset(), ())
EXACT_LOSS = Target(Aim.LOSS, Decimal(20_000))


def slices(lots: Sequence[Option], count: int, chance: Random) -> list[Option]:
    """So many lots that together are the same offer: each a random part of one of `lots`, in no order."""
    cut = []
    for option in lots:
        weights = [chance.randrange(1, 200) for _ in range(count // len(lots) + 1)]
        whole = sum(weights)
        shares = [Decimal(weight * 10**8 // whole).scaleb(-8) for weight in weights]
        shares[0] += 1 - sum(shares)
        cut += [
            Option(
                f"{option.lot_id}-{number}", option.short_gain * share, option.long_gain * share, option.cost * share
            )
            for number, share in enumerate(shares)
        ]
    chance.shuffle(cut)
    return cut


def random_federal(chance: Random) -> FederalSurface:
    status = chance.choice([FilingStatus.SINGLE, FilingStatus.MARRIED_JOINT])
    return FederalSurface(TaxInputs(2025, status, wages=Decimal(chance.randrange(0, 400) * 1000)))


def many_lots(chance: Random, count: int) -> list[Option]:
    """Losses and a few gains of very unequal size, of either term."""
    lots = []
    for number in range(count):
        gain = Decimal(chance.choice([-1, -1, -1, -1, 1]) * int(chance.paretovariate(0.8) * 100)).scaleb(-2)
        cost = abs(gain) * chance.randrange(-10, 600) / 1000 + Decimal(chance.randrange(0, 40)).scaleb(-2)
        if not number % 7:
            # Units of eighteen decimals times a price leave more digits than the thread's own context keeps.
            gain = EXACT.add(gain, Decimal(chance.randrange(10**9)).scaleb(-34))
        short, long = (gain, ZERO) if chance.random() < 0.4 else (ZERO, gain)
        lots.append(Option(f"lot-{number}", short, long, cost))
    return lots


@pytest.mark.parametrize("number", range(24))
def test_slices_of_a_few_lots_bring_what_enumeration_of_the_few_does(number: int) -> None:
    chance = Random(number)
    surface, start = random_surface(chance, number), random_start(chance)
    lots = [lot for lot in random_lots(chance, chance.randrange(3, 6)) if lot.short_gain or lot.long_gain]
    expected = best_benefit(lots, surface, start)
    assert expected is not None
    choice = choose(slices(lots, 1800, chance), surface, *start)
    assert choice.is_exact
    assert abs(Fraction(choice.benefit) - expected) < HAIR


@pytest.mark.parametrize("target", [BEST, OFFSET_GAINS, EXACT_LOSS], ids=["best", "offset-gains", "loss"])
@pytest.mark.parametrize("number", range(6))
def test_what_is_weighed_together_changes_nothing_in_the_choice(number: int, target: Target) -> None:
    chance = Random(number)
    surface, lots = random_federal(chance), many_lots(chance, 2200)
    start = Decimal(chance.randrange(-2000, 90_000)), Decimal(chance.randrange(-2000, 90_000))
    choice = choose(lots, surface, *start, target)
    problem = Problem(lots, surface, start, target)
    problem.look({True: Band(), False: Band()})
    one_by_one = solve(problem, WHOLE_BRANCH)
    assert one_by_one is not None
    names = {problem.options[at].lot_id: part for at, part in one_by_one.parts.items() if part}
    assert choice.parts == names
    assert choice.tax_after == problem.worth.dollars(one_by_one.spot.tax)
    assert choice.cost == problem.worth.dollars(one_by_one.spot.cost)
    assert len(choice.parts) > 20, "something is to be chosen"


def opened_until_real(problem: Problem, bands: dict[bool, Band]) -> tuple[int, Fraction]:
    """How often the bands were opened, and the burden of the answer that stands."""
    opened, rounds = bands, 0
    while True:
        problem.look(opened)
        answer = solve(problem, WHOLE_BRANCH)
        assert answer is not None
        wider = problem.opened(opened, answer.parts)
        if wider is None:
            return rounds, Fraction(answer.spot.burden)
        opened, rounds = dict(wider), rounds + 1


def test_a_band_that_misses_the_edge_is_opened_until_the_choice_is_real() -> None:
    chance = Random(3)
    surface, lots = random_federal(chance), many_lots(chance, 300)
    start = Decimal(30_000), Decimal(20_000)
    problem = Problem(lots, surface, start, BEST)
    _, expected = opened_until_real(problem, {True: Band(), False: Band()})
    too_dear = Band(Decimal("-0.90"), Decimal("-0.89"))
    too_cheap = Band(Decimal("0.001"), Decimal("0.002"))
    for bands in ({True: too_dear, False: too_dear}, {True: too_cheap, False: too_cheap}):
        rounds, burden = opened_until_real(problem, bands)
        assert rounds > 0
        assert burden == expected


def test_lots_that_cost_a_thousand_times_their_loss_are_left() -> None:
    lots = [Option(f"lot-{number}", ZERO, Decimal(-number - 1), Decimal(2000 * (number + 1))) for number in range(1600)]
    surface = FederalSurface(TaxInputs(2025, FilingStatus.SINGLE, wages=Decimal(180_000)))
    choice = choose([*lots, Option("good", Decimal(-4000), ZERO, Decimal(40))], surface, Decimal(90_000), ZERO)
    assert choice.parts == {"good": Fraction(1)}


def test_a_lot_in_a_thousand_that_makes_most_of_the_loss_is_found() -> None:
    small = [Option(f"lot-{number}", Decimal(-2), ZERO, Decimal("0.6")) for number in range(1999)]
    whale = Option("whale", Decimal(-400_000), ZERO, Decimal(2000))
    surface = FederalSurface(TaxInputs(2025, FilingStatus.SINGLE, wages=Decimal(180_000)))
    choice = choose([*small[:1100], whale, *small[1100:]], surface, Decimal(60_000), ZERO)
    assert choice.parts == {"whale": Fraction(63_000, 400_000)}
    assert choice.cost == 315
