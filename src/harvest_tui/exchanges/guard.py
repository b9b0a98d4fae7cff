"""What every ccxt class of ours is made with: strict replies, exact numbers, and a pen that signs reads only."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from harvest_tui.errors import BadReply, KeyRefused, KeyUnavailable, OrderPlacementForbidden
from harvest_tui.exchanges.strategies.base import Endpoint

_log = logging.getLogger("harvest_tui.exchanges")
_RETRY_HINT = "nothing was stored; it is asked again at the next sync"
_NAMES_OF_SECRETS = ("api", "authorization", "sign", "key", "auth", "passphrase", "token")
_HARMLESS_HEADERS = frozenset({"content-type", "user-agent", "accept", "accept-encoding"})


@dataclass(slots=True)
class Heard:
    """Status and headers of the latest reply of one call."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


heard_now: ContextVar[Heard | None] = ContextVar("heard_now", default=None)
"""The call under way in this task."""

_highest_nonce: dict[tuple[str, int], int] = {}
"""The last nonce of each key, over all clients of this process."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def decode(body: str) -> Any:
    """JSON with every fraction as its own text. NaN and Infinity are errors (ValueError)."""
    return json.loads(body, parse_float=str, parse_constant=_refuse_constant)


@dataclass(frozen=True, slots=True)
class Pen:
    """The key, and the only calls it may sign."""

    endpoints: tuple[Endpoint, ...]
    hosts: frozenset[str]
    reveal: Callable[[], Mapping[str, str]] | None


class Guard:
    """Mixed in before a ccxt class, which stays without a key except while an allowed read is signed."""

    number = str
    timeout_on_exit = 0
    pen: Pen
    clock_skew_ms: float = 0.0
    has_rising_nonce: bool = False
    sent: int = 0
    label: str = ""
    last_request_headers: Any
    last_request_body: Any
    last_request_url: Any
    wall_ms: Callable[[], float]
    id: str
    urls: dict[str, Any]
    _blank: ClassVar[Mapping[str, str]] = {"apiKey": "", "secret": "", "password": ""}

    def milliseconds(self) -> int:
        """The exchange's time, in ms since 1970: our clock less what it is ahead."""
        return int(self.wall_ms() - self.clock_skew_ms)

    def seconds(self) -> int:
        """The exchange's time in whole seconds: some tokens are stamped with it."""
        return self.milliseconds() // 1000

    def nonce(self) -> int:
        """A time stamp, or where a nonce rules a number above every earlier one of the key in this process.

        A rising nonce is never lowered by a correction of the clock: an exchange forgives a high one, not a low one.
        """
        corrected: int = super().nonce()  # type: ignore[misc]
        if not self.has_rising_nonce:
            return corrected
        key = (self.id, hash(self.__dict__.get("apiKey", "")))
        number = max(int(self.wall_ms()), corrected, _highest_nonce.get(key, 0) + 1)
        _highest_nonce[key] = number
        return number

    async def fetch(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> Any:
        """One HTTP request, counted and logged by name: no parameter, key or amount is written."""
        label, heard = self.label, Heard()
        heard_now.set(heard)
        self.sent += 1
        started = time.monotonic()
        try:
            return await super().fetch(url, method, headers, body)  # type: ignore[misc]
        finally:
            self.last_request_headers = self.last_request_body = self.last_request_url = None
            took_ms = (time.monotonic() - started) * 1000
            _log.info("%s %s %s %.0f ms", self.id, label, heard.status or "no answer", took_ms)

    def on_rest_response(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        response_headers: Mapping[str, str],
        response_body: str,
        *_: object,
    ) -> str:
        """The body of a reply; a success must hold a JSON object or array, whatever the exchange serves."""
        heard = heard_now.get()
        if heard is not None:
            heard.status = code
            heard.headers = {name.lower(): text for name, text in response_headers.items()}
        body = response_body.strip()
        if 200 <= code < 300 and body[:1] not in ("{", "["):
            raise BadReply(f"{self.id} answered without data ({code}, no JSON)", _RETRY_HINT)
        return body

    def on_json_response(self, body: str) -> Any:
        """The decoded body with fractions as text."""
        try:
            return decode(body)
        except ValueError as error:
            heard = heard_now.get()
            if heard is not None and heard.status is not None and heard.status >= 400:
                raise
            raise BadReply(f"{self.id} sent broken JSON", _RETRY_HINT) from error
        except RecursionError as error:
            raise BadReply(f"{self.id} sent JSON nested too deep", _RETRY_HINT) from error

    def sign(
        self,
        path: str,
        api: str | Sequence[str] = "public",
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        *rest: Any,
    ) -> dict[str, Any]:
        """The request to send. Signed for a call of the allow-list, bare for public GETs, else refused."""
        self.label = f"{method} {path}"
        entry = (method, tuple(api) if not isinstance(api, str) else (api,), path)
        is_allowed = entry in self.allowed()
        if is_allowed and self.pen.reveal is not None:
            return self._signed(self.pen.reveal(), path, api, method, params or {}, *rest)
        try:
            return self._bare(path, api, method, params or {}, *rest)
        except OrderPlacementForbidden:
            if not is_allowed:
                raise
            raise KeyUnavailable(f"{self.id} was opened without a key", "connect the account first") from None

    def allowed(self) -> frozenset[tuple[str, tuple[str, ...], str]]:
        """Method, API and path of the calls that may be signed. Raises LookupError for one that ccxt does not have."""
        found = self.__dict__.get("_allowed_entries")
        if found is None:
            found = frozenset(_entry(type(self), endpoint.implicit) for endpoint in self.pen.endpoints)
            self.__dict__["_allowed_entries"] = found
        return found

    def _signed(self, secrets: Mapping[str, str], *request: Any) -> dict[str, Any]:
        try:
            for name, text in secrets.items():
                setattr(self, name, text)
            signed: dict[str, Any] = super().sign(*request)  # type: ignore[misc]
        except Exception as error:
            raise KeyRefused(
                f"the {self.id} secret cannot be used to sign ({type(error).__name__})",
                "enter the key again, whole and as the exchange showed it",
            ) from None
        finally:
            for name, text in self._blank.items():
                setattr(self, name, text)
        self._check_route(signed, self.pen.endpoints)
        return signed

    def _bare(self, *request: Any) -> dict[str, Any]:
        try:
            bare: dict[str, Any] = super().sign(*request)  # type: ignore[misc]
        except Exception as error:
            raise self._forbidden(str(request[2]), str(request[0])) from error
        headers = {str(name).lower() for name in (bare.get("headers") or {})}
        carries_secret = any(word in name for name in headers - _HARMLESS_HEADERS for word in _NAMES_OF_SECRETS)
        if bare["method"] != "GET" or bare.get("body") or carries_secret or "signature=" in bare["url"]:
            raise self._forbidden(str(request[2]), str(request[0]))
        self._check_route(bare, None)
        return bare

    def _check_route(self, request: Mapping[str, Any], endpoints: tuple[Endpoint, ...] | None) -> None:
        parts = urlsplit(request["url"])
        if parts.scheme != "https" or parts.hostname not in self.pen.hosts:
            raise self._forbidden(request["method"], f"{parts.scheme}://{parts.hostname}")
        if endpoints is None:
            return
        if not any(matches(endpoint, request["method"], parts.path) for endpoint in endpoints):
            raise self._forbidden(request["method"], parts.path)

    def _forbidden(self, method: str, path: str) -> OrderPlacementForbidden:
        return OrderPlacementForbidden(
            f"refused to send {method} {path[:60]} to {self.id}: it is not a read this program makes",
            "nothing was sent; please report this",
        )


def matches(endpoint: Endpoint, method: str, path: str) -> bool:
    """True where the request is the endpoint's own: same method, whole path matched, no dot segments."""
    plain = unquote(path)
    return endpoint.method == method and ".." not in plain and re.fullmatch(endpoint.path, path) is not None


def _entry(made: type, implicit: str) -> tuple[str, tuple[str, ...], str]:
    for base in made.__mro__:
        entry = base.__dict__.get(implicit)
        if entry is not None and hasattr(entry, "api"):
            api = entry.api
            return entry.method, tuple(api) if not isinstance(api, str) else (api,), entry.path
    raise LookupError(f"{made.__name__} has no call {implicit}")


def hosts_of(urls: object) -> frozenset[str]:
    """Every host named in ccxt's table of API addresses."""
    if isinstance(urls, str):
        host = urlsplit(urls).hostname
        return frozenset({host}) if host else frozenset()
    if isinstance(urls, Mapping):
        return frozenset(host for value in urls.values() for host in hosts_of(value))
    return frozenset()
