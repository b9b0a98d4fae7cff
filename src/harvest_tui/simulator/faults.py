"""Broken REST replies by name. Each is what a real exchange, its gateway or the network has been seen to do.

`tls_failure` and `dns_failure` lie on the client's side of the wire: `SimulatorProcess.fault` serves
them by its `routes` (a port with an untrusted certificate; a host that no longer resolves).
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from harvest_tui.simulator.venue import Venue

TRAP_HOST = "trap.simulator.invalid"
"""Where `redirect` leads; the simulator answers it too and records what arrived."""
ROUTE_FAULTS = ("tls_failure", "dns_failure")
_HUGE_BYTES = 50_000_000
_PATIENCE_SECONDS = 300
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"

Reply = Callable[[web.Request, Venue], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Rule:
    """A fault for the requests whose path contains `endpoint`; `left` is None for "until cleared"."""

    name: str
    endpoint: str
    left: int | None


class FaultPlan:
    """The faults that are switched on for one venue."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def switch_on(self, name: str, endpoint: str = "", count: int | None = None) -> None:
        """Raises ValueError for a name that is none of `REST_FAULTS`."""
        if name not in REST_FAULTS:
            raise ValueError(f"unknown fault {name!r}")
        self._rules.append(Rule(name, endpoint, count))

    def clear(self) -> None:
        """Switches all off."""
        self._rules.clear()

    def take(self, path: str) -> str | None:
        """The fault that this request meets, used up by one."""
        for rule in self._rules:
            if rule.endpoint in path and rule.left != 0:
                if rule.left is not None:
                    rule.left -= 1
                return rule.name
        return None


async def reply_with(fault: str, request: web.Request, venue: Venue) -> web.StreamResponse:
    """The broken reply. Faults of the body take the venue's own reply as their matter."""
    return await REST_FAULTS[fault](request, venue)


def _refusal(reason: str) -> Reply:
    async def reply(request: web.Request, venue: Venue) -> web.StreamResponse:
        response = venue.refuse(reason)
        if reason == "too_many_requests":
            response.headers.setdefault("Retry-After", "2")
        return response

    return reply


def _fixed(status: int, body: str, content_type: str) -> Reply:
    async def reply(request: web.Request, venue: Venue) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type=content_type)

    return reply


def _changed(change: Callable[[str], str]) -> Reply:
    async def reply(request: web.Request, venue: Venue) -> web.StreamResponse:
        response = await venue.handle(request)
        body = response.body if isinstance(response, web.Response) else b""
        text = body.decode() if isinstance(body, bytes) else ""
        return web.Response(status=response.status, text=change(text), content_type="application/json")

    return reply


def _cut(text: str) -> str:
    return text[: len(text) * 2 // 3]


def _reshaped(number: Callable[[object], object]) -> Callable[[str], str]:
    def reshape(value: object) -> object:
        if isinstance(value, Mapping):
            return {key: reshape(part) for key, part in value.items()}
        if isinstance(value, list):
            return [reshape(part) for part in value]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number(value) if is_number or (isinstance(value, str) and _NUMBER.fullmatch(value)) else value

    return lambda text: json.dumps(reshape(json.loads(text)))


async def _reset(request: web.Request, venue: Venue) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def _short_body(request: web.Request, venue: Venue) -> web.StreamResponse:
    response = await venue.handle(request)
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b"{}"
    short = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body) + 500)})
    await short.prepare(request)
    await short.write(body)
    if request.transport is not None:
        request.transport.close()
    return short


async def _redirect(request: web.Request, venue: Venue) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": f"https://{TRAP_HOST}{request.path_qs}"})


async def _timeout(request: web.Request, venue: Venue) -> web.StreamResponse:
    for _ in range(_PATIENCE_SECONDS * 10):
        if request.transport is None or request.transport.is_closing():
            break
        await asyncio.sleep(0.1)
    return web.Response(status=504)


async def _slow_loris(request: web.Request, venue: Venue) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
    await response.prepare(request)
    for _ in range(_PATIENCE_SECONDS * 5):
        if request.transport is None or request.transport.is_closing():
            break
        await response.write(b" ")
        await asyncio.sleep(0.2)
    return response


async def _huge_reply(request: web.Request, venue: Venue) -> web.StreamResponse:
    opening, closing, chunk = b'{"error":[],"result":{"blob":"', b'"}}', b"0123456789abcdef" * 4096
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(opening)
    for _ in range(_HUGE_BYTES // len(chunk) + 1):
        if request.transport is None or request.transport.is_closing():
            return response
        await response.write(chunk)
    await response.write(closing)
    return response


REST_FAULTS: Mapping[str, Reply] = {
    "too_many_requests": _refusal("too_many_requests"),
    "banned_418": _refusal("banned"),
    "forbidden_html": _fixed(403, _PAGE.format("403 Forbidden"), "text/html"),
    "unavailable_503": _refusal("unavailable"),
    "captcha_200": _fixed(200, _PAGE.format("Just a moment..."), "text/html"),
    "cut_json": _changed(_cut),
    "empty_body": _fixed(200, "", "application/json"),
    "null": _fixed(200, "null", "application/json"),
    "bare_string": _fixed(200, '"OK"', "application/json"),
    "list_body": _fixed(200, '[{"unexpected": "body"}]', "application/json"),
    "wrong_types": _changed(_reshaped(lambda value: {"value": value})),
    "nan": _changed(_reshaped(lambda value: float("nan"))),
    "invalid_nonce": _refusal("invalid_nonce"),
    "bad_key": _refusal("bad_key"),
    "permission": _refusal("permission"),
    "rate_limit": _refusal("rate_limit"),
    "reset": _reset,
    "short_body": _short_body,
    "redirect": _redirect,
    "timeout": _timeout,
    "slow_loris": _slow_loris,
    "huge_reply": _huge_reply,
}
"""The 22 faults that the server itself makes; `ROUTE_FAULTS` are the other two."""
