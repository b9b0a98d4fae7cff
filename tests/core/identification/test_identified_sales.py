"""Which sale takes which recorded lot, through the real engine."""

from __future__ import annotations

from decimal import Decimal

import pytest

from support.identification import Recorder, loop, lot
from support.lot_events import buy, event, sell, told

OLD = buy("old", 0, 1, "BTC", 20000)
DEAR = buy("dear", 10, 1, "BTC", 60000)
BOUGHT = [OLD, DEAR]


def dear(quantity: object = 1, cost: object = 60000, **more: object) -> object:
    return lot("dear", quantity, cost, day=10, **more)


def test_a_sale_after_the_record_takes_the_recorded_lot() -> None:
    made = Recorder()
    made.identify(20, dear())
    found = loop([*BOUGHT, sell("s", 21, 1, "BTC", 30000)], made.records)
    assert told(found.ledger.disposals) == [("w1:s", "w1:dear", "1", "30000", "60000")]


def test_a_sale_before_the_record_is_not_identified_by_it() -> None:
    made = Recorder()
    made.identify(20, dear())
    found = loop([*BOUGHT, sell("s", 19.999, 1, "BTC", 30000)], made.records)
    assert told(found.ledger.disposals) == [("w1:s", "w1:old", "1", "30000", "20000")]


def test_a_sale_at_the_instant_of_the_record_is_identified() -> None:
    made = Recorder()
    made.identify(20, dear())
    assert told(loop([*BOUGHT, sell("s", 20, 1, "BTC", 30000)], made.records).ledger.disposals)[0][1] == "w1:dear"


@pytest.mark.parametrize(("ahead", "origin"), [("86400", "w1:dear"), ("86399", "w1:old"), ("-1", "w1:old")])
def test_a_record_stands_from_its_time_by_the_clock_of_the_exchange(ahead: str, origin: str) -> None:
    """The machine's clock was a day ahead: a sale of day 19 by the exchange came after a record of day 20 by ours."""
    made = Recorder(clock_ahead=Decimal(ahead))
    made.identify(20, dear())
    assert told(loop([*BOUGHT, sell("s", 19, 1, "BTC", 30000)], made.records).ledger.disposals)[0][1] == origin


def test_partial_fills_of_several_orders_use_the_lots_up_in_order() -> None:
    made = Recorder()
    made.identify(20, dear("0.75", 45000), lot("old", "0.5", 10000))
    fills = [
        sell("f3", 23, "0.5", "BTC", 15500),
        sell("f1", 21, "0.25", "BTC", 7000),
        sell("f2", 22, "0.6", "BTC", 18000),
    ]
    assert told(loop([*BOUGHT, *fills], made.records).ledger.disposals) == [
        ("w1:f1", "w1:dear", "0.25", "7000", "15000"),
        ("w1:f2", "w1:dear", "0.5", "15000", "30000"),
        ("w1:f2", "w1:old", "0.1", "3000", "2000"),
        ("w1:f3", "w1:old", "0.5", "15500", "10000"),
    ]


def test_what_is_sold_beyond_the_record_falls_to_the_method() -> None:
    made = Recorder()
    made.identify(20, dear("0.5", 30000))
    found = loop([*BOUGHT, sell("s", 21, "0.8", "BTC", 24000)], made.records)
    assert told(found.ledger.disposals) == [
        ("w1:s", "w1:dear", "0.5", "15000", "30000"),
        ("w1:s", "w1:old", "0.3", "9000", "6000"),
    ]


def test_a_record_of_units_sold_already_is_remarked_on_and_the_units_fall_to_the_method() -> None:
    made = Recorder()
    made.identify(20, lot("old", 1, 20000))
    found = loop([*BOUGHT, sell("early", 15, "0.75", "BTC", 20000), sell("s", 21, 1, "BTC", 30000)], made.records)
    assert [(one.event_id, one.origin_id, one.quantity) for one in found.ledger.named_shortfalls] == [
        ("w1:s", "w1:old", Decimal("0.75"))
    ]
    assert told(found.ledger.disposals)[1:] == [
        ("w1:s", "w1:old", "0.25", "7500", "5000"),
        ("w1:s", "w1:dear", "0.75", "22500", "45000"),
    ]


def test_a_sale_that_names_its_lots_itself_uses_no_record() -> None:
    made = Recorder()
    made.identify(20, dear())
    named = sell("n", 21, "0.5", "BTC", 15000, lots=(("w1:old", "0.5"),))
    found = loop([*BOUGHT, named, sell("s", 22, 1, "BTC", 30000)], made.records)
    assert [part[:3] for part in told(found.ledger.disposals)] == [("w1:n", "w1:old", "0.5"), ("w1:s", "w1:dear", "1")]


