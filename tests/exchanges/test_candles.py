"""Past prices: the right candle, the right conversion, the fewest requests, and nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.records import Asset, Candle
from harvest_tui.core.valuation import NoPrices, PriceHistory
from harvest_tui.errors import BadReply, ExchangeUnreachable, HarvestError
from harvest_tui.exchanges.candles import DAY, HOUR, CandleVenue, PastPrices, historical_prices

NOW = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)
BTC, SOL, XYZ, USDC, USDT = (Asset(name) for name in ("BTC", "SOL", "XYZ", "USDC", "USDT"))
SECONDS = {"1h": HOUR, "1d": DAY}
PAGES = {"kraken": 720, "coinbase": 300, "binance": 1000, "binanceus": 1000}


@dataclass
class FarExchange:
    """Serves made-up candles the way the exchange of that name does: its page, its reach, its holes.

    An hour's close is the number of the hour since 1970 divided by 1,000, a day's that of its last hour.
    """

    exchange: str
    scale: Mapping[str, str]
    page: int = 0
    only_latest: int | None = None
    holes: Sequence[datetime] = ()
    error: HarvestError | None = None
    requests: list[tuple[str, str, datetime, int]] = field(default_factory=list)

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str, since_ms: int, limit: int
    ) -> list[tuple[int, str, str, str, str]]:
        seconds, now = SECONDS[timeframe], int(NOW.timestamp())
        self.requests.append((symbol, timeframe, datetime.fromtimestamp(since_ms / 1000, UTC), limit))
        assert limit <= PAGES[self.exchange]
        if self.error is not None:
            raise self.error
        first = -(-since_ms // 1000 // seconds) * seconds
        if self.only_latest is not None:
            first = max(first, now - now % seconds - (self.only_latest - 1) * seconds)
        starts = [first + index * seconds for index in range(limit) if first + index * seconds <= now]
        holes = {int(hole.timestamp()) for hole in self.holes}
        return [(start * 1000, *self.prices(symbol, start, seconds)) for start in starts if start not in holes]

    def prices(self, symbol: str, start: int, seconds: int) -> tuple[str, str, str, str]:
        close = Decimal(start + seconds - HOUR) / HOUR / 1000 * Decimal(self.scale[symbol])
        opened = Decimal(start - HOUR) / HOUR / 1000 * Decimal(self.scale[symbol])
        return str(opened), str(close * 2), str(opened / 2), str(close)


def venue(exchange: str, scale: Mapping[str, str], **traits: object) -> tuple[FarExchange, CandleVenue]:
    latest = 720 if exchange == "kraken" else None
    far = FarExchange(exchange, scale, **{"only_latest": latest, **traits})  # type: ignore[arg-type]
    return far, CandleVenue(exchange, far, [_market(symbol) for symbol in scale])


def _market(symbol: str) -> dict[str, object]:
    base, quote = symbol.split("/")
    return {"symbol": symbol, "base": base, "quote": quote, "spot": True, "type": "spot", "active": True}


def hour_number(at: datetime) -> Decimal:
    return Decimal(int(at.timestamp()) // HOUR) / 1000


def held(found: PastPrices, asset: Asset, seconds: int, start: datetime) -> Candle:
    return next(
        candle for candle in found.candles if (candle.asset, candle.seconds, candle.start) == (asset, seconds, start)
    )


def ago(**span: float) -> datetime:
    return (NOW - timedelta(**span)).replace(minute=0, second=0)


@pytest.mark.parametrize(
    ("at", "start"),
    [
        ("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T10:59:59.999999+00:00", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T11:00:00+00:00", "2026-03-01T11:00:00+00:00"),
        ("2026-03-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"),
        ("2026-02-28T23:59:59+00:00", "2026-02-28T23:00:00+00:00"),
        ("2026-03-01T05:15:00-05:00", "2026-03-01T10:00:00+00:00"),
    ],
)
async def test_the_candle_is_the_one_that_holds_the_instant(at: str, start: str) -> None:
    _, binance = venue("binance", {"BTC/USD": "1"})
    event, expected = datetime.fromisoformat(at), datetime.fromisoformat(start)
    found = await historical_prices([binance], [(BTC, event)], NoPrices(), NOW)
    price = PriceHistory(found.candles).price_at(BTC, event)
    assert price == hour_number(expected)
    assert [(candle.start, candle.seconds, candle.source) for candle in found.candles] == [
        (expected, HOUR, "binance BTC/USD")
    ]


async def test_an_hour_that_is_not_over_is_missing_until_it_is() -> None:
    far, binance = venue("binance", {"BTC/USD": "1"})
    event = NOW - timedelta(minutes=10)
    found = await historical_prices([binance], [(BTC, event)], NoPrices(), NOW)
    assert (found.candles, found.missing, far.requests) == ((), ((BTC, event),), [])
    later = await historical_prices([binance], [(BTC, event)], NoPrices(), NOW + timedelta(minutes=26))
    assert later.missing == ()


async def test_what_is_known_is_not_asked_again() -> None:
    far, binance = venue("binance", {"BTC/USD": "1"})
    needs = [(BTC, ago(days=9)), (BTC, ago(days=8)), (BTC, ago(days=8))]
    first = await historical_prices([binance], needs, NoPrices(), NOW)
    again = await historical_prices([binance], needs, PriceHistory(first.candles), NOW)
    assert len(far.requests) == 1
    assert again == PastPrices((), (), ())


async def test_kraken_serves_hours_for_thirty_days_days_for_two_years_and_coinbase_the_rest() -> None:
    kraken_far, kraken = venue("kraken", {"BTC/USD": "1"})
    coinbase_far, coinbase = venue("coinbase", {"BTC/USD": "1.5"})
    recent, last_year, long_ago = ago(days=29), ago(days=400), ago(days=1500)
    found = await historical_prices(
        [kraken, coinbase], [(BTC, recent), (BTC, last_year), (BTC, long_ago)], NoPrices(), NOW
    )
    assert found.missing == ()
    assert held(found, BTC, HOUR, recent).close == hour_number(recent)
    assert held(found, BTC, DAY, last_year.replace(hour=0)).close == hour_number(last_year.replace(hour=23))
    assert held(found, BTC, HOUR, long_ago).close == hour_number(long_ago) * Decimal("1.5")
    assert [timeframe for _, timeframe, _, _ in kraken_far.requests] == ["1h", "1d"]
    assert [timeframe for _, timeframe, _, _ in coinbase_far.requests] == ["1h"]


@pytest.mark.parametrize(("oldest_hour", "timeframe"), [(timedelta(hours=719), "1h"), (timedelta(hours=720), "1d")])
async def test_the_720th_candle_of_kraken_is_the_last_one_asked_by_the_hour(
    oldest_hour: timedelta, timeframe: str
) -> None:
    far, kraken = venue("kraken", {"BTC/USD": "1"})
    found = await historical_prices([kraken], [(BTC, NOW - oldest_hour)], NoPrices(), NOW)
    assert found.missing == ()
    assert [asked for _, asked, _, _ in far.requests] == [timeframe]


@pytest.mark.parametrize(("exchange", "requests"), [("binance", 9), ("binanceus", 9), ("coinbase", 27), ("kraken", 2)])
async def test_a_year_of_weekly_swaps_takes_the_fewest_requests(exchange: str, requests: int) -> None:
    far, here = venue(exchange, {"BTC/USD": "1"})
    swaps = [(BTC, ago(hours=2, days=7 * week)) for week in range(53)]
    found = await historical_prices([here], swaps, NoPrices(), NOW)
    assert found.missing == ()
    assert len(far.requests) == requests
    history = PriceHistory(found.candles)
    for asset, at in swaps:
        is_daily = exchange == "kraken" and NOW - at > timedelta(hours=720)
        assert history.price_at(asset, at) == hour_number(at.replace(hour=23) if is_daily else at)


@pytest.mark.parametrize(("hours_apart", "requests"), [(299, 1), (300, 2)])
async def test_a_request_spans_no_more_than_a_page(hours_apart: int, requests: int) -> None:
    far, coinbase = venue("coinbase", {"BTC/USD": "1"})
    needs = [(BTC, ago(days=90)), (BTC, ago(days=90) + timedelta(hours=hours_apart))]
    found = await historical_prices([coinbase], needs, NoPrices(), NOW)
    assert [candle.seconds for candle in found.candles] == [HOUR, HOUR]
    assert len(far.requests) == requests


async def test_the_stablecoin_of_many_coins_is_asked_once() -> None:
    far, binanceus = venue("binanceus", {"BTC/USDT": "1", "SOL/USDT": "0.1", "XYZ/USDT": "0.01", "USDT/USD": "0.001"})
    needs = [(asset, ago(days=day)) for asset, day in ((BTC, 20), (SOL, 25), (XYZ, 30), (BTC, 31))]
    found = await historical_prices([binanceus], needs, NoPrices(), NOW)
    assert found.missing == ()
    assert sorted(symbol for symbol, *_ in far.requests) == ["BTC/USDT", "SOL/USDT", "USDT/USD", "XYZ/USDT"]


async def test_a_candle_in_tether_is_converted_price_by_price_with_the_tether_of_that_hour() -> None:
    far, binanceus = venue("binanceus", {"BTC/USDT": "130", "USDT/USD": "0.002"})
    at = ago(days=40)
    found = await historical_prices([binanceus], [(BTC, at)], NoPrices(), NOW)
    bitcoin, tether = held(found, BTC, HOUR, at), held(found, USDT, HOUR, at)
    here = [Decimal(price) for price in far.prices("BTC/USDT", int(at.timestamp()), HOUR)]
    assert (bitcoin.open, bitcoin.high, bitcoin.low, bitcoin.close) == (
        here[0] * tether.open,
        here[1] * tether.high,
        here[2] * tether.low,
        here[3] * tether.close,
    )
    assert bitcoin.source == "binanceus BTC/USDT (binanceus USDT/USD)"


async def test_tether_is_taken_from_another_exchange_by_the_day_where_hours_do_not_reach() -> None:
    _, binance = venue("binance", {"BTC/USDT": "130"})
    _, kraken = venue("kraken", {"USDT/USD": "0.002"})
    at = ago(days=100)
    found = await historical_prices([binance, kraken], [(BTC, at)], NoPrices(), NOW)
    rate = hour_number(at.replace(hour=23)) * Decimal("0.002")
    assert held(found, BTC, HOUR, at).close == hour_number(at) * 130 * rate
    assert held(found, BTC, HOUR, at).source == "binance BTC/USDT (kraken USDT/USD)"


async def test_tether_without_any_market_counts_as_a_dollar_and_the_source_says_so() -> None:
    _, binance = venue("binance", {"BTC/USDT": "130"})
    at = ago(days=100)
    found = await historical_prices([binance], [(BTC, at), (USDC, at)], NoPrices(), NOW)
    assert held(found, BTC, HOUR, at).close == hour_number(at) * 130
    assert held(found, BTC, HOUR, at).source == "binance BTC/USDT (USDT taken as $1)"
    assert held(found, USDC, HOUR, at) == Candle(USDC, at, HOUR, *[Decimal(1)] * 4, "USDC taken as $1")


async def test_a_stablecoin_whose_exchange_gives_no_answer_is_not_assumed() -> None:
    down = ExchangeUnreachable("Kraken gave no usable answer", "later")
    _, binance = venue("binance", {"BTC/USDT": "130"})
    _, kraken = venue("kraken", {"USDT/USD": "0.002"}, error=down)
    at = ago(days=3)
    found = await historical_prices([binance, kraken], [(BTC, at), (USDT, at)], NoPrices(), NOW)
    assert found == PastPrices((), ((BTC, at), (USDT, at)), ("Kraken gave no usable answer",))


async def test_a_coin_with_a_bitcoin_market_alone_goes_through_bitcoin() -> None:
    _, coinbase = venue("coinbase", {"XYZ/BTC": "0.00001", "BTC/USD": "130"})
    at = ago(days=100)
    found = await historical_prices([coinbase], [(XYZ, at)], NoPrices(), NOW)
    assert held(found, XYZ, HOUR, at).close == hour_number(at) * Decimal("0.00001") * hour_number(at) * 130
    assert held(found, XYZ, HOUR, at).source == "coinbase XYZ/BTC (coinbase BTC/USD)"


async def test_a_quiet_hour_has_the_last_trade_before_it_and_says_so() -> None:
    at = ago(days=100)
    _, coinbase = venue("coinbase", {"XYZ/USD": "1"}, holes=[at, at - timedelta(hours=1)])
    found = await historical_prices([coinbase], [(XYZ, at)], NoPrices(), NOW)
    quiet = held(found, XYZ, HOUR, at)
    last = hour_number(at - timedelta(hours=2))
    assert (quiet.open, quiet.high, quiet.low, quiet.close) == (last, last, last, last)
    assert quiet.source == f"coinbase XYZ/USD, no trade since {at - timedelta(hours=1):%Y-%m-%d %H:%M}"


async def test_a_market_without_a_trade_for_days_leaves_the_price_missing() -> None:
    at = ago(days=100)
    holes = [at - timedelta(hours=hour) for hour in range(-48, 200)]
    _, coinbase = venue("coinbase", {"XYZ/USD": "1"}, holes=holes)
    found = await historical_prices([coinbase], [(XYZ, at)], NoPrices(), NOW)
    assert (found.candles, found.missing) == ((), ((XYZ, at),))


async def test_an_asset_nobody_lists_is_missing_and_costs_no_request() -> None:
    far, coinbase = venue("coinbase", {"BTC/USD": "1"})
    needs = [(Asset("apes#7"), ago(days=9)), (Asset("USD"), ago(days=9))]
    found = await historical_prices([coinbase], needs, NoPrices(), NOW)
    assert (found.missing, far.requests) == ((needs[0],), [])


async def test_an_exchange_that_is_down_is_asked_once_and_the_next_one_steps_in() -> None:
    down = ExchangeUnreachable("Binance gave no usable answer", "later")
    binance_far, binance = venue("binance", {"BTC/USD": "1", "SOL/USD": "1"}, error=down)
    _, coinbase = venue("coinbase", {"BTC/USD": "2"})
    needs = [(BTC, ago(days=9)), (SOL, ago(days=9))]
    found = await historical_prices([binance, coinbase], needs, NoPrices(), NOW)
    assert held(found, BTC, HOUR, ago(days=9)).source == "coinbase BTC/USD"
    assert found.missing == ((SOL, ago(days=9)),)
    assert found.problems == ("Binance gave no usable answer",)
    assert len(binance_far.requests) == 1


async def test_one_refused_market_leaves_the_others_alone() -> None:
    @dataclass
    class OneBroken(FarExchange):
        async def fetch_ohlcv(
            self, symbol: str, timeframe: str, since_ms: int, limit: int
        ) -> list[tuple[int, str, str, str, str]]:
            self.error = BadReply("Binance sent broken candles", "again") if symbol == "BTC/USD" else None
            return await super().fetch_ohlcv(symbol, timeframe, since_ms, limit)

    far = OneBroken("binance", {"BTC/USD": "1", "SOL/USD": "1"})
    binance = CandleVenue("binance", far, [_market("BTC/USD"), _market("SOL/USD")])
    found = await historical_prices([binance], [(BTC, ago(days=9)), (SOL, ago(days=9))], NoPrices(), NOW)
    assert found.missing == ((BTC, ago(days=9)),)
    assert [candle.asset for candle in found.candles] == [SOL]


@pytest.mark.parametrize(
    "prices",
    [("1", "2", "0", "1"), ("-1", "2", "-1", "1"), ("NaN", "2", "1", "1"), ("1", "1", "1", "2"), ("1", "2", "3", "2")],
)
async def test_a_candle_that_cannot_be_true_is_no_price(prices: tuple[str, str, str, str]) -> None:
    class Broken(FarExchange):
        def prices(self, symbol: str, start: int, seconds: int) -> tuple[str, str, str, str]:
            return prices

    far = Broken("binance", {"BTC/USD": "1"})
    binance = CandleVenue("binance", far, [_market("BTC/USD")])
    found = await historical_prices([binance], [(BTC, ago(days=9))], NoPrices(), NOW)
    assert (found.candles, found.missing) == ((), ((BTC, ago(days=9)),))


async def test_progress_grows_with_each_answer_and_ends_with_all_settled() -> None:
    """2,500 hours of BTC are three pages of 1,000; the hours of a coin nobody trades are settled too."""
    far, binance = venue("binance", {"BTC/USD": "1"})
    start = ago(days=300)
    needs = [(BTC, start + timedelta(hours=hour)) for hour in range(2_500)] + [(Asset("FTT"), start)]
    told: list[tuple[int, int]] = []
    found = await historical_prices([binance], needs, NoPrices(), NOW, lambda settled, of: told.append((settled, of)))
    assert len(far.requests) == 3
    assert [one for one, _ in told] == sorted(one for one, _ in told)
    assert {of for _, of in told} == {2_501}
    assert told[-1] == (2_501, 2_501)
    assert len(found.missing) == 1
    assert len({settled for settled, _ in told}) == 4, "after each page, and for the coin without a market"


async def test_hours_of_a_currency_to_convert_by_are_counted_with_the_rest() -> None:
    _, binance = venue("binance", {"BTC/USD": "1", "ABC/BTC": "2"})
    needs = [(Asset("ABC"), ago(days=9)), (Asset("ABC"), ago(days=8))]
    told: list[tuple[int, int]] = []
    await historical_prices([binance], needs, NoPrices(), NOW, lambda settled, of: told.append((settled, of)))
    assert told[-1] == (4, 4)
