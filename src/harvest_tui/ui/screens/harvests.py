"""Harvests: what became of everything written down, the way back in, and what no market prices."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.records import LotId
from harvest_tui.core.tax_days import tax_day
from harvest_tui.ui.format import clean
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.harvest_lanes import IlliquidLane, Lane, RebuyLane, Sight, VerdictLane
from harvest_tui.ui.screens.harvest_asking import HarvestAsking
from harvest_tui.ui.widgets.illiquid_lines import Illiquid, together, weighed
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.lane_list import LaneList, LaneTabs
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.prompt_line import PromptLine
from harvest_tui.ui.widgets.rebuy_lines import Return
from harvest_tui.ui.widgets.row_view import RowView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvest_tui.core.harvest.bill import ExpectedBill
    from harvest_tui.core.harvest.disposal import DisposalWorth
    from harvest_tui.session.offers import Told

_BACK, _HELP, _QUIT = Key("esc", "back", "app.back"), Key("?", "help", "app.help"), Key("q", "quit", "app.quit")
_TAB, _SYNC = Key("tab", "next lane", "screen.turn(1)"), Key("s", "sync", "app.sync")
_COPY, _WRITE = Key("y", "copy", "screen.copy"), Key("w", "write", "screen.write")
_WHY, _TICKET = Key("e", "explain", "screen.explain_here"), Key("enter", "ticket", "screen.choose_here")
_TOLD, _EXPORT = Key("i", "venue was told", "screen.told"), Key("E", "export records", "screen.export")
_END = (_HELP, _QUIT)
KEYS = (
    (_BACK, _TAB, _TICKET, _COPY, _WRITE, Key("X", "revoke", "screen.revoke"), _WHY, _SYNC, _TOLD, _EXPORT, *_END),
    (_BACK, _TAB, Key("W", "wait", "screen.wait"), _COPY, _WRITE, _TICKET, _WHY, _SYNC, *_END),
    (
        _BACK,
        _TAB,
        Key("o", "offer", "screen.offer"),
        Key("b", "buyer", "screen.evidence"),
        _COPY,
        _WRITE,
        _WHY,
        *_END,
    ),
)
OPENING = "The cache is still being opened."


class HarvestsScreen(HarvestAsking):
    """Three lanes with a cursor each; what the cursor is on is told in full below."""

    TITLE = "harvests"
    DEFAULT_CSS = """
    HarvestsScreen #harvest-detail {
        height: auto; max-height: 60%; background: $surface; border-top: solid $panel; scrollbar-size: 1 1;
    }
    HarvestsScreen #harvest-words { padding: 0 1; }
    HarvestsScreen #harvest-told { padding: 0 1; color: $muted; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "Next lane: verdicts, way back, no market", id="harvests.next"),
        Binding("shift+tab", "turn(-1)", "Lane before", id="harvests.before"),
        Binding("J,shift+down", "scroll_words(3)", "Read on below", key_display="J", id="harvests.read_on"),
        Binding("K,shift+up", "scroll_words(-3)", "Read back below", key_display="K", id="harvests.read_back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.verdicts, self.rebuys, self.illiquid = VerdictLane(), RebuyLane(), IlliquidLane()
        self.lanes: tuple[Lane, ...] = (self.verdicts, self.rebuys, self.illiquid)
        self.shown = 0
        self._weighed: object = None
        """What the rows without a market were worked out from, or are being."""

    def compose(self) -> ComposeResult:
        """Title, lanes, the list of each, the whole story, keys."""
        yield Paragraph(classes="title-line")
        yield LaneTabs()
        for place in range(len(self.lanes)):
            yield LaneList(id=f"lane-{place}")
        yield Paragraph(id="harvest-told")
        with VerticalScroll(id="harvest-detail", can_focus=False):
            yield Paragraph(id="harvest-words")
        yield PromptLine()
        for keys in KEYS:
            yield KeyBar(*keys)

    def on_mount(self) -> None:
        """One lane is seen."""
        self._show_lane()

    # What is there.

    @property
    def lane(self) -> Lane:
        """The lane that is shown."""
        return self.lanes[self.shown]

    @property
    def list(self) -> LaneList:
        """Its list."""
        return self.query_one(f"#lane-{self.shown}", LaneList)

    @property
    def _row(self) -> int | None:
        row = self.list.cursor
        return row if row < len(self.lane.keys) else None

    @property
    def here(self) -> Verdict | Return | Illiquid | None:
        """What is under the cursor."""
        row = self._row
        if row is None:
            return None
        rows: tuple[Sequence[Verdict | Return | Illiquid], ...]
        rows = self.verdicts.verdicts, self.rebuys.returns, self.illiquid.rows
        return rows[self.shown][row]

    @property
    def lot_here(self) -> Lot | None:
        """What the line under the cursor can tell a story of."""
        row = self._row
        return None if row is None else self.lane.lot(row)

    @property
    def text_here(self) -> tuple[str, str]:
        """The line under the cursor as text, and the name of a file for it."""
        row, here = self._row, self.here
        if row is None or here is None:
            return "", ""
        if isinstance(here, Verdict):
            name = f"verdict-{here.record}-{here.line + 1}"
        else:
            name = f"rebuy-{here.rebuy.record}" if isinstance(here, Return) else "disposal"
        return self.lane.text(row), f"harvest-{name}.txt"

    # Drawing.

    def draw(self, frame: Frame) -> None:
        """Takes what is known now; the cursor stays on what it was on."""
        title, harvesting = self.query_one(".title-line", Paragraph), self.harvesting
        if harvesting is None:
            title.show("harvest › harvests")
            self.list.show((), ("", OPENING))
            return
        view = harvesting.watch.view()
        state = view.trouble or ("judging the newest facts" if view.is_judging or view.judged is None else "")
        title.show("harvest › harvests", (f"   {clean(state, 200)}", "$soon" if view.trouble else "$muted"))
        sight = Sight(frame, harvesting, view)
        for place, lane in enumerate(self.lanes):
            self._take(lane, self.query_one(f"#lane-{place}", LaneList), sight)
        self._weigh_if_due(sight)
        names = [f"{lane.name} {len(lane.keys)}" if lane.keys else lane.name for lane in self.lanes]
        self.query_one(LaneTabs).show(names, self.shown)
        self._draw_lane()

    def _take(self, lane: Lane, rows: LaneList, sight: Sight) -> None:
        under = lane.keys[rows.cursor] if rows.cursor < len(lane.keys) else None
        lane.take(sight)
        if under in lane.keys:
            rows.cursor = lane.keys.index(under)

    def _draw_lane(self) -> None:
        lane, rows = self.lane, self.list
        rows.take(lane.footing, lane.table, lane.empty)
        rows.reveal_cursor()
        told = self.query_one("#harvest-told", Paragraph)
        told.display = bool(lane.told)
        told.show(lane.told)
        self._tell_row()

    def _tell_row(self) -> None:
        row, detail = self._row, self.query_one("#harvest-detail")
        detail.display = row is not None
        if row is not None:
            parts: list[str | tuple[str, str]] = []
            for line in self.lane.words(row):
                parts += [*line, "\n"]
            self.query_one("#harvest-words", Paragraph).show(*parts[:-1])

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells of the next row."""
        self.query_one("#harvest-detail").scroll_to(y=0, animate=False)
        self._tell_row()

    def on_resize(self) -> None:
        """Other columns fit now."""
        self.call_after_refresh(self.draw, self.owner.frame)

    # Lanes.

    def action_turn(self, lanes: int) -> None:
        """Another lane."""
        self.shown = (self.shown + lanes) % len(self.lanes)
        self._show_lane()

    @on(LaneTabs.Chosen)
    def _clicked(self, event: LaneTabs.Chosen) -> None:
        self.shown = event.lane
        self._show_lane()

    def _show_lane(self) -> None:
        for place in range(len(self.lanes)):
            self.query_one(f"#lane-{place}").display = place == self.shown
        for place, keys in enumerate(one for one in self.children if isinstance(one, KeyBar)):
            keys.display = place == self.shown
        self.query_one("#harvest-detail").scroll_to(y=0, animate=False)
        self.focus_again()
        self.call_after_refresh(self.draw, self.owner.frame)

    def action_choose_here(self) -> None:
        """As enter in the list."""
        self.list.action_choose()

    def action_scroll_words(self, lines: int) -> None:
        """Reads on below."""
        self.query_one("#harvest-detail").scroll_relative(y=lines, animate=False)

    def focus_again(self) -> None:
        """Back to the list."""
        self.list.focus()

    def changed(self) -> None:
        """Draws what is known now."""
        self.draw(self.owner.frame)

    # What no market prices.

    def _weigh_if_due(self, sight: Sight) -> None:
        """Works the rows out beside the screen where lots, offers, the year or the day are others."""
        frame, harvesting, planned = sight.frame, sight.harvesting, sight.frame.planner
        outlook = None if planned is None else planned.outlook
        bill = None if outlook is None else outlook.bill
        lots = self.illiquid.lots(frame)
        footing = lots, harvesting.offers.version, bill, tax_day(frame.now, harvesting.zone)
        if footing != self._weighed:
            self._weighed = footing
            self._weigh(lots, bill, frame.now)

    @work(group="no market", exclusive=True, exit_on_error=False)
    async def _weigh(self, lots: tuple[Lot, ...], bill: ExpectedBill | None, now: datetime) -> None:
        harvesting = self.harvesting
        if harvesting is None:
            return
        await harvesting.offers.load()
        told = {lot.lot_id: harvesting.offers.of(lot.lot_id) for lot in lots}
        rows, worth = await asyncio.to_thread(_weighed, lots, told, bill, now, harvesting.zone)
        under = self.illiquid
        rows_list = self.query_one(f"#lane-{self.lanes.index(under)}", LaneList)
        before = under.keys[rows_list.cursor] if rows_list.cursor < len(under.keys) else None
        under.show(rows, worth)
        if before in under.keys:
            rows_list.cursor = under.keys.index(before)
        self._draw_lane()


def _weighed(
    lots: tuple[Lot, ...], told: Mapping[LotId, Told], bill: ExpectedBill | None, now: datetime, zone: ZoneInfo
) -> tuple[tuple[Illiquid, ...], DisposalWorth | None]:
    rows = tuple(weighed(lot, told[lot.lot_id], bill, now, zone) for lot in lots)
    return rows, together(rows, bill)
