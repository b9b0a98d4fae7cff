"""DecidingScreen: a screen on which the user decides; the decision is kept beside it, and told when done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import work
from textual.notifications import SeverityLevel
from textual.worker import Worker, WorkerState

from harvest_tui.errors import HarvestError
from harvest_tui.session.deciding import Decided, Decisions
from harvest_tui.ui.format import clean
from harvest_tui.ui.screens.live import LiveScreen

Verb = Callable[[Decisions], Awaitable[Decided]]


class DecidingScreen(LiveScreen):
    """Asks the session for one thing at a time. What it refuses is told in its own words and nothing is kept."""

    def decide(self, verb: Verb) -> None:
        """Keeps a decision, unless one is on its way."""
        if not any(worker.name == "decide" and worker.is_running for worker in self.workers):
            self._decide(verb)

    @work(name="decide", group="decide", exit_on_error=False)
    async def _decide(self, verb: Verb) -> Decided:
        return await verb(self.owner.session.decisions)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells what came of it."""
        if event.state is WorkerState.SUCCESS:
            self.succeeded(event.worker.name, event.worker.result)
        elif event.state is WorkerState.ERROR:
            self.refused(words_of(event.worker.error))

    def succeeded(self, name: str, result: object) -> None:
        """The work of that name is done."""
        if isinstance(result, Decided):
            self.tell(result.said)
            for warning in result.warnings:
                self.tell(f"Look again: {warning}", severity="warning")
            self.decided(result)

    def decided(self, decided: Decided) -> None:
        """A decision is kept; a subclass may leave."""

    def refused(self, words: str) -> None:
        """It was not done."""
        self.tell(words, severity="error")

    def tell(self, words: str, *, severity: SeverityLevel = "information") -> None:
        """A note at the edge of the screen, as literal text."""
        self.app.notify(clean(words, 300), markup=False, severity=severity, timeout=8)


def words_of(error: BaseException | None) -> str:
    """An error for people."""
    if isinstance(error, HarvestError):
        return f"{error.happened}. {error.hint}"
    return f"It did not work ({type(error).__name__}). Nothing was kept."
