"""What a venue was asked: requests by endpoint, limits hit, refused keys, credentials gone astray."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

_ID_PART = re.compile(r"(?<=/)(?:[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})(?=/|$)")
_LIMIT = re.compile(rb"EAPI:Rate limit|Temporary lockout|Throttled|-1003|Too many requests|rate_limit_exceeded")
_REFUSED = re.compile(rb"EAPI:Invalid (?:key|signature|nonce)|-10(?:21|22)|-201[45]|Unauthorized|invalid_token")
_HEAD_BYTES = 400


@dataclass(slots=True)
class Stats:
    """Counts since the start or the last reset."""

    requests: Counter[str] = field(default_factory=Counter)
    limit_hits: int = 0
    auth_failures: int = 0
    faults_served: Counter[str] = field(default_factory=Counter)
    websockets: int = 0

    def ask(self, method: str, path: str) -> None:
        """Counts a request; ids in the path are written `{id}`."""
        self.requests[f"{method} {_ID_PART.sub('{id}', path)}"] += 1

    def judge(self, status: int, body: bytes) -> None:
        """Counts what the answer says of limits and keys."""
        head = body[:_HEAD_BYTES]
        if status in {418, 429} or _LIMIT.search(head):
            self.limit_hits += 1
        elif status == 401 or _REFUSED.search(head):
            self.auth_failures += 1

    def told(self) -> dict[str, object]:
        """The counts as plain JSON."""
        return {
            "requests": dict(self.requests),
            "total": self.requests.total(),
            "limit_hits": self.limit_hits,
            "auth_failures": self.auth_failures,
            "faults_served": dict(self.faults_served),
            "websockets": self.websockets,
        }
