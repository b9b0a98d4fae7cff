"""The wait before a rebuy: as it is typed, as it is read, what the law says, and how far a price goes meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.identification.waiting import countdown, law_words, read_wait, typical_move, wait_words
from harvest_tui.errors import InputError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "wait", "words"),
    [
        ("none", timedelta(0), "none"),
        (" 0 ", timedelta(0), "none"),
        ("24h", DAY, "24 h"),
        ("24 hours", DAY, "24 h"),
        ("36H", 36 * HOUR, "36 h"),
        ("1 day", DAY, "24 h"),
        ("31d", 31 * DAY, "31 days"),
        ("2 weeks", 14 * DAY, "14 days"),
        ("366 days", 366 * DAY, "366 days"),
    ],
)
def test_a_wait_is_read_as_people_write_it(text: str, wait: timedelta, words: str) -> None:
    assert (read_wait(text), wait_words(read_wait(text))) == (wait, words)


@pytest.mark.parametrize("text", ["", "soon", "-3d", "3", "1.5d", "31m", "367d", "9999w", "24h 5m", "٣d"])
def test_what_is_no_wait_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_wait(text)


def test_a_countdown_ends_only_when_nothing_is_left() -> None:
    assert countdown(30 * DAY + 4 * HOUR + timedelta(minutes=12)) == "30d 04h 12m"
    assert countdown(4 * HOUR + timedelta(minutes=11, seconds=1)) == "4h 12m"
    assert countdown(timedelta(seconds=1)) == "0h 01m"
    assert countdown(timedelta(0)) == countdown(-DAY) == "0h 00m"


def test_a_move_grows_with_the_root_of_time() -> None:
    moves = Volatility(Decimal("0.73"), 90)
    # 10,000 times 0.73 over the root of 365: 382.10 a day, 5.5678 times that in 31 days
    assert typical_move(Decimal(10_000), moves) == Decimal("382.10")
    assert typical_move(Decimal(10_000), moves, 31 * DAY) == Decimal("2127.44")
    assert typical_move(Decimal(-10_000), moves, DAY / 4) == Decimal("191.05")
    assert typical_move(None, moves) is None and typical_move(Decimal(1), None) is None


def test_the_law_asks_for_a_wait_on_securities_alone() -> None:
    assert law_words(2026, False) == "Today's law asks for no wait on coins: IRC 1091 covers stock and securities."
    assert law_words(2026, True).startswith(
        "It is a security: IRC 1091 defers a loss where it is bought within 30 days"
    )
    assert law_words(2031, False) == law_words(2026, False)
