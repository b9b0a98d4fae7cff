"""CSV files read row by row within limits. Every complaint names file, line, column, value and what to write."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO, NoReturn

from harvest_tui.errors import InputError
from harvest_tui.imports.complaints import Complaint, Refuse, RowRefused, shown, stop_at

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_CELL = 4096
MAX_LINE = 256 * 1024
PROGRESS_ROWS = 1000
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Control, invisible and private characters: they can rewrite a terminal or make two names look alike."""

FREE_TEXT = frozenset({"note", "Description"})
"""Columns in which line breaks and joiners are usual: they are cleaned of them."""

NOT_TEXT = (
    (b"\xff\xfe", "is UTF-16, not UTF-8", "save it as CSV UTF-8"),
    (b"\xfe\xff", "is UTF-16, not UTF-8", "save it as CSV UTF-8"),
    (b"\x1f\x8b", "is compressed", "unpack it and give the CSV file within"),
    (b"PK\x03\x04", "is a workbook or an archive", "save the sheet as CSV UTF-8, or unpack the CSV file within"),
)
"""How files of other kinds begin, what they are, and what to do about it."""

UTF_8 = "save the file as CSV UTF-8"
_BYTE_ESCAPED = range(0xDC80, 0xDD00)
"""Where Python puts a byte that is not UTF-8, so that the cell it stands in can be named."""

Progress = Callable[[int, int, int], None]
"""(rows read, bytes read, bytes in all)"""
_Record = tuple[int, list[str], list[Complaint]]


def _cleaned(text: str) -> str:
    """Free text on one line, without the joiners and marks that are invisible."""
    return "".join(one for one in " ".join(text.split()) if unicodedata.category(one) != "Cf")


class Row:
    """The cells of one row by column name, stripped, with the line it starts on and what is wrong with it."""

    __slots__ = ("cells", "complaints", "file", "line")

    def __init__(self, file: str, line: int, cells: dict[str, str]) -> None:
        self.file = file
        self.line = line
        self.cells = cells
        self.complaints: list[Complaint] = []

    def complain(self, column: str, problem: str, remedy: str) -> None:
        """Notes what is wrong with one cell; `problem` follows the value, `remedy` says what to write."""
        value = self.cells.get(column, "")
        told = f"{shown(value)} {problem}" if value else problem
        self.complaints.append(Complaint(self.file, self.line, column, told, remedy))

    def refuse(self, column: str, problem: str, remedy: str) -> NoReturn:
        """Notes what is wrong with one cell and raises all that is."""
        self.complain(column, problem, remedy)
        raise RowRefused(self.complaints)

    def is_bad(self, column: str) -> bool:
        """Whether something is wrong with that cell."""
        return any(complaint.column == column for complaint in self.complaints)


