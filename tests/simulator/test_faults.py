"""Every fault by name does what its name says, to the endpoint and as often as asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import ccxt
import pytest
import pytest_asyncio

from harvest_tui.simulator.faults import REST_FAULTS, ROUTE_FAULTS, TRAP_HOST
from harvest_tui.simulator.process import SimulatorProcess
from simulator.genuine_client import genuine

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAIRS = "https://api.kraken.com/0/public/AssetPairs"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=2, venues=["kraken"], rows=60, tick_rate=50, limits="off") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="module")
async def simulator(running: SimulatorProcess) -> AsyncIterator[SimulatorProcess]:
    await running.clear_faults()
    await running.reset_stats()
    yield running
    await running.clear_faults()


@pytest_asyncio.fixture(loop_scope="module")
async def web(simulator: SimulatorProcess) -> AsyncIterator[aiohttp.ClientSession]:
    session = simulator.session()
    yield session
    await session.close()


async def asked(web: aiohttp.ClientSession, url: str = PAIRS) -> tuple[int, str, str]:
    async with web.get(url) as response:
        return response.status, response.content_type, await response.text()


async def test_there_are_24_rest_faults() -> None:
    assert len({*REST_FAULTS, *ROUTE_FAULTS}) == 24


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("too_many_requests", 429, '{"error": ["EGeneral:Too many requests"]}'),
        ("banned_418", 200, '{"error": ["EGeneral:Temporary lockout"]}'),
        ("unavailable_503", 503, '{"error": ["EService:Unavailable"]}'),
        ("empty_body", 200, ""),
        ("null", 200, "null"),
        ("bare_string", 200, '"OK"'),
        ("list_body", 200, '[{"unexpected": "body"}]'),
        ("invalid_nonce", 200, '{"error": ["EAPI:Invalid nonce"]}'),
        ("bad_key", 200, '{"error": ["EAPI:Invalid key"]}'),
        ("permission", 200, '{"error": ["EGeneral:Permission denied"]}'),
        ("rate_limit", 200, '{"error": ["EAPI:Rate limit exceeded"]}'),
    ],
)
async def test_refusals_and_odd_bodies(
    simulator: SimulatorProcess, web: aiohttp.ClientSession, fault: str, status: int, body: str
) -> None:
    await simulator.fault("kraken", fault)

    assert await asked(web) == (status, "application/json", body)


@pytest.mark.parametrize(("fault", "status"), [("forbidden_html", 403), ("captcha_200", 200)])
async def test_web_pages_in_place_of_json(
    simulator: SimulatorProcess, web: aiohttp.ClientSession, fault: str, status: int
) -> None:
    await simulator.fault("kraken", fault)

    told, kind, body = await asked(web)

    assert (told, kind) == (status, "text/html")
    assert body.startswith("<!DOCTYPE html>")


async def test_a_fault_counts_down_keeps_to_its_endpoint_and_can_be_cleared(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    good = await asked(web)
    await simulator.fault("kraken", "empty_body", "AssetPairs", 2)

    assert (await asked(web, PAIRS.replace("AssetPairs", "Assets")))[2] != ""
    assert [(await asked(web))[2] for _ in range(3)] == ["", "", good[2]]
    await simulator.fault("kraken", "empty_body")
    await simulator.clear_faults()
    assert await asked(web) == good
    assert (await simulator.stats("kraken"))["faults_served"] == {"empty_body": 2}


async def test_cut_json_is_the_beginning_of_the_true_reply(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    whole = (await asked(web))[2]
    await simulator.fault("kraken", "cut_json")

    cut = (await asked(web))[2]

    assert whole.startswith(cut) and 100 < len(cut) < len(whole)
    with pytest.raises(ValueError):
        json.loads(cut)


async def test_wrong_types_and_nan_replace_the_numbers_of_the_true_reply(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    await simulator.fault("kraken", "wrong_types", count=1)
    shaped = json.loads((await asked(web))[2])["result"]["XXBTZUSD"]
    await simulator.fault("kraken", "nan", count=1)
    spoiled = (await asked(web))[2]

    assert shaped["lot_decimals"] == {"value": 8}
    assert shaped["costmin"] == {"value": "0.5"}
    assert shaped["wsname"] == "XBT/USD"
    assert '"lot_decimals": NaN' in spoiled and '"costmin": NaN' in spoiled


async def test_reset_and_short_body_break_the_connection(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    await simulator.fault("kraken", "reset")
    with pytest.raises((aiohttp.ClientConnectionError, ConnectionResetError)):
        await asked(web)
    await simulator.clear_faults()
    await simulator.fault("kraken", "short_body")
    with pytest.raises(aiohttp.ClientPayloadError):
        await asked(web)


@pytest.mark.parametrize("fault", ["timeout", "slow_loris"])
async def test_an_answer_that_never_ends(simulator: SimulatorProcess, web: aiohttp.ClientSession, fault: str) -> None:
    await simulator.fault("kraken", fault)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.7):
            await asked(web)


async def test_slow_loris_does_send_its_head(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    await simulator.fault("kraken", "slow_loris")

    async with web.get(PAIRS) as response:
        assert response.status == 200
        assert await response.content.read(1) == b" "


async def test_huge_reply_is_fifty_megabytes_of_good_json(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    await simulator.fault("kraken", "huge_reply")

    async with web.get(PAIRS) as response:
        head = await response.content.readexactly(100)
        size = 100 + sum([len(chunk) async for chunk in response.content.iter_any()])

    assert head.startswith(b'{"error":[],"result":{"blob":"0123')
    assert size > 50_000_000


async def test_an_unguarded_client_follows_the_redirect_and_carries_its_key_along(simulator: SimulatorProcess) -> None:
    await simulator.fault("kraken", "redirect")

    async with genuine(simulator, "kraken") as client:
        await client.privatePostBalanceEx()

    (request,) = await simulator.astray()
    assert request["path"] == "/0/private/BalanceEx"
    assert request["credentials"] == ["api-key", "api-sign"]
    assert TRAP_HOST in simulator.hosts


async def test_tls_and_dns_failures_hit_connections_that_were_open(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    assert (await asked(web))[0] == 200
    await simulator.fault("kraken", "tls_failure")
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await asked(web)
    await simulator.fault("kraken", "dns_failure")
    with pytest.raises(aiohttp.ClientConnectorDNSError):
        await asked(web)
    await simulator.clear_faults()
    assert (await asked(web))[0] == 200


async def test_a_skewed_clock_shows_in_the_venues_time(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    url = PAIRS.replace("AssetPairs", "Time")
    before = json.loads((await asked(web, url))[2])["result"]["unixtime"]
    await simulator.skew(3600)
    after = json.loads((await asked(web, url))[2])["result"]["unixtime"]
    await simulator.skew(0)

    assert 3600 <= after - before <= 3605


async def test_history_faults_reach_the_wire(simulator: SimulatorProcess) -> None:
    async with genuine(simulator, "kraken") as client:
        whole = (await client.privatePostLedgers())["result"]
        await simulator.fault("kraken", "removed_row")
        short = (await client.privatePostLedgers())["result"]

    assert short["count"] == whole["count"] - 1


async def test_unknown_names_are_refused_in_words(simulator: SimulatorProcess) -> None:
    with pytest.raises(ValueError, match="gremlins"):
        await simulator.fault("kraken", "gremlins")
    with pytest.raises(ValueError, match="no such venue"):
        await simulator.fault("bybit", "null")


class Ticker:
    """A raw WebSocket that is subscribed to BTC/USD."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def data(self, seconds: float = 3.0) -> dict[str, Any]:
        """The next ticker message; raises TimeoutError where none comes."""
        async with asyncio.timeout(seconds):
            while True:
                message = json.loads(await self.socket.receive_str())
                if message.get("channel") == "ticker":
                    return dict(message)


