"""Request weights as Binance counts them: by minute for the address, by minute and by second for the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_REFUSALS_BEFORE_BAN = 10
_BAN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call weighs. `ip` counts for the address, `uid` for the account; `uid_second` is per second."""

    ip: int = 1
    uid: int = 0
    uid_second: int = 0
    is_sapi: bool = False


@dataclass(frozen=True, slots=True)
class Excess:
    """A refused call: HTTP status, seconds to wait, and the limit that was met."""

    status: int
    retry_after: int
    limit: int
    until_ms: int


@dataclass(slots=True)
class _Window:
    limit: int
    width_us: int
    number: int = -1
    used: int = 0

    def take(self, weight: int, now_us: int) -> bool:
        number = now_us // self.width_us
        if number != self.number:
            self.number, self.used = number, 0
        self.used += weight
        return self.used <= self.limit

    def seconds_left(self, now_us: int) -> int:
        return -(-(self.width_us - now_us % self.width_us) // 1_000_000)


_MINUTE, _SECOND = 60_000_000, 1_000_000
UID_LIMIT = 180_000
SAPI_IP_LIMIT = 12_000


class WeightCounter:
    """All windows of one account behind one address. `clock` gives UTC microseconds."""

    def __init__(self, per_minute: int, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._api = _Window(per_minute, _MINUTE)
        self._sapi: dict[str, _Window] = {}
        self._uid: dict[str, _Window] = {}
        self._uid_second: dict[str, _Window] = {}
        self._refusals = 0
        self._banned_until_us = 0

    def take(self, path: str, cost: Cost) -> tuple[dict[str, str], Excess | None]:
        """Counts a call. Returns the headers that tell the weight used, and the excess where it is refused."""
        now = self._clock()
        if now < self._banned_until_us:
            return {}, self._excess(418, -(-(self._banned_until_us - now) // _SECOND), self._per_minute)
        headers: dict[str, str] = {}
        excess: Excess | None = None
        for name, window, weight in self._windows(path, cost):
            within = window.take(weight, now)
            headers[name] = str(window.used)
            if not within and excess is None:
                excess = self._excess(429, window.seconds_left(now), window.limit)
        if excess is not None:
            # Only the shared weight leads to a ban; `sapi` limits answer 429 for ever.
            self._refusals += not cost.is_sapi
            if self._refusals > _REFUSALS_BEFORE_BAN:
                self._banned_until_us = now + _BAN_SECONDS * _SECOND
                excess = self._excess(418, _BAN_SECONDS, excess.limit)
        else:
            self._refusals = 0
        return headers, excess

    def _excess(self, status: int, seconds: int, limit: int) -> Excess:
        return Excess(status, seconds, limit, self._clock() // 1000 + seconds * 1000)

    def _windows(self, path: str, cost: Cost) -> list[tuple[str, _Window, int]]:
        if not cost.is_sapi:
            return [("X-MBX-USED-WEIGHT-1M", self._api, cost.ip), ("X-MBX-USED-WEIGHT", self._api, 0)]
        found = []
        if cost.ip:
            sapi = self._sapi.setdefault(path, _Window(SAPI_IP_LIMIT, _MINUTE))
            found.append(("X-SAPI-USED-IP-WEIGHT-1M", sapi, cost.ip))
        if cost.uid:
            uid = self._uid.setdefault(path, _Window(UID_LIMIT, _MINUTE))
            found.append(("X-SAPI-USED-UID-WEIGHT-1M", uid, cost.uid))
        if cost.uid_second:
            second = self._uid_second.setdefault(path, _Window(UID_LIMIT, _SECOND))
            found.append(("X-SAPI-USED-UID-WEIGHT-1S", second, cost.uid_second))
        return found
