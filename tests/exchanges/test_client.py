"""The door to an exchange: what leaves through it, what is let in, and what is written about it."""

import asyncio
import base64
import logging
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.errors import (
    BadReply,
    ClockSkewed,
    ExchangeUnreachable,
    HarvestError,
    KeyRefused,
    KeyUnavailable,
    OrderPlacementForbidden,
    RateLimited,
    RightMissing,
)
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.exchanges.strategies.base import Endpoint
from harvest_tui.exchanges.strategies.kraken import KrakenStrategy
from harvest_tui.exchanges.transport import Transport
from support.loopback import Handler, serving

HOSTS = ("api.kraken.com", "elsewhere.example")
BALANCES = Endpoint("POST", r"/0/private/BalanceEx", "privatePostBalanceEx")
KEY, SECRET = "canary-key-5e1f", base64.b64encode(b"canary-secret-77aa").decode()


def credentials(key: str = KEY) -> Credentials:
    return Credentials(Secret(key), Secret(SECRET))


class Naps:
    """A sleep that takes no time and is written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def pacing(self, **changes: Any) -> Pacing:
        return Pacing(sleep=self.sleep, jitter=lambda: 0.5, keeps_limits=False, **changes)


@asynccontextmanager
async def client_of(handler: Handler, folder: Path, pacing: Pacing | None = None, key: str = KEY):  # type: ignore[no-untyped-def]
    async with serving(handler, HOSTS, folder) as transport:
        client = await ExchangeClient.open(
            KrakenStrategy(), credentials=credentials(key), transport=transport, pacing=pacing or Naps().pacing()
        )
        try:
            yield client
        finally:
            await client.close()


def answering(*bodies: str, status: int = 200, headers: dict[str, str] | None = None) -> tuple[Handler, list[str]]:
    """A handler that answers with the bodies in turn, the last one for ever, and the paths it was asked."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        body = bodies[min(len(asked), len(bodies) - 1)]
        asked.append(request.path)
        return web.Response(text=body, status=status, headers=headers, content_type="application/json")

    return handler, asked


def accept(reply: Any) -> None:
    assert isinstance(reply, dict)


async def test_numbers_arrive_as_the_text_on_the_wire(tmp_path: Path) -> None:
    handler, _ = answering('{"error":[],"result":{"a":0.1234567890123456789,"b":"1.10","c":12345678901234567890}}')
    async with client_of(handler, tmp_path) as client:
        reply = await client.call(BALANCES, {}, accept)
    assert reply["result"] == {"a": "0.1234567890123456789", "b": "1.10", "c": 12345678901234567890}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        '"OK"',
        "true",
        "17",
        "<!DOCTYPE html><title>Just a moment...</title>",
        '{"error":[],"result":{"ZUSD":{"balance":"12.5"',
        '{"error":[],"result":{"ZUSD":{"balance":NaN}}}',
        '{"error":[],"result":{"ZUSD":{"balance":-Infinity}}}',
        "[" * 100_000,
    ],
)
async def test_a_success_without_whole_json_is_never_data(body: str, tmp_path: Path) -> None:
    handler, asked = answering(body)
    async with client_of(handler, tmp_path) as client:
        with pytest.raises(BadReply):
            await client.call(BALANCES, {}, accept)
    assert len(asked) == 5


async def test_a_reply_that_the_check_refuses_is_asked_again(tmp_path: Path) -> None:
    handler, asked = answering('{"error":[],"result":{}}', '{"error":[],"result":{"x":"1"}}')

    def check(reply: Any) -> None:
        if not reply["result"]:
            raise BadReply("nothing", "again")

    async with client_of(handler, tmp_path) as client:
        assert (await client.call(BALANCES, {}, check))["result"] == {"x": "1"}
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("error", "kind", "requests"),
    [
        ("EAPI:Rate limit exceeded", RateLimited, 5),
        ("EGeneral:Temporary lockout", RateLimited, 1),
        ("EService:Unavailable", ExchangeUnreachable, 5),
        ("EService: Throttled", RateLimited, 5),
        ("EAPI:Invalid signature", KeyRefused, 1),
        ("EAPI:Invalid key", KeyRefused, 1),
        ("EGeneral:Permission denied", RightMissing, 1),
        ("EQuery:Unknown asset", BadReply, 1),
    ],
)
async def test_krakens_own_errors_are_repeated_only_where_that_helps(
    error: str, kind: type[HarvestError], requests: int, tmp_path: Path
) -> None:
    handler, asked = answering(f'{{"error":["{error}"]}}')
    async with client_of(handler, tmp_path) as client:
        with pytest.raises(kind) as raised:
            await client.call(BALANCES, {}, accept)
    assert "Kraken" in raised.value.happened
    assert len(asked) == requests


