"""The server on 127.0.0.1: the page, its files, and one socket to one monitor."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path
from string import Template

from aiohttp import WSMsgType, web

from harvest_tui.errors import WorldError
from harvest_tui.web.gate import LOOPBACK, Gate
from harvest_tui.web.program import Program

_log = logging.getLogger("harvest_tui.web")
_HERE = resources.files("harvest_tui.web")
_HEARTBEAT_SECONDS = 20.0
_CLOSE_SECONDS = 1.0
_LONGEST_MESSAGE = 1 << 20
"""Bytes from the browser in one piece: a paste is the longest there is."""
_MOST_CELLS = 1000
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "harvest-tui",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebMonitor:
    """`async with WebMonitor(...) as monitor`: serves until the block ends, and leaves no process behind.

    One browser at a time: the cache has one writer, so a window that is opened later takes over from the one before.
    """

    def __init__(self, command: Sequence[str], title: str, tell: Callable[[str], None], port: int = 0) -> None:
        """`tell` is handed what the user of the server's terminal should know. Port 0 is a free one."""
        self._command = command
        self._title = title
        self._tell = tell
        self._port = port
        self._runner: web.AppRunner | None = None
        self._browser: web.WebSocketResponse | None = None
        self._seat = asyncio.Lock()
        self._gate = Gate(port)

    @property
    def address(self) -> str:
        """What the user opens, with the token."""
        return self._gate.address

    async def __aenter__(self) -> WebMonitor:
        """Raises WorldError where the port cannot be listened on."""
        app = web.Application(middlewares=[self._guarded])
        runner = self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=_CLOSE_SECONDS
        )
        app.on_response_prepare.append(self._seal)
        app.on_shutdown.append(self._close)
        listening = await self._listen()
        self._gate = Gate(int(listening.getsockname()[1]))
        self._add_routes(app)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        return self
