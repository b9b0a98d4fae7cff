"""What SQLite and the file system say, in words a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from harvest_tui.errors import StoreError

_SAYINGS = (
    ("SQLITE_FULL", "the disk is full", "free some space and try again; what was stored before is kept"),
    ("SQLITE_IOERR", "the disk reports an error", "check the disk, then run `harvest-tui doctor`"),
    ("SQLITE_BUSY", "another program keeps the cache locked", "close it and try again"),
    ("SQLITE_LOCKED", "another program keeps the cache locked", "close it and try again"),
    (
        "SQLITE_CORRUPT",
        "the cache file is damaged",
        "put the newest backup in its place, or move it away and sync again",
    ),
    ("SQLITE_NOTADB", "the file is not a cache of harvest-tui", "move it away or choose another home"),
    ("SQLITE_READONLY", "the cache cannot be written", "check the owner and the rights of its folder"),
    ("SQLITE_PERM", "the cache cannot be written", "check the owner and the rights of its folder"),
    ("SQLITE_CANTOPEN", "the cache cannot be opened", "check that its folder exists and is yours to write"),
    (
        "SQLITE_CONSTRAINT",
        "the cache refuses facts that contradict it",
        "nothing of them was stored; please report this",
    ),
)


def code_of(error: sqlite3.Error) -> str:
    """SQLite's own name of the error (`SQLITE_FULL`), or "" where Python's binding raised it."""
    return getattr(error, "sqlite_errorname", None) or ""


def is_disk_fault(error: BaseException) -> bool:
    """True where a write or sync failed below SQLite: its handle must not be trusted any more."""
    return isinstance(error, sqlite3.Error) and code_of(error).startswith("SQLITE_IOERR")


def store_error(error: sqlite3.Error, doing: str) -> StoreError:
    """The error as a `StoreError` with what was being done, what happened and what to do."""
    code = code_of(error)
    for prefix, happened, hint in _SAYINGS:
        if code.startswith(prefix):
            return StoreError(f"{doing}: {happened} ({error})", hint)
    return StoreError(f"{doing}: {error}", "run `harvest-tui doctor`")


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turns whatever SQLite or the file system raises inside into a `StoreError`; other errors pass."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, doing) from error
    except UnicodeEncodeError as error:
        raise StoreError(f"{doing}: a row holds text that is no valid Unicode", "nothing of it was stored") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreError(
            f"{doing}: {reason} ({error.filename})", "check the disk and the rights of the folder"
        ) from error
