"""What sales really took: the parts of lots that each piece of a record got, and what went past the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.identification.assignment import Assignment, Piece, sale_of
from harvest_tui.core.lots.ledger import Disposal, Ledger
from harvest_tui.core.lots.replay import Replay
from harvest_tui.core.lots.scaled import to_decimal, to_scaled
from harvest_tui.core.money import EXACT, ZERO, split
from harvest_tui.core.records import AccountId, Asset, Event, EventId, LotId
from harvest_tui.core.valuation import ValueSource, exchange_value, fee_value

_plus, _minus = EXACT.add, EXACT.subtract
LotKey = tuple[AccountId, Asset, EventId]
"""Account, asset and origin: what a record names a lot by."""


class Taken(NamedTuple):
    """Units of a lot that an event took out of an account other than by a disposal: moved, given away or lost."""

    event_id: EventId
    account: AccountId
    asset: Asset
    origin_id: EventId
    at: datetime
    quantity: Decimal

    @property
    def key(self) -> LotKey:
        """What a record would name the lot by."""
        return self.account, self.asset, self.origin_id


def moved_out(replay: Replay) -> tuple[Taken, ...]:
    """Everything that went from lots without a disposal, in order of time."""
    found = [
        Taken(
            one.posting.event_id,
            one.piece.lot.account,
            one.piece.lot.asset,
            one.piece.lot.origin,
            one.posting.at,
            to_decimal(one.piece.units),
        )
        for one in [*replay.moved, *replay.left]
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.event_id, one.origin_id)))


class Part(NamedTuple):
    """Units of a lot that a sale took. Money in US dollars, None where unknown; no lot: nothing covered them."""

    event_id: EventId
    sold_at: datetime
    origin_id: EventId | None
    lot_id: LotId | None
    acquired_at: datetime | None
    quantity: Decimal
    proceeds: Decimal | None
    cost_basis: Decimal | None

    @property
    def gain(self) -> Decimal | None:
        """Proceeds, net of fees, less basis."""
        if self.proceeds is None or self.cost_basis is None:
            return None
        return _minus(self.proceeds, self.cost_basis)


class Fill(NamedTuple):
    """What one piece of a record came to: the parts that it got, and its share of the sale's value and fee."""

    piece: Piece
    sold_at: datetime
    parts: tuple[Part, ...]
    value: Decimal | None
    fee: Decimal | None

    @property
    def identified(self) -> Decimal:
        """Units that came from the lot that the record names."""
        return total(part.quantity for part in self.parts if part.origin_id == self.piece.origin_id)

    @property
    def strayed(self) -> Decimal:
        """Units that came from other lots, or from none."""
        return _minus(self.piece.quantity, self.identified)


class Consumption(NamedTuple):
    """Fills by sale, and by sale the parts that no record asked for."""

    fills: Mapping[EventId, tuple[Fill, ...]]
    beyond: Mapping[EventId, tuple[Part, ...]]


def total(values: Iterable[Decimal]) -> Decimal:
    """Their exact sum."""
    sum_of_all = ZERO
    for value in values:
        sum_of_all = _plus(sum_of_all, value)
    return sum_of_all


def total_or_none(values: Iterable[Decimal | None]) -> Decimal | None:
    """Their exact sum; None where one is unknown."""
    known = list(values)
    if any(value is None for value in known):
        return None
    return total(value for value in known if value is not None)


class _Rest:
    """What is left of a disposal, or of a sale's value, while pieces are cut off."""

    __slots__ = ("basis", "disposal", "money", "units")

    def __init__(self, units: Decimal, money: Decimal | None, basis: Decimal | None, disposal: Disposal | None) -> None:
        self.units, self.money, self.basis, self.disposal = units, money, basis, disposal

    def cut(self, units: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """Takes units off, with their share of both amounts."""
        shares: list[Decimal | None] = []
        for name in ("money", "basis"):
            amount = getattr(self, name)
            share, rest = (None, None) if amount is None else split(amount, units, self.units)
            setattr(self, name, rest)
            shares.append(share)
        self.units = _minus(self.units, units)
        return shares[0], shares[1]

    def part(self, units: Decimal, event: Event) -> Part:
        """The units as a part of a lot."""
        money, basis = self.cut(units)
        one = self.disposal
        if one is None:
            return Part(event.event_id, event.executed_at, None, None, None, units, None, None)
        return Part(event.event_id, event.executed_at, one.origin_id, one.lot_id, one.acquired_at, units, money, basis)


def consumed(assignment: Assignment, ledger: Ledger, values: ValueSource) -> Consumption:
    """What the sales of the accounts and assets that have a record took, piece by piece."""
    by_event: dict[tuple[EventId, Asset], list[Disposal]] = {}
    names = {event.event_id for event in assignment.sales}
    for disposal in ledger.disposals:
        if disposal.event_id in names:
            by_event.setdefault((disposal.event_id, disposal.asset), []).append(disposal)
    fills: dict[EventId, tuple[Fill, ...]] = {}
    beyond: dict[EventId, tuple[Part, ...]] = {}
    for event in assignment.sales:
        sold = sale_of(event)
        if sold is None:
            continue
        rests = _rests(sold.quantity, by_event.get((event.event_id, sold.asset), ()))
        pieces = assignment.pieces.get(event.event_id, ())
        fills[event.event_id] = _fills(event, sold.quantity, pieces, rests, values)
        beyond[event.event_id] = tuple(rest.part(rest.units, event) for rest in rests if rest.units)
    return Consumption(fills, beyond)


def _rests(sold: Decimal, disposals: Sequence[Disposal]) -> list[_Rest]:
    """The parts of the sale itself, then units no lot covered. A fee in the same coin is told after the sale."""
    left = to_decimal(to_scaled(sold))
    rests = []
    for one in disposals:
        units = min(left, one.quantity)
        if not units:
            break
        rest = _Rest(one.quantity, one.proceeds, one.cost_basis, one)
        if units < one.quantity:
            money, basis = rest.cut(units)
            rest = _Rest(units, money, basis, one)
        rests.append(rest)
        left = _minus(left, units)
    if left:
        rests.append(_Rest(left, None, None, None))
    return rests


def _fills(
    event: Event, sold: Decimal, pieces: Sequence[Piece], rests: Sequence[_Rest], values: ValueSource
) -> tuple[Fill, ...]:
    """Each piece first gets what is of its own lot, then what is left goes round in order."""
    got: list[list[Part]] = [[] for _ in pieces]
    wanted = [piece.quantity for piece in pieces]
    for is_own in (True, False):
        for number, piece in enumerate(pieces):
            for rest in rests:
                origin = None if rest.disposal is None else rest.disposal.origin_id
                units = min(wanted[number], rest.units)
                if units and (not is_own or origin == piece.origin_id):
                    got[number].append(rest.part(units, event))
                    wanted[number] = _minus(wanted[number], units)
    money = _Rest(sold, exchange_value(event, values), fee_value(event, values), None)
    shares = zip(pieces, got, strict=True)
    return tuple(Fill(one, event.executed_at, tuple(parts), *money.cut(one.quantity)) for one, parts in shares)
