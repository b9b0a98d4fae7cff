"""Copies of the cache: taken while it is in use, checked, and in place at once or not at all."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from harvest_tui.errors import InputError, StoreError
from harvest_tui.store import files
from harvest_tui.store.faults import translated

KEPT_BACKUPS = 10
_ROOM_NEEDED = 2.2
"""Times the size of the cache: the copy, and a write-ahead log that may grow to the same size."""


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A plain connection in URI mode `rw`, `ro` or `ro&immutable=1`, which trusts nothing the file's schema says."""
    connection = sqlite3.connect(files.address(path, mode), uri=True, isolation_level=None, timeout=5)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    if mode != "rw":
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def require_room(path: Path, folder: Path) -> None:
    """Raises StoreError where the folder's disk has no room for a copy of the cache and its work."""
    size = sum(file.stat().st_size for file in files.companions(path) if file.exists())
    free = shutil.disk_usage(folder).free
    if free < size * _ROOM_NEEDED:
        need = int(size * _ROOM_NEEDED / 2**20) + 1
        raise StoreError(f"the disk has only {free >> 20} MiB free for a backup", f"free {need} MiB and try again")


def _copy(source: Path, target: Path) -> None:
    with closing(connect(source, "ro")) as live, closing(connect(target, "rw")) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        found = [str(row[0]) for row in copy.execute("PRAGMA quick_check(5)")]
    if found != ["ok"]:
        raise StoreError(f"the copy of the cache is damaged ({found[0]})", "run `harvest-tui doctor`")


def take_backup(source: Path, target: Path, *, replace: bool = False) -> None:
    """Writes a checked copy of `source`, one plain file with mode 0600, to `target`.

    Raises InputError where `target` exists and `replace` is not set, StoreError where disk or copy fail.
    """
    if not replace and os.path.lexists(target):
        raise InputError(f"{target} exists already", "name a file that does not exist yet")
    part = target.with_name(target.name + ".part")
    with translated(f"cannot back up to {target}"):
        files.make_private_folder(target.parent)
        require_room(source, target.parent)
        part.unlink(missing_ok=True)
        files.create_private(part)
        try:
            _copy(source, part)
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        files.sync_folder(target.parent)


def backup_before_migration(path: Path, version: int) -> Path:
    """The path of a fresh backup of schema `version`; older ones beyond the last ten are removed."""
    target = path.with_name(f"{path.name}.v{version}.backup")
    take_backup(path, target, replace=True)
    pattern = re.compile(re.escape(path.name) + r"\.v([0-9]+)\.backup")
    found = [(int(match[1]), file) for file in path.parent.iterdir() if (match := pattern.fullmatch(file.name))]
    for _, file in sorted(found)[:-KEPT_BACKUPS]:
        file.unlink()
    return target
