"""Every sign in ASCII, for a terminal that shows nothing else: put over whatever is drawn, so none is forgotten."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

UNKNOWN = "?"
_SIGNS = {
    "−": "-", "▲": "^", "▼": "v", "↑": "^", "↓": "v", "→": ">", "›": ">", "▸": ">", "▾": "v", "◂": "<",
    "●": "*", "◐": "%", "◔": "c", "◌": ":", "○": "o", "◇": "&", "□": "_", "✓": "V", "✗": "X", "⟳": "@",
    "…": "~", "•": "*", "·": ".", "±": "~", "×": "x", "¢": "c", "≤": "<", "≥": ">",
    "░": ":", "▒": "x", "▓": "%", "━": "=", "═": "=", "╌": "-", "┊": ":", "▔": "-", "\N{NO-BREAK SPACE}": " ",
    "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-",
}  # fmt: skip
_LINES, _BLOCKS, _DOTS = range(0x2500, 0x2580), range(0x2580, 0x25A0), range(0x2800, 0x2900)
_ALONG = frozenset("─━┄┅┈┉╌╍═╴╶╸╺╼╾")
_ACROSS = frozenset("│┃┆┇┊┋╎╏║╵╷╹╻╽╿")
_LOW, _THIN = frozenset("▁▂▃"), frozenset("▏▎▍▌▐▕▖▗▘▝")


class PlainGlyphs(LineFilter):
    """Signs of ours become ASCII ones that say the same, other letters `?`, each in as many cells as before."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII."""
        return [
            segment if segment.control or segment.text.isascii() else Segment(plain(segment.text), segment.style)
            for segment in segments
        ]


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """The text in ASCII, in as many cells."""
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign
    if known := _SIGNS.get(sign):
        return known
    code = ord(sign)
    if code in _LINES:
        return "-" if sign in _ALONG else "|" if sign in _ACROSS else "+"
    if code in _BLOCKS:
        return "_" if sign in _LOW else "|" if sign in _THIN else "#"
    if code in _DOTS:
        return _stroke(code - _DOTS.start)
    return UNKNOWN * cell_len(sign)


def _stroke(dots: int) -> str:
    """A letter that goes through about the same height of the cell as the dots of a line."""
    left = [row for row, bit in enumerate((0x01, 0x02, 0x04, 0x40)) if dots & bit]
    right = [row for row, bit in enumerate((0x08, 0x10, 0x20, 0x80)) if dots & bit]
    rows = left + right
    if not rows:
        return " "
    if left and right and abs(_middle(left) - _middle(right)) >= 1:
        return "/" if _middle(left) > _middle(right) else "\\"
    if max(rows) - min(rows) < 2:
        return "'" if _middle(rows) < 1 else "-" if _middle(rows) <= 2 else "_"
    return "|"


def _middle(rows: list[int]) -> float:
    return sum(rows) / len(rows)