@pytest_asyncio.fixture(loop_scope="module")
async def ticker(web: aiohttp.ClientSession) -> AsyncIterator[Ticker]:
    async with web.ws_connect(
        "wss://ws.kraken.com/v2", autoping=False, timeout=aiohttp.ClientWSTimeout(ws_close=0.2)
    ) as socket:
        await socket.send_json(
            {"method": "subscribe", "params": {"channel": "ticker", "symbol": ["BTC/USD"]}, "req_id": 1}
        )
        ticker = Ticker(socket)
        assert (await ticker.data())["type"] == "snapshot"
        assert (await ticker.data())["type"] == "update"
        yield ticker


async def end_of(ticker: Ticker) -> aiohttp.WSMessage:
    async with asyncio.timeout(3):
        while (message := await ticker.socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        return message


async def drained(ticker: Ticker) -> None:
    """Reads what was under way when the fault was switched on."""
    with pytest.raises(TimeoutError):
        while True:
            await asyncio.wait_for(ticker.socket.receive(), 0.5)


async def test_ws_close_ends_in_a_close_frame(simulator: SimulatorProcess, ticker: Ticker) -> None:
    await simulator.fault("kraken", "ws_close")

    end = await end_of(ticker)

    assert (end.type, end.data) == (aiohttp.WSMsgType.CLOSE, 1001)


async def test_ws_silent_answers_pings_and_sends_no_data(simulator: SimulatorProcess, ticker: Ticker) -> None:
    await simulator.fault("kraken", "ws_silent")
    await drained(ticker)

    await ticker.socket.ping(b"there?")
    message = await asyncio.wait_for(ticker.socket.receive(), 3)
    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"there?")
    await ticker.socket.send_json({"method": "ping", "req_id": 7})
    assert json.loads(await asyncio.wait_for(ticker.socket.receive_str(), 3))["method"] == "pong"
    await simulator.clear_faults()
    assert (await ticker.data())["type"] == "update"


async def test_ws_half_open_answers_nothing_and_stays_open(simulator: SimulatorProcess, ticker: Ticker) -> None:
    await simulator.fault("kraken", "ws_half_open")
    await drained(ticker)

    await ticker.socket.ping(b"there?")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ticker.socket.receive(), 0.5)
    assert not ticker.socket.closed
    assert (await simulator.stats("kraken"))["open_sockets"] == 1


async def test_ws_cut_frame_ends_within_a_frame(simulator: SimulatorProcess, ticker: Ticker) -> None:
    await simulator.fault("kraken", "ws_cut_frame")

    assert (await end_of(ticker)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    assert ticker.socket.close_code == 1006


async def test_ws_html_frame_puts_a_page_where_data_was(simulator: SimulatorProcess, ticker: Ticker) -> None:
    await simulator.fault("kraken", "ws_html_frame")

    async with asyncio.timeout(3):
        while not (text := await ticker.socket.receive_str()).startswith("<html>"):
            json.loads(text)
    assert "502 Bad Gateway" in text


async def test_the_genuine_client_takes_up_its_tickers_again_after_a_close(simulator: SimulatorProcess) -> None:
    async with genuine(simulator, "kraken") as client:
        await client.watch_tickers(["BTC/USD"])
        await simulator.fault("kraken", "ws_close")
        async with asyncio.timeout(10):
            while (await simulator.stats("kraken"))["websockets"] < 2:
                with suppress(ccxt.NetworkError):
                    await client.watch_tickers(["BTC/USD"])
        tickers = await asyncio.wait_for(client.watch_tickers(["BTC/USD"]), 10)

    assert float(tickers["BTC/USD"]["last"]) > 1000
