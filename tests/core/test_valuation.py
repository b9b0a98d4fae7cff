"""What an exchange was worth: what was told, then what was received, then what was given."""

from decimal import Decimal

from harvest_tui.core.records import Asset, Candle
from harvest_tui.core.valuation import NoPrices, PriceHistory, exchange_value, fee_value, needed_prices
from support.lot_events import at, buy, event


def candle(asset, day, close, seconds=3600):
    price = Decimal(str(close))
    return Candle(Asset(asset), at(day), seconds, price, price, price, price, "kraken")


PRICES = PriceHistory([candle("BTC", 3, 50000, 86400), candle("BTC", 3, 50100), candle("ETH", 3, 2500, 86400)])


def test_the_shortest_candle_that_holds_the_instant_gives_the_price():
    assert PRICES.price_at(Asset("BTC"), at(3.02)) == 50100
    assert PRICES.price_at(Asset("BTC"), at(3.9)) == 50000
    assert PRICES.price_at(Asset("BTC"), at(4)) is None
    assert PRICES.price_at(Asset("BTC"), at(2.99)) is None
    assert PRICES.price_at(Asset("USD"), at(900)) == 1


def test_what_was_told_beats_a_price_and_dollars_beat_both():
    swap = event("x", "trade", 3, sent=(20, "ETH"), received=(1, "BTC"), value=49000)
    assert exchange_value(swap, PRICES) == 49000
    assert exchange_value(buy("b", 3, 1, "BTC", 48500, value=1), PRICES) == 48500


def test_a_value_of_zero_is_a_value():
    assert exchange_value(event("a", "income", 3, received=(1000, "BTC"), value=0), PRICES) == 0


def test_the_coin_received_is_asked_before_the_coin_given():
    assert exchange_value(event("x", "trade", 3, sent=(20, "ETH"), received=(2, "BTC")), PRICES) == 100200
    assert exchange_value(event("x", "trade", 3, sent=(20, "ETH"), received=(2, "SOL")), PRICES) == 50000
    assert exchange_value(event("x", "trade", 3, sent=(20, "DOT"), received=(2, "SOL")), PRICES) is None


def test_a_fee_is_worth_what_was_told_or_what_the_trade_says_or_its_price():
    assert fee_value(buy("b", 3, 2, "BTC", 90000, fee=("0.01", "BTC"), fee_value=7), PRICES) == 7
    assert fee_value(buy("b", 3, 2, "BTC", 90000, fee=("0.01", "BTC")), PRICES) == 450
    assert fee_value(buy("b", 3, 2, "BTC", 90000, fee=("0.1", "ETH")), PRICES) == 250
    assert fee_value(buy("b", 3, 2, "BTC", 90000, fee=("0.1", "BNB")), PRICES) is None
    assert fee_value(buy("b", 3, 2, "BTC", 90000, fee=("1.2", "USD")), PRICES) == Decimal("1.2")
    assert fee_value(buy("b", 3, 2, "BTC", 90000), NoPrices()) == 0


def test_a_free_coin_makes_its_fee_free_and_not_unknown():
    assert fee_value(event("x", "trade", 3, sent=(0, "USD"), received=(9, "UNI"), fee=(1, "UNI")), NoPrices()) == 0


def test_only_prices_that_are_needed_and_missing_are_asked_for_once_an_hour():
    history = [
        event("x2", "trade", 9.02, sent=(1, "ETH"), received=("0.05", "BTC")),
        event("x1", "trade", 9.03, sent=(1, "ETH"), received=("0.05", "BTC")),
        event("r1", "income", 5, received=(1, "DOT")),
        event("r2", "income", 5, received=(1, "DOT"), value=7),
        event("f1", "withdrawal", 7, sent=(1, "SOL"), fee=("0.01", "SOL")),
        event("f2", "withdrawal", 7, sent=(1, "SOL"), fee=("0.01", "SOL"), fee_value=1),
        event("t1", "transfer", 7, sent=(1, "ADA"), to="w2"),
        event("c1", "convert", 7, sent=(1, "MATIC"), received=(1, "POL")),
        event("x3", "trade", 3.01, sent=(1, "ADA"), received=("0.05", "BTC")),
        buy("b1", 8, 1, "BTC", 50000),
    ]
    assert needed_prices(history, PRICES) == [
        ("DOT", at(5)),
        ("SOL", at(7)),
        ("BTC", at(9)),
        ("ETH", at(9)),
    ]
    assert ("BTC", at(3)) in needed_prices(history)
