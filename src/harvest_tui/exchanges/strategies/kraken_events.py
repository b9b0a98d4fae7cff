"""What the ledger rows of one Kraken reference mean: trades with exact fees, income, transfers, moves that are none.

A ledger amount is what moved besides the fee: the balance changes by amount less fee.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from harvest_tui.core.money import EXACT, ZERO, parse_decimal, split
from harvest_tui.core.pages import StoredRow
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.exchanges.assets import canonical_asset, is_inner_wallet
from harvest_tui.exchanges.strategies.kraken_replies import moment

_EXCHANGE = "kraken"
_TRADES = frozenset({"trade", "spend", "receive", "sale", "conversion", "nfttrade"})
_TRANSFERS = frozenset({"deposit", "withdrawal"})
_REWARDS = frozenset({"reward", "dividend", "airdrop"})
_INNER_TYPES = frozenset({"transfer", "earn", "staking"})
_INNER_SUBTYPES = frozenset(
    {
        "spottostaking",
        "stakingfromspot",
        "stakingtospot",
        "spotfromstaking",
        "allocation",
        "autoallocation",
        "deallocation",
        "migration",
        "bonding",
        "unbonding",
    }
)
"""Moves between the wallets of one account. Futures are left out: their balance is not told with the others."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ledger row with its canonical asset and exact figures."""

    ledger_id: str
    kind: str
    subtype: str
    wallet: str
    asset: Asset
    amount: Decimal
    fee: Decimal
    at: datetime
    order: int

    @classmethod
    def read(cls, row: StoredRow) -> LedgerRow:
        """The row of its stored text."""
        told: Mapping[str, Any] = json.loads(row.payload)
        at, order = moment(told["time"])
        return cls(
            ledger_id=row.native_id,
            kind=told["type"],
            subtype=str(told.get("subtype") or ""),
            wallet=told["asset"],
            asset=canonical_asset(_EXCHANGE, told["asset"]),
            amount=parse_decimal(told["amount"]),
            fee=parse_decimal(told["fee"]),
            at=at,
            order=order,
        )


