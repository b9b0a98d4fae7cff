"""What an unmatched move was: one of the moves it may belong to, or nothing in the user's own accounts."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult

from harvest_tui.core.lots.moves import Candidates, Likeness
from harvest_tui.session.deciding import Decided
from harvest_tui.ui.format import clean, clip, exact
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.problems import Problem
from harvest_tui.ui.screens.deciding import DecidingScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.row_view import RowView

HEADER: Line = ((" " + clip("Other end", 30), "header"), (clip("Amount", 18), "header"), ("Day and why", "header"))
_LOOKING = ("", "Looking for the other end…")


class OtherEndScreen(DecidingScreen):
    """The likeliest other ends, and last that there is none here; enter decides."""

    TITLE = "other end"

    def __init__(self) -> None:
        super().__init__()
        self.problem: Problem | None = None
        """The unmatched move it is about."""
        self._found: list[Likeness] | None = None

    def compose(self) -> ComposeResult:
        """Title, choices, the one under the cursor in full, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="ends", header=HEADER)
        yield Paragraph(classes="detail")
        yield KeyBar(
            Key("enter", "that is it", "screen.choose"), Key("esc", "back", "app.back"), Key("?", "help", "app.help")
        )

    def ask(self, problem: Problem) -> None:
        """Takes another move to decide on."""
        self.problem, self._found = problem, None
        if self.is_mounted:
            self._begin()

    def on_mount(self) -> None:
        """Begins to look."""
        self._begin()

    def _begin(self) -> None:
        self.query_one(LineList).move_to(0)
        self._show()
        if self.problem is not None:
            self._look(self.problem.event_id)

    def draw(self, frame: Frame) -> None:
        """Nothing here depends on the frame."""

    @work(name="look", group="look", exclusive=True, exit_on_error=False)
    async def _look(self, event_id: str) -> list[Likeness]:
        moves = (await self.owner.session.decisions.overview()).moves
        end = next((end for end in moves.loose if end.event.event_id == event_id), None)
        return [] if end is None else Candidates(moves.loose).of(end)

    def succeeded(self, name: str, result: object) -> None:
        """Shows what was found."""
        if name == "look" and isinstance(result, list):
            self._found = result
            self._show()
        else:
            super().succeeded(name, result)

    def decided(self, decided: Decided) -> None:
        """Back to the problems."""
        if self.is_current:
            self.app.pop_screen()

    def _show(self) -> None:
        problem = self.problem
        if problem is None:
            return
        way = "deposit" if problem.is_deposit else "withdrawal"
        amount = "" if problem.quantity is None else exact(problem.quantity)
        self.query_one(".title-line", Paragraph).show(
            f"harvest › other end of the {way} of {amount} {clean(problem.asset, 20)} on {problem.day}"
        )
        found = self._found
        lines = [] if found is None else [*map(self._line, found), _nobody(problem)]
        self.query_one(LineList).show(lines, empty=_LOOKING)
        self._tell_more()

    def _line(self, one: Likeness) -> Line:
        event, amount = (one.withdrawal, one.sent) if self._is_deposit else (one.deposit, one.arrived)
        return (
            (" " + clip(clean(event.event_id), 29) + " ", "title"),
            (clip(f"{exact(amount.quantity)} {clean(amount.asset, 12)}", 17) + " ", "plain"),
            (f"{event.executed_at.date()}  {one.words}", "muted"),
        )

    @property
    def _is_deposit(self) -> bool:
        return self.problem is not None and self.problem.is_deposit

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the next choice in full."""
        self._tell_more()

    def _tell_more(self) -> None:
        row, found = self.query_one(LineList).cursor, self._found
        detail = self.query_one(".detail", Paragraph)
        detail.display = found is not None
        if found is not None and row < len(found):
            one = found[row]
            detail.show(
                (f"{clean(one.withdrawal.event_id, 70)} → {clean(one.deposit.event_id, 70)}\n", "bold"),
                f"{one.words}\nBoth count as one move: the lots keep their date and basis.",
            )
        elif found is not None:
            detail.show(
                ("Nothing in your own accounts\n", "bold"),
                "What came has no known basis until one is assumed (o on the problem)."
                if self._is_deposit
                else "The units leave without a gain. A payment is a `spend` row, a gift a `gift_out` row: import it.",
            )

    def on_row_view_chosen(self, event: RowView.Chosen) -> None:
        """Decides."""
        problem, found = self.problem, self._found
        if problem is None or found is None:
            return
        if event.row < len(found):
            out, into = found[event.row].withdrawal.event_id, found[event.row].deposit.event_id
            self.decide(lambda decisions: decisions.confirm(out, into))
        else:
            self.decide(lambda decisions: decisions.set_external(problem.event_id))

    def action_choose(self) -> None:
        """Decides on the line under the cursor."""
        self.query_one(LineList).action_choose()


def _nobody(problem: Problem) -> Line:
    whom = "came from" if problem.is_deposit else "went to"
    return ((f" It {whom} somebody else, or an account that is gone", "soon"),)
