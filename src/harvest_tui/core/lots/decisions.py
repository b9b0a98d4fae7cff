"""What the user decided about moves and missing basis: said once, kept in order, taken back only by saying so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.transfers import PairChoices, pair_moves
from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind


class DecisionKind(StrEnum):
    """What was decided."""

    CONFIRM = "confirm"
    SPLIT = "split"
    EXTERNAL = "external"
    ASSUME = "assume"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Assumption:
    """`quantity` units taken to have been acquired on that tax day for `cost_basis`, in all, in US dollars.

    `about` is the event that asks for it: one that left a gap, or a deposit whose basis nobody told.
    """

    account: AccountId
    asset: Asset
    quantity: Decimal
    acquired_on: date
    cost_basis: Decimal
    about: EventId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `number` grows by one with each (0: not kept yet); a later one on the same events wins.

    `confirm` and `split` name `withdrawal` and `deposit`, `external` one of the two, `undo` the decision it takes back.
    """

    number: int
    kind: DecisionKind
    made_at: datetime
    withdrawal: EventId | None = None
    deposit: EventId | None = None
    assumption: Assumption | None = None
    undoes: int | None = None
    reason: str = ""

    @property
    def event_ids(self) -> tuple[EventId, ...]:
        """The events it points at."""
        about = self.assumption.about if self.assumption else None
        return tuple(name for name in (self.withdrawal, self.deposit, about) if name is not None)

    @property
    def words(self) -> str:
        """The decision in a line; ids in it are outside text."""
        what = self.assumption
        if what is not None:
            units, cost = f"{plain(what.quantity)} {what.asset}", plain(what.cost_basis)
            about = f", for {what.about}" if what.about else ""
            return f"{units} in {what.account} acquired on {what.acquired_on} for {cost} USD{about}"
        if self.kind is DecisionKind.UNDO:
            return f"decision {self.undoes} is taken back"
        if self.kind is DecisionKind.EXTERNAL:
            return f"the other end of {self.withdrawal or self.deposit} is not in an own account"
        verb = "are one move" if self.kind is DecisionKind.CONFIRM else "are two moves"
        return f"{self.withdrawal} and {self.deposit} {verb}"


class State(StrEnum):
    """What a decision does today."""

    APPLIED = "applied"
    UNDONE = "undone"
    OVERRULED = "overruled by a later decision"
    EVENT_GONE = "its event is not in the history"
    ACCOUNT_GONE = "its account is not in the home"
    MATCHED = "not needed: the other end of the deposit is known"
    EXCEEDED = "more than the deposit brought"


class Applied(NamedTuple):
    """A history as the user decided it, how its moves pair, and what each decision came to, by number."""

    events: list[Event]
    choices: PairChoices
    states: dict[int, State]


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that were not taken back, undoing ones left out, in order."""
    all_of_them = sorted(decisions, key=lambda decision: decision.number)
    undone = {decision.undoes for decision in all_of_them if decision.kind is DecisionKind.UNDO}
    return [one for one in all_of_them if one.number not in undone and one.kind is not DecisionKind.UNDO]


class _Fold:
    """Decisions on pairs taken one after the other."""

    def __init__(self) -> None:
        self.confirmed: dict[EventId, EventId] = {}
        self.refused: set[tuple[EventId, EventId]] = set()
        self.external: set[EventId] = set()

    def take(self, decision: Decision) -> None:
        """The decision wins over those before it."""
        out, into = decision.withdrawal, decision.deposit
        if decision.kind is DecisionKind.EXTERNAL:
            self._free(*decision.event_ids)
            self.external.update(decision.event_ids)
        elif out is None or into is None:
            return
        elif decision.kind is DecisionKind.CONFIRM:
            self._free(out, into)
            self.external -= {out, into}
            self.refused.discard((out, into))
            self.confirmed[out] = into
        elif decision.kind is DecisionKind.SPLIT:
            if self.confirmed.get(out) == into:
                self._free(out)
            self.refused.add((out, into))

    def _free(self, *event_ids: EventId) -> None:
        """Takes apart the confirmed pairs that any of these is an end of."""
        self.confirmed = {
            out: into for out, into in self.confirmed.items() if out not in event_ids and into not in event_ids
        }

    def holds(self, decision: Decision) -> bool:
        """Whether nothing later overruled it."""
        out, into = decision.withdrawal, decision.deposit
        if decision.kind is DecisionKind.EXTERNAL:
            return self.external.issuperset(decision.event_ids)
        if out is None or into is None:
            return False
        return self.confirmed.get(out) == into if decision.kind is DecisionKind.CONFIRM else (out, into) in self.refused


def choices_of(decisions: Iterable[Decision]) -> PairChoices:
    """How moves pair by the user's word, a later decision winning over an earlier one."""
    return _choices(_folded(standing(decisions)))


