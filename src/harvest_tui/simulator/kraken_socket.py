"""Kraken's WebSocket, version 2: the ticker channel, heartbeats and pings."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

from harvest_tui.simulator.kraken_market import VENUE, KrakenMarket
from harvest_tui.simulator.world import World

_HEARTBEAT_SECONDS = 1.0


class KrakenSocket:
    """One client's connection."""

    def __init__(self, world: World, market: KrakenMarket) -> None:
        self._world = world
        self._market = market
        self._symbols: set[str] = set()
        self._socket = web.WebSocketResponse(autoping=True)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talks until either side ends."""
        await self._socket.prepare(request)
        status = {"api_version": "v2", "connection_id": 8628615390848610222, "system": "online", "version": "2.0.0"}
        await self._send({"channel": "status", "type": "update", "data": [status]})
        feeds = [asyncio.create_task(self._feed()), asyncio.create_task(self._beat())]
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(message.data)
        finally:
            for feed in feeds:
                feed.cancel()
            await asyncio.gather(*feeds, return_exceptions=True)
        return self._socket

    async def _hear(self, text: str) -> None:
        try:
            asked = json.loads(text)
        except ValueError:
            await self._send({"error": "Malformed request", "success": False})
            return
        method, number = asked.get("method"), asked.get("req_id")
        if method == "ping":
            await self._send({"method": "pong", "req_id": number, **_times()})
        elif method in {"subscribe", "unsubscribe"}:
            await self._change(method, asked.get("params") or {}, number)
        else:
            await self._refuse(str(method), number, "Unsupported method")

    async def _change(self, method: str, wanted: dict[str, Any], number: object) -> None:
        if wanted.get("channel") != "ticker":
            await self._refuse(method, number, "Unsupported channel")
            return
        known = {f"{base}/{quote}": (base, quote) for base, quote in self._world.markets(VENUE)}
        for symbol in wanted.get("symbol", []):
            if symbol not in known:
                await self._refuse(method, number, f"Currency pair not supported {symbol}", symbol)
                continue
            result = {"channel": "ticker", "event_trigger": "trades", "snapshot": True, "symbol": symbol}
            await self._send({"method": method, "req_id": number, "result": result, "success": True, **_times()})
            if method == "subscribe":
                await self._tell("snapshot", self._market.ticker_v2(self._world.tick(*known[symbol])))
                self._symbols.add(symbol)
            else:
                self._symbols.discard(symbol)

    async def _feed(self) -> None:
        with suppress(ConnectionError):
            async for batch in self._world.ticks(VENUE):
                for tick in batch:
                    if f"{tick.base}/{tick.quote}" in self._symbols:
                        await self._tell("update", self._market.ticker_v2(tick))

    async def _beat(self) -> None:
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(_HEARTBEAT_SECONDS)
                if self._symbols:
                    await self._send({"channel": "heartbeat"})

    async def _tell(self, kind: str, ticker: dict[str, Any]) -> None:
        await self._send({"channel": "ticker", "type": kind, "data": [ticker]})

    async def _refuse(self, method: str, number: object, error: str, symbol: str | None = None) -> None:
        reply = {"error": error, "method": method, "req_id": number, "success": False, **_times()}
        await self._send(reply if symbol is None else {**reply, "symbol": symbol})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send_str(json.dumps(message))


def _times() -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"time_in": now, "time_out": now}
