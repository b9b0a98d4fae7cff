"""The lot table: 100,000 lots with live prices, of which only the lines in view are ever drawn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.lot_cells import CELLS, LotRow, title_of
from harvest_tui.ui.widgets.lot_columns import BY_KEY, COLUMNS, Placed, lay_out, measure, width_of
from harvest_tui.ui.widgets.lot_order import LotOrder, Sorting
from harvest_tui.ui.widgets.row_view import Piece, RowView

IDLE_SECONDS = 3.0
"""Rows change places only when nobody has moved for so long, and not more often."""
SLOW_SORT = 20_000
"""From so many lots on they are sorted in a thread."""


class LotTable(RowView):
    """Lots under a cursor. Prices are redrawn where they stand; rows are re-sorted only when the user rests."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resort", "Sort now", id="lots.resort"),
        Binding("less_than_sign", "sort_by(-1)", "Sort by the column before", key_display="<", id="lots.sort_left"),
        Binding("greater_than_sign", "sort_by(1)", "Sort by the next column", key_display=">", id="lots.sort_right"),
        Binding("i", "invert", "Turn the order round", id="lots.invert"),
        Binding("w", "all_columns", "All columns or those that fit", id="lots.columns"),
    ]

    class Opened(Message):
        """A lot was chosen."""

        def __init__(self, lot: Lot) -> None:
            super().__init__()
            self.lot = lot

    def __init__(self, frame: Frame, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(id="lots", clock=clock)
        self.sorting = Sorting()
        self.shows_all_columns = False
        self._frame = frame
        self._order = LotOrder(frame.portfolio.ledger.lots)
        self._rows: list[int] = list(range(len(self._order.lots)))
        self._measures = measure(frame.portfolio)
        self._placed: tuple[Placed, ...] = lay_out(80, self._measures)
        self._sorted_at = float("-inf")
        self._is_unsorted = False
        self._sort_number = 0
        self._sort_task: asyncio.Task[None] | None = None
        if len(self._order.lots) < SLOW_SORT:
            self._rows = self._order.ordered(self.sorting, frame.portfolio)
            self._sorted_at = self._clock()

    # What the screen asks.

    @property
    def row_count(self) -> int:
        """How many lots there are."""
        return len(self._rows)

    @property
    def content_width(self) -> int:
        """Cells of a whole row."""
        return width_of(self._placed)

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The columns on screen."""
        return self._placed

    @property
    def is_sort_pending(self) -> bool:
        """Whether prices moved since the rows were last put in order."""
        return self._is_unsorted

    def lot_at(self, row: int) -> Lot | None:
        """The lot in that row."""
        return self._order.lots[self._rows[row]] if 0 <= row < len(self._rows) else None

    def on_mount(self) -> None:
        """Large portfolios come in ledger order first and are sorted beside the screen."""
        if len(self._order.lots) >= SLOW_SORT:
            self.resort()

    # A new frame.

    def draw(self, frame: Frame) -> None:
        """Takes a frame and redraws only the lines whose price, age or day changed."""
        old, self._frame = self._frame, frame
        if frame.portfolio.ledger is not old.portfolio.ledger:
            self._take_lots()
            return
        if frame.portfolio.tax_day != old.portfolio.tax_day:
            self.forget()
        changed = self._changed_positions(old, frame)
        if changed:
            self._widen(changed)
            self._repaint(changed)
            self._is_unsorted = self._is_unsorted or BY_KEY[self.sorting.column].is_live
        self._sort_when_idle()

    def _changed_positions(self, old: Frame, new: Frame) -> set[int]:
        before, after = old.portfolio.quotes, new.portfolio.quotes
        if before is after and old.stale == new.stale:
            return set()
        return {
            number
            for number, key in enumerate(self._order.positions)
            if _differs(before, after, key) or old.stale.get(key) != new.stale.get(key)
        }

    def _repaint(self, changed: set[int]) -> None:
        position_of, rows = self._order.position_of, self._rows
        top = self.scroll_offset.y
        in_view = range(top, min(len(rows), top + self.view_rows))
        self._strips = {key: strip for key, strip in self._strips.items() if position_of[rows[key[0]]] not in changed}
        for row in in_view:
            if position_of[rows[row]] in changed:
                self.repaint_row(row)

    def _take_lots(self) -> None:
        under_cursor = self.lot_at(self.cursor)
        self._order = LotOrder(self._frame.portfolio.ledger.lots)
        self._rows = list(range(len(self._order.lots)))
        self._measures = measure(self._frame.portfolio)
        if under_cursor is not None and self._moved_at > float("-inf"):
            lots, wanted = self._order.lots, under_cursor.lot_id
            self.cursor = next((row for row, lot in enumerate(lots) if lot.lot_id == wanted), self.cursor)
        self._place()
        self.resort()

    def _widen(self, changed: set[int]) -> None:
        keys = [self._order.positions[number] for number in changed]
        needed = measure(self._frame.portfolio, keys)
        if not self._measures.covers(needed):
            self._measures = self._measures.joined(needed)
            self._place()

    def _place(self) -> None:
        self._placed = lay_out(self.scrollable_content_region.width, self._measures, show_all=self.shows_all_columns)
        self.resize_content()

    def on_resize(self, event: events.Resize) -> None:
        """Other columns fit now."""
        self._place()

    # Order.

    def _sort_when_idle(self) -> None:
        now = self._clock()
        is_resting = now - self._moved_at >= IDLE_SECONDS and now - self._sorted_at >= IDLE_SECONDS
        if self._is_unsorted and is_resting:
            self.resort()

    def resort(self) -> None:
        """Puts the rows in order; the cursor and what is in view stay on their lot.

        Until somebody has moved it, the cursor stays on the first row instead.
        """
        self._sorted_at = self._clock()
        self._sort_number += 1
        if len(self._order.lots) < SLOW_SORT:
            self._take_order(self._order.ordered(self.sorting, self._frame.portfolio))
        else:
            self._sort_task = asyncio.create_task(self._sort_beside(self._sort_number))

    async def _sort_beside(self, number: int) -> None:
        order, sorting, portfolio = self._order, self.sorting, self._frame.portfolio
        rows = await asyncio.to_thread(order.ordered, sorting, portfolio)
        if number == self._sort_number and order is self._order:
            self._take_order(rows)

    def _take_order(self, rows: list[int]) -> None:
        self._is_unsorted = False
        if rows == self._rows:
            self.refresh(self._header_region)
            return
        has_moved = self._moved_at > float("-inf")
        held = self._rows[self.cursor] if has_moved and self.cursor < len(self._rows) else None
        offset = self.cursor - self.scroll_offset.y
        self._rows = rows
        if held is not None:
            self.cursor = rows.index(held)
        self.resize_content()
        top = self.scroll_offset.y
        if top or not 0 <= self.cursor < self.view_rows:
            self.scroll_to(y=max(0, self.cursor - offset), animate=False)
        self.reveal_cursor()

    @property
    def _header_region(self) -> Region:
        return Region(0, 0, self.size.width, 1)

    def sort_by(self, column: str, descending: bool | None = None) -> None:
        """Sorts by a column; the same column again turns the order round."""
        if descending is None:
            descending = not self.sorting.descending if column == self.sorting.column else False
        self.sorting = Sorting(column, descending)
        self.refresh(self._header_region)
        self.resort()

    def action_resort(self) -> None:
        """Sorts now."""
        self.resort()

    def action_sort_by(self, step: int) -> None:
        """Sorts by the next column on screen."""
        keys = [place.column.key for place in self._placed]
        here = keys.index(self.sorting.column) if self.sorting.column in keys else -1
        self.sort_by(keys[(here + step) % len(keys)], False)

    def action_invert(self) -> None:
        """Turns the order round."""
        self.sort_by(self.sorting.column)

    def action_all_columns(self) -> None:
        """Shows every column (left and right scroll) or only those that fit."""
        self.shows_all_columns = not self.shows_all_columns
        self.scroll_to(x=0, animate=False)
        self._place()

    def header_clicked(self, x: int) -> None:
        """Sorts by the column that was clicked."""
        for place in self._placed:
            if place.x <= x <= place.x + place.width:
                self.sort_by(place.column.key)

    def action_choose(self) -> None:
        """Opens the lot under the cursor."""
        lot = self.lot_at(self.cursor)
        if lot is not None:
            self.post_message(self.Opened(lot))

    # Lines.

    def header_pieces(self) -> list[Piece]:
        """Titles; the sorted one carries its direction."""
        pieces: list[Piece] = []
        end = 0
        for place in self._placed:
            is_sorted = place.column.key == self.sorting.column
            mark = ("↓" if self.sorting.descending else "↑") if is_sorted else ""
            pieces += [(" " * (place.x - end), "header"), (title_of(place, mark), "sorted" if is_sorted else "header")]
            end = place.x + place.width
        return pieces

    def row_pieces(self, row: int) -> list[Piece]:
        """The cells of one lot."""
        index = self._rows[row]
        lot = self._order.lots[index]
        portfolio = self._frame.portfolio
        key = self._order.positions[self._order.position_of[index]]
        drawn = LotRow(lot, portfolio.value_of(lot), portfolio.tax_day, self._frame.stale.get(key, ""))
        pieces: list[Piece] = []
        end = 0
        for place in self._placed:
            pieces += [(" " * (place.x - end), "plain"), *CELLS[place.column.key](drawn, place)]
            end = place.x + place.width
        return pieces


def _differs(before: Mapping[PositionKey, object], after: Mapping[PositionKey, object], key: PositionKey) -> bool:
    old, new = before.get(key), after.get(key)
    return old is not new and old != new


SORT_CHOICES = tuple((column.key, column.title) for column in COLUMNS)
