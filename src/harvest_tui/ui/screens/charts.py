"""The charts: price and lots of an asset, losses of the year, the marginal ladder, and the holding-period calendar."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import USD, Asset, Quote
from harvest_tui.errors import HarvestError
from harvest_tui.session.charting import Charts, Ladders, LossYear, PricePath
from harvest_tui.ui.format import clean, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.deciding import words_of
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.calendar_picture import calendar_picture
from harvest_tui.ui.widgets.chart import Chart, load_library
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.ladder_picture import ladder_picture
from harvest_tui.ui.widgets.line_list import LineList
from harvest_tui.ui.widgets.missed_picture import missed_picture
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.picture import Picture
from harvest_tui.ui.widgets.price_picture import price_picture

LOADING = "Reading the figures…"
NO_LOT = "There is no lot yet. a connects an exchange with a key that can only read."
WINDOWS = (90, 365)
"""Days that the chart of a price may show."""
DRAW_SECONDS = 1.0
"""A chart is drawn anew at most so often, however fast prices move; the sentence above it follows every frame."""
REFRESH_SECONDS = 10.0
"""Figures over all lots follow the prices this often."""
TABS = ("price", "losses", "ladder", "calendar")
_TITLES = ("price", "losses of the year", "marginal ladder", "holding periods")


class Tabs(Widget):
    """The charts by number; the one shown is bold and in brackets. A click on one shows it."""

    DEFAULT_CSS = "Tabs { height: 1; width: 1fr; }"

    class Chosen(Message):
        """A chart was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(classes="tabs")
        self.shown = 0

    def render(self) -> Content:
        """All of them in one line."""
        parts: list[str | tuple[str, str]] = [" "]
        for number, name in enumerate(TABS):
            words = f"{number + 1} {name}"
            parts.append((f"[{words}]", "bold $primary") if number == self.shown else (f" {words} ", "$muted"))
            parts.append(" ")
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Finds the one that was clicked."""
        end = 1
        for number, name in enumerate(TABS):
            start, end = end, end + len(f"[{number + 1} {name}] ")
            if start <= event.x < end:
                self.post_message(self.Chosen(number))


class FigureLines(LineList):
    """Lines below a chart, under titles that change with it."""

    @property
    def content_width(self) -> int:
        """Lines are cut at the scrollbar."""
        return self.scrollable_content_region.width

    def take(self, picture: Picture) -> None:
        """Shows the lines of the picture, or why there is none."""
        self._header = picture.header
        self.show(picture.lines, picture.empty)
        self.forget()


class _Wanted(NamedTuple):
    """What the figures on screen were made from."""

    tab: int
    asset: Asset | None
    facts: int
    day: object
    fetched: int


class ChartsScreen(LiveScreen):
    """One chart at a time. Figures are worked out beside the screen, and anew when facts or the day change."""

    TITLE = "charts"
    DEFAULT_CSS = """
    ChartsScreen #chart-notes { color: $muted; }
    """
    AUTO_FOCUS = "#chart-lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n + 1), f"tab({n})", f"Chart: {title}", id=f"charts.{n + 1}") for n, title in enumerate(_TITLES)),
        Binding("tab", "turn(1)", "Next chart", id="charts.next"),
        Binding("shift+tab", "turn(-1)", "Chart before", id="charts.before"),
        Binding("left_square_bracket", "asset(-1)", "Asset before", key_display="[", id="charts.asset_before"),
        Binding("right_square_bracket", "asset(1)", "Next asset", key_display="]", id="charts.asset_next"),
        Binding("r", "range", "Price over 90 days or a year", id="charts.range"),
        Binding("f", "fetch", "Ask the exchanges for a year of daily prices", id="charts.fetch"),
    ]

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.position: PositionKey | None = None
        """The account and asset that the chart of a price is about."""
        self.tab = 0
        self.window = WINDOWS[0]
        self._clock = clock
        self._wanted: _Wanted | None = None
        self._figures: object = None
        self._footing: object = None
        self._trouble = ""
        self._fetched = 0
        self._drawn_at = self._loaded_at = float("-inf")

    def compose(self) -> ComposeResult:
        """Title, charts by number, sentence, chart, lines, notes, keys."""
        yield Paragraph(classes="title-line")
        yield Tabs()
        yield Paragraph(id="chart-sentence", classes="message")
        yield Chart(id="chart")
        yield FigureLines(id="chart-lines")
        yield Paragraph(id="chart-notes", classes="detail")
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("1-4", "chart", "screen.turn(1)"),
            Key("r", "range", "screen.range"),
            Key("[ ]", "asset", "screen.asset(1)"),
            Key("f", "fetch prices", "screen.fetch"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    # What is wanted.

    def draw(self, frame: Frame) -> None:
        """Loads figures where others are wanted than are there, then draws those there are."""
        if self.position is None:
            self.position = next((key for key in frame.portfolio.positions if key[1] != USD), None)
        asset = self.position[1] if self.position and self.tab == 0 else None
        wanted = _Wanted(
            self.tab, asset, frame.facts_version, (frame.portfolio.tax_day, frame.now.date()), self._fetched
        )
        is_old = self.tab == TABS.index("calendar") and self._clock() - self._loaded_at >= REFRESH_SECONDS
        if wanted != self._wanted or is_old:
            if self._wanted is None or wanted[:2] != self._wanted[:2]:
                self._figures, self._footing, self._trouble = None, None, ""
            self._wanted, self._loaded_at = wanted, self._clock()
            self._load(wanted)
        self._show(frame)

    @work(group="figures", exclusive=True, exit_on_error=False)
    async def _load(self, wanted: _Wanted) -> None:
        await asyncio.to_thread(load_library)
        figures: object = None
        trouble = ""
        try:
            figures = await self._read(self.owner.session.charts, wanted)
        except HarvestError as error:
            trouble = words_of(error)
            # The cache may be on its way still: it is asked again with the next frame.
            self._wanted = None if not self.owner.session.facts_version else self._wanted
        self._figures, self._trouble = figures, trouble
        self._footing, self._drawn_at = None, float("-inf")
        self._show(self.owner.frame)

    async def _read(self, charts: Charts, wanted: _Wanted) -> object:
        if wanted.tab == 0:
            return None if wanted.asset is None else await charts.price(wanted.asset)
        if wanted.tab == 1:
            return await charts.losses()
        return await (charts.ladders() if wanted.tab == 2 else charts.calendar())

    # What is shown.

    def _picture(self, frame: Frame) -> Picture | None:
        """The picture of the figures at the prices of the frame; None while they are being read."""
        figures = self._figures
        if isinstance(figures, PricePath):
            return price_picture(figures, frame, self._quote(frame), self.window)
        if isinstance(figures, LossYear):
            return missed_picture(figures, frame)
        if isinstance(figures, Ladders):
            return ladder_picture(figures, frame)
        return calendar_picture(figures, frame) if isinstance(figures, tuple) else None

    def _show(self, frame: Frame) -> None:
        picture = self._picture(frame)
        self.query_one(".title-line", Paragraph).show(f"harvest › charts › {self._place()}")
        tabs = self.query_one(Tabs)
        if tabs.shown != self.tab:
            tabs.shown = self.tab
            tabs.refresh()
        if picture is None:
            words = self._trouble or (LOADING if self.position or self.tab else NO_LOT)
            picture = Picture(("words", words), None, (clean(words, 300),), ())
        self.query_one("#chart-sentence", Paragraph).show(*picture.sentence)
        self._draw_picture(picture)

    def _draw_picture(self, picture: Picture) -> None:
        now = self._clock()
        if picture.footing == self._footing or now - self._drawn_at < DRAW_SECONDS:
            return
        self._footing, self._drawn_at = picture.footing, now
        chart, lines = self.query_one(Chart), self.query_one(FigureLines)
        chart.display = picture.painter is not None
        lines.display = bool(picture.lines) or picture.painter is None
        lines.styles.height = (
            "1fr" if picture.painter is None else min(len(picture.lines) + 1, max(4, self.size.height // 3 - 2))
        )
        lines.take(picture)
        chart.show(picture.painter)
        notes = self.query_one("#chart-notes", Paragraph)
        notes.display = bool(picture.notes)
        notes.show("\n".join(picture.notes))

    def _place(self) -> str:
        if self.tab or self.position is None:
            return _TITLES[self.tab]
        return f"price of {clean(self.position[1], 30)}, {self.window} days"

    def _quote(self, frame: Frame) -> Quote | None:
        """The latest price of the position, or of another one of the asset."""
        if self.position is None:
            return None
        quotes = frame.portfolio.quotes
        found = quotes.get(self.position)
        others = [quote for (_, asset), quote in quotes.items() if asset == self.position[1]]
        return found or max(others, key=lambda quote: quote.at, default=None)

    # Keys.

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        """Shows the chart that was clicked."""
        self.action_tab(event.number)

    def action_tab(self, number: int) -> None:
        """Shows that chart."""
        self.tab = number % len(TABS)
        self._now()

    def action_turn(self, step: int) -> None:
        """Shows the next chart, or the one before."""
        self.action_tab(self.tab + step)

    def action_range(self) -> None:
        """Shows the price over the other range of days."""
        self.window = WINDOWS[(WINDOWS.index(self.window) + 1) % len(WINDOWS)]
        self._now()

    def action_asset(self, step: int) -> None:
        """Shows the next asset held."""
        keys = {key[1]: key for key in self.owner.frame.portfolio.positions if key[1] != USD}
        if self.tab or not keys:
            return
        assets = sorted(keys)
        here = assets.index(self.position[1]) if self.position and self.position[1] in keys else -step
        self.position = keys[assets[(here + step) % len(assets)]]
        self._now()

    def _now(self) -> None:
        self._footing, self._drawn_at = None, float("-inf")
        self.draw(self.owner.frame)

    def action_fetch(self) -> None:
        """Asks for the missing closes of the asset shown, or of all assets held."""
        if not any(worker.name == "fetch" and worker.is_running for worker in self.workers):
            self._fetch()

    @work(name="fetch", group="fetch", exit_on_error=False)
    async def _fetch(self) -> None:
        assets = [asset for _, asset in self.owner.frame.portfolio.positions if asset != USD]
        if self.tab == 0 and self.position is not None:
            assets = [self.position[1]]
        try:
            new = await self.owner.session.charts.fetch(dict.fromkeys(assets))
        except HarvestError as error:
            self.app.notify(clean(words_of(error), 300), severity="error", markup=False, timeout=8)
            return
        words = f"{count(new, 'past price')} kept." if new else "The exchanges tell no past price that is not kept."
        self.app.notify(words, markup=False, timeout=5)
        self._fetched += 1
        self._now()
