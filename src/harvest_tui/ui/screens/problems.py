"""Everything that could not be proven or reached, and what to do about each."""

from __future__ import annotations

from textual.app import ComposeResult

from harvest_tui.ui.format import clean, clip, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.problems import Problem
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.row_view import RowView

HEADER: Line = (
    (" " + clip("What", 16), "header"),
    (clip("Account", 12), "header"),
    (clip("Asset", 8), "header"),
    ("What happened  → what to do", "header"),
)


class ProblemsScreen(LiveScreen):
    """One line a problem; the one under the cursor is told in full below."""

    TITLE = "problems"

    def __init__(self) -> None:
        super().__init__()
        self._problems: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, list, the whole story, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="problem-list", header=HEADER)
        yield Paragraph(classes="detail")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("?", "help", "app.help"),
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
            empty=("", "Every unit is in a lot, every balance agrees, every price is fresh."),
        )
        self._tell()

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the next problem in full."""
        self._tell()

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