def test_a_record_leaves_other_accounts_and_assets_alone() -> None:
    made = Recorder()
    made.identify(20, dear())
    others = [
        buy("there", 1, 1, "BTC", 10000, account="w2"),
        buy("later", 2, 1, "BTC", 50000, account="w2"),
        sell("s2", 21, 1, "BTC", 30000, account="w2"),
        buy("e", 3, 5, "ETH", 5000),
        sell("se", 22, 5, "ETH", 4000),
    ]
    assert loop([*BOUGHT, *others], made.records).events == [*BOUGHT, *others]


@pytest.mark.parametrize(("account", "origin"), [("w1", "w1:dear"), ("w2", "w1:old")])
def test_in_a_pool_of_all_accounts_only_a_sale_in_the_account_is_identified(account: str, origin: str) -> None:
    made = Recorder()
    made.identify(20, dear())
    moved = event("m", "transfer", 12, sent=("0.5", "BTC"), to="w2")
    found = loop([*BOUGHT, moved, sell("s", 21, "0.5", "BTC", 15000, account=account)], made.records, scope="universal")
    assert told(found.ledger.disposals)[0][1] == origin


def test_a_fee_and_a_gift_take_no_recorded_units() -> None:
    made = Recorder()
    made.identify(20, dear())
    others = [
        event("fee", "fee", 21, sent=("0.01", "BTC"), value=300),
        event("gift", "gift_out", 22, sent=("0.1", "BTC")),
        event("out", "withdrawal", 23, sent=("0.1", "BTC")),
    ]
    found = loop([*BOUGHT, *others, sell("s", 24, 1, "BTC", 30000)], made.records)
    assert told(found.ledger.disposals)[-1] == ("w1:s", "w1:dear", "1", "30000", "60000")


def test_spending_a_coin_is_a_sale_of_it() -> None:
    made = Recorder()
    made.identify(20, dear())
    found = loop([*BOUGHT, event("car", "spend", 21, sent=("0.5", "BTC"), value=15000)], made.records)
    assert told(found.ledger.disposals) == [("w1:car", "w1:dear", "0.5", "15000", "30000")]


def test_a_revoked_record_identifies_no_later_sale_and_every_earlier_one() -> None:
    made = Recorder()
    first = made.identify(20, dear())
    made.revoke(22, first)
    fills = [sell("f1", 21, "0.25", "BTC", 7500), sell("f2", 23, "0.25", "BTC", 7500)]
    assert [part[1] for part in told(loop([*BOUGHT, *fills], made.records).ledger.disposals)] == ["w1:dear", "w1:old"]


def test_records_are_used_up_in_the_order_in_which_they_were_made() -> None:
    made = Recorder()
    made.identify(20, dear("0.5", 30000))
    made.identify(21, lot("old", "0.5", 10000))
    found = loop([*BOUGHT, sell("s", 22, "0.75", "BTC", 22500)], made.records[::-1])
    assert told(found.ledger.disposals) == [
        ("w1:s", "w1:dear", "0.5", "15000", "30000"),
        ("w1:s", "w1:old", "0.25", "7500", "5000"),
    ]


NEW_YEARS_EVE_2026 = 1095
"""Days from 1 January 2024 to 31 December 2026."""


@pytest.mark.parametrize(
    ("day", "is_broker", "told_on", "origin"),
    [
        (NEW_YEARS_EVE_2026 + 0.5, True, None, "w1:dear"),
        (NEW_YEARS_EVE_2026 + 1.5, True, None, "w1:old"),
        (NEW_YEARS_EVE_2026 + 1.5, False, None, "w1:dear"),
        (NEW_YEARS_EVE_2026 + 1.5, True, NEW_YEARS_EVE_2026 + 1.4, "w1:dear"),
        (NEW_YEARS_EVE_2026 + 1.5, True, NEW_YEARS_EVE_2026 + 1.6, "w1:old"),
    ],
)
def test_from_2027_a_broker_has_to_be_told_before_the_sale(
    day: float, is_broker: bool, told_on: float | None, origin: str
) -> None:
    made = Recorder(is_broker=is_broker)
    record = made.identify(1000, dear())
    if told_on is not None:
        made.tell(told_on, record, "w1")
    assert told(loop([*BOUGHT, sell("s", day, 1, "BTC", 30000)], made.records).ledger.disposals)[0][1] == origin


def test_the_year_of_that_rule_is_read_in_the_zone_of_the_taxpayer() -> None:
    """Four in the morning of 1 January 2027 in UTC is still 2026 in New York."""
    made = Recorder(zone="America/New_York", is_broker=True)
    made.identify(1000, dear())
    sale = sell("s", NEW_YEARS_EVE_2026 + 1 + 4 / 24, 1, "BTC", 30000)
    assert told(loop([*BOUGHT, sale], made.records).ledger.disposals)[0][1] == "w1:dear"


def test_without_records_the_events_stay_as_they_are() -> None:
    sale = sell("s", 21, 1, "BTC", 30000)
    assert loop([*BOUGHT, sale], []).events == [*BOUGHT, sale]
