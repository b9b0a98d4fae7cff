"""The planner beside the lots: the year before and after, candidates, ladder, best set, and what was not told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from textual.app import ComposeResult
from textual.widget import Widget

from harvest_tui.core.harvest.outlook import Outlook, Proposal
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import ZERO
from harvest_tui.core.portfolio import term_on
from harvest_tui.core.records import LotId
from harvest_tui.session.planner import PlannerView
from harvest_tui.ui.format import clean
from harvest_tui.ui.widgets.candidate_list import CandidateList
from harvest_tui.ui.widgets.line_block import LineBlock
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.planner_tail import (
    best_lines,
    ladder_line,
    ladder_lines,
    left_lines,
    lot_lines,
    untold_lines,
)
from harvest_tui.ui.widgets.planner_year import Marked, year_lines
from harvest_tui.ui.widgets.quick_lines import QuickLines

ROOMY = 26
"""From so many lines on the year is told line by line."""
_LEAST_ROWS, _USUAL_ROWS = 4, 6


class Planned(NamedTuple):
    """What the pane draws: the outlook, the marks together, the sign of each marked lot, the lot looked at and its
    price."""

    view: PlannerView
    marked: Marked
    signs: Mapping[LotId, str]
    lot: Lot | None
    price: Decimal | None = None


class PlannerPane(QuickLines, Widget):
    """Draws what it was last given; the list of candidates takes the room that the rest leaves."""

    DEFAULT_CSS = """
    PlannerPane { layout: vertical; width: 68; height: 1fr; border-left: solid $panel; }
    PlannerPane #candidates { overflow-x: hidden; }
    PlannerPane.-alone { width: 1fr; border-left: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="planner")
        self._planned: Planned | None = None
        self._told: object = None
        """What the lower part was last told of: it is the same for most keys."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield LineBlock(id="planner-year")
        yield CandidateList()
        yield LineBlock(id="planner-tail")

    @property
    def candidates(self) -> CandidateList:
        """The list with the cursor."""
        return self.query_one(CandidateList)

    def show(self, planned: Planned) -> None:
        """Takes what is known now."""
        self._planned = planned
        if self.is_mounted:
            self._draw()

    def on_mount(self) -> None:
        """What was given before."""
        self._draw()

    def on_resize(self) -> None:
        """Other lines fit now."""
        self._draw()

    def _draw(self) -> None:
        planned, width, height = self._planned, self.size.width, self.size.height
        if planned is None or not width:
            return
        year, tail = self.query_one("#planner-year", LineBlock), self.query_one("#planner-tail", LineBlock)
        outlook = planned.view.outlook
        if outlook is None:
            year.show([((" Planner", "title"),), ((f"  {_waiting(planned.view)}", "muted"),)])
            self.candidates.show((), {})
            tail.show(())
            self._told = None
            return
        top = year_lines(planned.view, outlook, planned.marked, width, height >= ROOMY)
        year.show(top)
        self.candidates.show(outlook.proposals, planned.signs)
        rows = min(max(_LEAST_ROWS, len(outlook.proposals)), _USUAL_ROWS if height >= ROOMY else _LEAST_ROWS)
        room = height - len(top) - 1 - rows
        told = planned.lot, planned.price, outlook, planned.view.untold, _here(planned, outlook), width, room
        if self._told != told:
            self._told = told
            tail.show(tail_lines(planned, outlook, width, room))


def _waiting(view: PlannerView) -> str:
    return view.trouble or ("weighing the lots" if view.is_weighing else "the lots are being read")


def tail_lines(planned: Planned, outlook: Outlook, width: int, room: int) -> list[Line]:
    """The lower part in `room` lines: what matters most has room first, and all of it stands in one order."""
    lot = planned.lot
    found = None if lot is None else _proposal_of(outlook, lot)
    best = best_lines(outlook, width)
    room -= len(best)
    told = untold_lines(planned.view.untold, width, max(1, min(3 if room < 12 else 4, room - 3)))
    known = set(outlook.profile.limits())
    notes: list[Line] = [((f" ! {clean(note, 300)}", "soon"),) for note in outlook.plan.limits if note not in known]
    told = [*notes, *told][: max(0, room)]
    room -= len(told)
    about = [] if lot is None else lot_lines(lot, found, planned.price, outlook, width, max(0, min(8, room)))
    room -= len(about)
    steps = _ladder(planned, outlook, width, room)
    room -= len(steps)
    left = left_lines(outlook, width, min(3, max(0, room - 3) or min(1, max(0, room))))
    room -= len(left)
    blank: Line = (("", "plain"),)
    lines: list[Line] = []
    for part in (about, steps, [*best, *left], told):
        if part and room > 0:
            lines.append(blank)
            room -= 1
        lines += part
    return lines


def _proposal_of(outlook: Outlook, lot: Lot) -> Proposal | None:
    return next((one for one in outlook.proposals if one.lot.lot_id == lot.lot_id), None)


def _here(planned: Planned, outlook: Outlook) -> int:
    """How many steps of the ladder the marked losses have climbed."""
    term = _term(planned, outlook)
    lost = planned.marked.losses.get(term, ZERO)
    return sum(step.from_loss <= lost for step in outlook.ladders[term])


def _term(planned: Planned, outlook: Outlook) -> Term:
    return Term.SHORT if planned.lot is None else term_on(planned.lot, outlook.day)


def _ladder(planned: Planned, outlook: Outlook, width: int, room: int) -> list[Line]:
    term = _term(planned, outlook)
    steps = outlook.ladders[term]
    if room >= 3:
        lost = planned.marked.losses.get(term, ZERO)
        return ladder_lines(steps, term, lost, len(steps) if len(steps) < room else room - 2)
    return [ladder_line(steps, term, width)] if room > 0 else []
