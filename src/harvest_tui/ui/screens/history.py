"""The realized results of a tax year, sale by sale: what each came to, its term and box, and what proves it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from harvest_tui.core.lots.ledger import BasisGap, Disposal
from harvest_tui.core.lots.realized import Realized
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session.results import Results
from harvest_tui.ui.format import clean, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.deciding import words_of
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.filter_input import FilterInput
from harvest_tui.ui.widgets.history_entries import GROUPINGS, Arranged, Entry, arrange, entries_of
from harvest_tui.ui.widgets.history_rows import HistoryRows, Widths, widths_of
from harvest_tui.ui.widgets.history_words import copied_line, copied_table, entry_words, heading_words, title_parts
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.paragraph import Paragraph, Part
from harvest_tui.ui.widgets.prompt_line import PromptLine
from harvest_tui.ui.widgets.row_view import RowView

READING = ("", "The sales are being read.")
HINT = "btc kraken short loss>500 gap day:2026-03 box:h !eth"


class _Year(NamedTuple):
    """What of a year is on screen, and the years there are."""

    facts: int
    years: tuple[int, ...]
    realized: Realized | None
    entries: tuple[Entry, ...] = ()
    widths: Widths = Widths()


class HistoryScreen(LiveScreen):
    """One line a part of a lot that went, the newest on top. It is read beside the screen, once a year and change."""

    TITLE = "history"
    DEFAULT_CSS = """
    HistoryScreen FilterInput { height: 1; border: none; padding: 0 1; background: $cursor; color: $foreground; }
    HistoryScreen FilterInput:focus { border: none; background: $cursor; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "year(-1)", "Year before", key_display="[", id="history.year_before"),
        Binding("right_square_bracket", "year(1)", "Next year", key_display="]", id="history.year_next"),
        Binding("slash", "filter", "Filter as you type: btc short loss>500 gap", key_display="/", id="history.filter"),
        Binding("e", "explain", "Why it came to that: the whole story", id="history.explain"),
        Binding("y", "copy(False)", "Copy the line", id="history.copy_row"),
        Binding("Y", "copy(True)", "Copy what is seen, for a spreadsheet", id="history.copy_table"),
        Binding("x", "write", "Write what is seen into a CSV file", id="history.write"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._year: int | None = None
        self._group = ""
        self._typed = ""
        self._shown: _Year | None = None
        self._asked: tuple[int, int] | None = None
        self._arranged = Arranged()

    def compose(self) -> ComposeResult:
        """Title, filter, list, the whole of one line, keys."""
        yield Paragraph(classes="title-line")
        yield FilterInput(HINT)
        yield HistoryRows()
        yield Paragraph(classes="detail")
        yield PromptLine()
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("[ ]", "year", "screen.year(-1)"),
            Key("/", "filter", "screen.filter"),
            Key("g", "group", "screen.group"),
            Key("e", "explain", "screen.explain"),
            Key("y Y", "copy", "screen.copy(True)"),
            Key("x", "write CSV", "screen.write"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    def on_mount(self) -> None:
        """The filter is asked for."""
        self.query_one(FilterInput).display = False

    @property
    def _rows(self) -> HistoryRows:
        return self.query_one(HistoryRows)

    # Reading.

    def draw(self, frame: Frame) -> None:
        """Reads the year where it or the facts are others than those on screen."""
        try:
            results = self.owner.session.results
        except InputError:
            self._show()
            return
        year = self._year or frame.portfolio.tax_day.year
        if self._asked != (frame.facts_version, year):
            self._asked = frame.facts_version, year
            self._read(results, frame.facts_version, year)
        elif self._shown is None:
            self._show()

    @work(group="history", exclusive=True, exit_on_error=False)
    async def _read(self, results: Results, version: int, year: int) -> None:
        years, realized = await results.years(), await results.of(year)
        found = _Year(version, years, None)
        if realized is not None:
            entries = await asyncio.to_thread(entries_of, realized)
            found = _Year(version, years, realized, entries, await asyncio.to_thread(widths_of, entries))
        self._shown = found
        self._show()

    # Showing.

    def _show(self) -> None:
        shown = self._shown
        if shown is None or shown.realized is None:
            self._arranged = Arranged()
            self._rows.show(self._arranged, Widths(), READING)
            self.query_one(".title-line", Paragraph).show("harvest › history")
        else:
            self._arranged = arrange(shown.entries, self._typed, self._group)
            self._rows.show(self._arranged, shown.widths, self._empty(shown))
            self._title(shown.realized)
        self._tell()

    def _title(self, realized: Realized) -> None:
        parts = title_parts(realized.year or 0, self._arranged.sums)
        if self._group:
            parts.append((f"   by {self._group}", "$muted"))
        if self._typed:
            parts.append((f"   / {clean(self._typed, 40)}", "$soon"))
        if self._arranged.remark:
            parts.append((f"   {clean(self._arranged.remark, 40)}", "$loss"))
        self.query_one(".title-line", Paragraph).show(*parts)

    def _empty(self, shown: _Year) -> tuple[str, ...]:
        if self._typed:
            return ("", "No sale of the year fits the filter.", "", "/   changes it")
        others = [str(year) for year in shown.years if shown.realized is None or year != shown.realized.year]
        words = f"[ ]   shows {', '.join(others[-6:])}" if others else "What is sold shows here, lot by lot: s   syncs"
        return ("", "Nothing was sold in this tax year.", "", words)

    def _tell(self) -> None:
        detail, rows, shown = self.query_one(".detail", Paragraph), self._rows, self._shown
        entry, heading = rows.entry, rows.heading
        detail.display = shown is not None and (entry is not None or heading is not None)
        if shown is None or shown.realized is None:
            return
        parts: list[Part] = []
        if entry is not None:
            parts = entry_words(entry, shown.realized.zone)
        elif heading is not None:
            parts = heading_words(heading)
        detail.show(*parts)

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the next one in full."""
        self._tell()

    # Wishes.

    def on_row_view_chosen(self, _: RowView.Chosen) -> None:
        """Tells its story."""
        self.action_explain()

    def action_year(self, step: int) -> None:
        """The year before or after, among those with a sale."""
        shown = self._shown
        if shown is None or shown.realized is None or shown.realized.year is None:
            return
        here = shown.realized.year
        others = [year for year in shown.years if (year > here if step > 0 else year < here)]
        if not others:
            self._say("There is no later year." if step > 0 else "Nothing was sold before.")
            return
        self._year = min(others) if step > 0 else max(others)
        self.draw(self.owner.frame)

    def action_group(self) -> None:
        """By asset, by account, by month, not at all."""
        self._group = GROUPINGS[(GROUPINGS.index(self._group) + 1) % len(GROUPINGS)]
        self._show()

    def action_filter(self) -> None:
        """Opens the field."""
        field = self.query_one(FilterInput)
        field.display = True
        field.value = self._typed
        field.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        if event.value != self._typed:
            self._typed = event.value
            self._show()

    @on(FilterInput.Done)
    def _filter_kept(self) -> None:
        self.query_one(FilterInput).display = False
        self._rows.focus()

    def action_explain(self) -> None:
        """The story of the sale under the cursor."""
        from harvest_tui.ui.screens.explanation import ExplanationScreen

        entry, screen = self._rows.entry, self.app.get_screen("explanation")
        if entry is None or not isinstance(screen, ExplanationScreen):
            self._say("Put the cursor on a sale.")
            return
        screen.lot = entry.what
        self.app.push_screen(screen)

    def action_copy(self, whole: bool) -> None:
        """Hands the line, or everything that is seen, to the terminal's clipboard (OSC 52)."""
        entry, shown = self._rows.entry, self._shown
        if getattr(self.app, "_are_figures_hidden", False):
            self._say("Figures are hidden: H shows them, then they can be copied.")
        elif shown is None or shown.realized is None or not self._arranged.entries or not (whole or entry):
            self._say("There is nothing to copy.")
        elif not whole and entry is not None:
            self.app.copy_to_clipboard(copied_line(entry, shown.realized.zone))
            self._say("Copied the line.")
        else:
            text = copied_table(self._arranged.entries, shown.realized.zone)
            if text is None:
                self._say("That is more than a clipboard takes: filter first with /, or write a file with x.")
                return
            self.app.copy_to_clipboard(text)
            self._say(f"Copied {count(len(self._arranged.entries), 'line')}.")

    # A file.

    def action_write(self) -> None:
        """Asks for the name of a new file."""
        shown = self._shown
        if shown is None or shown.realized is None or not self._arranged.entries:
            self._say("There is nothing to write.")
            return
        words = f"Write {count(len(self._arranged.entries), 'line')} as CSV into which new file?"
        self.query_one(PromptLine).ask(words, "csv", text=f"disposals-{shown.realized.year}.csv")

    @on(PromptLine.Left)
    def _left(self) -> None:
        self._rows.focus()

    @on(PromptLine.Answered)
    def _named(self, event: PromptLine.Answered) -> None:
        shown = self._shown
        if event.text.strip() and shown is not None and shown.realized is not None:
            rows = [(one.what, one.box) for one in self._arranged.entries]
            self._write(Path(event.text.strip()).expanduser(), rows, shown.realized)

    @work(group="write", exclusive=True, exit_on_error=False)
    async def _write(self, path: Path, rows: list[tuple[Disposal | BasisGap, str]], realized: Realized) -> None:
        from harvest_tui.session.harvesting import write_new

        prompt = self.query_one(PromptLine)
        try:
            await write_new(path, await asyncio.to_thread(_csv, rows, realized))
        except HarvestError as error:
            prompt.refuse(words_of(error))
            return
        prompt.close()
        self._rows.focus()
        self._say(f"Written: {path}")

    def _say(self, words: str) -> None:
        self.app.notify(clean(words, 300), markup=False, timeout=5)


def _csv(rows: list[tuple[Disposal | BasisGap, str]], realized: Realized) -> bytes:
    """In a thread: the library behind it takes its time when it is first asked for."""
    from harvest_tui.core.lot_frame import disposals_csv

    return disposals_csv(rows, realized.zone).encode()
