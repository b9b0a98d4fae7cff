"""The facts of an open home from one load to the next: read and replayed whole once, then by what has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.lots.matching import LARGE, without_collector
from harvest_tui.session.deciding import load_history
from harvest_tui.session.facts import Facts, Rules
from harvest_tui.session.identifying import load_records
from harvest_tui.session.live_facts import LiveFacts, Told, Word, asked_hours, is_of_whole_hours

if TYPE_CHECKING:
    from harvest_tui.core.identification.chain import Link
    from harvest_tui.core.lots.decisions import Decision
    from harvest_tui.core.lots.live import Revised
    from harvest_tui.core.records import AccountId, Event, EventId
    from harvest_tui.store import Store

FEW = 1_000
"""So many changed events are taken in one by one, however short the history is."""
PART = 8
"""Of a longer one up to an eighth; beyond that a full replay is hardly more work."""


class Footing(NamedTuple):
    """What lots depend on besides events and past prices: where it changes, everything is replayed."""

    rules: str
    decisions: tuple[Decision, ...]
    links: tuple[Link, ...]
    accounts: frozenset[AccountId]
    """Those there are, where an assumption may be about one; else none."""

    @property
    def has_assumptions(self) -> bool:
        """Whether anything was ever assumed."""
        return any(one.assumption is not None for one in self.decisions)


class Kept(NamedTuple):
    """Live facts with what they stand on and up to where the store's changes are in them."""

    live: LiveFacts
    footing: Footing
    mark: int


class KeptFacts:
    """What `load_facts` gives, at the cost of what changed since the last load of this process.

    Everything is read and replayed the first time, and wherever the change cannot be told event by event: other rules,
    decisions or identification records, an account that went, an event that one of these names, very many events,
    another instance that writes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: Kept | None = None
        self.revised: Revised | None = None
        """What the last load replayed; None where it was everything."""

    async def load(self, rules: Rules, now: datetime) -> Facts:
        """The facts of the whole home as of `now`. One load at a time."""
        # Whoever cancels a load leaves its thread at work on what was kept: it is given up.
        kept, self._kept = self._kept, None
        footing = await self._footing(rules)
        if kept is not None and kept.footing == footing:
            facts = await self._revise(kept, now)
            if facts is not None:
                return facts
        return await self._read_whole(footing, rules, now)

    async def _footing(self, rules: Rules) -> Footing:
        store = self._store
        found = Footing(repr(rules), tuple(await store.decisions()), tuple(await store.record_links()), frozenset())
        if not found.has_assumptions:
            return found
        return found._replace(accounts=frozenset(one.account for one in await store.accounts()))

    async def _read_whole(self, footing: Footing, rules: Rules, now: datetime) -> Facts:
        mark = self._store.mark()
        live = await self._gathered(footing, rules)
        candles = await self._store.candles_at(live.hours())
        accounts, balances = await self._store.accounts(), await self._store.balances()

        def derive() -> Facts:
            with without_collector(is_large=lambda: len(live) >= LARGE):
                live.book(candles)
                return live.facts(accounts, balances, now)

        facts = await asyncio.to_thread(derive)
        self.revised = None
        if all(map(is_of_whole_hours, candles.values())):
            self._kept = Kept(live, footing, mark)
        return facts

    async def _gathered(self, footing: Footing, rules: Rules) -> LiveFacts:
        """All events taken in: in parts, since together they outweigh the ledger, unless the user's word is on them."""
        if footing.decisions or footing.links:
            history = await load_history(self._store, rules.zone)
            live = LiveFacts(rules, await self._word(footing, history.events), history.pairs)
            await asyncio.to_thread(live.gather, history.events)
            return live
        live = LiveFacts(rules, Word(), None)
        with without_collector():
            async with aclosing(self._store.event_parts()) as parts:
                async for part in parts:
                    await asyncio.to_thread(live.gather, part)
        return live

    async def _word(self, footing: Footing, events: Sequence[Event]) -> Word:
        records = await load_records(self._store) if footing.links else []
        return Word(
            has_assumptions=footing.has_assumptions,
            decided=frozenset(name for one in footing.decisions for name in one.event_ids),
            recorded=frozenset((lot.account, lot.asset) for one in records for lot in one.lots),
            assumed=tuple(event for event in events if event.is_assumed),
        )

    async def _revise(self, kept: Kept, now: datetime) -> Facts | None:
        """The facts with what has changed since; None where everything must be read."""
        store, live = self._store, kept.live
        changes = store.changes_since(kept.mark)
        if changes is None:
            return None
        hours = live.asked_in(changes.candles)
        candles = await store.candles_at(hours)
        repriced: set[EventId] = {
            n for hour in hours if live.put_price(hour, candles.get(hour)) for n in live.askers(hour)
        }
        names = repriced.union(changes.event_ids)
        if len(names) > max(FEW, len(live) // PART):
            return None
        events = await store.named_events(sorted(names))
        gone = names.difference(event.event_id for event in events)
        told = Told(events, sorted(gone), repriced.difference(changes.event_ids))
        fresh = [hour for hour in asked_hours(events) if not live.is_asked(hour)]
        for hour, candle in (more := await store.candles_at(fresh)).items():
            live.put_price(hour, candle)
        if not live.can_take(told) or not all(map(is_of_whole_hours, (*candles.values(), *more.values()))):
            return None
        accounts, balances = await store.accounts(), await store.balances()

        def derive() -> tuple[Revised, Facts]:
            return live.take(told), live.facts(accounts, balances, now)

        self.revised, facts = await asyncio.to_thread(derive)
        self._kept = kept._replace(mark=changes.mark)
        return facts