def _folded(decisions: Iterable[Decision]) -> _Fold:
    fold = _Fold()
    for decision in decisions:
        fold.take(decision)
    return fold


def _choices(fold: _Fold) -> PairChoices:
    return PairChoices(fold.confirmed, frozenset(fold.refused), frozenset(fold.external))


def apply_decisions(
    events: Sequence[Event], accounts: Collection[AccountId], decisions: Iterable[Decision], zone: ZoneInfo
) -> Applied:
    """The history with each assumption as an `opening` event of its own, and with deposits that were given a basis
    reduced by it. A decision whose events or account are not there does nothing and says so.

    An assumed lot enters the account as the tax day of its acquisition begins, or with the deposit it explains.
    """
    told = list(decisions)
    kept = standing(told)
    fold = _folded(kept)
    choices = _choices(fold)
    by_id = {event.event_id: event for event in events}
    states = {one.number: State.UNDONE for one in told if one.kind is not DecisionKind.UNDO}
    for one in kept:
        is_there = all(name in by_id for name in one.event_ids)
        states[one.number] = State.EVENT_GONE if not is_there else State.APPLIED if fold.holds(one) else State.OVERRULED
    assumed = [(one, one.assumption) for one in kept if one.assumption is not None]
    if not assumed:
        return Applied(list(events), choices, states)
    work = _Assumptions(events, by_id, accounts, choices, zone)
    for one, what in assumed:
        states[one.number] = work.take(one, what)
    return Applied(work.history(), replace(choices, apart=frozenset(work.left)), states)


class _Assumptions:
    """Assumptions brought into a history one after the other."""

    def __init__(
        self,
        events: Sequence[Event],
        by_id: Mapping[EventId, Event],
        accounts: Collection[AccountId],
        choices: PairChoices,
        zone: ZoneInfo,
    ) -> None:
        self.left: dict[EventId, Decimal] = {}
        """What is unexplained of each deposit that an assumption is about."""
        self._events = events
        self._by_id = by_id
        self._accounts = accounts
        self._choices = choices
        self._zone = zone
        self._openings: list[Event] = []
        self._paired: Collection[EventId] | None = None

    def take(self, decision: Decision, what: Assumption) -> State:
        """What becomes of the assumption."""
        if what.account not in self._accounts:
            return State.ACCOUNT_GONE
        if what.about is not None and what.about not in self._by_id:
            return State.EVENT_GONE
        about = None if what.about is None else self._by_id[what.about]
        if about is None or about.kind is not EventKind.DEPOSIT or about.received is None:
            return self._open(decision, what, None)
        if about.event_id in self._paired_deposits():
            return State.MATCHED
        left = self.left.get(about.event_id, about.received.quantity)
        if what.quantity > left or about.received.asset != what.asset:
            return State.EXCEEDED
        self.left[about.event_id] = EXACT.subtract(left, what.quantity)
        return self._open(decision, what, about)

    def history(self) -> list[Event]:
        """All events as they are now."""
        left = self.left
        rest = [_reduced(event, left[event.event_id]) if event.event_id in left else event for event in self._events]
        return [*rest, *self._openings]

    def _paired_deposits(self) -> Collection[EventId]:
        if self._paired is None:
            self._paired = pair_moves(self._events, self._choices).paired_deposits
        return self._paired

    def _open(self, decision: Decision, what: Assumption, deposit: Event | None) -> State:
        acquired_at = day_begins(what.acquired_on, self._zone)
        self._openings.append(
            Event(
                event_id=assumption_id(what.account, decision.number, self._by_id),
                account=what.account,
                kind=EventKind.OPENING,
                executed_at=acquired_at if deposit is None else deposit.executed_at,
                received=Amount(what.quantity, what.asset),
                acquired_at=acquired_at,
                cost_basis=what.cost_basis,
                note=decision.reason,
                sequence=0 if deposit is None else deposit.sequence,
                is_assumed=True,
            )
        )
        return State.APPLIED


def _reduced(deposit: Event, quantity: Decimal) -> Event:
    """The deposit of what no assumption explains; its fee stays with it."""
    if deposit.received is None or not quantity:
        return replace(deposit, received=None)
    return replace(deposit, received=Amount(quantity, deposit.received.asset))


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the tax day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def assumption_id(account: AccountId, number: int, taken: Collection[EventId] = ()) -> EventId:
    """The id of the opening event of an assumption: stable, and no other event's."""
    event_id = f"{account}:assumed-{number}"
    while event_id in taken:
        event_id += "'"
    return EventId(event_id)
