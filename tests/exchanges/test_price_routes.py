"""Which market prices an asset in dollars, and what the source then says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.records import Asset, Quote
from harvest_tui.exchanges.price_routes import DollarBoard, choose_routes, quote_of, tick_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
BTC, ETH, XYZ, USDC, USDT = (Asset(name) for name in ("BTC", "ETH", "XYZ", "USDC", "USDT"))


@dataclass(frozen=True)
class Told:
    symbol: str
    last: Decimal | None
    bid: Decimal | None = None
    ask: Decimal | None = None
    at_ms: int | None = None


def market(symbol: str, **changes: object) -> dict[str, object]:
    base, quote = symbol.split(":")[0].split("/")
    return {"symbol": symbol, "base": base, "quote": quote, "spot": True, "type": "spot", "active": True, **changes}


def told(symbol: str, last: str | None, at: datetime | None = None, **book: str) -> Told:
    at_ms = None if at is None else int(at.timestamp() * 1000)
    price = None if last is None else Decimal(last)
    return Told(symbol, price, at_ms=at_ms, **{side: Decimal(value) for side, value in book.items()})


def priced(venue: str, asset: Asset, symbols: list[str], told_here: list[Told], board: DollarBoard) -> Quote | None:
    """The quote of one asset, with what it is converted by priced first, as a feed does it."""
    routes = choose_routes(venue, [asset], [market(symbol) for symbol in symbols])
    tickers = {ticker.symbol: ticker for ticker in told_here}
    quotes = {}
    for route in routes.by_asset.values():
        tick = tick_of(route, tickers, lambda currency: board.latest(venue, currency, NOON), NOON)
        quotes[route.asset] = quote_of(route, tick, lambda currency: board.latest(venue, currency, NOON), NOON)
        if quotes[route.asset] is not None and route.symbol:
            board.post(venue, quotes[route.asset])
    return quotes.get(asset)


@pytest.mark.parametrize(
    ("symbols", "watched"),
    [
        (["XYZ/BTC", "XYZ/USDT", "XYZ/USDC", "XYZ/USD"], ("XYZ/USD",)),
        (["XYZ/BTC", "XYZ/USDT", "XYZ/USDC", "USDC/USD"], ("USDC/USD", "XYZ/USDC")),
        (["XYZ/BTC", "XYZ/USDT", "BTC/USD"], ("XYZ/USDT",)),
        (["XYZ/BTC", "XYZ/ETH", "BTC/USDT", "USDT/USD", "ETH/USD"], ("USDT/USD", "BTC/USDT", "XYZ/BTC")),
        (["XYZ/ETH", "ETH/BTC", "BTC/USD"], ("BTC/USD", "ETH/BTC", "XYZ/ETH")),
        (["XYZ/BTC", "XYZ/ETH", "ETH/USD"], ("ETH/USD", "XYZ/ETH")),
    ],
)
def test_dollars_come_first_then_usdc_then_usdt_then_a_coin(symbols: list[str], watched: tuple[str, ...]) -> None:
    assert choose_routes("kraken", [XYZ], [market(symbol) for symbol in symbols]).symbols == watched


def test_an_asset_without_a_way_to_dollars_is_unpriced() -> None:
    markets = [market("XYZ/BTC"), market("ABC/EUR")]
    routes = choose_routes("kraken", [XYZ, Asset("ABC"), Asset("apes#7"), Asset("USD")], markets)
    assert routes.unpriced == ("XYZ", "ABC", "apes#7")
    assert routes.symbols == ()


def test_derivatives_and_closed_markets_are_left_out_and_closed_ones_only_have_a_past() -> None:
    markets = [
        market("XYZ/USD:USD", spot=False, type="swap"),
        market("XYZ/USD", active=False),
        market("XYZ/USDT"),
    ]
    assert choose_routes("binance", [XYZ], markets).by_asset[XYZ].symbol == "XYZ/USDT"
    assert choose_routes("binance", [XYZ], markets, with_closed=True).by_asset[XYZ].symbol == "XYZ/USD"


def test_a_direct_price_is_told_unchanged_with_the_exchange_time() -> None:
    made = NOON - timedelta(seconds=2)
    quote = priced("kraken", BTC, ["BTC/USD"], [told("BTC/USD", "61234.56789", made)], DollarBoard())
    assert quote == Quote(BTC, Decimal("61234.56789"), made, "kraken BTC/USD")


def test_tether_is_converted_by_its_own_dollar_quote_exactly() -> None:
    here = [told("BTC/USDT", "61234.5"), told("USDT/USD", "0.9987")]
    quote = priced("binanceus", BTC, ["BTC/USDT", "USDT/USD"], here, DollarBoard())
    assert quote is not None
    assert quote.price == Decimal("61154.89515")
    assert quote.source == "binanceus BTC/USDT (binanceus USDT/USD)"


def test_tether_is_converted_by_another_exchange_where_this_one_has_no_dollar_market() -> None:
    board = DollarBoard()
    board.post("kraken", Quote(USDT, Decimal("0.9991"), NOON - timedelta(seconds=5), "kraken USDT/USD"))
    quote = priced("binance", BTC, ["BTC/USDT"], [told("BTC/USDT", "61000")], board)
    assert quote is not None
    assert (quote.price, quote.source) == (Decimal("60945.1"), "binance BTC/USDT (kraken USDT/USD)")


def test_tether_without_any_quote_counts_as_a_dollar_and_the_source_says_so() -> None:
    quote = priced("binance", BTC, ["BTC/USDT"], [told("BTC/USDT", "61000")], DollarBoard())
    assert quote is not None
    assert (quote.price, quote.source) == (Decimal(61000), "binance BTC/USDT (USDT taken as $1)")


def test_a_stablecoin_quote_of_yesterday_counts_no_more() -> None:
    board = DollarBoard()
    board.post("kraken", Quote(USDT, Decimal("0.91"), NOON - timedelta(days=1), "kraken USDT/USD"))
    quote = priced("binance", BTC, ["BTC/USDT"], [told("BTC/USDT", "61000")], board)
    assert quote is not None
    assert (quote.price, quote.source) == (Decimal(61000), "binance BTC/USDT (USDT taken as $1)")


def test_a_price_converted_by_a_late_quote_is_as_old_as_that_quote() -> None:
    board = DollarBoard()
    for age in (59, 60):
        board.post("kraken", Quote(USDT, Decimal("0.9991"), NOON - timedelta(seconds=age), "kraken USDT/USD"))
        quote = priced("binance", BTC, ["BTC/USDT"], [told("BTC/USDT", "61000", NOON)], board)
        assert quote is not None
        assert quote.at == (NOON if age < 60 else NOON - timedelta(seconds=60))


def test_a_coin_pair_is_converted_through_bitcoin_and_tether() -> None:
    here = [told("XYZ/BTC", "0.00002"), told("BTC/USDT", "61000"), told("USDT/USD", "0.999")]
    quote = priced("binanceus", XYZ, ["XYZ/BTC", "BTC/USDT", "USDT/USD"], here, DollarBoard())
    assert quote is not None
    assert quote.price == Decimal("1.21878")
    assert quote.source == "binanceus XYZ/BTC (binanceus BTC/USDT (binanceus USDT/USD))"


def test_a_coin_pair_is_never_taken_as_dollars() -> None:
    assert priced("binanceus", XYZ, ["XYZ/BTC", "BTC/USD"], [told("XYZ/BTC", "0.00002")], DollarBoard()) is None


def test_a_held_stablecoin_without_a_market_is_a_dollar_or_what_another_exchange_says() -> None:
    board = DollarBoard()
    assert priced("coinbase", USDC, [], [], board) == Quote(USDC, Decimal(1), NOON, "USDC taken as $1")
    elsewhere = Quote(USDC, Decimal("0.9993"), NOON - timedelta(seconds=9), "kraken USDC/USD")
    board.post("kraken", elsewhere)
    assert priced("coinbase", USDC, [], [], board) == elsewhere


def test_where_the_last_trade_is_missing_the_middle_of_the_book_prices() -> None:
    quote = priced("kraken", XYZ, ["XYZ/USD"], [told("XYZ/USD", None, bid="1.20", ask="1.30")], DollarBoard())
    assert quote is not None
    assert quote.price == Decimal("1.25")
    assert priced("kraken", XYZ, ["XYZ/USD"], [told("XYZ/USD", None, bid="1.20")], DollarBoard()) is None


def test_a_ticker_of_another_market_under_our_symbol_is_refused() -> None:
    route = choose_routes("kraken", [XYZ], [market("XYZ/USD")]).by_asset[XYZ]
    assert tick_of(route, {"XYZ/USD": told("BTC/USD", "61000")}, lambda currency: None, NOON) is None


def test_a_ticker_without_a_time_is_dated_by_its_arrival() -> None:
    route = choose_routes("kraken", [XYZ], [market("XYZ/USD")]).by_asset[XYZ]
    tick = tick_of(route, {"XYZ/USD": told("XYZ/USD", "3")}, lambda currency: None, NOON)
    assert tick is not None
    assert tick.made_at == tick.arrived_at == NOON


def test_the_own_exchange_is_asked_before_a_newer_quote_elsewhere() -> None:
    board = DollarBoard()
    board.post("kraken", Quote(USDT, Decimal("0.998"), NOON - timedelta(seconds=20), "kraken USDT/USD"))
    board.post("coinbase", Quote(USDT, Decimal("0.997"), NOON, "coinbase USDT/USD"))
    assert board.latest("kraken", USDT, NOON) == board.quotes[USDT]["kraken"]
    assert board.latest("binance", USDT, NOON) == board.quotes[USDT]["coinbase"]


def test_a_reused_ticker_is_priced_by_the_exchange_s_own_code() -> None:
    luna, luna2 = Asset("LUNA"), Asset("LUNA2")
    markets = [
        market("LUNA/USD", baseId="LUNA2", quoteId="ZUSD"),
        market("LUNC/USD", baseId="LUNA", quoteId="ZUSD"),
        market("BTC/USD", baseId="XXBT", quoteId="ZUSD"),
    ]
    routes = choose_routes("kraken", [luna, luna2, BTC], markets)
    assert {asset: route.symbol for asset, route in routes.by_asset.items()} == {
        BTC: "BTC/USD",
        luna: "LUNC/USD",
        luna2: "LUNA/USD",
    }
    without_old = choose_routes("kraken", [luna], markets[:1])
    assert (without_old.by_asset, without_old.unpriced) == ({}, (luna,))