async def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    naps = Naps()
    handler, _ = answering("slow down", status=429, headers={"Retry-After": "9"})
    async with client_of(handler, tmp_path, naps.pacing()) as client:
        with pytest.raises(RateLimited):
            await client.call(BALANCES, {}, accept)
    assert naps.slept == [9, 9, 9, 9]


async def test_a_refused_nonce_asks_for_the_time_once_and_signs_by_it(tmp_path: Path) -> None:
    nonces: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/Time"):
            return web.json_response({"error": [], "result": {"unixtime": 1_700_000_000}})
        nonces.append(int((await request.post())["nonce"]))  # type: ignore[arg-type]
        return web.json_response({"error": ["EAPI:Invalid nonce"]} if len(nonces) == 1 else {"error": [], "result": {}})

    now = 1_700_000_000 - 3600
    async with client_of(handler, tmp_path, Naps().pacing(wall=lambda: now), key="key-of-its-own") as client:
        await client.call(BALANCES, {}, accept)
        assert await client.sync_clock() == pytest.approx(-3600.5)
    assert nonces[0] == now * 1000
    assert nonces[1] == 1_700_000_000_500


async def test_nonces_of_a_key_rise_over_clients_whatever_their_clocks_say(tmp_path: Path) -> None:
    nonces: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        nonces.append(int((await request.post())["nonce"]))  # type: ignore[arg-type]
        return web.json_response({"error": [], "result": {}})

    for number, now in enumerate((1_700_000_010, 1_700_000_000, 1_700_000_020)):
        folder = tmp_path / str(number)
        folder.mkdir()
        pacing = Naps().pacing(wall=lambda now=now: now)
        async with client_of(handler, folder, pacing, key="a-shared-key") as client:
            await client.call(BALANCES, {}, accept)
    assert nonces == [1_700_000_010_000, 1_700_000_010_001, 1_700_000_020_000]


