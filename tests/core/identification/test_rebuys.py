"""The way back in: units to restore, cash, waits, and the purchases that are recognized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from harvest_tui.core.identification.rebuy import NO_WAIT, ONE_DAY, WASH_SALE, Rebuy, rebuys
from harvest_tui.core.records import AccountId, Asset, Event
from support.identification import Recorder, loop, lot
from support.lot_events import at, buy, event, sell

BTC = Asset("BTC")
DEAR = buy("dear", 10, 2, "BTC", 120000)
SALE = sell("s", 21, 1, "BTC", 30000, fee=(60, "USD"))


def way_back(
    events: Sequence[Event], wait: timedelta = NO_WAIT, made: Recorder | None = None, **more: object
) -> tuple[Rebuy, ...]:
    if made is None:
        made = Recorder()
        made.identify(20, lot("dear", 1, 60000, day=10, net_benefit=Decimal(4000)))
    found = loop(events, made.records)
    waits: Mapping[Asset, timedelta] = {BTC: wait}
    return rebuys(found.verdicts, events, found.ledger, waits=waits, **more)  # type: ignore[arg-type]


def test_nothing_sold_has_no_way_back() -> None:
    assert way_back([DEAR]) == ()


def test_a_sold_position_asks_for_its_units_back() -> None:
    (one,) = way_back([DEAR, SALE])
    assert (one.units, one.left, one.cash, one.value, one.wait) == (1, 1, 29940, 30000, NO_WAIT)
    assert one.ends_at == at(21)
    # 30,000 raised before fees and 4,000 of net benefit: at 34,000 a coin the harvest was for nothing.
    assert one.break_even == 34000
    assert (one.cost_now(Decimal(31500)), one.drift(Decimal(31500))) == (31500, 1500)
    assert (one.cost_now(None), one.drift(None), one.is_restored) == (None, None, False)


def test_a_benefit_that_is_given_comes_before_the_recorded_one() -> None:
    (one,) = way_back([DEAR, SALE], benefits={(1, AccountId("w1"), BTC): Decimal(1000)})
    assert one.break_even == 31000


def test_purchases_after_the_sale_restore_it_and_open_new_lots_with_a_new_clock() -> None:
    back = [
        buy("r1", 21.5, "0.4", "BTC", 12400, fee=(20, "USD"), account="w2"),
        buy("r2", 22, "0.9", "BTC", 27000),
        buy("before", 20.5, 1, "BTC", 30000),
    ]
    (one,) = way_back([DEAR, SALE, *back])
    assert [(it.event_id, it.restores, it.cost) for it in one.bought] == [
        ("w2:r1", Decimal("0.4"), 12420),
        ("w1:r2", Decimal("0.6"), 18000),
    ]
    assert (one.left, one.is_restored) == (0, True)
    assert [(it.lot_id, it.acquired_at, it.long_term_on) for it in one.new_lots] == [
        ("w2:r1", at(21.5), date(2025, 1, 23)),
        ("w1:r2", at(22), date(2025, 1, 24)),
    ]


def test_fills_can_only_be_bought_back_once_they_are_sold() -> None:
    fills = [sell("a", 21, "0.25", "BTC", 7500), sell("b", 23, "0.75", "BTC", 22500)]
    (one,) = way_back([DEAR, *fills, buy("r", 22, 1, "BTC", 29000)])
    assert (one.bought[0].restores, one.left) == (Decimal("0.25"), Decimal("0.75"))
    assert (one.first_sold_at, one.last_sold_at) == (at(21), at(23))


def test_a_unit_bought_back_counts_for_one_position_the_one_sold_first() -> None:
    made = Recorder()
    made.identify(20, lot("dear", "0.5", 30000, day=10))
    made.identify(22, lot("dear", "0.5", 30000, day=10))
    events = [
        DEAR,
        sell("a", 21, "0.5", "BTC", 15000),
        sell("b", 23, "0.5", "BTC", 15000),
        buy("r", 24, "0.7", "BTC", 21000),
    ]
    first, second = way_back(events, made=made)
    assert (first.left, second.left) == (0, Decimal("0.3"))
    assert [it.restores for it in (*first.bought, *second.bought)] == [Decimal("0.5"), Decimal("0.2")]


def test_what_comes_in_during_the_wait_is_pointed_out_wherever_it_comes() -> None:
    events = [
        DEAR,
        SALE,
        buy("plan", 21.5, "0.01", "BTC", 300, account="w2"),
        event("stake", "income", 25, received=("0.002", "BTC"), value=60),
        event("in", "deposit", 30, received=("0.3", "BTC"), account="w2"),
        event("own", "transfer", 31, sent=("0.1", "BTC"), to="w2"),
        buy("late", 52.5, 1, "BTC", 30000),
        buy("eth", 25, 1, "ETH", 3000),
    ]
    (one,) = way_back(events, WASH_SALE)
    assert [(it.event_id, it.how.value, it.restores) for it in one.early] == [
        ("w2:plan", "bought", Decimal("0.01")),
        ("w1:stake", "income", 0),
        ("w2:in", "moved in from outside", 0),
    ]
    assert [(it.event_id, it.is_early) for it in one.bought] == [("w2:plan", True), ("w1:late", False)]
    assert one.ends_at == at(52)
    assert (one.remaining(at(22)), one.remaining(at(60))) == (timedelta(days=30), NO_WAIT)


def test_a_wait_of_a_day_ends_a_day_after_the_last_fill() -> None:
    (one,) = way_back([DEAR, SALE, buy("r", 22, "0.5", "BTC", 15000)], ONE_DAY)
    assert (one.early, one.bought[0].is_early) == ((), False)


def test_without_a_known_value_nobody_says_at_which_price_it_breaks_even() -> None:
    swap = event("s", "trade", 21, sent=(1, "BTC"), received=(10, "ETH"))
    (one,) = way_back([DEAR, swap])
    assert (one.cash, one.break_even, one.drift(Decimal(1))) == (None, None, None)
