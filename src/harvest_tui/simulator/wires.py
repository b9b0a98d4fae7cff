"""Broken WebSockets: every open connection of a venue, and what is done to its bytes.

It works below the venue's own WebSocket code, on what that writes to the connection, so no venue
needs to know of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

WEBSOCKET_FAULTS: tuple[str, ...] = ("ws_close", "ws_half_open", "ws_silent", "ws_cut_frame", "ws_html_frame")
"""Names for `Wires.switch_on`.

ws_close: a close frame (1001), then the connection ends; once for the sockets open now. ws_half_open: nothing is
read and nothing is sent any more. ws_silent: pings are answered, data is not sent. ws_cut_frame: the
next frame stops in its middle and the connection ends. ws_html_frame: a web page instead of each frame of data.
All but ws_close also hold for sockets opened later, until cleared.
"""
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body>cloud front</body></html>"
_TEXT_OPENING, _CLOSE_FRAME = 0x81, b"\x88\x02\x03\xe9"


class Wire:
    """One upgraded connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write: Callable[[bytes], None] = transport.write
        self.fault = ""
        transport.write = self.write  # type: ignore[method-assign,assignment]

    @property
    def is_open(self) -> bool:
        """False once either side has ended the connection."""
        return not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """What the venue sends, as the fault lets it through."""
        is_through = self.fault == "" or bytes(data[:5]) == b"HTTP/"
        if is_through or (self.fault == "ws_silent" and _is_control(data)):
            self._write(data)
        elif self.fault == "ws_html_frame":
            self._write(data if _is_control(data) else bytes([_TEXT_OPENING, len(_HTML)]) + _HTML)
        elif self.fault == "ws_cut_frame":
            self._write(bytes(data[: max(1, len(data) // 2)]))
            self._transport.close()

    def suffer(self, fault: str) -> None:
        """Puts the connection under a fault, or (empty) lets data through again."""
        if self.fault == "ws_half_open" and fault != self.fault:
            self._transport.abort()
            return
        if fault == "ws_close":
            self._write(_CLOSE_FRAME)
            self._transport.close()
            return
        self.fault = fault
        if fault == "ws_half_open":
            self._transport.pause_reading()

    def abort(self) -> None:
        """Ends the connection without a word."""
        self._transport.abort()


class Wires:
    """All open WebSockets of one venue."""

    def __init__(self) -> None:
        self._wires: list[Wire] = []
        self._fault = ""

    def watch(self, request: web.Request) -> None:
        """Takes in a request that is about to be upgraded."""
        if isinstance(request.transport, asyncio.Transport):
            wire = Wire(request.transport)
            wire.suffer(self._fault)
            self._wires = [known for known in self._wires if known.is_open]
            self._wires.append(wire)

    def switch_on(self, fault: str) -> None:
        """Raises ValueError for a name that is none of `WEBSOCKET_FAULTS`."""
        if fault not in WEBSOCKET_FAULTS:
            raise ValueError(f"unknown websocket fault {fault!r}")
        self._fault = "" if fault == "ws_close" else fault
        for wire in self._wires:
            if wire.is_open:
                wire.suffer(fault)

    def clear(self) -> None:
        """Lets data through again; half-open connections end, as their bytes are lost."""
        self._fault = ""
        for wire in self._wires:
            if wire.is_open:
                wire.suffer("")

    def count(self) -> int:
        """Sockets that are open now."""
        return sum(wire.is_open for wire in self._wires)

    def abort(self) -> None:
        """Ends all sockets."""
        for wire in self._wires:
            wire.abort()


def _is_control(data: bytes) -> bool:
    """Close, ping and pong frames, and the pongs that a venue words as JSON."""
    return data[0] & 0x0F >= 8 or b'"pong"' in data
