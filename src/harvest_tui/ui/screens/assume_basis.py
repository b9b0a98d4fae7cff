"""A basis for units that nothing proves: when they were acquired, for how much, and why one thinks so."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input

from harvest_tui.core.money import plain
from harvest_tui.errors import InputError
from harvest_tui.session.deciding import Decided
from harvest_tui.ui.format import clean
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.problems import Problem
from harvest_tui.ui.screens.deciding import DecidingScreen, words_of
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.paragraph import Paragraph

FIELDS = (
    ("quantity", "units", "how many of them"),
    ("acquired", "acquired on", "2021-04-05"),
    ("cost", "cost basis, USD", "what they cost in all, fees included; 0 if nothing"),
    ("reason", "why you think so", "kept and shown with the lot"),
)
_READ_ONLY = "Another harvest-tui holds the cache: close it, then decide here."


class AssumeBasisScreen(DecidingScreen):
    """A form of four lines. What it records is an assumption, told as one wherever the lot is shown."""

    TITLE = "assume a basis"
    CSS_PATH = "../styles/assume_basis.tcss"
    AUTO_FOCUS = "#acquired"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "record", "Record it", id="assume.record")]

    def __init__(self) -> None:
        super().__init__()
        self.problem: Problem | None = None
        """The gap or deposit it is about."""

    def compose(self) -> ComposeResult:
        """Title, form, result, keys."""
        yield Paragraph(classes="title-line")
        with VerticalScroll(id="form", can_focus=False):
            yield Paragraph(id="about", classes="message")
            for name, label, hint in FIELDS:
                with Horizontal(classes="field"):
                    yield Paragraph(label, classes="label")
                    yield Input(id=name, placeholder=hint, compact=True)
            yield Paragraph(id="result", classes="message")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("tab", "next field", "app.focus_next"),
            Key("^s", "record it", "screen.record"),
        )

    def ask(self, problem: Problem) -> None:
        """Takes another gap or deposit; what was typed for the one before is forgotten."""
        self.problem = problem
        if self.is_mounted:
            self._begin()

    def on_mount(self) -> None:
        """Fills in what is known."""
        self._begin()

    def _begin(self) -> None:
        problem = self.problem
        if problem is None:
            return
        for field in self.query(Input):
            field.value = ""
        units = "" if problem.quantity is None else plain(problem.quantity)
        self.query_one("#quantity", Input).value = units
        asset, account = clean(problem.asset, 20), clean(problem.account, 30)
        self.query_one(".title-line", Paragraph).show(f"harvest › assume a basis: {asset} in {account}")
        way = "came without a basis" if problem.is_deposit else "left without a lot"
        self.query_one("#about", Paragraph).show(
            f"{units} {asset} {way} on {problem.day}. Importing what brought them in is better: an assumption is shown "
            "as one, and can be taken back with u."
        )
        self._say("", "")
        self.query_one("#acquired").focus()

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame but whether anything can be recorded at all."""
        if frame.is_read_only:
            self._say(_READ_ONLY, "bad")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, and records on the last."""
        if event.input.id == FIELDS[-1][0]:
            self.action_record()
        else:
            self.focus_next()

    def action_record(self) -> None:
        """Checks the form and records the assumption."""
        from harvest_tui.session.assuming import read_assumption

        problem = self.problem
        if problem is None:
            return
        if self.owner.frame.is_read_only:
            self._say(_READ_ONLY, "bad")
            return
        quantity, acquired, cost, reason = (self.query_one(f"#{name}", Input).value for name, _, _ in FIELDS)
        try:
            told = read_assumption(
                problem.account, problem.asset, quantity, acquired, cost_basis=cost, about=problem.event_id
            )
        except InputError as error:
            self.refused(words_of(error))
            return
        self.decide(lambda decisions: decisions.assume(told, reason))

    def decided(self, decided: Decided) -> None:
        """Back to the problems."""
        if self.is_current:
            self.app.pop_screen()

    def refused(self, words: str) -> None:
        """Told under the form, which stays as it is."""
        self._say(words, "bad")

    def _say(self, text: str, tone: str) -> None:
        result = self.query_one("#result", Paragraph)
        result.set_classes(f"message {tone}")
        result.show(clean(text, 600))
