"""The ledger read from the books: days of the taxpayer, and disposals that are made when somebody looks."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.matching import Scope, match_books
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.statement import Days, SoldParts
from harvest_tui.core.valuation import NoPrices
from support.lot_events import event

TICK = timedelta(microseconds=1)
ZONES = (
    "America/New_York",
    "America/Sao_Paulo",  # clocks changed at midnight
    "America/St_Johns",  # clocks changed at one past midnight, back into the day before
    "Asia/Kolkata",  # half an hour off
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # had no 30 December 2011
    "Africa/Casablanca",  # four changes a year
    "Pacific/Kiritimati",  # fourteen hours ahead
    "UTC",
)


@pytest.mark.parametrize("name", ZONES)
def test_the_day_is_the_one_the_zone_says_at_any_instant(name):
    zone, random = ZoneInfo(name), Random(name)
    days = Days(zone)
    begun = datetime(2009, 1, 3, 18, 15, 5, tzinfo=UTC)
    for _ in range(4_000):
        at = begun + timedelta(seconds=random.randrange(600_000_000), microseconds=random.randrange(10**6))
        assert days.day(at) == at.astimezone(zone).date()


@pytest.mark.parametrize("name", ZONES)
def test_the_day_turns_at_local_midnight_to_the_microsecond(name):
    zone = ZoneInfo(name)
    days = Days(zone)
    for number in range(1_500):
        midnight = (datetime(2009, 1, 1) + timedelta(days=number)).replace(tzinfo=zone).astimezone(UTC)
        for at in (midnight - TICK, midnight, midnight + TICK):
            assert days.day(at) == at.astimezone(zone).date()


def test_an_instant_told_in_another_zone_and_the_ends_of_the_calendar_have_their_day():
    new_york, tokyo = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
    days = Days(new_york)
    assert days.day(datetime(2025, 1, 1, 13, tzinfo=tokyo)).isoformat() == "2024-12-31"
    assert days.day(datetime(9999, 12, 31, 23, tzinfo=UTC)).isoformat() == "9999-12-31"
    assert days.day(datetime(1, 1, 3, tzinfo=UTC)).isoformat() == "0001-01-02"


def sold() -> list:
    """Three purchases and three sales in two accounts, the first sale over two lots, and a gap."""
    history = [
        event("b1", "trade", 0, sent=(100, "USD"), received=(1, "BTC"), account="w1"),
        event("b2", "trade", 1, sent=(210, "USD"), received=(2, "BTC"), account="w1"),
        event("b3", "trade", 2, sent=(70, "USD"), received=(7, "ETH"), account="w2"),
        event("s1", "trade", 5, sent=(2, "BTC"), received=(301, "USD"), account="w1"),
        event("s2", "trade", 4, sent=(3, "ETH"), received=(33, "USD"), account="w2"),
        event("s3", "trade", 6, sent=(5, "BTC"), received=(900, "USD"), account="w1"),
    ]
    return match_books(
        history, methods=MethodTable(Method.FIFO), scope=Scope.ACCOUNT, zone=ZoneInfo("UTC"), values=NoPrices()
    ).replay.takes()


def read(parts: SoldParts) -> list[tuple[str, str, str]]:
    return [(one.event_id[3:], one.lot_id[3:], f"{one.proceeds:.2f}") for one in parts]


IN_TIME = [("s2", "b3", "33.00"), ("s1", "b1", "150.50"), ("s1", "b2", "150.50"), ("s3", "b2", "180.00")]


@pytest.mark.parametrize("many", [1, 1_000])
def test_disposals_read_the_same_one_by_one_in_slices_and_from_the_end(many):
    parts = SoldParts(sold(), ZoneInfo("UTC"), many)
    assert len(parts) == 4
    # The last first: nothing has been put in order yet.
    assert parts[-1].lot_id == "w1:b2"
    assert read(parts) == read(parts) == IN_TIME
    assert [parts[place].event_id[3:] for place in range(-4, 4)] == [one[0] for one in IN_TIME] * 2
    assert [one.lot_id for one in parts[1:3]] == ["w1:b1", "w1:b2"]
    assert parts == tuple(parts)
    assert hash(parts) == hash(tuple(parts))
    with pytest.raises(IndexError):
        parts[4]


def test_few_disposals_are_kept_and_many_are_made_whenever_they_are_read():
    few = SoldParts(sold(), ZoneInfo("UTC"))
    assert next(iter(few)) is next(iter(few))
    many = SoldParts(sold(), ZoneInfo("UTC"), 4)
    assert next(iter(many)) is not next(iter(many))
    assert many == few


def test_disposals_stay_those_of_the_books_when_they_were_asked_for():
    takes = sold()
    parts = SoldParts(takes, ZoneInfo("UTC"))
    for take in takes:
        take.parts = ()
    assert read(parts) == IN_TIME
