"""The record of an identification: what was written down before the sale, and the text that is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from harvest_tui.core.money import EXACT, ROUNDED, ZERO, parse_decimal, plain, split
from harvest_tui.core.records import AccountId, Asset, EventId, LotId, Quote

FORMAT = 1
LEAST_SKEW = Decimal("0.5")
"""Seconds: clocks nearer to each other than this count as equal, since some venues tell their time in whole seconds."""
GENESIS = "0" * 64
"""What stands for the hash of a record before the first."""


class RecordKind(StrEnum):
    """What a record says: lots to be sold, that the rest of an earlier record is off, or that a venue was told."""

    IDENTIFY = "identify"
    REVOKE = "revoke"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class RecordedLot:
    """`quantity` units of a lot to be sold, with their basis in US dollars (None: unknown) and the quote seen.

    `lot_quantity` is what the whole lot had. `net_benefit` is what the sale was worth by the plan, in US dollars.
    `loss_basis` is the lower value that a loss on a gift is measured from.
    """

    account: AccountId
    asset: Asset
    lot_id: LotId
    origin_id: EventId
    acquired_at: datetime
    long_term_on: date
    quantity: Decimal
    lot_quantity: Decimal
    cost_basis: Decimal | None
    quote: Quote | None = None
    net_benefit: Decimal | None = None
    reason: str = ""
    loss_basis: Decimal | None = None

    @property
    def basis_of_loss(self) -> Decimal | None:
        """What a loss is measured from: the basis, or the lower value of a gift (IRC 1015(a)); None where unknown."""
        return self.cost_basis if self.loss_basis is None else self.loss_basis

    @property
    def promised(self) -> Decimal | None:
        """The gain of a sale at the quote seen, before fees, in US dollars, a loss negative; None where unknown."""
        return self.promised_of(self.quantity)

    def promised_of(self, units: Decimal) -> Decimal | None:
        """The same for a part of the units."""
        if self.quote is None or self.cost_basis is None or self.basis_of_loss is None:
            return None
        value = EXACT.multiply(units, self.quote.price)
        gain = EXACT.subtract(value, split(self.cost_basis, units, self.quantity)[0])
        loss = EXACT.subtract(value, split(self.basis_of_loss, units, self.quantity)[0])
        return gain if gain > 0 else min(loss, ZERO)

    @property
    def worst_price(self) -> Decimal | None:
        """US dollars for one unit below which a sale is a loss, before fees; None where the basis is unknown."""
        basis = self.basis_of_loss
        return None if basis is None else ROUNDED.divide(basis, self.quantity)


class RecordedAccount(NamedTuple):
    """An account as it was when the record was made.

    `clock_ahead` is by how many seconds this machine's clock was ahead of the exchange's, as last measured (None: it
    was not). `known_until` is the time of the last event known there, by asset.
    """

    account: AccountId
    exchange: str
    method: str
    is_broker: bool
    clock_ahead: Decimal | None = None
    known_until: tuple[tuple[Asset, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `number` counts from 1, `previous` is the hash of the record before.

    `about` is the record that a `revoke` or `told` speaks of, `told` the accounts whose venue got the instruction.
    `rule` is the identification rule in force, in words by name. `local_time` is the time as a clock in `zone` showed
    it: kept as told, for rules of zones change.
    """

    number: int
    previous: str
    kind: RecordKind
    recorded_at: datetime
    zone: str
    local_time: str
    program: str
    plan: str = ""
    rule: tuple[tuple[str, str], ...] = ()
    accounts: tuple[RecordedAccount, ...] = ()
    lots: tuple[RecordedLot, ...] = ()
    about: int | None = None
    told: tuple[AccountId, ...] = ()
    reason: str = ""

    def account(self, name: AccountId) -> RecordedAccount | None:
        """The account as the record has it."""
        return next((one for one in self.accounts if one.account == name), None)

    def stands_from(self, account: AccountId) -> datetime:
        """When the record was made by the clock of the account's exchange: what a fill's time is compared with.

        A difference below `LEAST_SKEW` cannot be measured and is not taken off, though the record keeps what was found.
        """
        found = self.account(account)
        if found is None or found.clock_ahead is None or abs(found.clock_ahead) < LEAST_SKEW:
            return self.recorded_at
        return self.recorded_at - timedelta(microseconds=int(EXACT.scaleb(found.clock_ahead, 6)))

    @property
    def text(self) -> str:
        """The text that is kept and hashed: one line of JSON, keys sorted, no spaces."""
        return canonical(_body(self))

    @property
    def sha256(self) -> str:
        """The hash that the next record names."""
        return link_hash(self.previous, self.text.encode())


