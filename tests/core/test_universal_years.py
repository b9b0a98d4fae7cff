"""One pool before 2025, accounts after."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.allocation import Allocation, Placement
from harvest_tui.core.records import AccountId, EventId
from support.lot_events import buy, event, ledger, open_lots, sell, told

NEW_YORK = ZoneInfo("America/New_York")
HISTORY = (
    buy("b1", 0, 1, "BTC", 100, account="a"),
    buy("b2", 1, 1, "BTC", 200, account="b"),
    buy("b3", 2, 1, "BTC", 300, account="b"),
    sell("s1", 30, 1, "BTC", 500, account="b"),
)


def test_the_pool_sells_the_oldest_lot_and_the_switch_puts_lots_where_coins_are():
    made = ledger(*HISTORY, scope="us")
    assert told(made.disposals) == [("b:s1", "a:b1", "1", "500", "100")]
    assert open_lots(made) == [
        ("b:b2", "b", "BTC", "1", "200", "proven"),
        ("b:b3", "a", "BTC", "1", "300", "proven"),
    ]


def test_after_the_switch_a_sale_stays_in_its_account():
    made = ledger(*HISTORY, sell("s2", 400, 1, "BTC", 700, account="a"), scope="us")
    assert told(made.disposals)[1] == ("a:s2", "b:b3", "1", "700", "300")


def test_the_switch_is_at_local_midnight():
    late = sell("s2", 366 + 2 / 24, 1, "BTC", 700, account="a")
    assert told(ledger(*HISTORY, late, scope="us").disposals)[1][1] == "b:b3"
    assert told(ledger(*HISTORY, late, scope="us", zone=NEW_YORK).disposals)[1][1] == "b:b2"


def test_a_move_in_the_pool_moves_coins_and_no_lots():
    made = ledger(*HISTORY, event("t1", "transfer", 50, sent=(1, "BTC"), to="c", account="b"), scope="us")
    assert {(lot.account, lot.origin_id) for lot in made.lots} == {("a", "b:b2"), ("c", "b:b3")}


def test_the_order_of_accounts_can_be_chosen():
    moved = event("t1", "transfer", 50, sent=(1, "BTC"), to="c", account="b")
    made = ledger(*HISTORY, moved, scope="us", allocation=("c", "a"))
    assert {(lot.account, lot.origin_id) for lot in made.lots} == {("c", "b:b2"), ("a", "b:b3")}


def test_coins_under_way_at_the_switch_count_where_they_go():
    made = ledger(
        *HISTORY,
        event("o1", "withdrawal", 365.9, sent=(1, "BTC"), account="b"),
        event("i1", "deposit", 366.1, received=(1, "BTC"), account="c"),
        sell("s2", 400, 1, "BTC", 700, account="c"),
        scope="us",
    )
    assert (made.gaps, made.unmatched) == ((), ())
    assert len(made.disposals) == 2


def test_one_pool_for_ever_when_asked():
    made = ledger(*HISTORY, sell("s2", 400, 1, "BTC", 700, account="a"), scope="universal")
    assert told(made.disposals)[1] == ("a:s2", "b:b2", "1", "700", "200")


def placed(made):
    return sorted((lot.account, lot.origin_id, lot.quantity, lot.cost_basis) for lot in made.lots)


def test_a_table_of_the_users_own_comes_before_the_rule():
    table = Allocation(table=(Placement(AccountId("a"), EventId("b:b2"), Decimal("0.75")),))
    assert placed(ledger(*HISTORY, scope="us", allocation=table)) == [
        ("a", "b:b2", Decimal("0.75"), 150),
        ("a", "b:b3", Decimal("0.25"), 75),
        ("b", "b:b2", Decimal("0.25"), 50),
        ("b", "b:b3", Decimal("0.75"), 225),
    ]


def test_a_row_of_the_table_that_does_not_fit_is_told_and_the_rule_places_the_rest():
    table = Allocation(table=(Placement(AccountId("a"), EventId("b:b3"), Decimal("1.5")),))
    made = ledger(*HISTORY, scope="us", allocation=table)
    assert [(one.event_id, one.origin_id, one.quantity) for one in made.named_shortfalls] == [
        ("a:allocation", "b:b3", Decimal("0.5"))
    ]
    assert placed(made) == [("a", "b:b3", 1, 300), ("b", "b:b2", 1, 200)]


def test_a_lot_placed_in_its_own_account_in_two_steps_is_one_lot():
    table = Allocation(table=(Placement(AccountId("b"), EventId("b:b2"), Decimal("0.25")),))
    assert placed(ledger(*HISTORY, scope="us", allocation=table)) == [("a", "b:b3", 1, 300), ("b", "b:b2", 1, 200)]
