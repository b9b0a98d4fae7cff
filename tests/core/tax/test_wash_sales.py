"""Wash sales: the examples of the regulation, the edges of the window, and what counts as an acquisition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.ledger import Disposal, Term
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, LotId
from harvest_tui.core.tax.wash_sales import (
    Acquisition,
    AcquisitionKind,
    AssetClass,
    Washed,
    WashRule,
    acquisitions_of,
    every_asset,
    wash,
)

ZONE = ZoneInfo("America/New_York")
STOCK = Asset("M")
CLASSES = {STOCK: AssetClass.SECURITY_LIKE, Asset("IBIT"): AssetClass.SECURITY_LIKE}
SHADOW = WashRule(applies=every_asset)
TODAYS_LAW = WashRule()


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T17:00:00+00:00")


def bought(name: str, day: str, quantity: str, asset: str = "M") -> Acquisition:
    return Acquisition(EventId(f"w:{name}"), Asset(asset), noon(day), Decimal(quantity), AcquisitionKind.BOUGHT)


def sold(
    name: str, day: str, lot: Acquisition, quantity: str, proceeds: str | None, basis: str | None, term: str = "short"
) -> Disposal:
    return Disposal(
        EventId(f"w:{name}"),
        LotId(f"{lot.origin_id}/{lot.asset}"),
        lot.origin_id,
        AccountId("w"),
        lot.asset,
        lot.acquired_at,
        noon(day),
        Decimal(quantity),
        None if proceeds is None else Decimal(proceeds),
        None if basis is None else Decimal(basis),
        Term(term),
    )


def washed(disposals: Iterable[Disposal], acquisitions: Iterable[Acquisition], rule: WashRule = TODAYS_LAW) -> Washed:
    return wash(disposals, acquisitions, rule, ZONE, CLASSES)


def replacements(result: Washed) -> list[tuple[str, Decimal, Decimal]]:
    return [(one.origin_id, one.quantity, one.added_basis) for sale in result.sales for one in sale.replacements]


@pytest.mark.trap(23)
def test_a_fund_rebought_on_the_tenth_day_keeps_its_loss_for_later() -> None:
    first = bought("b1", "2025-01-06", "100", "IBIT")
    again = bought("b2", "2025-06-12", "100", "IBIT")
    result = washed([sold("s1", "2025-06-02", first, "100", "4000", "9000")], [first, again])
    (sale,) = result.sales
    assert (sale.loss, sale.disallowed, sale.surviving, sale.gain) == (5000, 5000, 0, 0)
    (held,) = result.carried
    assert (held.origin_id, held.quantity, held.added_basis) == ("w:b2", 100, 5000)
    # Held 147 days before the sale: the new shares count as bought 147 days before 12 June.
    assert (held.tacked_days, held.held_from) == (147, date(2025, 1, 16))
    assert (result.disallowed, result.surviving, result.deferred) == (5000, 0, 5000)


def test_a_coin_rebought_at_once_keeps_its_loss_today_and_loses_it_in_the_shadow() -> None:
    first, again = bought("b1", "2025-01-06", "2", "BTC"), bought("b2", "2025-06-02", "2", "BTC")
    sales = [sold("s1", "2025-06-02", first, "2", "80000", "110000")]
    assert [sale.surviving for sale in washed(sales, [first, again]).sales] == [30000]
    assert [sale.surviving for sale in washed(sales, [first, again], SHADOW).sales] == [0]


def test_a_law_that_begins_on_a_day_decides_by_the_day_of_the_sale() -> None:
    rule = WashRule(applies=lambda asset_class, day: day >= date(2027, 1, 1))
    lots = [bought("b1", "2026-01-06", "1", "BTC"), bought("b2", "2026-02-06", "1", "BTC")]
    again = [bought("b3", "2027-01-05", "1", "BTC"), bought("b4", "2027-01-06", "1", "BTC")]
    sales = [
        sold("s1", "2026-12-31", lots[0], "1", "70", "100"),
        sold("s2", "2027-01-01", lots[1], "1", "60", "100"),
    ]
    assert [sale.disallowed for sale in washed(sales, [*lots, *again], rule).sales] == [0, 40]


@pytest.mark.parametrize(
    ("rebought", "is_washed"),
    [
        ("2025-05-01", False),
        ("2025-05-02", True),
        ("2025-06-01", True),
        ("2025-07-01", True),
        ("2025-07-02", False),
    ],
)
def test_the_window_is_thirty_days_on_both_sides(rebought: str, is_washed: bool) -> None:
    first, again = bought("b1", "2024-01-06", "3"), bought("b2", rebought, "3")
    (sale,) = washed([sold("s1", "2025-06-01", first, "3", "10", "17")], [first, again]).sales
    assert sale.disallowed == (7 if is_washed else 0)


def test_the_days_of_the_window_are_the_taxpayers_own() -> None:
    first = bought("b1", "2024-01-06", "3")
    # 2 July 03:30 UTC is still 1 July in New York, the thirtieth day.
    again = first._replace(origin_id=EventId("w:b2"), acquired_at=datetime(2025, 7, 2, 3, 30, tzinfo=UTC))
    sales = [sold("s1", "2025-06-01", first, "3", "10", "17")]
    assert wash(sales, [first, again], TODAYS_LAW, ZONE, CLASSES).disallowed == 7
    assert wash(sales, [first, again], TODAYS_LAW, ZoneInfo("UTC"), CLASSES).disallowed == 0


def test_purchases_before_the_sale_take_a_part_of_the_loss_over_as_in_the_regulation() -> None:
    """Reg. 1.1091-1(h), example 2: 100 shares sold, 75 bought in the thirty days before."""
    first = bought("b1", "1954-09-21", "100")
    before = [bought("b2", "1954-12-21", "50"), bought("b3", "1954-12-27", "25")]
    result = washed([sold("s1", "1955-01-03", first, "100", "4000", "5000")], [first, *before])
    (sale,) = result.sales
    assert (sale.loss, sale.disallowed, sale.surviving, sale.gain) == (1000, 750, 250, -250)
    # 2,750 + 500 = 3,250 and 1,125 + 250 = 1,375 are the bases the regulation names.
    assert replacements(result) == [("w:b2", 50, 500), ("w:b3", 25, 250)]


def test_the_earliest_purchases_take_the_loss_over_and_later_ones_stay_free_as_in_the_regulation() -> None:
    """Reg. 1.1091-1(h), example 3: 100 shares sold, 50 bought on each of four days after."""
    first = bought("b1", "1954-09-15", "100")
    after = [bought(f"b{number}", f"1956-02-{number}", "50") for number in range(15, 19)]
    result = washed([sold("s1", "1956-02-01", first, "100", "4000", "5000")], [*after, first])
    assert replacements(result) == [("w:b15", 50, 500), ("w:b16", 50, 500)]
    assert result.surviving == 0


def test_one_replacement_serves_one_loss_only_and_the_earlier_sale_comes_first() -> None:
    lots = [bought("b1", "2024-01-06", "10"), bought("b2", "2024-02-06", "10")]
    again = bought("b3", "2025-06-20", "10")
    sales = [
        sold("s2", "2025-06-10", lots[0], "10", "40", "100"),
        sold("s1", "2025-06-01", lots[1], "10", "30", "100"),
    ]
    result = washed(sales, [*lots, again])
    assert [(sale.disposal.event_id, sale.disallowed, sale.surviving) for sale in result.sales] == [
        ("w:s1", 70, 0),
        ("w:s2", 0, 60),
    ]


def test_a_replacement_sold_at_a_loss_and_replaced_again_passes_both_losses_on() -> None:
    first, second = bought("b1", "2025-03-03", "10"), bought("b2", "2025-06-12", "10")
    third = bought("b3", "2025-07-01", "10")
    sales = [
        sold("s1", "2025-06-02", first, "10", "700", "1000"),
        sold("s2", "2025-06-20", second, "10", "650", "720"),
    ]
    result = washed(sales, [first, second, third])
    assert [(sale.taken_over, sale.loss, sale.disallowed) for sale in result.sales] == [(0, 300, 300), (300, 370, 370)]
    (held,) = result.carried
    # 91 days of the first shares and 8 of the second.
    assert (held.origin_id, held.added_basis, held.tacked_days) == ("w:b3", 370, 99)


def test_a_gain_on_the_replacement_is_smaller_by_the_loss_taken_over() -> None:
    first, second = bought("b1", "2025-03-03", "10"), bought("b2", "2025-06-12", "10")
    sales = [
        sold("s1", "2025-06-02", first, "10", "700", "1000"),
        sold("s2", "2025-12-20", second, "10", "1220", "720"),
    ]
    result = washed(sales, [first, second])
    assert [sale.gain for sale in result.sales] == [0, 200]
    assert (result.carried, result.deferred) == ((), 0)


def test_a_gain_that_the_loss_taken_over_turns_into_a_loss_can_be_washed_again() -> None:
    first, second = bought("b1", "2025-03-03", "10"), bought("b2", "2025-06-12", "10")
    third = bought("b3", "2025-07-01", "4")
    sales = [
        sold("s1", "2025-06-02", first, "10", "700", "1000"),
        sold("s2", "2025-06-20", second, "10", "820", "720"),
    ]
    last = washed(sales, [first, second, third]).sales[-1]
    assert (last.loss, last.disallowed, last.surviving, last.gain) == (200, 80, 120, -120)


def test_the_holding_period_taken_over_makes_a_sale_long_term() -> None:
    first, second = bought("b1", "2024-01-08", "10"), bought("b2", "2024-12-20", "10")
    sales = [
        sold("s1", "2024-12-02", first, "10", "700", "1000"),
        sold("s2", "2025-02-03", second, "10", "720", "720"),
    ]
    result = washed(sales, [first, second])
    # 329 days and 45 days: from 26 January 2024.
    assert [sale.term for sale in result.sales] == [Term.SHORT, Term.LONG]
    assert result.sales[1].gain == -300


def test_a_part_of_a_replacement_that_took_a_loss_over_is_the_first_to_be_sold() -> None:
    first, second = bought("b1", "2025-03-03", "4"), bought("b2", "2025-06-12", "10")
    sales = [
        sold("s1", "2025-06-02", first, "4", "280", "400"),
        sold("s2", "2025-12-20", second, "6", "900", "432"),
    ]
    result = washed(sales, [first, second])
    assert [(sale.disposal.quantity, sale.taken_over, sale.gain) for sale in result.sales] == [
        (4, 0, 0),
        (4, 120, 192),
        (2, 0, 156),
    ]


def test_income_replaces_units_as_a_purchase_does() -> None:
    first = bought("b1", "2024-01-06", "3")
    stake = bought("i1", "2025-06-05", "0.03")._replace(kind=AcquisitionKind.INCOME)
    (sale,) = washed([sold("s1", "2025-06-01", first, "3", "10", "17")], [first, stake]).sales
    assert (sale.disallowed, sale.surviving) == (Decimal("0.07"), Decimal("6.93"))


def test_what_was_sold_before_or_together_with_the_loss_replaces_nothing() -> None:
    first, second = bought("b1", "2025-03-03", "10"), bought("b2", "2025-05-20", "10")
    earlier = [
        sold("s1", "2025-05-25", second, "10", "990", "900"),
        sold("s2", "2025-06-02", first, "10", "700", "1000"),
    ]
    assert washed(earlier, [first, second]).disallowed == 0
    together = [
        sold("s2", "2025-06-02", second, "10", "700", "900"),
        sold("s2", "2025-06-02", first, "10", "700", "1000"),
    ]
    assert washed(together, [first, second]).disallowed == 0
    later = [earlier[1], sold("s3", "2025-06-03", second, "10", "990", "900")]
    assert washed(later, [first, second]).disallowed == 300


def test_the_rest_of_the_purchase_that_is_sold_is_no_replacement() -> None:
    lot = bought("b1", "2025-06-01", "200")
    assert washed([sold("s1", "2025-06-12", lot, "100", "4000", "5000")], [lot]).disallowed == 0


def test_a_loss_nobody_knows_stays_unknown_and_its_units_are_gone() -> None:
    first, second = bought("b1", "2025-03-03", "10"), bought("b2", "2025-05-20", "10")
    sales = [
        sold("s1", "2025-06-01", second, "10", "500", None),
        sold("s2", "2025-06-02", first, "10", "700", "1000"),
    ]
    result = washed(sales, [first, second])
    assert [(sale.loss, sale.gain) for sale in result.sales] == [(None, None), (300, -300)]


def test_other_assets_replace_nothing() -> None:
    first, other = bought("b1", "2025-03-03", "10"), bought("b2", "2025-06-03", "10", "IBIT")
    assert washed([sold("s1", "2025-06-02", first, "10", "1", "9")], [first, other]).surviving == 8


def event(name: str, day: int, kind: str, sent: Amount | None, received: Amount | None, **more: object) -> Event:
    at = datetime(2025, 1, 1, 15, tzinfo=UTC) + timedelta(day)
    return Event(
        EventId(f"w:{name}"),
        AccountId("w"),
        EventKind(kind),
        at,
        sent=sent,
        received=received,
        **more,  # type: ignore[arg-type]
    )


def test_acquisitions_are_what_came_in_from_outside() -> None:
    coins, dollars = Amount(Decimal(2), Asset("ETH")), Amount(Decimal(5000), USD)
    events = [
        event("b", 1, "trade", dollars, coins),
        event("s", 2, "trade", coins, dollars),
        event("swap", 3, "trade", Amount(Decimal(1), Asset("BTC")), coins),
        event("i", 4, "income", None, coins, value=Decimal(3)),
        event("own", 5, "deposit", None, coins),
        event("d", 6, "deposit", None, coins),
        event("cash", 6, "deposit", None, dollars),
        event("g", 7, "gift_in", None, coins, acquired_at=noon("2020-01-01"), cost_basis=Decimal(9)),
        event("c", 8, "convert", coins, Amount(Decimal(2), Asset("WETH"))),
        event("o", 9, "opening", None, coins, acquired_at=noon("2020-01-01"), cost_basis=Decimal(9)),
    ]
    found = acquisitions_of(events, {EventId("w:own")})
    assert [(one.origin_id, one.kind.value) for one in found] == [
        ("w:b", "bought"),
        ("w:swap", "bought"),
        ("w:i", "income"),
        ("w:d", "from_outside"),
        ("w:o", "bought"),
    ]
    assert found[-1].acquired_at == noon("2020-01-01")
