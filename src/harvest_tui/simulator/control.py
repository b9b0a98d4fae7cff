"""The simulator's remote control: what a test may ask and change, as calls of JSON values."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from aiohttp import web

from harvest_tui.core.money import parse_decimal
from harvest_tui.simulator.faults import REST_FAULTS
from harvest_tui.simulator.history_faults import HISTORY_FAULTS
from harvest_tui.simulator.server import LOOPBACK, Server
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg
from harvest_tui.simulator.wires import WEBSOCKET_FAULTS

Call = Callable[..., Any]


class Control:
    """Answers `POST /NAME` with a JSON object of arguments on a port of its own, to who knows the token."""

    def __init__(self, server: Server, token: str, shut_down: asyncio.Event) -> None:
        self._server = server
        self.token = token
        self._runner: web.AppRunner | None = None
        self.port = 0
        world = server.world
        self._calls: dict[str, Call] = {
            "truth": lambda venue: server.site(venue).venue.truth(),
            "balances": lambda venue: {asset: str(held) for asset, held in world.balances(venue).items()},
            "free": lambda venue: {asset: str(units) for asset, units in world.free(venue).items()},
            "stats": lambda venue: server.site(venue).stats.told() | {"open_sockets": server.site(venue).wires.count()},
            "reset_stats": self._reset_stats,
            "astray": lambda: server.astray,
            "fault": self._fault,
            "clear_faults": self._clear_faults,
            "drop_connections": server.drop_connections,
            "crash": world.crash,
            "set_price": lambda asset, price: world.set_price(asset, parse_decimal(price)),
            "price": lambda asset: str(world.live_price(asset)),
            "tick_rate": self._tick_rate,
            "skew": world.skew,
            "happen": lambda venue, happening: world.happen(venue, _happening(happening)).number,
            "limits": server.set_tier,
            "set_key_rights": server.set_key_rights,
            "shut_down": shut_down.set,
        }

    async def start(self) -> None:
        """Listens on a free port of the loopback address."""
        app = web.Application()
        app.router.add_post("/{name}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stops listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("X-Token", "").encode(), self.token.encode()):
            return web.json_response({"error": "the token is wrong"}, status=403)
        call = self._calls.get(request.match_info["name"])
        if call is None:
            return web.json_response({"error": "no such call"}, status=404)
        try:
            result = call(**json.loads(await request.text() or "{}"))
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.Response(text=json.dumps({"result": result}), content_type="application/json")

    def _fault(self, venue: str, name: str, endpoint_substring: str = "", count: int | None = None) -> None:
        site = self._server.site(venue)
        if name in REST_FAULTS:
            site.faults.switch_on(name, endpoint_substring, count)
        elif name in WEBSOCKET_FAULTS:
            site.wires.switch_on(name)
        elif name in HISTORY_FAULTS:
            self._server.world.faults.switch_on(venue, name)
        else:
            raise ValueError(f"unknown fault {name!r}")

    def _clear_faults(self) -> None:
        for site in self._server.sites.values():
            site.faults.clear()
            site.wires.clear()
        self._server.world.faults.clear()

    def _reset_stats(self) -> None:
        for site in self._server.sites.values():
            site.stats = type(site.stats)()
        self._server.astray.clear()

    def _tick_rate(self, per_second: float) -> None:
        if not 0 <= per_second <= 1000:
            raise ValueError("from 0 to 1000 ticks a second")
        self._server.world.tick_rate = per_second


def _happening(told: dict[str, Any]) -> Happening:
    """From `kind`, the legs `sent`, `received`, `fee` as `[quantity, asset]`, and the words as they are named."""
    return Happening(
        number=0,
        at_us=0,
        kind=HappeningKind(told["kind"]),
        sent=_leg(told.get("sent")),
        received=_leg(told.get("received")),
        fee=_leg(told.get("fee")),
        market=str(told.get("market", "")),
        txid=str(told.get("txid", "")),
        address=str(told.get("address", "")),
        peer=str(told.get("peer", "")),
    )


def _leg(told: Any) -> Leg | None:
    if told is None:
        return None
    quantity, asset = told
    value: Decimal = parse_decimal(str(quantity))
    if value <= 0:
        raise ValueError("a leg's quantity is above zero")
    return Leg(str(asset), value)
