"""The cache: facts as told by exchanges and files, in SQLite. Nothing derived from prices or rules is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvest_tui.store.history import StreamState
from harvest_tui.store.store import Store

if TYPE_CHECKING:
    from harvest_tui.store.import_book import ImportOutcome
    from harvest_tui.store.integrity import NOTE

__all__ = ["NOTE", "ImportOutcome", "Store", "StreamState"]


def __getattr__(name: str) -> object:
    """Values of books that no start needs are loaded when they are asked for."""
    if name == "ImportOutcome":
        from harvest_tui.store.import_book import ImportOutcome

        return ImportOutcome
    if name == "NOTE":
        from harvest_tui.store.integrity import NOTE

        return NOTE
    raise AttributeError(name)
