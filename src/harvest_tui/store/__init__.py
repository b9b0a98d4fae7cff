"""The cache: facts as told by exchanges and files, in SQLite. Nothing derived from prices or rules is kept here."""

from harvest_tui.store.history import StreamState
from harvest_tui.store.import_book import ImportOutcome
from harvest_tui.store.integrity import NOTE
from harvest_tui.store.store import Store

__all__ = ["NOTE", "ImportOutcome", "Store", "StreamState"]
