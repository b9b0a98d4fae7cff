"""Facts as told by exchanges and files: frozen, exact, and free of any derived figure.

Quantities are `Decimal` in units of the asset, money is US dollars, times are aware UTC. Values that come in great
numbers are named tuples: a frozen dataclass takes five times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, NewType

from harvest_tui.core.money import ZERO

Asset = NewType("Asset", str)
"""Canonical ticker (`BTC`, `USD`) or `collection#token` for an NFT. Identity, never shown unchecked."""
AccountId = NewType("AccountId", str)
"""The user's name of one wallet or exchange account. Lots live in an account (Rev. Proc. 2024-28)."""
EventId = NewType("EventId", str)
"""`account:id`, where id is unique within the account."""
LotId = NewType("LotId", str)

USD = Asset("USD")


class EventKind(StrEnum):
    """What an event means for lots; the words of the ledger file."""

    TRADE = "trade"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    CONVERT = "convert"
    INCOME = "income"
    OPENING = "opening"
    GIFT_IN = "gift_in"
    GIFT_OUT = "gift_out"
    SPEND = "spend"
    FEE = "fee"
    LOST = "lost"
    NFT_TRADE = "nft_trade"


@dataclass(frozen=True, slots=True)
class Amount:
    """`quantity` units of `asset`; never negative in an event."""

    quantity: Decimal
    asset: Asset


class NamedLot(NamedTuple):
    """`quantity` units identified from the lot that event `origin` opened."""

    origin: EventId
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that moved coins. `sent` uses lots up, `received` opens one, `fee` comes on top.

    `value` is the fair market value of the exchange in US dollars where no side is US dollars,
    `fee_value` that of a fee paid in a coin; None means not told (a historical price may fill it).
    `sequence` orders events of one instant as their source listed them. `transfer` carries in
    `sent` the amount that arrived at `counter_account`. `acquired_at` and `cost_basis` (total, US
    dollars) belong to `opening` and `gift_in`. `is_assumed` marks an opening that nothing but the
    user's word tells.
    """

    event_id: EventId
    account: AccountId
    kind: EventKind
    executed_at: datetime
    sent: Amount | None = None
    received: Amount | None = None
    fee: Amount | None = None
    fee_value: Decimal | None = None
    value: Decimal | None = None
    counter_account: AccountId | None = None
    acquired_at: datetime | None = None
    cost_basis: Decimal | None = None
    lots: tuple[NamedLot, ...] = ()
    txid: str = ""
    address: str = ""
    url: str = ""
    note: str = ""
    sequence: int = 0
    is_assumed: bool = False


class Balance(NamedTuple):
    """Units of `asset` the exchange says the account holds in all, locked and staked ones included.

    `locked` of them cannot be sold at once: staked, bonded, earning until they are redeemed, on hold or in open orders.
    """

    account: AccountId
    asset: Asset
    quantity: Decimal
    at: datetime
    locked: Decimal = ZERO


class Quote(NamedTuple):
    """A US-dollar price of one unit, with its source (`kraken BTC/USD`) and the time it was made."""

    asset: Asset
    price: Decimal
    at: datetime
    source: str


class Candle(NamedTuple):
    """One hour or day of US-dollar prices of `asset` from `source`; `close` is used as the price in it."""

    asset: Asset
    start: datetime
    seconds: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Account:
    """A connected exchange account (`exchange` is its ccxt id) or a book filled by import (`exchange` is "").

    `rights` is what the key may do as last read: "read", "trade", "withdraw" or "unknown".
    """

    account: AccountId
    exchange: str
    added_at: datetime
    rights: str = "unknown"
    lot_order: str = "fifo"
    tier: str = ""
    """The venue's own name of the API rate-limit tier, where it has several (Kraken)."""
