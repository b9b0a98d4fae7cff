"""The books after a history, read so that a lot can be followed from its first acquisition to its last unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import Book, HeldLot, Part
from harvest_tui.core.lots.explanation import Chapter, Passage, Use, UseKind
from harvest_tui.core.lots.ledger import NamedShortfall
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.posting_maker import BURNT, MAIN
from harvest_tui.core.lots.postings import Allot, Depart, Dispose, Leave, Take
from harvest_tui.core.lots.replay import POOL, Replay
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.lots.statement import Days, disposal_of
from harvest_tui.core.lots.transfers import Pairing, has_same_txid
from harvest_tui.core.records import USD, Amount, Event, EventId, EventKind, LotId

_MOVES = frozenset({EventKind.WITHDRAWAL, EventKind.TRANSFER, EventKind.CONVERT, EventKind.DEPOSIT})
_LEAVING = {EventKind.GIFT_OUT: UseKind.GIVEN, EventKind.LOST: UseKind.LOST}
_DISPOSING = {EventKind.SPEND: UseKind.SPENT, EventKind.FEE: UseKind.FEE}
Drawing = Take | Allot


def use_kind(posting: Drawing, event: Event | None) -> UseKind:
    """What the posting does with the units that it draws."""
    if isinstance(posting, Allot) or event is None:
        return UseKind.ALLOCATED
    if isinstance(posting, Depart):
        return UseKind.CONVERTED if event.kind is EventKind.CONVERT else UseKind.MOVED
    if isinstance(posting, Leave):
        return _LEAVING.get(event.kind, UseKind.WITHDRAWN)
    if posting.place == BURNT:
        return UseKind.BURNT
    if posting.place != MAIN:
        return UseKind.MOVING_FEE if event.kind in _MOVES else UseKind.FEE
    is_for_dollars = event.received is None or event.received.asset == USD
    return _DISPOSING.get(event.kind, UseKind.SOLD if is_for_dollars else UseKind.EXCHANGED)


class Trace:
    """Lots by id, what drew from each, what brought each, and the events behind it all."""

    def __init__(
        self,
        events: Sequence[Event],
        replay: Replay,
        pairing: Pairing,
        methods: MethodTable,
        zone: ZoneInfo,
        confirmed: Collection[EventId] = (),
    ) -> None:
        self.events = {event.event_id: event for event in events}
        self.pairing = pairing
        self.confirmed = confirmed
        self.zone = zone
        self.days = Days(zone)
        self.lots: dict[LotId, HeldLot] = {}
        self.takes: dict[EventId, list[Take]] = defaultdict(list)
        self._methods = methods
        self._drawn: dict[HeldLot, list[tuple[Drawing, Part]]] = defaultdict(list)
        self._brought: dict[HeldLot, Drawing] = {}
        self._books: dict[Take, Book] = {}
        for book in replay.books.values():
            self._read(book)

    def _read(self, book: Book) -> None:
        for posting in book.log:
            for lot in posting.opened():
                known = self.lots.get(lot.lot_id)
                # The allocation of a pool may leave a lot its id: the later one is meant.
                if known is None or lot.parent is known:
                    self.lots[lot.lot_id] = lot
            if isinstance(posting, Take | Allot):
                for part in posting.parts:
                    self._drawn[part[0]].append((posting, part))
                for lot in _landed(posting):
                    self._brought[lot] = posting
            if isinstance(posting, Take):
                self.takes[posting.event_id].append(posting)
                self._books[posting] = book

    def event_of(self, posting: Drawing) -> Event | None:
        """The event of the posting; None for an allocation."""
        return self.events.get(posting.event_id)

    def line_of(self, lot: HeldLot) -> list[HeldLot]:
        """The lot that was first acquired, and every lot its units became on their way to this one."""
        line = [lot]
        while line[0].parent is not None:
            line.insert(0, line[0].parent)
        return line

    def chapter(self, lot: HeldLot) -> Chapter:
        """The lot from its beginning to what is left of it."""
        return Chapter(
            lot.lot_id,
            lot.account,
            lot.asset,
            to_decimal(lot.units),
            None if lot.cost is None else to_decimal(lot.cost),
            lot.provenance,
            tuple(self._uses(lot)),
            to_decimal(lot.left),
            None if lot.cost_left is None else to_decimal(lot.cost_left),
        )

    def _uses(self, lot: HeldLot) -> Iterator[Use]:
        is_told = False
        for posting, part in self._drawn.get(lot, ()):
            if not isinstance(posting, Allot):
                yield self.use(posting, part)
            elif not is_told:
                # An allocation may draw twice for one account: its parts are told as the lots they became.
                is_told = True
                yield from (self._allocated(posting, child) for child in _landed(posting) if child.parent is lot)

    def _allocated(self, posting: Allot, child: HeldLot) -> Use:
        cost = None if child.cost is None else to_decimal(child.cost)
        name, units = posting.event_id, to_decimal(child.units)
        return Use(UseKind.ALLOCATED, name, None, posting.at, units, cost, None, (child.lot_id,))

    def use(self, posting: Take, part: Part) -> Use:
        """The part that the posting drew."""
        lot, units, cost = part[:3]
        event = self.event_of(posting)
        return Use(
            use_kind(posting, event),
            posting.event_id,
            event,
            posting.told_at,
            to_decimal(units),
            None if cost is None else to_decimal(cost),
            disposal_of(posting, part, self.days) if isinstance(posting, Dispose) else None,
            tuple(dict.fromkeys(child.lot_id for child in _landed(posting) if child.parent is lot)),
        )

    def passage(self, parent: HeldLot, child: HeldLot) -> Passage:
        """How units of the one lot became the other."""
        posting = self._brought[child]
        if isinstance(posting, Allot):
            use = self._allocated(posting, child)
        else:
            use = self.use(posting, next(part for part in posting.parts if part[0] is parent))
        arrival = self.pairing.deposit_of.get(posting.event_id)
        is_same = arrival is not None and use.event is not None and has_same_txid(use.event, arrival)
        return Passage(
            use,
            Amount(to_decimal(child.units), child.asset),
            child.account,
            _landing_at(posting, child),
            Amount(to_decimal(posting.units) if isinstance(posting, Take) else use.quantity, posting.asset),
            arrival,
            is_same,
            posting.event_id in self.confirmed,
            tuple(self._fees(posting.event_id, arrival)),
        )

    def _fees(self, event_id: EventId, arrival: Event | None) -> Iterator[Use]:
        names = [event_id] if arrival is None else [event_id, arrival.event_id]
        for take in (take for name in names for take in self.takes.get(name, ())):
            if isinstance(take, Dispose):
                yield from (self.use(take, part) for part in take.parts)

    # What a posting could choose from.

    def method_of(self, take: Take) -> Method:
        """The order that held in the account and year of the posting."""
        return self._methods.method(take.account, take.told_at.astimezone(self.zone).year)

    def is_pooled(self, take: Take) -> bool:
        """Whether lots of all accounts were one pool then."""
        return self._books[take].account == POOL

    def standing(self, take: Take) -> list[tuple[HeldLot, int]]:
        """The open lots of its book just before the posting, with the units left, in the order of the method."""
        left: dict[HeldLot, int] = {}
        for posting in self._books[take].log:
            if posting is take:
                break
            left.update((lot, lot.units) for lot in posting.opened())
            if isinstance(posting, Take | Allot):
                for part in posting.parts:
                    left[part[0]] -= part[1]
        method = self.method_of(take)
        return [(lot, left[lot]) for lot in _in_turn(method, [lot for lot, units in left.items() if units])]

    def shortfalls(self, take: Take) -> tuple[NamedShortfall, ...]:
        """Units that the event names of a lot that did not have them."""
        return tuple(
            NamedShortfall(take.event_id, take.account, take.asset, origin, to_decimal(units), take.told_at)
            for origin, units in take.shorts
        )


def _landed(posting: Drawing) -> Sequence[HeldLot]:
    """The lots that what the posting drew became."""
    if isinstance(posting, Depart):
        return posting.arrive.lots
    if isinstance(posting, Allot):
        return [lot for landing in posting.landings.values() for lot in landing.lots]
    return ()


def _landing_at(posting: Drawing, child: HeldLot) -> datetime:
    return posting.arrive.at if isinstance(posting, Depart) else posting.at


def _in_turn(method: Method, lots: list[HeldLot]) -> list[HeldLot]:
    """The lots as they would be drawn from; those of unknown basis come last where the basis decides."""
    lots.sort(reverse=method is Method.LIFO)
    if method in (Method.HIFO, Method.LOFO):
        sign = -1 if method is Method.HIFO else 1
        lots.sort(key=lambda lot: (lot.cost is None, sign * Fraction(lot.cost or 0, lot.units)))
    return lots
