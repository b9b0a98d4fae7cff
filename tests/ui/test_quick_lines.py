"""Kept lines: what goes to the terminal is what would be drawn anew, however little of it is."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.frame import FrameReader
from harvest_tui.ui.widgets.line_block import LineBlock
from harvest_tui.ui.widgets.quick_lines import QuickLines
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import SampleSession, make_portfolio, many_lots, sample_lots


class Counted(QuickLines, Widget):
    """Says how often each line was made."""

    DEFAULT_CSS = "Counted { height: 4; width: 1fr; } Counted.framed { border: solid white; height: 6; }"

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.words = ["one", "two", "three", "four"]
        self.made = [0, 0, 0, 0]

    def render_line(self, y: int) -> Strip:
        self.made[y] += 1
        return Strip([Segment(self.words[y])])


class Bench(App[None]):
    """Two of them, one in a frame."""

    def compose(self) -> ComposeResult:
        yield Counted()
        yield Counted(classes="framed")


async def test_a_line_is_made_once_and_again_only_where_it_was_asked_for() -> None:
    app = Bench()
    async with app.run_test(size=(30, 12)) as pilot:
        plain, framed = app.query(Counted)
        await until(pilot, lambda: shown(app)[3].strip() == "four")
        before = list(plain.made)
        plain.words[2], framed.words[1] = "THREE", "TWO"
        plain.refresh(Region(0, 2, 30, 1))
        framed.refresh(Region(0, 1, 28, 1))
        await until(pilot, lambda: "THREE" in shown(app)[2] and "TWO" in shown(app)[6])
        assert [now - then for now, then in zip(plain.made, before, strict=True)] == [0, 0, 1, 0]
        plain.words[:] = ["1", "2", "3", "4"]
        plain.refresh()
        await until(pilot, lambda: [line.strip() for line in shown(app)[:4]] == ["1", "2", "3", "4"])


async def test_another_width_and_another_theme_draw_every_line_anew() -> None:
    app = Bench()
    async with app.run_test(size=(30, 12)) as pilot:
        plain = app.query(Counted).first()
        await until(pilot, lambda: plain.made[0] > 0)
        before = list(plain.made)
        await pilot.resize_terminal(20, 12)
        await until(pilot, lambda: all(now > then for now, then in zip(plain.made, before, strict=True)))
        before = list(plain.made)
        app.theme = "textual-light"
        await until(pilot, lambda: all(now > then for now, then in zip(plain.made, before, strict=True)))


class Told(App[None]):
    """A block of lines alone."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"gain": "#00ff00", "muted": "#888888"}

    def compose(self) -> ComposeResult:
        yield LineBlock(id="told")


async def test_a_block_repaints_the_lines_that_read_differently_and_cuts_what_is_too_long() -> None:
    app = Told()
    async with app.run_test(size=(12, 8)) as pilot:
        block = app.query_one(LineBlock)
        block.show([(("first ", "plain"), ("+1.00", "gain")), (("a line longer than the screen", "muted"),)])
        await until(pilot, lambda: shown(app)[0].strip() == "first +1.00")
        assert shown(app)[1] == "a line long…"
        block.show([(("first ", "plain"), ("+1.00", "gain")), (("short", "muted"),), (("third", "title"),)])
        await until(pilot, lambda: shown(app)[2].strip() == "third")
        assert [line.strip() for line in shown(app)[:3]] == ["first +1.00", "short", "third"]
        block.show(())
        await until(pilot, lambda: not block.display)


def test_sums_follow_at_every_beat_and_prices_in_between() -> None:
    session = SampleSession()
    reader = FrameReader(session, 3)
    first = reader.read()
    bitcoin = next(key for key in first.portfolio.positions if key[1] == "BTC")
    told = []
    for price in ("61250", "61260", "61270", "61280"):
        session.price("BTC", price)
        frame = reader.read()
        assert str(frame.portfolio.quotes[bitcoin].price) == price
        told.append((frame.beat != first.beat, frame.totals == frame.portfolio.totals()))
        first = frame
    assert told == [(False, False), (True, True), (False, False), (False, False)]
    session.hold(make_portfolio(sample_lots()[:4]))
    frame = reader.read()
    assert frame.totals == frame.portfolio.totals(), "other lots are summed at once"


@pytest.mark.parametrize("frames", [4, 30])
async def test_the_header_reaches_the_last_price_at_any_rate_of_frames(frames: int) -> None:
    session = SampleSession()
    app = HarvestApp(session)
    app._reader = FrameReader(session, max(1, frames // 4))
    async with app.run_test(size=(140, 40)) as pilot:
        session.price("BTC", "10000")
        await until(pilot, lambda: "10,000.00" in "".join(shown(app)))
        total = f"{app.frame.portfolio.totals().value:,.2f}"
        await until(pilot, lambda: f"Value {total}" in shown(app)[1])


async def test_the_bar_below_the_lots_is_right_when_it_comes_after_prices_moved_unseen() -> None:
    session = SampleSession(held=make_portfolio(many_lots(300)))
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        for number in range(20):
            session.price(f"C{number:03d}", f"{500 + number}.25")
            app.tick()
        lot_table(app).filter_by("c")
        await until(pilot, lambda: "300 of 300 lots" in "".join(shown(app)))
        table = lot_table(app)
        wanted = app.frame.portfolio.totals().unrealized
        assert table.summary.seen.unrealized == wanted
