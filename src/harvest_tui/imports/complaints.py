"""What is wrong with rows, one complaint a cell. A reader stops at the first bad row, or keeps it and goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from harvest_tui.errors import InputError

MAX_KEPT = 1000
"""Complaints kept word for word; the rest is only counted, so that a file of another kind does not fill the memory."""


def shown(value: str) -> str:
    """The value in quotes, shortened, with everything unprintable escaped."""
    return ascii(value[:40] + ("..." if len(value) > 40 else ""))


class Complaint(NamedTuple):
    """One thing wrong, where it is, and what to do. `column` is empty where it is the row as a whole."""

    file: str
    line: int
    column: str
    problem: str
    remedy: str

    @property
    def place_and_problem(self) -> str:
        """File, line, column and what is wrong there, as one line of text."""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file} line {self.line}{column}: {self.problem}"

    def __str__(self) -> str:
        return f"{self.place_and_problem}; {self.remedy}"


class RowRefused(InputError):
    """A row with at least one complaint; as an error it tells the first."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(complaints[0].place_and_problem, complaints[0].remedy)
        self.complaints = tuple(complaints)


Refuse = Callable[[RowRefused], None]
"""What becomes of a bad row: it is raised and ends the reading, or it is kept and the next row is read."""


def stop_at(refused: RowRefused) -> None:
    """Ends the reading: one bad row and nothing of the file is taken."""
    raise refused


class Refusals:
    """Keeps bad rows, so that all of a file can be looked at. `rows` and `problems` count all of them."""

    def __init__(self) -> None:
        self.rows = 0
        self.problems = 0
        self.kept: list[Complaint] = []

    def __call__(self, refused: RowRefused) -> None:
        """Counts the row and keeps its complaints while there is room."""
        self.rows += 1
        self.problems += len(refused.complaints)
        self.kept.extend(refused.complaints[: MAX_KEPT - len(self.kept)])
