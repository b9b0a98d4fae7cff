"""The exact choice of lots: equal to full enumeration, better than greedy, the same in any order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from harvest_tui.core.harvest.choice import Choice, choose
from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.harvest.surface import Edge, TaxSurface
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs
from support.choice_enumeration import Folded, SmallYear, best_benefit
from support.random_choices import random_lots, random_start, random_surface

ZERO = Decimal(0)
HAIR = Fraction(1, 10**40)
"""Sixty digits are kept of a figure that does not end: far less than any money."""


def loss(lot_id: str, amount: int, cost: int, *, is_short: bool = False, rank: int = 0) -> Option:
    """A lot that loses `amount`."""
    change = Decimal(-amount)
    return Option(lot_id, change if is_short else ZERO, ZERO if is_short else change, Decimal(cost), rank)


def check_books(choice: Choice, options: Sequence[Option], surface: TaxSurface, start: tuple[Decimal, Decimal]) -> None:
    """The figures follow from the parts alone."""
    lots = {option.lot_id: option for option in options}
    assert all(0 < part <= 1 for part in choice.parts.values())
    short = sum((part * Fraction(lots[name].short_gain) for name, part in choice.parts.items()), Fraction(0))
    long = sum((part * Fraction(lots[name].long_gain) for name, part in choice.parts.items()), Fraction(0))
    cost = sum((part * Fraction(lots[name].cost) for name, part in choice.parts.items()), Fraction(0))
    assert abs(short - Fraction(choice.short_gain)) < HAIR
    assert abs(long - Fraction(choice.long_gain)) < HAIR
    assert abs(cost - Fraction(choice.cost)) < HAIR
    after = Fraction(surface.at(start[0] + choice.short_gain, start[1] + choice.long_gain))
    # The sums above go through the thread's own context of 28 digits; the bill is steep by at most 5 dollars a dollar.
    assert abs(after - Fraction(choice.tax_after)) < Fraction(1, 10**20)
    assert choice.tax_before == surface.at(*start)
    assert abs(Fraction(choice.benefit) - Fraction(choice.tax_before) + Fraction(choice.tax_after) + cost) < HAIR


@pytest.mark.parametrize("block", range(10))
def test_the_choice_equals_enumeration_in_five_thousand_random_cases(block: int) -> None:
    for number in range(block * 500, block * 500 + 500):
        chance = Random(number)
        surface, start = random_surface(chance, number), random_start(chance)
        count = chance.randrange(6, 9) if number % 10 == 1 else chance.randrange(0, 6)
        options = random_lots(chance, count, size=8 if isinstance(surface, SmallYear) else 1)
        choice = choose(options, surface, *start)
        expected = best_benefit(options, surface, start)
        assert expected is not None
        assert abs(Fraction(choice.benefit) - expected) < HAIR, number
        assert choice.is_exact
        assert sum(part < 1 for part in choice.parts.values()) <= 2, number
        check_books(choice, options, surface, start)


@pytest.mark.parametrize("block", range(4))
def test_the_choice_equals_enumeration_on_the_federal_tax(block: int) -> None:
    statuses = list(FilingStatus)
    for number in range(block * 40, block * 40 + 40):
        chance = Random(number)
        inputs = TaxInputs(
            chance.choice([2022, 2023, 2024, 2025, 2026]),
            chance.choice(statuses),
            wages=Decimal(chance.randrange(0, 300) * 1000),
            qualified_dividends=Decimal(chance.choice([0, 0, 7_350])),
            carry_short=Decimal(chance.choice([0, 0, 4_210])),
            carry_long=Decimal(chance.choice([0, 0, 12_345])),
        )
        surface = FederalSurface(inputs)
        start = Decimal(chance.randrange(-5, 60) * 1000), Decimal(chance.randrange(-5, 60) * 1000)
        options = random_lots(chance, chance.randrange(1, 5), size=12)
        choice = choose(options, surface, *start)
        expected = best_benefit(options, surface, start)
        assert expected is not None
        assert abs(Fraction(choice.benefit) - expected) < HAIR, number


def test_greedy_stops_at_nothing_where_all_lots_together_save_480_dollars() -> None:
    # $10k of short and of long gain; long gains cost 15 %, short ones and the $3,000 of wages 24 %. Of $23k of long
    # losses at 18 cents a dollar the first $10k save 15 %, the rest 24 %: 1,500 + 3,120 - 4,140.
    year = Folded(
        [
            (Decimal("0.24"), Edge(1, 1, Decimal(-3_000))),
            (Decimal("0.15"), Edge(0, 1, ZERO)),
            (Decimal("-0.24"), Edge(0, 1, ZERO)),
        ],
        (ZERO, ZERO),
    )
    start = Decimal(10_000), Decimal(10_000)
    lots = [loss(f"lot-{number:02}", 1_000, 180) for number in range(23)]
    assert year.at(Decimal(10_000), Decimal(9_000)) - year.at(*start) == -150
    assert choose(lots[:10], year, *start).parts == {}
    choice = choose(lots, year, *start)
    assert choice.benefit == 480
    assert choice.parts == {option.lot_id: Fraction(1) for option in lots}
    assert (choice.cost, choice.tax_before - choice.tax_after) == (4_140, 4_620)


def test_short_losses_that_meet_long_gains_first_are_the_mirror_of_it() -> None:
    # $10k of long gain at 15 %, then $3,000 of wages at 24 %; $13k of short losses at 16 cents: 1,500 + 720 - 2,080.
    year = Folded([(Decimal("0.24"), Edge(1, 1, Decimal(-3_000))), (Decimal("-0.09"), Edge(1, 1, ZERO))], (ZERO, ZERO))
    lots = [loss(f"lot-{number:02}", 1_000, 160, is_short=True) for number in range(15)]
    assert choose(lots[:10], year, ZERO, Decimal(10_000)).parts == {}
    choice = choose(lots, year, ZERO, Decimal(10_000))
    assert (choice.benefit, choice.short_gain) == (140, -13_000)
    assert set(choice.parts) == {f"lot-{number:02}" for number in range(13)}


def test_the_last_lot_is_sold_in_part_down_to_the_edge() -> None:
    year = Folded([(Decimal("0.24"), Edge(1, 1, Decimal(-3_000)))], (ZERO, ZERO))
    lots = [loss("dear", 7_000, 700), loss("cheap", 2_000, 100), loss("dearest", 5_000, 600)]
    choice = choose(lots, year, Decimal(1_000), ZERO)
    assert choice.parts == {"cheap": Fraction(1), "dear": Fraction(2, 7)}
    assert (choice.benefit, choice.cost) == (4_000 * Decimal("0.24") - 300, 300)


def test_the_choice_is_the_same_in_any_order() -> None:
    for number in range(200):
        chance = Random(number)
        surface, start = random_surface(chance, number), random_start(chance)
        # Few figures and many lots: nearly every cost per dollar comes twice.
        options = [
            Option(f"{number}-{place}", *gains, cost=Decimal(chance.choice([0, 30, 60])), rank=chance.randrange(3))
            for place in range(12)
            for gains in [chance.choice([(Decimal(-300), ZERO), (Decimal(-600), ZERO), (ZERO, Decimal(-300))])]
        ]
        choice = choose(options, surface, *start)
        for _ in range(3):
            chance.shuffle(options)
            assert choose(options, surface, *start) == choice, number


def test_of_equal_lots_the_lower_rank_and_then_the_lower_id_is_sold_first() -> None:
    year = Folded([(Decimal("0.24"), Edge(0, 1, ZERO))], (ZERO, ZERO))
    lots = [
        loss("b", 400, 40, rank=7),
        loss("a", 400, 40, rank=7),
        loss("c", 400, 40, rank=2),
        loss("d", 200, 20, rank=1),
    ]
    assert choose(lots, year, ZERO, Decimal(800)).parts == {"d": 1, "c": 1, "a": Fraction(1, 2)}


def test_where_the_next_dollar_saves_what_it_costs_nothing_more_is_sold() -> None:
    year = Folded([], (Decimal("0.15"), Decimal("0.15")))
    assert choose([loss("even", 1_000, 150)], year, ZERO, ZERO).parts == {}
    assert choose([loss("better", 1_000, 149)], year, ZERO, ZERO).benefit == 1


def test_costs_that_differ_beyond_machine_precision_are_told_apart() -> None:
    year = Folded([(Decimal("0.24"), Edge(0, 1, ZERO))], (ZERO, ZERO))
    hair = Decimal("1e-25")
    lots = [
        Option("a", ZERO, Decimal(-300), Decimal(30) + hair),
        Option("b", ZERO, Decimal(-300), Decimal(30)),
        Option("c", ZERO, Decimal(-300), Decimal(30) + hair + hair),
    ]
    assert choose(lots, year, ZERO, Decimal(450)).parts == {"b": 1, "a": Fraction(1, 2)}
    # In a context of 28 digits the first of these would not be told from the second either.
    assert choose([lots[2], lots[0]], year, ZERO, Decimal(450)).parts == {"a": 1, "c": Fraction(1, 2)}


def test_a_lot_without_result_is_sold_only_where_its_sale_is_a_benefit() -> None:
    year = Folded([], (Decimal("0.10"), Decimal("0.10")))
    lots = [Option("gift", ZERO, ZERO, Decimal(-12)), Option("toll", ZERO, ZERO, Decimal(3))]
    choice = choose(lots, year, ZERO, ZERO)
    assert (choice.parts, choice.benefit, choice.cost) == ({"gift": 1}, 12, -12)


def test_without_lots_nothing_is_chosen() -> None:
    year = SmallYear(Decimal(70_000))
    choice = choose([], year, Decimal(500), Decimal(-200))
    assert (choice.parts, choice.benefit, choice.cost, choice.is_exact) == ({}, 0, 0, True)
    assert choice.tax_before == choice.tax_after == year.at(Decimal(500), Decimal(-200))


def test_a_lot_offered_twice_or_with_both_terms_is_refused() -> None:
    year = SmallYear(Decimal(70_000))
    with pytest.raises(ValueError, match="offered twice"):
        choose([loss("a", 100, 1), loss("a", 200, 1)], year, ZERO, ZERO)
    with pytest.raises(ValueError, match="one term"):
        choose([Option("a", Decimal(-1), Decimal(-2), ZERO)], year, ZERO, ZERO)
