"""Who says what something was worth: the reasons agree with the values, whatever the event."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harvest_tui.core.evidence import ValueOrigin, fee_evidence, value_evidence
from harvest_tui.core.records import Asset, Event
from harvest_tui.core.valuation import NoPrices, PriceHistory, exchange_value, fee_value
from support.explained import candle
from support.lot_events import at, buy, event

PRICES = PriceHistory([candle("BTC", 3, 50_000, 86_400), candle("BTC", 3, 50_100), candle("ETH", 3, 2_500, 86_400)])
SWAP = event("x", "trade", 3, sent=(20, "ETH"), received=(1, "BTC"), fee=("0.02", "ETH"))

CASES: list[tuple[Event, ValueOrigin, ValueOrigin]] = [
    (buy("b", 3, 1, "BTC", 48_500, value=1, fee=(3, "USD")), ValueOrigin.DOLLARS, ValueOrigin.DOLLARS),
    (event("x", "trade", 3, sent=(20, "ETH"), received=(1, "BTC"), value=49_000), ValueOrigin.TOLD, ValueOrigin.NONE),
    (SWAP, ValueOrigin.PRICE, ValueOrigin.TRADE),
    (event("x", "trade", 3, sent=(20, "ETH"), received=(2, "SOL")), ValueOrigin.PRICE, ValueOrigin.NONE),
    (event("x", "trade", 3, sent=(20, "DOT"), received=(2, "SOL")), ValueOrigin.UNKNOWN, ValueOrigin.NONE),
    (event("i", "income", 3, received=(2, "BTC"), fee=("0.1", "ETH")), ValueOrigin.PRICE, ValueOrigin.PRICE),
    (event("i", "income", 3, received=(2, "BTC"), fee=("0.1", "DOT")), ValueOrigin.PRICE, ValueOrigin.UNKNOWN),
    (buy("b", 3, 2, "BTC", 90_000, fee=("0.01", "BTC"), fee_value=7), ValueOrigin.DOLLARS, ValueOrigin.TOLD),
]


@pytest.mark.parametrize(("told", "origin", "fee_origin"), CASES)
def test_the_reason_gives_the_value_that_the_lots_are_made_with(
    told: Event, origin: ValueOrigin, fee_origin: ValueOrigin
) -> None:
    value, fee = value_evidence(told, PRICES), fee_evidence(told, PRICES)
    assert (value.origin, fee.origin) == (origin, fee_origin)
    assert (value.value, fee.value) == (exchange_value(told, PRICES), fee_value(told, PRICES))


def test_a_price_is_named_by_its_candle_and_by_what_it_valued() -> None:
    hourly = value_evidence(SWAP, PRICES)
    assert hourly.candle is not None and hourly.priced is not None
    assert (hourly.candle.close, hourly.candle.seconds, hourly.candle.start) == (50_100, 3600, at(3))
    assert (hourly.priced.asset, hourly.value, hourly.is_of_the_day) == ("BTC", 50_100, False)
    daily = value_evidence(event("x", "trade", 3.5, sent=(20, "ETH"), received=(2, "SOL")), PRICES)
    assert daily.priced is not None
    assert (daily.priced.asset, daily.value, daily.is_of_the_day) == ("ETH", Decimal(50_000), True)


def test_a_stablecoin_taken_as_a_dollar_is_an_assumption() -> None:
    taken = PriceHistory([candle("SOL", 3, 20, source="binance SOL/USDT (USDT taken as $1)")])
    converted = PriceHistory([candle("SOL", 3, 20, source="binance SOL/USDT (kraken USDT/USD)")])
    reward = event("i", "income", 3, received=(2, "SOL"))
    assert value_evidence(reward, taken).is_assumed
    assert not value_evidence(reward, converted).is_assumed


def test_the_candle_behind_a_price_is_the_one_whose_close_it_is() -> None:
    for day in (3.02, 3.9):
        found = PRICES.candle_at(Asset("BTC"), at(day))
        assert found is not None and found.close == PRICES.price_at(Asset("BTC"), at(day))
    assert PRICES.candle_at(Asset("BTC"), at(4)) is None
    assert NoPrices().candle_at(Asset("BTC"), at(3)) is None
