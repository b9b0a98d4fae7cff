"""Pages of a made-up exchange whose swaps are told by two rows in two streams, joined by a reference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from harvest_tui.core.pages import Page, RawRow, StoredRow
from harvest_tui.core.records import Account, AccountId, Amount, Asset, Event, EventId, EventKind

START = datetime(2024, 3, 9, 14, 30, 5, 123456, tzinfo=UTC)
KRAKEN = AccountId("kraken main")
COINBASE = AccountId("coinbase")
BTC = Asset("BTC")


def account(name: AccountId = KRAKEN, exchange: str = "kraken") -> Account:
    return Account(name, exchange, START, rights="read", lot_order="hifo", tier="starter")


def leg(number: int, *, quantity: str = "", group: str = "", native_id: str = "") -> RawRow:
    """Row `number`; two rows in a row (2k, 2k+1) tell one swap, unless `group` says otherwise."""
    quantity = quantity or f"{number + 1}.07300"
    reference = group or f"swap-{number // 2}"
    payload = json.dumps({"id": number, "ref": reference, "quantity": quantity}, sort_keys=True)
    return RawRow(native_id or f"L{number:06d}", reference, payload)


def page(
    rows: Sequence[RawRow],
    *,
    stream: str = "ledger",
    cursor: str | None = None,
    is_last: bool = False,
    of: AccountId = KRAKEN,
    fetched_at: datetime = START,
    expected_rows: int | None = None,
) -> Page:
    return Page(of, stream, tuple(rows), cursor, is_last, "/0/private/Ledgers", fetched_at, expected_rows)


def parse_swaps(of: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
    """One event a group: the first row is sent, the second received; a single row is a deposit."""
    legs = sorted((json.loads(row.payload)["id"], json.loads(row.payload)["quantity"]) for row in rows)
    if not legs:
        return []
    number, first = legs[0]
    event_id = EventId(f"{of}:{group}")
    at = START + timedelta(seconds=number)
    if len(legs) == 1:
        return [Event(event_id, of, EventKind.DEPOSIT, at, received=Amount(Decimal(first), BTC), sequence=number)]
    received = sum((Decimal(quantity) for _, quantity in legs[1:]), Decimal(0))
    sent = Amount(Decimal(first), Asset("ETH"))
    return [Event(event_id, of, EventKind.TRADE, at, sent=sent, received=Amount(received, BTC), sequence=number)]
