"""Axes in exact figures: round values within the range, months in order, cells and values there and back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.ui.widgets.chart_scale import at_column, column_of, month_ticks, padded, row_values, ticks

amounts = st.integers(-(10**12), 10**12).map(lambda number: Decimal(number).scaleb(-6))


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        ("0", "25000", 3, ["0", "10,000", "20,000"]),
        ("53000", "81000", 5, ["60,000", "70,000", "80,000"]),
        ("-9000", "0", 3, ["−5,000", "0"]),
        ("0", "0.276", 3, ["0.0", "0.1", "0.2"]),
        ("0", "0.276", 8, ["0.00", "0.05", "0.10", "0.15", "0.20", "0.25"]),
        ("0.0000311", "0.0000339", 3, ["0.000032", "0.000033"]),
    ],
)
def test_ticks_are_round_and_labelled_with_the_decimals_they_need(
    low: str, high: str, most: int, labels: list[str]
) -> None:
    assert [label for _, label in ticks(Decimal(low), Decimal(high), most)] == labels


@given(amounts, amounts, st.integers(2, 12))
def test_ticks_lie_within_the_range_evenly_and_not_too_many(low: Decimal, high: Decimal, most: int) -> None:
    found = ticks(min(low, high), max(low, high), most)
    values = [value for value, _ in found]
    assert all(min(low, high) <= value <= max(low, high) for value in values)
    assert len(values) <= most + 1
    assert len({after - before for before, after in pairwise(values)}) <= 1
    assert len({label for _, label in found}) == len(values)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_room_is_left_around_the_values(values: list[Decimal]) -> None:
    low, high = padded(values)
    assert low < min(values) and high > max(values)


@given(st.dates(date(2009, 1, 1), date(2060, 1, 1)), st.integers(1, 800), st.integers(1, 20))
def test_months_begin_within_the_days_and_leave_room_for_their_labels(first: date, days: int, most: int) -> None:
    last = first + timedelta(days=days)
    found = month_ticks(first, last, most)
    assert 1 <= len(found) <= most + 1
    assert all(first.toordinal() <= value <= last.toordinal() for value, _ in found)
    if len(found) > 1:
        assert all(date.fromordinal(value).day == 1 for value, _ in found)


@given(st.integers(700_000, 800_000), st.integers(1, 400), st.integers(2, 200), st.data())
def test_a_column_has_the_value_that_falls_into_it(start: int, span: int, columns: int, data: st.DataObject) -> None:
    x_range = (start, start + span)
    assert (column_of(x_range, columns, start), column_of(x_range, columns, start + span)) == (0, columns - 1)
    day = data.draw(st.integers(start, start + span))
    column = column_of(x_range, columns, day)
    assert abs(at_column(x_range, columns, column) - day) * 2 * (columns - 1) <= span


def test_rows_reach_from_the_lowest_to_the_highest_value() -> None:
    assert row_values((Decimal(10), Decimal(40)), 4) == [10, 20, 30, 40]
