"""What Binance and Binance.US have in common as simulated venues: keys, clock, weights, errors and `api/v3`."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from urllib.parse import parse_qsl

from aiohttp import web

from harvest_tui.core.money import EXACT, ROUNDED, plain
from harvest_tui.simulator.binance_limits import Cost, Excess, WeightCounter
from harvest_tui.simulator.binance_market import Market
from harvest_tui.simulator.binance_queries import Query, Refusal, Row, trades_page
from harvest_tui.simulator.binance_rows import Streams, wire
from harvest_tui.simulator.venue import ApiKey
from harvest_tui.simulator.world import World

Answer = Callable[[Query], object]

_BARE = re.compile(r'"(fromAmount|toAmount|ratio|feeAmount)": "([0-9.]+)"')
_REFUSALS: Mapping[str, tuple[int, str, int]] = {
    "bad_signature": (-1022, "Signature for this request is not valid.", 400),
    "bad_key": (-2014, "API-key format invalid.", 401),
    "permission": (-2015, "Invalid API-key, IP, or permissions for action.", 401),
    "invalid_nonce": (-1021, "Timestamp for this request is outside of the recvWindow.", 400),
    "early": (-1021, "Timestamp for this request was 1000ms ahead of the server's time.", 400),
    "unavailable": (
        -1008,
        "Server is currently overloaded with other requests. Please try again in a few minutes.",
        503,
    ),
}
_WEIGHT = (
    "Too much request weight used; current limit is {0} request weight per 1 MINUTE. "
    "Please use WebSocket Streams for live updates to avoid polling the API."
)
_BANNED = (
    "Way too much request weight used; IP banned until {0}. "
    "Please use WebSocket Streams for live updates to avoid bans."
)


@dataclass(frozen=True, slots=True)
class Route:
    """One GET endpoint: how it answers, what it weighs, and whether it is signed.

    `all_cost` is the weight without `symbol`; `bare` writes order amounts as JSON numbers.
    """

    answer: Answer
    cost: Cost
    is_signed: bool = True
    all_cost: int = 0
    bare: bool = False


class BinanceBody(ABC):
    """What both exchanges share: keys, clock, weights, errors, `api/v3`."""

    name: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]]
    _weight_limit: ClassVar[int]
    _weights: ClassVar[Mapping[str, int]]

    def __init__(self, world: World, key: ApiKey, closed: Sequence[tuple[str, str]] = ()) -> None:
        """`closed`: (base, quote) of symbols that are still listed but do not trade."""
        self._world = world
        self.key = key
        self._market = Market(world, self.name, self._weight_limit, closed)
        self._weights_used = WeightCounter(self._weight_limit, world.now_us)
        self._told: tuple[int, Streams] = (-1, {})
        self._routes = self._public() | self._private() | self._own()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers REST by path, and a WebSocket upgrade with the market streams."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._market.stream(request)
        route = self._routes.get(request.path)
        if route is None or request.method != "GET":
            return web.Response(status=404, text="<html><body>404 Not Found</body></html>", content_type="text/html")
        query = Query(dict(parse_qsl(request.query_string, keep_blank_values=True)), self._world.now_us() // 1000)
        cost = route.cost
        if route.all_cost and "symbol" not in query.params:
            cost = Cost(ip=route.all_cost)
        headers, excess = ({}, None) if self.key.tier == "off" else self._weights_used.take(request.path, cost)
        if excess is not None:
            return self._too_much(excess, headers)
        try:
            if route.is_signed:
                self._check_signed(request, query)
            body = route.answer(query)
        except Refusal as refusal:
            return self._refused(refusal, headers)
        text = json.dumps(body)
        return _json(_BARE.sub(r'"\1": \2', text) if route.bare else text, headers)

    def refuse(self, reason: str) -> web.Response:
        """The real error reply for a reason; see `Venue.refuse`."""
        now_ms = self._world.now_us() // 1000
        if reason in ("rate_limit", "too_many_requests"):
            return self._too_much(Excess(429, 2, self._weight_limit, now_ms + 2_000), {})
        if reason == "banned":
            return self._too_much(Excess(418, 120, self._weight_limit, now_ms + 120_000), {})
        return self._refused(Refusal(*_REFUSALS[reason]), {})

    def truth(self) -> dict[str, list[dict[str, object]]]:
        """Every raw row by stream, oldest first."""
        return {stream: list(rows) for stream, rows in self._streams().items()}

    @abstractmethod
    def _build(self) -> Streams:
        """Every raw row by stream."""

    @abstractmethod
    def _own(self) -> dict[str, Route]:
        """The endpoints of this exchange alone."""

    @abstractmethod
    def _spot(self) -> dict[str, Decimal]:
        """Units by asset in the spot wallet."""

    def _streams(self) -> Streams:
        history = self._world.history(self.name)
        if self._told[0] != len(history):
            self._told = (len(history), self._build())
        return self._told[1]

    def _rows(self, stream: str) -> list[Row]:
        """The rows of a stream as they are served today, newest first."""
        return list(self._world.served(self.name, stream, self._streams()[stream][::-1]))

    def _public(self) -> dict[str, Route]:
        weigh, market = self._weights, self._market

        def ticker(form: str, word: str) -> Route:
            cost, all_cost = Cost(weigh[word]), weigh[word + "_all"]
            return Route(lambda query: market.tickers(query, form), cost, False, all_cost)

        return {
            "/api/v3/ping": Route(lambda query: {}, Cost(), False),
            "/api/v3/time": Route(lambda query: {"serverTime": query.now_ms}, Cost(), False),
            "/api/v3/exchangeInfo": Route(market.exchange_info, Cost(weigh["info"]), False),
            "/api/v3/klines": Route(market.klines, Cost(weigh["klines"]), False),
            "/api/v3/ticker/24hr": ticker("24hr", "day"),
            "/api/v3/ticker/price": ticker("price", "price"),
            "/api/v3/ticker/bookTicker": ticker("bookTicker", "book"),
        }

    def _private(self) -> dict[str, Route]:
        return {
            "/api/v3/account": Route(self._account, Cost(self._weights["account"])),
            "/api/v3/myTrades": Route(self._my_trades, Cost(self._weights["trades"])),
        }

    def _account(self, query: Query) -> dict[str, object]:
        held = sorted(self._spot().items())
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": query.now_ms - 86_400_000,
            "accountType": "SPOT",
            "balances": [{"asset": asset, **_split(units)} for asset, units in held],
            "permissions": ["SPOT"],
            "uid": 354_937_868,
        }

    def _my_trades(self, query: Query) -> list[Row]:
        symbol = query.text("symbol")
        if symbol not in self._market.symbols():
            raise Refusal(-1121, "Invalid symbol.")
        rows = [row for row in self._streams()["trades"] if row["symbol"] == symbol]
        served = self._world.served(self.name, f"trades {symbol}", rows, False)
        return trades_page(query, served)

    def _check_signed(self, request: web.Request, query: Query) -> None:
        key = request.headers.get("X-MBX-APIKEY", "")
        if not key:
            raise Refusal(*_REFUSALS["bad_key"])
        if key != self.key.key or not self.key.can_read:
            raise Refusal(*_REFUSALS["permission"])
        told_ms, tolerance = query.number("timestamp"), query.number("recvWindow", 5_000)
        if tolerance > 60_000:
            raise Refusal(-1131, "recvWindow must be less than 60000")
        if told_ms >= query.now_ms + 1_000:
            raise Refusal(*_REFUSALS["early"])
        if query.now_ms - told_ms > tolerance:
            raise Refusal(*_REFUSALS["invalid_nonce"])
        signed, _, signature = request.rel_url.raw_query_string.rpartition("&signature=")
        right = hmac.new(self.key.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, signature):
            raise Refusal(*_REFUSALS["bad_signature"])

    @staticmethod
    def _refused(refusal: Refusal, headers: Mapping[str, str]) -> web.Response:
        body = json.dumps({"code": refusal.code, "msg": refusal.message})
        return _json(body, headers, refusal.status)

    @staticmethod
    def _too_much(excess: Excess, headers: Mapping[str, str]) -> web.Response:
        message = _BANNED.format(excess.until_ms) if excess.status == 418 else _WEIGHT.format(excess.limit)
        body = json.dumps({"code": -1003, "msg": message})
        wait = {"Retry-After": str(excess.retry_after)}
        return _json(body, {**headers, **wait}, excess.status)


def _json(text: str, headers: Mapping[str, str], status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, headers=headers, content_type="application/json", charset="utf-8")


def _split(units: Decimal) -> dict[str, str]:
    """A balance as free and locked: a tenth, cut to 8 decimals, waits in an order."""
    locked = ROUNDED.multiply(units, Decimal("0.1")).quantize(Decimal("1e-8"), context=ROUNDED)
    return {"free": wire(EXACT.subtract(units, locked)), "locked": wire(locked)}


def without(held: Mapping[str, Decimal], parts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What is held less the parts that lie elsewhere."""
    return {asset: EXACT.subtract(units, parts.get(asset, Decimal(0))) for asset, units in held.items()}


def listed(units: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    """(asset, plain text) in order of the ticker."""
    return [(asset, plain(amount)) for asset, amount in sorted(units.items())]
