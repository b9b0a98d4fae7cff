"""Splitting money: the pieces add up whatever the figures are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.lots.scaled import share, to_decimal, to_scaled
from harvest_tui.core.money import EXACT, split

WHOLE = st.integers(1, 10**30)
MONEY = st.decimals("-1e15", "1e15", places=10, allow_nan=False)


@given(MONEY, WHOLE, st.data())
def test_two_pieces_always_add_up_and_the_first_is_never_more_than_its_share(total, whole, data):
    part = data.draw(st.integers(0, whole))
    first, rest = split(total, Decimal(part), Decimal(whole))
    assert EXACT.add(first, rest) == total
    exact = EXACT.multiply(total, Decimal(part))
    short = EXACT.subtract(exact, EXACT.multiply(first, Decimal(whole)))
    assert 0 <= short < EXACT.multiply(Decimal("1e-18"), Decimal(whole))


def test_a_third_of_a_hundred_leaves_the_residue_with_the_rest():
    first, rest = split(Decimal(100), Decimal(1), Decimal(3))
    assert (first, rest) == (Decimal("33.333333333333333333"), Decimal("66.666666666666666667"))


def test_nothing_cannot_be_split():
    with pytest.raises(ZeroDivisionError):
        split(Decimal(5), Decimal(0), Decimal(0))


@given(st.integers(-(10**40), 10**40), st.lists(st.integers(1, 10**25), min_size=1, max_size=12))
def test_shares_add_up_in_any_number_of_parts(total, parts):
    whole, gone, given_out = sum(parts), 0, 0
    for part in parts:
        given_out += share(total, gone, part, whole)
        gone += part
    assert given_out == total


@given(st.integers(-(10**45), 10**45))
def test_a_scaled_integer_survives_the_way_to_decimal_and_back(scaled):
    assert to_scaled(to_decimal(scaled)) == scaled


def test_what_is_finer_than_a_wei_is_cut_off():
    assert to_scaled(Decimal("0.0000000000000000019")) == 1
    assert to_scaled(Decimal("1e22")) == 10**40
