"""The programs that live_table.py watches in a pty: the monitor, and Textual's own DataTable, under the same feed.

SIGUSR1 starts the feed, SIGUSR2 stops it. Figures go into the file named last, one JSON object a stop.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

ASSETS = 300


class Feed:
    """Price changes paced by the wall clock and counted, ten at a time at 1,000 a second; `take` has each by itself."""

    def __init__(self, rate: float, take: Callable[[int, Decimal], None]) -> None:
        self.rate, self.take = rate, take
        self.sent, self.seconds, self._started = 0, 0.0, 0.0
        self._task: asyncio.Task[None] | None = None
        self._random = random.Random(4)

    def start(self) -> None:
        """Sends from now on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Sends no more."""
        if self._task is not None:
            self.seconds += time.perf_counter() - self._started
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        self._started, before, sent = time.perf_counter(), self.sent, 0
        while True:
            due = int((time.perf_counter() - self._started) * self.rate)
            for _ in range(due - sent):
                asset = self._random.randrange(ASSETS)
                self.take(asset, Decimal(self._random.randrange(4000, 6000)) / 100)
            sent = due
            self.sent = before + sent
            await asyncio.sleep(0.01)


def on_signals(feed: Feed, tell: Callable[[], dict[str, object]], report: Path) -> None:
    """Starts and stops the feed when told to, and says what was done at each stop."""

    def stop() -> None:
        feed.stop()
        with report.open("a") as file:
            file.write(json.dumps({"sent": feed.sent, "seconds": feed.seconds, **tell()}) + "\n")

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, feed.start)
    loop.add_signal_handler(signal.SIGUSR2, stop)


def monitor(home: str, rate: float, report: Path, *, is_counting: bool) -> None:
    """The real monitor on a cached home; prices are handed to where the exchanges' feeds hand them.

    Where it counts the lines due at every frame, that takes time too.
    """
    from harvest_tui import ui
    from harvest_tui.cli.home import choices_of, settled
    from harvest_tui.core.records import Asset, Quote
    from harvest_tui.exchanges.ccxt_import import bases_of
    from harvest_tui.session.choices import utc_now
    from harvest_tui.session.opening import Opening
    from harvest_tui.session.run import Session
    from harvest_tui.session.snapshot import load_picture
    from harvest_tui.ui.app import HarvestApp
    from harvest_tui.ui.table_memory import TableMemory

    locations, settings = settled(home)
    memory = TableMemory(locations.config_file, settings.table, settings.theme)
    picture = load_picture(locations, settings, utc_now())
    assert picture is not None, "the home has no picture: run `lots --json` on it once"
    opening = Opening(picture, lambda: choices_of(locations, settings), utc_now)
    del picture
    names = [Asset(f"COIN{number}") for number in range(ASSETS)]

    class Staged(HarvestApp):
        CSS_PATH = Path(ui.__file__).with_name("styles") / "app.tcss"
        counts = {"frames": 0, "due": 0, "drawn": 0}  # noqa: RUF012

        def tick(self) -> None:
            if not is_counting:
                super().tick()
                self.counts["frames"] += 1
                return
            before, table = self.frame, self.table
            drawn = table.lines_drawn
            super().tick()
            old, new = before.portfolio.quotes, self.frame.portfolio.quotes
            top = table.scroll_offset.y
            due = 0
            for row in range(top, min(table.row_count, top + table.view_rows)):
                lot = table.lot_at(row)
                if lot is not None:
                    key = (lot.account, lot.asset)
                    due += old.get(key) != new.get(key)
            self.counts["frames"] += 1
            self.counts["due"] += due
            self.call_after_refresh(self._painted, drawn)

        def _painted(self, before: int) -> None:
            self.counts["drawn"] = self.table.lines_drawn

    async def staged() -> int:
        app = Staged(opening, memory)
        ready = asyncio.create_task(_when_open())
        await app.run_async()
        ready.cancel()
        return app.return_code or 0

    async def _when_open() -> None:
        session: Session = await opening.opened()
        # No account of the home is connected: what one of each exchange would load is loaded all the same.
        for exchange in ("kraken", "coinbase", "binance", "binanceus"):
            await asyncio.to_thread(bases_of, exchange)
        pricing = session._pricing

        def take(asset: int, price: Decimal) -> None:
            quote = Quote(names[asset], price, datetime.now(UTC), "feed")
            pricing.arrived({("kraken", names[asset]): quote})

        feed = Feed(rate, take)
        on_signals(feed, lambda: dict(Staged.counts) | {"is_imported": "ccxt" in sys.modules}, report)
        await asyncio.to_thread(report.touch)
        await asyncio.Event().wait()

    sys.exit(asyncio.run(staged()))


def datatable(rows: int, rate: float, fps: float, report: Path) -> None:
    """Textual's DataTable with as many columns, cells set on a timer."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    class Table(App[None]):
        def compose(self) -> ComposeResult:
            table: DataTable[str] = DataTable(cursor_type="row")
            table.add_columns(*(f"column {number}" for number in range(12)))
            for row in range(rows):
                table.add_row(f"COIN{row % ASSETS}", *(f"{row * number:,.2f}" for number in range(1, 12)))
            yield table

        def on_mount(self) -> None:
            self.prices: dict[int, Decimal] = {}
            self.frames = 0
            on_signals(Feed(rate, self._keep), lambda: {"frames": self.frames}, report)
            self.set_interval(1 / fps, self.flush)
            self.query_one(DataTable).focus()
            report.touch()

        def flush(self) -> None:
            from textual.coordinate import Coordinate

            self.frames += 1
            table = self.query_one(DataTable)
            moved, self.prices = self.prices, {}
            if not moved:
                return
            feed_columns = (4, 5, 6, 7)
            for asset, price in moved.items():
                for row in range(asset, rows, ASSETS):
                    for column in feed_columns:
                        table.update_cell_at(Coordinate(row, column), f"{price * column:,.2f}")

        def _keep(self, asset: int, price: Decimal) -> None:
            self.prices[asset] = price

    app = Table()
    app.prices = {}
    app.run()


def echo(report: Path) -> None:
    """The least a Textual app does for a key: it says how many there were."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Echo(App[None]):
        count = 0

        def compose(self) -> ComposeResult:
            yield Static("none")

        def on_mount(self) -> None:
            report.touch()

        def on_key(self) -> None:
            self.count += 1
            self.query_one(Static).update(f"<{self.count} keys>")

    Echo().run()


if __name__ == "__main__":
    kind, *words = sys.argv[1:]
    os.environ.setdefault("COLORTERM", "truecolor")
    if kind in {"monitor", "counted"}:
        monitor(words[0], float(words[1]), Path(words[2]), is_counting=kind == "counted")
    elif kind == "echo":
        echo(Path(words[0]))
    else:
        datatable(int(words[0]), float(words[1]), float(words[2]), Path(words[3]))
