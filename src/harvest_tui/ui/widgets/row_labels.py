"""Letters at the start of the rows in view: typing those of a row goes there."""

from __future__ import annotations

from itertools import count, product
from typing import NamedTuple, Self

LETTERS = "asdfghjklweruioqptyzxcvbnm"
"""Those under the fingers at rest come first; the others only where more rows are in view than two of them name."""
_AT_REST = 9


class RowLabels(NamedTuple):
    """The label of each row from `first` on, and what of one is typed so far. No label begins another."""

    first: int
    labels: tuple[str, ...]
    typed: str = ""

    @classmethod
    def of(cls, first: int, rows: int) -> Self:
        """One letter for as many rows as it can be, on top; two for the rest."""
        letters = next(LETTERS[:most] for most in count(_AT_REST) if most**2 >= min(rows, len(LETTERS) ** 2))
        single = len(letters)
        while single + (len(letters) - single) * len(letters) < rows and single:
            single -= 1
        pairs = (one + other for one, other in product(letters[single:], letters))
        return cls(first, (*letters[:single], *pairs)[:rows])

    def left(self, row: int) -> str:
        """What is still to be typed for the row; nothing where that leads nowhere."""
        place = row - self.first
        if not 0 <= place < len(self.labels) or not self.labels[place].startswith(self.typed):
            return ""
        return self.labels[place][len(self.typed) :]

    def then(self, letter: str) -> Self:
        """With one more letter typed."""
        return self._replace(typed=self.typed + letter.lower())

    @property
    def row(self) -> int | None:
        """The row that is named in full."""
        return self.first + self.labels.index(self.typed) if self.typed in self.labels else None

    @property
    def is_open(self) -> bool:
        """Some row can still be named."""
        return any(label.startswith(self.typed) for label in self.labels)
