"""Pairs withdrawals with the deposits they became in another of the own accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.records import USD, Asset, Event, EventId, EventKind

EARLY = timedelta(hours=1)
"""A deposit may be stamped this much before its withdrawal: two venues, two clocks."""
LATE = timedelta(days=3)
"""A deposit without a common txid arrives within this time."""
LATE_BY_TXID = timedelta(days=30)
KEPT_BY_TXID = Decimal("0.9")
"""With a common txid the deposit may be smaller by a fee nobody reported, but not by more than a tenth."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Withdrawal to deposit, by event id, and the set of deposits that have their other end."""

    deposit_of: Mapping[EventId, Event] = field(default_factory=dict)
    paired_deposits: Set[EventId] = frozenset()
    external: Set[EventId] = frozenset()
    """Ends whose other end is somebody else's by the user's word: they are not missed."""


@dataclass(frozen=True, slots=True)
class PairChoices:
    """What the user said: `confirmed` pairs (withdrawal to deposit) hold, `refused` ones are never made.

    `external` ends came from or went to somebody else, and `apart` ones (deposits with an assumed basis) are never
    paired either; a confirmed pair of events that are not there, or are no such pair, does nothing.
    """

    confirmed: Mapping[EventId, EventId] = field(default_factory=lambda: MappingProxyType({}))
    refused: frozenset[tuple[EventId, EventId]] = frozenset()
    external: frozenset[EventId] = frozenset()
    apart: frozenset[EventId] = frozenset()


_Rank = tuple[int, timedelta, EventId, EventId]


def is_possible(out: Event, into: Event) -> bool:
    """Whether the two can be one move at all: a withdrawal and a deposit of the same coin."""
    is_move = out.kind is EventKind.WITHDRAWAL and into.kind is EventKind.DEPOSIT
    return is_move and out.sent is not None and into.received is not None and out.sent.asset == into.received.asset


def has_same_txid(out: Event, into: Event) -> bool:
    """Whether both ends tell one transaction; what hides the leading `0x` or the case does not matter."""
    return bool(out.txid) and out.txid.lower().removeprefix("0x") == into.txid.lower().removeprefix("0x")


def _is_amount_plausible(out: Event, into: Event, by_txid: bool) -> bool:
    if out.sent is None or into.received is None:
        return False
    left, arrived = out.sent.quantity, into.received.quantity
    if arrived == left:
        return True
    own_fee = out.fee.quantity if out.fee is not None and out.fee.asset == out.sent.asset else ZERO
    if own_fee and arrived == EXACT.subtract(left, own_fee):
        return True
    return by_txid and ROUNDED.multiply(left, KEPT_BY_TXID) <= arrived < left


def _rank(out: Event, into: Event) -> _Rank | None:
    """How good a pair the two make, smaller is better; None where they are no pair."""
    by_txid = has_same_txid(out, into)
    if out.account == into.account and not by_txid:
        return None
    delay: timedelta = into.executed_at - out.executed_at
    if not -EARLY <= delay <= (LATE_BY_TXID if by_txid else LATE):
        return None
    if out.txid and into.txid and not by_txid:
        return None
    if not _is_amount_plausible(out, into, by_txid):
        return None
    return (0 if by_txid else 1, abs(delay), out.event_id, into.event_id)


def _candidates(outs: list[Event], intos: list[Event]) -> Iterable[_Rank]:
    """All plausible pairs of one asset. A sliding window keeps it near linear in a long history."""
    intos.sort(key=lambda event: event.executed_at)
    start = 0
    for out in sorted(outs, key=lambda event: event.executed_at):
        earliest: datetime = out.executed_at - EARLY
        while start < len(intos) and intos[start].executed_at < earliest:
            start += 1
        for index in range(start, len(intos)):
            into = intos[index]
            if into.executed_at - out.executed_at > LATE_BY_TXID:
                break
            rank = _rank(out, into)
            if rank is not None:
                yield rank


def pair_moves(events: Iterable[Event], choices: PairChoices | None = None) -> Pairing:
    """The pairs, best first: a common txid, then the least delay. Each end is used once; dollars are not paired."""
    choices = choices or PairChoices()
    outs: dict[Asset, list[Event]] = defaultdict(list)
    intos: dict[Asset, list[Event]] = defaultdict(list)
    by_id: dict[EventId, Event] = {}
    for event in events:
        if event.event_id in choices.external or event.event_id in choices.apart:
            continue
        if event.kind is EventKind.WITHDRAWAL and event.sent is not None and event.sent.asset != USD:
            outs[event.sent.asset].append(event)
        elif event.kind is EventKind.DEPOSIT and event.received is not None and event.received.asset != USD:
            intos[event.received.asset].append(event)
        else:
            continue
        by_id[event.event_id] = event
    deposit_of: dict[EventId, Event] = {}
    taken: set[EventId] = set()
    for out_id, into_id in choices.confirmed.items():
        out, into = by_id.get(out_id), by_id.get(into_id)
        if out is not None and into is not None and into_id not in taken and is_possible(out, into):
            deposit_of[out_id] = into
            taken.add(into_id)
    for asset in sorted(outs):
        for rank in sorted(_candidates(outs[asset], intos.get(asset, []))):
            out_id, into_id = rank[2], rank[3]
            if out_id not in deposit_of and into_id not in taken and (out_id, into_id) not in choices.refused:
                deposit_of[out_id] = by_id[into_id]
                taken.add(into_id)
    return Pairing(deposit_of, frozenset(taken), choices.external)
