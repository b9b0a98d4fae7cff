"""The bill a harvest is judged by: linear within its edges, and every tier weighed as it should be."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.later import discount
from harvest_tui.core.harvest.tiers import Tier
from harvest_tui.core.money import EXACT
from harvest_tui.core.tax.profile import Profile
from support.harvest_words import bill_of, dec, loss_of, person, worth

STATUSES = ["single", "married_joint", "married_separate", "head_of_household"]


def anybody(pick: random.Random) -> ExpectedBill:
    def dollars(most: int) -> int:
        return pick.choice([0, pick.randrange(most), pick.randrange(most)])

    told = person(
        pick.choice(STATUSES),
        wages=pick.choice([5000, 16_500, 60_000, 120_000, 240_000, 650_000]) + pick.randrange(3000),
        interest=dollars(20_000),
        qualified_dividends=dollars(30_000),
        collectibles_gain=dollars(15_000),
        carry_short=dollars(30_000),
        carry_long=dollars(30_000),
        planned_short_gain=dollars(20_000),
        planned_long_gain=dollars(20_000),
        planned_probability=pick.choice(["0.8", "1", "0.35"]),
        next_short_gain=dollars(20_000),
        next_long_gain=dollars(20_000),
        next_probability=pick.choice(["0.5", "1", "0"]),
        next_wages=pick.choice([0, 50_000, 250_000]),
        state_rate=pick.choice(["0", "0.05", "0.093"]),
        state_allows_carryover=pick.choice([True, False]),
    )
    return bill_of(told, pick.choice([2022, 2024, 2026]))[0]


def crossings(bill: ExpectedBill, start: tuple[int, int], way: tuple[int, int]) -> list[Fraction]:
    """Where on the segment from 0 to 1 an edge is crossed."""
    found = {Fraction(0), Fraction(1)}
    for short, long, at in bill.edges():
        along = short * way[0] + long * way[1]
        if along:
            place = (Fraction(at) - short * start[0] - long * start[1]) / along
            if 0 < place < 1:
                found.add(place)
    return sorted(found)


def exactly(bill: ExpectedBill, start: tuple[int, int], way: tuple[int, int], place: Fraction) -> Fraction:
    """The bill at a point with a short decimal form."""
    point = [Fraction(start[i]) + way[i] * place for i in (0, 1)]
    short, long = (Decimal(one.numerator) / Decimal(one.denominator) for one in point)
    return Fraction(bill.at(short, long))


@pytest.mark.parametrize("seed", range(60))
def test_between_two_edges_the_bill_is_a_straight_line(seed):
    pick = random.Random(seed)
    bill = anybody(pick)
    for _ in range(4):
        start = (pick.randrange(-80_000, 80_000), pick.randrange(-80_000, 80_000))
        way = pick.choice([(2**17, 0), (0, -(2**17)), (2**16, 2**17), (-(2**17), 2**16)])
        marks = crossings(bill, start, way)
        for low, high in pairwise(marks):
            # Three inner points with short decimals: binary parts of the segment.
            grid = Fraction(1, 2**24)
            first = (low // grid + 1) * grid
            last = ((high / grid).__ceil__() - 1) * grid
            if last - first < 2 * grid:
                continue
            middle = (first + last) / 2
            ends = exactly(bill, start, way, first) + exactly(bill, start, way, last)
            assert ends == 2 * exactly(bill, start, way, middle), (seed, low, high)


@pytest.mark.parametrize("seed", range(20))
def test_the_bill_has_no_jumps_at_its_edges(seed):
    pick = random.Random(1000 + seed)
    bill = anybody(pick)
    tiny = Decimal("0.000001")
    for short, long, at in bill.edges():
        free = Decimal(pick.randrange(-50_000, 50_000))
        point = ((at - long * free) / short, free) if short else (free, at / long)
        before, after = (bill.at(point[0] - side, point[1] - side) for side in (tiny, -tiny))
        assert abs(after - before) < Decimal("0.00001")


def test_an_answer_not_given_claims_nothing_of_next_year():
    bill, short, long = bill_of(person(wages=150_000, later_rate=0), 2026)
    assert bill.next_year is None
    assert bill.at(short - 3000, long) == bill.at(short - 90_000, long)


def test_planned_gains_count_by_their_probability():
    told = person(wages=150_000, short_gain=0, planned_short_gain=10_000, later_rate=0)
    value = worth(told, 2026, loss_of(13_000, "short"))
    assert (value.saved_now, value.saved_hoped) == (720, Decimal("0.8") * 2400)
    assert value.parts == ((Tier.DEDUCTION, 3000), (Tier.PLANNED, 10_000))


def test_next_year_counts_by_its_probability_and_a_year_of_interest():
    told = person(wages=150_000, short_gain=0, next_short_gain=20_000, later_rate=0)
    value = worth(told, 2026, loss_of(30_000, "short"))
    year_later = discount(dec("0.04"), dec(1))
    assert value.saved_now == 720
    assert value.saved_hoped == Decimal("0.5") * year_later * 23_000 * Decimal("0.24")
    assert value.parts == ((Tier.DEDUCTION, 3000), (Tier.NEXT_YEAR, 23_000), (Tier.CARRIED, 4000))


def test_a_carried_loss_cancels_the_tax_on_its_own_gain_and_no_more():
    told = person(wages=150_000, later_rate="0.15")
    used = worth(told, 2026, loss_of(3000, "short"))
    all_of_it = worth(told, 2026, loss_of(103_000, "short"))
    assert (used.saved_now, used.owed_later) == (720, 3000 * Decimal("0.15") * Decimal("0.88692044"))
    assert (all_of_it.saved_now, all_of_it.owed_later) == (used.saved_now, used.owed_later)


def test_state_tax_adds_to_the_saving_and_to_what_is_owed():
    told = person(wages=150_000, short_gain=20_000, state_rate="0.05")
    value = worth(told, 2026, loss_of(10_000, "short"))
    assert value.saved_now == 10_000 * (Decimal("0.24") + Decimal("0.05"))
    assert value.owed_later == 10_000 * Decimal("0.2") * Decimal("0.88692044")


def test_where_the_state_lets_no_loss_carry_only_gains_of_the_year_are_offset():
    told = person(wages=150_000, short_gain=2000, state_rate="0.03", state_allows_carryover=False, later_rate="0.15")
    value = worth(told, 2026, loss_of(6000, "short"))
    assert value.saved_now == 2000 * (Decimal("0.24") + Decimal("0.03")) + 3000 * Decimal("0.24")


def test_the_bill_is_exact_whatever_the_amounts():
    told = person(wages="123456.78", short_gain="9876.54", planned_long_gain="33.33", next_long_gain="0.07")
    bill, short, long = bill_of(told, 2026)
    tiny = Decimal("1e-18")
    once = EXACT.subtract(bill.at(short, long), bill.at(EXACT.subtract(short, tiny), long))
    twice = EXACT.subtract(bill.at(short, long), bill.at(EXACT.subtract(short, 2 * tiny), long))
    assert once
    assert twice == 2 * once


def test_without_income_told_the_tax_that_comes_back_is_not_forgotten():
    nobody = worth(Profile(short_gain=dec(60_000)), 2026, loss_of(10_000, "short"))
    assert nobody.owed_later == 10_000 * Decimal("0.15") * Decimal("0.88692044")
    assert worth(Profile(), 2026, loss_of(10_000, "short")).saved_now == 0
