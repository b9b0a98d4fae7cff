"""Named plans beside each other: switch, make, rename, duplicate, delete, and see what each does to the year."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.notifications import SeverityLevel

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.records import LotId
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session.plan_sums import Compared, PlanSum, PlanSums
from harvest_tui.ui.format import clean, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.lane_list import LaneList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.plan_lines import plan_rows, plan_words
from harvest_tui.ui.widgets.prompt_line import PromptLine
from harvest_tui.ui.widgets.row_view import RowView

if TYPE_CHECKING:
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.session.planner import Planner

_MOST_DIFFERENCES = 30


class _New(NamedTuple):
    """A name for an empty plan is asked for."""


class _Copy(NamedTuple):
    """A name for the duplicate is asked for."""

    plan: str


class _Rename(NamedTuple):
    """Another name is asked for."""

    plan: str


class _Delete(NamedTuple):
    """A yes is asked for."""

    plan: str


class PlansScreen(LiveScreen):
    """One line a plan; below, the plan under the cursor before and after, and against the one it is held to."""

    TITLE = "plans"
    DEFAULT_CSS = """
    PlansScreen #plan-detail {
        height: auto; max-height: 60%; background: $surface; border-top: solid $panel; scrollbar-size: 1 1;
    }
    PlansScreen #plan-words { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "create", "Make an empty plan and work on it", id="plans.create"),
        Binding("d", "duplicate", "Duplicate the plan under the cursor and work on the copy", id="plans.duplicate"),
        Binding("r", "rename", "Rename it", id="plans.rename"),
        Binding("X", "delete", "Delete it", id="plans.delete"),
        Binding("equals_sign", "hold_to", "Hold the others to this one", key_display="=", id="plans.hold_to"),
        Binding("J,shift+down", "scroll_words(3)", "Read on below", key_display="J", id="plans.read_on"),
        Binding("K,shift+up", "scroll_words(-3)", "Read back below", key_display="K", id="plans.read_back"),
        Binding("u", "undo", "Take the last change of plans or marks back", id="plans.undo"),
        Binding("ctrl+r", "redo", "Make it again", key_display="^r", id="plans.redo"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._sums = PlanSums()
        self._compared: Compared | None = None
        self._held_to = ""
        """The plan that the others are held to; the active one until another was chosen."""
        self._lots: tuple[object, dict[LotId, Lot]] = (None, {})
        self._goes_along = False
        """The cursor goes to the plan one is at work on, once: it was just made."""

    def compose(self) -> ComposeResult:
        """Title, plans, what the one under the cursor does, keys."""
        yield Paragraph(classes="title-line")
        yield LaneList(id="plan-list")
        with VerticalScroll(id="plan-detail", can_focus=False):
            yield Paragraph(id="plan-words")
        yield PromptLine()
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("enter", "work on it", "screen.switch"),
            Key("n", "new", "screen.create"),
            Key("d", "duplicate", "screen.duplicate"),
            Key("r", "rename", "screen.rename"),
            Key("X", "delete", "screen.delete"),
            Key("=", "hold others to it", "screen.hold_to"),
            Key("u", "undo", "screen.undo"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    # What is there.

    @property
    def harvesting(self) -> Harvesting | None:
        """Plans and marks, once the session is open."""
        try:
            return self.owner.session.harvesting
        except InputError:
            return None

    @property
    def _planner(self) -> Planner | None:
        try:
            return self.owner.session.planner
        except InputError:
            return None

    @property
    def _list(self) -> LaneList:
        return self.query_one(LaneList)

    @property
    def here(self) -> PlanSum | None:
        """The plan under the cursor."""
        plans = () if self._compared is None else self._compared.plans
        row = self._list.cursor
        return plans[row] if row < len(plans) else None

    # Drawing.

    def draw(self, frame: Frame) -> None:
        """Takes plans and prices as they are now; the cursor stays on its plan."""
        harvesting = self.harvesting
        title = self.query_one(".title-line", Paragraph)
        if harvesting is None or not harvesting.version:
            title.show("harvest › plans")
            self._load()
            return
        under = None if self.here is None else self.here.plan.name
        compared = self._sums.compare(harvesting, self._planner, frame.portfolio, frame.facts_version)
        self._compared = compared
        names = [one.plan.name for one in compared.plans]
        if self._goes_along:
            under, self._goes_along = compared.active, False
        if under in names:
            self._list.cursor = names.index(under)
        title.show(f"harvest › {count(len(names), 'plan')}, at work on {clean(compared.active, 40)}")
        self._list.take(compared, lambda width: plan_rows(compared, width), ())
        self._tell_plan(frame, harvesting)

    def _tell_plan(self, frame: Frame, harvesting: Harvesting) -> None:
        here, compared = self.here, self._compared
        if here is None or compared is None:
            return
        names = {one.plan.name: one for one in compared.plans}
        other = names.get(self._held_to) or names[compared.active]
        if other is here:
            lines = plan_words(here, None, compared, (), {})
            if len(names) == 1:
                lines.append([("  d duplicates it, so that two ways can be compared", "$muted")])
        else:
            differences = harvesting.compare_plans(here.plan.name, other.plan.name)
            lots = self._by_id(frame) if differences else {}
            lines = plan_words(here, other, compared, differences[:_MOST_DIFFERENCES], lots)
        parts: list[str | tuple[str, str]] = []
        for line in lines:
            parts += [*line, "\n"]
        self.query_one("#plan-words", Paragraph).show(*parts[:-1])

    def _by_id(self, frame: Frame) -> dict[LotId, Lot]:
        if self._lots[0] != frame.facts_version:
            self._lots = frame.facts_version, {lot.lot_id: lot for lot in frame.portfolio.ledger.lots}
        return self._lots[1]

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells of the next plan."""
        if (harvesting := self.harvesting) is not None:
            self._tell_plan(self.owner.frame, harvesting)

    def on_resize(self) -> None:
        """Other columns fit now."""
        self.call_after_refresh(self.draw, self.owner.frame)

    @work(group="load plans", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        if (harvesting := self.harvesting) is not None:
            await harvesting.load()
            self.draw(self.owner.frame)

    # Keys.

    def on_row_view_chosen(self) -> None:
        """Works on the plan."""
        self.action_switch()

    def action_switch(self) -> None:
        """Works on the plan under the cursor from now on."""
        here, harvesting = self.here, self.harvesting
        if here is not None and harvesting is not None:
            name = here.plan.name
            self._do(lambda: harvesting.activate_plan(name), f"At work on {name}.")

    def action_create(self) -> None:
        """Asks for a name."""
        self._ask("What is the new, empty plan called?", _New())

    def action_duplicate(self) -> None:
        """Asks for the name of the copy."""
        if (here := self.here) is not None:
            self._ask(f"What is the copy of {here.plan.name} called?", _Copy(here.plan.name))

    def action_rename(self) -> None:
        """Asks for another name."""
        if (here := self.here) is not None:
            self._ask(f"What is {here.plan.name} called from now on?", _Rename(here.plan.name), text=here.plan.name)

    def action_delete(self) -> None:
        """Asks for a yes."""
        if (here := self.here) is not None:
            words = f"Delete plan {here.plan.name} with {count(len(here.plan.marks), 'mark')}?"
            self._ask(words, _Delete(here.plan.name), hint="enter deletes it, esc does not; u brings it back")

    def action_hold_to(self) -> None:
        """The other plans are compared with this one."""
        if (here := self.here) is not None:
            self._held_to = here.plan.name
            self.tell(f"The others are held to {here.plan.name}.")

    def action_scroll_words(self, lines: int) -> None:
        """Reads on below."""
        self.query_one("#plan-detail").scroll_relative(y=lines, animate=False)

    def action_undo(self) -> None:
        """One change back."""
        if (harvesting := self.harvesting) is not None:
            self._do(harvesting.undo, "", "There is no change to take back.")

    def action_redo(self) -> None:
        """One change forward."""
        if (harvesting := self.harvesting) is not None:
            self._do(harvesting.redo, "", "There is nothing to make again.")

    # Answers.

    @property
    def _prompt(self) -> PromptLine:
        return self.query_one(PromptLine)

    def _ask(self, words: str, about: object, *, hint: str = "a name", text: str = "") -> None:
        self._prompt.ask(words, about, hint=hint, text=text)

    @on(PromptLine.Left)
    def _left(self) -> None:
        self._list.focus()

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        harvesting, about, text = self.harvesting, event.about, event.text
        if harvesting is None:
            return
        if isinstance(about, _New):
            said = f"At work on {text.strip()}: nothing is marked in it yet."
            self._do(lambda: harvesting.create_plan(text), said, goes_along=True)
        elif isinstance(about, _Copy):
            self._do(
                lambda: harvesting.duplicate_plan(about.plan, text), f"At work on {text.strip()}.", goes_along=True
            )
        elif isinstance(about, _Rename):
            self._do(lambda: harvesting.rename_plan(about.plan, text), "")
        elif isinstance(about, _Delete):
            self._do(lambda: harvesting.delete_plan(about.plan), f"{about.plan} is deleted. u brings it back.")

    @work(group="plans", exit_on_error=False)
    async def _do(
        self, verb: Callable[[], Awaitable[object]], said: str, nothing: str = "", *, goes_along: bool = False
    ) -> None:
        prompt = self._prompt
        try:
            done = await verb()
        except InputError as error:
            if prompt.is_asking:
                prompt.refuse(f"{error.happened}: {error.hint}")
            else:
                self.tell(f"{error.happened}. {error.hint}", severity="error")
            return
        except HarvestError as error:
            self.tell(f"{error.happened}. {error.hint}", severity="error")
        else:
            if told := nothing if done is False else said:
                self.tell(told)
        prompt.close()
        self._list.focus()
        self._goes_along = goes_along
        self.draw(self.owner.frame)

    def tell(self, words: str, *, severity: SeverityLevel = "information") -> None:
        """A note at the edge of the screen, as literal text."""
        self.app.notify(clean(words, 300), markup=False, severity=severity, timeout=5)
