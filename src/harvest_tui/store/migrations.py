"""A cache file is made, recognised or brought up to date before anything else touches it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from harvest_tui.errors import StoreError, StoreTooNew
from harvest_tui.store import files
from harvest_tui.store.backups import backup_before_migration, connect
from harvest_tui.store.faults import translated
from harvest_tui.store.schema import APPLICATION_ID, Migration, apply, expected_schema, schema_of

OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables."""


def number(connection: sqlite3.Connection, sql: str) -> int:
    """The one integer a query or pragma answers."""
    return int(connection.execute(sql).fetchone()[0])


def schema_version(connection: sqlite3.Connection, path: Path, migrations: tuple[Migration, ...]) -> int:
    """The schema version of the open file, 0 where it is empty.

    Raises StoreError where the file is not ours or was changed by others, StoreTooNew where it is from
    a newer release.
    """
    connection.execute("BEGIN")  # one snapshot: another instance may be making the tables between two reads
    try:
        identity = number(connection, "PRAGMA application_id")
        version = number(connection, "PRAGMA user_version")
        schema = schema_of(connection)
    finally:
        connection.rollback()
    if not identity and not version and not schema:
        return 0
    if identity != APPLICATION_ID:
        raise StoreError(f"{path} is not a cache of harvest-tui", "move it away or choose another home")
    if version > len(migrations):
        raise StoreTooNew(
            f"{path} was written by a newer harvest-tui (schema {version}, this one knows {len(migrations)})",
            "update harvest-tui",
        )
    if version < 1 or schema != expected_schema(migrations[:version]):
        raise StoreError(
            f"the tables of {path} are not those harvest-tui made",
            "put a backup in its place, or move it away and sync again",
        )
    return version


_KEPT = (
    "accounts",
    "alert_journal",
    "decisions",
    "identification_records",
    "imported_events",
    "marks",
    "notes",
    "plans",
    "raw_rows",
)


def _kept(connection: sqlite3.Connection) -> list[str]:
    """The tables of facts that the file has."""
    tables = {table for kind, _, table, _ in schema_of(connection) if kind == "table"}
    return [name for name in _KEPT if name in tables]


def _facts(connection: sqlite3.Connection, kinds: Iterable[str]) -> tuple[str, ...]:
    """What no migration may alter: how many facts of each kind there are, and what was told word for word."""
    counts = [str(number(connection, f"SELECT count(*) FROM {kind}")) for kind in kinds]
    told = hashlib.sha256()
    for (digest,) in connection.execute("SELECT sha256 FROM raw_rows ORDER BY sha256"):
        told.update(digest)
    return (*counts, told.hexdigest())


def _step(connection: sqlite3.Connection, migrations: tuple[Migration, ...], version: int) -> None:
    kept = _kept(connection)
    before = _facts(connection, kept) if version else None
    for migration in migrations[version:]:
        apply(connection, migration)
    if before is not None and _facts(connection, kept) != before:
        raise StoreError("the update of the cache would lose facts", "it was undone; please report this")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StoreError("the update of the cache would leave loose ends", "it was undone; please report this")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(migrations)}")


def migrate(path: Path, migrations: tuple[Migration, ...], version: int) -> None:
    """Brings the file from schema `version` to the newest in one transaction, with a checked backup first."""
    if version:
        backup_before_migration(path, version)
    with closing(connect(path, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        try:
            if number(connection, "PRAGMA user_version") == version:
                _step(connection, migrations, version)
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise


def prepare(path: Path, migrations: tuple[Migration, ...]) -> None:
    """Makes the file ready for writing: private, ours, and of the newest schema. The caller holds the lock."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old", "use a Python with SQLite 3.37 or newer")
    with translated(f"cannot open the cache {path}"):
        files.create_private(path)
        files.make_private(path)
        was_cut_off = path.with_name(path.name + "-journal").exists()
        # Only a writer can undo what a kill left half-made; anything else is looked at without a hand on it.
        with closing(connect(path, "rw" if was_cut_off else "ro")) as connection:
            version = schema_version(connection, path, migrations)
        if version < len(migrations):
            migrate(path, migrations, version)
            files.sync_folder(path.parent)


def recognise(path: Path, migrations: tuple[Migration, ...], mode: str) -> bool:
    """True where a viewer can read the file; False where it is still being made.

    Raises StoreError where it is not ours or of an older schema, StoreTooNew where it is of a newer one.
    """
    with translated(f"cannot open the cache {path}"):
        if not path.exists():
            return False
        with closing(connect(path, mode)) as connection:
            version = schema_version(connection, path, migrations)
    if 0 < version < len(migrations):
        raise StoreError(
            f"{path} is of an older harvest-tui (schema {version})", "close every other harvest-tui and start this one"
        )
    return version > 0
