"""The simulated Coinbase is as strict as the real one: asked by hand, without our own client."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harvest_tui.simulator.process import SimulatorProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST = "api.coinbase.com"
FILLS = "/api/v3/brokerage/orders/historical/fills"
SOCKET = "wss://advanced-trade-ws.coinbase.com"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=5, venues=("coinbase",), rows=1400, tick_rate=20) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(simulator: SimulatorProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async with simulator.session() as session:
        yield session


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def token(simulator: SimulatorProcess, path: str, *, header: Any = None, **claims: Any) -> str:
    """A token as Coinbase documents it, with some claims told otherwise."""
    credentials = simulator.credentials("coinbase")
    name, now = credentials.key.reveal(), int(time.time())
    head = {"alg": "ES256", "kid": name, "nonce": "9f2c", "typ": "JWT", **(header or {})}
    body = {"iss": "cdp", "sub": name, "nbf": now, "exp": now + 120, "uri": f"GET {HOST}{path}", **claims}
    text = ".".join(_part(json.dumps(part).encode()) for part in (head, body))
    private = load_pem_private_key(credentials.secret.reveal().encode(), None)
    assert isinstance(private, EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(text.encode(), ECDSA(SHA256())))
    return f"{text}.{_part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


async def ask(
    simulator: SimulatorProcess, web: aiohttp.ClientSession, path: str, query: str = "", jwt: str | None = None
) -> tuple[int, Any]:
    """Status and body, decoded where it is JSON."""
    headers = {"Authorization": f"Bearer {jwt or token(simulator, path)}"}
    async with web.get(f"https://{HOST}{path}{query}", headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if response.content_type == "application/json" else text


async def test_a_proper_token_is_accepted_on_both_apis(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    assert (await ask(simulator, web, FILLS))[0] == 200
    assert (await ask(simulator, web, "/v2/accounts", "?limit=2"))[0] == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"uri": f"GET 127.0.0.1:8443{FILLS}"},
        {"uri": f"GET {HOST}{FILLS}?limit=250"},
        {"uri": f"POST {HOST}{FILLS}"},
        {"uri": f"GET {HOST}/v2/accounts"},
        {"nbf": -400, "exp": -280},
        {"nbf": 300, "exp": 420},
        {"nbf": 0, "exp": 3600},
        {"sub": "organizations/other/apiKeys/other"},
        {"iss": "somebody"},
        {"exp": None},
        {"header": {"alg": "none"}},
        {"header": {"kid": "other"}},
        {"header": {"nonce": ""}},
    ],
)
async def test_any_other_token_is_unauthorized(
    simulator: SimulatorProcess, web: aiohttp.ClientSession, claims: dict[str, Any]
) -> None:
    now = int(time.time())
    told = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    status, body = await ask(simulator, web, FILLS, "?limit=250", token(simulator, FILLS, **told))
    assert (status, body.strip()) == (401, "Unauthorized")


async def test_a_token_that_was_tampered_with_is_unauthorized(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    head, _, signature = token(simulator, FILLS).split(".")
    _, body, _ = token(simulator, FILLS, exp=int(time.time()) + 119).split(".")
    for jwt in (f"{head}.{body}.{signature}", f"{head}.{body}", f"{head}.{body}.AAAA", "garbage"):
        assert (await ask(simulator, web, FILLS, jwt=jwt))[0] == 401
    async with web.get(f"https://{HOST}{FILLS}") as response:
        assert response.status == 401


async def test_fills_come_newest_first_in_pages_of_at_most_250(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    truth = (await simulator.truth("coinbase"))["fills"]
    told: list[dict[str, Any]] = []
    sizes, query = [], "?limit=1000"
    while query:
        _, reply = await ask(simulator, web, FILLS, query)
        told += reply["fills"]
        sizes.append(len(reply["fills"]))
        query = f"?limit=1000&cursor={reply['cursor']}" if reply["cursor"] else ""
    assert told == truth and sizes[0] == 250 and len(sizes) == -(-len(truth) // 250)
    times = [row["sequence_timestamp"] for row in told]
    assert times == sorted(times, reverse=True)
    assert len((await ask(simulator, web, FILLS))[1]["fills"]) == 100


async def test_fills_can_be_asked_by_sequence_time(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    times = [row["sequence_timestamp"] for row in (await simulator.truth("coinbase"))["fills"]]
    query = f"?limit=250&start_sequence_timestamp={times[40]}&end_sequence_timestamp={times[20]}"
    _, reply = await ask(simulator, web, FILLS, query)
    assert [row["sequence_timestamp"] for row in reply["fills"]] == [at for at in times if times[40] <= at < times[20]]


async def test_wallets_add_up_to_their_balance_and_to_what_is_held(
    simulator: SimulatorProcess,
) -> None:
    truth = await simulator.truth("coinbase")
    moved: dict[str, Decimal] = {}
    for row in truth["transactions"]:
        wallet = row["resource_path"].split("/")[3]
        moved[wallet] = moved.get(wallet, Decimal(0)) + Decimal(row["amount"]["amount"])
    held: dict[str, Decimal] = {}
    for account in truth["accounts"]:
        balance = Decimal(account["balance"]["amount"])
        assert moved.get(account["id"], Decimal(0)) == balance >= 0
        code = account["balance"]["currency"]
        held[code] = held.get(code, Decimal(0)) + balance
    true = {asset: Decimal(text) for asset, text in (await simulator.balances("coinbase")).items()}
    assert {code: balance for code, balance in held.items() if balance} == true
    names = {account["name"] for account in truth["accounts"]}
    assert {"ETH Wallet", "Staked ETH"} <= names and len(names) > 100


async def test_a_wallets_rows_page_by_the_last_id(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    _, accounts = await ask(simulator, web, "/v2/accounts", "?limit=300")
    assert accounts["pagination"]["limit"] == 100 == len(accounts["data"])
    dollars = next(row for row in accounts["data"] if row["name"] == "USD Wallet")
    path = f"/v2/accounts/{dollars['id']}/transactions"
    _, page = await ask(simulator, web, path)
    assert len(page["data"]) == 25 and page["pagination"]["order"] == "desc"
    assert page["data"][0]["created_at"] >= page["data"][-1]["created_at"]
    told, query = [], "?limit=500&order=asc"
    while query:
        _, page = await ask(simulator, web, path, query)
        told += page["data"]
        after = page["pagination"]["next_starting_after"]
        query = f"?limit=500&order=asc&starting_after={after}" if page["pagination"]["next_uri"] else ""
    rows = (await simulator.truth("coinbase"))["transactions"]
    assert told == [row for row in rows if row["resource_path"].startswith(path)]
    assert (await ask(simulator, web, path, "?starting_after=nobody"))[0] == 404


async def test_only_wallets_that_something_happened_to_are_updated(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    before = {row["name"]: row["updated_at"] for row in (await simulator.truth("coinbase"))["accounts"]}
    deposit = {"kind": "deposit", "received": ["12.34", "USD"]}
    await simulator.happen("coinbase", deposit)
    after = {row["name"]: row["updated_at"] for row in (await simulator.truth("coinbase"))["accounts"]}
    assert {name for name, at in after.items() if at != before[name]} == {"USD Wallet"}


async def test_more_than_thirty_requests_a_second_are_refused(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    path = "/api/v3/brokerage/key_permissions"
    jwt = token(simulator, path)
    answers = [await ask(simulator, web, path, jwt=jwt) for _ in range(60)]
    refused = [body for status, body in answers if status == 429]
    assert refused and refused[0]["error"] == "resource_exhausted"
    assert answers[0][0] == 200


async def test_rights_follow_the_key(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    await simulator.limits("coinbase", "off")
    await simulator.set_key_rights("coinbase", can_read=False, can_trade=True)
    status, told = await ask(simulator, web, "/api/v3/brokerage/key_permissions")
    assert status == 200 and (told["can_view"], told["can_trade"], told["can_transfer"]) == (False, True, False)
    status, told = await ask(simulator, web, FILLS)
    assert (status, told["error"]) == (403, "PERMISSION_DENIED")
    await simulator.set_key_rights("coinbase", can_read=True, can_trade=False)


async def test_public_calls_need_no_key(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    base = f"https://{HOST}/api/v3/brokerage/market/products"
    async with web.get(f"{base}?product_ids=BTC-USD&product_ids=ETH-USD") as response:
        told = await response.json()
    assert [row["product_id"] for row in told["products"]] == ["BTC-USD", "ETH-USD"]
    async with web.get(f"{base}?product_type=FUTURE") as response:
        assert (await response.json())["products"] == []
    async with web.get(f"{base}/BTC-USD/candles?granularity=ONE_DAY&start=0&end=999999999") as response:
        assert response.status == 400 and "less than 350" in (await response.json())["message"]
    async with web.get(f"https://{HOST}/v2/nothing") as response:
        assert response.status == 404 and (await response.json())["errors"][0]["id"] == "not_found"


async def test_nothing_can_be_ordered(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    async with web.post(f"https://{HOST}/api/v3/brokerage/orders", json={}) as response:
        assert response.status == 404


async def heard(socket: aiohttp.ClientWebSocketResponse, channel: str, kind: str = "") -> dict[str, Any]:
    """The next event of a channel."""
    while True:
        message = await socket.receive_json(timeout=20)
        if message.get("channel", message.get("type")) == channel:
            event: dict[str, Any] = message["events"][0] if "events" in message else message
            if kind in ("", event.get("type")):
                return event


async def test_tickers_stream_after_a_snapshot_and_stop_when_unsubscribed(
    simulator: SimulatorProcess, web: aiohttp.ClientSession
) -> None:
    wanted = {"product_ids": ["BTC-USD", "ETH-USD", "NOPE-USD"], "channel": "ticker_batch"}
    async with web.ws_connect(SOCKET) as socket:
        await socket.send_json({"type": "subscribe", **wanted})
        snapshot = await heard(socket, "ticker_batch", "snapshot")
        assert [row["product_id"] for row in snapshot["tickers"]] == ["BTC-USD", "ETH-USD"]
        assert (await heard(socket, "subscriptions"))["subscriptions"] == {"ticker_batch": ["BTC-USD", "ETH-USD"]}
        update = await heard(socket, "ticker_batch", "update")
        row = update["tickers"][0]
        assert Decimal(row["best_bid"]) <= Decimal(row["price"]) <= Decimal(row["best_ask"])
        await socket.send_json({"type": "subscribe", "channel": "heartbeats"})
        assert (await heard(socket, "heartbeats"))["heartbeat_counter"] > 0
        await socket.send_json({"type": "unsubscribe", **wanted})
        while (await heard(socket, "subscriptions"))["subscriptions"] != {"heartbeats": []}:
            pass


async def test_an_unknown_channel_is_an_error(simulator: SimulatorProcess, web: aiohttp.ClientSession) -> None:
    async with web.ws_connect(SOCKET) as socket:
        for words in ("{", json.dumps({"type": "subscribe", "channel": "orders"})):
            await socket.send_str(words)
            assert "message" in await heard(socket, "error")
