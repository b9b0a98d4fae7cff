"""A block of lines that are drawn as they are told: figures in columns, each with its role."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from harvest_tui.ui.widgets.line_list import Line, fitted

_STYLES = {"plain": "", "title": "bold", "header": "$muted", "stale": "italic $muted"}


class LineBlock(Widget):
    """As high as its lines; each is cut at the right edge."""

    DEFAULT_CSS = "LineBlock { height: auto; width: 1fr; text-wrap: nowrap; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Takes new lines; repaints only if they read differently."""
        taken = tuple(lines)
        if taken != self._lines:
            is_as_high = len(taken) == len(self._lines)
            self._lines = taken
            self.display = bool(taken)
            self.styles.height = max(1, len(taken))
            self.refresh(layout=not is_as_high)

    def render(self) -> Content:
        """The lines."""
        parts: list[str | tuple[str, str]] = []
        for line in self._lines:
            parts += [(text, _STYLES.get(role, f"${role}")) for text, role in fitted(line, self.size.width or 80)]
            parts.append("\n")
        return Content.assemble(*parts[:-1])
