"""Picture: a chart with the words that belong to it: a sentence above, lines and notes below."""

from __future__ import annotations

from typing import NamedTuple

from harvest_tui.ui.widgets.chart import Painter
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part


class Picture(NamedTuple):
    """`footing` is equal for pictures that look the same. Without a painter `empty` says why, and what to do.

    `notes` tell unit, days, source and what is left out. Everything from outside in it is clean already.
    """

    footing: object
    painter: Painter | None
    sentence: tuple[Part, ...]
    notes: tuple[str, ...]
    header: Line = ()
    lines: tuple[Line, ...] = ()
    empty: tuple[str, ...] = ()


def listed(names: list[str], most: int = 3) -> str:
    """The names with commas; from some on, only how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
