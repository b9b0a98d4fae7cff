"""What each kind of event does to lots, with its fees."""

from datetime import date
from decimal import Decimal

import pytest

from harvest_tui.core.lots.ledger import Provenance, Term
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.records import Asset, Candle
from harvest_tui.core.valuation import PriceHistory
from support.lot_events import at, buy, event, ledger, open_lots, sell, told


def hourly(asset, day, close):
    price = Decimal(close)
    return Candle(Asset(asset), at(day), 3600, price, price, price, price, "kraken")


def test_a_dollar_fee_goes_into_basis_and_comes_off_proceeds():
    made = ledger(
        buy("b1", 0, 2, "BTC", 60000, fee=("36.5", "USD")), sell("s1", 9, "0.5", "BTC", 17000, fee=(12, "USD"))
    )
    assert told(made.disposals) == [("w1:s1", "w1:b1", "0.5", "16988", "15009.125")]
    assert open_lots(made) == [("w1:b1", "w1", "BTC", "1.5", "45027.375", "proven")]


def test_a_fee_in_a_third_coin_is_a_disposal_and_still_part_of_basis():
    made = ledger(
        buy("n1", 0, 4, "BNB", 1000),
        buy("b1", 5, 1, "ETH", 3000, fee=("0.01", "BNB"), fee_value="3.1"),
    )
    assert told(made.disposals) == [("w1:b1", "w1:n1", "0.01", "3.1", "2.5")]
    assert open_lots(made) == [
        ("w1:n1", "w1", "BNB", "3.99", "997.5", "proven"),
        ("w1:b1", "w1", "ETH", "1", "3003.1", "proven"),
    ]


def test_a_fee_in_the_coin_bought_is_worth_what_the_trade_says_and_leaves_the_lot():
    made = ledger(buy("b1", 0, 2, "SOL", 300, fee=("0.02", "SOL")))
    assert told(made.disposals) == [("w1:b1", "w1:b1", "0.02", "3", "3.03")]
    assert open_lots(made) == [("w1:b1", "w1", "SOL", "1.98", "299.97", "proven")]


def test_a_fee_nobody_valued_is_listed_and_the_basis_says_it_is_assumed():
    made = ledger(buy("n1", 0, 4, "BNB", 1000), buy("b1", 5, 1, "ETH", 3000, fee=("0.01", "BNB")))
    assert [(miss.event_id, miss.asset) for miss in made.unpriced] == [("w1:b1", "BNB")]
    assert told(made.disposals) == [("w1:b1", "w1:n1", "0.01", "-", "2.5")]
    assert made.lots[1].provenance is Provenance.ASSUMED
    assert made.lots[1].cost_basis == 3000


def test_a_swap_puts_its_fee_wholly_on_the_coin_given():
    made = ledger(
        buy("b1", 0, 1, "ETH", 2000),
        event("x1", "trade", 3, sent=(1, "ETH"), received=("0.06", "BTC"), fee=(30, "USD"), value=3000),
    )
    assert told(made.disposals) == [("w1:x1", "w1:b1", "1", "2970", "2000")]
    assert open_lots(made) == [("w1:x1", "w1", "BTC", "0.06", "3000", "proven")]


def test_a_swap_without_a_price_has_unknown_proceeds_and_basis_not_zero():
    made = ledger(buy("b1", 0, 1, "ETH", 2000), event("x1", "trade", 3, sent=(1, "ETH"), received=("0.06", "BTC")))
    assert told(made.disposals) == [("w1:x1", "w1:b1", "1", "-", "2000")]
    assert made.disposals[0].gain is None
    assert open_lots(made) == [("w1:x1", "w1", "BTC", "0.06", "-", "unknown")]
    assert [(miss.event_id, miss.asset) for miss in made.unpriced] == [("w1:x1", "BTC")]


