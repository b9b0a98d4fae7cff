"""Files into the cache, for the command and for the screens: looked at first, then all of a file or nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harvest_tui.core.lots.matching import Scope
from harvest_tui.errors import InputError
from harvest_tui.session.deciding import load_history
from harvest_tui.session.home import Home

if TYPE_CHECKING:
    from harvest_tui.imports.complaints import Complaint, Refusals, Refuse
    from harvest_tui.imports.reading import ImportedFile, ToldFile
    from harvest_tui.store import ImportOutcome


class FileHome(Home, Protocol):
    """A home that goes on with what the store holds anew."""

    async def accounts_changed(self) -> None:
        """Reads accounts and facts anew."""
        ...


class Looked(NamedTuple):
    """A file that was looked at: rows that are (or would be) new, that are known, and that are refused.

    `complaints` are the first ones word for word, of so many `problems`.
    """

    name: str
    format: str
    new: int
    known: int
    refused: int = 0
    problems: int = 0
    complaints: tuple[Complaint, ...] = ()

    def words(self, *, is_kept: bool) -> str:
        """The counts in one line."""
        verb = "new" if is_kept else "would be new"
        return f"{self.name} ({self.format}): {self.new} {verb}, {self.known} known, {self.refused} rejected"


class Importing:
    """Reads files of trades for the screens, as `harvest-tui import` does. Every verb raises InputError where it is
    no such file."""

    def __init__(self, home: FileHome) -> None:
        self._home = home

    async def look(self, path: Path) -> Looked:
        """What importing the file would bring; nothing is kept."""
        from harvest_tui.imports.complaints import Refusals
        from harvest_tui.imports.reading import tell

        refusals = Refusals()
        told = await asyncio.to_thread(tell, path, refuse=refusals)
        outcome = await previewed(self._home, told, refusals)
        return Looked(
            *(told.file.name, told.file.format, outcome.new, outcome.known),
            *(refusals.rows, refusals.problems, tuple(refusals.kept)),
        )

    async def take(self, path: Path) -> Looked:
        """Keeps all rows of the file and derives lots anew. Raises InputError for the first bad one; then none is kept.

        Raises ReadOnlyStore where another instance holds the cache.
        """
        from harvest_tui.imports.reading import tell

        told = await asyncio.to_thread(tell, path)
        outcome = await stored(self._home, told, str(path))
        name, format = told.file.name, told.file.format
        del told  # the events need not be held twice: they are read anew
        if outcome.new:
            await self._home.accounts_changed()
        return Looked(name, format, outcome.new, outcome.known)


async def settled(home: Home, told: ToldFile, refuse: Refuse) -> ImportedFile:
    """The file with its named lots; what other files told is read only where rows name lots."""
    if not told.naming:
        return told.file
    from harvest_tui.imports.named_lots import LotRules
    from harvest_tui.imports.reading import settle

    rules = home.rules()
    history = await load_history(home.store, rules.zone)
    lot_rules = LotRules(rules.methods(), Scope(rules.scope), rules.zone, rules.placements(), history.pairs)
    return settle(told, history.events, lot_rules, refuse=refuse)


async def stored(home: Home, told: ToldFile, source: str) -> ImportOutcome:
    """Keeps the events, all or none; lots are not derived yet.

    Raises InputError for the first row that is not right or contradicts what is known.
    """
    from harvest_tui.imports.complaints import RowRefused, stop_at
    from harvest_tui.imports.reading import contradictions

    file = await settled(home, told, stop_at)
    try:
        return await home.store.import_events(file.events, source, file.sha256)
    except InputError:
        contradicting = contradictions(file, await home.store.events())
        if not contradicting:
            raise
        raise RowRefused(contradicting) from None


async def previewed(home: Home, told: ToldFile, refusals: Refusals) -> ImportOutcome:
    """What storing the events would do; every row that could not be is handed to `refusals`."""
    from harvest_tui.imports.complaints import RowRefused
    from harvest_tui.imports.reading import contradictions

    file = await settled(home, told, refusals)
    outcome = await home.store.import_events(file.events, "", file.sha256, dry_run=True)
    if outcome.changed:
        for complaint in contradictions(file, await home.store.events()):
            refusals(RowRefused([complaint]))
    return outcome
