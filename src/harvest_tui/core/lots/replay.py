"""Postings applied to books in order of time. The pieces drawn are kept: they are the result and the undo log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import Book, HeldLot, Piece, moved_lot_id
from harvest_tui.core.lots.ledger import BasisGap, Provenance
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.postings import Arrive, Dispose, Leave, Move, Open, Posting
from harvest_tui.core.lots.scaled import share, to_decimal, to_scaled
from harvest_tui.core.records import AccountId, Asset, Event, EventId, LotId, NamedLot

BookKey = tuple[AccountId, Asset]
POOL = AccountId("")
"""The account of a book that holds an asset of all accounts together (years before 2025)."""


class Sold(NamedTuple):
    """A piece that was disposed of, with its share of the proceeds (scaled; None: nobody told)."""

    event: Event
    piece: Piece
    proceeds: int | None


class Left(NamedTuple):
    """A piece that went without a disposal, out of sight or into another book."""

    event: Event
    piece: Piece


@dataclass(frozen=True, slots=True)
class NamedShortfall:
    """Units that an event identifies from the lot of `origin` and that are not there to be taken."""

    event_id: EventId
    origin: EventId
    asset: Asset
    units: int


class Replay:
    """The state of all books. `is_pooled` books hold an asset of all accounts together."""

    def __init__(self, methods: MethodTable, zone: ZoneInfo, *, is_pooled: bool = False) -> None:
        self.books: dict[BookKey, Book] = {}
        self.sold: list[Sold] = []
        self.left: list[Left] = []
        self.moved: list[Left] = []
        self.gaps: list[BasisGap] = []
        self.named_shortfalls: list[NamedShortfall] = []
        self.held: dict[BookKey, int] = defaultdict(int)
        """Units by account while books are pooled: where the coins are, whatever lots they count as."""
        self.is_pooled = is_pooled
        self._methods = methods
        self._zone = zone
        self._steady_methods: dict[AccountId, Method] = {}
        self._under_way: dict[EventId, list[HeldLot]] = {}

    def run(self, postings: Iterable[Posting]) -> None:
        """Applies postings, which must be in order."""
        for posting in postings:
            if type(posting) is Open:
                self._open(posting)
            elif type(posting) is Dispose:
                self._dispose(posting)
            elif type(posting) is Move:
                self._move(posting)
            elif type(posting) is Leave:
                self._leave(posting)
            elif type(posting) is Arrive:
                for lot in self._under_way.pop(posting.withdrawal, ()):
                    self.book(lot.account, lot.asset).put(lot)

    def book(self, account: AccountId, asset: Asset) -> Book:
        """The book of the asset in the account, or the pool."""
        key = (POOL if self.is_pooled else account, asset)
        book = self.books.get(key)
        if book is None:
            book = self.books[key] = Book()
        return book

    def open_lots(self) -> list[HeldLot]:
        """Lots with units left, those under way included, oldest first."""
        lots = [lot for book in self.books.values() for lot in book.open_lots()]
        lots.extend(lot for group in self._under_way.values() for lot in group)
        return sorted(lots, key=lambda lot: lot.order)

    def _open(self, posting: Open) -> None:
        event = posting.event
        if self.is_pooled:
            self.held[event.account, posting.asset] += posting.units
        if not posting.units:
            return
        name, account, asset = event.event_id, event.account, posting.asset
        lot = HeldLot(
            LotId(name),
            name,
            name,
            account,
            asset,
            posting.acquired_at,
            event.sequence,
            posting.units,
            posting.cost,
            posting.provenance,
            posting.loss_cost,
            posting.gift_at,
        )
        self.book(account, asset).put(lot)

    def _take(self, event: Event, asset: Asset, units: int, named: tuple[NamedLot, ...]) -> tuple[list[Piece], int]:
        """Draws units: the named lots first, then by the account's method; what nothing covers is a gap."""
        account = event.account
        if self.is_pooled:
            self.held[account, asset] -= units
        book = self.book(account, asset)
        pieces: list[Piece] = []
        wanted = units
        if named:
            pieces, wanted = self._take_named(event, asset, book, units, named)
        others, missing = book.take(wanted, self._method_of(account, event))
        pieces = pieces + others if pieces else others
        if missing:
            self.gaps.append(BasisGap(account, asset, to_decimal(missing), event.executed_at, event.event_id))
        return pieces, missing

    def _method_of(self, account: AccountId, event: Event) -> Method:
        if self._methods.knows_years:
            return self._methods.method(account, event.executed_at.astimezone(self._zone).year)
        found = self._steady_methods.get(account)
        if found is None:
            found = self._steady_methods[account] = self._methods.method(account, 0)
        return found

    def _take_named(
        self, event: Event, asset: Asset, book: Book, units: int, named: tuple[NamedLot, ...]
    ) -> tuple[list[Piece], int]:
        pieces: list[Piece] = []
        for name in named:
            asked = min(units, to_scaled(name.quantity))
            found, missing = book.take_named(name.origin, asked)
            pieces += found
            units -= asked - missing
            if missing:
                self.named_shortfalls.append(NamedShortfall(event.event_id, name.origin, asset, missing))
        return pieces, units

    def _dispose(self, posting: Dispose) -> None:
        pieces, _ = self._take(posting.event, posting.asset, posting.units, posting.named)
        proceeds = posting.proceeds
        event, sold = posting.event, self.sold
        if proceeds is None or (len(pieces) == 1 and pieces[0].units == posting.units):
            sold.extend([Sold(event, piece, proceeds) for piece in pieces])
            return
        gone = 0
        for piece in pieces:
            sold.append(Sold(event, piece, share(proceeds, gone, piece.units, posting.units)))
            gone += piece.units

    def _leave(self, posting: Leave) -> None:
        pieces, _ = self._take(posting.event, posting.asset, posting.units, posting.named)
        self.left.extend(Left(posting.event, piece) for piece in pieces)

    def _move(self, posting: Move) -> None:
        event = posting.event
        if self.is_pooled:
            self.held[posting.to_account, posting.to_asset] += posting.to_units
            if posting.asset == posting.to_asset:
                self.held[event.account, posting.asset] -= posting.units
                return
        pieces, missing = self._take(event, posting.asset, posting.units, posting.named)
        self.moved.extend([Left(event, piece) for piece in pieces])
        lots = moved_lots(posting, pieces, missing)
        if posting.arrives:
            book = self.book(posting.to_account, posting.to_asset)
            for lot in lots:
                book.put(lot)
        else:
            self._under_way[event.event_id] = lots


