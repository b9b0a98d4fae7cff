"""The user's own figures and choices: what each is for, what is assumed without it, and changing one on the spot."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session.adjusting import Adjustable, adjustables, answer
from harvest_tui.session.profile_watch import ProfileWatch
from harvest_tui.settings_file import Value
from harvest_tui.ui.format import MINUS, UNKNOWN, clean, clip
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.deciding import words_of
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.theme import DARK
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.prompt_line import PromptLine
from harvest_tui.ui.widgets.row_view import RowView

_NAME, _VALUE, _STATE = 28, 18, 9
HEADER: Line = (
    (clip("  Setting", _NAME), "header"),
    ("Value".rjust(_VALUE) + "  ", "header"),
    (clip("", _STATE), "header"),
    ("What it is", "header"),
)


class SettingLines(LineList):
    """The choices, cut at the scrollbar."""

    @property
    def content_width(self) -> int:
        """No wider than what is seen."""
        return self.scrollable_content_region.width


class SettingsScreen(LiveScreen):
    """One line a choice under the headings of their groups; enter asks for another answer, which counts at once."""

    TITLE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "unset", "Take the answer out: what is assumed holds again", id="settings.unset"),
        Binding("tab", "next_group", "Next group", id="settings.next_group"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Adjustable | str] = []
        self._read_from: object = None

    def compose(self) -> ComposeResult:
        """Title, list, why it matters, question, keys."""
        yield Paragraph(classes="title-line")
        yield SettingLines(id="setting-list", header=HEADER)
        yield Paragraph(classes="detail")
        yield PromptLine()
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("enter", "change", "screen.change"),
            Key("x", "take out", "screen.unset"),
            Key("tab", "next group", "screen.next_group"),
            Key("H", "hide figures", "app.hide_figures"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    # What is there.

    @property
    def _watch(self) -> ProfileWatch | None:
        try:
            return self.owner.session.profile_watch
        except InputError:
            return None

    @property
    def _list(self) -> LineList:
        return self.query_one(LineList)

    def chosen(self) -> Adjustable | None:
        """The choice under the cursor; None on a heading."""
        row = self._list.cursor
        found = self._rows[row] if row < len(self._rows) else None
        return found if isinstance(found, Adjustable) else None

    def draw(self, frame: Frame) -> None:
        """Reads the choices where they have changed."""
        watch = self._watch
        if watch is None:
            self._list.show((), empty=("", "The settings are being read."))
            self.query_one(".title-line", Paragraph).show("harvest › settings")
            self.query_one(".detail", Paragraph).display = False
            return
        read_from = watch.settings, watch.trouble, tuple(one.account for one in frame.accounts), self.app.theme
        if read_from != self._read_from:
            is_first, self._read_from = self._read_from is None, read_from
            self._rows = _grouped(adjustables(watch.settings, frame.accounts))
            self._list.show([_line(row) for row in self._rows])
            if is_first:
                self._list.move_to(1)
        self.query_one(".title-line", Paragraph).show(
            "harvest › settings   ",
            (clean(str(watch.path), 200), "$muted"),
            ("   not used: it cannot be read" if watch.trouble else "", "$loss"),
        )
        self._tell(watch)

    def _tell(self, watch: ProfileWatch) -> None:
        detail, found = self.query_one(".detail", Paragraph), self.chosen()
        detail.display = found is not None or bool(watch.trouble)
        if watch.trouble:
            detail.show(
                ("config.toml was changed and cannot be used: ", "bold $loss"),
                f"{clean(watch.trouble, 400)}\n",
                ("→ ", "bold $soon"),
                "mend it in an editor; until then what was read before counts, and nothing can be changed here",
            )
        elif found is not None:
            detail.show(
                (f"{clean(found.asks, 200)}  ", "bold"),
                (f"[{'.'.join(clean(part, 40) for part in found.place)}]\n", "$muted"),
                f"{clean(found.why, 300)}\n",
                ("without an answer: ", "$muted"),
                clean(found.assumed, 200),
            )

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the next one in full."""
        if (watch := self._watch) is not None:
            self._tell(watch)

    # Wishes.

    def on_row_view_chosen(self, _: RowView.Chosen) -> None:
        """Asks for another answer."""
        self.action_change()

    def action_next_group(self) -> None:
        """The first choice of the next group, from the last one the very first."""
        row = self._list.cursor
        starts = [number + 1 for number, one in enumerate(self._rows) if isinstance(one, str)]
        if starts:
            start = next((start for start in starts if start > row), starts[0])
            self._list.scroll_to(y=start - 1, animate=False)
            self._list.move_to(start)

    def action_change(self) -> None:
        """Asks for the answer under the cursor."""
        found = self.chosen()
        if found is None:
            self._say("Put the cursor on a setting.")
            return
        words = f"{found.asks} {found.how}; empty takes it out"
        text = found.shown.replace(",", "") if found.is_told else ""
        self.query_one(PromptLine).ask(words, found, hint=found.shown or found.assumed, text=text)

    def action_unset(self) -> None:
        """Takes the answer under the cursor out of the file."""
        found = self.chosen()
        if found is None or not found.is_told:
            self._say("x is for an answer of yours.")
        else:
            self._keep(found, None)

    @on(PromptLine.Left)
    def _left(self) -> None:
        self._list.focus()

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        found = event.about
        if not isinstance(found, Adjustable):
            return
        try:
            self._keep(found, answer(found, event.text))
        except InputError as error:
            self.query_one(PromptLine).refuse(words_of(error))

    @work(group="settings", exclusive=True, exit_on_error=False)
    async def _keep(self, found: Adjustable, value: Value | None) -> None:
        watch, prompt = self._watch, self.query_one(PromptLine)
        if watch is None:
            return
        try:
            await watch.keep(found.place, value)
        except HarvestError as error:
            if prompt.is_asking:
                prompt.refuse(words_of(error))
            else:
                self._say(words_of(error))
            return
        if found.place == ("theme",):
            self.app.theme = watch.settings.theme or DARK
        prompt.close()
        self._list.focus()
        self.draw(self.owner.frame)
        self._say(f"Kept: {found.name}." if value is not None else f"Taken out: {found.name}.")

    def _say(self, words: str) -> None:
        self.app.notify(clean(words, 300), markup=False, timeout=4)


def _grouped(found: tuple[Adjustable, ...]) -> list[Adjustable | str]:
    rows: list[Adjustable | str] = []
    group = ""
    for one in found:
        if one.group != group:
            group = one.group
            rows.append(group)
        rows.append(one)
    return rows


def _line(row: Adjustable | str) -> Line:
    if isinstance(row, str):
        return ((f" {row}", "title"),)
    text = clean(row.shown) or UNKNOWN
    if text.startswith("-") and text != UNKNOWN:
        text = MINUS + text[1:]
    value = clip(text, _VALUE).rstrip().rjust(_VALUE)
    state = "yours" if row.is_told else "not told" if not row.shown else "default"
    return (
        (clip(f"  {clean(row.name)}", _NAME - 1) + " ", "plain"),
        (value + "  ", "plain" if row.is_told else "muted"),
        (clip(state, _STATE), "muted" if row.is_told or row.shown else "soon"),
        (clean(row.asks, 200), "muted"),
    )