def test_a_past_price_values_a_swap_by_what_was_received():
    prices = PriceHistory([hourly("BTC", 3, 50100), hourly("ETH", 3, 3111)])
    swap = event("x1", "trade", 3.01, sent=(1, "ETH"), received=("0.06", "BTC"))
    assert told(ledger(buy("b1", 0, 1, "ETH", 2000), swap, values=prices).disposals) == [
        ("w1:x1", "w1:b1", "1", "3006", "2000")
    ]
    only_given = PriceHistory([hourly("ETH", 3, 3111)])
    assert told(ledger(buy("b1", 0, 1, "ETH", 2000), swap, values=only_given).disposals) == [
        ("w1:x1", "w1:b1", "1", "3111", "2000")
    ]


def test_income_without_a_value_is_an_unknown_basis():
    made = ledger(event("r1", "income", 0, received=("0.7", "DOT")))
    assert open_lots(made) == [("w1:r1", "w1", "DOT", "0.7", "-", "unknown")]
    assert len(made.unpriced) == 1


def test_a_sale_of_a_lot_with_unknown_basis_has_no_gain():
    made = ledger(event("r1", "income", 0, received=("0.7", "DOT")), sell("s1", 2, "0.2", "DOT", 1.4))
    assert told(made.disposals) == [("w1:s1", "w1:r1", "0.2", "1.4", "-")]
    assert made.disposals[0].gain is None


def test_dollars_are_cash_and_open_no_lot():
    made = ledger(
        event("d1", "deposit", 0, received=(5000, "USD")),
        event("w1", "withdrawal", 1, sent=(400, "USD"), fee=(5, "USD")),
        event("r1", "income", 2, received=(3, "USD")),
    )
    assert (made.lots, made.disposals, made.gaps, made.unmatched) == ((), (), (), ())


def test_a_convert_carries_basis_and_date_into_another_quantity():
    made = ledger(
        buy("b1", 0, 1, "MATIC", "0.9"),
        buy("b2", 5, 3, "MATIC", "3.3"),
        event("c1", "convert", 400, sent=(2, "MATIC"), received=(8, "POL")),
        sell("s1", 401, 8, "POL", 10),
    )
    assert told(made.disposals) == [("w1:s1", "w1:b1", "4", "5", "0.9"), ("w1:s1", "w1:b2", "4", "5", "1.1")]
    assert [part.term for part in made.disposals] == [Term.LONG, Term.LONG]
    assert open_lots(made) == [("w1:b2", "w1", "MATIC", "2", "2.2", "proven")]


def test_a_convert_into_dollars_is_a_sale():
    made = ledger(buy("b1", 0, 100, "USDC", "99.5"), event("c1", "convert", 1, sent=(40, "USDC"), received=(40, "USD")))
    assert told(made.disposals) == [("w1:c1", "w1:b1", "40", "40", "39.8")]


def test_a_theft_takes_lots_away_without_a_loss():
    made = ledger(buy("b1", 0, 2, "BTC", 80000), event("l1", "lost", 3, sent=("0.5", "BTC")))
    assert made.disposals == ()
    assert open_lots(made) == [("w1:b1", "w1", "BTC", "1.5", "60000", "proven")]


def test_spending_is_a_disposal_at_value_less_the_fee():
    made = ledger(
        buy("b1", 0, 2, "BTC", 80000),
        event("p1", "spend", 3, sent=("0.01", "BTC"), value=430, fee=("0.0001", "BTC"), fee_value="4.3"),
    )
    assert told(made.disposals) == [
        ("w1:p1", "w1:b1", "0.01", "425.7", "400"),
        ("w1:p1", "w1:b1", "0.0001", "4.3", "4"),
    ]


@pytest.mark.parametrize(
    ("proceeds", "basis", "acquired", "term"),
    [
        ("130", "100", -700, Term.LONG),
        ("90", "90", -700, Term.LONG),
        ("80", "80", -700, Term.LONG),
        ("50", "80", 10, Term.SHORT),
    ],
)
def test_a_gift_worth_less_than_its_basis_has_three_outcomes(proceeds, basis, acquired, term):
    made = ledger(
        event("g1", "gift_in", 10, received=(1, "BTC"), value=80, acquired=-700, cost_basis=100),
        sell("s1", 40, 1, "BTC", proceeds),
    )
    (part,) = made.disposals
    assert (part.cost_basis, part.acquired_at, part.term) == (Decimal(basis), at(acquired), term)


