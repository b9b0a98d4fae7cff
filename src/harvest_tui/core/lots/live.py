"""A ledger that lives: events come, change and go, and only what they concern is replayed.

It is the engine of `matching` with its books kept. At any time `ledger()` is what `match` makes of the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.allocation import Allocation
from harvest_tui.core.lots.ledger import Disposal, Ledger, UnmatchedMove, Unpriced
from harvest_tui.core.lots.matching import LARGE, Scope, allocation_of, without_collector
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.outcome import Outcome
from harvest_tui.core.lots.posting_maker import PostingMaker
from harvest_tui.core.lots.postings import Depart, Dispose, Phase, Posting, facts_of
from harvest_tui.core.lots.replay import BookKey, Replay
from harvest_tui.core.lots.scaled import to_decimal, to_scaled
from harvest_tui.core.lots.statement import Days, disposal_of
from harvest_tui.core.lots.transfers import PairChoices, Pairing, pair_moves
from harvest_tui.core.portfolio import Position, PositionKey
from harvest_tui.core.records import AccountId, Asset, Event, EventId, EventKind, NamedLot
from harvest_tui.core.valuation import NoPrices, ValueSource

MOVES = (EventKind.DEPOSIT, EventKind.WITHDRAWAL)
TRIAL = EventId("what if")
T = TypeVar("T", Unpriced, UnmatchedMove)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a sale would be made of. `missing` units no lot covers; they have no part of the proceeds shown."""

    disposals: tuple[Disposal, ...]
    missing: Decimal


class Revised(NamedTuple):
    """What a change of events came to.

    `events` were told otherwise than before, added or taken out. No book but `books` was replayed, and of them at most
    `postings`, from the first change on; `redrawn` of what was sold, spent or moved before comes from other lots now.
    """

    events: int = 0
    books: frozenset[BookKey] = frozenset()
    postings: int = 0
    redrawn: int = 0


