"""Figures line up, unknown is a dash, and outside text is harmless."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from harvest_tui.ui.format import (
    age,
    aligned,
    arrow_of,
    clean,
    clip,
    exact,
    number,
    result_role,
    signed,
    tint_of,
    trimmed,
)
from support.hostile_names import HOSTILE_NAMES, is_harmless


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_becomes_harmless_and_short(name: str) -> None:
    assert is_harmless(clean(name))
    assert cell_len(clean(name, 30)) <= 30


@given(st.text(max_size=400))
def test_any_text_becomes_harmless_and_short(text: str) -> None:
    assert is_harmless(clean(text, 20))
    assert cell_len(clean(text, 20)) <= 20
    assert cell_len(clip(clean(text), 9)) == 9


def test_a_name_with_something_hidden_in_it_does_not_look_like_the_honest_one() -> None:
    assert clean("B\u200bTC") == "B\ufffdTC"
    assert clean("BTC") == "BTC"


def test_more_than_two_marks_on_a_letter_are_dropped() -> None:
    assert clean("e" + "\u0301" * 9 + "x") == "e\u0301\u0301x"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1234567.005", "1,234,567.00"),
        ("-8823.84", "−8,823.84"),
        ("-0.004", "0.00"),
        ("0", "0.00"),
    ],
)
def test_money_is_to_the_cent_with_separators_and_a_true_minus(value: str, shown: str) -> None:
    assert number(Decimal(value)) == shown


def test_a_gain_has_a_plus_and_an_unknown_is_a_dash() -> None:
    assert signed(Decimal("104")) == "+104.00"
    assert signed(Decimal("-23.04"), 1) == "−23.0"
    assert signed(None) == "-"


@pytest.mark.parametrize(("value", "places"), [("-0.004", 2), ("0.004", 2), ("-0.4", 0), ("0", 2)])
def test_what_rounds_to_zero_has_no_sign_no_arrow_and_no_colour(value: str, places: int) -> None:
    figure = Decimal(value)
    assert signed(figure, places) == number(Decimal(0), places)
    assert (arrow_of(figure, places), result_role(figure, places), tint_of(figure, places)) == (" ", "plain", "")


def test_a_result_leans_as_its_digits_say() -> None:
    assert [signed(Decimal(told)) + arrow_of(Decimal(told)) for told in ("-0.006", "0.006")] == ["−0.01▼", "+0.01▲"]
    assert (result_role(Decimal("-0.6"), 0), tint_of(Decimal("0.6"), 0, is_bold=True)) == ("loss", "bold $gain")
    assert (arrow_of(None), result_role(None), tint_of(None)) == (" ", "plain", "")


def test_trailing_zeros_go_except_the_first_decimals() -> None:
    assert trimmed(Decimal("61240"), 6, 2) == "61,240.00"
    assert trimmed(Decimal("0.392"), 6, 2) == "0.392"
    assert trimmed(Decimal("12.4"), 8) == "12.4"


@pytest.mark.parametrize("value", ["61240", "0.392", "-8823.84", "7", "1500.00000001", "0.00000001"])
def test_the_decimal_point_is_always_at_the_same_cell(value: str) -> None:
    text = aligned(Decimal(value), 6, 8, 0)
    assert len(text) == 15
    assert text.find(".") in {6, -1}
    assert text[:6].rstrip() == text[:6]


def test_what_is_too_small_or_unknown_stands_before_the_point() -> None:
    assert aligned(Decimal("0.001"), 5, 2, 2) == "   ~0   "
    assert aligned(None, 5, 2, 2) == "    -   "


def test_what_is_too_large_loses_decimals_but_never_digits() -> None:
    assert aligned(Decimal("123456.78"), 5, 2, 2) == " 123,457"
    assert aligned(Decimal("1234567890123"), 5, 2, 2).strip() == "1e+12"


@given(
    st.decimals(min_value=-(10**30), max_value=10**30, allow_nan=False, places=8),
    st.integers(4, 12),
    st.integers(0, 8),
    st.booleans(),
)
def test_a_figure_always_fits_its_cells(value: Decimal, whole: int, places: int, sign: bool) -> None:
    width = whole + (1 + places if places else 0)
    text = aligned(value, whole, places, min(places, 2), sign)
    assert len(text) == width


def test_every_digit_is_told_where_it_is_asked_for() -> None:
    assert exact(Decimal("-1234567.123456789012345678")) == "−1,234,567.123456789012345678"
    assert exact(Decimal("1E+3")) == "1,000"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7_199, "1h"), (90_000, "1d"), (10**9, "999d")]
)
def test_an_age_fits_in_four_cells(seconds: int, shown: str) -> None:
    assert age(timedelta(seconds=seconds)) == shown


def test_figures_do_not_follow_the_rounding_that_another_library_sets_for_the_thread() -> None:
    with localcontext() as context:
        context.rounding, context.prec = ROUND_UP, 5
        assert number(Decimal("1234567.005")) == "1,234,567.00"
