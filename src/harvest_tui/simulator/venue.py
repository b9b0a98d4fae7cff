"""What a simulated venue is made of: its account's true history, and a handler of its host names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from aiohttp import web


class HappeningKind(StrEnum):
    """What truly happened in an account, before any venue puts it into its own words."""

    BUY = "buy"
    SELL = "sell"
    SWAP = "swap"
    CONVERT = "convert"
    DUST = "dust"
    INSTANT_BUY = "instant_buy"
    REWARD = "reward"
    STAKE = "stake"
    UNSTAKE = "unstake"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Leg:
    """An exact quantity of an asset (canonical ticker)."""

    asset: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Happening:
    """One true event of one account.

    `market` is `BASE/QUOTE` for BUY, SELL and SWAP (SWAP: a market whose quote is a coin, either side).
    `fee` is on top: it leaves the account besides `sent`. For BUY/SELL/SWAP it may be in the quote, the
    base or a third coin (BNB). STAKE and UNSTAKE move units between the venue's own wallets: `sent` and
    `received` are equal. DEPOSIT has only `received`, WITHDRAWAL only `sent` (+ `fee`); both may be
    US dollars. `number` counts from 1 in order of time within the account and never changes.
    """

    number: int
    at_us: int
    kind: HappeningKind
    sent: Leg | None
    received: Leg | None
    fee: Leg | None = None
    market: str = ""
    txid: str = ""
    address: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Credentials and rights of a simulated account. `secret` is in the venue's own form (PEM for Coinbase)."""

    key: str
    secret: str
    can_trade: bool = False
    can_withdraw: bool = False
    can_read: bool = True
    tier: str = "starter"


class Venue(Protocol):
    """A simulated exchange; one instance holds one account."""

    name: ClassVar[str]
    """The ccxt id."""
    hosts: ClassVar[tuple[str, ...]]
    """Every real host name it answers, REST and WebSocket."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers any request to one of `hosts`, WebSocket upgrades included."""
        ...

    def refuse(self, reason: str) -> web.Response:
        """The venue's real error reply (status, headers, body) for `rate_limit`, `too_many_requests` (429),
        `banned` (418 or the venue's lockout), `invalid_nonce` (or clock), `bad_key`, `bad_signature`, `permission`,
        `unavailable` (503)."""
        ...

    def truth(self) -> dict[str, list[dict[str, object]]]:
        """Every raw row by stream as it would be served if asked for all of it, amounts as wire text."""
        ...
