"""One door for files: which format, which events. All of a file is read, or an error says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harvest_tui.core.lots.orders import MethodTable
from harvest_tui.core.records import AccountId, Event, EventId
from harvest_tui.errors import InputError
from harvest_tui.imports import koinly, ledger_file
from harvest_tui.imports.named_lots import check_available, with_named_lots
from harvest_tui.imports.rows import CsvFile, Progress, shown

LEDGER, KOINLY = "ledger", "koinly"
FORMATS = (LEDGER, KOINLY)


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The events of a file in the order of its rows, the line each came from, and the digest of its bytes."""

    events: tuple[Event, ...]
    format: str
    sha256: str
    lines: Mapping[EventId, int]


def detect_format(path: Path) -> str:
    """`ledger` or `koinly`, from the column names. Raises InputError where they are neither's."""
    file = CsvFile(path)
    names = {name.lower() for name in file.header()}
    if {"time", "kind"} & names and not {"sent amount", "received amount"} & names:
        return LEDGER
    if {"sent amount", "received amount"} <= names:
        return KOINLY
    if len(names) == 1 and ";" in "".join(names):
        raise InputError(f"{file.name} line 1: the columns are separated by semicolons", "separate them by commas")
    known = ", ".join(FORMATS)
    written = shown(", ".join(sorted(names)))
    raise InputError(
        f"{file.name} line 1: the columns {written} are of no known file", f"name one of {known} as format"
    )


def read(
    path: Path,
    format: str | None = None,
    account: AccountId | None = None,
    *,
    known: Sequence[Event] = (),
    methods: MethodTable | None = None,
    progress: Progress | None = None,
) -> ImportedFile:
    """All events of the file. `account` is for rows that name none; `known` are events told before, whose lots rows may
    name, and `methods` the orders under which those lots must still be there.

    Raises InputError for the first thing that is wrong, with file, line, column and remedy.
    """
    chosen = format or detect_format(path)
    if chosen not in FORMATS:
        raise InputError(f"there is no format {shown(chosen)}", f"use one of {', '.join(FORMATS)}")
    if account is not None and (not account.strip() or ":" in account):
        raise InputError(f"{shown(account)} is not an account name", "use a name without a colon")
    file = CsvFile(path, progress)
    if chosen == KOINLY:
        told = list(koinly.read_koinly(file, account))
        lines = {row.event.event_id: row.row.line for row in told}
        return ImportedFile(tuple(row.event for row in told), chosen, file.sha256, lines)
    rows = list(ledger_file.read_ledger(file, account))
    lines = {row.event.event_id: row.row.line for row in rows}
    told_before = {event.event_id for event in known}
    events = tuple(with_named_lots(row, lambda origin: origin in lines or origin in told_before) for row in rows)
    check_available(rows, events, known, methods)
    return ImportedFile(events, chosen, file.sha256, lines)
