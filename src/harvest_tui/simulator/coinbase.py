"""A Coinbase account on loopback: Advanced Trade v3, Coinbase App v2, and the market WebSocket.

Page sizes: 100 rows on v2 (25 where not asked); fills 250, which is as much as real use has shown.
"""

from __future__ import annotations

import base64
import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from aiohttp import web

from harvest_tui.simulator.coinbase_auth import TokenCheck
from harvest_tui.simulator.coinbase_coins import currency_object, exponent_of, never_used
from harvest_tui.simulator.coinbase_market import GRANULARITIES, LONGEST_CANDLES, NAME, CoinbaseMarket
from harvest_tui.simulator.coinbase_rows import CoinbaseBook, Row, Wallet, stamp, wire
from harvest_tui.simulator.venue import ApiKey
from harvest_tui.simulator.world import World

REST_HOST = "api.coinbase.com"
SOCKET_HOST = "advanced-trade-ws.coinbase.com"
FILLS_PAGE = 250
WALLET_PAGE = 100
_USUAL_WALLET_PAGE = 25
_USUAL_FILLS_PAGE = 100
_HTML = "<html><head><title>Coinbase</title></head><body><h1>{0}</h1></body></html>"

Answer = Callable[[web.Request, Sequence[str]], web.Response]


class Limit:
    """At most `count` requests in any `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._times: deque[float] = deque()

    def admits(self) -> bool:
        """Counts a request, or refuses it."""
        now = time.monotonic()
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) >= self._count:
            return False
        self._times.append(now)
        return True


class Route(NamedTuple):
    """A path below the host, whether it needs the key and its view right, and which limit counts it."""

    path: str
    is_private: bool
    limit: str
    answer: Answer
    needs_view: bool = True


class CoinbaseVenue:
    """One account. GET only: the simulator has no order book to trade on."""

    name: ClassVar[str] = NAME
    hosts: ClassVar[tuple[str, ...]] = (REST_HOST, SOCKET_HOST)

    def __init__(self, world: World, key: ApiKey) -> None:
        """Raises ValueError where the key's secret is no EC private key in PEM. Tier `off` lifts the rate limits."""
        self._world = world
        self.key = key
        self._token_check = TokenCheck(key)
        self._market = CoinbaseMarket(world)
        self._book = CoinbaseBook(world.seed, world.price)
        self._limits = {"private": Limit(30, 1), "public": Limit(10, 1), "v2": Limit(10_000, 3600)}
        self._routes = [(re.compile(route.path), route) for route in self._table()]

    def _table(self) -> list[Route]:
        v3 = "/api/v3/brokerage"
        return [
            Route("/v2/time", False, "v2", self._time_v2),
            Route("/v2/currencies", False, "v2", self._fiat_currencies),
            Route("/v2/currencies/crypto", False, "v2", self._crypto_currencies),
            Route("/v2/exchange-rates", False, "v2", self._rates),
            Route("/v2/accounts", True, "v2", self._accounts_v2),
            Route("/v2/accounts/([^/]+)/transactions", True, "v2", self._transactions),
            Route(f"{v3}/time", False, "public", self._time_v3),
            Route(f"{v3}/market/products", False, "public", self._products),
            Route(f"{v3}/market/products/([^/]+)", False, "public", self._product),
            Route(f"{v3}/market/products/([^/]+)/candles", False, "public", self._candles),
            Route(f"{v3}/market/products/([^/]+)/ticker", False, "public", self._ticker),
            Route(f"{v3}/accounts", True, "private", self._accounts_v3),
            Route(f"{v3}/products", True, "private", self._products),
            Route(f"{v3}/products/([^/]+)/candles", True, "private", self._candles),
            Route(f"{v3}/best_bid_ask", True, "private", self._best_bid_ask),
            Route(f"{v3}/orders/historical/fills", True, "private", self._fills),
            Route(f"{v3}/transaction_summary", True, "private", self._summary),
            Route(f"{v3}/key_permissions", True, "private", self._permissions, needs_view=False),
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers a request to one of `hosts`."""
        if request.host.partition(":")[0] == SOCKET_HOST:
            return await self._market.stream(request)
        for pattern, route in self._routes:
            found = pattern.fullmatch(request.path)
            if found and request.method == "GET":
                return self._refused(request, route) or route.answer(request, found.groups())
        return self._not_found(request)

    def refuse(self, reason: str) -> web.Response:
        """The error reply for a reason of `Venue.refuse`. Raises KeyError for another.

        A bad token is answered by one bare word whatever is wrong; the gateway's limits come as web pages.
        """
        said: dict[str, tuple[int, str | dict[str, Any]]] = {
            "rate_limit": (429, _v3_error("resource_exhausted", "Too many requests")),
            "too_many_requests": (429, _HTML.format("Too many requests")),
            "banned": (429, _HTML.format("Error 1015: you are being rate limited")),
            "invalid_nonce": (401, _v2_error("authentication_error", "request timestamp expired")),
            "bad_key": (401, "Unauthorized\n"),
            "bad_signature": (401, "Unauthorized\n"),
            "permission": (403, _v3_error("PERMISSION_DENIED", "Missing required scopes")),
            "unavailable": (503, _HTML.format("503 Service Unavailable")),
        }
        status, body = said[reason]
        headers = {"Retry-After": "60"} if reason == "banned" else None
        if isinstance(body, dict):
            return web.json_response(body, status=status, headers=headers)
        kind = "text/html" if body.startswith("<") else "text/plain"
        return web.Response(status=status, text=body, content_type=kind, headers=headers)

    def truth(self) -> dict[str, list[dict[str, object]]]:
        """All raw rows: the v2 account list, fills newest first, and each wallet's rows oldest first."""
        wallets = self._told().wallets.values()
        return {
            "accounts": self._account_rows(),
            "fills": self._book.fills[::-1],
            "transactions": [row for wallet in wallets for row in wallet.rows],
        }

    def _refused(self, request: web.Request, route: Route) -> web.Response | None:
        if self.key.tier != "off" and not self._limits[route.limit].admits():
            if route.limit != "v2":
                return self.refuse("rate_limit")
            return web.json_response(_v2_error("rate_limit_exceeded", "Too many requests"), status=429)
        if not route.is_private:
            return None
        uri = f"{request.method} {request.host.partition(':')[0]}{request.path}"
        now_s = self._world.now_us() / 1_000_000
        if not self._token_check.accepts(request.headers.get("Authorization", ""), uri, now_s):
            return self.refuse("bad_key")
        return None if self.key.can_read or not route.needs_view else self.refuse("permission")

    def _told(self) -> CoinbaseBook:
        self._book.tell(self._world.history(NAME))
        return self._book

    # v2

    def _time_v2(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        now = self._world.now_us()
        return web.json_response({"data": {"iso": stamp(now), "epoch": now // 1_000_000}})

    def _fiat_currencies(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        fiat = [("USD", "US Dollar"), ("EUR", "Euro"), ("GBP", "British Pound"), ("CAD", "Canadian Dollar")]
        return web.json_response({"data": [{"id": code, "name": name, "min_size": "0.01"} for code, name in fiat]})

    def _crypto_currencies(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        return web.json_response({"data": self._market.crypto_currencies()})

    def _rates(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        return web.json_response({"data": {"currency": "USD", "rates": self._market.rates()}})

    def _accounts_v2(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        rows = self._world.served(NAME, "accounts", self._account_rows(), newest_first=False)
        return _v2_page(request, rows, "desc")

    def _account_rows(self) -> list[Row]:
        wallets = list(self._told().wallets.values())
        used = [wallet.asset for wallet in wallets]
        unused = [_empty_account(code) for code in self._market.coins() if code not in used]
        return [_account(wallet) for wallet in wallets] + unused

    def _transactions(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        for wallet in self._told().wallets.values():
            if wallet.wallet_id == parts[0]:
                newest_first = request.query.get("order", "desc") != "asc"
                rows = wallet.rows[::-1] if newest_first else wallet.rows
                served = self._world.served(NAME, f"transactions:{wallet.name}", rows, newest_first)
                return _v2_page(request, served, "desc" if newest_first else "asc")
        if parts[0] in never_used([wallet.asset for wallet in self._book.wallets.values()]):
            return _v2_page(request, [], request.query.get("order", "desc"))
        return web.json_response(_v2_error("not_found", "Not found"), status=404)

    # v3

    def _time_v3(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        now = self._world.now_us()
        told = {"iso": stamp(now), "epochSeconds": str(now // 1_000_000), "epochMillis": str(now // 1000)}
        return web.json_response(told)

    def _products(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        wanted = request.query.getall("product_ids", [])
        rows = self._market.products(wanted, request.query.get("product_type", "SPOT"))
        return web.json_response({"products": rows, "num_products": len(rows)})

    def _product(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        rows = self._market.products(parts)
        return web.json_response(rows[0]) if rows else self._not_found(request)

    def _candles(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        seconds = GRANULARITIES.get(request.query.get("granularity", ""))
        start, end = request.query.get("start", ""), request.query.get("end", "")
        if seconds is None or not start.isdigit() or not end.isdigit() or not self._market.has(parts[0]):
            return web.json_response(_v3_error("INVALID_ARGUMENT", "invalid candle request"), status=400)
        if (int(end) - int(start)) // seconds > LONGEST_CANDLES:
            told = f"number of candles requested should be less than {LONGEST_CANDLES}"
            return web.json_response(_v3_error("INVALID_ARGUMENT", told), status=400)
        return web.json_response({"candles": self._market.candles(parts[0], int(start), int(end), seconds)})

    def _ticker(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        known = self._market.has(parts[0])
        return web.json_response(self._market.ticker(parts[0])) if known else self._not_found(request)

    def _best_bid_ask(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        return web.json_response({"pricebooks": self._market.books(request.query.getall("product_ids", []))})

    def _accounts_v3(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        wallets = [wallet for wallet in self._told().wallets.values() if not wallet.name.startswith("Staked")]
        rows = [_account_v3(wallet) for wallet in wallets]
        return web.json_response({"accounts": rows, "has_next": False, "cursor": "", "size": len(rows)})

    def _fills(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        start = request.query.get("start_sequence_timestamp", "")
        end = request.query.get("end_sequence_timestamp", "9999")
        listed = [row for row in self._told().fills[::-1] if start <= str(row["sequence_timestamp"]) < end]
        rows = self._world.served(NAME, "fills", listed)
        limit = _page_size(request, _USUAL_FILLS_PAGE, FILLS_PAGE)
        first = _opened(request.query.get("cursor", ""))
        page = rows[first : first + limit]
        cursor = _sealed(first + limit) if first + limit < len(rows) else ""
        return web.json_response({"fills": page, "cursor": cursor})

    def _summary(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        tier = {"pricing_tier": "Advanced 1", "usd_from": "0", "usd_to": "1000"}
        fees = {"taker_fee_rate": "0.006", "maker_fee_rate": "0.004", "aop_from": "", "aop_to": ""}
        told = {"total_volume": 0, "total_fees": 0, "fee_tier": {**tier, **fees}, "margin_rate": None}
        return web.json_response(told)

    def _permissions(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        return web.json_response(
            {
                "can_view": self.key.can_read,
                "can_trade": self.key.can_trade,
                "can_transfer": self.key.can_withdraw,
                "portfolio_uuid": self._book.id_of("portfolio"),
                "portfolio_type": "DEFAULT",
            }
        )

    def _not_found(self, request: web.Request) -> web.Response:
        if request.path.startswith("/v2"):
            return web.json_response(_v2_error("not_found", "Not found"), status=404)
        return web.json_response(_v3_error("NOT_FOUND", "Not found"), status=404)


def _v2_error(code: str, message: str) -> dict[str, Any]:
    return {"errors": [{"id": code, "message": message}]}


def _v3_error(code: str, message: str) -> dict[str, Any]:
    return {"error": code, "error_details": message, "message": message}


def _page_size(request: web.Request, usual: int, most: int) -> int:
    asked = request.query.get("limit", "")
    return min(int(asked), most) if asked.isdigit() and int(asked) else usual


def _sealed(position: int) -> str:
    return base64.urlsafe_b64encode(f"from:{position}".encode()).decode()


def _opened(cursor: str) -> int:
    return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("from:")) if cursor else 0


def _v2_page(request: web.Request, rows: Sequence[Mapping[str, object]], order: str) -> web.Response:
    limit = _page_size(request, _USUAL_WALLET_PAGE, WALLET_PAGE)
    after = request.query.get("starting_after", "")
    first = next((number for number, row in enumerate(rows, 1) if row["id"] == after), 0) if after else 0
    if after and not first:
        return web.json_response(_v2_error("not_found", "Not found"), status=404)
    page = rows[first : first + limit]
    following = str(page[-1]["id"]) if first + limit < len(rows) else None
    uri = f"{request.path}?limit={limit}&order={order}&starting_after={following}" if following else None
    pagination = {
        "ending_before": None,
        "starting_after": after or None,
        "previous_ending_before": None,
        "next_starting_after": following,
        "limit": limit,
        "order": order,
        "previous_uri": None,
        "next_uri": uri,
    }
    return web.json_response({"pagination": pagination, "data": page})


def _account(wallet: Wallet) -> Row:
    return {
        "id": wallet.wallet_id,
        "name": wallet.name,
        "primary": wallet.asset == "BTC",
        "type": "fiat" if wallet.asset == "USD" else "wallet",
        "currency": currency_object(wallet.asset),
        "balance": {"amount": wire(wallet.balance, exponent_of(wallet.asset)), "currency": wallet.asset},
        "created_at": stamp(wallet.first_us),
        "updated_at": stamp(wallet.last_us),
        "resource": "account",
        "resource_path": f"/v2/accounts/{wallet.wallet_id}",
        "allow_deposits": True,
        "allow_withdrawals": not wallet.name.startswith("Staked"),
    }


def _empty_account(code: str) -> Row:
    """A currency the user never touched: it has no times, and its code for an id."""
    unused = _account(Wallet(code, f"{code} Wallet", code))
    return {**unused, "created_at": None, "updated_at": None}


def _account_v3(wallet: Wallet) -> Row:
    return {
        "uuid": wallet.wallet_id,
        "name": wallet.name,
        "currency": wallet.asset,
        "available_balance": {"value": f"{wallet.balance:f}", "currency": wallet.asset},
        "default": True,
        "active": True,
        "created_at": stamp(wallet.first_us, 6),
        "updated_at": stamp(wallet.last_us, 6),
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if wallet.asset == "USD" else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": "0", "currency": wallet.asset},
    }
