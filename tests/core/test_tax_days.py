"""The holding period by the calendar, in the taxpayer's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.tax_days import (
    days_left_in_year,
    days_to_long_term,
    first_long_term_day,
    long_term_on,
    tax_day,
    tax_year,
    term_differs_from_utc,
    term_of,
    year_differs_from_utc,
    year_window,
)

NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.mark.trap(14)
@pytest.mark.worked_example("holding period")
@pytest.mark.parametrize(
    ("acquired", "first_long"),
    [
        ("2024-01-10", "2025-01-11"),
        ("2023-03-10", "2024-03-11"),
        ("2023-02-27", "2024-02-28"),
        ("2023-02-28", "2024-03-01"),
        ("2024-02-27", "2025-02-28"),
        ("2024-02-28", "2025-03-01"),
        ("2024-02-29", "2025-03-01"),
        ("2024-03-01", "2025-03-02"),
        ("2023-03-01", "2024-03-02"),
        ("2023-12-30", "2024-12-31"),
        ("2023-12-31", "2025-01-01"),
        ("2025-12-31", "2027-01-01"),
        ("2024-04-30", "2025-05-01"),
        ("2024-06-30", "2025-07-01"),
        ("2024-11-22", "2025-11-23"),
        ("2026-11-22", "2027-11-23"),
        ("2023-01-31", "2024-02-01"),
    ],
)
def test_the_first_long_term_day_is_a_year_after_the_day_after(acquired, first_long):
    assert first_long_term_day(date.fromisoformat(acquired)) == date.fromisoformat(first_long)


@pytest.mark.trap(14)
def test_366_days_later_may_still_be_no_more_than_a_year():
    bought, sold = datetime(2024, 1, 10, 15, tzinfo=UTC), datetime(2025, 1, 10, 15, tzinfo=UTC)
    assert (sold - bought).days == 366
    assert term_of(bought, sold, NEW_YORK) is Term.SHORT


def test_every_acquisition_of_eight_years_turns_long_term_after_366_or_367_days_and_never_earlier_than_one_before():
    day, last = date(2019, 1, 1), date(2019, 1, 1)
    while day.year < 2027:
        turns = first_long_term_day(day)
        assert turns >= last
        assert (turns - day).days in (366, 367)
        day, last = date.fromordinal(day.toordinal() + 1), turns


@pytest.mark.trap(15)
def test_the_day_is_the_one_on_the_taxpayers_wall():
    late = datetime(2027, 1, 1, 5, 30, tzinfo=UTC)
    assert tax_day(late, LOS_ANGELES) == date(2026, 12, 31)
    assert (tax_year(late, LOS_ANGELES), tax_year(late, NEW_YORK)) == (2026, 2027)
    assert year_differs_from_utc(late, LOS_ANGELES)
    assert not year_differs_from_utc(late, NEW_YORK)


def test_the_term_follows_local_days_and_a_differing_utc_reading_is_noticed():
    bought, sold = datetime(2024, 1, 10, 12, tzinfo=UTC), datetime(2025, 1, 11, 3, tzinfo=UTC)
    assert term_of(bought, sold, NEW_YORK) is Term.SHORT
    assert term_of(bought, sold, ZoneInfo("UTC")) is Term.LONG
    assert term_differs_from_utc(bought, sold, NEW_YORK)
    assert not term_differs_from_utc(bought, datetime(2025, 1, 11, 15, tzinfo=UTC), NEW_YORK)


def test_an_evening_purchase_counts_from_the_local_day():
    assert long_term_on(datetime(2024, 3, 1, 2, tzinfo=UTC), NEW_YORK) == date(2025, 3, 1)
    assert long_term_on(datetime(2024, 3, 1, 12, tzinfo=UTC), NEW_YORK) == date(2025, 3, 2)


@pytest.mark.parametrize(
    ("today", "left"), [("2026-12-31", 0), ("2026-12-30", 1), ("2026-01-01", 364), ("2028-01-01", 365)]
)
def test_on_the_last_day_of_the_year_no_day_is_left_after_it(today, left):
    assert days_left_in_year(date.fromisoformat(today)) == left


def test_days_to_long_term_end_at_zero():
    first = date(2025, 1, 11)
    assert [days_to_long_term(first, date(2025, 1, day)) for day in (8, 10, 11, 12)] == [3, 1, 0, 0]


def test_a_tax_year_begins_at_local_midnight():
    assert year_window(2025, NEW_YORK) == (
        datetime(2025, 1, 1, 5, tzinfo=UTC),
        datetime(2026, 1, 1, 5, tzinfo=UTC),
    )
