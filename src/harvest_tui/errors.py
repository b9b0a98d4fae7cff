"""Every error a person can meet, each with what happened and what to do next."""

from __future__ import annotations


class HarvestError(Exception):
    """Base of all errors we show. `exit_code` is the process status of docs in the README."""

    exit_code = 3

    def __init__(self, happened: str, hint: str) -> None:
        super().__init__(f"{happened}; {hint}")
        self.happened = happened
        self.hint = hint


class InputError(HarvestError):
    """The user's words, file or settings are off. Nothing was written."""

    exit_code = 2


class WorldError(HarvestError):
    """Network, key, disk or exchange failed. What was known before is kept."""

    exit_code = 3


class ExchangeUnreachable(WorldError):
    """No usable answer: refused, DNS, TLS, timeout, 5xx. Worth trying again."""


class RateLimited(WorldError):
    """The exchange asks us to wait. `retry_after` is in seconds, when it said so."""

    def __init__(self, happened: str, hint: str, retry_after: float | None = None) -> None:
        super().__init__(happened, hint)
        self.retry_after = retry_after


class BadReply(WorldError):
    """An answer came that is not what this endpoint answers. Never read as "no rows"."""


class ClockSkewed(WorldError):
    """The exchange refuses our time or nonce."""


class KeyRefused(WorldError):
    """The exchange does not accept the key or its signature. Stops the account."""


class RightMissing(WorldError):
    """The key may not read this stream. Stops that stream only."""


class KeyTooPowerful(WorldError):
    """The key can trade or withdraw. We only take keys that can read."""

    exit_code = 2


class OrderPlacementForbidden(WorldError):
    """A request outside the read-only allow-list was about to be signed."""


class KeyUnavailable(WorldError):
    """The key cannot be read from keyring, environment or command."""


class StoreError(WorldError):
    """The local cache cannot be opened, read or written."""


class StoreTooNew(StoreError):
    """The cache was written by a newer version."""


class ReadOnlyStore(StoreError):
    """Another instance holds the cache; this one only reads."""
