"""Columns stay wide enough though only prices beyond any before are measured."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.ui.widgets.lot_columns import PriceSpans, measure_prices
from support.sample_portfolio import NOW, make_portfolio, quote, sample_lots

HELD = make_portfolio(sample_lots())
KEYS = list(HELD.positions)
PRICES = st.integers(1, 10**12).map(lambda units: Decimal(units) / 10**6)
TICKS = st.lists(st.dictionaries(st.sampled_from(KEYS), PRICES, max_size=4), max_size=12)


@settings(max_examples=150)
@given(TICKS)
def test_the_widths_are_those_of_measuring_every_price(ticks) -> None:
    spans, portfolio = PriceSpans(), HELD
    every = told = measure_prices(HELD, spans.further(HELD, KEYS))
    for tick in ticks:
        quotes = dict(portfolio.quotes) | {key: quote(key[1], str(price)) for key, price in tick.items()}
        portfolio = portfolio.with_quotes(quotes, NOW)
        every = every.joined(measure_prices(portfolio, tick))
        if further := spans.further(portfolio, tick):
            told = told.joined(measure_prices(portfolio, further))
        assert told == every


def test_a_price_between_two_others_is_not_measured_again() -> None:
    spans, key = PriceSpans(), KEYS[0]

    def at(price: str) -> list[object]:
        return list(spans.further(HELD.with_quotes({key: quote(key[1], price)}, NOW), [key]))

    assert [at(price) for price in ("10", "20", "15", "20", "9.99", "20.01")] == [[key], [key], [], [], [key], [key]]
