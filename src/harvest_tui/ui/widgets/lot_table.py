"""The lot table: what its keys do."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.table_settings import GROUPINGS, TableChoices
from harvest_tui.ui.widgets.lot_columns import BY_KEY, COLUMNS
from harvest_tui.ui.widgets.lot_filter import LotFilter, parse_filter
from harvest_tui.ui.widgets.lot_jump import LotJump
from harvest_tui.ui.widgets.lot_order import Sorting
from harvest_tui.ui.widgets.lot_rows import IDLE_SECONDS, SLOW_SORT, LotRows
from harvest_tui.ui.widgets.lot_sums import Subtotal

__all__ = ["IDLE_SECONDS", "SLOW_SORT", "SORT_CHOICES", "LotTable", "Summary"]


class Summary(NamedTuple):
    """What is seen of the lots, for the line below the table."""

    chosen: LotFilter
    group: str
    groups: int
    lots: int
    seen: Subtotal
    is_sort_pending: bool
    jump: str | None
    has_jumped: bool


class LotTable(LotRows):
    """Lots under a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter as you type: btc short loss>500 days<30", key_display="/", id="lots.filter"),
        Binding("escape", "clear", "Clear the filter", key_display="esc", id="lots.clear"),
        Binding("g", "group_next", "Group by asset, account, term, not at all", id="lots.group"),
        Binding("plus,equals_sign", "fold(False)", "Unfold the group", key_display="+", id="lots.unfold"),
        Binding("minus", "fold(True)", "Fold the group", key_display="-", id="lots.fold"),
        Binding("asterisk", "fold_all", "Unfold or fold every group", key_display="*", id="lots.fold_all"),
        Binding("f", "find", "Find: next lot whose asset begins with the letters typed", id="lots.find"),
        Binding("semicolon", "find_again", "Next lot of the same letters", key_display=";", id="lots.find_again"),
        Binding("r", "resort", "Sort now", id="lots.resort"),
        Binding("less_than_sign", "sort_by(-1)", "Sort by the column before", key_display="<", id="lots.sort_left"),
        Binding("greater_than_sign", "sort_by(1)", "Sort by the next column", key_display=">", id="lots.sort_right"),
        Binding("i", "invert", "Turn the order round", id="lots.invert"),
        Binding("w", "all_columns", "All columns or those that fit", id="lots.columns"),
        Binding("W", "choose_columns", "Choose columns", id="lots.choose_columns"),
        Binding("y", "copy_row", "Copy the row", id="lots.copy_row"),
        Binding("Y", "copy_table", "Copy the table, for a spreadsheet", id="lots.copy_table"),
        Binding("ctrl+y", "copy_cell", "Copy the figure of the sorted column", id="lots.copy_cell"),
    ]

    class Opened(Message):
        """A lot was chosen."""

        def __init__(self, lot: Lot) -> None:
            super().__init__()
            self.lot = lot

    class FilterAsked(Message):
        """The user wants to type a filter."""

    class ColumnsAsked(Message):
        """The user wants to choose columns."""

    class Jumped(Message):
        """Letters were typed to find a lot, or no longer are."""

    class Chose(Message):
        """The user chose columns, order or grouping: to be remembered."""

        def __init__(self, choices: TableChoices) -> None:
            super().__init__()
            self.choices = choices

    class CopyAsked(Message):
        """Something is to go to the clipboard: `cell`, `row` or `table`."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    _jump = LotJump()
    _is_finding = False

    @property
    def summary(self) -> Summary:
        """What is seen at this instant."""
        made = self.made
        return Summary(
            chosen=self.wish.chosen,
            group=self.wish.group,
            groups=len(made.names),
            lots=len(made.order.lots),
            seen=made.tally.total,
            is_sort_pending=self.is_sort_pending,
            jump=self._jump.letters if self._is_finding else None,
            has_jumped=self._jump.is_found,
        )

    @property
    def order(self) -> object:
        """The lots and groups as they are arranged."""
        made = self.made
        return made.order, made.names, made.rows

    @property
    def choices(self) -> TableChoices:
        """What is remembered of it."""
        sorting = self.sorting
        columns = tuple(column.key for column in self.columns)
        return TableChoices(columns, sorting.column, sorting.descending, self.wish.group)

    # Order.

    def sort_by(self, column: str, descending: bool | None = None) -> None:
        """Sorts by a column; the same column again turns the order round."""
        if descending is None:
            descending = not self.sorting.descending if column == self.sorting.column else False
        self.wish_for(self.wish._replace(sorting=Sorting(column, descending)))
        self.post_message(self.Chose(self.choices))

    def action_resort(self) -> None:
        """Sorts now."""
        self.resort()

    def action_sort_by(self, step: int) -> None:
        """Sorts by the next column on screen."""
        keys = [place.column.key for place in self.placed]
        here = keys.index(self.sorting.column) if self.sorting.column in keys else -1
        self.sort_by(keys[(here + step) % len(keys)], False)

    def action_invert(self) -> None:
        """Turns the order round."""
        self.sort_by(self.sorting.column)

    def header_clicked(self, x: int) -> None:
        """Sorts by the column that was clicked."""
        for place in self.placed:
            if place.x <= x <= place.x + place.width:
                self.sort_by(place.column.key)

    # Filter.

    def action_filter(self) -> None:
        """Asks for a line to type in."""
        self.post_message(self.FilterAsked())

    def filter_by(self, text: str) -> None:
        """Shows the lots that are as the text says."""
        chosen = parse_filter(text)
        if chosen != self.wish.chosen:
            self.wish_for(self.wish._replace(chosen=chosen))

    def action_clear(self) -> None:
        """Shows all lots again; where they are shown, the key is somebody else's."""
        if not self.wish.chosen.text:
            raise SkipAction
        self.filter_by("")

    # Groups.

    def group_by(self, group: str) -> None:
        """Groups by `asset`, `account` or `term`, folded at first; an empty name ends it."""
        self.wish_for(self.wish._replace(group=group, opened=frozenset(), opens_all=False))
        self.post_message(self.Chose(self.choices))

    def action_group_next(self) -> None:
        """The next way to group."""
        ways = ("", *GROUPINGS)
        self.group_by(ways[(ways.index(self.wish.group) + 1) % len(ways)])

    def action_fold(self, is_folded: bool) -> None:
        """Folds or unfolds the group one is in."""
        name = self._group_here()
        if name is not None and self.wish.shows_lots_of(name) is is_folded:
            self._turn(name)

    def _turn(self, name: str) -> None:
        self.note_move()
        self.wish_for(self.wish._replace(opened=self.wish.opened ^ {name}))

    def action_fold_all(self) -> None:
        """Unfolds every group, or folds them where one is unfolded."""
        if self.made.names:
            is_open = any(map(self.wish.shows_lots_of, self.made.names))
            self.note_move()
            self.wish_for(self.wish._replace(opened=frozenset(), opens_all=not is_open))

    def _group_here(self) -> str | None:
        if not self.made.names or not self.row_count:
            return None
        index = self.made.rows[self.cursor]
        return self.made.names[~index] if index < 0 else self.made.group_of(index, self.portfolio)

    def action_choose(self) -> None:
        """Opens the lot under the cursor; folds or unfolds a group."""
        lot, group = self.lot_at(self.cursor), self.group_at(self.cursor)
        if lot is not None:
            self.post_message(self.Opened(lot))
        elif group is not None:
            self._turn(group)

    # Columns.

    def action_all_columns(self) -> None:
        """Shows every column (left and right scroll) or only those that fit."""
        self.shows_all_columns = not self.shows_all_columns
        self.scroll_to(x=0, animate=False)
        self.place()

    def action_choose_columns(self) -> None:
        """Asks for the columns."""
        self.post_message(self.ColumnsAsked())

    def show_columns(self, keys: tuple[str, ...]) -> None:
        """Shows these columns as far as they fit; without any, all that fit."""
        self.columns = tuple(BY_KEY[key] for key in keys)
        self.shows_all_columns = False
        self.scroll_to(x=0, animate=False)
        self.place()
        self.post_message(self.Chose(self.choices))

    # Finding.

    def action_find(self) -> None:
        """The letters that follow are those an asset begins with."""
        self._jump = LotJump()
        self._set_finding(True)

    def action_find_again(self) -> None:
        """The next lot of the same letters."""
        self._find(self._jump, self.cursor + 1)

    def _find(self, jump: LotJump, start: int) -> None:
        found = jump.row_from(start, self.made)
        self._jump = jump._replace(is_found=found is not None)
        if found is not None:
            self.note_move()
            self.move_to(found)

    def _set_finding(self, is_finding: bool) -> None:
        if self._is_finding or is_finding:
            self._is_finding = is_finding
            self.post_message(self.Jumped())

    @property
    def takes_letters(self) -> bool:
        """As for every list, and while a lot is looked for."""
        return self._is_finding or super().takes_letters

    async def on_key(self, event: events.Key) -> None:
        """While letters are asked for, those that are typed are no commands."""
        if not self._is_finding:
            return
        letter = event.character if event.is_printable else None
        if letter and letter != " ":
            self._find(LotJump(self._jump.letters + letter), self.cursor + (not self._jump.letters))
        elif event.key == "backspace":
            self._find(LotJump(self._jump.letters[:-1]), self.cursor)
        self._set_finding(bool(letter and letter != " ") or event.key == "backspace")
        if self._is_finding or event.key in {"escape", "enter", "space"}:
            event.stop()
            event.prevent_default()

    def on_blur(self) -> None:
        """Letters typed elsewhere find nothing here."""
        super().on_blur()
        self._set_finding(False)

    # Copies.

    def action_copy_cell(self) -> None:
        """The figure under the cursor in the sorted column."""
        self.post_message(self.CopyAsked("cell"))

    def action_copy_row(self) -> None:
        """The row under the cursor."""
        self.post_message(self.CopyAsked("row"))

    def action_copy_table(self) -> None:
        """Every lot that is seen."""
        self.post_message(self.CopyAsked("table"))

    def copied(self, what: str) -> str | None:
        """The text of a `cell`, a `row` or the `table` for the clipboard; None where it is too much for one.

        The table is the lots that are in rows, with titles; of lines of groups where there are no lots.
        """
        from harvest_tui.ui.widgets.lot_copy import group_line, guarded, lot_cell, lot_line, table_text

        columns, rows, column = self.columns or COLUMNS, self.made.rows, self.sorting.column
        if what == "table":
            lots = [index for index in rows if index >= 0]
            return table_text(columns, map(self.lot_row, lots)) if lots else self._groups_text()
        if not rows:
            return ""
        index = rows[self.cursor]
        if index < 0:
            group = self.group_row(~index)
            figure = group_line(group, (columns[0], BY_KEY[column])).split("\t")[-1]
            return group_line(group, columns) if what == "row" else figure or guarded(group.name)
        drawn = self.lot_row(index)
        return lot_line(drawn, columns) if what == "row" else lot_cell(drawn, column)

    def _groups_text(self) -> str:
        from harvest_tui.ui.widgets.lot_copy import group_line, titles

        columns = (BY_KEY.get(self.wish.group, COLUMNS[0]), *(column for column in COLUMNS if column.is_number))
        lines = [group_line(self.group_row(~index), columns) for index in self.made.rows]
        return "\n".join([titles(columns), *lines]) + "\n"


SORT_CHOICES = tuple((column.key, column.title) for column in COLUMNS)
