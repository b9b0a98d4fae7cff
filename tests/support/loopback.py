"""A TLS server on 127.0.0.1 that answers real host names with a handler of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.certificates import Authority

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, hosts: Sequence[str], folder: Path) -> AsyncIterator[Transport]:
    """The transport that reaches `handler` under `hosts`, while the block runs."""
    authority = Authority.create("for one test only")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=authority.server_context(hosts)).start()
    ca_file = folder / "authority.pem"
    ca_file.write_bytes(authority.pem)
    try:
        yield Transport(loopback=dict.fromkeys(hosts, int(runner.addresses[0][1])), ca_file=ca_file)
    finally:
        await runner.cleanup()
