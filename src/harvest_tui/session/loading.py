"""When facts are derived from scratch and when they are kept: a command derives them once, a monitor often."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from harvest_tui.session.facts import Facts, Rules, load_facts

if TYPE_CHECKING:
    from harvest_tui.session.kept_facts import KeptFacts
    from harvest_tui.store import Store

OPENING_AND_ONE_CHANGE = 2
"""Loads that a command needs; who loads more often goes on doing so."""


class FactLoader:
    """The facts of a session's home. Books are kept from load to load only where they will be asked for again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loads = 0
        self.stays_open = False
        """A monitor runs: whatever is loaded now will change."""
        self.kept: KeptFacts | None = None

    async def load(self, rules: Rules, now: datetime) -> Facts:
        """The facts of the whole home as of `now`. One load at a time."""
        self._loads += 1
        if self.kept is None and (self.stays_open or self._loads > OPENING_AND_ONE_CHANGE):
            from harvest_tui.session.kept_facts import KeptFacts

            self.kept = KeptFacts(self._store)
        if self.kept is None:
            return await load_facts(self._store, rules, now)
        return await self.kept.load(rules, now)