def test_the_lower_value_of_a_gift_travels_with_a_transfer_and_shrinks_with_the_lot():
    made = ledger(
        event("g1", "gift_in", 10, received=(4, "BTC"), value=80, acquired=-700, cost_basis=100),
        event("t1", "transfer", 20, sent=(3, "BTC"), to="w2"),
        sell("s1", 40, 1, "BTC", 15, account="w2"),
    )
    assert told(made.disposals) == [("w2:s1", "w1:g1", "1", "15", "20")]
    assert [(lot.account, lot.cost_basis, lot.loss_basis) for lot in made.lots] == [("w1", 25, 20), ("w2", 50, 40)]
    assert [(lot.acquired_at, lot.loss_acquired_at) for lot in made.lots] == [(at(-700), at(10))] * 2


def test_a_gift_worth_more_than_its_basis_has_no_basis_or_time_of_its_own_for_a_loss():
    made = ledger(event("g1", "gift_in", 10, received=(4, "BTC"), value=180, acquired=-700, cost_basis=100))
    assert (made.lots[0].loss_basis, made.lots[0].loss_acquired_at) == (None, None)


def test_a_lot_drawn_by_its_name_and_in_its_turn_is_one_part_and_moves_as_one_lot():
    made = ledger(
        buy("b1", 0, 4, "BTC", 100),
        event("t1", "transfer", 2, sent=(3, "BTC"), to="w2", lots=(("w1:b1", 1),)),
        sell("s1", 3, 2, "BTC", 90, account="w2", lots=(("w1:b1", "0.5"), ("w1:b1", "0.5"))),
    )
    assert told(made.disposals) == [("w2:s1", "w1:b1", "2", "90", "50")]
    assert [(lot.account, lot.quantity, lot.cost_basis) for lot in made.lots] == [("w1", 1, 25), ("w2", 1, 25)]
    assert len({lot.lot_id for lot in made.lots}) == 2


def test_a_named_lot_that_is_not_there_in_full_is_told():
    made = ledger(
        buy("b1", 0, 1, "BTC", 100),
        buy("b2", 1, 1, "BTC", 300),
        sell("s1", 2, "1.5", "BTC", 450, lots=(("w1:b2", "1.5"),)),
    )
    assert told(made.disposals) == [("w1:s1", "w1:b2", "1", "300", "300"), ("w1:s1", "w1:b1", "0.5", "150", "50")]
    assert [(one.event_id, one.account, one.origin_id, one.quantity, one.at) for one in made.named_shortfalls] == [
        ("w1:s1", "w1", "w1:b2", Decimal("0.5"), at(2))
    ]
    assert made.gaps == ()


def test_a_transfer_fee_in_another_coin_leaves_the_moved_lots_whole():
    made = ledger(
        buy("b1", 0, 5, "USDC", 5),
        buy("e1", 0, 1, "ETH", 2500),
        event("t1", "transfer", 3, sent=(5, "USDC"), fee=("0.002", "ETH"), fee_value="5.4", to="w2"),
    )
    assert told(made.disposals) == [("w1:t1", "w1:e1", "0.002", "5.4", "5")]
    assert ("w1:b1", "w2", "USDC", "5", "5", "transferred") in open_lots(made)


def test_a_transfer_of_more_than_is_there_is_a_gap_and_arrives_unknown():
    made = ledger(buy("b1", 0, 1, "BTC", 40000), event("t1", "transfer", 3, sent=("1.2", "BTC"), to="w2"))
    assert [(gap.event_id, gap.quantity) for gap in made.gaps] == [("w1:t1", Decimal("0.2"))]
    assert open_lots(made) == [
        ("w1:b1", "w2", "BTC", "1", "40000", "transferred"),
        ("w1:t1", "w2", "BTC", "0.2", "-", "unknown"),
    ]


