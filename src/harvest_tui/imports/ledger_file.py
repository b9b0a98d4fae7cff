"""The ledger file: one row an event, every column of it checked against what its kind means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harvest_tui.core.records import USD, AccountId, Amount, Event, EventId, EventKind
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
EXCHANGES = frozenset({EventKind.TRADE, EventKind.CONVERT, EventKind.NFT_TRADE})


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


def read_ledger(file: CsvFile, account: AccountId | None, lines: dict[EventId, int]) -> Iterator[LedgerRow]:
    """The events of a ledger file in the order of its rows; `account` fills empty account cells.

    `lines` is filled with the line of each id, those of refused rows included: other rows may name their lots.
    """
    required = ["time", "kind"] if account else ["time", "account", "kind"]
    ids = DerivedIds()
    for sequence, row in enumerate(file.rows({name: name for name in COLUMNS}, required)):
        event = _event(row, account, sequence, lines)
        if event is None or row.complaints:
            file.refuse(row)
            continue
        if not event.event_id:
            event = ids.name(event)
            lines[event.event_id] = row.line
        yield LedgerRow(row, event, row.cells.get("lots", ""))


def _event(row: Row, default_account: AccountId | None, sequence: int, lines: dict[EventId, int]) -> Event | None:
    """What the row tells; None or with complaints in the row where that is not right."""
    kind = KINDS.get(cells.one_of(row, "kind", KINDS))
    if kind is not None:
        _check_columns(row, kind)
    at = cells.time(row, "time")
    if at is None and not row.is_bad("time"):
        row.complain("time", "empty", "write it as 2026-03-01T14:05:00Z")
    account = cells.account(row, "account") or default_account
    if account is None and not row.is_bad("account"):
        row.complain("account", "empty", "write the wallet or exchange account the coins are in")
    event_id = _id(row, account, lines)
    sent, received, fee = (_side(row, name) for name in ("sent", "received", "fee"))
    fee_value, value, cost_basis = (cells.number(row, name) for name in ("fee_value", "value", "cost_basis"))
    counter_account = cells.account(row, "counter_account")
    acquired_at = cells.time(row, "acquired", day_hour=cells.NOON)
    if kind is None or at is None or account is None or row.complaints:
        return None
    event = Event(
        event_id=event_id,
        account=account,
        kind=kind,
        executed_at=at,
        sent=sent,
        received=received,
        fee=fee,
        fee_value=fee_value,
        value=value,
        counter_account=counter_account,
        acquired_at=acquired_at,
        cost_basis=cost_basis,
        txid=cells.text_of(row, "txid"),
        address=cells.text_of(row, "address"),
        url=cells.text_of(row, "url"),
        note=cells.text_of(row, "note"),
        sequence=sequence,
    )
    _check_sense(row, event)
    return event


def _id(row: Row, account: AccountId | None, lines: dict[EventId, int]) -> EventId:
    """The id of the row's own, noted in `lines`; empty where the row has none."""
    text = cells.text_of(row, "id")
    if not text or account is None:
        return EventId("")
    event_id = EventId(f"{account}:{text}")
    line = lines.setdefault(event_id, row.line)
    if line != row.line:
        row.complain("id", f"is also on line {line}", "give each row of an account its own id")
    return event_id


def _side(row: Row, prefix: str) -> Amount | None:
    """The amount of one side; a side already known to be missing or out of place is not looked at again."""
    return None if row.complaints and row.is_bad(f"{prefix}_amount") else cells.amount(row, prefix)


def _check_columns(row: Row, kind: EventKind) -> None:
    """Every column the kind needs is filled, and none that it has no use for."""
    needs = NEEDS[kind]
    for side, is_needed in (("sent", needs.sent), ("received", needs.received)):
        column = f"{side}_amount"
        is_there = bool(row.cells.get(column))
        if is_needed and not is_there:
            row.complain(column, f"empty, but {kind} needs it", f"write what was {side}")
        if is_there and not is_needed:
            row.complain(column, f"has no meaning for {kind}", "leave it empty or choose another kind")
    for column in needs.required:
        if not row.cells.get(column):
            row.complain(column, f"empty, but {kind} needs it", REMEDIES[column])
    for column, kinds in ONLY_FOR.items():
        if row.cells.get(column) and kind not in kinds:
            remedy = f"leave it empty; it is for {' and '.join(sorted(kinds))}"
            row.complain(column, f"has no meaning for {kind}", remedy)


def _check_sense(row: Row, event: Event) -> None:
    if event.kind in EXCHANGES and event.sent and event.received:
        if event.sent.asset == event.received.asset:
            row.complain("received_asset", "is also what was sent", "write two assets, or use another kind")
        if event.kind is EventKind.CONVERT and USD in (event.sent.asset, event.received.asset):
            row.complain("kind", "cannot have US dollars on a side", "write trade: dollars are a sale or a purchase")
        if event.kind is EventKind.NFT_TRADE and "#" not in event.sent.asset + event.received.asset:
            row.complain("kind", "has no NFT on either side", "write the token as collection#token, or use trade")
    if event.counter_account == event.account:
        row.complain("counter_account", "is the account itself", "write the account the units went to")
    if event.fee_value is not None and event.fee is None and event.kind is not EventKind.FEE:
        row.complain("fee_value", "has no fee beside it", "write fee_amount and fee_asset too")
    if event.acquired_at is not None and event.acquired_at.date() > event.executed_at.date():
        row.complain("acquired", "is later than the row's own time", "write when the units were first acquired")
    if row.cells.get("lots") and (event.sent is None or event.sent.asset == USD):
        row.complain("lots", "but no coin is sent", "name lots only where a coin is sent")
