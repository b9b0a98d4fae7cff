"""Kraken's call counter and its check of keys, nonces and signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from harvest_tui.simulator.venue import ApiKey

TIERS: Mapping[str, tuple[float, float]] = {"starter": (15, 0.33), "intermediate": (20, 0.5), "pro": (20, 1.0)}
"""The counter's highest value, and how much of it decays in a second."""
_HISTORY_CALLS = frozenset({"Ledgers", "QueryLedgers", "TradesHistory", "QueryTrades", "ClosedOrders"})


class CallCounter:
    """Counts up by each private call and decays with time. `off` as a tier never refuses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._level = 0.0
        self._at = clock()

    def allows(self, call: str, tier: str) -> bool:
        """True where the call fits below the tier's highest value; only then it is counted."""
        if tier == "off":
            return True
        highest, decay = TIERS.get(tier, TIERS["starter"])
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._at) * decay)
        self._at = now
        cost = 2 if call in _HISTORY_CALLS else 1
        if self._level + cost > highest:
            return False
        self._level += cost
        return True


class Gate:
    """Lets in who signs with the account's secret and a nonce above the last one."""

    def __init__(self) -> None:
        self._last_nonce = -1

    def refusal(self, key: ApiKey, headers: Mapping[str, str], path: str, body: str) -> str | None:
        """The reason for `Venue.refuse`, or None where the request is good. A good request uses up its nonce."""
        if headers.get("API-Key") != key.key:
            return "bad_key"
        nonce = parse_qs(body).get("nonce", [""])[0]
        if not hmac.compare_digest(signature(key.secret, path, nonce, body), headers.get("API-Sign", "")):
            return "bad_signature"
        if not nonce.isascii() or not nonce.isdecimal() or int(nonce) <= self._last_nonce:
            return "invalid_nonce"
        self._last_nonce = int(nonce)
        return None


def signature(secret: str, path: str, nonce: str, body: str) -> str:
    """API-Sign: HMAC-SHA512 by the secret over the path and SHA256(nonce + body), in base64."""
    inner = hashlib.sha256((nonce + body).encode()).digest()
    try:
        secret_bytes = base64.b64decode(secret)
    except binascii.Error:
        return ""
    return base64.b64encode(hmac.new(secret_bytes, path.encode() + inner, hashlib.sha512).digest()).decode()
