"""What the app does for the lot table: its commands, copies, columns, what is remembered, and figures as dots."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType

from harvest_tui.errors import HarvestError
from harvest_tui.table_settings import TableChoices
from harvest_tui.ui.format import count
from harvest_tui.ui.looks import Looks
from harvest_tui.ui.screens.monitor import MonitorScreen
from harvest_tui.ui.table_memory import TableMemory
from harvest_tui.ui.widgets.lot_table import SORT_CHOICES, LotTable

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from harvest_tui.ui.screens.columns import ColumnsScreen

REMEMBER_SECONDS = 0.5
"""Choices are written when none followed for so long."""


class TableActions(App[None]):
    """The part of the app that serves the monitor's table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("H", "hide_figures", "Hide every figure, or show them again", id="app.hide_figures"),
    ]

    memory: TableMemory | None = None
    """Where choices are kept; without it they last as long as the app."""
    _are_figures_hidden = False
    _to_remember: TableChoices | None = None
    _figures: LineFilter | None = None
    _plain: LineFilter | None = None
    looks = Looks()
    """What the terminal at hand can show."""

    @property
    def table(self) -> LotTable:
        """The lots of the monitor."""
        monitor = self.screen_stack[0]
        assert isinstance(monitor, MonitorScreen)
        return monitor.table

    def action_open_lot(self) -> None:
        """Shows the lot under the cursor."""
        self.table.action_choose()

    def action_sort_next(self) -> None:
        """Sorts by the next column."""
        self.table.action_sort_by(1)

    async def action_table(self, name: str) -> None:
        """Does what a key of the table does."""
        await self.table.run_action(name)

    def table_commands(self) -> Iterable[SystemCommand]:
        """Every action of the table by name."""
        table = self.table
        yield SystemCommand("Lot", "Every digit of the lot under the cursor (enter)", table.action_choose)
        yield SystemCommand("Filter lots", "As you type: btc short loss>500 days<30 (/)", table.action_filter)
        yield SystemCommand("Clear filter", "Show all lots (esc)", partial(table.filter_by, ""))
        yield SystemCommand("Group by asset", "Subtotals of each asset (g)", partial(table.group_by, "asset"))
        yield SystemCommand("Group by account", "Subtotals of each account (g)", partial(table.group_by, "account"))
        yield SystemCommand("Group by term", "Subtotals of short and long (g)", partial(table.group_by, "term"))
        yield SystemCommand("Do not group", "Lots without subtotals (g)", partial(table.group_by, ""))
        yield SystemCommand("Fold group", "Show its subtotal only (-)", partial(table.action_fold, True))
        yield SystemCommand("Unfold group", "Show its lots (+)", partial(table.action_fold, False))
        yield SystemCommand("Fold or unfold all", "Every group (*)", table.action_fold_all)
        yield SystemCommand("Find lot", "The next one whose asset begins so (f)", table.action_find)
        yield SystemCommand("Find again", "The next lot of the same letters (;)", table.action_find_again)
        yield SystemCommand("Re-sort", "Put the rows in order now (r)", table.resort)
        yield SystemCommand("Invert order", "Turn the order round (i)", table.action_invert)
        yield SystemCommand("All columns", "Show every column, or those that fit (w)", table.action_all_columns)
        yield SystemCommand("Choose columns", "Which, and in which order (W)", table.action_choose_columns)
        yield SystemCommand("Copy row", "The lot under the cursor (y)", table.action_copy_row)
        yield SystemCommand("Copy table", "The lots that are seen, for a spreadsheet (Y)", table.action_copy_table)
        yield SystemCommand("Copy cell", "The figure of the sorted column (^y)", table.action_copy_cell)
        for column, title in SORT_CHOICES:
            yield SystemCommand(f"Sort by {title}", "Order the lots by it (< >)", partial(table.sort_by, column))
        yield SystemCommand("Hide figures", "Dots for every figure, to share the screen (H)", self.action_hide_figures)

    # Columns.

    def on_lot_table_columns_asked(self) -> None:
        """Opens the choice of columns."""
        from harvest_tui.ui.screens.columns import ColumnsScreen

        screen = self.get_screen("columns")
        if isinstance(screen, ColumnsScreen):
            screen.take(self.table.choices.columns)
            self.push_screen(screen)

    def on_columns_screen_chosen(self, event: ColumnsScreen.Chosen) -> None:
        """Shows them at once."""
        self.table.show_columns(event.columns)

    # What is remembered.

    def on_lot_table_chose(self, event: LotTable.Chose) -> None:
        """Keeps the choice once no other follows."""
        if self.memory is not None:
            is_waiting = self._to_remember is not None
            self._to_remember = event.choices
            if not is_waiting:
                self.set_timer(REMEMBER_SECONDS, self._remember, name="remember")

    @work(group="remember", exit_on_error=False)
    async def _remember(self) -> None:
        memory, choices, self._to_remember = self.memory, self._to_remember, None
        if memory is not None and choices is not None:
            try:
                await asyncio.to_thread(memory.keep, choices)
            except HarvestError:
                self.memory = None
                raise

    def remember_now(self) -> None:
        """Writes what has not been written yet: the app ends."""
        if self.memory is not None and self._to_remember is not None:
            with suppress(HarvestError):
                self.memory.keep(self._to_remember)
            self._to_remember = None

    # Copies.

    def on_lot_table_copy_asked(self, event: LotTable.CopyAsked) -> None:
        """Hands the text to the terminal's clipboard (OSC 52)."""
        if self._are_figures_hidden:
            self.notify("Figures are hidden: H shows them, then they can be copied.", markup=False, timeout=4)
        else:
            self._copy(event.what)

    @work(group="copy", exclusive=True)
    async def _copy(self, what: str) -> None:
        text = await asyncio.to_thread(self.table.copied, what)
        if text is None:
            words = "That is more than a clipboard takes: filter first with /, or write a file with harvest-tui lots."
        elif not text:
            words = "There is nothing to copy."
        else:
            self.copy_to_clipboard(text)
            lines = text.count("\n") - 1
            words = f"Copied {count(lines, 'row')}." if what == "table" else f"Copied the {what}."
        self.notify(words, markup=False, timeout=4)

    # Figures as dots.

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, and ours over everything that is drawn: dots while figures are hidden, ASCII last."""
        filters = list(super().get_line_filters())
        if self._are_figures_hidden:
            if self._figures is None:
                from harvest_tui.ui.figure_filter import FigureFilter

                self._figures = FigureFilter()
            filters.append(self._figures)
        if self.looks.is_ascii:
            if self._plain is None:
                from harvest_tui.ui.plain_glyphs import PlainGlyphs

                self._plain = PlainGlyphs()
            filters.append(self._plain)
        return filters

    def action_hide_figures(self) -> None:
        """Puts dots for every figure on every screen, or takes them away."""
        self._are_figures_hidden = not self._are_figures_hidden
        for screen in self.screen_stack:
            for widget in screen.walk_children(with_self=True):
                widget.refresh()
