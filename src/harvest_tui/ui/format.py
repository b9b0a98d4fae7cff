"""Figures and outside text as a terminal may show them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from rich.cells import cell_len, chop_cells

from harvest_tui.core.money import rounded

MINUS = "−"
UNKNOWN = "-"
NEARLY_ZERO = "~0"
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMBINING = frozenset({"Mn", "Me", "Mc"})
_MOST_MARKS = 2
_READ_AHEAD = 4


@lru_cache(maxsize=8192)
def _cleaned(text: str) -> str:
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in _REFUSED:
            if shown[-1:] != ["\ufffd"]:
                shown.append("\ufffd")
            marks = 0
        elif category in _COMBINING:
            marks += 1
            if marks <= _MOST_MARKS and shown:
                shown.append(character)
        else:
            shown.append(" " if category == "Zs" else character)
            marks = 0
    return "".join(shown)


def clean(text: str, limit: int = 200) -> str:
    """Outside text with nothing a terminal would obey: one line, at most `limit` cells.

    Control, format (bidirectional ones too), surrogate, private and unassigned characters and line
    separators become U+FFFD, so that a name with one hidden in it never looks like the honest name;
    more than two combining marks on a letter are dropped. The result is literal text, never markup.
    """
    head = text[: limit * _READ_AHEAD]
    shown = head if head.isascii() and head.isprintable() else _cleaned(head)
    if len(text) > len(head):
        shown += "…"
    return shown if len(shown) <= limit and cell_len(shown) <= limit else clip(shown, limit).rstrip()


def clip(text: str, width: int) -> str:
    """`text` cut with `…` or padded on the right to exactly `width` cells."""
    cells = len(text) if text.isascii() else cell_len(text)
    if cells <= width:
        return text + " " * (width - cells)
    if width <= 1:
        return "…"[:width]
    head = chop_cells(text, width - 1)[0] if not text.isascii() else text[: width - 1]
    return head + "…" + " " * (width - 1 - cell_len(head))


def number(value: Decimal, places: int = 2) -> str:
    """The value rounded to `places` with thousands separated and a true minus sign."""
    text = format(rounded(value, places), ",f")
    if text.startswith("-"):
        return MINUS + text[1:] if any(digit in "123456789" for digit in text) else text[1:]
    return text


def signed(value: Decimal | None, places: int = 2) -> str:
    """The value with `+` or `−` in front, or `-` where it is unknown.

    What rounds to zero has no sign, and no arrow or colour beside it (`leaning`): it says no more than its digits.
    """
    if value is None:
        return UNKNOWN
    return f"+{number(value, places)}" if leaning(value, places) > 0 else number(value, places)


def leaning(value: Decimal | None, places: int = 2) -> int:
    """1 for a gain, -1 for a loss, 0 for what rounds to zero at so many decimals or is unknown."""
    if value is None:
        return 0
    shown = rounded(value, places)
    return (shown > 0) - (shown < 0)


def arrow_of(value: Decimal | None, places: int = 2) -> str:
    """`▲`, `▼`, or a blank for what rounds to zero or is unknown."""
    return " ▲▼"[leaning(value, places)]


def result_role(value: Decimal | None, places: int = 2) -> str:
    """`gain`, `loss`, or `plain` for what rounds to zero or is unknown."""
    return ("plain", "gain", "loss")[leaning(value, places)]


def tint_of(value: Decimal | None, places: int = 2, *, is_bold: bool = False) -> str:
    """The style of a word that tells a result, none for what rounds to zero or is unknown."""
    style = ("", "$gain", "$loss")[leaning(value, places)]
    return f"bold {style}" if style and is_bold else style


def money(value: Decimal | None) -> str:
    """US dollars to the cent, or `-` where unknown."""
    return UNKNOWN if value is None else number(value)


def trimmed(value: Decimal, places: int, least: int = 0) -> str:
    """The value rounded to `places`, without trailing zeros beyond the first `least` decimals."""
    text = number(value, places)
    if not places:
        return text
    whole, _, fraction = text.partition(".")
    kept = fraction[:least] + fraction[least:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def exact(value: Decimal) -> str:
    """Every digit of the value, with thousands separated and a true minus sign."""
    text = format(value, ",f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def aligned(value: Decimal | None, whole: int, places: int, least: int, sign: bool = False) -> str:
    """The figure in `whole + 1 + places` cells, its decimal point always at the same cell.

    Unknown is `-`. What is too small to show is `~0`; what is too large loses decimals, then is
    written with an exponent: a figure is never cut.
    """
    width = whole + (1 + places if places else 0)
    if value is None:
        return UNKNOWN.rjust(whole).ljust(width)
    text = trimmed(value, places, least)
    if value and not any(digit in "123456789" for digit in text):
        return NEARLY_ZERO.rjust(whole).ljust(width)
    if sign and value > 0:
        text = f"+{text}"
    point = text.find(".")
    before = len(text) if point < 0 else point
    if before <= whole:
        return (" " * (whole - before) + text).ljust(width)
    rounded = ("+" if sign and value > 0 else "") + number(value, 0)
    if len(rounded) <= width:
        return rounded.rjust(width)
    return format(value, f".{max(0, width - 8)}e").replace("-", MINUS, 1 if value < 0 else 0).rjust(width)[:width]


def age(since: timedelta) -> str:
    """How long ago in at most four cells: `3s`, `4m`, `2h`, `5d`."""
    seconds = max(0, int(since.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{min(seconds // size, 999)}{unit}"
    return f"{seconds}s"


def ago(at: datetime | None, now: datetime) -> str:
    """`4m ago`, or `never`."""
    return "never" if at is None else f"{age(now - at)} ago"


def day(value: date) -> str:
    """ISO day, the same in every locale."""
    return value.isoformat()


def count(amount: int, noun: str) -> str:
    """`1 lot`, `1,204 lots`."""
    return f"{amount:,} {noun}" + ("" if amount == 1 else "s")
