"""Which sale uses which record: sales after a record take its lots in order until they are used up.

Units are identified no later than the date and time of the sale (Reg. 1.1012-1(j)); what no record covers falls to the
account's method. The outcome depends on events and records alone, never on the order in which they became known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.identification.record import Record, RecordedLot, RecordKind
from harvest_tui.core.identification.rule import broker_must_be_told
from harvest_tui.core.lots.scaled import to_decimal, to_scaled
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, NamedLot
from harvest_tui.core.tax_days import tax_year

SALES = frozenset({EventKind.TRADE, EventKind.NFT_TRADE, EventKind.SPEND})
"""Disposals that somebody orders. A fee is charged by others: it takes the lots that the account's method gives it."""
Key = tuple[AccountId, Asset]


class Piece(NamedTuple):
    """`quantity` units of the sale `event_id` that line `line` of a record identifies.

    `binds` is False where the law asked for the broker to be told and nothing says that it was.
    """

    event_id: EventId
    record: int
    line: int
    origin_id: EventId
    quantity: Decimal
    binds: bool = True


class Assignment(NamedTuple):
    """The pieces in order of time, by sale; and what sales there were in accounts and assets that have a record."""

    pieces: dict[EventId, tuple[Piece, ...]]
    sales: tuple[Event, ...]

    def used(self) -> dict[tuple[int, int], Decimal]:
        """Units of each record and line that sales have used."""
        sums: dict[tuple[int, int], Decimal] = {}
        for pieces in self.pieces.values():
            for piece in pieces:
                key = (piece.record, piece.line)
                sums[key] = EXACT.add(sums.get(key, ZERO), piece.quantity)
        return sums


def sale_of(event: Event) -> Amount | None:
    """What the event sells; None where it is no sale of a coin."""
    sent = event.sent
    if event.kind not in SALES or sent is None or sent.asset == USD or not sent.quantity:
        return None
    return sent


def time_order(event: Event) -> tuple[datetime, int, str]:
    """The place of a sale in time."""
    return event.executed_at, event.sequence, event.event_id


def revocations(records: Iterable[Record]) -> dict[int, Record]:
    """The record that took back what was left, by the number of the record that it is about."""
    found: dict[int, Record] = {}
    for record in records:
        if record.kind is RecordKind.REVOKE and record.about is not None:
            found.setdefault(record.about, record)
    return found


class _Line:
    """What is left of one line of a record."""

    __slots__ = ("left", "lot", "number", "place")

    def __init__(self, number: int, place: int, lot: RecordedLot) -> None:
        self.number, self.place, self.lot = number, place, lot
        self.left = lot.quantity


class _Standing:
    """A record with regard to one account: from when to when it stands, and since when the venue knows."""

    __slots__ = ("done", "ends", "is_broker", "lines", "starts", "told_from", "zone")

    def __init__(self, record: Record, key: Key, lines: list[_Line], ends: datetime | None) -> None:
        found = record.account(key[0])
        self.starts = record.stands_from(key[0])
        self.ends = ends
        self.lines = lines
        self.done = 0
        """Lines before this one are used up."""
        self.is_broker = found is not None and found.is_broker
        self.zone = ZoneInfo(record.zone)
        self.told_from = self.starts if key[0] in record.told else None

    def holds(self, at: datetime) -> bool:
        """Whether a sale at that instant comes under the record."""
        return self.starts <= at and (self.ends is None or at < self.ends)

    def binds(self, at: datetime) -> bool:
        """Whether the law lets the record decide."""
        if not self.is_broker or (self.told_from is not None and self.told_from <= at):
            return True
        return not broker_must_be_told(tax_year(at, self.zone))


def _standing(records: Sequence[Record]) -> dict[Key, list[_Standing]]:
    """The records by account and asset, in order."""
    ended = revocations(records)
    found: dict[Key, list[_Standing]] = {}
    by_number: dict[int, list[tuple[AccountId, _Standing]]] = {}
    for record in records:
        if record.kind is not RecordKind.IDENTIFY:
            continue
        by_key: dict[Key, list[_Line]] = {}
        for place, lot in enumerate(record.lots):
            by_key.setdefault((lot.account, lot.asset), []).append(_Line(record.number, place, lot))
        end = ended.get(record.number)
        for key, lines in by_key.items():
            one = _Standing(record, key, lines, None if end is None else end.stands_from(key[0]))
            found.setdefault(key, []).append(one)
            by_number.setdefault(record.number, []).append((key[0], one))
    for record in records:
        if record.kind is RecordKind.TOLD:
            for account, one in by_number.get(record.about or 0, ()):
                if account in record.told and one.told_from is None:
                    one.told_from = record.stands_from(account)
    return found


def assign(events: Iterable[Event], records: Sequence[Record]) -> Assignment:
    """The pieces of every sale that comes under a record and names no lots itself. Pure."""
    standing = _standing(sorted(records, key=lambda record: record.number))
    found: dict[Key, dict[EventId, Event]] = {key: {} for key in standing}
    for event in events:
        sold = sale_of(event)
        if sold is not None and (event.account, sold.asset) in found:
            found[event.account, sold.asset][event.event_id] = event
    pieces: dict[EventId, tuple[Piece, ...]] = {}
    sales = sorted((event for group in found.values() for event in group.values()), key=time_order)
    for event in sales:
        sold = sale_of(event)
        if sold is None or event.lots:
            continue
        units = to_decimal(to_scaled(sold.quantity))  # what is finer no lot can give
        taken = tuple(_taken(event, units, standing[event.account, sold.asset]))
        if taken:
            pieces[event.event_id] = taken
    return Assignment(pieces, tuple(sales))


def _taken(event: Event, wanted: Decimal, standing: Iterable[_Standing]) -> Iterable[Piece]:
    for one in standing:
        if not wanted:
            return
        if not one.holds(event.executed_at):
            continue
        binds = one.binds(event.executed_at)
        while wanted and one.done < len(one.lines):
            line = one.lines[one.done]
            units = min(wanted, line.left)
            line.left = EXACT.subtract(line.left, units)
            wanted = EXACT.subtract(wanted, units)
            if not line.left:
                one.done += 1
            yield Piece(event.event_id, line.number, line.place, line.lot.origin_id, units, binds)


def identify(events: Sequence[Event], records: Sequence[Record]) -> list[Event]:
    """The events, with lots named in each sale that a record identifies; what it does not cover is left to the method.

    A named lot that is not there is reported by `match` as a `NamedShortfall`, and its units fall to the method too.
    """
    pieces = assign(events, records).pieces
    if not pieces:
        return list(events)
    return [_naming(event, pieces[event.event_id]) if event.event_id in pieces else event for event in events]


def _naming(event: Event, pieces: Sequence[Piece]) -> Event:
    units: dict[EventId, Decimal] = {}
    for piece in pieces:
        if piece.binds:
            units[piece.origin_id] = EXACT.add(units.get(piece.origin_id, ZERO), piece.quantity)
    return replace(event, lots=tuple(NamedLot(*one) for one in units.items()))
