"""The keys that mark lots on the monitor, what they ask, and writing the marked lots down."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import plain
from harvest_tui.core.records import LotId
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.ui.format import clean, count
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.row_view import RowView

if TYPE_CHECKING:
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.session.planner import Planner
    from harvest_tui.ui.widgets.prompt_line import PromptLine


class _Part(NamedTuple):
    """A part of this lot is asked for."""

    lot: Lot


class _Reason(NamedTuple):
    """A reason is asked for, why, and what is marked with it."""

    lot: Lot
    quantity: Decimal | None
    because: str


class _Commit(NamedTuple):
    """The plan shall be written down."""

    plan: str


class MarkingScreen(LiveScreen):
    """Marks go to the session at once; what is drawn follows them within the same turn of the loop."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # At once, before the key climbs through every container: the mark shall be there when the finger is up.
        Binding("space", "mark", "Mark the lot for sale, or take the mark off", id="marks.toggle", priority=True),
        Binding("m", "mark_part", "Mark a part: units, dollars of loss, max", id="marks.part"),
        Binding("M", "mark_asset", "Mark every losing lot of the asset", id="marks.asset"),
        Binding("A", "apply_best", "Mark the best set, and nothing else", id="marks.best"),
        Binding("u", "undo_mark", "Take the last change of marks back", id="marks.undo"),
        Binding("ctrl+r", "redo_mark", "Make it again", key_display="^r", id="marks.redo"),
        Binding("C", "commit", "Write the marked lots down, before they are sold", id="marks.commit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._under_way: set[asyncio.Task[object]] = set()
        """Changes that are being stored: the loop itself holds tasks but weakly."""
        self._drawn = -1
        """The version of the marks that was drawn while they were being stored."""

    @abstractmethod
    def lot_here(self) -> Lot | None:
        """The lot under the cursor one is at."""

    @abstractmethod
    def marks_changed(self) -> None:
        """Draws the marks as they are now."""

    @abstractmethod
    def focus_again(self) -> None:
        """Back to where one was before a question."""

    @property
    def harvesting(self) -> Harvesting | None:
        """Marks and records, once the session is open."""
        try:
            return self.owner.session.harvesting
        except InputError:
            return None

    @property
    def planner(self) -> Planner | None:
        """What a harvest would do, once the session is open."""
        try:
            return self.owner.session.planner
        except InputError:
            return None

    # Marks.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key that marks is a letter where words are typed."""
        if action == "mark":
            here = self.focused
            return here is None or (isinstance(here, RowView) and not here.takes_letters)
        return super().check_action(action, parameters)

    def action_mark(self) -> None:
        """Marks the lot under the cursor, or takes its mark off."""
        lot, harvesting = self.lot_here(), self.harvesting
        if lot is None or harvesting is None:
            return
        if harvesting.plans.current.mark_of(lot.lot_id) is not None:
            self._do(lambda: harvesting.unmark([lot.lot_id]))
        else:
            self._mark(lot, None)

    def _mark(self, lot: Lot, quantity: Decimal | None) -> None:
        """Marks it, or asks for a reason first where something stands against it."""
        from harvest_tui.core.identification.marks import doubts_about

        harvesting, planner = self.harvesting, self.planner
        if harvesting is None:
            return
        reaches = planner is None or planner.reaches(lot, harvesting.plans.current)
        doubts = doubts_about(lot, self.owner.frame.portfolio.mismatches, is_reachable=reaches)
        if doubts:
            because = "; ".join(doubts)
            words = f"{lot.asset} in {lot.account}: {because}. Why mark it all the same?"
            self._ask(words, _Reason(lot, quantity, because), "a reason, kept with the mark")
        else:
            self._do(lambda: harvesting.mark(lot.lot_id, quantity))

    def action_mark_part(self) -> None:
        """Asks which part of the lot."""
        from harvest_tui.core.harvest.parts import HOW

        lot = self.lot_here()
        if lot is not None:
            words = f"How much of {plain(lot.quantity)} {lot.asset} in {lot.account}?"
            self._ask(words, _Part(lot), HOW)

    def action_mark_asset(self) -> None:
        """Marks all lots of the asset that lose at the latest price and ask for no reason."""
        from harvest_tui.core.harvest.using_up import result_of
        from harvest_tui.core.identification.marks import doubts_about

        lot, harvesting, planner = self.lot_here(), self.harvesting, self.planner
        if lot is None or harvesting is None:
            return
        portfolio, plan = self.owner.frame.portfolio, harvesting.plans.current
        chosen: dict[LotId, Decimal | None] = {}
        doubtful = 0
        for one in portfolio.ledger.lots:
            if one.asset != lot.asset:
                continue
            quote = portfolio.quotes.get((one.account, one.asset))
            result = None if quote is None else result_of(one, quote.price)
            reaches = planner is None or planner.reaches(one, plan)
            if result is None or doubts_about(one, portfolio.mismatches, is_reachable=reaches):
                doubtful += 1
            elif result < 0:
                chosen[one.lot_id] = None
        left = f"; {count(doubtful, 'lot')} asks for a reason: space marks it" if doubtful else ""
        if chosen:
            self._do(lambda: harvesting.mark_all(chosen), f"{count(len(chosen), 'lot')} of {lot.asset} marked{left}.")
        else:
            self.tell(f"No lot of {lot.asset} loses at this price{left}.")

    def action_apply_best(self) -> None:
        """The marks become the best set."""
        harvesting, view = self.harvesting, self.owner.frame.planner
        outlook = None if view is None else view.outlook
        if harvesting is None or outlook is None:
            self.tell("The lots are not weighed yet.")
            return
        best = {mark.lot.lot_id: mark.quantity for mark in outlook.plan.marks}
        if best:
            self._do(lambda: harvesting.mark_only(best), f"{count(len(best), 'lot')} marked. u takes it back.")
        else:
            self.tell("For this target nothing is worth selling now.")

    def action_undo_mark(self) -> None:
        """One change back."""
        if (harvesting := self.harvesting) is not None:
            self._do(harvesting.undo, nothing="There is no change of marks to take back.")

    def action_redo_mark(self) -> None:
        """One change forward."""
        if (harvesting := self.harvesting) is not None:
            self._do(harvesting.redo, nothing="There is nothing to make again.")

    def _do(self, verb: Callable[[], Coroutine[object, object, object]], said: str = "", nothing: str = "") -> None:
        """Begins to change the marks, and draws them before they are stored.

        No worker: those tell the screen of each of their states, and the marks would have to wait for that.
        """
        task = asyncio.ensure_future(verb())
        self._under_way.add(task)
        asyncio.get_running_loop().call_soon(self._draw_begun)
        task.add_done_callback(partial(self._done, said, nothing))

    def _draw_begun(self) -> None:
        self.marks_changed()
        self._drawn = -1 if self.harvesting is None else self.harvesting.version

    def _done(self, said: str, nothing: str, task: asyncio.Task[object]) -> None:
        self._under_way.discard(task)
        if task.cancelled() or not self.is_running:
            return
        error = task.exception()
        if isinstance(error, HarvestError):
            self.tell(f"{error.happened}. {error.hint}", severity="error")
        elif error is not None:
            self.tell(type(error).__name__, severity="error")
        elif task.result() is False and nothing:
            self.tell(nothing)
        elif said:
            self.tell(said)
        if self.harvesting is not None and self.harvesting.version != self._drawn:
            self.marks_changed()

    # Writing down.

    def action_commit(self) -> None:
        """Says what would be written down, and under which rule, and asks for a yes."""
        from harvest_tui.core.identification.rule import rule_at
        from harvest_tui.ui.screens.ticket import commit_words

        harvesting, view = self.harvesting, self.owner.frame.planner
        if harvesting is None:
            return
        marked = harvesting.marked()
        if not marked:
            self.tell("No lot is marked: space marks the one under the cursor.")
            return
        now = self.owner.frame.now if view is None else view.local_now
        zone = None if view is None or view.outlook is None else view.outlook.deadline.tzinfo
        rule = rule_at(now, zone) if zone is not None else None  # type: ignore[arg-type]
        plan = harvesting.plans.current
        self._ask(commit_words(plan, marked, rule), _Commit(plan.name), "enter writes it down, esc does not")

    @work(group="commit", exclusive=True, exit_on_error=False)
    async def _commit(self, plan: str) -> None:
        harvesting = self.harvesting
        if harvesting is None:
            return
        from harvest_tui.session.plan_sums import shares_of_benefit
        from harvest_tui.ui.screens.ticket import show_ticket

        planner = self.planner
        marked = harvesting.marked(plan)
        shares = {} if planner is None else shares_of_benefit(planner, marked, self.owner.frame.portfolio)
        try:
            done = await harvesting.commit(plan, benefits=shares)
            await show_ticket(self.app, harvesting, done.record)
        except HarvestError as error:
            self.tell(f"{error.happened}. {error.hint}", severity="error")

    # Asking.

    @property
    def _prompt(self) -> PromptLine | None:
        from harvest_tui.ui.widgets.prompt_line import PromptLine

        return next(iter(self.query(PromptLine)), None)

    def _ask(self, words: str, about: object, hint: str) -> None:
        self._ask_beside(words, about, hint)

    @work(group="ask", exclusive=True, exit_on_error=False)
    async def _ask_beside(self, words: str, about: object, hint: str) -> None:
        from harvest_tui.ui.widgets.prompt_line import PromptLine

        if self._prompt is None:
            await self.mount(PromptLine(), after=self.query_one("#body"))
        prompt = self._prompt
        if prompt is not None:
            prompt.ask(words, about, hint=hint)

    def on_prompt_line_left(self) -> None:
        """Goes on where one was."""
        self.focus_again()

    def on_prompt_line_answered(self, event: PromptLine.Answered) -> None:
        """Does what was asked about, or says what is wrong with the answer."""
        prompt, harvesting = self._prompt, self.harvesting
        if prompt is None or harvesting is None:
            return
        about, text = event.about, event.text.strip()
        try:
            if isinstance(about, _Part):
                quantity = self._part_of(about.lot, text)
                prompt.close()
                self._mark(about.lot, quantity)
            elif isinstance(about, _Reason):
                if not text:
                    raise InputError("a reason is asked for", "write a few words, or esc")
                prompt.close()
                self._do(lambda: harvesting.mark(about.lot.lot_id, about.quantity, reason=text, because=about.because))
            elif isinstance(about, _Commit):
                prompt.close()
                self._commit(about.plan)
        except InputError as error:
            prompt.refuse(f"{error.happened}: {error.hint}")
            return
        if not prompt.is_asking:
            self.focus_again()

    def _part_of(self, lot: Lot, text: str) -> Decimal | None:
        planner = self.planner
        if planner is None:
            raise InputError("the lots are not weighed yet", "press the key again in a moment")
        quantity = planner.part_of(lot, text)
        return None if quantity == lot.quantity else quantity

    def tell(self, words: str, *, severity: SeverityLevel = "information") -> None:
        """A note at the edge of the screen, as literal text."""
        self.app.notify(clean(words, 300), markup=False, severity=severity, timeout=5)