class LiveLedger:
    """Lots that follow their events. It keeps no event but deposits and withdrawals, whose pairs may change.

    Options as in `match`. Raises ValueError, before anything changes, where two different events have one id. It is not
    made for several threads at once; the ledgers and positions it hands out are.
    """

    def __init__(
        self,
        events: Iterable[Event] = (),
        *,
        method: str | MethodTable = "fifo",
        scope: str = "account",
        zone: ZoneInfo,
        values: ValueSource | None = None,
        pairs: PairChoices | None = None,
        allocation: Allocation | Sequence[AccountId] = (),
    ) -> None:
        methods = method if isinstance(method, MethodTable) else MethodTable(Method(method))
        self._zone = zone
        self._days = Days(zone)
        self._choices = pairs or PairChoices()
        self._replay = Replay(methods, zone, Scope(scope).switch(zone), allocation_of(allocation))
        self._moves: dict[EventId, Event] = {}
        self._deposit_of: dict[EventId, Event] = {}
        self._paired: set[EventId] = set()
        self._maker = PostingMaker(
            values or NoPrices(), Pairing(self._deposit_of, self._paired, self._choices.external)
        )
        self._postings: dict[EventId, tuple[Posting, ...]] = {}
        self._unpriced: dict[EventId, list[Unpriced]] = {}
        self._unmatched: dict[EventId, list[UnmatchedMove]] = {}
        self._told: tuple[tuple[Unpriced, ...], tuple[UnmatchedMove, ...]] | None = None
        self._outcome: Outcome | None = None
        self._gathered: list[Posting] = []
        with without_collector(is_large=lambda: len(self._postings) >= LARGE):
            self.gather(events)
            self.book()

    def gather(self, events: Iterable[Event]) -> None:
        """Takes in some of the events of a ledger that has none yet; when all are there, `book` replays them.

        A long history need not be in memory whole. Values are asked for now, but those of deposits and withdrawals.
        """
        for event in events:
            if event.kind in MOVES:
                self._check(event)
                self._moves[event.event_id] = event
            elif not self._is_known(event):
                self._gathered += self._make(event)

    def book(self) -> None:
        """Pairs the moves and replays what was gathered. Once, before anything is changed or asked."""
        postings, self._gathered = self._gathered, []
        self._pair(list(self._moves.values()), ())
        for event in self._moves.values():
            postings += self._make(event)
        self._replay.load(postings)

    def append(self, events: Iterable[Event]) -> None:
        """Adds events, at whatever time they happened. One that is known already, and is the same, changes nothing."""
        new: dict[EventId, Event] = {}
        for event in events:
            if new.setdefault(event.event_id, event) != event:
                raise ValueError(f"two different events are called {event.event_id!r}")
        self._change((), [event for event in new.values() if not self._is_known(event)])

    def replace(self, events: Iterable[Event]) -> None:
        """Puts each event in the place of the one with its id. Raises KeyError where there is none."""
        new = {event.event_id: event for event in events}
        self._change(self._known(new), list(new.values()))

    def revise(self, told: Iterable[Event], gone: Iterable[EventId] = ()) -> Revised:
        """Takes events as they are told now, new or known, and takes out those that are `gone`, known or not.

        Values and pairs are asked anew for all of them. What does the same as before stays, and nothing is replayed.
        """
        return self._change([name for name in gone if name in self._postings], list(told))

    def is_move(self, event_id: EventId) -> bool:
        """Whether the event is a deposit or a withdrawal that is known."""
        return event_id in self._moves

    def __len__(self) -> int:
        """The number of events."""
        return len(self._postings)

    def __contains__(self, event_id: EventId) -> bool:
        """Whether an event of that id is there."""
        return event_id in self._postings

    def remove(self, event_ids: Iterable[EventId]) -> None:
        """Takes events out. Raises KeyError where there is none of that id."""
        self._change(self._known(event_ids), [])

    def what_if(
        self,
        account: AccountId,
        asset: Asset,
        quantity: Decimal,
        proceeds: Decimal | None,
        at: datetime,
        lots: tuple[NamedLot, ...] = (),
    ) -> WhatIf:
        """The disposals that a sale at `at`, after all that is known, would be. Nothing changes."""
        units = to_scaled(quantity)
        money = None if proceeds is None else to_scaled(proceeds)
        sale = Dispose(TRIAL, account, asset, at, Phase.DISPOSE, 0, 1, units, money, lots)
        parts, missing = self._replay.trial(sale)
        return WhatIf(tuple(disposal_of(sale, part, self._days) for part in parts), to_decimal(missing))

    def ledger(self) -> Ledger:
        """Everything as of now. It stays as it is when later events come.

        The first one is made of all books. From then on the cost is that of what changed, and of handing out lots.
        """
        outcome = self._kept_up()
        if self._told is None:
            missed = [miss for misses in self._unpriced.values() for miss in misses]
            moves = [move for some in self._unmatched.values() for move in some]
            self._told = (
                tuple(sorted(missed, key=lambda miss: (miss.at, miss.event_id, miss.asset))),
                tuple(sorted(moves, key=lambda move: (move.at, move.event_id))),
            )
        return Ledger(outcome.lots(), outcome.disposals(), outcome.gaps(), *self._told, outcome.shortfalls())

    def positions(self, tax_day: date) -> dict[PositionKey, Position]:
        """What `positions_of` makes of the ledger of now. A position that did not change is the same object again."""
        return self._kept_up().positions(tax_day)

    def _kept_up(self) -> Outcome:
        if self._outcome is None:
            with without_collector(is_large=lambda: len(self._postings) >= LARGE):
                self._outcome = Outcome(self._replay, self._zone)
        return self._outcome

    def _known(self, event_ids: Iterable[EventId]) -> list[EventId]:
        known = list(dict.fromkeys(event_ids))
        for event_id in known:
            if event_id not in self._postings:
                raise KeyError(event_id)
        return known

    def _check(self, event: Event) -> None:
        known = self._moves.get(event.event_id)
        if (known is not None and known != event) or (known is None and event.event_id in self._postings):
            raise ValueError(f"two different events are called {event.event_id!r}")

    def _is_known(self, event: Event) -> bool:
        """Whether the event is there already. Events are not kept, so two are the same if they do the same."""
        if event.kind in MOVES:
            self._check(event)
            return event.event_id in self._moves
        known = self._postings.get(event.event_id)
        if known is None:
            return False
        self._maker.add(event)
        if event.event_id in self._moves or list(map(facts_of, self._maker.taken()[0])) != list(map(facts_of, known)):
            raise ValueError(f"two different events are called {event.event_id!r}")
        return True

    def _make(self, event: Event) -> tuple[Posting, ...]:
        """The postings of the event, booked under its id with what could not be priced or paired."""
        self._maker.add(event)
        made, unpriced, unmatched = self._maker.taken()
        name = event.event_id
        self._postings[name] = postings = tuple(made)
        self._book(self._unpriced, name, unpriced)
        self._book(self._unmatched, name, unmatched)
        return postings

    def _book(self, book: dict[EventId, list[T]], name: EventId, found: list[T]) -> None:
        if found:
            book[name] = found
            self._told = None
        elif book.pop(name, None):
            self._told = None

    def _unmake(self, event_id: EventId) -> tuple[Posting, ...]:
        self._book(self._unpriced, event_id, [])
        self._book(self._unmatched, event_id, [])
        return self._postings.pop(event_id, ())

    def _change(self, dropped: Sequence[EventId], added: Sequence[Event]) -> Revised:
        to_make = {event.event_id: event for event in added}
        touched: dict[EventId, Event] = {}
        for event_id in (*dropped, *to_make):
            known = self._moves.pop(event_id, None)
            if known is not None:
                touched[event_id] = known
        new_moves = {event.event_id: event for event in added if event.kind in MOVES}
        self._moves |= new_moves
        if touched or new_moves:
            for event_id in self._repair([*touched.values(), *new_moves.values()]):
                move = self._moves.get(event_id)
                if move is not None:
                    to_make[event_id] = move
        return self._remake([event_id for event_id in dropped if event_id not in to_make], to_make)

    def _remake(self, dropped: Sequence[EventId], to_make: Mapping[EventId, Event]) -> Revised:
        """Puts the postings of the events in the place of those that they had; the same ones stay."""
        events = len(set(dropped))
        gone = [posting for event_id in dropped for posting in self._unmake(event_id)]
        new: list[Posting] = []
        for event_id, event in to_make.items():
            known = self._postings.get(event_id)
            made = self._make(event)
            if known is not None and _says(known) == _says(made):
                self._postings[event_id] = known
                continue
            events += 1
            gone += known or ()
            new += made
        if self._outcome is None or not (gone or new):
            self._replay.change(gone, new)
            return Revised(events)
        books, done = self._outcome.change(gone, new)
        return Revised(events, books, done.postings, done.redrawn)

    def _repair(self, touched: Sequence[Event]) -> set[EventId]:
        """Pairs the moves of the assets touched anew; the answer is the moves whose other end is another now."""
        group: Mapping[EventId, Event] = self._moves
        gone = [event.event_id for event in touched if event.event_id not in group]
        if not self._choices.confirmed:
            assets = {_asset(event) for event in touched}
            group = {name: event for name, event in group.items() if _asset(event) in assets}
        return self._pair(list(group.values()), gone)

    def _pair(self, group: Sequence[Event], gone: Sequence[EventId]) -> set[EventId]:
        pairing = pair_moves(group, self._choices)
        changed: set[EventId] = set()
        for name in [*gone, *(event.event_id for event in group)]:
            old, new = self._deposit_of.pop(name, None), pairing.deposit_of.get(name)
            if new is not None:
                self._deposit_of[name] = new
            if old is not new:
                changed.add(name)
            if (name in self._paired) != (name in pairing.paired_deposits):
                changed.add(name)
            self._paired.discard(name)
            if name in pairing.paired_deposits:
                self._paired.add(name)
        return changed


def _says(postings: Iterable[Posting]) -> list[tuple[object, ...]]:
    """All that an event says through its postings."""
    return [(*facts_of(one), one.told_at if isinstance(one, Depart) else None) for one in postings]


def _asset(event: Event) -> Asset | None:
    leg = event.sent if event.kind is EventKind.WITHDRAWAL else event.received
    return None if leg is None else leg.asset