def moved_lots(posting: Move, pieces: list[Piece], missing: int) -> list[HeldLot]:
    """The lots at the far end of a move: each keeps its date and basis, and its share of what arrives.

    Units that no lot covered arrive with nothing known about them.
    """
    lots: list[HeldLot] = []
    gone = carried = given = 0
    for index, piece in enumerate(pieces, 1):
        units = share(posting.to_units, gone, piece.units, posting.units)
        gone += piece.units
        if not units and not lots and index == len(pieces):
            units = min(1, posting.to_units)
        given += units
        if units:
            lots.append(_moved(posting, piece, units, carried))
            carried = 0
        else:
            carried += piece.cost or 0
    if carried and lots and lots[-1].cost is not None and lots[-1].cost_left is not None:
        lots[-1].cost += carried
        lots[-1].cost_left += carried
    rest = posting.to_units - given if missing else 0
    if rest:
        lots.append(_unknown(posting, rest))
    return lots


def _moved(posting: Move, piece: Piece, units: int, carried: int) -> HeldLot:
    """The piece in its new place. `carried` is the cost of pieces too small to be a unit of what they became."""
    parent = piece.lot
    return HeldLot(
        lot_id=moved_lot_id(parent, posting.event.event_id),
        origin=parent.origin,
        opened_by=posting.event.event_id,
        account=posting.to_account,
        asset=posting.to_asset,
        acquired_at=parent.acquired_at,
        sequence=parent.order[1],
        units=units,
        cost=None if piece.cost is None else piece.cost + carried,
        provenance=Provenance.TRANSFERRED if parent.provenance is Provenance.PROVEN else parent.provenance,
        loss_cost=piece.loss_cost,
        gift_at=parent.gift_at,
        parent=parent,
    )


def _unknown(posting: Move, units: int) -> HeldLot:
    event = posting.event
    return HeldLot(
        lot_id=LotId(event.event_id),
        origin=event.event_id,
        opened_by=event.event_id,
        account=posting.to_account,
        asset=posting.to_asset,
        acquired_at=event.executed_at,
        sequence=event.sequence,
        units=units,
        cost=None,
        provenance=Provenance.UNKNOWN,
    )
