"""A block of lines that are drawn as they are told: figures in columns, each with its role."""

from __future__ import annotations

from collections.abc import Sequence

from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.line_view import LineView

_STYLES = {"plain": "", "": "", "title": "bold", "header": "$muted", "stale": "italic $muted"}


class LineBlock(LineView):
    """As high as its lines."""

    DEFAULT_CSS = "LineBlock { height: auto; width: 1fr; }"

    def style_words(self, role: str) -> str:
        """The colour that carries the name of the role, for most."""
        return _STYLES.get(role, f"${role}")

    def show(self, lines: Sequence[Line]) -> None:
        """Takes new lines; the layout is made anew only if there are more of them, or less."""
        if len(lines) != len(self._lines):
            self.display = bool(lines)
            self.styles.height = max(1, len(lines))
        self.take(lines)
