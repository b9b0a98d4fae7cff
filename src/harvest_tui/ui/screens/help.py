"""What the keys do here, and what the signs mean."""

from __future__ import annotations

from textual.app import ComposeResult

from harvest_tui.ui.format import clip
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph

SIGNS = (
    ("▲ ▼ + −", "gain or loss at the latest price, before tax and fees"),
    ("● ◐", "marked for sale, whole or in part; + beside it: in the best set"),
    ("-", "unknown: no basis or no price; left out of the totals"),
    ("~0", "not zero, but too small for the column"),
    ("LT in 22d", "the lot turns long-term in 22 days"),
    ("4m", "beside a price: the price is that old, and dimmed"),
    ("● ◐ ◌ ○", "prices are live, polled, stale, offline"),
    ("↑ ↓", "the column the rows are sorted by; they re-sort after 3 s of rest, or on r"),
    ("Harvestable", "sum of unrealized losses, lots held one year or less / longer"),
)


class HelpScreen(LiveScreen):
    """The keys of the screen below, then the signs."""

    TITLE = "help"

    def __init__(self) -> None:
        super().__init__()
        self.place = ""
        self.keys: tuple[tuple[str, str], ...] = ()
        """Keys and what they do, of the screen help was asked on."""

    def compose(self) -> ComposeResult:
        """Title, lines, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="help-lines", header=((" Key           What it does here", "header"),))
        yield KeyBar(Key("esc", "back", "app.back"), Key("^p", "commands", "app.command_palette"))

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame."""
        self.query_one(".title-line", Paragraph).show(f"harvest › help: {self.place}")
        keys: list[Line] = [((" " + clip(key, 14), "soon"), (words, "plain")) for key, words in self.keys]
        signs: list[Line] = [((" " + clip(sign, 14), "title"), (words, "muted")) for sign, words in SIGNS]
        self.query_one(LineList).show([*keys, ((" ", "plain"),), *signs])
