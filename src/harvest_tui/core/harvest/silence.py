"""How long to be silent about an alert, as a person types it: a time, or dollars by which its value changes."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.money import ZERO, parse_decimal
from harvest_tui.errors import InputError

HOW = "90min, 12h, 7d, 2w, or $200 of change"
LONGEST = timedelta(days=3660)
_SPAN = re.compile(r"([0-9]{1,5})\s?(min|m|h|d|w)", re.ASCII)
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class Silence(NamedTuple):
    """One of them: a time from now on, or US dollars of change in the value that was told."""

    span: timedelta | None = None
    change: Decimal | None = None


def read_silence(text: str) -> Silence:
    """What the words ask for. Raises InputError where they ask for nothing that could be."""
    words = text.strip()
    if match := _SPAN.fullmatch(words):
        span = int(match[1]) * _UNITS[match[2]]
        if timedelta(0) < span <= LONGEST:
            return Silence(span=span)
    elif words.startswith("$"):
        try:
            change = parse_decimal(words[1:].replace(",", ""))
        except ValueError:
            change = ZERO
        if change > 0:
            return Silence(change=change)
    raise InputError(f"not a time to be silent: {text[:40]!r}", f"write it like {HOW}")
