"""CSV files read row by row within limits. Every complaint names file, line, column, value and what to write."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from harvest_tui.errors import InputError

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_CELL = 4096
MAX_LINE = 256 * 1024
PROGRESS_ROWS = 1000
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Control, invisible and private characters: they can rewrite a terminal or make two names look alike."""

FREE_TEXT = frozenset({"note", "Description"})
"""Columns in which line breaks and joiners are usual: they are cleaned of them."""

Progress = Callable[[int, int], None]
"""(bytes read, bytes in all)"""


def shown(value: str) -> str:
    """The value in quotes, shortened, with everything unprintable escaped."""
    return ascii(value[:40] + ("..." if len(value) > 40 else ""))


def _cleaned(text: str) -> str:
    """Free text on one line, without the joiners and marks that are invisible."""
    return "".join(one for one in " ".join(text.split()) if unicodedata.category(one) != "Cf")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column name, stripped, with the line it starts on."""

    file: str
    line: int
    cells: Mapping[str, str]

    def refuse(self, column: str, complaint: str, remedy: str) -> NoReturn:
        """Raises the complaint about one cell; `complaint` follows the value, `remedy` says what to write."""
        value = self.cells.get(column, "")
        told = f"{shown(value)} {complaint}" if value else complaint
        raise InputError(f"{self.file} line {self.line}, column {column}: {told}", remedy)


class CsvFile:
    """A CSV file with a header row. Iterating gives rows; `sha256` is known when all are read."""

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self.path = path
        self.name = ascii(path.name)[1:-1]
        self.sha256 = ""
        self._progress = progress
        self._line = 0
        try:
            if not path.is_file():
                raise InputError(f"{self.name} is not a file", "give the path of a CSV file")
            self._size = path.stat().st_size
        except OSError as error:
            raise InputError(f"{self.name} cannot be read ({error.strerror})", "check its path and rights") from error
        if self._size > MAX_BYTES:
            raise InputError(
                f"{self.name} has {self._size // 2**20} MiB and more than {MAX_BYTES // 2**20} are not read",
                "split it by year, each part with the header row",
            )

    def _complain(self, line: int, complaint: str, remedy: str) -> NoReturn:
        raise InputError(f"{self.name} line {line}: {complaint}", remedy)

    def _lines(self) -> Iterator[str]:
        digest = hashlib.sha256()
        done = 0
        try:
            with self.path.open("rb") as file:
                for line, raw in enumerate(file, 1):
                    self._line = line
                    digest.update(raw)
                    done += len(raw)
                    if self._progress and line % PROGRESS_ROWS == 0:
                        self._progress(done, self._size)
                    yield self._decoded(line, raw)
        except OSError as error:
            raise InputError(f"{self.name} cannot be read ({error.strerror})", "check its path and rights") from error
        self.sha256 = digest.hexdigest()
        if self._progress:
            self._progress(self._size, self._size)

    def _decoded(self, line: int, raw: bytes) -> str:
        if len(raw) > MAX_LINE:
            self._complain(line, f"longer than {MAX_LINE // 1024} KiB", "give one row a line, separated by commas")
        if line == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self._complain(line, f"byte {error.start + 1} is not UTF-8", "save the file as CSV UTF-8")

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self._lines(), strict=True)
        start = 1
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                self._complain(
                    start, f"the quotes or separators are broken ({error})", 'double a quote within a cell: ""'
                )
            if record is None:
                return
            yield start, record
            start = self._line + 1

    def header(self) -> tuple[str, ...]:
        """The column names as written, stripped."""
        for _, record in self._records():
            if any(name.strip() for name in record):
                return tuple(name.strip() for name in record)
            break
        raise InputError(f"{self.name} is empty", "give a CSV file with a header row")

    def rows(self, columns: Mapping[str, str], required: Sequence[str]) -> Iterator[Row]:
        """Rows with the columns renamed by `columns` (written name in lower case to own name).

        Raises InputError for a column that is unknown, doubled or, being required, missing, and for any row that is
        not what the header promises.
        """
        names: list[str] | None = None
        count = 0
        for line, record in self._records():
            if names is None:
                names = self._names([name.strip() for name in record], columns, required)
                continue
            if not any(cell.strip() for cell in record):
                continue
            count += 1
            if count > MAX_ROWS:
                self._complain(line, f"more than {MAX_ROWS} rows are not read", "split the file by year")
            if len(record) != len(names):
                self._complain(
                    line,
                    f"{len(record)} cells under {len(names)} columns",
                    "put a cell that holds a comma in quotes, and a comma for each empty cell",
                )
            yield self._row(line, names, record)
        if names is None:
            raise InputError(f"{self.name} is empty", "give a CSV file with a header row")

    def _names(self, written: list[str], columns: Mapping[str, str], required: Sequence[str]) -> list[str]:
        names: list[str] = []
        for position, name in enumerate(written, 1):
            own = columns.get(name.lower())
            if own is None:
                self._refuse_column(position, name, columns)
            if own in names:
                self._complain(1, f"column {shown(name)} is there twice", "keep one of them")
            names.append(own)
        for name in required:
            if name not in names:
                self._complain(1, f"there is no column {shown(name)}", f"add it; the columns are {', '.join(columns)}")
        return names

    def _refuse_column(self, position: int, name: str, columns: Mapping[str, str]) -> NoReturn:
        if not name:
            self._complain(1, f"column {position} has no name", "name it or take it out")
        near = get_close_matches(name.lower(), list(columns), 1)
        remedy = f"did you mean {near[0]}?" if near else f"take it out; the columns are {', '.join(columns)}"
        self._complain(1, f"unknown column {shown(name)}", remedy)

    def _row(self, line: int, names: list[str], record: list[str]) -> Row:
        told = dict(zip(names, (cell.strip() for cell in record), strict=True))
        row = Row(self.name, line, told)
        for name, cell in told.items():
            if len(cell) > MAX_CELL:
                row.refuse(name, f"is longer than {MAX_CELL} characters", "shorten it")
            if not cell.isprintable():
                if name in FREE_TEXT:
                    told[name] = _cleaned(cell)
                self._check_characters(row, name, told[name])
        return row

    def _check_characters(self, row: Row, name: str, cell: str) -> None:
        for character in cell:
            if unicodedata.category(character) in REFUSED_CATEGORIES:
                row.refuse(name, f"holds the invisible character U+{ord(character):04X}", "take it out")
