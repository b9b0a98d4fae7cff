"""A simulated Kraken: REST with its signatures, counter, paging and error bodies, and the ticker WebSocket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qs

from aiohttp import web

from harvest_tui.core.money import ROUNDED
from harvest_tui.simulator.kraken_codes import STAKING_CODES, figure
from harvest_tui.simulator.kraken_limits import CallCounter, Gate
from harvest_tui.simulator.kraken_market import VENUE, KrakenMarket, UnknownName
from harvest_tui.simulator.kraken_rows import KrakenRows, Row
from harvest_tui.simulator.kraken_socket import KrakenSocket
from harvest_tui.simulator.venue import ApiKey
from harvest_tui.simulator.world import World

_PAGE = 50
_MOST_STATES = 500
_REFUSALS: Mapping[str, tuple[int, str]] = {
    "rate_limit": (200, "EAPI:Rate limit exceeded"),
    "too_many_requests": (429, "EGeneral:Too many requests"),
    "banned": (200, "EGeneral:Temporary lockout"),
    "invalid_nonce": (200, "EAPI:Invalid nonce"),
    "bad_key": (200, "EAPI:Invalid key"),
    "bad_signature": (200, "EAPI:Invalid signature"),
    "permission": (200, "EGeneral:Permission denied"),
    "unavailable": (503, "EService:Unavailable"),
}
_NEEDED: Mapping[str, str] = {
    "Balance": "query-funds",
    "BalanceEx": "query-funds",
    "DepositStatus": "query-funds",
    "WithdrawStatus": "query-funds",
    "Ledgers": "query-ledger",
    "QueryLedgers": "query-ledger",
    "TradesHistory": "query-closed-trades",
    "QueryTrades": "query-closed-trades",
    "AddOrder": "modify-trades",
    "CancelOrder": "close-trades",
    "Withdraw": "withdraw-funds",
}
_CREATED_SECONDS = 1_640_995_200
Query = Mapping[str, str]


class KrakenVenue:
    """One account of the simulated exchange."""

    name: ClassVar[str] = VENUE
    hosts: ClassVar[tuple[str, ...]] = ("api.kraken.com", "ws.kraken.com", "ws-auth.kraken.com")

    def __init__(self, world: World, key: ApiKey) -> None:
        self.key = key
        self._world = world
        self._rows = KrakenRows(world.seed)
        self._market = KrakenMarket(world)
        self._gate = Gate()
        self._counter = CallCounter()
        self._private: Mapping[str, Callable[[Query], Any]] = {
            "GetApiKeyInfo": self._key_info,
            "Balance": self._balance,
            "BalanceEx": self._balance_ex,
            "Ledgers": lambda query: self._page("ledger", self._rows.ledger, query, ("asset", "type")),
            "TradesHistory": lambda query: self._page("trades", self._rows.trades, query, ()),
            "QueryLedgers": lambda query: _by_id(self._rows.ledger, query.get("id", "")),
            "QueryTrades": lambda query: _by_id(self._rows.trades, query.get("txid", "")),
            "DepositStatus": lambda query: self._states("deposits", self._rows.deposits, query),
            "WithdrawStatus": lambda query: self._states("withdrawals", self._rows.withdrawals, query),
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request to one of `hosts`."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await KrakenSocket(self._world, self._market).serve(request)
        _, _, kind, call = [*request.path.split("/"), "", "", ""][:4]
        if kind == "public":
            try:
                return _reply(self._market.answer(call, request.query))
            except UnknownName as error:
                return _error(200, str(error))
        if kind == "private" and request.method == "POST":
            return self._answer(call, request.path, request.headers, await request.text())
        return _error(404, "EGeneral:Unknown method")

    def refuse(self, reason: str) -> web.Response:
        """Kraken's reply for a refusal; most have status 200 and an error in the body."""
        return _error(*_REFUSALS[reason])

    def truth(self) -> dict[str, list[dict[str, object]]]:
        """Every row by stream, newest first, each with its `id`."""
        self._rows.take(self._world.history(VENUE))
        rows = self._rows
        streams = {
            "ledger": rows.ledger,
            "trades": rows.trades,
            "deposits": rows.deposits,
            "withdrawals": rows.withdrawals,
        }
        return {stream: [dict(row) for row in reversed(told)] for stream, told in streams.items()}

    def _answer(self, call: str, path: str, headers: Mapping[str, str], body: str) -> web.Response:
        reason = self._gate.refusal(self.key, headers, path, body)
        if reason is not None:
            return self.refuse(reason)
        if not self._counter.allows(call, self.key.tier):
            return self.refuse("rate_limit")
        if call in _NEEDED and _NEEDED[call] not in self._permissions():
            return self.refuse("permission")
        if call not in self._private:
            return _error(200, "EGeneral:Unknown method")
        self._rows.take(self._world.history(VENUE))
        try:
            return _reply(self._private[call]({name: values[0] for name, values in parse_qs(body).items()}))
        except (ValueError, UnknownName):
            return _error(200, "EGeneral:Invalid arguments")

    def _permissions(self) -> list[str]:
        read = ["query-funds", "query-open-trades", "query-closed-trades", "query-ledger"]
        trade, withdraw = ["modify-trades", "close-trades"], ["withdraw-funds"]
        return read * self.key.can_read + trade * self.key.can_trade + withdraw * self.key.can_withdraw

    def _key_info(self, query: Query) -> Any:
        return {
            "apiKeyName": "harvest",
            "apiKey": self.key.key,
            "nonce": query.get("nonce", "0"),
            "nonceWindow": 0,
            "permissions": self._permissions(),
            "iban": "AA88 N84G WOAK NMOI",
            "validUntil": "0",
            "queryFrom": "0",
            "queryTo": "0",
            "createdTime": str(_CREATED_SECONDS),
            "modifiedTime": str(_CREATED_SECONDS),
            "ipAllowlist": [],
            "lastUsed": str(self._world.now_us() // 1_000_000),
        }

    def _balance(self, query: Query) -> Any:
        return {code: figure(held, code) for code, held in self._rows.wallets.items()}

    def _balance_ex(self, query: Query) -> Any:
        """A tenth of every spot wallet, cut to 8 decimals, waits in an order; staked coins cannot."""
        held = self._rows.wallets.items()
        return {
            code: {"balance": figure(units, code), "hold_trade": figure(_in_orders(code, units), code)}
            for code, units in held
        }

    def _page(self, stream: str, rows: list[Row], query: Query, filters: Sequence[str]) -> Any:
        """Fifty rows from `ofs` on, newest first, of those after `start` (exclusive) and up to `end` (inclusive)."""
        told = [
            row
            for row in reversed(rows)
            if _is_within(row, query, rows) and all(_fits(row, name, query.get(name, "all")) for name in filters)
        ]
        served = self._world.served(VENUE, stream, told)
        offset = int(query.get("ofs", "0"))
        page = {str(row["id"]): _without_id(row) for row in served[offset : offset + _PAGE]}
        return {stream: page} if query.get("without_count") == "true" else {stream: page, "count": len(served)}

    def _states(self, stream: str, rows: list[Row], query: Query) -> Any:
        """Up to `limit` states, newest first; with `cursor` in an envelope that names the next page."""
        limit = int(query.get("limit", _MOST_STATES))
        if not 0 < limit <= _MOST_STATES:
            raise ValueError("limit")
        told = [
            row
            for row in reversed(rows)
            if _is_within(row, query, rows) and _fits(row, "asset", query.get("asset", "all"))
        ]
        served = self._world.served(VENUE, stream, told)
        cursor = query.get("cursor", "false")
        offset = int(cursor) if cursor.isdecimal() else 0
        page = [_without_id(row) for row in served[offset : offset + limit]]
        if cursor == "false":
            return page
        following = str(offset + limit) if offset + limit < len(served) else None
        return {"deposit" if stream == "deposits" else "withdrawal": page, "next_cursor": following}


def _in_orders(code: str, units: Decimal) -> Decimal:
    if code in STAKING_CODES:
        return Decimal(0)
    return ROUNDED.multiply(units, Decimal("0.1")).quantize(Decimal("1e-8"), rounding=ROUND_DOWN, context=ROUNDED)


def _is_within(row: Row, query: Query, rows: list[Row]) -> bool:
    start, end = query.get("start"), query.get("end")
    return not (start and row["time"] <= _moment(start, rows)) and not (end and row["time"] > _moment(end, rows))


def _moment(text: str, rows: list[Row]) -> float:
    """Seconds, given as such or by the id of a row."""
    if text[0].isdigit() and "-" not in text:
        return float(text)
    return next((float(row["time"]) for row in rows if row["id"] == text), 0.0)


def _fits(row: Row, name: str, wanted: str) -> bool:
    return wanted in {"", "all"} or row[name] in wanted.split(",")


def _by_id(rows: list[Row], ids: str) -> dict[str, Any]:
    wanted = set(ids.split(","))
    return {row["id"]: _without_id(row) for row in rows if row["id"] in wanted}


def _without_id(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _reply(result: Any) -> web.Response:
    return web.Response(text=json.dumps({"error": [], "result": result}), content_type="application/json")


def _error(status: int, text: str) -> web.Response:
    headers = {"Retry-After": "2"} if status == 429 else None
    body = json.dumps({"error": [text]})
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)
