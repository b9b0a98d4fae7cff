"""The ticket: what to sell where, and up to which price it is still a loss; and the instruction for a venue.

The program places no order. Names come from outside: whatever a terminal or a form would obey is taken out of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.identification.record import Record, RecordedAccount, RecordedLot, instant_text
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.lots.orders import Method
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, plain, rounded
from harvest_tui.core.records import AccountId, Asset

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SMALLEST_CENTS = Decimal(10)


def plain_text(text: str) -> str:
    """The text on one line, without control, format, private or unassigned characters."""
    return "".join(" " if c in "\n\t" else c for c in text if c in "\n\t" or unicodedata.category(c) not in _HIDDEN)


class TicketOrder(NamedTuple):
    """Units of one asset to sell in one account. `lots` are in the order in which the venue itself would use them up.

    `worst_price` (US dollars for one unit, before fees) is the highest at which the sale as a whole is no gain; None
    where a basis is unknown. `ahead` are units of other lots that the venue's own order would sell first.
    """

    account: AccountId
    asset: Asset
    quantity: Decimal
    lots: tuple[RecordedLot, ...]
    method: str
    worst_price: Decimal | None
    ahead: Decimal = ZERO


def in_venue_order(lots: Iterable[RecordedLot], method: str) -> list[RecordedLot]:
    """The lots as an account of that method uses them up; of equals the older first, lots of unknown basis last."""
    by_age = sorted(lots, key=lambda lot: (lot.acquired_at, lot.origin_id, lot.lot_id))
    if method == Method.LIFO:
        return by_age[::-1]
    if method in (Method.HIFO, Method.LOFO):
        sign = -1 if method == Method.HIFO else 1
        return sorted(by_age, key=lambda lot: _cost_rank(lot, sign))
    return by_age


def _cost_rank(lot: RecordedLot, sign: int) -> tuple[bool, Decimal]:
    unit = lot.worst_price
    return unit is None, ZERO if unit is None else ROUNDED.multiply(unit, Decimal(sign))


def ticket_of(record: Record, open_lots: Sequence[Lot] = ()) -> tuple[TicketOrder, ...]:
    """One order an account and asset, in the order of the record. `open_lots` are all lots open when it was made."""
    groups: dict[tuple[AccountId, Asset], list[RecordedLot]] = {}
    for lot in record.lots:
        groups.setdefault((lot.account, lot.asset), []).append(lot)
    return tuple(_order(record.account(key[0]), key, lots, open_lots) for key, lots in groups.items())


def _order(
    account: RecordedAccount | None, key: tuple[AccountId, Asset], lots: list[RecordedLot], open_lots: Sequence[Lot]
) -> TicketOrder:
    method = Method.FIFO.value if account is None else account.method
    units, basis = ZERO, ZERO
    for lot in lots:
        units = EXACT.add(units, lot.quantity)
        basis = EXACT.add(basis, lot.basis_of_loss or ZERO)
    is_known = all(lot.basis_of_loss is not None for lot in lots)
    worst = ROUNDED.divide(basis, units) if is_known and units else None
    ahead = _ahead(lots, [lot for lot in open_lots if (lot.account, lot.asset) == key], method)
    return TicketOrder(*key, units, tuple(in_venue_order(lots, method)), method, worst, ahead)


def _ahead(chosen: Sequence[RecordedLot], held: Iterable[Lot], method: str) -> Decimal:
    """Units that the venue's order uses up before the last chosen lot, and that are not chosen."""
    wanted = {lot.lot_id: lot for lot in chosen}
    queue = in_venue_order([wanted.get(lot.lot_id) or _as_recorded(lot) for lot in held], method)
    ahead, found = ZERO, ZERO
    for lot in queue:
        if lot.lot_id in wanted:
            found = ahead
        else:
            ahead = EXACT.add(ahead, lot.quantity)
    return found


def _as_recorded(lot: Lot) -> RecordedLot:
    return RecordedLot(
        lot.account,
        lot.asset,
        lot.lot_id,
        lot.origin_id,
        lot.acquired_at,
        lot.long_term_on,
        lot.quantity,
        lot.quantity,
        lot.cost_basis,
    )


def price_text(price: Decimal) -> str:
    """A price a seller may type: rounded down, so that it never promises more than it holds."""
    places = 2 if price >= _SMALLEST_CENTS else 8
    return plain(price.quantize(Decimal((0, (1,), -places)), ROUND_DOWN, ROUNDED))


def ticket_lines(orders: Iterable[TicketOrder], zone: ZoneInfo) -> list[str]:
    """The ticket as text, to copy or to keep in a file."""
    lines: list[str] = []
    for order in orders:
        if lines:
            lines.append("")
        lines.append(f"{order.account}: sell {plain(order.quantity)} {order.asset}")
        if order.worst_price is None:
            lines.append("  cost basis unknown: nobody can say up to which price this is a loss")
        else:
            lines.append(f"  a loss below {price_text(order.worst_price)} USD for one {order.asset}, before fees")
        lines.append(f"  {_venue_words(order)}")
        lines += [f"  {_lot_line(lot, zone)}" for lot in order.lots]
    return [plain_text(line) for line in lines]


def _venue_words(order: TicketOrder) -> str:
    own = f"the account's own order is {order.method}"
    if not order.ahead:
        return f"{own}: it uses these lots up first, in this order"
    return f"{own}: it would use up {plain(order.ahead)} {order.asset} of other lots first; the record says otherwise"


def _lot_line(lot: RecordedLot, zone: ZoneInfo) -> str:
    day = lot.acquired_at.astimezone(zone).date()
    cost = "unknown basis" if lot.cost_basis is None else f"basis {plain(rounded(lot.cost_basis, 2))} USD"
    price = "" if lot.worst_price is None else f", a loss below {price_text(lot.worst_price)}"
    return f"{plain(lot.quantity)} {lot.asset} acquired {day}, {cost}{price}, lot {lot.lot_id}"


def instruction_lines(record: Record, account: AccountId) -> list[str]:
    """What to send to a venue that wants to be told which units are sold (Reg. 1.1012-1(j)).

    Raises ValueError where the record has no lot in the account.
    """
    lots = [lot for lot in record.lots if lot.account == account]
    if not lots:
        raise ValueError(f"record {record.number} has no lot in {plain_text(account)}")
    zone = ZoneInfo(record.zone)
    lines = [
        "Identification of digital asset units to be sold (Treas. Reg. 1.1012-1(j))",
        f"Account: {account}",
        f"Written: {record.local_time} ({record.zone}), {instant_text(record.recorded_at)}",
        "Of the units that I sell after this time, please treat these as the ones sold, in this order:",
    ]
    lines += [f"  {number}. {_unit_line(lot, zone)}" for number, lot in enumerate(lots, 1)]
    lines.append(f"My record no. {record.number}, SHA-256 {record.sha256}")
    return [plain_text(line) for line in lines]


def _unit_line(lot: RecordedLot, zone: ZoneInfo) -> str:
    local = lot.acquired_at.astimezone(zone)
    basis = "" if lot.cost_basis is None else f", cost basis {plain(rounded(lot.cost_basis, 2))} USD"
    return (
        f"{plain(lot.quantity)} {lot.asset}, acquired {local:%Y-%m-%d %H:%M:%S %z}"
        f" ({instant_text(lot.acquired_at)}){basis}"
    )
