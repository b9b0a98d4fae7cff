"""A list of lines under titles that change with its width, and the lanes of one screen by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from harvest_tui.ui.widgets.line_list import Line, LineList


class LaneList(LineList):
    """Lines that are made for the width of the view."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._made: object = None

    @property
    def content_width(self) -> int:
        """Lines are cut at the scrollbar."""
        return self.room

    @property
    def room(self) -> int:
        """Cells that a line may take."""
        return self.scrollable_content_region.width or self.size.width

    def take(self, footing: object, make: Callable[[int], tuple[Line, Sequence[Line]]], empty: tuple[str, ...]) -> None:
        """Shows titles and lines as `make` tells them for a width; nothing is made where footing and width are the
        same as before."""
        key = footing, self.room, empty
        if key != self._made:
            self._made = key
            header, lines = make(self.room)
            if header != self._header:
                self._header = header
                self.forget()
            self.show(lines, empty)


class LaneTabs(Widget):
    """The lanes; the one shown is bold and in brackets. A click on one shows it."""

    DEFAULT_CSS = "LaneTabs { height: 1; width: 1fr; background: $header; text-wrap: nowrap; }"

    class Chosen(Message):
        """A lane was clicked."""

        def __init__(self, lane: int) -> None:
            super().__init__()
            self.lane = lane

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._shown = 0

    def show(self, names: Sequence[str], shown: int) -> None:
        """Takes the names, with what there is in each, and which is shown."""
        if (tuple(names), shown) != (self._names, self._shown):
            self._names, self._shown = tuple(names), shown
            self.refresh()

    def render(self) -> Content:
        """All of them in one line."""
        parts: list[str | tuple[str, str]] = [" "]
        for place, name in enumerate(self._names):
            parts.append((f"[{name}]", "bold $primary") if place == self._shown else (f" {name} ", "$muted"))
            parts.append(" ")
        return Content.assemble(*parts, ("  tab", "bold $soon"), (" the next", "$muted"))

    def on_click(self, event: events.Click) -> None:
        """Finds the one that was clicked."""
        end = 1
        for place, name in enumerate(self._names):
            start, end = end, end + len(name) + 3
            if start <= event.x < end:
                self.post_message(self.Chosen(place))
