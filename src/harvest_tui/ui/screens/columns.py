"""Which columns the lot table shows, and in which order."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from harvest_tui.table_settings import COLUMN_KEYS
from harvest_tui.ui.format import clip
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.lot_columns import BY_KEY
from harvest_tui.ui.widgets.paragraph import Paragraph

WORDS = {
    "account": "where the lot lies",
    "asset": "what it is a lot of",
    "acquired": "the tax day it was acquired on",
    "held": "term and days held, or when it turns long-term",
    "quantity": "units that are left of it",
    "unit_cost": "basis of one unit, US dollars",
    "cost_basis": "basis of the lot, US dollars",
    "price": "latest price in that account, and its age where it is old",
    "value": "units at the latest price",
    "unrealized": "value less basis",
    "percent": "unrealized in percent of the basis",
    "term": "short or long for a sale today",
}


class ColumnsScreen(LiveScreen):
    """A line a column; what is on is shown from left to right as it stands here from top to bottom."""

    TITLE = "columns"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "Show or leave out the column", id="columns.turn"),
        Binding("J,shift+down", "shift(1)", "Move the column to the right", key_display="J", id="columns.later"),
        Binding("K,shift+up", "shift(-1)", "Move the column to the left", key_display="K", id="columns.sooner"),
        Binding("0", "reset", "Every column that fits, as at first", id="columns.reset"),
    ]

    class Chosen(Message):
        """The columns from left to right; none means all that fit."""

        def __init__(self, columns: tuple[str, ...]) -> None:
            super().__init__()
            self.columns = columns

    def __init__(self) -> None:
        super().__init__()
        self._order = list(COLUMN_KEYS)
        self._on = set(COLUMN_KEYS)

    def take(self, columns: tuple[str, ...]) -> None:
        """Starts from the columns there are."""
        shown = columns or COLUMN_KEYS
        self._order = [*shown, *(key for key in COLUMN_KEYS if key not in shown)]
        self._on = set(shown)

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="column-list", header=(("     Column       What it says", "header"),))
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("space", "on or off", "screen.turn"),
            Key("J", "right", "screen.shift(1)"),
            Key("K", "left", "screen.shift(-1)"),
            Key("0", "as at first", "screen.reset"),
            Key("?", "help", "app.help"),
        )

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame."""
        self._show()

    def _show(self) -> None:
        self.query_one(".title-line", Paragraph).show(
            f"harvest › lots › columns: {len(self._on)} of {len(self._order)}"
        )
        self._list.show([self._line(key) for key in self._order])

    def _line(self, key: str) -> Line:
        is_on = key in self._on
        mark, role = ("●", "title") if is_on else ("○", "muted")
        return (
            (f"  {mark}  ", "soon" if is_on else "muted"),
            (clip(BY_KEY[key].title, 13), role),
            (WORDS[key], "muted"),
        )

    @property
    def _list(self) -> LineList:
        return self.query_one(LineList)

    def on_row_view_chosen(self, event: LineList.Chosen) -> None:
        """Enter and a double click do what space does."""
        event.stop()
        self.action_turn()

    def action_turn(self) -> None:
        """Shows or leaves out the column under the cursor; one must stay."""
        changed = self._on ^ {self._order[self._list.cursor]}
        if changed:
            self._on = changed
            self._tell()

    def action_shift(self, step: int) -> None:
        """Moves the column under the cursor."""
        here = self._list.cursor
        there = here + step
        if 0 <= there < len(self._order):
            self._order[here], self._order[there] = self._order[there], self._order[here]
            self._list.move_to(there)
            self._tell()

    def action_reset(self) -> None:
        """All that fit, in the first order."""
        self.take(())
        self._tell()

    def _tell(self) -> None:
        self._show()
        columns = tuple(key for key in self._order if key in self._on)
        self.post_message(self.Chosen(() if columns == COLUMN_KEYS else columns))
