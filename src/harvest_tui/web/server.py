"""The server on 127.0.0.1: the page, its files, and one socket to one monitor."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import resources
from pathlib import Path
from string import Template

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler, Middleware

from harvest_tui.errors import WorldError
from harvest_tui.web.gate import LOOPBACK, Gate
from harvest_tui.web.program import Program

_log = logging.getLogger("harvest_tui.web")
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
Tell = Callable[[str], None]


@asynccontextmanager
async def serving(command: Sequence[str], title: str, tell: Tell, port: int = 0) -> AsyncIterator[Gate]:
    """Serves the program that `command` starts until the block ends, and leaves no process behind. Port 0: a free one.

    `tell` is handed what whoever started the server should know. Raises WorldError where the port is taken.
    """
    try:
        listening = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise WorldError(
            f"cannot listen on {LOOPBACK}:{port} ({error.strerror})", "choose another --port, or none"
        ) from error
    with listening:
        gate = Gate(int(listening.getsockname()[1]))
        runner = web.AppRunner(
            WebMonitor(gate, command, title, tell).app(),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=_CLOSE_SECONDS,
        )
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            yield gate
        finally:
            await runner.cleanup()


class WebMonitor:
    """The page and what it shows.

    One browser at a time: the cache has one writer, so a window that is opened later takes over from the one before.
    """

    def __init__(self, gate: Gate, command: Sequence[str], title: str, tell: Tell) -> None:
        self._gate = gate
        self._command = command
        self._tell = tell
        self._page = _page(title, gate)
        self._browser: web.WebSocketResponse | None = None
        self._seat = asyncio.Lock()

    def app(self) -> web.Application:
        """Every way in, each behind the gate."""
        app = web.Application(middlewares=[self._guarded()])
        app.on_response_prepare.append(self._seal)
        app.on_shutdown.append(self._close)
        room = self._gate.room
        app.router.add_get("/", self._door)
        app.router.add_get(room, self._show_page)
        app.router.add_get(f"{room}page.css", _sender("page.css", "text/css"))
        app.router.add_get(f"{room}page.js", _sender("page.js", "text/javascript"))
        app.router.add_get(f"{room}socket", self._socket)
        app.router.add_static(f"{room}static", Path(str(resources.files("textual_serve"))) / "static")
        return app

    def _guarded(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._gate.check(request)
            return await handler(request)

        return guarded

    async def _seal(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = _policy(self._gate.origin)

    async def _door(self, request: web.Request) -> web.Response:
        return self._gate.enter(request)

    async def _show_page(self, _: web.Request) -> web.Response:
        return web.Response(text=self._page, content_type="text/html")

    # The socket.

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        self._gate.check_socket(request)
        browser = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_SECONDS, timeout=_CLOSE_SECONDS, max_msg_size=_LONGEST_MESSAGE
        )
        await browser.prepare(request)
        before, self._browser = self._browser, browser
        if before is not None:
            await before.close(message=b"opened elsewhere")
        # The monitor before this one is gone when the seat is free: two would fight for the cache.
        async with self._seat:
            if self._browser is browser and not browser.closed:
                await self._play(
                    browser, _cells(request.query.get("width"), 80), _cells(request.query.get("height"), 24)
                )
        await browser.close()
        return browser

    async def _play(self, browser: web.WebSocketResponse, width: int, height: int) -> None:
        try:
            program = await Program.start(self._command, width, height)
        except OSError as error:
            self._tell(f"the monitor does not start ({error.strerror})")
            return
        playing = asyncio.create_task(program.play(browser.send_bytes), name="draw in the browser")
        hearing = asyncio.create_task(_hear(browser, program), name="keys from the browser")
        try:
            await asyncio.wait({playing, hearing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (playing, hearing):
                task.cancel()
            await asyncio.gather(playing, hearing, return_exceptions=True)
            await program.end()
        if program.status:
            await self._tell_end(browser, program)

    async def _tell_end(self, browser: web.WebSocketResponse, program: Program) -> None:
        """Why a monitor ended that had no reason to, in both places where somebody may look."""
        _log.error("the monitor in the browser ended with %s", program.status)
        self._tell(program.last_words or f"the monitor ended with {program.status}")
        words = "".join(character for character in program.last_words if character.isprintable())
        with suppress(ConnectionError):
            await browser.send_bytes(f"\x1b[?1049l\x1b[2J\x1b[H{words}\r\n".encode())

    async def _close(self, _: web.Application) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            await browser.close(message=b"the server ends")
        async with self._seat:
            return


async def _hear(browser: web.WebSocketResponse, program: Program) -> None:
    """Until the browser closes. What is none of its messages is passed over."""
    async for message in browser:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            kind, *told = json.loads(message.data)
        except (ValueError, TypeError):
            continue
        match kind, told:
            case "stdin", [str(keys)]:
                await program.press(keys)
            case "resize", [{"width": int(width), "height": int(height)}]:
                await program.tell(
                    {"type": "resize", "width": _cells(str(width), 80), "height": _cells(str(height), 24)}
                )
            case (("focus" | "blur"), _):
                await program.tell({"type": kind})
            case "ping", [str() | int() | float() as sent]:
                await browser.send_json(["pong", sent])


def _cells(told: str | None, usual: int) -> int:
    """A width or height that a terminal may have."""
    number = int(told) if told and told.isascii() and told.isdigit() and len(told) < 9 else usual
    return max(1, min(_MOST_CELLS, number))


def _page(title: str, gate: Gate) -> str:
    socket_address = f"ws{gate.origin.removeprefix('http')}{gate.room}socket"
    return Template(_text("page.html")).substitute(title=title, socket=socket_address)


def _sender(name: str, content_type: str) -> Handler:
    """Answers with a file of ours."""

    async def send(_: web.Request) -> web.StreamResponse:
        return web.Response(text=_text(name), content_type=content_type)

    return send


def _text(name: str) -> str:
    return resources.files("harvest_tui.web").joinpath(name).read_text("utf-8")


def _policy(origin: str) -> str:
    """Nothing from elsewhere, and no script but the file of our own. The terminal writes its colours as styles."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src 'self' data:; connect-src ws{origin.removeprefix('http')}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
