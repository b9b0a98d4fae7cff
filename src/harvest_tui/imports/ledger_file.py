"""The ledger file: one row an event, every column of it checked against what its kind means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harvest_tui.core.records import USD, AccountId, Event, EventId, EventKind
from harvest_tui.imports import cells
from harvest_tui.imports.identity import DerivedIds
from harvest_tui.imports.rows import CsvFile, Row

COLUMNS = (
    "id",
    "time",
    "account",
    "kind",
    "sent_amount",
    "sent_asset",
    "received_amount",
    "received_asset",
    "fee_amount",
    "fee_asset",
    "fee_value",
    "value",
    "counter_account",
    "acquired",
    "cost_basis",
    "lots",
    "txid",
    "address",
    "url",
    "note",
)
KINDS = {kind.value: kind for kind in EventKind}


@dataclass(frozen=True, slots=True)
class Needs:
    """Which sides a kind has; the other side must be empty."""

    sent: bool = False
    received: bool = False
    required: tuple[str, ...] = ()


NEEDS = {
    EventKind.TRADE: Needs(sent=True, received=True),
    EventKind.NFT_TRADE: Needs(sent=True, received=True),
    EventKind.CONVERT: Needs(sent=True, received=True),
    EventKind.DEPOSIT: Needs(received=True),
    EventKind.INCOME: Needs(received=True),
    EventKind.OPENING: Needs(received=True, required=("acquired", "cost_basis")),
    EventKind.GIFT_IN: Needs(received=True, required=("acquired", "cost_basis")),
    EventKind.WITHDRAWAL: Needs(sent=True),
    EventKind.TRANSFER: Needs(sent=True, required=("counter_account",)),
    EventKind.GIFT_OUT: Needs(sent=True),
    EventKind.SPEND: Needs(sent=True, required=("value",)),
    EventKind.FEE: Needs(sent=True),
    EventKind.LOST: Needs(sent=True),
}
ONLY_FOR = {
    "counter_account": {EventKind.TRANSFER},
    "acquired": {EventKind.OPENING, EventKind.GIFT_IN},
    "cost_basis": {EventKind.OPENING, EventKind.GIFT_IN},
}
REMEDIES = {
    "acquired": "write when the units were first acquired, as 2023-05-01",
    "cost_basis": "write their total basis in US dollars; 0 only where it is known to be nothing",
    "counter_account": "write the account the units went to",
    "value": "write what it was worth in US dollars",
}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An event still without its named lots, which may be told by later rows."""

    row: Row
    event: Event
    lots_text: str


def read_ledger(file: CsvFile, account: AccountId | None) -> Iterator[LedgerRow]:
    """The events of a ledger file in the order of its rows; `account` fills empty account cells.

    Raises InputError at the first row that is not right.
    """
    required = ["time", "kind"] if account else ["time", "account", "kind"]
    ids = DerivedIds()
    lines: dict[EventId, int] = {}
    for sequence, row in enumerate(file.rows({name: name for name in COLUMNS}, required)):
        event = _event(row, account, sequence)
        if not event.event_id:
            event = ids.name(event)
        elif event.event_id in lines:
            row.refuse("id", f"is also on line {lines[event.event_id]}", "give each row of an account its own id")
        lines[event.event_id] = row.line
        yield LedgerRow(row, event, row.cells.get("lots", ""))


def _event(row: Row, default_account: AccountId | None, sequence: int) -> Event:
    kind = KINDS[cells.one_of(row, "kind", KINDS)]
    _check_columns(row, kind)
    at = cells.time(row, "time")
    if at is None:
        row.refuse("time", "empty", "write it as 2026-03-01T14:05:00Z")
    account = cells.account(row, "account") or default_account
    if account is None:
        row.refuse("account", "empty", "write the wallet or exchange account the coins are in")
    row_id = cells.text_of(row, "id")
    event = Event(
        event_id=EventId(f"{account}:{row_id}" if row_id else ""),
        account=account,
        kind=kind,
        executed_at=at,
        sent=cells.amount(row, "sent"),
        received=cells.amount(row, "received"),
        fee=cells.amount(row, "fee"),
        fee_value=cells.number(row, "fee_value"),
        value=cells.number(row, "value"),
        counter_account=cells.account(row, "counter_account"),
        acquired_at=cells.time(row, "acquired", day_hour=cells.NOON),
        cost_basis=cells.number(row, "cost_basis"),
        txid=cells.text_of(row, "txid"),
        address=cells.text_of(row, "address"),
        url=cells.text_of(row, "url"),
        note=cells.text_of(row, "note"),
        sequence=sequence,
    )
    _check_sense(row, event)
    return event


def _check_columns(row: Row, kind: EventKind) -> None:
    """Every column the kind needs is filled, and none that it has no use for."""
    needs = NEEDS[kind]
    for side, is_needed in (("sent", needs.sent), ("received", needs.received)):
        column = f"{side}_amount"
        is_there = bool(row.cells.get(column))
        if is_needed and not is_there:
            row.refuse(column, f"empty, but {kind} needs it", f"write what was {side}")
        if is_there and not is_needed:
            row.refuse(column, f"has no meaning for {kind}", "leave it empty or choose another kind")
    for column in needs.required:
        if not row.cells.get(column):
            row.refuse(column, f"empty, but {kind} needs it", REMEDIES[column])
    for column, kinds in ONLY_FOR.items():
        if row.cells.get(column) and kind not in kinds:
            row.refuse(column, f"has no meaning for {kind}", f"leave it empty; it is for {' and '.join(sorted(kinds))}")


def _check_sense(row: Row, event: Event) -> None:
    if event.kind in (EventKind.TRADE, EventKind.CONVERT, EventKind.NFT_TRADE) and event.sent and event.received:
        if event.sent.asset == event.received.asset:
            row.refuse("received_asset", "is also what was sent", "write two assets, or use another kind")
        if event.kind is EventKind.CONVERT and USD in (event.sent.asset, event.received.asset):
            row.refuse("kind", "cannot have US dollars on a side", "write trade: dollars are a sale or a purchase")
        if event.kind is EventKind.NFT_TRADE and "#" not in event.sent.asset + event.received.asset:
            row.refuse("kind", "has no NFT on either side", "write the token as collection#token, or use trade")
    if event.counter_account == event.account:
        row.refuse("counter_account", "is the account itself", "write the account the units went to")
    if event.fee_value is not None and event.fee is None and event.kind is not EventKind.FEE:
        row.refuse("fee_value", "has no fee beside it", "write fee_amount and fee_asset too")
    if event.acquired_at is not None and event.acquired_at.date() > event.executed_at.date():
        row.refuse("acquired", "is later than the row's own time", "write when the units were first acquired")
    if row.cells.get("lots") and (event.sent is None or event.sent.asset == USD):
        row.refuse("lots", "but no coin is sent", "name lots only where a coin is sent")
