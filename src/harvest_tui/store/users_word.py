"""What the user said, kept in the cache: decisions, plans of marks, identification records and small notes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from harvest_tui.store import note_book

if TYPE_CHECKING:
    from harvest_tui.core.identification.chain import Link
    from harvest_tui.core.identification.marks import Plans
    from harvest_tui.core.identification.record import Record
    from harvest_tui.core.lots.decisions import Decision
    from harvest_tui.store.engine import Engine

RECORD_HEAD = "identification head"
"""The note that says how many identification records there are, and the hash of the last."""


class UsersWord(ABC):
    """The part of a store that no exchange or file tells. Every verb that keeps something raises ReadOnlyStore where
    this instance only reads."""

    _engine: Engine

    @abstractmethod
    def _require_writable(self) -> None:
        """Raises ReadOnlyStore where nothing can be changed here."""

    async def decisions(self) -> list[Decision]:
        """Every decision of the user in the order in which they were made; undoing ones are among them."""
        if not await self._engine.rows("SELECT 1 FROM decisions LIMIT 1"):
            return []
        from harvest_tui.store import decision_book

        return await decision_book.decisions(self._engine)

    async def add_decision(self, decision: Decision) -> int:
        """Keeps a decision for good; the answer is its number.

        Raises InputError where it takes back what is not there, or is taken back already.
        """
        from harvest_tui.store import decision_book

        self._require_writable()
        return await self._engine.write(lambda transaction: decision_book.add(transaction, decision))

    async def plans(self) -> Plans:
        """The plans with their marks; the empty plan of every new home where none was kept."""
        from harvest_tui.store import mark_book

        return await self._engine.read(mark_book.plans)

    async def save_plans(self, plans: Plans) -> None:
        """Puts the plans in the place of those that are kept; only what differs is written."""
        from harvest_tui.store import mark_book

        self._require_writable()
        await self._engine.write(lambda transaction: mark_book.save(transaction, plans))

    async def record_links(self) -> list[Link]:
        """Every identification record as it is kept, in order; nothing is checked."""
        if not await self._engine.rows("SELECT 1 FROM identification_records LIMIT 1"):
            return []
        from harvest_tui.store import record_book

        return await self._engine.read(record_book.links)

    async def record_head(self) -> str | None:
        """What is noted of the last record apart from the records; `chain.head_of` reads it."""
        return await self.get_note(RECORD_HEAD)

    async def add_record(self, make: Callable[[int, str], Record], plans: Plans | None = None) -> Record:
        """Keeps the record that `make` makes of its number and the hash before it, for good, and `plans` with it.

        Raises InputError where it is older than the last one, StoreError where the chain is broken; nothing is kept.
        """
        from harvest_tui.store import record_book

        self._require_writable()
        return await self._engine.write(lambda transaction: record_book.add(transaction, make, plans))

    async def get_note(self, key: str) -> str | None:
        """The text kept under the key, None where there is none."""
        return await note_book.note(self._engine, key)

    async def set_note(self, key: str, value: str | None) -> None:
        """Keeps the text under the key; None takes the key away."""
        self._require_writable()
        await self._engine.write(lambda transaction: note_book.set_note(transaction, key, value))