class CsvFile:
    """A CSV file with a header row. Iterating gives rows; `sha256` is known when all are read.

    `refuse` is told of each bad row; unless it raises, the next row is read.
    """

    def __init__(self, path: Path, progress: Progress | None = None, refuse: Refuse = stop_at) -> None:
        self.path = path
        self.name = ascii(path.name)[1:-1]
        self.sha256 = ""
        self._refuse = refuse
        self._progress = progress
        self._line = 0
        self._bytes_read = 0
        self._line_complaints: list[Complaint] = []
        try:
            if not path.is_file():
                is_there = path.exists()
                problem = "is not a file" if is_there else "is not there"
                raise InputError(f"{self.name} {problem}", "give the path of a CSV file")
            self._size = path.stat().st_size
        except OSError as error:
            raise InputError(f"{self.name} cannot be read ({error.strerror})", "check its path and rights") from error
        if self._size > MAX_BYTES:
            raise InputError(
                f"{self.name} has {self._size // 2**20} MiB and more than {MAX_BYTES // 2**20} are not read",
                "split it by year, each part with the header row",
            )

    def refuse(self, row: Row) -> None:
        """Hands a row with complaints over."""
        self._refuse(RowRefused(row.complaints))

    def _complaint(self, line: int, problem: str, remedy: str) -> Complaint:
        return Complaint(self.name, line, "", problem, remedy)

    def _stop(self, line: int, problem: str, remedy: str) -> NoReturn:
        """Ends the reading whatever becomes of bad rows: nothing after this can be told apart."""
        raise RowRefused([self._complaint(line, problem, remedy)])

    def _lines(self) -> Iterator[str]:
        digest = hashlib.sha256()
        try:
            with self.path.open("rb") as file:
                while raw := file.readline(MAX_LINE + 1):
                    self._line += 1
                    digest.update(raw)
                    self._bytes_read += len(raw)
                    if self._line == 1:
                        raw = self._first(raw)
                    if len(raw) > MAX_LINE:
                        self._skip_line(file, raw)
                        raw = b"\n"
                    yield raw.decode("utf-8", "surrogateescape")
        except OSError as error:
            raise InputError(f"{self.name} cannot be read ({error.strerror})", "check its path and rights") from error
        self.sha256 = digest.hexdigest()

    def _first(self, raw: bytes) -> bytes:
        """The first line without its byte order mark. Raises InputError where the file is no CSV at all."""
        for start, problem, remedy in NOT_TEXT:
            if raw.startswith(start):
                raise InputError(f"{self.name} {problem}", remedy)
        if b"\0" in raw:
            raise InputError(f"{self.name} is not text", UTF_8)
        if b"\r" in raw.rstrip(b"\r\n"):
            raise InputError(f"{self.name} has lines that end in a carriage return alone", UTF_8)
        return raw.removeprefix(b"\xef\xbb\xbf")

    def _skip_line(self, file: BinaryIO, raw: bytes) -> None:
        """Reads past a line too long to look at. It is in no digest, as the file is refused."""
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(MAX_LINE)
            self._bytes_read += len(raw)
        self._line_complaints.append(
            self._complaint(
                self._line, f"longer than {MAX_LINE // 1024} KiB", "give one row a line, separated by commas"
            )
        )

    def _records(self) -> Iterator[_Record]:
        """Line, cells and complaints of each record, blank lines included."""
        self._line = self._bytes_read = 0
        reader = csv.reader(self._lines(), strict=True)
        start = 1
        while True:
            record: list[str] | None = []
            try:
                record = next(reader, None)
            except csv.Error as error:
                if "limit" in str(error):
                    self._stop(start, "a cell begins here that does not end", "close its quotes")
                self._line_complaints.append(
                    self._complaint(
                        start, f"the quotes or separators are broken ({error})", 'double a quote within a cell: ""'
                    )
                )
            if record is None:
                return
            complaints, self._line_complaints = self._line_complaints, []
            yield start, record, complaints
            start = self._line + 1

    def _header(self, record: _Record) -> list[str]:
        _, names, complaints = record
        if complaints:
            raise RowRefused(complaints)
        if not any(name.strip() for name in names):
            self._no_header()
        for name in names:
            for character in name:
                if ord(character) in _BYTE_ESCAPED:
                    self._stop(1, f"byte 0x{ord(character) - 0xDC00:02X} is not UTF-8", UTF_8)
        return [name.strip() for name in names]

    def _no_header(self) -> NoReturn:
        raise InputError(f"{self.name} is empty, or its first line is", "give a CSV file with a header row")

    def header(self) -> tuple[str, ...]:
        """The column names as written, stripped."""
        record = next(self._records(), None)
        return self._no_header() if record is None else tuple(self._header(record))

    def rows(self, columns: Mapping[str, str], required: Sequence[str]) -> Iterator[Row]:
        """Rows with the columns renamed by `columns` (written name in lower case to own name).

        Raises InputError for a column that is unknown, doubled or, being required, missing. A row that is not what the
        header promises is refused.
        """
        names: list[str] | None = None
        count = 0
        for record in self._records():
            if names is None:
                names = self._names(self._header(record), columns, required)
                continue
            row = self._row(record, names)
            if row is None:
                continue
            count += 1
            if count > MAX_ROWS:
                self._stop(row.line, f"more than {MAX_ROWS} rows are not read", "split the file by year")
            if self._progress and count % PROGRESS_ROWS == 0:
                self._progress(count, self._bytes_read, self._size)
            if row.complaints:
                self.refuse(row)
            else:
                yield row
        if names is None:
            self._no_header()
        if self._progress:
            self._progress(count, self._size, self._size)

    def _names(self, written: list[str], columns: Mapping[str, str], required: Sequence[str]) -> list[str]:
        names: list[str] = []
        for position, name in enumerate(written, 1):
            own = columns.get(name.lower())
            if own is None:
                self._refuse_column(position, name, columns)
            if own in names:
                self._stop(1, f"column {shown(name)} is there twice", "keep one of them")
            names.append(own)
        for name in required:
            if name not in names:
                self._stop(1, f"there is no column {shown(name)}", f"add it; the columns are {', '.join(columns)}")
        return names

    def _refuse_column(self, position: int, name: str, columns: Mapping[str, str]) -> NoReturn:
        if not name:
            self._stop(1, f"column {position} has no name", "name it or take it out")
        near = get_close_matches(name.lower()[:MAX_CELL], list(columns), 1)
        remedy = f"did you mean {near[0]}?" if near else f"take it out; the columns are {', '.join(columns)}"
        self._stop(1, f"unknown column {shown(name)}", remedy)

    def _row(self, record: _Record, names: list[str]) -> Row | None:
        """The row with what is wrong with its cells, None where it is blank."""
        line, texts, complaints = record
        if not complaints and not any(map(str.strip, texts)):
            return None
        row = Row(self.name, line, {})
        if complaints:
            row.complaints = complaints
        elif len(texts) != len(names):
            problem = f"{len(texts)} cells under {len(names)} columns"
            remedy = "put a cell that holds a comma in quotes, and a comma for each empty cell"
            row.complaints.append(self._complaint(line, problem, remedy))
        else:
            row.cells = dict(zip(names, map(str.strip, texts), strict=True))
            joined = "".join(texts)
            if len(joined) > MAX_CELL or not joined.isprintable():
                for name in row.cells:
                    _check_cell(row, name)
        return row


def _check_cell(row: Row, name: str) -> None:
    cell = row.cells[name]
    if len(cell) > MAX_CELL:
        row.complain(name, f"is longer than {MAX_CELL} characters", "shorten it")
    elif not cell.isprintable():
        if name in FREE_TEXT:
            cell = row.cells[name] = _cleaned(cell)
        for character in cell:
            if ord(character) in _BYTE_ESCAPED:
                row.complain(name, f"holds byte 0x{ord(character) - 0xDC00:02X}, which is not UTF-8", UTF_8)
                return
            if unicodedata.category(character) in REFUSED_CATEGORIES:
                row.complain(name, f"holds the invisible character U+{ord(character):04X}", "take it out")
                return
