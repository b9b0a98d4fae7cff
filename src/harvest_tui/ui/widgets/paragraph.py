"""A few lines of literal text: titles, explanations and results."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

Part = str | tuple[str, str]


class Paragraph(Widget):
    """Text that wraps and is never read as markup."""

    DEFAULT_CSS = "Paragraph { height: auto; width: 1fr; }"

    def __init__(self, text: str = "", *, id: str | None = None, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self._content = Content(text)

    def show(self, *parts: Part) -> None:
        """Takes new text, already clean."""
        content = Content.assemble(*parts)
        if content.plain != self._content.plain:
            self._content = content
            self.refresh(layout=True)

    def render(self) -> Content:
        """The text."""
        return self._content
