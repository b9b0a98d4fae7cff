"""What an exchange strategy is told and what it must answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from harvest_tui.core.pages import Page, StoredRow
from harvest_tui.core.records import AccountId, Balance, Event

Check = Callable[[Any], None]
"""Raises `BadReply` unless the decoded reply has the envelope this endpoint always answers with."""


@dataclass(frozen=True, slots=True)
class BucketRule:
    """The exchange's own limit: `capacity` units at once, `refill_per_second` back, cost told per call."""

    capacity: float
    refill_per_second: float


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One read call: the HTTP method and path that may be signed, and the ccxt implicit method for it.

    `path` is a regular expression for the whole path below the host, query excluded.
    """

    method: str
    path: str
    implicit: str
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What the key may do; None where the exchange gives no readable answer (shown as unknown)."""

    can_read: bool | None
    can_trade: bool | None
    can_withdraw: bool | None
    ip_restricted: bool | None = None


class Caller(Protocol):
    """The door to one exchange account. Handles signing, bucket, nonce lock, retries and errors."""

    async def call(self, endpoint: Endpoint, params: Mapping[str, str | int], check: Check) -> Any:
        """The decoded JSON reply; every number is text (JSON floats arrive as str, integers as int).

        Raises an error of `harvest_tui.errors`; a reply that `check` refuses is retried like a fault.
        """
        ...


class Strategy(Protocol):
    """How one account of one exchange is read. An instance serves one sync and may keep scratch state."""

    exchange: ClassVar[str]
    """The ccxt id."""
    streams: ClassVar[tuple[str, ...]]
    """Everything that moves coins, in the order to walk."""
    endpoints: ClassVar[tuple[Endpoint, ...]]
    """The allow-list: nothing else is ever signed."""
    is_serial: ClassVar[bool]
    """True where a rising nonce forbids two private calls under way at once."""
    ccxt_options: ClassVar[Mapping[str, Any]]

    def bucket(self, tier: str) -> BucketRule:
        """The limit for the account's tier."""
        ...

    async def rights(self, caller: Caller) -> KeyRights:
        """What this key may do. A field that is missing or of another type counts as granted."""
        ...

    def pages(
        self, caller: Caller, account: AccountId, stream: str, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        """Pages of a stream from the stored cursor on (None: the whole history), each already checked.

        A page carries the cursor that is true once it is stored. A walk that is cut short and taken up
        again from the last stored cursor misses nothing and repeats at most a page.
        """
        ...

    async def balances(self, caller: Caller, account: AccountId, now: datetime) -> Sequence[Balance]:
        """All units held, summed per asset over the exchange's internal wallets."""
        ...

    def parse_group(self, account: AccountId, group: str, rows: Sequence[StoredRow]) -> Sequence[Event]:
        """The events that the raw rows of one group tell. Pure; rows of other streams may be among them."""
        ...
