"""The simulator as a process of its own, seen from the one that starts it."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
import tempfile
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.simulator.faults import ROUTE_FAULTS

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class LoopbackResolver(AbstractResolver):
    """Sends the names in `routes` to their loopback ports; any other name does not resolve."""

    def __init__(self, routes: Mapping[str, int]) -> None:
        self._routes = routes

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """One loopback address. Raises OSError for a name without a route."""
        if host not in self._routes:
            raise OSError(f"{host} is no host of the simulator")
        result = ResolveResult(
            hostname=host, host="127.0.0.1", port=self._routes[host], family=socket.AF_INET, proto=0, flags=0
        )
        return [result]

    async def close(self) -> None:
        """Nothing is held open."""


class SimulatorProcess:
    """`async with SimulatorProcess(...) as simulator`: runs it, and ends it with the block.

    Raises RuntimeError on entry where it does not come up, with what it said on standard error.
    """

    def __init__(
        self,
        seed: int = 1,
        venues: Sequence[str] = ("kraken", "coinbase", "binance", "binanceus"),
        rows: int | None = None,
        tick_rate: float = 1.0,
        scenario: str = "calm",
        limits: str = "real",
        speed: float = 1.0,
    ) -> None:
        self._words = ["--seed", str(seed), "--venues", ",".join(venues), "--tick-rate", str(tick_rate)]
        self._words += ["--scenario", scenario, "--limits", limits, "--speed", str(speed)]
        self._words += [] if rows is None else ["--rows", str(rows)]
        self._process: asyncio.subprocess.Process | None = None
        self._errors: IO[bytes] | None = None
        self._control: aiohttp.ClientSession | None = None
        self._untrusted_port = 0
        self.port = 0
        self.ca_file = ""
        self.hosts: list[str] = []
        self.accounts: dict[str, dict[str, str]] = {}
        self.venue_hosts: dict[str, list[str]] = {}
        self.routes: dict[str, int] = {}
        """Host name to loopback port, live: a resolver that reads it sees `tls_failure` and `dns_failure`."""

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def pid(self) -> int:
        """The process id, 0 before the start."""
        return self._process.pid if self._process else 0

    def credentials(self, venue: str) -> Credentials:
        """The account's key, for the real client."""
        account = self.accounts[venue]
        return Credentials(Secret(account["key"]), Secret(account["secret"]))

    def resolver(self) -> LoopbackResolver:
        """Real host names to the simulator; nothing else resolves."""
        return LoopbackResolver(self.routes)

    def ssl_context(self) -> ssl.SSLContext:
        """Trusts the simulator's throw-away authority and nobody else."""
        return ssl.create_default_context(cafile=self.ca_file)

    def session(self) -> aiohttp.ClientSession:
        """A client session that can reach the simulator and nothing else. Close it yourself."""
        connector = aiohttp.TCPConnector(resolver=self.resolver(), use_dns_cache=False, ssl=self.ssl_context())
        return aiohttp.ClientSession(connector=connector)

    async def truth(self, venue: str) -> dict[str, list[dict[str, Any]]]:
        """Every raw row by stream, in wire text."""
        rows: dict[str, list[dict[str, Any]]] = await self.call("truth", venue=venue)
        return rows

    async def balances(self, venue: str) -> dict[str, str]:
        """True units held by asset, as decimal text."""
        held: dict[str, str] = await self.call("balances", venue=venue)
        return held

    async def free(self, venue: str) -> dict[str, str]:
        """Units by asset that an order can sell now: held and not staked."""
        units: dict[str, str] = await self.call("free", venue=venue)
        return units

    async def stats(self, venue: str) -> dict[str, Any]:
        """`requests` by endpoint, `total`, `limit_hits`, `auth_failures`, `faults_served`, `websockets` opened so far,
        `open_sockets`."""
        counts: dict[str, Any] = await self.call("stats", venue=venue)
        return counts

    async def reset_stats(self) -> None:
        """All counts to zero."""
        await self.call("reset_stats")

    async def astray(self) -> list[dict[str, Any]]:
        """Requests that followed the `redirect` fault: `path`, `credentials` (header names), `signed`."""
        requests: list[dict[str, Any]] = await self.call("astray")
        return requests

    async def fault(self, venue: str, name: str, endpoint_substring: str = "", count: int | None = None) -> None:
        """Breaks the venue by name, for `count` requests or until cleared. `tls_failure` and `dns_failure` break all
        hosts of the venue through `routes`, and end open connections so that they are met at once."""
        if name not in ROUTE_FAULTS:
            await self.call("fault", venue=venue, name=name, endpoint_substring=endpoint_substring, count=count)
            return
        for host in self.venue_hosts[venue]:
            if name == "tls_failure":
                self.routes[host] = self._untrusted_port
            else:
                self.routes.pop(host, None)
        await self.call("drop_connections")

    async def clear_faults(self) -> None:
        """Everything works again."""
        self.routes.update(dict.fromkeys(self.hosts, self.port))
        await self.call("clear_faults")

    async def drop_connections(self) -> None:
        """Ends every open connection."""
        await self.call("drop_connections")

    async def crash(self, percent: float) -> None:
        """Drops the whole market within seconds."""
        await self.call("crash", percent=percent)

    async def set_price(self, asset: str, price: str) -> None:
        """Puts a coin at a US-dollar price."""
        await self.call("set_price", asset=asset, price=str(price))

    async def price(self, asset: str) -> str:
        """US dollars of one unit now."""
        return str(await self.call("price", asset=asset))

    async def tick_rate(self, per_second: float) -> None:
        """Batches of ticks a second; 0 holds the feed."""
        await self.call("tick_rate", per_second=per_second)

    async def skew(self, seconds: float) -> None:
        """Puts the venues' clocks ahead (or behind) of UTC."""
        await self.call("skew", seconds=seconds)

    async def happen(self, venue: str, happening: Mapping[str, Any]) -> int:
        """Books what the user does now, for example `{"kind": "sell", "market": "BTC/USD", "sent": ["0.5", "BTC"],
        "received": ["40000", "USD"], "fee": ["16", "USD"]}`; its number."""
        return int(await self.call("happen", venue=venue, happening=dict(happening)))

    async def limits(self, venue: str, tier: str) -> None:
        """The rate limits of the account: a tier's name, `real` or `off`."""
        await self.call("limits", venue=venue, tier=tier)

    async def set_key_rights(self, venue: str, **rights: bool) -> None:
        """What the key may do: `can_read`, `can_trade`, `can_withdraw`."""
        await self.call("set_key_rights", venue=venue, **rights)

    async def call(self, name: str, /, **values: Any) -> Any:
        """A control call by name. Raises ValueError with the simulator's words where it refuses."""
        if self._control is None:
            raise RuntimeError("the simulator is not running")
        async with self._control.post(f"/{name}", json=values) as response:
            answer = await response.json()
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["result"]

    async def close(self) -> None:
        """Ends the process; harmless when it has ended already."""
        if self._control is not None:
            await self._control.close()
            self._control = None
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._errors is not None:
            self._errors.close()

    def _last_error(self) -> str:
        if self._errors is None:
            return "it said nothing"
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    async def _start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        command = [sys.executable, "-m", "harvest_tui.simulator", *self._words]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # Its errors must not land on a screen that somebody else draws, nor the terminal's signals in it.
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=self._errors, limit=2**20, start_new_session=True
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), _START_SECONDS)
        if not line:
            status = await self._process.wait()
            raise RuntimeError(f"the simulator ended with status {status} before it was ready: {self._last_error()}")
        ready = json.loads(line)
        self.port, self._untrusted_port = ready["port"], ready["untrusted_port"]
        self.ca_file, self.hosts, self.accounts = ready["ca_file"], ready["hosts"], ready["accounts"]
        self.venue_hosts = ready["venues"]
        self.routes.update(dict.fromkeys(self.hosts, self.port))
        control = ready["control"]
        headers = {"X-Token": control["token"]}
        self._control = aiohttp.ClientSession(f"http://127.0.0.1:{control['port']}", headers=headers, trust_env=False)
