"""What ccxt and the network raise, in our own words. No text of a reply, address or signature gets through."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Callable, Mapping

from harvest_tui.errors import (
    BadReply,
    ClockSkewed,
    ExchangeUnreachable,
    HarvestError,
    KeyRefused,
    RateLimited,
    RightMissing,
)
from harvest_tui.exchanges.transport import RedirectRefused, ReplyTooLarge, RouteRefused

_log = logging.getLogger("harvest_tui.exchanges")

NAMES = {
    "kraken": "Kraken",
    "coinbase": "Coinbase",
    "binance": "Binance",
    "binanceus": "Binance.US",
    "okx": "OKX",
    "bybit": "Bybit",
    "kucoin": "KuCoin",
    "gemini": "Gemini",
    "bitstamp": "Bitstamp",
    "cryptocom": "Crypto.com",
    "bitfinex": "Bitfinex",
    "gate": "Gate",
}


class RefusedRequest(BadReply):
    """The exchange understood the request and refused it: asking again is of no use."""


_LATER = "it is tried again by itself; what is known stays"
_LOCKOUT_SECONDS = 900.0
_BINANCE_KEY = re.compile(r'"code"\s*:\s*-(?:2014|2015)\b')
_NO_KEY = re.compile(r"invalid (?:api[- ]?)?(?:signature|key)|EAPI:Invalid (?:signature|key)", re.IGNORECASE)
_LOCKED_OUT = re.compile(r"temporary lockout|banned until|way too much request", re.IGNORECASE)
_THROTTLED = re.compile(r"EService:\s*Throttled:?\s*\[?(?P<until>\d{9,13}(?:\.\d+)?)?", re.IGNORECASE)


def name_of(exchange: str) -> str:
    """The exchange's name as it writes it."""
    return NAMES.get(exchange, exchange.capitalize())


def _unreachable(name: str) -> HarvestError:
    return ExchangeUnreachable(f"{name} gave no usable answer", _LATER)


def _slow(name: str) -> HarvestError:
    return ExchangeUnreachable(f"{name} did not answer in time", _LATER)


def _maintenance(name: str) -> HarvestError:
    return ExchangeUnreachable(f"{name} is down for maintenance", _LATER)


def _limited(name: str) -> HarvestError:
    return RateLimited(f"{name} asks us to slow down", _LATER)


def _clock(name: str) -> HarvestError:
    return ClockSkewed(
        f"{name} refuses the time or nonce of our requests",
        "set the computer's clock by network time, and give harvest-tui an API key of its own",
    )


def _key(name: str) -> HarvestError:
    return KeyRefused(f"{name} refuses the API key", f"make a new read-only key at {name} and connect it again")


def _suspended(name: str) -> HarvestError:
    return KeyRefused(f"{name} has locked the account or the key", f"sign in at {name} and see what it asks for")


def _right(name: str) -> HarvestError:
    return RightMissing(
        f"the {name} key may not read this", f"add the missing read right to the key at {name}, then sync again"
    )


def _bad_reply(name: str) -> HarvestError:
    return BadReply(f"{name} sent a reply that makes no sense", _LATER)


def _refused(name: str) -> HarvestError:
    return RefusedRequest(f"{name} refused the request", "update harvest-tui; if it stays, report it with the log")


def _not_offered(name: str) -> HarvestError:
    return RightMissing(f"{name} does not offer this to the key or region", "this part of the history stays unread")


def _closed(name: str) -> HarvestError:
    return ExchangeUnreachable(f"the connection to {name} was closed", "sync again")