def canonical(body: Mapping[str, Any]) -> str:
    """The one way to write the object. Raises ValueError for what JSON cannot hold."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def link_hash(previous: str, text: bytes) -> str:
    """SHA-256 over the hash of the record before and the text, in hexadecimal digits."""
    return sha256(previous.encode() + text).hexdigest()


def instant_text(at: datetime) -> str:
    """ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _body(record: Record) -> dict[str, Any]:
    return {
        "about": record.about,
        "accounts": [_account_body(one) for one in record.accounts],
        "format": FORMAT,
        "kind": record.kind.value,
        "local_time": record.local_time,
        "lots": [_lot_body(one) for one in record.lots],
        "number": record.number,
        "plan": record.plan,
        "previous": record.previous,
        "program": record.program,
        "reason": record.reason,
        "recorded_at": instant_text(record.recorded_at),
        "rule": dict(record.rule),
        "told": list(record.told),
        "zone": record.zone,
    }


def _account_body(one: RecordedAccount) -> dict[str, Any]:
    return {
        "account": one.account,
        "clock_ahead_seconds": _number(one.clock_ahead),
        "exchange": one.exchange,
        "is_broker": one.is_broker,
        "known_until": {asset: instant_text(at) for asset, at in one.known_until},
        "method": one.method,
    }


def _lot_body(one: RecordedLot) -> dict[str, Any]:
    quote = one.quote
    return {
        "account": one.account,
        "acquired_at": instant_text(one.acquired_at),
        "asset": one.asset,
        "cost_basis": _number(one.cost_basis),
        "loss_basis": _number(one.loss_basis),
        "long_term_on": one.long_term_on.isoformat(),
        "lot_id": one.lot_id,
        "lot_quantity": plain(one.lot_quantity),
        "net_benefit": _number(one.net_benefit),
        "origin_id": one.origin_id,
        "quantity": plain(one.quantity),
        "quote": quote and {"at": instant_text(quote.at), "price": plain(quote.price), "source": quote.source},
        "reason": one.reason,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def record_of(text: str) -> Record:
    """The record that the text tells. Raises ValueError where it is not such a text, word for word."""
    try:
        body = json.loads(text)
        record = _read(body)
        is_same = body["format"] == FORMAT and record.text == text
    except (KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a record ({type(error).__name__})") from None
    if not is_same:
        raise ValueError("not written the way records are")
    return record


def _read(body: Mapping[str, Any]) -> Record:
    return Record(
        number=_whole(body["number"]),
        previous=str(body["previous"]),
        kind=RecordKind(body["kind"]),
        recorded_at=_instant(body["recorded_at"]),
        zone=str(body["zone"]),
        local_time=str(body["local_time"]),
        program=str(body["program"]),
        plan=str(body["plan"]),
        rule=tuple(sorted((str(key), str(value)) for key, value in body["rule"].items())),
        accounts=tuple(map(_account, body["accounts"])),
        lots=tuple(map(_lot, body["lots"])),
        about=None if body["about"] is None else _whole(body["about"]),
        told=tuple(AccountId(str(name)) for name in body["told"]),
        reason=str(body["reason"]),
    )


def _account(body: Mapping[str, Any]) -> RecordedAccount:
    known = sorted((Asset(asset), _instant(at)) for asset, at in body["known_until"].items())
    return RecordedAccount(
        AccountId(body["account"]),
        body["exchange"],
        body["method"],
        body["is_broker"],
        _decimal(body["clock_ahead_seconds"]),
        tuple(known),
    )


def _lot(body: Mapping[str, Any]) -> RecordedLot:
    asset, told = Asset(body["asset"]), body["quote"]
    quote = None if told is None else Quote(asset, parse_decimal(told["price"]), _instant(told["at"]), told["source"])
    return RecordedLot(
        account=AccountId(body["account"]),
        asset=asset,
        lot_id=LotId(body["lot_id"]),
        origin_id=EventId(body["origin_id"]),
        acquired_at=_instant(body["acquired_at"]),
        long_term_on=date.fromisoformat(body["long_term_on"]),
        quantity=parse_decimal(body["quantity"]),
        lot_quantity=parse_decimal(body["lot_quantity"]),
        cost_basis=_decimal(body["cost_basis"]),
        quote=quote,
        net_benefit=_decimal(body["net_benefit"]),
        reason=str(body["reason"]),
        loss_basis=_decimal(body["loss_basis"]),
    )


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else parse_decimal(value)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at
