"""Figures as dots, for a screen that is shared: put over whatever is drawn, so that no widget can forget it."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

DOT = "•"
_MOST_DOTS = 5
_KEPT = (
    r"\d{4}-\d\d-\d\d|\d\d? [A-Z][a-z]{2}\b|\d{1,2}:\d\d(?::\d\d)?|\d{1,5}(?:d|h|m|s)\b"
    r"|\d{1,3} days? left|tax year +\d{4}"
)
"""Days, times of day and ages say nothing of what one owns."""
_FIGURE = r"(?P<room> *)(?P<sign>[+−-]?)(?P<digits>\d[\d,.]*(?:e[+−-]?\d+)?)"
_YEAR = re.compile(r"\s*20\d\d\s*")
"""A year that stands for itself: amounts of that size have a separator."""
_PATTERN = re.compile(rf"(?<![\w.,]) *(?:{_KEPT})(?![\w,])|(?<![\w.,]){_FIGURE}")


class FigureFilter(LineFilter):
    """Every figure becomes at most five dots in the same number of cells, so that not even its size is told."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments without figures."""
        return [
            Segment(hidden(segment.text), segment.style, segment.control) if not segment.control else segment
            for segment in segments
        ]


@lru_cache(maxsize=4096)
def hidden(text: str) -> str:
    """The text with dots for figures, in as many cells."""
    if _YEAR.fullmatch(text):
        return text
    return _PATTERN.sub(_dots, text)


def _dots(match: re.Match[str]) -> str:
    digits = match["digits"]
    if digits is None:
        return match[0]
    width = len(match[0])
    room = 1 if match["room"] else 0
    dots = DOT * max(1, min(_MOST_DOTS, width - len(match["sign"]) - room))
    tail = digits[len(digits.rstrip(".,")) :]
    if tail and len(match["sign"] + dots + tail) <= width:
        dots += tail
    return (match["sign"] + dots).rjust(width)
