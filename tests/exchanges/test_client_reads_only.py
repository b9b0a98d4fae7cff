"""Of all the calls that ccxt knows, ours signs the allow-listed reads of each exchange and nothing else."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.errors import KeyRefused, OrderPlacementForbidden
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.strategies.registry import SUPPORTED, strategy_class
from harvest_tui.exchanges.transport import Transport

KEY, SECRET = "canary-key-5e1f", "Y2FuYXJ5LXNlY3JldC03N2Fh"


def calls_of(exchange: object) -> dict[str, Any]:
    """Every implicit call of the ccxt class, by its camel-case name."""
    return {
        name: entry
        for base in type(exchange).__mro__
        for name, entry in vars(base).items()
        if hasattr(entry, "api") and hasattr(entry, "method") and "_" not in name
    }


@pytest.mark.parametrize("exchange_id", SUPPORTED)
async def test_nothing_outside_the_allow_list_is_ever_signed(exchange_id: str) -> None:
    strategy = strategy_class(exchange_id)()
    client = await ExchangeClient.open(
        strategy, credentials=Credentials(Secret(KEY), Secret(SECRET)), transport=Transport(loopback={})
    )
    try:
        exchange = client._exchange
        allowed = {endpoint.implicit for endpoint in strategy.endpoints}
        refused = bare = 0
        for name, entry in calls_of(exchange).items():
            if name in allowed:
                continue
            try:
                request = exchange.sign(entry.path, entry.api, entry.method, {"symbol": "BTCUSD", "id": "1"})
            except OrderPlacementForbidden:
                refused += 1
                continue
            bare += 1
            assert request["method"] == "GET"
            assert not request.get("body")
            assert KEY not in str(request)
            assert "signature" not in str(request).lower()
        assert refused > 40
        assert bare > 3
        assert client.requests == 0
    finally:
        await client.close()


@pytest.mark.parametrize("exchange_id", SUPPORTED)
async def test_no_allow_listed_call_writes(exchange_id: str) -> None:
    strategy = strategy_class(exchange_id)()
    client = await ExchangeClient.open(
        strategy, credentials=Credentials(Secret(KEY), Secret(SECRET)), transport=Transport(loopback={})
    )
    try:
        entries = calls_of(client._exchange)
        for endpoint in strategy.endpoints:
            entry = entries[endpoint.implicit]
            assert entry.method == endpoint.method
            assert endpoint.method == "GET" or exchange_id == "kraken", "Kraken alone reads by POST"
            if exchange_id == "kraken":
                assert entry.path in {"Ledgers", "DepositStatus", "WithdrawStatus", "BalanceEx", "GetApiKeyInfo"}
            try:
                request = client._exchange.sign(entry.path, entry.api, entry.method, {"account_id": "a-1"})
            except KeyRefused:
                continue
            assert urlsplit(request["url"]).scheme == "https"
    finally:
        await client.close()


@pytest.mark.parametrize("exchange_id", SUPPORTED)
async def test_the_unified_ways_to_trade_are_closed(exchange_id: str) -> None:
    strategy = strategy_class(exchange_id)()
    client = await ExchangeClient.open(
        strategy, credentials=Credentials(Secret(KEY), Secret(SECRET)), transport=Transport(loopback={})
    )
    try:
        client.use_markets([market()])
        for attempt in (
            lambda: client._exchange.create_order("BTC/USD", "limit", "sell", 1, 70_000),
            lambda: client._exchange.create_order("BTC/USD", "limit", "buy", 1, 70_000),
            lambda: client._exchange.cancel_order("17", "BTC/USD"),
        ):
            with pytest.raises(OrderPlacementForbidden):
                await attempt()
        assert client.requests == 0
    finally:
        await client.close()


def market() -> dict[str, Any]:
    names = dict.fromkeys(("swap", "future", "option", "contract", "linear", "inverse", "margin"), False)
    return names | {
        "id": "BTCUSD",
        "symbol": "BTC/USD",
        "base": "BTC",
        "quote": "USD",
        "baseId": "BTC",
        "quoteId": "USD",
        "type": "spot",
        "spot": True,
        "active": True,
        "precision": {"amount": "0.00000001", "price": "0.1", "quote": "0.01"},
        "limits": {"amount": {"min": "0.0001"}, "price": {}, "cost": {}},
        "info": {"orderTypes": ["LIMIT", "MARKET"]},
    }
