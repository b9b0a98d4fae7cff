"""The simulator's server: every venue's real host names on one TLS port of the loopback address."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aiohttp import web

from harvest_tui.simulator.certificates import Authority
from harvest_tui.simulator.faults import TRAP_HOST, FaultPlan, reply_with
from harvest_tui.simulator.stats import Stats
from harvest_tui.simulator.wires import Wires

if TYPE_CHECKING:
    from harvest_tui.simulator.venue import ApiKey, Venue
    from harvest_tui.simulator.world import World

LOOPBACK = "127.0.0.1"
VENUES: Mapping[str, str] = {
    "kraken": "harvest_tui.simulator.kraken:KrakenVenue",
    "coinbase": "harvest_tui.simulator.coinbase:CoinbaseVenue",
    "binance": "harvest_tui.simulator.binance:BinanceVenue",
    "binanceus": "harvest_tui.simulator.binance:BinanceUsVenue",
}
"""Where each venue's class is; imported only when asked for."""
_CREDENTIAL_HEADERS = frozenset(
    {"api-key", "api-sign", "authorization", "x-mbx-apikey", "cb-access-key", "cb-access-sign"}
)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Site:
    """A venue on the server, with what has been asked of it and what is broken."""

    venue: Venue
    faults: FaultPlan = field(default_factory=FaultPlan)
    stats: Stats = field(default_factory=Stats)
    wires: Wires = field(default_factory=Wires)


class Server:
    """Serves a world's venues. `start` and `stop` once each."""

    def __init__(self, world: World, keys: Mapping[str, ApiKey]) -> None:
        self.world = world
        self.keys = dict(keys)
        self.sites = {name: Site(_load(name)(world, key)) for name, key in keys.items()}
        self.astray: list[dict[str, object]] = []
        """What arrived at the host that the `redirect` fault names."""
        self.authority = Authority.create("harvest-tui simulator, for this run only")
        self.port = self.untrusted_port = 0
        self._by_host = {host: site for site in self.sites.values() for host in site.venue.hosts}
        self._runner: web.AppRunner | None = None

    @property
    def hosts(self) -> list[str]:
        """Every name the server answers to."""
        return [*self._by_host, TRAP_HOST]

    async def start(self) -> None:
        """Listens on two ports of the loopback address; the second shows a certificate that nobody trusts."""
        app = web.Application(client_max_size=2_000_000)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        self.port = await self._listen(self.authority.server_context(self.hosts))
        self.untrusted_port = await self._listen(Authority.create("unknown authority").server_context(self.hosts))

    async def stop(self) -> None:
        """Ends all connections."""
        if self._runner is not None:
            for site in self.sites.values():
                site.wires.abort()
            await self._runner.cleanup()

    def site(self, venue: str) -> Site:
        """Raises ValueError for a venue that is not served."""
        if venue not in self.sites:
            raise ValueError(f"no such venue here: {venue!r}")
        return self.sites[venue]

    def drop_connections(self) -> None:
        """Ends every open connection, idle ones too, so that the next request has to connect again."""
        if self._runner is not None and self._runner.server is not None:
            for connection in list(self._runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()

    def set_key_rights(self, venue: str, **rights: bool) -> None:
        """Changes what the account's key may do (`can_read`, `can_trade`, `can_withdraw`)."""
        key = self.keys[venue]
        self._rekey(
            venue,
            replace(
                key,
                can_read=rights.get("can_read", key.can_read),
                can_trade=rights.get("can_trade", key.can_trade),
                can_withdraw=rights.get("can_withdraw", key.can_withdraw),
            ),
        )

    def set_tier(self, venue: str, tier: str) -> None:
        """Changes the account's rate limits: a tier's name, `real` for the first one, `off` for none."""
        self._rekey(venue, replace(self.keys[venue], tier=tier))

    def _rekey(self, venue: str, key: ApiKey) -> None:
        self.keys[venue] = key
        holder: Any = self.site(venue).venue
        holder.key = key

    async def _listen(self, context: ssl.SSLContext) -> int:
        assert self._runner is not None
        before = len(self._runner.addresses)
        await web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=context).start()
        return int(self._runner.addresses[before][1])

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        if host == TRAP_HOST:
            return self._trap(request)
        site = self._by_host.get(host)
        if site is None:
            return web.Response(status=421, text=f"no venue here is called {host}")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            site.stats.websockets += 1
            site.wires.watch(request)
            return await site.venue.handle(request)
        return await self._answer(site, request)

    async def _answer(self, site: Site, request: web.Request) -> web.StreamResponse:
        site.stats.ask(request.method, request.path)
        fault = site.faults.take(request.path)
        if fault is not None:
            site.stats.faults_served[fault] += 1
            response = await reply_with(fault, request, site.venue)
        else:
            response = await site.venue.handle(request)
        if isinstance(response, web.Response) and isinstance(response.body, (bytes, bytearray)):
            site.stats.judge(response.status, bytes(response.body[:400]))
        return response

    def _trap(self, request: web.Request) -> web.StreamResponse:
        found = sorted(_CREDENTIAL_HEADERS & {name.lower() for name in request.headers})
        self.astray.append({"path": request.path, "credentials": found, "signed": "signature=" in request.query_string})
        return web.json_response({"error": [], "result": {}})


def _load(name: str) -> Any:
    module, _, attribute = VENUES[name].partition(":")
    return getattr(import_module(module), attribute)
