"""Lots that rows name: found among the rows, in the account, and adding up to what is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.allocation import Allocation
from harvest_tui.core.lots.matching import Scope, match_books, without_collector
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.lots.transfers import PairChoices
from harvest_tui.core.money import EXACT, ZERO, parse_decimal, plain
from harvest_tui.core.records import Event, EventId, NamedLot
from harvest_tui.core.valuation import NoPrices
from harvest_tui.imports.complaints import shown
from harvest_tui.imports.ledger_file import LedgerRow

FORM = "write ROWID=QUANTITY, joined with ; and account:ROWID for another account's row"
IsKnown = Callable[[EventId], bool]


def with_named_lots(row: LedgerRow, is_known: IsKnown) -> Event:
    """The event with its named lots. The row has complaints where one does not exist or they do not add up."""
    parts = [part.strip() for part in row.lots_text.split(";") if part.strip()]
    named = tuple(lot for lot in (_named(row, part, is_known) for part in parts) if lot is not None)
    total = ZERO
    for lot in named:
        total = EXACT.add(total, lot.quantity)
    if not row.row.complaints and row.event.sent is not None and total != row.event.sent.quantity:
        row.row.complain(
            "lots",
            f"adds up to {plain(total)}, not to the {plain(row.event.sent.quantity)} that are sent",
            "name lots for all of it or for nothing",
        )
    return replace(row.event, lots=named)


def _named(row: LedgerRow, part: str, is_known: IsKnown) -> NamedLot | None:
    name, separator, quantity_text = part.rpartition("=")
    name = name.strip()
    try:
        quantity = parse_decimal(quantity_text.strip())
    except ValueError:
        quantity = Decimal(-1)
    if not separator or not name or quantity <= 0:
        row.row.complain("lots", f"has the part {shown(part)} that is no lot", FORM)
        return None
    for origin in (EventId(f"{row.event.account}:{name}"), EventId(name)):
        if is_known(origin):
            return NamedLot(origin, quantity)
    row.row.complain("lots", f"names {shown(name)}, a row that does not exist", FORM)
    return None


class LotRules(NamedTuple):
    """Under which rules lots are consumed before the rows that name some."""

    methods: MethodTable = MethodTable(Method.FIFO)
    scope: Scope = Scope.ACCOUNT
    zone: ZoneInfo = ZoneInfo("UTC")
    allocation: Allocation = Allocation()
    pairs: PairChoices | None = None


FIRST_IN_FIRST_OUT = LotRules()


def check_available(
    rows: Sequence[LedgerRow], events: Sequence[Event], known: Sequence[Event], rules: LotRules = FIRST_IN_FIRST_OUT
) -> None:
    """Complains in each row of which a named lot is not in the account, or not in that quantity, at its time."""
    naming: Mapping[EventId, LedgerRow] = {row.event.event_id: row for row in rows}
    new = {event.event_id for event in events}
    history = [event for event in known if event.event_id not in new]
    with without_collector():
        matched = match_books(
            [*history, *events],
            methods=rules.methods,
            scope=rules.scope,
            zone=rules.zone,
            values=NoPrices(),
            pairs=rules.pairs,
            allocation=rules.allocation,
        )
    for short in matched.replay.named_shortfalls:
        row = naming.get(short.event_id)
        if row is not None:
            missing = f"{plain(to_decimal(short.units))} {short.asset}"
            row.row.complain(
                "lots",
                f"names {shown(short.origin)}, of which {missing} are not in {row.event.account} at that time",
                "name lots that the account holds when the coins are sent",
            )
