"""Whether the cache is what it should be: sound, ours, whole, and word for word as told."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from harvest_tui.errors import StoreError
from harvest_tui.store import files
from harvest_tui.store.backups import connect
from harvest_tui.store.event_rows import EVENT_COLUMNS
from harvest_tui.store.migrations import schema_version
from harvest_tui.store.schema import Migration

NOTE = "note: "
"""Begins a finding that tells of the surroundings and is no damage."""
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "fuse.s3fs"}


def has_wal_reset_race(version: tuple[int, ...]) -> bool:
    """True for SQLite 3.7.0 to 3.51.2 without the fix for two connections that checkpoint at the same moment.

    Law: sqlite.org/wal.html#walresetbug, fixed in 3.51.3 and in 3.44.6 and 3.50.7.
    """
    if version >= (3, 51, 3) or version < (3, 7, 0):
        return False
    fixed_from = {(3, 44): 6, (3, 50): 7}.get((version[0], version[1]))
    return fixed_from is None or version[2] < fixed_from


def _surroundings(path: Path) -> list[str]:
    found = []
    if has_wal_reset_race(sqlite3.sqlite_version_info):
        found.append(
            f"{NOTE}SQLite {sqlite3.sqlite_version} has the WAL-reset race (fixed in 3.51.3, 3.50.7, 3.44.6); harmless "
            "here, where one connection writes, but open the cache with no other program while harvest-tui runs"
        )
    kind = _file_system(path)
    if kind in _NETWORK:
        found.append(
            f"the cache lies on a network file system ({kind}), where SQLite cannot keep it safe: move the home"
        )
    return found


def _file_system(path: Path) -> str:
    """The kind of file system the path lies on, "" where the system does not tell."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return ""
    places = [(len(mount[1]), mount[2]) for mount in mounts if path.absolute().is_relative_to(mount[1])]
    return max(places, default=(0, ""))[1]


def _rights(path: Path) -> list[str]:
    found = [
        f"{file.name} can be read by others (mode {stat.S_IMODE(file.stat().st_mode):04o})"
        for file in files.companions(path)
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077
    ]
    mode = path.parent.stat().st_mode
    if mode & 0o022 and not mode & stat.S_ISVTX:
        found.append(f"others may put files into {path.parent} (mode {stat.S_IMODE(mode):04o}): chmod 700 it")
    return found


def _contents(connection: sqlite3.Connection) -> list[str]:
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
    found += [
        f"row {row[1]} of {row[0]} belongs to no {row[2]}"
        for row in connection.execute("PRAGMA foreign_key_check").fetchmany(20)
    ]
    changed = [
        f"raw row {stream} {native_id} version {version} is not what was stored (its SHA-256 differs)"
        for stream, native_id, version, payload, sha256 in connection.execute(
            "SELECT stream, native_id, version, CAST(payload AS BLOB), sha256 FROM raw_rows"
        )
        if hashlib.sha256(payload).digest() != sha256
    ]
    return found + changed[:20]


def problems(path: Path, migrations: Sequence[Migration], mode: str) -> list[str]:
    """Everything wrong with the cache, then what is noteworthy about its surroundings."""
    found = []
    try:
        with closing(connect(path, mode)) as connection:
            schema_version(connection, path, tuple(migrations))
            found += _contents(connection)
    except sqlite3.Error as error:
        found.append(f"the cache cannot be read through: {error}")
    except StoreError as error:
        found.append(str(error))
    return found + _rights(path) + _surroundings(path)


_DECISIONS = (
    "SELECT number, kind, withdrawal, deposit, account, asset, quantity, acquired_on, cost_basis, about, undoes, "
    "reason FROM decisions ORDER BY number"
)


def digest(path: Path, mode: str) -> str:
    """SHA-256 over everything that was told and the events it tells, without the times and order of arrival."""
    whole = hashlib.sha256()
    queries = [
        "SELECT account, exchange FROM accounts ORDER BY 1",
        "SELECT account, stream, native_id, version, group_key, payload FROM raw_rows ORDER BY 1, 2, 3, 4",
        f"SELECT {EVENT_COLUMNS}, group_key FROM events ORDER BY event_id",
        f"SELECT {EVENT_COLUMNS} FROM imported_events ORDER BY event_id",
        "SELECT account, asset, quantity FROM balances ORDER BY 1, 2",
        "SELECT key, value FROM notes ORDER BY 1",
    ]
    with closing(connect(path, mode)) as connection:
        connection.execute("BEGIN")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'decisions'").fetchone():
            queries.append(_DECISIONS)
        for query in queries:
            for row in connection.execute(query):
                whole.update(repr(row).encode())
    return whole.hexdigest()