async def test_a_nonce_that_stays_refused_is_told_as_a_clock_problem(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/Time"):
            return web.json_response({"error": [], "result": {"unixtime": 1_700_000_000}})
        return web.json_response({"error": ["EAPI:Invalid nonce"]})

    async with client_of(handler, tmp_path) as client:
        with pytest.raises(ClockSkewed, match="clock"):
            await client.call(BALANCES, {}, accept)
        assert client.requests == 3


async def test_private_calls_of_one_key_are_never_under_way_together(tmp_path: Path) -> None:
    under_way, most, nonces = 0, 0, []

    async def handler(request: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        nonces.append(int((await request.post())["nonce"]))  # type: ignore[arg-type]
        for _ in range(20):
            await asyncio.sleep(0)
        under_way -= 1
        return web.json_response({"error": [], "result": {}})

    async with client_of(handler, tmp_path) as client:
        await asyncio.gather(*(client.call(BALANCES, {}, accept) for _ in range(30)))
    assert most == 1
    assert nonces == sorted(set(nonces))
    assert len(nonces) == 30


async def test_a_cancelled_call_does_not_block_the_next_one(tmp_path: Path) -> None:
    waiting, asked = asyncio.Event(), []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        if len(asked) == 1:
            waiting.set()
            await asyncio.Event().wait()
        return web.json_response({"error": [], "result": {}})

    async with client_of(handler, tmp_path) as client:
        first = asyncio.create_task(client.call(BALANCES, {}, accept))
        await waiting.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await asyncio.wait_for(client.call(BALANCES, {}, accept), 5) == {"error": [], "result": {}}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_error_and_carries_nothing_along(status: int, tmp_path: Path) -> None:
    astray: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        if request.host == "elsewhere.example":
            astray.append(request.path)
            return web.json_response({"error": [], "result": {}})
        return web.Response(status=status, headers={"Location": f"https://elsewhere.example{request.path}"})

    async with client_of(handler, tmp_path) as client:
        with pytest.raises(BadReply, match="never followed"):
            await client.call(BALANCES, {}, accept)
    assert astray == []


async def test_a_reply_without_end_is_given_up_at_its_limit(tmp_path: Path) -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"error":[],"result":{"blob":"')
        for _ in range(800):
            await response.write(b"x" * 65_536)
            sent += 65_536
            await asyncio.sleep(0)
        return response

    async with client_of(handler, tmp_path) as client:
        with pytest.raises(BadReply, match="larger"):
            await client.call(BALANCES, {}, accept)
    assert sent < 5 * 16 * 2**20


async def test_a_server_that_trickles_is_left_after_the_timeout(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b" ")
            await asyncio.sleep(0.02)
        return response

    async with client_of(handler, tmp_path, Naps().pacing(timeout_seconds=0.2)) as client:
        with pytest.raises(ExchangeUnreachable, match="in time"):
            await client.call(BALANCES, {}, accept)


async def test_a_certificate_nobody_trusts_says_so(tmp_path: Path) -> None:
    handler, _ = answering("{}")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with serving(handler, HOSTS, tmp_path / "a") as one, serving(handler, HOSTS, tmp_path / "b") as other:
        stranger = Transport(loopback=one.loopback, ca_file=other.ca_file)
        client = await ExchangeClient.open(
            KrakenStrategy(), credentials=credentials(), transport=stranger, pacing=Naps().pacing()
        )
        with pytest.raises(ExchangeUnreachable, match="certificate"):
            await client.call(BALANCES, {}, accept)
        await client.close()


async def test_an_unlisted_host_is_never_reached(tmp_path: Path) -> None:
    client = await ExchangeClient.open(
        KrakenStrategy(), credentials=credentials(), transport=Transport(loopback={}), pacing=Naps().pacing()
    )
    with pytest.raises(ExchangeUnreachable):
        await client.call(BALANCES, {}, accept)
    await client.close()


async def test_a_path_that_only_begins_like_an_allowed_one_is_refused(tmp_path: Path) -> None:
    handler, asked = answering('{"error":[],"result":{}}')
    async with client_of(handler, tmp_path) as client:
        for path in ("BalanceEx/../AddOrder", "BalanceExtra", "balanceex", "BalanceEx?x"):
            with pytest.raises(OrderPlacementForbidden):
                await client._exchange.request(path, ["private"], "POST", {})
    assert asked == []


async def test_the_library_holds_no_key_between_calls(tmp_path: Path) -> None:
    handler, asked = answering('{"error":[],"result":{}}')
    async with client_of(handler, tmp_path) as client:
        await client.call(BALANCES, {}, accept)
        held = [str(value) for value in vars(client._exchange).values()]
    assert asked == ["/0/private/BalanceEx"]
    assert not any(KEY in text or SECRET in text for text in held)


async def test_nothing_secret_is_logged_and_each_call_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    handler, _ = answering('{"error":[],"result":{"ZUSD":{"balance":"98765.4321"}}}')
    async with client_of(handler, tmp_path) as client:
        await client.call(BALANCES, {"asset": "param-canary"}, accept)
    lines = [record.getMessage() for record in caplog.records if record.name == "harvest_tui.exchanges"]
    assert len(lines) == 1
    assert lines[0].startswith("kraken POST BalanceEx 200 ")
    for secret in (KEY, SECRET, "98765.4321", "param-canary", "API-Sign"):
        assert secret not in caplog.text


@pytest.mark.parametrize("secret", ["not base64!", "QQQ", "äöü"])
async def test_a_mangled_secret_is_told_as_such_and_not_repeated(secret: str, tmp_path: Path) -> None:
    handler, asked = answering('{"error":["EAPI:Invalid signature"]}')
    async with serving(handler, HOSTS, tmp_path) as transport:
        client = await ExchangeClient.open(
            KrakenStrategy(), credentials=Credentials(Secret(KEY), Secret(secret)), transport=transport
        )
        with pytest.raises(KeyRefused) as raised:
            await client.call(BALANCES, {}, accept)
        await client.close()
    assert secret not in str(raised.value)
    assert len(asked) <= 1


async def test_without_a_key_nothing_private_is_asked(tmp_path: Path) -> None:
    handler, asked = answering("{}")
    async with serving(handler, HOSTS, tmp_path) as transport:
        client = await ExchangeClient.open(KrakenStrategy(), credentials=None, transport=transport)
        with pytest.raises(KeyUnavailable):
            await client.call(BALANCES, {}, accept)
        await client.close()
    assert asked == []


async def test_closing_is_quick_and_leaves_no_task_behind(tmp_path: Path) -> None:
    handler, _ = answering('{"error":[],"result":{}}')
    async with serving(handler, HOSTS, tmp_path) as transport:
        client = await ExchangeClient.open(
            KrakenStrategy(), credentials=credentials(), transport=transport, pacing=Naps().pacing()
        )
        await client.call(BALANCES, {}, accept)
        started = asyncio.get_running_loop().time()
        await client.close()
        assert asyncio.get_running_loop().time() - started < 0.2
        with pytest.raises(HarvestError):
            await client.call(BALANCES, {}, accept)


def test_module_needs_no_ccxt_to_be_imported() -> None:
    import subprocess

    code = "import sys, harvest_tui.exchanges.client as c; print('ccxt' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "False"
