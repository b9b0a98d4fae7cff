"""Events matched into a ledger: open lots, disposals, gaps and whatever could not be proven."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.allocation import allocate, switch_at
from harvest_tui.core.lots.books import HeldLot
from harvest_tui.core.lots.ledger import Disposal, Ledger, Lot, Term, UnmatchedMove, Unpriced
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.postings import PostingMaker
from harvest_tui.core.lots.replay import Replay, Sold
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.lots.transfers import PairChoices, pair_moves
from harvest_tui.core.records import AccountId, Event, EventId
from harvest_tui.core.tax_days import first_long_term_day
from harvest_tui.core.valuation import NoPrices, ValueSource


class Scope(StrEnum):
    """Which lots a sale may use: those of the account, of all accounts, or as the law had it in each year."""

    ACCOUNT = "account"
    UNIVERSAL = "universal"
    US = "us"


@dataclass(frozen=True, slots=True)
class Matched:
    """The books after the last event, and what was found on the way. `ledger_of` makes a `Ledger` of it."""

    replay: Replay
    unpriced: tuple[Unpriced, ...]
    unmatched: tuple[UnmatchedMove, ...]


@contextmanager
def without_collector() -> Iterator[None]:
    """Holds the cyclic garbage collector still: nothing made in a replay is a cycle, and it doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _distinct(events: Sequence[Event]) -> list[Event]:
    """Each event once. Raises ValueError where two different events have one id."""
    by_id: dict[EventId, Event] = {}
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
    allocation: Sequence[AccountId] = (),
) -> Matched:
    """Replays the events over empty books. Pure; the order of `events` does not matter."""
    distinct = _distinct(events)
    maker = PostingMaker(values, pair_moves(distinct, pairs))
    for event in distinct:
        maker.add(event)
    postings = sorted(maker.postings, key=lambda posting: posting.order)
    replay = Replay(methods, zone, is_pooled=scope is not Scope.ACCOUNT)
    if scope is Scope.US:
        switch = switch_at(zone)
        replay.run(posting for posting in postings if posting.order[0] < switch)
        allocate(replay, allocation)
        postings = [posting for posting in postings if posting.order[0] >= switch]
    replay.run(postings)
    return Matched(
        replay,
        tuple(sorted(maker.unpriced, key=lambda miss: (miss.at, miss.event_id, miss.asset))),
        tuple(sorted(maker.unmatched, key=lambda move: (move.at, move.event_id))),
    )


class _Days:
    """Tax days and first long-term days of instants, each worked out once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days: dict[datetime, date] = {}
        self._long: dict[date, date] = {}

    def day(self, at: datetime) -> date:
        found = self._days.get(at)
        if found is None:
            found = self._days[at] = at.astimezone(self._zone).date()
        return found

    def long_term_on(self, acquired_at: datetime) -> date:
        day = self.day(acquired_at)
        found = self._long.get(day)
        if found is None:
            found = self._long[day] = first_long_term_day(day)
        return found


def _lot(held: HeldLot, days: _Days) -> Lot:
    loss_cost = held.loss_cost_left()
    return Lot(
        held.lot_id,
        held.origin,
        held.account,
        held.asset,
        held.acquired_at,
        days.long_term_on(held.acquired_at),
        to_decimal(held.left),
        None if held.cost_left is None else to_decimal(held.cost_left),
        held.provenance,
        None if loss_cost is None else to_decimal(loss_cost),
    )


def _disposal(sold: Sold, days: _Days) -> Disposal:
    """One part of a lot.

    A gift worth less than its basis when given has three outcomes (IRC 1015(a)): a gain from the giver's basis with the
    giver's holding period, a loss from the value at the gift with one's own, and between the two neither.
    """
    event, piece, proceeds = sold
    lot, units, cost, loss_cost = piece
    acquired_at = lot.acquired_at
    if loss_cost is not None and proceeds is not None and cost is not None and proceeds < cost:
        if proceeds < loss_cost and lot.gift_at is not None:
            cost, acquired_at = loss_cost, lot.gift_at
        else:
            cost = proceeds
    is_long = days.day(event.executed_at) >= days.long_term_on(acquired_at)
    return Disposal(
        event.event_id,
        lot.lot_id,
        lot.origin,
        event.account,
        lot.asset,
        acquired_at,
        event.executed_at,
        to_decimal(units),
        None if proceeds is None else to_decimal(proceeds),
        None if cost is None else to_decimal(cost),
        Term.LONG if is_long else Term.SHORT,
    )


def ledger_of(matched: Matched, zone: ZoneInfo) -> Ledger:
    """The ledger in decimals and tax days."""
    days = _Days(zone)
    return Ledger(
        tuple(_lot(lot, days) for lot in matched.replay.open_lots()),
        tuple(_disposal(sold, days) for sold in matched.replay.sold),
        tuple(matched.replay.gaps),
        matched.unpriced,
        matched.unmatched,
    )


def match(
    events: Sequence[Event],
    *,
    method: str | MethodTable = "fifo",
    scope: str = "account",
    zone: ZoneInfo,
    values: ValueSource | None = None,
    pairs: PairChoices | None = None,
    allocation: Sequence[AccountId] = (),
) -> Ledger:
    """Open lots, disposals, gaps, unpriced events and unmatched moves of a history.

    `method` is `fifo`, `lifo`, `hifo` or `lofo`, or a table by account and year; named lots come first. `scope` is
    `account`, `universal` or `us`: universal before 2025, then by account, `allocation` being the order of the accounts
    at the switch.
    Raises ValueError for an unknown method or scope and where two different events have one id.
    """
    methods = method if isinstance(method, MethodTable) else MethodTable(Method(method))
    with without_collector():
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
