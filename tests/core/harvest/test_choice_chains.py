"""Chains of lots, fixed charges and least orders: equal to trying every prefix and every order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from harvest_tui.core.harvest.choice import choose
from harvest_tui.core.harvest.options import NOTHING, Option
from harvest_tui.core.harvest.surface import Edge, TaxSurface
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.money import EXACT
from support.choice_enumeration import Folded, Limits, best_benefit
from support.random_choices import random_lots, random_start, random_surface

ZERO = Decimal(0)
HAIR = Fraction(1, 10**15)
YEAR = Folded([(Decimal("0.24"), Edge(1, 1, Decimal(-3_000)))], (ZERO, ZERO))


def by_trying_all(
    options: Sequence[Option], surface: TaxSurface, start: tuple[Decimal, Decimal], limits: Limits = (None, None)
) -> Fraction:
    """The best over every prefix of every chain and every set of orders placed; the rest is freely divisible."""
    chains = [
        sorted((option for option in options if option.chain == name), key=lambda option: option.place)
        for name in sorted({option.chain for option in options if option.chain})
    ]
    limited = [option for option in options if option.charge or option.least]
    free = [option for option in options if not option.chain and option not in limited]
    found = []
    for counts in product(*(range(len(chain) + 1) for chain in chains)):
        for placed in product((False, True), repeat=len(limited)):
            sold = [
                (option, Fraction(1)) for chain, count in zip(chains, counts, strict=True) for option in chain[:count]
            ]
            left = [*free, *(c[n]._replace(chain="") for c, n in zip(chains, counts, strict=True) if n < len(c))]
            charges = Fraction(0)
            for option in (lot for lot, is_placed in zip(limited, placed, strict=True) if is_placed):
                sold.append((option, option.least))
                charges += Fraction(option.charge)
                left.append(_rest_of(option))
            short = sum((part * Fraction(lot.short_gain) for lot, part in sold), Fraction(0))
            long = sum((part * Fraction(lot.long_gain) for lot, part in sold), Fraction(0))
            cost = sum((part * Fraction(lot.cost) for lot, part in sold), charges)
            moved = EXACT.add(start[0], _decimal(short)), EXACT.add(start[1], _decimal(long))
            low, high = (None if limit is None else limit - short - long for limit in limits)
            more = best_benefit(left, surface, moved, (low, high))
            if more is not None:
                found.append(Fraction(surface.at(*start)) - Fraction(surface.at(*moved)) - cost + more)
    return max(found)


def _rest_of(option: Option) -> Option:
    short, long, cost = (
        _decimal(Fraction(amount) * (1 - option.least)) for amount in (option.short_gain, option.long_gain, option.cost)
    )
    return option._replace(short_gain=short, long_gain=long, cost=cost, least=NOTHING, charge=ZERO)


def _decimal(value: Fraction) -> Decimal:
    """Exact: the parts used here are halves, quarters and fifths."""
    return Decimal(int(value * 10**6)).scaleb(-6)


def chained(chance: Random, options: Sequence[Option]) -> list[Option]:
    """About two lots of three in one of two chains, in a random order."""
    places = chance.sample(range(50), len(options))
    return [
        lot._replace(chain=chance.choice(["", "one", "two"]), place=place)
        for lot, place in zip(options, places, strict=True)
    ]


def limited(chance: Random, options: Sequence[Option]) -> list[Option]:
    """About half of the free lots with a charge, a least order, or both."""
    return [
        lot
        if lot.chain or chance.random() < 0.5
        else lot._replace(
            charge=Decimal(chance.randrange(0, 200)),
            least=chance.choice([NOTHING, Fraction(1, 4), Fraction(2, 5), Fraction(7, 8)]),
        )
        for lot in options
    ]


@pytest.mark.parametrize("kind", ["chains", "limits", "both"])
def test_the_choice_equals_trying_every_prefix_and_every_order(kind: str) -> None:
    for number in range(120):
        chance = Random(number)
        surface, start = random_surface(chance, 2 + 2 * (number % 2)), random_start(chance)
        options = random_lots(chance, chance.randrange(1, 8 if kind == "chains" else 6))
        if kind != "limits":
            options = chained(chance, options)
        if kind != "chains":
            options = limited(chance, options)
        choice = choose(options, surface, *start)
        assert choice.is_exact, number
        assert abs(Fraction(choice.benefit) - by_trying_all(options, surface, start)) < HAIR, number


def test_an_exact_loss_from_chains_equals_trying_every_prefix() -> None:
    for number in range(80):
        chance = Random(number)
        surface, start = random_surface(chance, 2), random_start(chance)
        options = [lot for lot in random_lots(chance, chance.randrange(1, 7)) if lot.short_gain + lot.long_gain < 0]
        options = chained(chance, options)
        aim = min(Decimal(2_150), -sum((lot.short_gain + lot.long_gain for lot in options), ZERO))
        choice = choose(options, surface, *start, Target(Aim.LOSS, Decimal(2_150)))
        limit = -Fraction(aim)
        assert choice.short_gain + choice.long_gain == -aim, number
        assert abs(Fraction(choice.benefit) - by_trying_all(options, surface, start, (limit, limit))) < HAIR, number


def test_a_loss_behind_a_gain_is_reached_only_through_the_gain() -> None:
    chain = [
        Option("winner", ZERO, Decimal(500), Decimal(10), chain="fifo", place=1),
        Option("loser", ZERO, Decimal(-3_000), Decimal(20), chain="fifo", place=2),
    ]
    free = [lot._replace(chain="") for lot in chain]
    assert choose(free, YEAR, ZERO, Decimal(1_000)).parts == {"loser": 1}
    choice = choose(chain, YEAR, ZERO, Decimal(1_000))
    assert choice.parts == {"winner": 1, "loser": 1}
    assert choice.benefit == 2_500 * Decimal("0.24") - 30
    big = [chain[0]._replace(long_gain=Decimal(2_960)), chain[1]]
    assert choose(big, YEAR, ZERO, Decimal(1_000)).parts == {}


def test_a_chain_is_sold_up_to_a_part_of_one_lot() -> None:
    chain = [
        Option(f"lot-{place}", Decimal(-1_000), ZERO, Decimal(50), chain="fifo", place=place) for place in range(9)
    ]
    choice = choose(chain, YEAR, Decimal(500), ZERO)
    assert choice.parts == {"lot-0": 1, "lot-1": 1, "lot-2": 1, "lot-3": Fraction(1, 2)}


def test_chains_are_the_same_in_any_order() -> None:
    for number in range(60):
        chance = Random(number)
        surface, start = random_surface(chance, number), random_start(chance)
        options = limited(chance, chained(chance, random_lots(chance, 7)))
        choice = choose(options, surface, *start)
        chance.shuffle(options)
        assert choose(options, surface, *start) == choice, number


def test_a_charge_above_what_a_lot_saves_leaves_it_alone() -> None:
    lot = Option("dust", Decimal(-100), ZERO, Decimal(1), charge=Decimal(23))
    assert choose([lot], YEAR, Decimal(500), ZERO).parts == {}
    assert choose([lot._replace(charge=Decimal(22))], YEAR, Decimal(500), ZERO).benefit == 1


def test_a_part_below_the_least_order_becomes_the_least_order_where_that_still_pays() -> None:
    big = Option("big", Decimal(-10_000), ZERO, Decimal(500), least=Fraction(2, 5))
    # $3,500 would be enough; the least order is $4,000, whose last $500 cost 5 cents a dollar and save nothing.
    choice = choose([big], YEAR, Decimal(500), ZERO)
    assert choice.parts == {"big": Fraction(2, 5)}
    assert choice.benefit == 3_500 * Decimal("0.24") - 200


def test_where_the_search_is_cut_short_the_gap_holds_for_the_free_choice() -> None:
    chance = Random(5)
    options = []
    for number in range(1_500):
        term = chance.random() < 0.5
        gain = Decimal(chance.randrange(-900, 300))
        cost = Decimal(chance.randrange(0, 9_000)).scaleb(-2)
        options.append(
            Option(
                f"{number}", gain if term else ZERO, ZERO if term else gain, cost, chain=f"{number % 25}", place=number
            )
        )
    year = Folded([(Decimal("0.24"), Edge(1, 1, Decimal(-3_000))), (Decimal("-0.09"), Edge(0, 1, ZERO))], (ZERO, ZERO))
    choice = choose(options, year, Decimal(41_000), Decimal(60_000))
    free = choose([lot._replace(chain="") for lot in options], year, Decimal(41_000), Decimal(60_000))
    assert choice.is_exact == (choice.gap == 0)
    assert 0 < choice.benefit <= free.benefit
    for name in {lot.chain for lot in options}:
        parts = [choice.parts.get(lot.lot_id, 0) for lot in options if lot.chain == name]
        assert parts == sorted(parts, reverse=True)
        assert sum(0 < part < 1 for part in parts) <= 1


def test_a_limit_on_a_lot_of_a_chain_is_refused() -> None:
    with pytest.raises(ValueError, match="no limits of its own"):
        choose([Option("a", Decimal(-1), ZERO, ZERO, charge=Decimal(1), chain="fifo")], YEAR, ZERO, ZERO)
