"""Events matched into a ledger: open lots, disposals, gaps and whatever could not be proven."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.allocation import Allocation, switch_at
from harvest_tui.core.lots.ledger import Ledger, UnmatchedMove, Unpriced
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.posting_maker import PostingMaker
from harvest_tui.core.lots.replay import ALWAYS, NEVER, Replay
from harvest_tui.core.lots.statement import Days, lot_of, statement
from harvest_tui.core.lots.transfers import PairChoices, pair_moves
from harvest_tui.core.records import AccountId, Event
from harvest_tui.core.valuation import NoPrices, ValueSource

LARGE = 50_000
"""From so many events on, what a replay leaves behind is better never looked at by the garbage collector."""


class Scope(StrEnum):
    """Which lots a sale may use: those of the account, of all accounts, or as the law had it in each year."""

    ACCOUNT = "account"
    UNIVERSAL = "universal"
    US = "us"

    def switch(self, zone: ZoneInfo) -> datetime:
        """The instant before which all accounts are one pool."""
        if self is Scope.US:
            return switch_at(zone)
        return ALWAYS if self is Scope.ACCOUNT else NEVER


@dataclass(frozen=True, slots=True)
class Matched:
    """The books after the last event, and what was found on the way. `ledger_of` makes a `Ledger` of it."""

    replay: Replay
    unpriced: tuple[Unpriced, ...]
    unmatched: tuple[UnmatchedMove, ...]


@contextmanager
def without_collector(*, is_large: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Holds the cyclic garbage collector still: nothing made in a replay is a cycle, and it doubles the time.

    After a large one all that is alive is set aside (`gc.freeze`), or the first pass over it would take as long again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if is_large():
                gc.freeze()
            gc.enable()


def allocation_of(choice: Allocation | Sequence[AccountId]) -> Allocation:
    """The allocation, where a mere order of accounts is one without a table."""
    return choice if isinstance(choice, Allocation) else Allocation(order=tuple(choice))


def _distinct(events: Sequence[Event]) -> list[Event]:
    """Each event once. Raises ValueError where two different events have one id."""
    by_id = {event.event_id: event for event in events}
    if len(by_id) == len(events):
        return list(events)
    by_id.clear()
    for event in events:
        known = by_id.setdefault(event.event_id, event)
        if known is not event and known != event:
            raise ValueError(f"two different events are called {event.event_id!r}")
    return list(by_id.values())


def match_books(
    events: Sequence[Event],
    *,
    methods: MethodTable,
    scope: Scope,
    zone: ZoneInfo,
    values: ValueSource,
    pairs: PairChoices | None = None,
    allocation: Allocation | Sequence[AccountId] = (),
) -> Matched:
    """Replays the events over empty books. Pure; the order of `events` does not matter."""
    distinct = _distinct(events)
    maker = PostingMaker(values, pair_moves(distinct, pairs))
    for event in distinct:
        maker.add(event)
    postings, unpriced, unmatched = maker.taken()
    replay = Replay(methods, zone, scope.switch(zone), allocation_of(allocation))
    replay.load(postings)
    return Matched(replay, tuple(unpriced), tuple(unmatched))


def ledger_of(matched: Matched, zone: ZoneInfo) -> Ledger:
    """The ledger in decimals and tax days. The books must not change after that."""
    days = Days(zone)
    lots = tuple(lot_of(lot, days) for lot in matched.replay.open_lots())
    return statement(matched.replay, zone, lots, matched.unpriced, matched.unmatched)


def match(
    events: Sequence[Event],
    *,
    method: str | MethodTable = "fifo",
    scope: str = "account",
    zone: ZoneInfo,
    values: ValueSource | None = None,
    pairs: PairChoices | None = None,
    allocation: Allocation | Sequence[AccountId] = (),
) -> Ledger:
    """Open lots, disposals, gaps, unpriced events and unmatched moves of a history.

    `method` is `fifo`, `lifo`, `hifo` or `lofo`, or a table by account and year; named lots come first. `scope` is
    `account`, `universal` or `us`: universal before 2025, then by account, `allocation` being the user's choice at the
    switch (an `Allocation`, or just the order of the accounts).
    Raises ValueError for an unknown method or scope and where two different events have one id.
    """
    methods = method if isinstance(method, MethodTable) else MethodTable(Method(method))
    with without_collector(is_large=lambda: len(events) >= LARGE):
        matched = match_books(
            events,
            methods=methods,
            scope=Scope(scope),
            zone=zone,
            values=values or NoPrices(),
            pairs=pairs,
            allocation=allocation,
        )
        return ledger_of(matched, zone)
