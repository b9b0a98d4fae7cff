"""Sales within a second of the record: judged by the times told, and never without saying what those cannot tell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.identification.record import record_of
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.identification.verdict_words import facts, heading
from harvest_tui.core.records import AccountId, Event
from support.identification import Recorder, loop, lot
from support.lot_events import UTC_ZONE, at, buy, sell

SECOND = 1 / 86_400
BOUGHT = [buy("old", 0, 1, "BTC", 20000), buy("dear", 10, 1, "BTC", 60000)]
DOUBT = "w1:s and record 1 are within one second of each other: by the venue's clock nobody can tell which came first"


def sold(seconds: float) -> Event:
    """One coin, so long after noon of day 20."""
    return sell("s", 20.5 + seconds * SECOND, 1, "BTC", 30000)


def judged(seconds: float, ahead: str | None = None) -> Verdict:
    """A record of noon on day 20, our clock so many seconds ahead of the venue's, and a sale."""
    made = Recorder(clock_ahead=None if ahead is None else Decimal(ahead))
    made.identify(20.5, lot("dear", 1, 60000, day=10), known=19)
    (found,) = loop([*BOUGHT, sold(seconds)], made.records).verdicts
    return found


@pytest.mark.parametrize(
    ("seconds", "outcome", "is_close"),
    [
        (-1.2, "sold before the record", False),
        (-0.9, "sold before the record", True),
        (-0.2, "sold before the record", True),
        (0, "as identified", True),
        (0.9, "as identified", True),
        (1.2, "as identified", False),
    ],
)
def test_within_a_second_the_times_decide_and_the_words_say_that_they_cannot(
    seconds: float, outcome: str, is_close: bool
) -> None:
    found = judged(seconds)
    assert found.outcome == outcome
    assert (DOUBT in facts(found, UTC_ZONE)) == is_close
    title = "1 BTC of 2024-01-11 in w1: " + outcome
    assert heading(found, UTC_ZONE) == title + (", as far as the times told can say" if is_close else "")


@pytest.mark.parametrize(
    ("ahead", "seconds", "outcome"),
    [
        # Too little to be measured on a clock of whole seconds: the record stands from its own time.
        ("0.499", -0.3, "sold before the record"),
        ("-0.499", 0.3, "as identified"),
        # Enough to be taken off.
        ("0.5", -0.3, "as identified"),
        ("-0.5", 0.3, "sold before the record"),
        ("2.5", -2.4, "as identified"),
    ],
)
def test_a_clock_that_is_off_by_less_than_half_a_second_counts_as_right(
    ahead: str, seconds: float, outcome: str
) -> None:
    found = judged(seconds, ahead)
    assert found.outcome == outcome
    assert DOUBT in facts(found, UTC_ZONE), "the second is counted from where the record stands"


def test_the_record_keeps_what_was_measured_all_the_same() -> None:
    made = Recorder(clock_ahead=Decimal("-0.25"))
    record = made.identify(20.5, lot("dear", 1, 60000, day=10))
    read = record_of(record.text)
    account = read.account(AccountId("w1"))
    assert account is not None and account.clock_ahead == Decimal("-0.25")
    assert read.stands_from(AccountId("w1")) == at(20.5)


def test_only_the_sale_that_is_close_is_named() -> None:
    made = Recorder()
    made.identify(20.5, lot("dear", 1, 60000, day=10))
    near, far = (sell(name, 20.5 + s * SECOND, "0.5", "BTC", 15000) for name, s in (("near", 0.5), ("far", 3600)))
    (found,) = loop([*BOUGHT, far, near], made.records).verdicts
    assert (found.outcome, found.too_close) == ("as identified", ("w1:near",))
    assert found.sold_at is not None and found.sold_at[1] - at(20.5) > timedelta(minutes=59)


def test_a_sale_in_another_account_at_the_same_second_is_no_close_call() -> None:
    made = Recorder()
    made.identify(20.5, lot("dear", 1, 60000, day=10))
    elsewhere = [
        buy("other", 1, 1, "BTC", 20000, account="w2"),
        sell("s2", 20.5 + 0.5 * SECOND, 1, "BTC", 30000, account="w2"),
    ]
    (found,) = loop([*BOUGHT, *elsewhere], made.records).verdicts
    assert (found.outcome, found.too_close) == ("sold in another account", ())
