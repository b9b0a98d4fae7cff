"""Identification records: texts that are only ever added to, each with the hash that chains it to the one before."""

from __future__ import annotations

from collections.abc import Callable

from harvest_tui.core.identification.chain import NO_RECORDS, Head, Link, head_of
from harvest_tui.core.identification.marks import Plans
from harvest_tui.core.identification.record import Record, instant_text, record_of
from harvest_tui.errors import InputError, StoreError
from harvest_tui.store import mark_book, note_book
from harvest_tui.store.engine import Rows, Transaction
from harvest_tui.store.users_word import RECORD_HEAD

# In a damaged file a value can be missing that never is: it is read as an empty one, which the check then finds.
_HASH = "coalesce(CAST(sha256 AS BLOB), x'')"
_COLUMNS = f"number, coalesce(CAST(text AS BLOB), x''), {_HASH}"


async def links(source: Rows) -> list[Link]:
    """Every record as it is kept, byte for byte, in order."""
    rows = await source.rows(f"SELECT {_COLUMNS} FROM identification_records ORDER BY number")
    return [_link(row) for row in rows]


def _link(row: tuple[int, bytes, bytes]) -> Link:
    number, text, sha256 = row
    return Link(number, text, sha256.decode("ascii", "replace"))


async def add(transaction: Transaction, make: Callable[[int, str], Record], plans: Plans | None) -> Record:
    """Keeps the next record, the note of the head, and the plans as they are after it.

    Raises InputError where the record is older than the last one, StoreError where the chain is not as noted.
    """
    head = await _head(transaction)
    record = make(head.records + 1, head.sha256)
    await _require_later(transaction, record)
    text, sha256 = record.text, record.sha256
    await transaction.run(
        "INSERT INTO identification_records (number, text, sha256) VALUES (?,?,?)", (record.number, text, sha256)
    )
    await note_book.set_note(transaction, RECORD_HEAD, Head(record.number, sha256).words)
    if plans is not None:
        await mark_book.save(transaction, plans)
    transaction.touch_facts()
    return record


async def _head(transaction: Transaction) -> Head:
    [(count, number)] = await transaction.rows("SELECT count(*), coalesce(max(number), 0) FROM identification_records")
    last = await transaction.rows(f"SELECT {_HASH} FROM identification_records WHERE number = ?", (number,))
    held = Head(count, last[0][0].decode("ascii", "replace")) if last else NO_RECORDS
    try:
        noted = head_of(await note_book.note(transaction, RECORD_HEAD)) or NO_RECORDS
    except ValueError:
        noted = None
    if noted != held or number != count:
        raise StoreError("the identification records are not as they were left", "see: harvest-tui verify")
    return held


async def _require_later(transaction: Transaction, record: Record) -> None:
    """A record that claims to be older than the one before it would be worth nothing."""
    rows = await transaction.rows("SELECT text FROM identification_records WHERE number = ?", (record.number - 1,))
    if not rows:
        return
    last = record_of(rows[0][0])
    if record.recorded_at < last.recorded_at:
        raise InputError(
            f"this machine's clock says {instant_text(record.recorded_at)}, which is before record {last.number} "
            f"({instant_text(last.recorded_at)})",
            "set the clock right and commit again",
        )
