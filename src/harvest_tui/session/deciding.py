"""The user's word on moves and missing basis: checked against the history, kept for good, and lots derived anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.money import EXACT, ZERO, plain
from harvest_tui.core.records import USD, Account, AccountId, Asset, Event, EventId
from harvest_tui.errors import InputError
from harvest_tui.session.identifying import identified

if TYPE_CHECKING:
    from harvest_tui.core.lots.decisions import Applied, Assumption, Decision, State
    from harvest_tui.core.lots.ledger import BasisGap
    from harvest_tui.core.lots.moves import LooseEnd, Moves
    from harvest_tui.core.lots.transfers import PairChoices
    from harvest_tui.session.facts import Rules
    from harvest_tui.session.home import Home
    from harvest_tui.store import Store

GENESIS = date(2009, 1, 3)
"""The first block of the first chain: nothing was acquired before."""
LONGEST_REASON = 500
PLACES = 18


class History(NamedTuple):
    """What happened as the user decided it: accounts, events with the assumed openings, and how moves pair."""

    accounts: list[Account]
    events: list[Event]
    pairs: PairChoices | None


async def load_history(store: Store, zone: ZoneInfo) -> History:
    """The stored history under the stored decisions and identification records."""
    accounts, events, decisions = await store.accounts(), await store.events(), await store.decisions()
    if not decisions:
        return History(accounts, await identified(store, events), None)
    applied = await _applied(accounts, events, decisions, zone)
    return History(accounts, await identified(store, applied.events), applied.choices)


async def _applied(
    accounts: Iterable[Account], events: Sequence[Event], decisions: Sequence[Decision], zone: ZoneInfo
) -> Applied:
    from harvest_tui.core.lots.decisions import apply_decisions

    names = {account.account for account in accounts}
    return await asyncio.to_thread(apply_decisions, events, names, decisions, zone)


class Overview(NamedTuple):
    """Moves, what still asks for a basis, and every decision with what it does today (undoing ones left out).

    `unexplained` are deposits whose units, as far as no assumption covers them, have no known basis.
    """

    moves: Moves
    gaps: tuple[BasisGap, ...]
    unexplained: tuple[LooseEnd, ...]
    decisions: tuple[tuple[Decision, State], ...]
    surplus: tuple[tuple[AccountId, Asset, Decimal], ...]
    """Units assumed beyond what is missing without any assumption, by account and asset."""
    accounts: tuple[AccountId, ...]
    held: frozenset[tuple[AccountId, Asset]]
    """What the accounts ever had."""


class Decided(NamedTuple):
    """A decision as it was kept, what it came to in words, and what to look at twice."""

    decision: Decision
    said: str
    warnings: tuple[str, ...] = ()


class Decisions:
    """Reads and takes decisions. Each verb raises InputError where it makes no sense and ReadOnlyStore where
    nothing can be written; then nothing is."""

    def __init__(self, home: Home) -> None:
        self._home = home

    async def overview(self) -> Overview:
        """Everything there is to decide on, and what was decided."""
        home = self._home
        accounts, events, decisions = await self._told()
        rules, gaps = home.rules(), home.facts().ledger.gaps
        applied = await _applied(accounts, events, decisions, rules.zone)
        return await asyncio.to_thread(_overview, accounts, events, decisions, applied, gaps, rules)

    async def confirm(self, withdrawal: str, deposit: str) -> Decided:
        """The two are one move between own accounts, whatever amounts and times say."""
        from harvest_tui.core.lots.decisions import Decision, DecisionKind
        from harvest_tui.core.lots.transfers import is_possible

        _, events, _ = await self._told()
        out, into = _move_named(withdrawal, events, "withdrawal"), _move_named(deposit, events, "deposit")
        if not is_possible(out, into):
            raise InputError(
                f"{out.event_id} is {_coin_of(out)} and {into.event_id} is {_coin_of(into)}",
                "only a withdrawal and a deposit of one coin are a move",
            )
        decision = Decision(0, DecisionKind.CONFIRM, self._home.now(), out.event_id, into.event_id)
        return await self._keep(decision, _doubts(out, into))

    async def split(self, withdrawal: str) -> Decided:
        """The withdrawal and the deposit it is paired with are not one move."""
        from harvest_tui.core.lots.decisions import Decision, DecisionKind

        out_id = _move_named(withdrawal, (await self._told())[1], "withdrawal").event_id
        moves = (await self.overview()).moves
        pair = next((pair for pair in moves.pairs if pair.likeness.withdrawal.event_id == out_id), None)
        if pair is None:
            raise InputError(f"{out_id} is paired with no deposit", "see: harvest-tui transfers")
        into_id = pair.likeness.deposit.event_id
        return await self._keep(Decision(0, DecisionKind.SPLIT, self._home.now(), out_id, into_id))

    async def set_external(self, event_id: str) -> Decided:
        """The other end of the move is somebody else's: it is neither looked for nor missed."""
        from harvest_tui.core.lots.decisions import Decision, DecisionKind
        from harvest_tui.core.records import EventKind

        event = _move_named(event_id, (await self._told())[1], "")
        out, into = (event.event_id, None) if event.kind is EventKind.WITHDRAWAL else (None, event.event_id)
        return await self._keep(Decision(0, DecisionKind.EXTERNAL, self._home.now(), out, into))

    async def assume(self, told: Assumption, reason: str) -> Decided:
        """Units without a proven basis are taken to have been acquired so. `about` None: what asks for it is looked up.

        It is an opening lot of provenance `assumed` from then on, until it is taken back.
        """
        from harvest_tui.core.lots.decisions import Decision, DecisionKind
        from harvest_tui.session.assuming import check_figures, place

        rules = self._home.rules()
        check_figures(told, reason, self._home.now().astimezone(rules.zone).date())
        placed, warnings = place(told, await self.overview(), rules.zone)
        decision = Decision(0, DecisionKind.ASSUME, self._home.now(), assumption=placed, reason=reason.strip())
        return await self._keep(decision, warnings)

    async def last(self) -> Decision | None:
        """The last decision that stands."""
        from harvest_tui.core.lots.decisions import standing

        return next(reversed(standing(await self._home.store.decisions())), None)

    async def undo(self, number: int | None = None) -> Decided:
        """Takes a decision back, the last one that stands where no number is given."""
        from harvest_tui.core.lots.decisions import Decision, DecisionKind, standing

        decisions = await self._home.store.decisions()
        left = {one.number: one for one in standing(decisions)}
        if number is None and not left:
            raise InputError("there is no decision to take back", "`harvest-tui transfers` and `assume` list them")
        number = max(left) if number is None else number
        kept = await self._keep(Decision(0, DecisionKind.UNDO, self._home.now(), undoes=number))
        return kept._replace(said=f"decision {number} is taken back: {left[number].words}")

    async def _told(self) -> tuple[list[Account], list[Event], list[Decision]]:
        store = self._home.store
        return await store.accounts(), await store.events(), await store.decisions()

    async def _keep(self, decision: Decision, warnings: tuple[str, ...] = ()) -> Decided:
        from dataclasses import replace

        kept = replace(decision, number=await self._home.store.add_decision(decision))
        await self._home.reload_facts()
        said = f"decision {kept.number}: {kept.words}"
        what = kept.assumption
        if what is not None:
            gaps = self._home.facts().ledger.gaps
            left = _missing(gaps, what.account, what.asset)
            said += f"; {plain(left)} {what.asset} still without a lot" if left else ""
        return Decided(kept, said, warnings)


