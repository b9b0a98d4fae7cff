"""One door for files: which format, which events. All of a file is read, or an error says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harvest_tui.core.lots.matching import without_collector
from harvest_tui.core.records import AccountId, Event, EventId
from harvest_tui.errors import InputError
from harvest_tui.imports import koinly, ledger_file
from harvest_tui.imports.complaints import Complaint, Refuse, RowRefused, shown, stop_at
from harvest_tui.imports.ledger_file import LedgerRow
from harvest_tui.imports.named_lots import FIRST_IN_FIRST_OUT, LotRules, check_available, with_named_lots
from harvest_tui.imports.rows import CsvFile, Progress

LEDGER, KOINLY = "ledger", "koinly"
FORMATS = (LEDGER, KOINLY)


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The events of a file in the order of its rows, the line each came from, and the digest of its bytes."""

    events: Sequence[Event]
    format: str
    sha256: str
    lines: Mapping[EventId, int]
    name: str


@dataclass(frozen=True, slots=True)
class ToldFile:
    """A file read before the lots that its rows name are looked up, which takes the events told by other files.

    `naming` are the rows that name lots, by their place in `file.events`; `is_whole` where no row was refused.
    """

    file: ImportedFile
    naming: Mapping[int, LedgerRow]
    is_whole: bool


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


def tell(
    path: Path,
    format: str | None = None,
    account: AccountId | None = None,
    *,
    progress: Progress | None = None,
    refuse: Refuse = stop_at,
) -> ToldFile:
    """What the rows say, each looked at by itself. `account` is for rows that name none.

    Raises InputError where it is no such file, and for the first bad row unless `refuse` keeps it.
    """
    if format is not None and format not in FORMATS:
        raise InputError(f"there is no format {shown(format)}", f"use one of {', '.join(FORMATS)}")
    if account is not None and (not account.strip() or ":" in account):
        raise InputError(f"{shown(account)} is not an account name", "use a name without a colon")
    chosen = format or detect_format(path)
    refused: list[None] = []

    def note(row: RowRefused) -> None:
        refused.append(None)
        refuse(row)

    file = CsvFile(path, progress, note)
    events: list[Event] = []
    lines: dict[EventId, int] = {}
    naming: dict[int, LedgerRow] = {}
    with without_collector():
        if chosen == KOINLY:
            events.extend(koinly.read_koinly(file, account, lines))
        else:
            for row in ledger_file.read_ledger(file, account, lines):
                if row.lots_text:
                    naming[len(events)] = row
                events.append(row.event)
    return ToldFile(ImportedFile(events, chosen, file.sha256, lines, file.name), naming, not refused)


def settle(
    told: ToldFile, known: Sequence[Event], rules: LotRules = FIRST_IN_FIRST_OUT, *, refuse: Refuse = stop_at
) -> ImportedFile:
    """The file with the lots that its rows name. `known` are events told before, whose lots rows may name, and
    `rules` those under which those lots must still be there.

    Raises InputError for the first row whose lots are not right, unless `refuse` keeps it: then its event is left out.
    """
    if not told.naming:
        return told.file
    events, lines = list(told.file.events), told.file.lines
    told_before = {event.event_id for event in known}
    for index, row in told.naming.items():
        events[index] = with_named_lots(row, lambda origin: origin in lines or origin in told_before)
        if row.row.complaints:
            refuse(RowRefused(row.row.complaints))
    bad = {index for index, row in told.naming.items() if row.row.complaints}
    if told.is_whole and not bad:  # what is still there cannot be told while rows are missing
        check_available(list(told.naming.values()), events, known, rules)
        for index, row in told.naming.items():
            if row.row.complaints:
                bad.add(index)
                refuse(RowRefused(row.row.complaints))
    kept = [event for index, event in enumerate(events) if index not in bad]
    return replace(told.file, events=kept)


def contradictions(file: ImportedFile, known: Iterable[Event]) -> list[Complaint]:
    """The rows whose id is known with other content, in the order of the file."""
    by_id = {event.event_id: event for event in known if event.event_id in file.lines}
    found = []
    for event in file.events:
        before = by_id.get(event.event_id)
        if before is not None and replace(before, sequence=event.sequence) != event:
            row_id = shown(event.event_id.removeprefix(f"{event.account}:"))
            problem = f"{row_id} is known in {event.account} with other content"
            remedy = "give the row an id of its own, or remove the account it was imported into"
            found.append(Complaint(file.name, file.lines[event.event_id], "id", problem, remedy))
    return found


def read(
    path: Path,
    format: str | None = None,
    account: AccountId | None = None,
    *,
    known: Sequence[Event] = (),
    rules: LotRules = FIRST_IN_FIRST_OUT,
    progress: Progress | None = None,
) -> ImportedFile:
    """All events of the file, as `tell` and `settle` make them.

    Raises InputError for the first thing that is wrong, with file, line, column and remedy.
    """
    return settle(tell(path, format, account, progress=progress), known, rules)