def parse_group(account: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
    """The events of one reference; none where only a part of it has arrived or nothing left the account's wallets."""
    legs = sorted(
        (LedgerRow.read(row) for row in rows if row.stream == "ledger"), key=lambda leg: (leg.at, leg.ledger_id)
    )
    states = [json.loads(row.payload) for row in rows if row.stream != "ledger"]
    book = _Book(account, group, states[0] if states else {})
    trades = [leg for leg in legs if leg.kind in _TRADES]
    transfers = [leg for leg in legs if leg.kind in _TRANSFERS]
    return [
        *book.trades(trades),
        *book.transfers(transfers),
        *(event for leg in legs if leg.kind not in _TRADES | _TRANSFERS for event in book.single(leg)),
    ]


class _Book:
    """Writes the events of one reference."""

    def __init__(self, account: AccountId, group: str, state: Mapping[str, Any]) -> None:
        self._account = account
        self._group = group
        self._state = state

    def trades(self, legs: Sequence[LedgerRow]) -> list[Event]:
        """What was given for what. Several coins swept into one share it evenly: Kraken does not tell the shares."""
        given = [leg for leg in legs if leg.amount < 0]
        got = [leg for leg in legs if leg.amount > 0]
        # A side too small for its decimals is told as zero: it is there all the same.
        nothing = [leg for leg in legs if leg.amount == 0]
        if not given:
            given, nothing = nothing, []
        elif not got:
            got = nothing
        if not given or not got:
            return []
        if {leg.asset for leg in given} == {leg.asset for leg in got}:
            return self._same_asset(legs)
        if len(given) == 1 and len(got) == 1:
            return self._trade(self._group, given[0], got[0], legs)
        return self._sweep(given, got, legs)

    def transfers(self, legs: Sequence[LedgerRow]) -> list[Event]:
        """A deposit or withdrawal; none where it was taken back, or only changed wallets."""
        outside = [leg for leg in legs if not is_inner_wallet(_EXCHANGE, leg.wallet) or leg.wallet.endswith(".HOLD")]
        if not outside:
            return []
        first = outside[0]
        net = fee = ZERO
        for leg in outside:
            if leg.asset == first.asset:
                net, fee = EXACT.add(net, leg.amount), EXACT.add(fee, leg.fee)
        if not net:
            return []
        amount, is_deposit = Amount(abs(net), first.asset), net > 0
        return [
            Event(
                event_id=self._id(self._group),
                account=self._account,
                kind=EventKind.DEPOSIT if is_deposit else EventKind.WITHDRAWAL,
                executed_at=first.at,
                sent=None if is_deposit else amount,
                received=amount if is_deposit else None,
                fee=Amount(fee, first.asset) if fee > 0 else None,
                txid=_text(self._state.get("txid")),
                address=_text(self._state.get("info")),
                sequence=first.order,
            )
        ]

    def single(self, leg: LedgerRow) -> list[Event]:
        """A row that is an event of its own: income, a fee, or a change nobody explains."""
        if leg.kind in _INNER_TYPES and leg.subtype in _INNER_SUBTYPES:
            return [] if leg.fee <= 0 else [self._fee(leg)]
        if leg.kind == "transfer" and is_inner_wallet(_EXCHANGE, leg.wallet) and not leg.subtype:
            return []
        is_income = leg.kind in _REWARDS or (leg.kind in _INNER_TYPES and leg.subtype in ("", "reward", "airdrop"))
        if is_income and leg.amount > 0:
            net = EXACT.subtract(leg.amount, leg.fee)
            return [self._one(leg, EventKind.INCOME, received=Amount(net, leg.asset))] if net > 0 else []
        fee = Amount(leg.fee, leg.asset) if leg.fee > 0 else None
        if not leg.amount:
            return [self._fee(leg)] if fee else []
        amount = Amount(abs(leg.amount), leg.asset)
        if leg.amount > 0:
            return [self._one(leg, EventKind.DEPOSIT, received=amount, fee=fee)]
        return [self._one(leg, EventKind.WITHDRAWAL, sent=amount, fee=fee)]

    def _trade(self, key: str, given: LedgerRow, got: LedgerRow, legs: Sequence[LedgerRow]) -> list[Event]:
        fees = _fees(legs)
        main = fees.pop(got.asset, None) or fees.pop(given.asset, None)
        event = Event(
            event_id=self._id(key),
            account=self._account,
            kind=EventKind.TRADE,
            executed_at=given.at,
            sent=Amount(abs(given.amount), given.asset),
            received=Amount(got.amount, got.asset),
            fee=main,
            sequence=given.order,
        )
        rest = [leg for leg in legs if leg.fee > 0 and leg.asset in fees]
        return [event, *(self._fee(leg) for leg in rest)]

    def _sweep(self, given: list[LedgerRow], got: list[LedgerRow], legs: Sequence[LedgerRow]) -> list[Event]:
        if len(got) > 1:
            return [self._one(leg, EventKind.WITHDRAWAL, sent=Amount(-leg.amount, leg.asset)) for leg in given] + [
                self._one(leg, EventKind.DEPOSIT, received=Amount(leg.amount, leg.asset)) for leg in got
            ]
        events, left = [], got[0].amount
        for index, leg in enumerate(given):
            share, left = split(left, Decimal(1), Decimal(len(given) - index))
            sent, received = Amount(-leg.amount, leg.asset), Amount(share, got[0].asset)
            events.append(self._one(leg, EventKind.TRADE, sent=sent, received=received))
        return events + [self._fee(leg) for leg in legs if leg.fee > 0]

    def _same_asset(self, legs: Sequence[LedgerRow]) -> list[Event]:
        return [self._fee(leg) for leg in legs if leg.fee > 0]

    def _fee(self, leg: LedgerRow) -> Event:
        return self._one(leg, EventKind.FEE, key=f"{leg.ledger_id}-fee", sent=Amount(leg.fee, leg.asset))

    def _one(
        self,
        leg: LedgerRow,
        kind: EventKind,
        *,
        key: str = "",
        sent: Amount | None = None,
        received: Amount | None = None,
        fee: Amount | None = None,
    ) -> Event:
        return Event(
            event_id=self._id(key or leg.ledger_id),
            account=self._account,
            kind=kind,
            executed_at=leg.at,
            sent=sent,
            received=received,
            fee=fee,
            note=" ".join(word for word in ("kraken", leg.kind, leg.subtype) if word),
            sequence=leg.order,
        )

    def _id(self, key: str) -> EventId:
        return EventId(f"{self._account}:{key}")


def _fees(legs: Sequence[LedgerRow]) -> dict[Asset, Amount]:
    fees: dict[Asset, Amount] = {}
    for leg in legs:
        if leg.fee > 0:
            known = fees.get(leg.asset)
            fees[leg.asset] = Amount(EXACT.add(leg.fee, known.quantity if known else ZERO), leg.asset)
    return fees


def _text(told: object) -> str:
    return told if isinstance(told, str) else ""
