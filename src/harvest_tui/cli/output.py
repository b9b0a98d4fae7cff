"""What commands write: one JSON object, or tables for people; outside text never as markup or escape codes."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from harvest_tui.core.money import plain, rounded

if TYPE_CHECKING:
    from harvest_tui.core.story.wording import Section

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def one_line(text: str) -> str:
    """The text on one line, without characters that a terminal would obey."""
    return "".join(" " if c in "\n\t" else c for c in text if c in "\n\t" or unicodedata.category(c) not in _HIDDEN)


def amount(value: Decimal | None) -> str | None:
    """A figure as the contract's plain decimal text; None stays null."""
    return None if value is None else plain(value)


def instant(value: datetime | None) -> str | None:
    """ISO 8601 with a zone; None stays null."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def write_json(body: dict[str, object]) -> None:
    """The one JSON object of a command."""
    # In one piece: written bit by bit, json leaves its C encoder and takes five times as long.
    sys.stdout.write(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n")


def write_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A table for people; columns named in `right` hold figures."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(one_line(title)), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number in right else "left", no_wrap=number in right)
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    # A pipe has no width: whoever reads it wants whole lines.
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def write_sections(sections: Iterable[Section]) -> None:
    """Headings with what is said under each, wrapped; a statement goes on two cells further in than it began."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    for number, section in enumerate(sections):
        if number:
            console.print()
        console.print(Text(one_line(section.heading), style="bold"))
        for line in section.lines:
            for place, row in enumerate(Text(one_line(line)).wrap(console, max(20, console.width - 4))):
                row.rstrip()
                console.print(Text("    " if place else "  ") + row)


def write_line(text: str) -> None:
    """A line of the answer itself on standard output, at once: somebody may be reading along."""
    sys.stdout.write(one_line(text) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A line for people on standard error."""
    sys.stderr.write(one_line(text) + "\n")


def dollars(value: Decimal | None) -> str:
    """A figure in US dollars and cents for people; `-` where unknown."""
    return "-" if value is None else format(rounded(value, 2), ",f")
