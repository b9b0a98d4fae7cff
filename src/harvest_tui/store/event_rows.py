"""Events as table rows and back, fast enough to read a hundred thousand at start."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

from harvest_tui.core.records import Amount, Event, EventId, EventKind, NamedLot
from harvest_tui.store.columns import EPOCH, microseconds, number_text
from harvest_tui.store.engine import Value

EVENT_COLUMNS = (
    "event_id, account, kind, executed_us, sequence, sent_quantity, sent_asset, received_quantity, received_asset, "
    "fee_quantity, fee_asset, fee_value, value, counter_account, acquired_us, cost_basis, lots, txid, address, "
    "url, note"
)
EVENT_COLUMN_COUNT = 21


def _amount(amount: Amount | None) -> tuple[str | None, str | None]:
    return (None, None) if amount is None else (number_text(amount.quantity), amount.asset)


def _number(value: Decimal | None) -> str | None:
    return None if value is None else number_text(value)


def _lots_text(lots: tuple[NamedLot, ...]) -> str:
    return json.dumps([[lot.origin, number_text(lot.quantity)] for lot in lots]) if lots else ""


def _lots(text: str) -> tuple[NamedLot, ...]:
    return tuple(NamedLot(EventId(origin), Decimal(quantity)) for origin, quantity in json.loads(text))


def event_row(event: Event) -> tuple[Value, ...]:
    """The values of `EVENT_COLUMNS`."""
    return (
        event.event_id,
        event.account,
        event.kind.value,
        microseconds(event.executed_at),
        event.sequence,
        *_amount(event.sent),
        *_amount(event.received),
        *_amount(event.fee),
        _number(event.fee_value),
        _number(event.value),
        event.counter_account,
        None if event.acquired_at is None else microseconds(event.acquired_at),
        _number(event.cost_basis),
        _lots_text(event.lots),
        event.txid,
        event.address,
        event.url,
        event.note,
    )


_new_event, _new_amount = Event.__new__, Amount.__new__
_event_slots = tuple(getattr(Event, field.name).__set__ for field in fields(Event))
_set_quantity, _set_asset = (getattr(Amount, field.name).__set__ for field in fields(Amount))


def _amount_builder(share: Callable[[str, str], str]) -> Callable[[str | None, str], Amount | None]:
    def amount(quantity: str | None, asset: str) -> Amount | None:
        if quantity is None:
            return None
        made = _new_amount(Amount)
        _set_quantity(made, Decimal(quantity))
        _set_asset(made, share(asset, asset))
        return made

    return amount


def event_builder() -> Callable[[sqlite3.Cursor, tuple[Any, ...]], Event]:
    """A row factory for `EVENT_COLUMNS`; asset and account names are shared between the events it makes.

    It fills the slots itself: the constructor of a frozen class takes twice as long, and every start waits for this.
    """
    kinds = {kind.value: kind for kind in EventKind}
    shared: dict[str, str] = {}
    share = shared.setdefault
    amount = _amount_builder(share)
    (event_id_, account_, kind_, executed_at_, sent_, received_, fee_, fee_value_, value_, counter_account_,
     acquired_at_, cost_basis_, lots_, txid_, address_, url_, note_, sequence_, is_assumed_) = _event_slots  # fmt: skip

    def build(_: sqlite3.Cursor, row: tuple[Any, ...]) -> Event:
        (event_id, account, kind, executed_us, sequence, sent, sent_asset, received, received_asset, fee, fee_asset,
         fee_value, value, counter, acquired_us, cost_basis, lots, txid, address, url, note) = row  # fmt: skip
        made = _new_event(Event)
        event_id_(made, event_id)
        account_(made, share(account, account))
        kind_(made, kinds[kind])
        executed_at_(made, EPOCH + timedelta(0, 0, executed_us))
        sent_(made, amount(sent, sent_asset))
        received_(made, amount(received, received_asset))
        fee_(made, amount(fee, fee_asset))
        fee_value_(made, None if fee_value is None else Decimal(fee_value))
        value_(made, None if value is None else Decimal(value))
        counter_account_(made, None if counter is None else share(counter, counter))
        acquired_at_(made, None if acquired_us is None else EPOCH + timedelta(0, 0, acquired_us))
        cost_basis_(made, None if cost_basis is None else Decimal(cost_basis))
        lots_(made, _lots(lots) if lots else ())
        txid_(made, txid)
        address_(made, address)
        url_(made, url)
        note_(made, note)
        sequence_(made, sequence)
        is_assumed_(made, False)
        return made

    return build
