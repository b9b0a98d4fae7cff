"""Deposits and withdrawals as the user looks at them: what pairs with what and why, and what each loose end may be."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from harvest_tui.core.lots.transfers import PairChoices, has_same_txid, pair_moves
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, plain
from harvest_tui.core.records import USD, Amount, Asset, Event, EventId, EventKind

BEFORE = timedelta(days=2)
AFTER = timedelta(days=90)
"""A deposit so long before or after a withdrawal may still be its other end, if the user says so."""
NEARLY = Decimal("0.2")
"""So large a part of the amount may be missing or too much, if the user says so."""
MOST_CANDIDATES = 5
_HOUR = timedelta(hours=1)


class Txid(StrEnum):
    """What the transaction ids of two ends say."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "not told by both"


class Likeness(NamedTuple):
    """How a withdrawal and a deposit compare. `late` is negative where the deposit is stamped first."""

    withdrawal: Event
    deposit: Event
    late: timedelta
    txid: Txid

    @property
    def sent(self) -> Amount:
        """What left."""
        return _amount(self.withdrawal)

    @property
    def arrived(self) -> Amount:
        """What came."""
        return _amount(self.deposit)

    @property
    def difference(self) -> Decimal:
        """Units that arrived beyond those that left, negative where less arrived."""
        return EXACT.subtract(self.arrived.quantity, self.sent.quantity)

    @property
    def hours(self) -> Decimal:
        """Hours from the withdrawal to the deposit, to two decimals."""
        hundredths = round(self.late * 100 / _HOUR)
        return EXACT.scaleb(Decimal(hundredths), -2)

    @property
    def words(self) -> str:
        """What speaks for and against the pair, in a line."""
        difference, fee = self.difference, self.withdrawal.fee
        way = "more" if difference > 0 else "less"
        parts = [f"{plain(abs(difference))} {way} arrived" if difference else "same amount"]
        if fee is not None and fee.quantity:
            parts.append(f"fee {plain(fee.quantity)} {fee.asset}")
        parts.append(f"{plain(abs(self.hours))} h {'earlier' if self.hours < 0 else 'later'}")
        return ", ".join([*parts, f"txid {self.txid.value}"])


class Pair(NamedTuple):
    """Two ends that count as one move. `is_confirmed` by the user; else they were found alike."""

    likeness: Likeness
    is_confirmed: bool


class LooseEnd(NamedTuple):
    """A deposit or withdrawal without its other end; `is_external` by the user's word."""

    event: Event
    is_external: bool

    @property
    def is_deposit(self) -> bool:
        """Which end it is."""
        return self.event.kind is EventKind.DEPOSIT

    @property
    def amount(self) -> Amount:
        """What moved."""
        return _amount(self.event)


class Moves(NamedTuple):
    """All moves of a history in order of time."""

    pairs: tuple[Pair, ...]
    loose: tuple[LooseEnd, ...]


def _amount(event: Event) -> Amount:
    found = event.sent if event.kind is EventKind.WITHDRAWAL else event.received
    return found if found is not None else Amount(ZERO, USD)


def _likeness(out: Event, into: Event) -> Likeness:
    txid = Txid.EQUAL if has_same_txid(out, into) else Txid.DIFFERENT if out.txid and into.txid else Txid.UNKNOWN
    return Likeness(out, into, into.executed_at - out.executed_at, txid)


def moves_of(events: Iterable[Event], choices: PairChoices) -> Moves:
    """The moves of the history under the user's choices; dollars have no lots and are left out."""
    told = [
        event
        for event in events
        if event.kind in (EventKind.WITHDRAWAL, EventKind.DEPOSIT)
        and _amount(event).asset != USD
        and _amount(event).quantity
    ]
    told.sort(key=lambda event: (event.executed_at, event.event_id))
    pairing = pair_moves(told, choices)
    pairs, loose = [], []
    for event in told:
        deposit = pairing.deposit_of.get(event.event_id)
        if deposit is not None:
            is_confirmed = choices.confirmed.get(event.event_id) == deposit.event_id
            pairs.append(Pair(_likeness(event, deposit), is_confirmed))
        elif event.event_id not in pairing.paired_deposits:
            loose.append(LooseEnd(event, event.event_id in choices.external))
    return Moves(tuple(pairs), tuple(loose))


class Candidates:
    """Other ends that loose ends may have, the likeliest first. They are suggestions: nothing pairs by them."""

    def __init__(self, loose: Sequence[LooseEnd]) -> None:
        self._ends: dict[tuple[Asset, bool], list[Event]] = defaultdict(list)
        for end in loose:
            if not end.is_external:
                self._ends[end.amount.asset, end.is_deposit].append(end.event)

    def of(self, end: LooseEnd) -> list[Likeness]:
        """At most five: a common txid first, then another account, the nearest amount, the nearest in time."""
        others = self._ends.get((end.amount.asset, not end.is_deposit), [])
        at, event = end.event.executed_at, end.event
        earliest, latest = (at - AFTER, at + BEFORE) if end.is_deposit else (at - BEFORE, at + AFTER)
        start = bisect_left(others, earliest, key=attrgetter("executed_at"))
        stop = bisect_right(others, latest, key=attrgetter("executed_at"))
        alike = [_likeness(*((one, event) if end.is_deposit else (event, one))) for one in others[start:stop]]
        return sorted(filter(_is_plausible, alike), key=_rank)[:MOST_CANDIDATES]


def _is_plausible(one: Likeness) -> bool:
    return one.txid is Txid.EQUAL or abs(one.difference) <= ROUNDED.multiply(one.sent.quantity, NEARLY)


def _rank(one: Likeness) -> tuple[bool, bool, Decimal, timedelta, EventId, EventId]:
    out, into, far = one.withdrawal, one.deposit, abs(one.late)
    is_same_account = out.account == into.account
    return one.txid is not Txid.EQUAL, is_same_account, abs(one.difference), far, out.event_id, into.event_id
