"""The way to an exchange: verified TLS, no redirects, no proxies, bounded replies; on loopback if told so."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

REPLY_LIMIT = 8 * 2**20
"""Bytes of a history reply; a page of any exchange is far below."""
MARKET_LIST_LIMIT = 24 * 2**20
"""Bytes of a market list: Binance tells about 3,000 markets in 7 MB and more."""

_MARKET_LISTS = ("/exchangeInfo", "/AssetPairs", "/Assets", "/products", "/currencies", "/crypto", "/instruments")


class ReplyTooLarge(aiohttp.ClientPayloadError):
    """The reply went over its limit; the rest was not read."""


class RedirectRefused(aiohttp.ClientResponseError):
    """The server pointed elsewhere. Following it would carry the key along."""


class RouteRefused(aiohttp.ClientConnectionError):
    """A request to a host outside the ones this transport serves, or without TLS."""


@dataclass(frozen=True)
class Transport:
    """How hosts are reached. `loopback` maps host names to ports of 127.0.0.1; None means the real network.

    `ca_file` replaces the usual certificate authorities.
    """

    loopback: Mapping[str, int] | None = None
    ca_file: Path | None = None


class LoopbackResolver(AbstractResolver):
    """Sends the listed names to ports of 127.0.0.1 and knows no other name."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self._ports:
            raise OSError(f"{host} is not served on loopback")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=self._ports[host], family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        return None


class BoundedResponse(aiohttp.ClientResponse):
    """A response whose body is given up once it is larger than its kind may be."""

    async def read(self) -> bytes:
        if self._body is None:
            limit = MARKET_LIST_LIMIT if self.url.path.endswith(_MARKET_LISTS) else REPLY_LIMIT
            self._body = await self._read_up_to(limit)
        return await super().read()

    async def _read_up_to(self, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        try:
            while chunk := await self.content.readany():
                size += len(chunk)
                if size > limit:
                    raise ReplyTooLarge(f"reply larger than {limit} bytes")
                chunks.append(chunk)
        except BaseException:
            self.close()
            raise
        return b"".join(chunks)


def _bounded_routes(transport: Transport) -> aiohttp.ClientMiddlewareType:
    hosts = transport.loopback

    async def refuse_detours(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if request.url.scheme not in ("https", "wss") or (hosts is not None and request.url.host not in hosts):
            raise RouteRefused(f"refused to connect to {request.url.host}")
        response = await handler(request)
        if 300 <= response.status < 400:
            response.close()
            raise RedirectRefused(
                response.request_info, (), status=response.status, message="redirect refused", headers=response.headers
            )
        return response

    return refuse_detours


def tls_of(transport: Transport) -> ssl.SSLContext:
    """Trusts the authorities of `transport` alone; those of the real network are read once and shared."""
    if transport.ca_file is not None:
        return ssl.create_default_context(cafile=str(transport.ca_file))
    return _usual_tls()


@cache
def _usual_tls() -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context


def open_session(transport: Transport) -> aiohttp.ClientSession:
    """A session that reaches exchanges by `transport`, follows no redirect and reads no proxy settings."""
    resolver = None if transport.loopback is None else LoopbackResolver(transport.loopback)
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=resolver is None,
        ssl=tls_of(transport),
        limit=20,
        keepalive_timeout=20,
    )
    return aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        response_class=BoundedResponse,
        middlewares=(_bounded_routes(transport),),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
