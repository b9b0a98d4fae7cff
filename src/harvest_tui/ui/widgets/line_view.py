"""LineView: lines without a cursor, each painted only when it reads differently."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style as TextualStyle
from textual.widget import Widget

from harvest_tui.ui.widgets.line_list import Line, fitted
from harvest_tui.ui.widgets.quick_lines import QuickLines


class LineView(QuickLines, Widget):
    """Draws the lines it was last given; each is cut at the right edge."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._styles: dict[str, Style] = {}

    def style_words(self, role: str) -> str:
        """What Textual calls the style of a role."""
        return role

    def take(self, lines: Sequence[Line]) -> None:
        """The lines from now on; repaints those that read differently."""
        before, self._lines = self._lines, tuple(lines)
        width = self.size.width
        others = [
            Region(0, y, width, 1)
            for y in range(max(len(before), len(self._lines)))
            if before[y : y + 1] != self._lines[y : y + 1]
        ]
        if others:
            self.refresh(*others)

    def forget_styles(self) -> None:
        """Every style is looked up again."""
        self._styles.clear()

    def _style(self, role: str) -> Style:
        style = self._styles.get(role)
        if style is None:
            words = self.style_words(role)
            known = self.visual_style + TextualStyle.parse(words) if words else self.visual_style
            style = self._styles[role] = known.rich_style
        return style

    def render_line(self, y: int) -> Strip:
        """One line."""
        pieces = fitted(self._lines[y], self.size.width) if y < len(self._lines) else []
        runs = groupby((piece for piece in pieces if piece[0]), lambda piece: self._style(piece[1]))
        return Strip([Segment("".join(text for text, _ in run), style) for style, run in runs])