def _missing(gaps: Iterable[BasisGap], account: AccountId, asset: Asset) -> Decimal:
    missing = ZERO
    for gap in gaps:
        if (gap.account, gap.asset) == (account, asset):
            missing = EXACT.add(missing, gap.quantity)
    return missing


def _overview(
    accounts: Sequence[Account],
    events: Sequence[Event],
    decisions: Sequence[Decision],
    applied: Applied,
    gaps: tuple[BasisGap, ...],
    rules: Rules,
) -> Overview:
    from harvest_tui.core.lots.moves import moves_of

    moves = moves_of(applied.events, applied.choices)
    told = tuple((one, applied.states[one.number]) for one in decisions if one.number in applied.states)
    held = {
        (event.account, leg.asset)
        for event in events
        for leg in (event.sent, event.received, event.fee)
        if leg is not None and leg.asset != USD
    }
    return Overview(
        moves=moves,
        gaps=gaps,
        unexplained=tuple(end for end in moves.loose if end.is_deposit),
        decisions=told,
        surplus=_surplus(events, applied, told, rules),
        accounts=tuple(account.account for account in accounts),
        held=frozenset(held),
    )


def _surplus(
    events: Sequence[Event], applied: Applied, told: Sequence[tuple[Decision, State]], rules: Rules
) -> tuple[tuple[AccountId, Asset, Decimal], ...]:
    """What is assumed of a coin beyond what is missing: a later import may have closed the gap for good."""
    from dataclasses import replace

    from harvest_tui.core.lots.decisions import State
    from harvest_tui.core.lots.matching import match
    from harvest_tui.core.records import EventKind

    deposits = {event.event_id for event in events if event.kind is EventKind.DEPOSIT}
    assumed: dict[tuple[AccountId, Asset], Decimal] = {}
    for one, state in told:
        what = one.assumption
        if what is not None and state is State.APPLIED and what.about not in deposits:
            key = (what.account, what.asset)
            assumed[key] = EXACT.add(assumed.get(key, ZERO), what.quantity)
    if not assumed:
        return ()
    bare = replace(applied.choices, apart=frozenset())
    gaps = match(
        events, method=rules.methods(), scope=rules.scope, zone=rules.zone, pairs=bare, allocation=rules.placements()
    ).gaps
    return tuple(
        (account, asset, EXACT.subtract(units, missing))
        for (account, asset), units in sorted(assumed.items())
        if units > (missing := _missing(gaps, account, asset))
    )


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """What to try instead of a word that is not known."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else otherwise


def _coin_of(event: Event) -> Asset:
    leg = event.received if event.sent is None else event.sent
    return USD if leg is None else leg.asset


def _move_named(name: str, events: Iterable[Event], kind: str) -> Event:
    """The deposit or withdrawal of that id. Raises InputError naming the nearest where there is none."""
    moves = {event.event_id: event for event in events if event.kind in ("deposit", "withdrawal")}
    event = moves.get(EventId(name))
    if event is None:
        hint = nearest(
            name, (one for one in moves if not kind or moves[one].kind == kind), "see: harvest-tui transfers"
        )
        raise InputError(f"no {kind or 'deposit or withdrawal'} is called {name[:80]!r}", hint)
    if kind and event.kind != kind:
        raise InputError(f"{name[:80]!r} is a {event.kind}, not a {kind}", "name the withdrawal first")
    if _coin_of(event) == USD:
        raise InputError(f"{name[:80]!r} moves US dollars", "dollars have no lots: there is nothing to decide")
    return event


def _doubts(out: Event, into: Event) -> tuple[str, ...]:
    """What speaks against a pair that the user confirms."""
    assert out.sent is not None and into.received is not None
    found = []
    if into.received.quantity > out.sent.quantity:
        more = EXACT.subtract(into.received.quantity, out.sent.quantity)
        found.append(f"{plain(more)} {into.received.asset} more arrive than left: their basis is unknown")
    if into.executed_at < out.executed_at and (out.executed_at - into.executed_at).days >= 1:
        found.append("the deposit is stamped more than a day before the withdrawal")
    if out.txid and into.txid and out.txid.lower() != into.txid.lower():
        found.append("the two tell different transactions")
    return tuple(found)
