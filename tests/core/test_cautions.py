"""What is told beside realized results: days that differ from UTC's, unknown figures, lots that were not there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.cautions import (
    AllocationRecord,
    CautionKind,
    allocation_cautions,
    lot_cautions,
    sale_words,
    term_cautions,
    unknown_cautions,
    utc_words,
    year_cautions,
    year_words,
)
from harvest_tui.core.lots.form_8949 import ExpectedForms
from harvest_tui.core.lots.kept import KeptLots, columns_of
from harvest_tui.core.lots.ledger import Ledger, Lot
from harvest_tui.core.lots.realized import realized_in
from harvest_tui.core.records import EventId
from harvest_tui.core.tax_days import long_term_on, tax_day, term_differs_from_utc
from support.lot_events import UTC_ZONE, buy, event, ledger, sell

NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
HOUR = 1 / 24
YEAR_END = 366
"""1 January 2025, 00:00 UTC, in days from 1 January 2024."""


def of_sale(day: float, zone: ZoneInfo) -> Ledger:
    """One sale of two lots at that time."""
    return ledger(buy("b1", 1, 1, "BTC", 5), buy("b2", 2, 1, "BTC", 6), sell("s", day, 2, "BTC", 9), zone=zone)


@pytest.mark.parametrize(
    ("day", "zone", "years"),
    [
        (YEAR_END - HOUR, NEW_YORK, None),
        (YEAR_END, NEW_YORK, (2024, 2025)),
        (YEAR_END + 5 * HOUR - 0.001, NEW_YORK, (2024, 2025)),
        (YEAR_END + 5 * HOUR, NEW_YORK, None),
        (YEAR_END - 9 * HOUR - 0.001, TOKYO, None),
        (YEAR_END - 9 * HOUR, TOKYO, (2025, 2024)),
        (YEAR_END, UTC_ZONE, None),
    ],
)
def test_a_sale_in_the_hours_between_two_new_years_is_told_once(
    day: float, zone: ZoneInfo, years: tuple[int, int] | None
) -> None:
    found = list(year_cautions(of_sale(day, zone).disposals, zone))
    assert len(found) == (years is not None)
    if years:
        assert found[0].kind is CautionKind.YEAR
        assert f"counts for {years[0]}, and a form made in UTC shows it in {years[1]}" in found[0].message


def test_a_sale_and_its_fee_in_another_coin_are_two_things_to_look_at() -> None:
    fee = event("s", "trade", YEAR_END, sent=(1, "BTC"), received=(9, "USD"), fee=(1, "BNB"), fee_value=1)
    made = ledger(buy("b1", 1, 1, "BTC", 5), buy("b2", 2, 1, "BNB", 6), fee, zone=NEW_YORK)
    assert [caution.asset for caution in year_cautions(made.disposals, NEW_YORK)] == ["BTC", "BNB"]


@pytest.mark.parametrize(
    ("bought", "sold", "zone", "told"),
    [
        # 2 January 2024 to 2 January 2025: no more than a year in UTC, and the day before is the same in New York.
        (1.5, 367.5, NEW_YORK, None),
        (1.5, 368 + HOUR, NEW_YORK, "short-term, by those in UTC long-term"),
        (1 + HOUR, 367.5, NEW_YORK, "long-term, by those in UTC short-term"),
        (1 + HOUR, 368 + HOUR, NEW_YORK, None),
        (1.5, 367.7, TOKYO, "long-term, by those in UTC short-term"),
        (1.5, 368 + HOUR, UTC_ZONE, None),
    ],
)
def test_a_term_that_hangs_on_the_zone_is_told(bought: float, sold: float, zone: ZoneInfo, told: str | None) -> None:
    made = ledger(buy("b", bought, 1, "BTC", 5), sell("s", sold, 1, "BTC", 9), zone=zone)
    found = list(term_cautions(made.disposals, zone))
    assert len(found) == (told is not None)
    assert (told or "") in "".join(caution.message for caution in found)


def test_unknown_figures_are_named() -> None:
    deposit = event("d", "deposit", 1, received=(2, "SOL"))
    fee = event("f", "fee", 2, sent=("0.5", "SOL"))
    made = ledger(
        deposit, fee, sell("s", 3, 1, "SOL", 9), buy("b", 4, 1, "ADA", 3), event("g", "fee", 5, sent=(1, "ADA"))
    )
    assert [
        caution.message.partition(" with ")[2].partition(":")[0] for caution in unknown_cautions(made.disposals)
    ] == [
        "unknown proceeds and basis",
        "unknown basis",
        "unknown proceeds",
    ]


def test_lots_that_were_named_and_not_there_are_told() -> None:
    sale = sell("s", 5, 2, "BTC", 9, lots=(("w1:b1", 2),))
    made = ledger(buy("b1", 1, "0.5", "BTC", 5), buy("b2", 2, 3, "BTC", 6), sale)
    [caution] = lot_cautions(made.named_shortfalls)
    assert caution.kind is CautionKind.LOTS
    assert "w1:s names 1.5 BTC of w1:b1 that were not there" in caution.message


def test_what_only_utc_puts_into_a_year_is_told_beside_it_and_not_counted() -> None:
    made = of_sale(YEAR_END + HOUR, NEW_YORK)
    forms = ExpectedForms(frozenset(), {}, NEW_YORK)
    of_2024, of_2025, of_2026 = (realized_in(made, forms, year) for year in (2024, 2025, 2026))
    assert [len(one.disposals) for one in (of_2024, of_2025, of_2026)] == [2, 0, 0]
    assert [len(one.cautions) for one in (of_2024, of_2025, of_2026)] == [1, 1, 0]
    assert (of_2024.short, of_2024.long, of_2025.short) == (Decimal(-2), 0, 0)


def test_an_allocation_nobody_chose_needs_no_date() -> None:
    record = AllocationRecord(None, has_order=False, placements=())
    assert list(allocation_cautions(record, (), (), NEW_YORK)) == []


def test_the_first_disposal_of_2025_is_read_in_the_taxpayers_zone() -> None:
    record = AllocationRecord(date(2025, 1, 1), False, (("a", "a:b", Decimal(1)),))
    early, late = of_sale(YEAR_END + HOUR, NEW_YORK), of_sale(YEAR_END + 5 * HOUR, NEW_YORK)
    assert early.disposals[0].disposed_at == datetime(2025, 1, 1, 1, tzinfo=UTC)
    for made in (early, late):
        assert list(allocation_cautions(record, made.disposals, [EventId("a:b")], NEW_YORK)) == []
    told = record._replace(decided=date(2025, 1, 2))
    assert len(list(allocation_cautions(told, late.disposals, [EventId("a:b")], NEW_YORK))) == 1
    assert list(allocation_cautions(told, early.disposals, [EventId("a:b")], NEW_YORK)) == []


def held(acquired: str, zone: ZoneInfo) -> Lot:
    """A lot bought at that time."""
    at = datetime.fromisoformat(acquired)
    return ledger(buy("b", 1, 1, "BTC", 5)).lots[0]._replace(acquired_at=at, long_term_on=long_term_on(at, zone))


@pytest.mark.parametrize(
    ("acquired", "now", "said"),
    [
        # 21:00 on 9 March in New York is 10 March in UTC: long-term from 10 March 2025 here, from 11 March there.
        ("2024-03-10T02:00:00Z", "2025-01-05T12:00:00Z", "long-term from 2025-03-11 by UTC days: a form may show that"),
        ("2024-03-10T02:00:00Z", "2025-03-10T12:00:00Z", "sold now long-term, by UTC days short-term: a form may show"),
        ("2024-03-10T02:00:00Z", "2025-03-11T01:00:00Z", ""),
        ("2024-03-10T02:00:00Z", "2025-03-11T12:00:00Z", ""),
        # The same day in both: only a sale in the evening of the last short-term day differs.
        ("2024-03-09T15:00:00Z", "2025-01-05T12:00:00Z", ""),
        ("2024-03-09T15:00:00Z", "2025-03-10T01:00:00Z", "sold now short-term, by UTC days long-term"),
        ("2024-03-09T15:00:00Z", "2025-03-10T12:00:00Z", ""),
        # 27 and 28 February: their first long-term days are two apart.
        ("2023-02-28T02:00:00Z", "2024-02-29T12:00:00Z", "sold now long-term, by UTC days short-term"),
    ],
)
def test_a_lot_tells_what_utc_would_make_of_it_as_long_as_that_matters(acquired: str, now: str, said: str) -> None:
    lot, at = held(acquired, NEW_YORK), datetime.fromisoformat(now)
    words = utc_words(lot, at, tax_day(at, NEW_YORK))
    assert words.startswith(said) and bool(words) is bool(said)
    assert len(words) <= 64, "one line of a narrow screen"
    is_of_now = said.startswith("sold now")
    assert is_of_now is term_differs_from_utc(lot.acquired_at, at, NEW_YORK)
    kept = KeptLots(columns_of((lot,)))
    for lots in ((lot,), kept):
        told = sale_words(lots, at, tax_day(at, NEW_YORK))
        assert told.startswith("sold now w1:b (") is is_of_now


def test_a_sale_between_two_new_years_is_told_with_both() -> None:
    evening = datetime(2027, 1, 1, 3, tzinfo=UTC)
    assert year_words(evening, date(2026, 12, 31)) == "sold now it counts for 2026, by UTC days for 2027"
    assert year_words(evening, date(2027, 1, 1)) == ""
    assert sale_words((), evening, date(2026, 12, 31)) == (
        "sold now it counts for 2026, by UTC days for 2027: a broker's form may show that"
    )


def test_of_several_lots_one_is_named_and_the_rest_counted() -> None:
    at = datetime(2025, 3, 10, 12, tzinfo=UTC)
    lots = tuple(held(f"2024-03-10T0{hour}:00:00Z", NEW_YORK) for hour in range(4))
    words = sale_words((*lots, held("2024-03-10T12:00:00Z", NEW_YORK)), at, tax_day(at, NEW_YORK))
    assert words == (
        "sold now w1:b (long, not short) and 3 more would have another term by UTC days: a broker's form may show that"
    )
