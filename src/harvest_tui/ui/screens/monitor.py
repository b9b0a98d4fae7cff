"""The monitor: every lot with its result at the latest price."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from harvest_tui.table_settings import UNTOUCHED, TableChoices
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.planning import PlanningScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.lot_bar import LotBar
from harvest_tui.ui.widgets.lot_table import LotTable
from harvest_tui.ui.widgets.status_header import StatusHeader
from harvest_tui.ui.widgets.sync_panel import SyncPanel

KEYS = (
    Key("?", "help", "app.help"),
    Key("s", "sync", "app.sync"),
    Key("/", "filter", "app.table('filter')"),
    Key("g", "group", "app.table('group_next')"),
    Key("enter", "lot", "app.open_lot"),
    Key("p", "planner", "screen.planner"),
    Key("space", "mark", "screen.mark"),
    Key("v", "charts", "app.charts"),
    Key("!", "problems", "app.open('problems')"),
    Key("c", "accounts", "app.open('accounts')"),
    Key("a", "add", "app.open('add_account')"),
    Key("q", "quit", "app.quit"),
    Key("< >", "sort", "app.sort_next"),
    Key("e", "explain", "app.explain"),
    Key("f", "find", "app.table('find')"),
    Key("r", "re-sort", "app.table('resort')"),
    Key("w", "all columns", "app.table('all_columns')"),
    Key("i", "invert", "app.table('invert')"),
    Key("H", "hide figures", "app.hide_figures"),
    Key("S", "stop sync", "app.stop_sync"),
    Key("^p", "commands", "app.command_palette"),
)
NO_ACCOUNT = (
    "",
    "No lots yet.",
    "",
    "a   connects an exchange with a key that can only read",
    "    harvest-tui import FILE   reads a ledger or Koinly's universal file",
    "    harvest-tui demo          shows a simulated market, three accounts and their lots",
    "",
    "Nothing here can place an order.",
)
NOT_SYNCED = ("", "No lots yet: the first sync is under way, or brought none.", "", "s   syncs    !   problems")


class Room(Container):
    """Holds what covers it whole, so nothing of its own is ever drawn."""

    BLANK = True


class MonitorScreen(PlanningScreen):
    """Header, lots, sync, keys. It is made with its first frame, so that lots are in the first paint."""

    TITLE = "lots"
    BLANK = True

    def __init__(self, frame: Frame, choices: TableChoices = UNTOUCHED) -> None:
        super().__init__()
        self._frame = frame
        self._choices = choices
        self._beat = -1

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        table = LotTable(self._frame, choices=self._choices)
        table.nobody = table.empty = self._words_for_nobody(self._frame)
        yield StatusHeader(self._frame)
        with Room(id="body"), Room(id="lots-side"):
            yield table
            yield LotBar(table.summary)
        yield SyncPanel(self._frame)
        yield KeyBar(*KEYS)

    @staticmethod
    def _words_for_nobody(frame: Frame) -> tuple[str, ...]:
        return NOT_SYNCED if frame.accounts else NO_ACCOUNT

    @property
    def table(self) -> LotTable:
        """The lots."""
        return self.query_one(LotTable)

    def draw(self, frame: Frame) -> None:
        """Hands the frame to each pane."""
        if frame is self._frame:
            return
        self._frame = frame
        table = self.table
        words = self._words_for_nobody(frame)
        if table.nobody != words:
            is_shown = table.empty == table.nobody
            table.nobody = words
            if is_shown:
                table.empty = words
                table.forget()
        table.draw(frame)
        if frame.beat == self._beat:
            return
        self._beat = frame.beat
        if (bar := self._bar).display:
            bar.draw(table.summary)
        self.query_one(StatusHeader).draw(frame)
        self.query_one(SyncPanel).draw(frame)
        self.draw_planning(frame)

    # The line below the table.

    @property
    def _bar(self) -> LotBar:
        return self.query_one(LotBar)

    def on_lot_rows_rearranged(self) -> None:
        """Other lots are seen, or in other groups."""
        self._bar.draw(self.table.summary)

    def on_lot_table_jumped(self) -> None:
        """Letters are shown as they are typed."""
        self._bar.draw(self.table.summary)

    async def on_lot_table_filter_asked(self) -> None:
        """Opens the field."""
        await self._bar.ask()

    def on_lot_bar_typed(self, event: LotBar.Typed) -> None:
        """Filters as the user types."""
        self.table.filter_by(event.text)
        self._bar.draw(self.table.summary)

    def on_lot_bar_left(self) -> None:
        """Back to the lots."""
        self.table.focus()
