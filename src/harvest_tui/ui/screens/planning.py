"""Planning on the monitor: the planner beside the lots, or in their place on a narrow screen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Container

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.records import LotId
from harvest_tui.errors import InputError
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.marking import MarkingScreen
from harvest_tui.ui.widgets.lot_table import LotTable

if TYPE_CHECKING:
    from harvest_tui.core.identification.marks import MarkedLot, Plan
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.ui.widgets.planner_pane import PlannerPane
    from harvest_tui.ui.widgets.planner_year import Marked
    from harvest_tui.ui.widgets.prompt_line import PromptLine

MARKED, PART = "●", "◐"
SIDE_BY_SIDE = 130
"""From so many cells on the planner stands beside the lots, else it takes their place while it is looked at."""
_WIDTHS = ((180, 80), (150, 72), (0, 68))


class _Target(NamedTuple):
    """A target is asked for."""


class PlanningScreen(MarkingScreen):
    """The lots and, once it was opened, the planner; the cursor of each is its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "planner", "Planner: the year, candidates and the best set", id="planner.open"),
        Binding("tab", "other_side", "From the lots to the planner and back", id="planner.focus"),
        Binding("T", "next_target", "Choose the best set for the next target", id="planner.target"),
        Binding(
            "ctrl+t", "ask_target", "Type a target: loss 5000, gain 3000", key_display="^t", id="planner.ask_target"
        ),
        Binding("P", "plans", "Named plans: switch, duplicate, compare", id="planner.plans"),
    ]

    _marked_lots: tuple[tuple[int, int], tuple[MarkedLot, ...]] = ((-1, -1), ())
    _signs_of: tuple[int, Mapping[LotId, str]] = (-1, {})
    _pane: PlannerPane | None = None
    """The planner once it was opened: what it needs is loaded then."""

    @property
    @abstractmethod
    def table(self) -> LotTable:
        """The lots."""

    # What is there.

    @property
    def _is_planner_open(self) -> bool:
        return self.has_class("-planner") and self._pane is not None

    @property
    def _is_in_planner(self) -> bool:
        pane = self._pane
        return pane is not None and bool(pane.display) and pane.candidates.has_focus

    def lot_here(self) -> Lot | None:
        """The lot under the cursor one is at."""
        pane = self._pane
        if pane is not None and self._is_in_planner:
            found = pane.candidates.here
            return None if found is None else found.lot
        return self.table.lot_at(self.table.cursor)

    # Drawing.

    def draw_planning(self, frame: Frame) -> None:
        """Signs on the lots and, where it is open, the planner."""
        harvesting = self.harvesting
        if harvesting is None:
            return
        if not harvesting.version:
            self._load_marks()
            return
        if self._signs_of[0] != harvesting.version:
            self._signs_of = harvesting.version, signs_of(harvesting.plans.current)
            self.table.show_signs(self._signs_of[1])
        if self._is_planner_open:
            self._draw_planner(frame, harvesting)

    def _draw_planner(self, frame: Frame, harvesting: Harvesting) -> None:
        from harvest_tui.ui.widgets.planner_pane import Planned

        pane = self._pane
        if pane is not None and frame.planner is not None:
            lot = self.lot_here()
            quote = None if lot is None else frame.portfolio.quotes.get((lot.account, lot.asset))
            marked = self._marked(harvesting, frame)
            price = None if quote is None else quote.price
            pane.show(Planned(frame.planner, marked, self._signs_of[1], lot, price))

    def _marked(self, harvesting: Harvesting, frame: Frame) -> Marked:
        from harvest_tui.ui.widgets.planner_year import Marked

        key = harvesting.version, frame.facts_version
        if self._marked_lots[0] != key:
            self._marked_lots = key, harvesting.marked()
        lots, planner, name = self._marked_lots[1], self.planner, harvesting.plans.active
        known = None if planner is None or not lots else planner.sum_marked(lots, frame.portfolio.quotes)
        if known is None:
            return Marked(name, len(lots))
        return Marked(name, len(lots), known.after, known.totals, known.left_out, known.losses)

    def on_row_view_moved(self) -> None:
        """The planner tells of the lot under the cursor."""
        if self._is_planner_open:
            self.draw_planning(self.owner.frame)

    def on_resize(self) -> None:
        """Side by side, or one in the place of the other."""
        self._lay_out()

    def _lay_out(self) -> None:
        pane = self._pane
        if pane is None:
            return
        width = self.app.size.width
        is_wide = width >= SIDE_BY_SIDE
        is_open = self._is_planner_open
        is_alone = is_open and not is_wide and not self.has_class("-lots-first")
        pane.display = is_open and (is_wide or is_alone)
        pane.set_class(not is_wide, "-alone")
        if is_wide:
            pane.styles.width = next(cells for least, cells in _WIDTHS if width >= least)
        else:
            pane.styles.width = "1fr"
        self.query_one("#lots-side").display = not is_alone

    # The planner.

    async def action_planner(self) -> None:
        """Opens the planner, or closes it."""
        from harvest_tui.ui.widgets.planner_pane import PlannerPane

        if self._pane is None:
            self._pane = PlannerPane()
            await self.query_one("#body", Container).mount(self._pane)
        self.toggle_class("-planner")
        self.remove_class("-lots-first")
        planner = self.planner
        if planner is not None:
            planner.is_watched = self._is_planner_open
            planner.refresh()
        self._lay_out()
        self._focus_what_is_seen()
        self.draw_planning(self.owner.frame)

    def action_other_side(self) -> None:
        """To the planner, which is opened first where need be, or back to the lots."""
        pane = self._pane
        if not self._is_planner_open or pane is None:
            self.app.call_later(self.run_action, "planner")
            return
        to_lots = self._is_in_planner
        self.set_class(to_lots, "-lots-first")
        self._lay_out()
        (self.table if to_lots else pane.candidates).focus()
        self.call_after_refresh(self.draw_planning, self.owner.frame)

    def _focus_what_is_seen(self) -> None:
        pane = self._pane
        if self._is_planner_open and pane is not None and not self.query_one("#lots-side").display:
            pane.candidates.focus()
        else:
            self.table.focus()

    def action_next_target(self) -> None:
        """The best set for another target."""
        from harvest_tui.core.harvest.targets import Aim

        planner = self.planner
        if planner is None:
            return
        aims = [Aim.BEST, Aim.OFFSET_GAINS, Aim.MAX_DEDUCTION, Aim.GAIN]
        here = aims.index(planner.aim) if planner.aim in aims else 0
        aim = aims[(here + 1) % len(aims)]
        planner.aim_at(aim, Decimal(10**9) if aim is Aim.GAIN else Decimal(0))

    def action_ask_target(self) -> None:
        """Asks what the best set is chosen for."""
        from harvest_tui.core.harvest.target_words import HOW

        if self.planner is not None:
            self._ask("What shall the best set be chosen for?", _Target(), HOW)

    def on_prompt_line_answered(self, event: PromptLine.Answered) -> None:
        """Aims at what was typed."""
        from harvest_tui.core.harvest.target_words import read_target

        prompt, planner = self._prompt, self.planner
        if prompt is None or planner is None or not isinstance(event.about, _Target):
            return
        try:
            planner.aim_at(*read_target(event.text))
        except InputError as error:
            prompt.refuse(f"{error.happened}: {error.hint}")
        else:
            prompt.close()
            if not self._is_planner_open:
                self.app.call_later(self.run_action, "planner")

    def action_plans(self) -> None:
        """Opens the plans beside each other."""
        from harvest_tui.ui.screens.plans import PlansScreen

        if not self.app.is_screen_installed("plans"):
            self.app.install_screen(PlansScreen(), "plans")
        self.app.push_screen("plans")

    def marks_changed(self) -> None:
        """The signs and sums as they are now."""
        self.draw_planning(self.owner.frame)

    @work(group="load marks", exclusive=True, exit_on_error=False)
    async def _load_marks(self) -> None:
        harvesting = self.harvesting
        if harvesting is not None:
            await harvesting.load()
            self.marks_changed()

    def focus_again(self) -> None:
        """The lots, or the candidates where they alone are seen."""
        self._focus_what_is_seen()


def signs_of(plan: Plan) -> dict[LotId, str]:
    """What stands beside each marked lot."""
    return {mark.lot_id: MARKED if mark.quantity is None else PART for mark in plan.marks}
