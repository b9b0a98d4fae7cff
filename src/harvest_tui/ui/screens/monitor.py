"""The monitor: every lot with its result at the latest price."""

from __future__ import annotations

from textual.app import ComposeResult

from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.lot_table import LotTable
from harvest_tui.ui.widgets.status_header import StatusHeader
from harvest_tui.ui.widgets.sync_panel import SyncPanel

KEYS = (
    Key("?", "help", "app.help"),
    Key("s", "sync", "app.sync"),
    Key("enter", "lot", "app.open_lot"),
    Key("p", "problems", "app.open('problems')"),
    Key("c", "accounts", "app.open('accounts')"),
    Key("a", "add", "app.open('add_account')"),
    Key("q", "quit", "app.quit"),
    Key("< >", "sort", "app.sort_next"),
    Key("e", "explain", "app.explain"),
    Key("r", "re-sort", "app.resort"),
    Key("w", "all columns", "app.all_columns"),
    Key("i", "invert", "app.invert"),
    Key("^p", "commands", "app.command_palette"),
)
NO_ACCOUNT = (
    "",
    "No lots yet.",
    "",
    "a   connects an exchange with a key that can only read",
    "    harvest-tui import FILE   reads a ledger or an exchange's export",
    "    harvest-tui demo          shows a market, three accounts and their lots, all made up",
    "",
    "Nothing here can place an order.",
)
NOT_SYNCED = ("", "No lots yet: the first sync is under way, or brought none.", "", "s   syncs    p   problems")


class MonitorScreen(LiveScreen):
    """Header, lots, sync, keys. It is made with its first frame, so that lots are in the first paint."""

    TITLE = "lots"

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        table = LotTable(self._frame)
        table.empty = self._words_for_nobody(self._frame)
        yield StatusHeader(self._frame)
        yield table
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
        if table.empty != words:
            table.empty = words
            table.forget()
        table.draw(frame)
        self.query_one(StatusHeader).draw(frame)
        self.query_one(SyncPanel).draw(frame)
