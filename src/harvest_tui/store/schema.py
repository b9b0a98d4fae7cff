"""The tables, as a list of steps that only ever grows: a released step is never edited.

Times are integer microseconds since 1970 in UTC (`_us`), money and quantities decimal text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

APPLICATION_ID = 0x48545549
"""`HTUI` in the database header: the file is ours."""


@dataclass(frozen=True, slots=True)
class Migration:
    """The way from schema `version` - 1 to `version`: statements first, then `step` where SQL cannot do it."""

    version: int
    statements: tuple[str, ...]
    step: Callable[[sqlite3.Connection], None] | None = None


_EVENT_COLUMNS = """
    event_id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    executed_us INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    sent_quantity TEXT,
    sent_asset TEXT,
    received_quantity TEXT,
    received_asset TEXT,
    fee_quantity TEXT,
    fee_asset TEXT,
    fee_value TEXT,
    value TEXT,
    counter_account TEXT,
    acquired_us INTEGER,
    cost_basis TEXT,
    lots TEXT NOT NULL,
    txid TEXT NOT NULL,
    address TEXT NOT NULL,
    url TEXT NOT NULL,
    note TEXT NOT NULL"""


def _facts_that_stay(table: str) -> tuple[str, str]:
    """Triggers: rows of the table never change, and go only after their account has gone."""
    return (
        f"""CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END""",
        f"""CREATE TRIGGER {table}_go_with_their_account BEFORE DELETE ON {table}
            WHEN EXISTS (SELECT 1 FROM accounts WHERE account = OLD.account)
            BEGIN SELECT RAISE(ABORT, 'rows of {table} go only with their account'); END""",
    )


_FIRST = Migration(
    1,
    (
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        # Starts anywhere, so that two caches are not taken for one another by their version.
        "INSERT INTO counters (name, value) VALUES ('facts', abs(random() % 1000000000000))",
        """CREATE TABLE accounts (
            account TEXT PRIMARY KEY, exchange TEXT NOT NULL, added_us INTEGER NOT NULL, rights TEXT NOT NULL,
            lot_order TEXT NOT NULL, tier TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE raw_rows (
            raw_id INTEGER PRIMARY KEY,
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            stream TEXT NOT NULL, native_id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
            group_key TEXT NOT NULL, payload TEXT NOT NULL, sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
            endpoint TEXT NOT NULL, fetched_us INTEGER NOT NULL,
            UNIQUE (account, stream, native_id, version)) STRICT""",
        "CREATE INDEX raw_rows_by_group ON raw_rows (account, group_key)",
        *_facts_that_stay("raw_rows"),
        """CREATE TABLE streams (
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            stream TEXT NOT NULL, cursor TEXT, is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
            completed_us INTEGER, page_us INTEGER NOT NULL, expected_rows INTEGER,
            PRIMARY KEY (account, stream)) STRICT, WITHOUT ROWID""",
        f"CREATE TABLE events ({_EVENT_COLUMNS},\n    group_key TEXT NOT NULL) STRICT",
        "CREATE INDEX events_by_group ON events (account, group_key)",
        """CREATE TABLE imports (
            import_id INTEGER PRIMARY KEY, source TEXT NOT NULL, source_sha256 TEXT NOT NULL,
            new_events INTEGER NOT NULL, known_events INTEGER NOT NULL) STRICT""",
        f"""CREATE TABLE imported_events ({_EVENT_COLUMNS},
    import_id INTEGER NOT NULL REFERENCES imports (import_id)) STRICT""",
        "CREATE INDEX imported_events_by_account ON imported_events (account)",
        "CREATE INDEX imported_events_by_import ON imported_events (import_id)",
        *_facts_that_stay("imported_events"),
        """CREATE TABLE balances (
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            asset TEXT NOT NULL, quantity TEXT NOT NULL, at_us INTEGER NOT NULL,
            PRIMARY KEY (account, asset)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE empty_balances (
            account TEXT PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
            first_seen_us INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE market_lists (
            exchange TEXT PRIMARY KEY, saved_us INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE markets (
            exchange TEXT NOT NULL REFERENCES market_lists (exchange) ON DELETE CASCADE,
            symbol TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (exchange, symbol)) STRICT""",
        """CREATE TABLE quotes (
            exchange TEXT NOT NULL, asset TEXT NOT NULL, price TEXT NOT NULL, at_us INTEGER NOT NULL,
            source TEXT NOT NULL, PRIMARY KEY (exchange, asset)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE candles (
            asset TEXT NOT NULL, start_us INTEGER NOT NULL,
            seconds INTEGER NOT NULL CHECK (seconds BETWEEN 60 AND 86400), source TEXT NOT NULL,
            open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL, close TEXT NOT NULL,
            PRIMARY KEY (asset, start_us, seconds, source)) STRICT, WITHOUT ROWID""",
        "CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
)

_SECOND = Migration(
    2,
    (
        # No account or event is referenced: what was decided outlives what it was decided on.
        """CREATE TABLE decisions (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('confirm', 'split', 'external', 'assume', 'undo')),
            made_us INTEGER NOT NULL,
            withdrawal TEXT, deposit TEXT,
            account TEXT, asset TEXT, quantity TEXT, acquired_on TEXT, cost_basis TEXT, about TEXT,
            undoes INTEGER UNIQUE REFERENCES decisions (number),
            reason TEXT NOT NULL) STRICT""",
        """CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions
            BEGIN SELECT RAISE(ABORT, 'rows of decisions never change'); END""",
        """CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions
            BEGIN SELECT RAISE(ABORT, 'rows of decisions never go'); END""",
    ),
)

_THIRD = Migration(
    3,
    (
        # No lot, account or event is referenced: a mark outlives what it points at, and says so.
        """CREATE TABLE plans (
            plan_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, place INTEGER NOT NULL,
            is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))) STRICT""",
        "CREATE UNIQUE INDEX plans_one_active ON plans (is_active) WHERE is_active = 1",
        """CREATE TABLE marks (
            plan_id INTEGER NOT NULL REFERENCES plans (plan_id) ON DELETE CASCADE,
            lot_id TEXT NOT NULL, place INTEGER NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL, quantity TEXT,
            reason TEXT NOT NULL, PRIMARY KEY (plan_id, lot_id)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE identification_records (
            number INTEGER PRIMARY KEY CHECK (number > 0), text TEXT NOT NULL,
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64)) STRICT""",
        """CREATE TRIGGER identification_records_never_change BEFORE UPDATE ON identification_records
            BEGIN SELECT RAISE(ABORT, 'rows of identification_records never change'); END""",
        """CREATE TRIGGER identification_records_never_go BEFORE DELETE ON identification_records
            BEGIN SELECT RAISE(ABORT, 'rows of identification_records never go'); END""",
        """CREATE TRIGGER identification_records_follow_one_another BEFORE INSERT ON identification_records
            WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM identification_records)
            BEGIN SELECT RAISE(ABORT, 'rows of identification_records have numbers without gaps'); END""",
    ),
)

_FOURTH = Migration(4, ("ALTER TABLE balances ADD COLUMN locked TEXT NOT NULL DEFAULT '0'",))

_FIFTH = Migration(
    5,
    (
        # No account is referenced: what was told stays told.
        """CREATE TABLE alert_journal (
            number INTEGER PRIMARY KEY, key TEXT NOT NULL, severity TEXT NOT NULL, account TEXT, asset TEXT,
            words TEXT NOT NULL, figures TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT""",
        """CREATE TRIGGER alert_journal_never_changes BEFORE UPDATE ON alert_journal
            BEGIN SELECT RAISE(ABORT, 'rows of alert_journal never change'); END""",
        """CREATE TRIGGER alert_journal_never_goes BEFORE DELETE ON alert_journal
            BEGIN SELECT RAISE(ABORT, 'rows of alert_journal never go'); END""",
        """CREATE TABLE alert_watches (
            key TEXT PRIMARY KEY, is_armed INTEGER NOT NULL CHECK (is_armed IN (0, 1)), announced_us INTEGER,
            value TEXT NOT NULL, peak TEXT NOT NULL, footing TEXT NOT NULL,
            snooze_value TEXT, snooze_until_us INTEGER, snooze_change TEXT) STRICT, WITHOUT ROWID""",
        "CREATE TABLE muted_assets (asset TEXT PRIMARY KEY, muted_us INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)

Schema = frozenset[tuple[str, str, str, str | None]]


def schema_of(connection: sqlite3.Connection) -> Schema:
    """Every table, index and trigger with the text that made it, without SQLite's own statistics."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT GLOB 'sqlite_stat*'")
    return frozenset((kind, name, table, sql) for kind, name, table, sql in rows)


def apply(connection: sqlite3.Connection, migration: Migration) -> None:
    """Runs one step inside the caller's transaction."""
    for statement in migration.statements:
        connection.execute(statement)
    if migration.step is not None:
        migration.step(connection)


@lru_cache(maxsize=8)
def expected_schema(migrations: tuple[Migration, ...]) -> Schema:
    """What a database that went through these steps must look like."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for migration in migrations:
            apply(connection, migration)
        return schema_of(connection)
    finally:
        connection.close()