_BY_CLASS: Mapping[str, Callable[[str], HarvestError]] = {
    "InvalidNonce": _clock,
    "DDoSProtection": _limited,
    "RateLimitExceeded": _limited,
    "OnMaintenance": _maintenance,
    "RequestTimeout": _slow,
    "ExchangeNotAvailable": _unreachable,
    "NetworkError": _unreachable,
    "BadResponse": _bad_reply,
    "OperationFailed": _unreachable,
    "AccountSuspended": _suspended,
    "PermissionDenied": _right,
    "AuthenticationError": _key,
    "ExchangeClosedByUser": _closed,
    "NotSupported": _not_offered,
    "RestrictedLocation": _not_offered,
    "ManualInteractionNeeded": _suspended,
    "InvalidProxySettings": _unreachable,
    "ExchangeError": _refused,
    "BaseError": _refused,
    "TimeoutError": _slow,
    "ClientPayloadError": _unreachable,
    "ClientError": _unreachable,
    "OSError": _unreachable,
}
"""By name of the class or its nearest base, so that a class ccxt adds later lands on its base."""


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _is(error: BaseException, *names: str) -> bool:
    return any(base.__name__ in names for base in type(error).__mro__)


def _network_trouble(chain: list[BaseException], name: str) -> HarvestError | None:
    for cause in chain:
        if isinstance(cause, ReplyTooLarge):
            return BadReply(f"{name} sent a reply larger than any of its replies", _LATER)
        if isinstance(cause, RedirectRefused):
            return BadReply(f"{name} pointed us to another address, which is never followed", _LATER)
        if isinstance(cause, RouteRefused):
            return ExchangeUnreachable(f"an address of {name} is not served here", "check the connection settings")
        if isinstance(cause, ssl.SSLCertVerificationError) or _is(cause, "ClientConnectorCertificateError"):
            return ExchangeUnreachable(
                f"the certificate of {name} cannot be trusted", "check the clock and the network: someone may listen in"
            )
        if _is(cause, "ClientConnectorDNSError"):
            return ExchangeUnreachable(f"the address of {name} was not found", "check the network; " + _LATER)
        if _is(cause, "ClientPayloadError", "ServerDisconnectedError"):
            return ExchangeUnreachable(f"the answer of {name} broke off", _LATER)
    return None


def _status_trouble(status: int | None, name: str) -> HarvestError | None:
    if status == 418:
        return RateLimited(f"{name} has banned this address for a while", "wait; every try makes it longer")
    if status == 429:
        return _limited(name)
    return None


def translate(
    error: BaseException,
    exchange: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    now: float = 0.0,
) -> HarvestError:
    """The error a person is told for whatever a call to `exchange` raised.

    `status` and `headers` (lower-case names) are those of the reply, `now` is seconds since 1970.
    """
    if isinstance(error, HarvestError):
        return error
    name = name_of(exchange)
    told = _network_trouble(_causes(error), name) or _status_trouble(status, name)
    text = str(error)
    if told is None and _BINANCE_KEY.search(text):
        # ccxt calls this a ban once a key has worked, and a ban is tried again.
        told = KeyRefused(
            f"{name} refuses the API key, its rights or this address",
            f"check the key's IP list and that it may read, or connect a new read-only key of {name}",
        )
    if told is None and (throttled := _THROTTLED.search(text)):
        told = RateLimited(f"{name} asks us to slow down", _LATER, _seconds_until(throttled["until"], now))
    if told is None:
        told = _by_class(error, exchange)
    if type(error).__name__ == "ExchangeError" and _NO_KEY.search(text):
        told = _key(name)
    if isinstance(told, RateLimited):
        _set_wait(told, text, status, headers or {})
    return told


def _by_class(error: BaseException, exchange: str) -> HarvestError:
    for base in type(error).__mro__:
        if base.__name__ in _BY_CLASS:
            return _BY_CLASS[base.__name__](name_of(exchange))
    # Neither ccxt's nor the network's: a reply so strange that ccxt stumbled, or a bug. The log tells which.
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = "" if frame is None else f" in {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}"
    _log.warning("%s %s%s", exchange, type(error).__name__, where)
    return _bad_reply(name_of(exchange))


def _seconds_until(text: str | None, now: float) -> float | None:
    if text is None:
        return None
    until = float(text)
    return max(0.0, (until / 1000 if until > 1e11 else until) - now)


def _set_wait(limited: RateLimited, text: str, status: int | None, headers: Mapping[str, str]) -> None:
    asked = headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 8:
        limited.retry_after = float(asked)
    elif limited.retry_after is None and (status == 418 or _LOCKED_OUT.search(text)):
        limited.retry_after = _LOCKOUT_SECONDS
