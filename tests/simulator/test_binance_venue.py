"""The simulated Binance and Binance.US, asked by the genuine client and by bare requests."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import aiohttp
import ccxt
import pytest
import pytest_asyncio

from harvest_tui.simulator.process import SimulatorProcess
from simulator.genuine_client import genuine

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPOT = {"options": {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}}
HOSTS = {"binance": "api.binance.com", "binanceus": "api.binance.us"}
DAY_MS = 86_400_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(venues=list(HOSTS), limits="off", tick_rate=20) as process:
        yield process


async def ask(
    simulator: SimulatorProcess, venue: str, path: str, **params: Any
) -> tuple[int, dict[str, str], dict[str, Any] | list[Any]]:
    """A signed request as the exchange's documents describe it; `signature` and `timestamp` may be given."""
    account = simulator.accounts[venue]
    signature = params.pop("signature", None)
    query = urlencode({"timestamp": int(time.time() * 1000), **params})
    signature = signature or hmac.new(account["secret"].encode(), query.encode(), hashlib.sha256).hexdigest()
    url = f"https://{HOSTS[venue]}{path}?{query}&signature={signature}"
    async with simulator.session() as session, session.get(url, headers={"X-MBX-APIKEY": account["key"]}) as response:
        return response.status, dict(response.headers), await response.json()


def code_of(body: dict[str, Any] | list[Any]) -> int:
    assert isinstance(body, dict)
    return int(body["code"])


@pytest.mark.parametrize("venue", HOSTS)
async def test_the_genuine_client_loads_the_markets_and_reads_the_account(
    simulator: SimulatorProcess, venue: str
) -> None:
    async with genuine(simulator, venue, **SPOT) as client:
        markets = await client.load_markets()
        assert markets["ETH/BTC"]["base"] == "ETH"
        held = await client.fetch_balance()
        assert Decimal(held["total"]["BTC"]) == Decimal((await simulator.balances(venue))["BTC"]) > 0


@pytest.mark.parametrize("venue", HOSTS)
async def test_a_wrong_secret_and_an_unknown_key_are_refused_in_the_exchange_s_words(
    simulator: SimulatorProcess, venue: str
) -> None:
    async with genuine(simulator, venue, secret="wrong", **SPOT) as client:
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await client.private_get_account()
    async with genuine(simulator, venue, apiKey="unknown", **SPOT) as client:
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            await client.private_get_account()
    status, _, body = await ask(simulator, venue, "/api/v3/account", signature="00")
    assert (status, code_of(body)) == (400, -1022)


async def test_a_clock_ahead_or_behind_the_window_is_refused_and_the_measured_difference_cures_it(
    simulator: SimulatorProcess,
) -> None:
    for skew in (3.0, -20.0):
        await simulator.skew(skew)
        async with genuine(simulator, "binance", **SPOT) as client:
            client.options["recvWindow"] = 2000
            with pytest.raises(ccxt.InvalidNonce, match="-1021"):
                await client.private_get_account()
            await client.load_time_difference()
            assert (await client.private_get_account())["balances"]
    await simulator.skew(0)


@pytest.mark.parametrize(("venue", "weight", "limit"), [("binance", 20, 6000), ("binanceus", 10, 1200)])
async def test_weight_adds_up_to_429_with_a_wait_and_to_418_for_those_who_go_on(
    venue: str, weight: int, limit: int
) -> None:
    async with SimulatorProcess(venues=[venue]) as simulator, simulator.session() as session:
        seen: list[tuple[int, dict[str, str], dict[str, Any]]] = []

        async def once() -> None:
            async with session.get(f"https://{HOSTS[venue]}/api/v3/exchangeInfo") as response:
                body = await response.read()
                told = {} if response.status == 200 else json.loads(body)
                seen.append((response.status, dict(response.headers), told))

        await once()
        assert seen[0][0] == 200
        assert int(seen[0][1]["X-MBX-USED-WEIGHT-1M"]) == weight
        while seen[-1][0] == 200 and len(seen) < 2 * limit // weight + 2:
            await once()
        assert seen[-1][0] == 429
        assert seen[-1][2]["code"] == -1003
        assert str(limit) in seen[-1][2]["msg"]
        assert 1 <= int(seen[-1][1]["Retry-After"]) <= 60
        while seen[-1][0] == 429:
            await once()
        assert seen[-1][0] == 418
        assert "banned until" in seen[-1][2]["msg"]


