"""Koinly's universal import file: `Date, Sent Amount, Sent Currency, ..., TxHash`, its labels read as kinds."""

from __future__ import annotations

from collections.abc import Iterator

from harvest_tui.core.records import USD, AccountId, Amount, Event, EventId, EventKind
from harvest_tui.imports import cells
from harvest_tui.imports.identity import DerivedIds
from harvest_tui.imports.rows import CsvFile, Row

COLUMNS = {
    "date": "Date",
    "koinly date": "Date",
    "sent amount": "Sent Amount",
    "sent currency": "Sent Currency",
    "received amount": "Received Amount",
    "received currency": "Received Currency",
    "fee amount": "Fee Amount",
    "fee currency": "Fee Currency",
    "net worth amount": "Net Worth Amount",
    "net worth currency": "Net Worth Currency",
    "label": "Label",
    "tag": "Label",
    "description": "Description",
    "txhash": "TxHash",
}
REQUIRED = ("Date", "Sent Amount", "Sent Currency", "Received Amount", "Received Currency")
DEFAULT_ACCOUNT = AccountId("koinly")
RECEIVED_KINDS = dict.fromkeys(
    (
        "airdrop",
        "bounty",
        "cashback",
        "fork",
        "income",
        "interest",
        "lending interest",
        "loan interest",
        "mining",
        "other income",
        "referral",
        "reward",
        "royalties",
        "royalty",
        "salary",
        "staking",
    ),
    EventKind.INCOME,
)
SENT_KINDS = {
    "burn": EventKind.LOST,
    "cost": EventKind.SPEND,
    "donation": EventKind.GIFT_OUT,
    "fee": EventKind.FEE,
    "gift": EventKind.GIFT_OUT,
    "interest payment": EventKind.SPEND,
    "loan fee": EventKind.FEE,
    "lost": EventKind.LOST,
    "margin fee": EventKind.FEE,
    "payment": EventKind.SPEND,
    "stolen": EventKind.LOST,
    "tax": EventKind.SPEND,
}
EXCHANGE_KINDS = {"swap": EventKind.CONVERT, "migration": EventKind.CONVERT, "wrap": EventKind.CONVERT}
REFUSED_LABELS = frozenset({"realized gain", "realized p&l", "realized pnl", "realized loss"})
"""Results of futures: neither a lot nor a disposal of a coin, so no kind of ours says what they mean."""


def read_koinly(file: CsvFile, account: AccountId | None, lines: dict[EventId, int]) -> Iterator[Event]:
    """The events of the file in the order of its rows, all in one account: the format knows of no other.

    `lines` is filled with the line of each event.
    """
    ids = DerivedIds()
    for sequence, row in enumerate(file.rows(COLUMNS, REQUIRED)):
        event = _event(row, account or DEFAULT_ACCOUNT, sequence)
        if event is None:
            file.refuse(row)
            continue
        event = ids.name(event)
        lines[event.event_id] = row.line
        yield event


def _side(row: Row, name: str) -> Amount | None:
    """The amount on one side. Koinly's templates write 0 for nothing."""
    quantity = cells.number(row, f"{name} Amount")
    asset = cells.asset(row, f"{name} Currency")
    if quantity is None or (not quantity and (asset != USD or name == "Fee")):
        return None
    if asset is None:
        if not row.is_bad(f"{name} Currency"):
            row.complain(f"{name} Currency", "empty beside an amount", "write the asset, as BTC or USD")
        return None
    return Amount(quantity, asset)


def _kind(row: Row, label: str, sent: Amount | None, received: Amount | None) -> EventKind:
    if label in REFUSED_LABELS:
        remedy = "take the row out, or record what it paid as income"
        row.complain("Label", "is a result of futures, not of coins", remedy)
    if sent is not None and received is not None:
        if USD in (sent.asset, received.asset):
            return EventKind.TRADE
        is_same = sent.asset == received.asset
        return EventKind.CONVERT if is_same else EXCHANGE_KINDS.get(label, EventKind.TRADE)
    if received is not None:
        return RECEIVED_KINDS.get(label, EventKind.DEPOSIT)
    if sent is None and not row.complaints:
        row.complain("Sent Amount", "empty, and so is Received Amount", "write what was sent or received")
    return SENT_KINDS.get(label, EventKind.WITHDRAWAL)


def _event(row: Row, account: AccountId, sequence: int) -> Event | None:
    """What the row tells; None where that is not right."""
    at = cells.time(row, "Date")
    if at is None and not row.is_bad("Date"):
        row.complain("Date", "empty", "write it as 2026-03-01 14:05 UTC")
    sent, received, fee = (_side(row, name) for name in ("Sent", "Received", "Fee"))
    label = cells.text_of(row, "Label").lower().replace("_", " ").strip()
    kind = _kind(row, label, sent, received)
    worth, currency = cells.number(row, "Net Worth Amount"), cells.asset(row, "Net Worth Currency")
    if at is None or row.complaints:
        return None
    told = [f"[{label}]"] if label else []
    if worth is not None and currency not in (USD, None):
        told.append(f"(net worth {worth} {currency})")
    return Event(
        event_id=EventId(""),
        account=account,
        kind=kind,
        executed_at=at,
        sent=sent,
        received=received,
        fee=fee,
        value=worth if currency == USD else None,
        txid=cells.text_of(row, "TxHash"),
        note=" ".join([*told, cells.text_of(row, "Description")]).strip(),
        sequence=sequence,
    )
