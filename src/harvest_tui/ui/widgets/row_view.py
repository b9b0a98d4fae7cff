"""RowView: a list with a cursor that draws only the lines in view."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from harvest_tui.ui.format import clean, clip
from harvest_tui.ui.widgets.quick_lines import QuickLines
from harvest_tui.ui.widgets.row_labels import RowLabels

Piece = tuple[str, str]
"""Text that is already clean, and the role it plays: `plain`, `muted`, `gain`, `loss`, `soon`, `stale`, ..."""

_MOST_CACHED = 2_000
_LABEL = Style(bold=True, reverse=True)


class _QuickScrollBar(QuickLines, ScrollBar):
    """Drawn anew only when one scrolls."""


class RowView(QuickLines, ScrollView, can_focus=True):
    """Lines below a header line that stays. A subclass says how many rows there are and what is in each."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"rows--{role}"
        for role in ("plain", "muted", "gain", "loss", "soon", "stale", "header", "sorted", "cursor", "title")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="rows.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="rows.down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="rows.page_up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="rows.page_down"),
        Binding("home,g", "jump(0)", "First", show=False, id="rows.first"),
        Binding("end,G", "jump(1)", "Last", show=False, id="rows.last"),
        Binding("left,h", "sideways(-8)", "Left", show=False, id="rows.left"),
        Binding("right,l", "sideways(8)", "Right", show=False, id="rows.right"),
        Binding("enter", "choose", "Open", show=False, id="rows.choose"),
        Binding("comma", "label", "Letters at the rows: type a row's to go there", show=False, id="rows.jump_mode"),
    ]

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, view: RowView, row: int) -> None:
            super().__init__()
            self.view, self.row = view, row

    class Chosen(Message):
        """Enter or a double click on a row."""

        def __init__(self, view: RowView, row: int) -> None:
            super().__init__()
            self.view, self.row = view, row

    def __init__(self, *, id: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self.lines_drawn = 0
        """How many lines were asked for since the start: what a tick costs, counted."""
        self.empty: tuple[str, ...] = ()
        """What to read where there are no rows."""
        self._clock = clock
        self._moved_at = float("-inf")
        self._styles: dict[tuple[str, bool], Style] = {}
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._labels: RowLabels | None = None
        self._labelled: object = None

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """Textual's, with its lines kept."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = _QuickScrollBar(
                vertical=True, name="vertical", thickness=self.scrollbar_size_vertical
            )
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)
        return self._vertical_scrollbar

    # What a subclass tells.

    @property
    @abstractmethod
    def row_count(self) -> int:
        """How many rows there are."""

    @property
    @abstractmethod
    def content_width(self) -> int:
        """Cells a whole row takes."""

    @abstractmethod
    def header_pieces(self) -> list[Piece]:
        """The line that stays on top."""

    @abstractmethod
    def row_pieces(self, row: int) -> list[Piece]:
        """One row from left to right."""

    def row_cells(self, row: int) -> int | None:
        """Cells that the pieces of the row take together, where the subclass knows; else they are counted."""
        return None

    @property
    def order(self) -> object:
        """What equals itself as long as rows keep their places."""
        return self.row_count

    def header_clicked(self, x: int) -> None:
        """The header was clicked at cell `x` of the whole row."""

    # Drawing.

    @property
    def view_rows(self) -> int:
        """How many rows are in view."""
        return max(1, self.size.height - 1)

    def forget(self) -> None:
        """Draws every line anew."""
        self._strips.clear()
        self.refresh()

    def resize_content(self) -> None:
        """Tells the scrollbars how much there is; the cursor stays within it. Labels stay only where rows do."""
        if self._labels is not None and self._labelled != self.order:
            self._labels = self._labelled = None
        self.cursor = max(0, min(self.cursor, self.row_count - 1))
        self.virtual_size = Size(self.content_width, max(self.row_count, len(self.empty)) + 1)
        self.forget()

    def repaint_row(self, row: int) -> None:
        """Draws one row anew, if it is in view."""
        self.repaint_rows([row])

    def repaint_rows(self, rows: Iterable[int]) -> None:
        """Draws these rows anew, those that are in view."""
        (width, height), top = self.size, self.scroll_offset.y
        regions = []
        for row in rows:
            self._strips.pop((row, True), None)
            self._strips.pop((row, False), None)
            y = row - top + 1
            if 1 <= y < height:
                regions.append(Region(0, y, width, 1))
        if regions:
            self.refresh(*regions)

    def forget_styles(self) -> None:
        """Every style is looked up again."""
        self._styles.clear()
        self._strips.clear()

    def _style(self, role: str, on_cursor: bool) -> Style:
        style = self._styles.get((role, on_cursor))
        if style is None:
            style = self.get_component_rich_style(f"rows--{role}")
            if on_cursor:
                cursor = self.get_component_rich_style("rows--cursor")
                style += Style(bgcolor=cursor.bgcolor, bold=cursor.bold, reverse=cursor.reverse)
            self._styles[role, on_cursor] = style
        return style

    def _strip(self, pieces: list[Piece], on_cursor: bool, fill: str = "plain", cells: int | None = None) -> Strip:
        segments: list[Segment] = []
        texts: list[str] = []
        last: Style | None = None
        for text, role in pieces:
            style = self._style(role, on_cursor)
            if style is not last:
                if texts:
                    segments.append(Segment("".join(texts), last))
                texts, last = [], style
            texts.append(text)
        segments.append(Segment("".join(texts), last))
        x, width, filling = self.scroll_offset.x, self.size.width, self._style(fill, on_cursor)
        if cells is not None and not x and cells <= width:
            return Strip([*segments, Segment(" " * (width - cells), filling)] if cells < width else segments, width)
        return Strip(segments, cells).crop_extend(x, x + width, filling)

    def render_line(self, y: int) -> Strip:
        """Line `y` of the view: the header, a row, or what to do where there is none."""
        self.lines_drawn += 1
        if y == 0:
            return self._strip(self.header_pieces(), False, "header")
        row = self.scroll_offset.y + y - 1
        if row >= self.row_count:
            text = self.empty[y - 1] if not self.row_count and y <= len(self.empty) else ""
            return self._strip([(clip("  " + clean(text), self.size.width), "muted")], False)
        on_cursor = row == self.cursor and self.has_focus
        strip = self._strips.get((row, on_cursor))
        if strip is None:
            strip = self._strip(self.row_pieces(row), on_cursor, cells=self.row_cells(row))
            if len(self._strips) > _MOST_CACHED:
                self._strips.clear()
            self._strips[row, on_cursor] = strip
        if self._labels is not None and (label := self._labels.left(row)):
            style = self._style("soon", False) + _LABEL
            return Strip.join([Strip([Segment(label, style)], len(label)), strip.crop(len(label), self.size.width)])
        return strip

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Cached lines are cut for one sideways position."""
        self._strips.clear()
        super().watch_scroll_x(old_value, new_value)

    def on_resize(self, event: events.Resize) -> None:
        """Cached lines are cut for one width."""
        self.resize_content()
        self.reveal_cursor()

    def on_focus(self) -> None:
        """The cursor line shows."""
        self.repaint_row(self.cursor)

    def on_blur(self) -> None:
        """The cursor line rests."""
        self._show_labels(None)
        self.repaint_row(self.cursor)

    # Moving.

    def note_move(self) -> None:
        """The user is moving: nothing may jump about for a while."""
        self._show_labels(None)
        self._moved_at = self._clock()

    def move_to(self, row: int) -> None:
        """Puts the cursor on `row` and brings it into view."""
        row = max(0, min(row, self.row_count - 1))
        old, self.cursor = self.cursor, row
        if old != row:
            self.repaint_row(old)
            self.repaint_row(row)
            self.post_message(self.Moved(self, row))
        self.reveal_cursor()

    def reveal_cursor(self) -> None:
        """Scrolls just as far as needed to see the cursor."""
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + self.view_rows:
            self.scroll_to(y=self.cursor - self.view_rows + 1, animate=False)

    def action_move(self, rows: int) -> None:
        """Moves the cursor."""
        self.note_move()
        self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Moves the cursor and the view by a page."""
        self.note_move()
        rows = pages * max(1, self.view_rows - 1)
        self.scroll_to(y=max(0, self.scroll_offset.y + rows), animate=False)
        self.move_to(self.cursor + rows)

    def action_jump(self, to_end: int) -> None:
        """First or last row."""
        self.note_move()
        self.move_to(self.row_count - 1 if to_end else 0)

    def action_sideways(self, cells: int) -> None:
        """Scrolls left or right where the row is wider than the view."""
        self.note_move()
        self.scroll_to(x=max(0, self.scroll_offset.x + cells), animate=False)

    def action_label(self) -> None:
        """Puts letters at the rows in view; those that are typed next are of a row and no commands."""
        top = self.scroll_offset.y
        self.note_move()
        self._show_labels(RowLabels.of(top, min(self.view_rows, self.row_count - top)) if self.row_count else None)

    def _show_labels(self, labels: RowLabels | None) -> None:
        if labels != self._labels:
            self._labels, self._labelled = labels, None if labels is None else self.order
            self.refresh()

    @property
    def takes_letters(self) -> bool:
        """Letters are not commands just now."""
        return self._labels is not None

    async def on_key(self, event: events.Key) -> None:
        """While there are labels, a letter is of one of them; any other key takes them away, and esc does no more."""
        if self._labels is None:
            return
        letter = event.character if event.is_printable else None
        labels = self._labels.then(letter) if letter else None
        if labels is not None and labels.row is not None:
            self.note_move()
            self.move_to(labels.row)
        else:
            self._show_labels(labels if labels is not None and labels.is_open else None)
        if letter or event.key in {"escape", "enter", "backspace"}:
            event.stop()
            event.prevent_default()

    def action_choose(self) -> None:
        """Opens the row under the cursor."""
        if self.row_count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_mouse_scroll_down(self) -> None:
        """The wheel counts as moving."""
        self.note_move()

    def on_mouse_scroll_up(self) -> None:
        """The wheel counts as moving."""
        self.note_move()

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens, one on the header is for the subclass."""
        self.note_move()
        if event.y == 0:
            self.header_clicked(event.x + self.scroll_offset.x)
            return
        row = self.scroll_offset.y + event.y - 1
        if row < self.row_count:
            self.move_to(row)
            if event.chain == 2:
                self.action_choose()