async def test_histories_are_told_in_their_windows_and_page_sizes_only(simulator: SimulatorProcess) -> None:
    now = int(time.time() * 1000)
    wide = {"startTime": now - 91 * DAY_MS, "endTime": now}
    for path, params in (
        ("/sapi/v1/capital/deposit/hisrec", wide),
        ("/sapi/v1/capital/withdraw/history", wide),
        ("/sapi/v1/convert/tradeFlow", {"startTime": now - 31 * DAY_MS, "endTime": now}),
        ("/sapi/v1/asset/assetDividend", {"startTime": now - 181 * DAY_MS, "endTime": now}),
        ("/api/v3/myTrades", {"symbol": "BTCUSDT", "startTime": now - 2 * DAY_MS, "endTime": now}),
    ):
        status, _, body = await ask(simulator, "binance", path, **params)
        assert (status, code_of(body)) == (400, -1127), path
    for path, params, code in (
        ("/api/v3/myTrades", {"symbol": "BTCUSDT", "limit": 1001}, -1130),
        ("/api/v3/myTrades", {"symbol": "NOSUCH"}, -1121),
        ("/api/v3/myTrades", {}, -1102),
        ("/sapi/v1/convert/tradeFlow", {"startTime": now}, -1102),
        ("/sapi/v1/fiat/orders", {"transactionType": 2}, -1130),
    ):
        status, _, body = await ask(simulator, "binance", path, **params)
        assert (status, code_of(body)) == (400, code), path
    status, _, trades = await ask(simulator, "binance", "/api/v3/myTrades", symbol="BTCUSDT", fromId=0, limit=7)
    assert isinstance(trades, list)
    assert len(trades) == 7
    assert [row["id"] for row in trades] == sorted(row["id"] for row in trades)
    status, _, rest = await ask(
        simulator, "binance", "/api/v3/myTrades", symbol="BTCUSDT", fromId=trades[-1]["id"] + 1, limit=1
    )
    assert isinstance(rest, list)
    assert rest[0]["id"] > trades[-1]["id"]


async def test_nothing_but_reads_is_answered(simulator: SimulatorProcess) -> None:
    async with simulator.session() as session:
        async with session.post("https://api.binance.com/api/v3/order") as response:
            assert response.status == 404
        async with session.get("https://api.binance.com/sapi/v1/capital/withdraw/apply") as response:
            assert response.status == 404
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("https://fapi.binance.com/fapi/v1/time")


@pytest.mark.parametrize("venue", HOSTS)
async def test_prices_stream_to_the_genuine_client_and_agree_with_rest(simulator: SimulatorProcess, venue: str) -> None:
    async with genuine(simulator, venue, **SPOT) as client:
        await client.load_markets()
        quote = "USDT" if venue == "binance" else "USD"
        symbols = [f"BTC/{quote}", f"ETH/{quote}", "ETH/BTC"]
        seen: set[str] = set()
        while seen != set(symbols):
            seen |= set(await client.watch_tickers(symbols))
        streamed = float(client.tickers[symbols[0]]["last"])
        polled = await client.fetch_tickers(symbols)
        assert float(polled[symbols[0]]["last"]) == pytest.approx(streamed, rel=0.02)
        assert float(polled[symbols[0]]["bid"]) < float(polled[symbols[0]]["ask"])
        candles = await client.fetch_ohlcv(symbols[0], "1h", limit=5)
        assert [row[0] for row in candles] == sorted(row[0] for row in candles)
        assert float(candles[-1][4]) == pytest.approx(streamed, rel=0.05)
