"""Everything that could not be proven or reached, and what to do about each."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from harvest_tui.core.lots.decisions import Decision
from harvest_tui.ui.format import clean, clip, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.problems import Problem, ProblemKind
from harvest_tui.ui.screens.assume_basis import AssumeBasisScreen
from harvest_tui.ui.screens.deciding import DecidingScreen
from harvest_tui.ui.screens.other_end import OtherEndScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.row_view import RowView

Asking = TypeVar("Asking", OtherEndScreen, AssumeBasisScreen)
HEADER: Line = (
    (" " + clip("What", 16), "header"),
    (clip("Account", 12), "header"),
    (clip("Asset", 8), "header"),
    ("What happened  → what to do", "header"),
)

NO_PROBLEM = (
    "",
    "Every unit is in a lot, every balance agrees, every price is fresh.",
    "",
    "1   the lots    s   syncs",
)
NO_ACCOUNT = (
    "",
    "There is nothing to check yet.",
    "",
    "a   connects an exchange with a key that can only read",
    "    harvest-tui import FILE   reads a ledger or Koinly's universal file",
)


class ProblemsScreen(DecidingScreen):
    """One line a problem; the one under the cursor is told in full below, and may be settled by a decision."""

    TITLE = "problems"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "other_end", "Say what an unmatched move was", id="problems.other_end"),
        Binding("o", "assume", "Assume a basis for what has none", id="problems.assume"),
        Binding("u", "undo", "Take the last decision back (twice)", id="problems.undo"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._problems: tuple[Problem, ...] = ()
        self._to_undo: int | None = None
        """The decision that the next `u` takes back."""

    def compose(self) -> ComposeResult:
        """Title, list, the whole story, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="problem-list", header=HEADER)
        yield Paragraph(classes="detail")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("?", "help", "app.help"),
            Key("x", "what it was", "screen.other_end"),
            Key("o", "assume", "screen.assume"),
            Key("u", "undo", "screen.undo"),
            Key("s", "sync", "app.sync"),
            Key("a", "add account", "app.open('add_account')"),
            Key("q", "quit", "app.quit"),
        )

    def draw(self, frame: Frame) -> None:
        """Takes the problems of the frame."""
        self._problems = frame.problems
        title = count(len(self._problems), "problem") if self._problems else "no problems"
        self.query_one(".title-line", Paragraph).show(f"harvest › {title}")
        self.query_one(LineList).show(
            [line_of(problem) for problem in self._problems],
            empty=NO_PROBLEM if frame.accounts else NO_ACCOUNT,
        )
        self._tell()

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the next problem in full."""
        self._to_undo = None
        self._tell()

    def chosen(self) -> Problem | None:
        """The problem under the cursor."""
        row = self.query_one(LineList).cursor
        return self._problems[row] if row < len(self._problems) else None

    def action_other_end(self) -> None:
        """Asks what the unmatched move under the cursor was."""
        problem = self.chosen()
        if problem is None or problem.kind is not ProblemKind.UNMATCHED:
            self.tell(f"x is for a line that says {ProblemKind.UNMATCHED.value}.")
        elif self._may_decide():
            screen = self._made("other_end", OtherEndScreen)
            screen.ask(problem)
            self.app.push_screen(screen)

    def action_assume(self) -> None:
        """Asks for a basis of the units under the cursor."""
        problem = self.chosen()
        if problem is None or not problem.asks_for_basis:
            self.tell(f"o is for a line that says {ProblemKind.GAP.value}, or for a deposit without its other end.")
        elif self._may_decide():
            screen = self._made("assume_basis", AssumeBasisScreen)
            screen.ask(problem)
            self.app.push_screen(screen)

    def action_undo(self) -> None:
        """Says which decision was the last, and takes it back when asked a second time."""
        if self._to_undo is None:
            self._look_back()
            return
        number, self._to_undo = self._to_undo, None
        self.decide(lambda decisions: decisions.undo(number))

    @work(name="look back", group="look back", exclusive=True, exit_on_error=False)
    async def _look_back(self) -> Decision | None:
        return await self.owner.session.decisions.last()

    def succeeded(self, name: str, result: object) -> None:
        """The last decision is known, or one was taken back."""
        if name != "look back":
            super().succeeded(name, result)
        elif isinstance(result, Decision):
            self._to_undo = result.number
            self.tell(f"u again takes back decision {result.number}: {result.words}")
        else:
            self.tell("Nothing was decided yet.")

    def _may_decide(self) -> bool:
        if self.owner.frame.is_read_only:
            self.tell("Another harvest-tui holds the cache: decide there.")
        return not self.owner.frame.is_read_only

    def _made(self, name: str, kind: type[Asking]) -> Asking:
        """The screen of that name, made once: Textual holds on to those it has removed."""
        if not self.app.is_screen_installed(name):
            self.app.install_screen(kind(), name)
        screen = self.app.get_screen(name)
        assert isinstance(screen, kind)
        return screen

    def _tell(self) -> None:
        row = self.query_one(LineList).cursor
        detail = self.query_one(".detail", Paragraph)
        detail.display = bool(self._problems)
        if row < len(self._problems):
            problem = self._problems[row]
            detail.show(
                (f"{problem.kind.value}  {clean(problem.account, 40)} {clean(problem.asset, 40)}\n", "bold"),
                f"{clean(problem.happened, 400)}\n",
                ("→ ", "bold $soon"),
                clean(problem.to_do, 400),
            )


def line_of(problem: Problem) -> Line:
    """A problem in one line."""
    return (
        (" " + clip(problem.kind.value, 16), "soon"),
        (clip(clean(problem.account), 11) + " ", "muted"),
        (clip(clean(problem.asset), 7) + " ", "title"),
        (clean(problem.happened, 300), "plain"),
        ("  → ", "soon"),
        (clean(problem.to_do, 300), "muted"),
    )
