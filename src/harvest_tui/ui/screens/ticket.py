"""The ticket: what to sell where, after it was written down. Nothing here can place an order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from harvest_tui.core.identification.marks import MarkedLot, Plan
from harvest_tui.core.identification.record import Record
from harvest_tui.core.identification.rule import IdentificationRule
from harvest_tui.errors import HarvestError
from harvest_tui.ui.format import clean, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.prompt_line import PromptLine

if TYPE_CHECKING:
    from harvest_tui.session.harvesting import Harvesting


class TicketScreen(LiveScreen):
    """The orders of one record as text: to read, to copy, or to keep as a file."""

    TITLE = "ticket"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy the ticket", id="ticket.copy"),
        Binding("w", "write", "Write the ticket into a file", id="ticket.write"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._words = ""
        self._text = ""

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(
            id="ticket-lines", header=((" Sell by hand, at the exchange; this program places no order", "header"),)
        )
        yield PromptLine()
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("y", "copy", "screen.copy"),
            Key("w", "write file", "screen.write"),
            Key("?", "help", "app.help"),
        )

    def take(self, record: Record, text: str) -> None:
        """Takes the ticket of a record."""
        self._number, self._text = record.number, text
        self._words = f"record {record.number} of {record.local_time[:16].replace('T', ' ')} {record.zone}"
        if self.is_mounted:
            self._show()

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame."""
        self._show()

    def _show(self) -> None:
        self.query_one(".title-line", Paragraph).show(f"harvest › ticket: {clean(self._words, 120)}")
        lines: list[Line] = [((" " + clean(line, 300), "plain"),) for line in self._text.rstrip("\n").split("\n")]
        self.query_one(LineList).show(lines)

    def action_copy(self) -> None:
        """Hands the text to the terminal's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(self._text)
        self._tell("Copied the ticket.")

    def action_write(self) -> None:
        """Asks for a name."""
        self.query_one(PromptLine).ask(
            "Write the ticket into which new file?", self._number, text=f"harvest-ticket-{self._number}.txt"
        )

    @on(PromptLine.Left)
    def _left(self) -> None:
        self.query_one(LineList).focus()

    @on(PromptLine.Answered)
    def _named(self, event: PromptLine.Answered) -> None:
        if event.text.strip():
            self._write(Path(event.text.strip()).expanduser())

    @work(group="ticket", exclusive=True, exit_on_error=False)
    async def _write(self, path: Path) -> None:
        from harvest_tui.session.harvesting import write_new

        prompt = self.query_one(PromptLine)
        try:
            await write_new(path, self._text.encode())
        except HarvestError as error:
            prompt.refuse(f"{error.happened}: {error.hint}")
            return
        prompt.close()
        self.query_one(LineList).focus()
        self._tell(f"Written: {path}")

    def _tell(self, words: str) -> None:
        self.app.notify(clean(words, 300), markup=False, timeout=6)


async def show_ticket(app: App[Any], harvesting: Harvesting, record: Record) -> None:
    """Opens the ticket of a record with the lots as they are today."""
    text = await harvesting.ticket_text(record.number)
    if not app.is_screen_installed("ticket"):
        app.install_screen(TicketScreen(), "ticket")
    screen = app.get_screen("ticket")
    if isinstance(screen, TicketScreen):
        screen.take(record, text)
        app.push_screen(screen)


def commit_words(plan: Plan, marked: Sequence[MarkedLot], rule: IdentificationRule | None) -> str:
    """What will be written down, and under which rule."""
    assets = sorted({one.mark.asset for one in marked})
    accounts = sorted({one.mark.account for one in marked})
    named = ", ".join(clean(asset, 12) for asset in assets[:6]) + (" ..." if len(assets) > 6 else "")
    where = ", ".join(clean(account, 16) for account in accounts[:4]) + (" ..." if len(accounts) > 4 else "")
    name = clean(plan.name, 40)
    named_plan = name if name.lower().startswith("plan") else f"plan {name}"
    words = f"Write down {named_plan}: {count(len(marked), 'lot')} of {named} in {where}, for good."
    return words if rule is None else f"{words} {rule.words}"
