"""Lots as rows: 100,000 of them with live prices, of which only the lines in view are ever drawn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.worker import Worker

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.records import LotId, Quote
from harvest_tui.core.running_totals import moved
from harvest_tui.table_settings import UNTOUCHED, TableChoices
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.group_cells import GroupRow, group_pieces, measure_subtotals
from harvest_tui.ui.widgets.lot_arrangement import Arrangement, Wish, arrange, as_they_come
from harvest_tui.ui.widgets.lot_cells import CELLS, LotRow, title_of
from harvest_tui.ui.widgets.lot_columns import (
    BY_KEY,
    COLUMNS,
    Column,
    Measures,
    Placed,
    PriceSpans,
    lay_out,
    measure,
    measure_prices,
    width_of,
)
from harvest_tui.ui.widgets.lot_fading import CALM_FRAMES, Fading
from harvest_tui.ui.widgets.lot_order import LotOrder, Sorting
from harvest_tui.ui.widgets.row_view import Piece, RowView

IDLE_SECONDS = 3.0
"""Rows change places only when nobody has moved for so long, and not more often."""
SORT_SHARE = 100.0
"""Nor sooner than so many times as long as the last sort took."""
SLOW_SORT = 20_000
"""From so many lots on they are arranged in a thread."""
MOST_STILL = 1_000
"""Of so many lots the cells that no price changes are kept."""
NO_MATCH = ("", "No lot is like that.", "", "esc   shows all lots again", "/     changes what is asked for")


class LotRows(RowView):
    """Draws an arrangement of the lots. Prices are redrawn where they stand; rows change places only at rest."""

    class Rearranged(Message):
        """Rows were filtered, grouped or sorted anew."""

    def __init__(
        self, frame: Frame, *, choices: TableChoices = UNTOUCHED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(id="lots", clock=clock)
        self.wish = Wish(sorting=Sorting(choices.sort, choices.descending), group=choices.group)
        self.columns = tuple(BY_KEY[key] for key in choices.columns)
        """The columns the user chose; none means all that fit."""
        self.shows_all_columns = False
        self.nobody: tuple[str, ...] = ()
        """What to read where there is no lot at all."""
        self._frame = frame
        self.fading = Fading(clock) if choices.frames <= CALM_FRAMES else None
        self._signs: Mapping[LotId, str] = {}
        self._measures = measure(frame.portfolio)
        self._still: tuple[object, dict[int, list[list[Piece]]]] = (None, {})
        self._spans = PriceSpans()
        self._placed: tuple[Placed, ...] = ()
        self._sorted_at = float("-inf")
        self._sort_took = 0.0
        self.is_sort_pending = False
        """Whether prices moved since the rows were last put in order."""
        self._wish_number = 0
        self._worker: Worker[None] | None = None
        order = LotOrder(frame.portfolio.ledger.lots)
        if self._is_large:
            self._made = as_they_come(order, frame.portfolio)
        else:
            self._made = arrange(order, self.wish, frame.portfolio)
            self._sorted_at = self._clock()
        self._fit_groups()
        self._placed = self._laid_out(80)

    # What the screen asks.

    @property
    def row_count(self) -> int:
        """How many rows there are: lots that are seen, and lines of groups."""
        return len(self._made.rows)

    @property
    def content_width(self) -> int:
        """Cells of a whole row."""
        return width_of(self._placed)

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The columns on screen."""
        return self._placed

    @property
    def sorting(self) -> Sorting:
        """The column the rows are sorted by."""
        return self.wish.sorting

    @property
    def made(self) -> Arrangement:
        """The rows as they are on screen."""
        return self._made

    @property
    def portfolio(self) -> Portfolio:
        """The lots under the prices on screen."""
        return self._frame.portfolio

    def lot_at(self, row: int) -> Lot | None:
        """The lot in that row; None where there is none or a group stands there."""
        index = self._index_at(row)
        return None if index is None or index < 0 else self._made.order.lots[index]

    def group_at(self, row: int) -> str | None:
        """The name of the group whose line that row is."""
        index = self._index_at(row)
        return self._made.names[~index] if index is not None and index < 0 else None

    def _index_at(self, row: int) -> int | None:
        return self._made.rows[row] if 0 <= row < len(self._made.rows) else None

    @property
    def _is_large(self) -> bool:
        return len(self._frame.portfolio.ledger.lots) >= SLOW_SORT

    def on_mount(self) -> None:
        """Large portfolios come in ledger order first and are arranged beside the screen."""
        if self._is_large:
            self.resort()

    def show_signs(self, signs: Mapping[LotId, str]) -> None:
        """What stands in front of each marked lot, from now on."""
        if signs == self._signs:
            return
        changed = {lot_id for lot_id in {*signs, *self._signs} if signs.get(lot_id) != self._signs.get(lot_id)}
        self._signs = dict(signs)
        self._strips.clear()
        top = self.scroll_offset.y
        seen = range(top, min(self.row_count, top + self.view_rows))
        self.repaint_rows(row for row in seen if (lot := self.lot_at(row)) is not None and lot.lot_id in changed)

    # A new frame.

    def draw(self, frame: Frame) -> None:
        """Takes a frame and redraws only the lines whose price, age or day changed."""
        old, self._frame = self._frame, frame
        if frame.portfolio.ledger is not old.portfolio.ledger:
            # The lots of before stay on screen, under the new prices, until the new ones are arranged.
            self.resort()
        if frame.portfolio.tax_day != old.portfolio.tax_day:
            self.is_sort_pending = True
            self.forget()
        others = self._moved_positions(old, frame)
        if self.fading is not None:
            self._fade(self.fading, old.portfolio.quotes, others)
        if others:
            groups = self._follow(others)
            self._widen(others)
            self._repaint(others, groups)
            is_live = BY_KEY[self.sorting.column].is_live or self.wish.chosen.is_live
            self.is_sort_pending = self.is_sort_pending or is_live
        self._sort_when_idle()

    def _fade(self, fading: Fading, before: Mapping[PositionKey, Quote], others: set[int]) -> None:
        fading.note(before, self._frame.portfolio.quotes, others, self._made.order.positions)
        self._repaint(fading.step() - others, set())

    def _follow(self, others: set[int]) -> set[int]:
        """The groups on screen whose sums moved."""
        tally, portfolio = self._made.tally, self._frame.portfolio
        if self._made.names:
            return tally.take(portfolio, others)
        tally.follow(portfolio, others)
        return set()

    def _moved_positions(self, old: Frame, new: Frame) -> set[int]:
        before, after = old.portfolio.quotes, new.portfolio.quotes
        positions = self._made.order.positions
        found = set() if before is after else set(moved(before, after, positions))
        if old.stale is not new.stale:
            was, now = old.stale, new.stale
            found.update(number for number, key in enumerate(positions) if was.get(key) != now.get(key))
        return found

    def _repaint(self, others: set[int], groups: set[int]) -> None:
        if not others:
            return
        position_of, rows = self._made.order.position_of, self._made.rows

        def is_touched(row: int) -> bool:
            index = rows[row]
            return position_of[index] in others if index >= 0 else ~index in groups

        top = self.scroll_offset.y
        self._strips = {key: strip for key, strip in self._strips.items() if not is_touched(key[0])}
        self.repaint_rows(filter(is_touched, range(top, min(len(rows), top + self.view_rows))))

    def _widen(self, others: set[int]) -> None:
        portfolio, positions = self._frame.portfolio, self._made.order.positions
        keys = self._spans.further(portfolio, [positions[number] for number in others])
        before = self._measures
        needed = measure_prices(portfolio, keys) if keys else before
        if not before.covers(needed):
            self._measures = before.joined(needed)
        self._fit_groups()
        if self._measures != before:
            self.place()

    def _fit_groups(self) -> None:
        if self._made.names:
            needed = measure_subtotals(self._made.tally.groups, self._made.wish.group == "asset")
            self._measures = self._measures.joined(needed)

    def _laid_out(self, width: int) -> tuple[Placed, ...]:
        chosen: tuple[Column, ...] = COLUMNS if self.shows_all_columns else self.columns or COLUMNS
        return lay_out(width, self._measures, show_all=self.shows_all_columns, chosen=chosen)

    def place(self) -> None:
        """Lays the columns out anew."""
        self._placed = self._laid_out(self.scrollable_content_region.width)
        self.resize_content()

    def on_resize(self, event: events.Resize) -> None:
        """Other columns fit now."""
        self.place()

    def watch_show_vertical_scrollbar(self) -> None:
        """The bar takes a cell of the rows, or gives it back."""
        if self.is_mounted:
            self.call_after_refresh(self.place)

    # Arranging.

    def _sort_when_idle(self) -> None:
        now = self._clock()
        pause = max(IDLE_SECONDS, SORT_SHARE * self._sort_took)
        is_resting = now - self._moved_at >= IDLE_SECONDS and now - self._sorted_at >= pause
        if self.is_sort_pending and is_resting:
            self.resort()

    def wish_for(self, wish: Wish) -> None:
        """Arranges the rows so."""
        self.wish = wish
        self.refresh(self._header_region)
        self.resort()

    def resort(self) -> None:
        """Filters, groups and sorts; the cursor and what is in view stay on their lot.

        Until somebody has moved it, the cursor stays on the first row instead.
        """
        self._sorted_at = self._clock()
        self._wish_number += 1
        if not self._is_large:
            self._take(*_arranged(self._made.order, self.wish, self._frame.portfolio))
        elif self._worker is None or self._worker.is_finished:
            self._worker = self.run_worker(self._arrange_beside(), group="arrange")

    async def _arrange_beside(self) -> None:
        """Until the rows are those of the latest wish: what was asked meanwhile is done next, all but the last not."""
        number = -1
        while number != self._wish_number:
            number, began = self._wish_number, self._clock()
            made = await asyncio.to_thread(_arranged, self._made.order, self.wish, self._frame.portfolio)
            self._sort_took = self._clock() - began
            if number == self._wish_number:
                self._take(*made)

    def _take(self, made: Arrangement, measures: Measures | None) -> None:
        self.is_sort_pending = False
        old, has_moved = self._made, self._moved_at > float("-inf")
        held = self._held(made) if has_moved else None
        offset = self.cursor - self.scroll_offset.y
        self._made = made
        made.tally.take(self._frame.portfolio)
        if measures is not None:
            self._measures, self._spans = measures, PriceSpans()
        self._fit_groups()
        self.empty = NO_MATCH if made.order.lots else self.nobody
        self.post_message(self.Rearranged())
        if made.order is not old.order and self.fading is not None:
            self.fading.forget()
        is_same = made.order is old.order and made.names == old.names and made.rows == old.rows
        placed = self._laid_out(self.scrollable_content_region.width)
        if is_same and placed == self._placed:
            self.refresh(self._header_region)
            return
        self._placed = placed
        if held is not None:
            self.cursor = held
        elif has_moved and made.wish.chosen != old.wish.chosen:
            self.cursor = 0
        self.resize_content()
        top = self.scroll_offset.y
        if top or not 0 <= self.cursor < self.view_rows:
            self.scroll_to(y=max(0, self.cursor - offset), animate=False)
        self.reveal_cursor()

    def _held(self, made: Arrangement) -> int | None:
        """The new row of what is under the cursor: its own, else that of its group."""
        old, index = self._made, self._index_at(self.cursor)
        if index is None:
            return None
        if index < 0:
            return made.row_of(old.names[~index])
        if made.order is not old.order:
            wanted = old.order.lots[index].lot_id
            index = next((number for number, lot in enumerate(made.order.lots) if lot.lot_id == wanted), -1)
            if index < 0:
                return None
        try:
            return made.rows.index(index)
        except ValueError:
            return made.row_of(made.group_of(index, self._frame.portfolio))

    @property
    def _header_region(self) -> Region:
        return Region(0, 0, self.size.width, 1)

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

    def lot_row(self, index: int) -> LotRow:
        """One lot as it is drawn."""
        order, portfolio = self._made.order, self._frame.portfolio
        lot = order.lots[index]
        old = self._frame.stale.get(order.positions[order.position_of[index]], "")
        move = None if self.fading is None else self.fading.move_of(order.position_of[index])
        return LotRow(lot, portfolio.value_of(lot), portfolio.tax_day, old, move)

    def group_row(self, number: int) -> GroupRow:
        """One group as it is drawn."""
        made, name = self._made, self._made.names[number]
        is_stale = any(key in self._frame.stale for key in made.tally.positions_of(number))
        is_open = made.wish.shows_lots_of(name)
        return GroupRow(name, made.tally.groups[number], is_open, made.wish.group == "asset", is_stale)

    def row_pieces(self, row: int) -> list[Piece]:
        """The cells of one lot, or the line of a group."""
        index = self._made.rows[row]
        if index < 0:
            return group_pieces(self.group_row(~index), self._placed)
        drawn = self.lot_row(index)
        still = self._still_pieces(index, drawn)
        pieces: list[Piece] = [(self._signs.get(drawn.lot.lot_id, " "), "soon")]
        end = 1
        for place, kept in zip(self._placed, still, strict=True):
            pieces.append((" " * (place.x - end), "plain"))
            pieces += kept or CELLS[place.column.key](drawn, place)
            end = place.x + place.width
        return pieces

    def row_cells(self, row: int) -> int | None:
        """A lot takes the cells of its columns."""
        return self.content_width if self._made.rows[row] >= 0 else None

    def _still_pieces(self, index: int, drawn: LotRow) -> list[list[Piece]]:
        """What of a lot no price changes, by column; nothing for the columns that follow the price."""
        key = self._placed, drawn.tax_day, self._made.order
        if self._still[0] != key:
            self._still = key, {}
        known = self._still[1]
        if index not in known:
            if len(known) > MOST_STILL:
                known.clear()
            known[index] = [
                [] if place.column.is_live else CELLS[place.column.key](drawn, place) for place in self._placed
            ]
        return known[index]


def _arranged(order: LotOrder, wish: Wish, portfolio: Portfolio) -> tuple[Arrangement, Measures | None]:
    """The rows of the wish and, where the lots are not those of `order`, the room their figures need."""
    if order.lots is portfolio.ledger.lots:
        return arrange(order, wish, portfolio), None
    return arrange(LotOrder(portfolio.ledger.lots), wish, portfolio), measure(portfolio)
