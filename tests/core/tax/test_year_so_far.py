"""The year so far: lots and elsewhere, what is unknown, what is left, and what carries out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.records import Asset
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.year_so_far import Room, room_steps, year_so_far
from support.lot_events import buy, event, ledger, sell

NEW_YORK, UTC_ZONE = ZoneInfo("America/New_York"), ZoneInfo("UTC")
LAST_EVENING = 366 + 364 + 23 / 24
"""31 December 2025, 23:00 UTC (the events' clock starts on 1 January 2024)."""


def dollars(**told):
    return Profile(**{name: Decimal(value) for name, value in told.items()})


HISTORY = (
    buy("b1", 0, 2, "BTC", 40_000),
    buy("b2", 400, 1, "BTC", 90_000),
    sell("s1", 500, 2, "BTC", 100_000),
    sell("s2", 600, 1, "BTC", 70_000),
)


def test_lots_and_elsewhere_make_one_return():
    told = dollars(wages=120_000, short_gain=5000, long_gain=-1000, carry_short=3000)
    year = year_so_far(ledger(*HISTORY), told, 2025, UTC_ZONE)
    assert year.from_lots == (-20_000, 60_000, 0)
    assert year.elsewhere == (5000, -1000, 0)
    assert (year.federal.net_short, year.federal.net_long, year.net) == (-18_000, 59_000, 41_000)
    assert year.steps == ((Room.GAINS, 41_000), (Room.DEDUCTION, 3000), (Room.NOTHING, None))
    assert year.saved_by_carryovers == 450
    assert year.limits == (
        "The filing status is not told: single is assumed.",
        "Next year's gains are not told: a loss carried forward is counted as worth nothing extra.",
    )


def test_a_year_in_loss_carries_out_and_has_no_room():
    year = year_so_far(ledger(*HISTORY[1::2]), dollars(wages=120_000), 2025, UTC_ZONE)
    assert year.from_lots == (-20_000, 0, 0)
    assert (year.federal.allowed_loss, year.federal.carry_short_out, year.federal.carry_long_out) == (3000, 17_000, 0)
    assert year.steps == ((Room.NOTHING, None),)
    assert (year.room(Room.GAINS), year.room(Room.DEDUCTION)) == (0, 0)


def test_losses_carried_in_leave_less_to_offset():
    told = dollars(wages=120_000, carry_long=25_000)
    year = year_so_far(ledger(*HISTORY), told, 2025, UTC_ZONE)
    assert (year.net, year.room(Room.GAINS)) == (15_000, 15_000)
    assert year.saved_by_carryovers == 25_000 * Decimal("0.15")


def test_part_of_the_deduction_may_be_left():
    assert room_steps(Decimal(-1200), Decimal(1500)) == ((Room.DEDUCTION, 300), (Room.NOTHING, None))


def test_sales_nobody_can_value_are_listed_and_in_no_figure():
    swap = event("x1", "trade", 500, sent=(1, "BTC"), received=(10, "SOL"))
    oversold = sell("s9", 510, 1, "ETH", 4000)
    year = year_so_far(ledger(buy("b1", 0, 1, "BTC", 20_000), swap, oversold), dollars(wages=1), 2025, UTC_ZONE)
    assert [one.event_id for one in year.unknown] == ["w1:x1"]
    assert [gap.event_id for gap in year.gaps] == ["w1:s9"]
    assert year.from_lots.total == 0
    assert year.limits[:2] == (
        "1 sale of this year with no known price or basis: in no figure here.",
        "1 sale of this year with no purchase known: in no figure here.",
    )


def test_the_year_is_that_of_the_taxpayers_zone():
    history = ledger(buy("b1", 400, 1, "BTC", 50_000), sell("s1", LAST_EVENING + 3 / 24, 1, "BTC", 44_000))
    east = year_so_far(history, dollars(wages=90_000), 2025, NEW_YORK)
    world = year_so_far(history, dollars(wages=90_000), 2025, UTC_ZONE)
    assert (east.from_lots.short, world.from_lots.short) == (-6000, 0)


def test_long_results_of_what_the_taxpayer_calls_a_collectible_are_taxed_as_such():
    told = dollars(wages=400_000)
    plain = year_so_far(ledger(*HISTORY[::2]), told, 2025, UTC_ZONE)
    gold = year_so_far(ledger(*HISTORY[::2]), told, 2025, UTC_ZONE, {Asset("BTC")})
    assert (gold.from_lots, plain.from_lots) == ((0, 0, 60_000), (0, 60_000, 0))
    assert gold.federal.regular_tax - plain.federal.regular_tax == 60_000 * (Decimal("0.28") - Decimal("0.15"))


def test_only_the_sales_of_the_year_are_read_and_none_of_them_is_missed():
    made = []

    class Watched(list):
        def __getitem__(self, place):
            found = super().__getitem__(place)
            made.extend(found if isinstance(place, slice) else [found])
            return found

    days = (0.5, 1, 30, 365.999, 366, 366, 366, 500, 730.999, 731, 731.5, 900)
    sales = [sell(f"s{number}", day, 2, "BTC", 100 + number) for number, day in enumerate(days)]
    history = ledger(buy("b1", 0, 2 * len(days) + 80_000, "BTC", 2 * len(days) + 80_000), *sales)
    watched = replace(history, disposals=Watched(history.disposals))
    for year, of_year in ((2024, range(4)), (2025, range(4, 9)), (2026, range(9, 12)), (2023, ())):
        told = year_so_far(watched, dollars(wages=1), year, UTC_ZONE)
        assert told.from_lots.total == sum(98 + number for number in of_year), year
    many = Watched(one for one in history.disposals for _ in range(1000))
    made.clear()
    year_so_far(replace(history, disposals=many), dollars(wages=1), 2024, UTC_ZONE)
    assert len(made) < 4000 + 40
