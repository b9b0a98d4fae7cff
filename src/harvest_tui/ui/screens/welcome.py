"""The first run: three questions, each of which may be skipped. It never asks again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import DescendantFocus
from textual.widgets import Input, OptionList

from harvest_tui.core.tax.answers import Kind, read_answer
from harvest_tui.core.tax.questions import BY_FIELD
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session.importing import Looked
from harvest_tui.settings import check_timezone, system_timezone
from harvest_tui.settings_file import Place, Value
from harvest_tui.ui.format import clean
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.deciding import words_of
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.prompt_line import PromptLine

STATUSES = {
    FilingStatus.SINGLE: "single",
    FilingStatus.MARRIED_JOINT: "married, filing jointly",
    FilingStatus.MARRIED_SEPARATE: "married, filing separately",
    FilingStatus.HEAD_OF_HOUSEHOLD: "head of household",
    FilingStatus.QUALIFYING_SURVIVING_SPOUSE: "qualifying surviving spouse",
}
SOURCES = {
    "exchange": "from an exchange, with a key that can only read",
    "file": "from a file: a ledger or Koinly's universal file",
    "demo": "from nowhere yet: look at the demo first",
    "later": "later",
}
_SHOWN = 4
"""Complaints about a file that fit on the screen."""
_WHY = {
    "status": BY_FIELD["status"].why,
    "wages": f"{BY_FIELD['wages'].why} Roughly will do.",
    "timezone": "Days, terms and tax years are read in it: a sale late on 31 December can fall into another year.",
    "source": "Trades are only read. Nothing here can place an order or move a coin.",
    "prompt-field": "enter looks at the file and says what it would bring; enter again reads it. All of it or nothing.",
}
INTRO = (
    "Everything stays on this machine. Three questions; enter keeps an answer, tab goes past one, esc leaves at once. "
    "8 changes every answer later."
)
_MARK = "✓ "


class WelcomeScreen(LiveScreen):
    """One form. An answer is kept as soon as it is given; leaving in any way but quitting is the end of it."""

    TITLE = "welcome"
    CSS_PATH = "../styles/welcome.tcss"
    AUTO_FOCUS = "#status"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave, and never ask again", key_display="esc", id="welcome.leave")
    ]

    def __init__(self) -> None:
        super().__init__()
        self._keeping = asyncio.Lock()
        self._kept: dict[str, str] = {}
        self._looked: Path | None = None

    def compose(self) -> ComposeResult:
        """Title, questions, why the one under the cursor is asked, what came of it, keys."""
        yield Paragraph("harvest › welcome", classes="title-line")
        with VerticalScroll(id="form", can_focus=False):
            yield Paragraph(INTRO, id="intro")
            with Horizontal(classes="field"):
                yield Paragraph("you file as", classes="label")
                yield OptionList(*STATUSES.values(), id="status", markup=False, compact=True)
            with Horizontal(classes="field"):
                yield Paragraph("wages this year", classes="label")
                yield Input(id="wages", placeholder="US dollars before deductions, like 120000", compact=True)
            with Horizontal(classes="field"):
                yield Paragraph("time zone", classes="label")
                yield Input(system_timezone(), id="timezone", placeholder="like America/New_York", compact=True)
            with Horizontal(classes="field"):
                yield Paragraph("your trades come", classes="label")
                yield OptionList(*SOURCES.values(), id="source", markup=False, compact=True)
        yield Paragraph(id="result", classes="message")
        yield PromptLine()
        yield Paragraph(classes="detail")
        yield KeyBar(
            Key("esc", "leave", "screen.leave"),
            Key("enter", "keep", "screen.enter"),
            Key("tab", "next question", "app.focus_next"),
            Key("q", "quit", "app.quit"),
        )

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame."""

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Says why the question under the cursor is asked."""
        self.query_one(".detail", Paragraph).show(_WHY.get(event.widget.id or "", ""))

    # Answers.

    @on(OptionList.OptionSelected, "#status")
    def _status_chosen(self, event: OptionList.OptionSelected) -> None:
        chosen = list(STATUSES)[event.option_index]
        for index, (status, words) in enumerate(STATUSES.items()):
            event.option_list.replace_option_prompt_at_index(index, (_MARK if status is chosen else "") + words)
        self._keep("status", ("profile", "status"), chosen.value)
        self.query_one("#wages").focus()

    @on(Input.Submitted, "#wages,#timezone")
    def _typed(self, event: Input.Submitted) -> None:
        if self._take(event.input):
            self.focus_next()

    @on(Input.Blurred, "#wages,#timezone")
    def _passed(self, event: Input.Blurred) -> None:
        if _is_answered(event.input):
            self._take(event.input)

    async def action_enter(self) -> None:
        """As the key, for the mouse."""
        if isinstance(self.focused, Input):
            await self.focused.action_submit()
        elif isinstance(self.focused, OptionList):
            self.focused.action_select()

    def _take(self, field: Input) -> bool:
        """Keeps what is typed; False where it is no answer."""
        name, text = field.id or "", field.value.strip()
        if not text or self._kept.get(name) == text:
            return True
        place: Place
        value: Value
        try:
            if name == "timezone":
                check_timezone(text)
                place, value = ("timezone",), text
            else:
                read = read_answer(Kind.MONEY, text)
                assert not isinstance(read, FilingStatus)
                place, value = ("profile", "wages"), read
        except InputError as error:
            self._say(words_of(error), "bad")
            return False
        self._kept[name] = text
        self._keep(name, place, value)
        return True

    @work(group="welcome", exit_on_error=False)
    async def _keep(self, name: str, place: Place, value: Value) -> None:
        try:
            async with self._keeping:
                await self.owner.session.profile_watch.keep(place, value)
        except HarvestError as error:
            self._kept.pop(name, None)
            self._say(words_of(error), "bad")
        else:
            self._say(f"Kept: {name}.", "good")

    # Where trades come from.

    @on(OptionList.OptionSelected, "#source")
    async def _source_chosen(self, event: OptionList.OptionSelected) -> None:
        match list(SOURCES)[event.option_index]:
            case "exchange":
                await self.action_leave()
                await self.run_action("app.open('add_account')")
            case "file":
                self._say("", "")
                self.query_one(PromptLine).ask("Which file? It is looked at first.", None, hint="path of a CSV file")
            case "demo":
                self._say("Press q, then type: harvest-tui demo. It keeps nothing, and this home stays as it is.", "")
            case _:
                await self.action_leave()

    @on(PromptLine.Left)
    def _no_file(self) -> None:
        self._say("", "")
        self.query_one("#source").focus()

    @on(PromptLine.Answered)
    def _file_named(self, event: PromptLine.Answered) -> None:
        text = event.text.strip().strip("'\"")
        if not text:
            self._say("Type the path of a file.", "bad")
            return
        path = Path(text).expanduser()
        if self._looked == path:
            self._import(path)
        else:
            self._say("Looking at the file…", "")
            self._look(path)

    @work(group="file", exclusive=True, exit_on_error=False)
    async def _look(self, path: Path) -> None:
        try:
            looked = await self.owner.session.importing.look(path)
        except HarvestError as error:
            self._say(words_of(error), "bad")
            return
        if looked.refused:
            self._say("\n".join(_troubles(looked)), "bad")
        elif not looked.new:
            self._say(f"{looked.words(is_kept=False)}. There is nothing to read in it.", "")
        else:
            self._looked = path
            self._say(f"{looked.words(is_kept=False)}. enter reads them.", "good")

    @work(group="file", exclusive=True, exit_on_error=False)
    async def _import(self, path: Path) -> None:
        self._looked = None
        self._say("Reading the file…", "")
        try:
            kept = await self.owner.session.importing.take(path)
        except HarvestError as error:
            self._say(words_of(error), "bad")
            return
        self.app.notify(clean(kept.words(is_kept=True), 300), markup=False, timeout=8)
        await self.action_leave()

    # The end of it.

    async def action_leave(self) -> None:
        """Keeps what is typed as far as it is an answer, and that nobody need ask again."""
        field = self.focused
        is_question = isinstance(field, Input) and field.id in ("wages", "timezone")
        if isinstance(field, Input) and is_question and _is_answered(field) and not self._take(field):
            self.app.notify(clean(f"Not kept: {field.value}", 300), severity="warning", markup=False, timeout=8)
        self._keep("welcomed", ("welcomed",), True)
        if self.is_current:
            self.app.pop_screen()

    def _say(self, text: str, tone: str) -> None:
        if self.is_mounted:
            result = self.query_one("#result", Paragraph)
            result.set_classes(f"message {tone}")
            result.show("\n".join(clean(line, 300) for line in text.splitlines()))


def _is_answered(field: Input) -> bool:
    """A time zone that was only proposed is no answer."""
    return field.id != "timezone" or field.value != system_timezone()


def _troubles(looked: Looked) -> list[str]:
    """Why the file cannot be read as it is, as far as it fits."""
    lines = [looked.words(is_kept=False), *map(str, looked.complaints[:_SHOWN])]
    if looked.problems > _SHOWN:
        lines.append(f"and {looked.problems - _SHOWN} more: harvest-tui import --dry-run FILE tells them all")
    return [*lines, "Nothing of it was read: mend the file, then press enter again."]
