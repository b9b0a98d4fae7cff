"""A story that is read, not chosen from: headings and sentences that wrap and scroll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from harvest_tui.core.story.wording import Section
from harvest_tui.ui.format import clean
from harvest_tui.ui.widgets.paragraph import Paragraph

_LONGEST = 4_000


class Statements(Widget):
    """Sentences, one a line; where one wraps, it goes on two cells further in."""

    DEFAULT_CSS = "Statements { height: auto; width: 1fr; padding-left: 2; }"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = [Content(line) for line in lines]

    def _wrapped(self, width: int) -> list[Content]:
        rows = []
        for line in self._lines:
            first, *rest = line.wrap(max(1, width - 2)) or [line]
            rows += [first, *(Content("  ") + more for more in rest)]
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it wraps into."""
        return len(self._wrapped(width))

    def rows(self) -> list[Content]:
        """The lines as they are drawn."""
        return self._wrapped(self.content_size.width)

    def render(self) -> Content:
        """The wrapped lines."""
        return Content("\n").join(self.rows())


class StoryView(VerticalScroll, can_focus=True):
    """Sections one below the other, as literal text."""

    DEFAULT_CSS = """
    StoryView { height: 1fr; padding: 0 1; scrollbar-size: 1 1; }
    StoryView .story-heading { text-style: bold; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False, id="rows.up"),
        Binding("down,j", "scroll_down", "Down", show=False, id="rows.down"),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False, id="rows.page_up"),
        Binding("pagedown,ctrl+f,space", "page_down", "Page down", show=False, id="rows.page_down"),
        Binding("home,g", "scroll_home", "First", show=False, id="rows.first"),
        Binding("end,G", "scroll_end", "Last", show=False, id="rows.last"),
    ]

    async def show(self, sections: Sequence[Section]) -> None:
        """Takes a new story; the text of each section is cleaned here."""
        await self.remove_children()
        parts: list[Widget] = []
        for section in sections:
            parts.append(Paragraph(clean(section.heading, _LONGEST), classes="story-heading"))
            if section.lines:
                parts.append(Statements([clean(line, _LONGEST) for line in section.lines]))
        await self.mount_all(parts)
        self.scroll_home(animate=False)

    async def tell(self, words: str) -> None:
        """One sentence in the place of a story: it is being loaded, or cannot be told."""
        await self.show((Section(words),))