def test_an_nft_is_one_lot_and_never_stands_in_for_its_sister():
    made = ledger(
        event("n1", "nft_trade", 0, sent=(900, "USD"), received=(1, "apes#7")),
        event("n2", "nft_trade", 1, sent=(500, "USD"), received=(1, "apes#8")),
        event("s1", "nft_trade", 2, sent=(1, "apes#8"), received=(350, "USD")),
        event("s2", "nft_trade", 3, sent=(1, "apes#9"), received=(10, "USD")),
    )
    assert told(made.disposals) == [("w1:s1", "w1:n2", "1", "350", "500")]
    assert [gap.asset for gap in made.gaps] == ["apes#9"]


def test_at_one_instant_a_purchase_comes_before_a_move_and_a_move_before_a_sale():
    made = ledger(
        sell("a", 1, 1, "BTC", 50, account="w2"),
        event("b", "transfer", 1, sent=(1, "BTC"), to="w2"),
        buy("c", 1, 1, "BTC", 40),
    )
    assert told(made.disposals) == [("w2:a", "w1:c", "1", "50", "40")]
    assert made.gaps == ()


def test_named_lots_come_first_and_the_method_fills_the_rest():
    made = ledger(
        buy("b1", 0, 1, "BTC", 100),
        buy("b2", 1, 1, "BTC", 300),
        sell("s1", 2, "1.5", "BTC", 450, lots=(("w1:b2", 1),)),
    )
    assert told(made.disposals) == [("w1:s1", "w1:b2", "1", "300", "300"), ("w1:s1", "w1:b1", "0.5", "150", "50")]


def test_a_named_lot_is_found_by_its_origin_after_it_moved():
    made = ledger(
        buy("b1", 0, 1, "BTC", 100),
        buy("b2", 1, 1, "BTC", 300),
        event("t1", "transfer", 2, sent=(2, "BTC"), to="w2"),
        sell("s1", 3, 1, "BTC", 450, account="w2", lots=(("w1:b2", 1),)),
    )
    assert told(made.disposals) == [("w2:s1", "w1:b2", "1", "450", "300")]


@pytest.mark.parametrize(
    ("method", "origins"), [("fifo", ["b1"]), ("lifo", ["b3"]), ("hifo", ["b2"]), ("lofo", ["b4"])]
)
def test_each_method_takes_its_own_lot_first_and_an_unknown_basis_last_by_cost(method, origins):
    made = ledger(
        buy("b1", 0, 1, "BTC", 200),
        buy("b2", 1, 2, "BTC", 900),
        event("b4", "trade", 2, sent=(150, "USD"), received=(1, "BTC")),
        event("r1", "income", 2.5, received=(1, "BTC")),
        buy("b3", 3, 1, "BTC", 300),
        sell("s1", 4, 1, "BTC", 500),
        method=method,
    )
    assert [part.origin_id for part in made.disposals] == [f"w1:{name}" for name in origins]


def test_methods_differ_by_account_and_by_year():
    history = [
        buy(f"{account}{number}", number, 1, "BTC", price, account=account)
        for account in ("w1", "w2")
        for number, price in enumerate((100, 300, 200))
    ]
    sales = [sell(f"s{day}", day, 1, "BTC", 500, account=account) for account in ("w1", "w2") for day in (30, 400)]
    table = MethodTable(Method.FIFO, by_year={2025: Method.LIFO}, by_account_year={("w2", 2024): Method.HIFO})
    made = ledger(*history, *sales, method=table)
    assert {part.event_id: part.origin_id for part in made.disposals} == {
        "w1:s30": "w1:w10",
        "w2:s30": "w2:w21",
        "w1:s400": "w1:w12",
        "w2:s400": "w2:w22",
    }


def test_the_first_long_term_day_of_a_lot_is_local():
    made = ledger(buy("b1", 0, 1, "BTC", 100))
    assert made.lots[0].long_term_on == date(2025, 1, 2)


def test_two_different_events_with_one_id_are_refused():
    with pytest.raises(ValueError, match="two different events"):
        ledger(buy("b1", 0, 1, "BTC", 100), buy("b1", 0, 2, "BTC", 100))
    assert len(ledger(buy("b1", 0, 1, "BTC", 100), buy("b1", 0, 1, "BTC", 100)).lots) == 1
