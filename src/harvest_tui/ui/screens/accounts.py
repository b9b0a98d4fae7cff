"""The accounts: what each key may do, and how its last sync went."""

from __future__ import annotations

from textual.app import ComposeResult

from harvest_tui.core.records import Account
from harvest_tui.session import SyncPhase
from harvest_tui.ui.format import ago, clean, clip, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.row_view import RowView

HEADER: Line = (
    (" " + clip("Account", 15), "header"),
    (clip("Exchange", 10), "header"),
    (clip("Key may", 10), "header"),
    (clip("Lot order", 10), "header"),
    ("  Lots  ", "header"),
    (clip("Last sync", 11), "header"),
    ("State", "header"),
)
NO_ACCOUNT = (
    "",
    "No account yet.",
    "",
    "a   connects an exchange with a key that can only read",
    "    harvest-tui import FILE   reads a ledger or Koinly's universal file",
)
_RIGHTS = {"read": "read only", "trade": "TRADE", "withdraw": "WITHDRAW", "unknown": "unknown"}
_LOUD = {"TRADE", "WITHDRAW"}


class AccountsScreen(LiveScreen):
    """One line an account; enter syncs it."""

    TITLE = "accounts"

    def compose(self) -> ComposeResult:
        """Title, list, what the state means, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="account-list", header=HEADER)
        yield Paragraph(classes="detail")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("a", "add", "app.open('add_account')"),
            Key("enter", "sync this one", "app.sync_chosen"),
            Key("s", "sync all", "app.sync"),
            Key("S", "stop", "app.stop_sync"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    def draw(self, frame: Frame) -> None:
        """Takes the accounts of the frame."""
        self.query_one(".title-line", Paragraph).show(f"harvest › {count(len(frame.accounts), 'account')}")
        lots: dict[str, int] = {}
        for (account, _), position in frame.portfolio.positions.items():
            lots[account] = lots.get(account, 0) + position.lot_count
        self.query_one(LineList).show(
            [_line(account, lots.get(account.account, 0), frame) for account in frame.accounts],
            empty=NO_ACCOUNT,
        )
        self._tell()

    def chosen(self) -> Account | None:
        """The account under the cursor."""
        accounts = self.owner.frame.accounts
        row = self.query_one(LineList).cursor
        return accounts[row] if row < len(accounts) else None

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the state of the next account in full."""
        self._tell()

    async def on_row_view_chosen(self, _: RowView.Chosen) -> None:
        """Syncs the account."""
        await self.run_action("app.sync_chosen")

    def _tell(self) -> None:
        account = self.chosen()
        state = None if account is None else self.owner.frame.sync_states.get(account.account)
        detail = self.query_one(".detail", Paragraph)
        detail.display = state is not None and bool(state.message)
        if state is not None:
            detail.show(clean(state.message, 600))


def _line(account: Account, lots: int, frame: Frame) -> Line:
    state = frame.sync_states.get(account.account)
    may = _RIGHTS.get(account.rights, "unknown") if account.exchange else "-"
    words, role = "imported", "muted"
    if state is not None:
        words = state.phase.value if not state.rows else f"{state.phase.value}, {state.rows:,} rows"
        role = {SyncPhase.DONE: "gain", SyncPhase.FAILED: "loss", SyncPhase.NEEDS_KEY: "loss"}.get(state.phase, "soon")
    finished = state.finished_at if state is not None else None
    return (
        (" " + clip(clean(account.account), 14) + " ", "title"),
        (clip(clean(account.exchange) or "file", 9) + " ", "plain"),
        (clip(may, 10), "loss" if may in _LOUD else "soon" if may == "unknown" else "plain"),
        (clip(clean(account.lot_order).upper(), 9) + " ", "muted"),
        (f"{lots:,}".rjust(6) + "  ", "plain"),
        (clip(ago(finished, frame.now) if account.exchange else "-", 11), "muted"),
        (words, role),
    )
