"""The story of a lot on the screen: opened by a key, read by scrolling, harmless whatever it quotes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from harvest_tui.core.lots.explanation import Explanation
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.story.telling import tell
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.explanation import LOADING, ExplanationScreen
from harvest_tui.ui.widgets.story_view import Statements, StoryView
from support.explained import explained
from support.hostile_names import HOSTILE_NAMES, is_harmless
from support.lot_events import buy, event, sell
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import SampleSession


def story_of_purchase(note: str = "", sales: int = 3) -> Explanation:
    """A lot bought, moved and sold in parts."""
    bought = replace(buy("b1", 1, 9, "ETH", 18_000), note=note)
    moved = event("t1", "transfer", 20, sent=(8, "ETH"), to="w2")
    sold = [sell(f"s{n}", 30 + n, "0.5", "ETH", 1000 + n, account="w2") for n in range(sales)]
    [use] = explained("w1:b1", bought, moved).lots[0].last.uses
    return explained(use.next_lots[0], bought, moved, *sold)


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


def session_with(story: Explanation) -> SampleSession:
    """Tells that story of every lot."""
    session = SampleSession()
    session.stories = {lot.lot_id: story for lot in session.held.ledger.lots}
    return session


@dataclass
class SlowSession(SampleSession):
    """Tells nothing until it is let."""

    may_tell: asyncio.Event = field(default_factory=asyncio.Event)

    async def explain(self, name: str) -> Explanation:
        await self.may_tell.wait()
        return await super().explain(name)


async def test_e_tells_the_story_of_the_lot_under_the_cursor_and_escape_goes_back() -> None:
    session = session_with(story_of_purchase())
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "e")
        await until(pilot, lambda: "6.5 ETH in w2, acquired 2024-01-01" in text_of(app))
        table = lot_table(app)
        lot = table.lot_at(table.cursor)
        assert isinstance(lot, Lot) and session.explained == [lot.lot_id]
        assert "harvest › why: " in shown(app)[0]
        assert "1. Bought 9 ETH" in text_of(app)
        assert "What is left" not in text_of(app)
        await pilot.press("G")
        await until(pilot, lambda: "What is not proven" in text_of(app))
        assert "1. Bought 9 ETH" not in text_of(app)
        await pilot.press("g")
        await until(pilot, lambda: "1. Bought 9 ETH" in text_of(app))
        await pilot.press("pagedown")
        await until(pilot, lambda: "What is left" in text_of(app))
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_from_the_details_of_a_lot_it_is_that_lot_and_escape_goes_back_there() -> None:
    session = session_with(story_of_purchase())
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: "lot id" in text_of(app))
        await pilot.press("e")
        await until(pilot, lambda: "1. Bought 9 ETH" in text_of(app))
        assert [screen.TITLE for screen in app.screen_stack] == ["lots", "lot", "explanation"]
        await pilot.press("escape")
        assert app.screen.TITLE == "lot"


async def test_on_other_screens_the_key_does_nothing() -> None:
    session = session_with(story_of_purchase())
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c", "e")
        assert app.screen.TITLE == "accounts"
        assert session.explained == []


async def test_until_the_story_is_there_the_screen_says_that_it_reads_and_stays_alive() -> None:
    session = SlowSession()
    session.stories = session_with(story_of_purchase()).stories
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: LOADING in text_of(app))
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        await pilot.press("e")
        session.may_tell.set()
        await until(pilot, lambda: "1. Bought 9 ETH" in text_of(app))
        assert LOADING not in text_of(app)


async def test_new_facts_tell_the_story_anew() -> None:
    session = session_with(story_of_purchase())
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: "6.5 ETH in w2" in text_of(app))
        session.stories = session_with(story_of_purchase(sales=5)).stories
        session.facts_version += 1
        app.tick()
        await until(pilot, lambda: "5.5 ETH in w2" in text_of(app))
        asked = len(session.explained)
        app.tick()
        await pilot.pause(0.05)
        assert len(session.explained) == asked == 2


async def test_a_lot_that_is_gone_is_said_to_be_in_words() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: "no lot or disposal is called" in text_of(app))
        assert isinstance(app.screen, ExplanationScreen)


async def test_what_a_row_says_is_shown_as_text_and_never_obeyed() -> None:
    session = session_with(story_of_purchase())
    app = HarvestApp(session)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("e")
        for number, name in enumerate(HOSTILE_NAMES, start=1):
            session.stories = session_with(story_of_purchase(note=f"note {number}: {name}")).stories
            session.facts_version += 1
            app.tick()
            await until(pilot, lambda: "The row says:" in text_of(app) and f"note {number}:" in text_of(app))  # noqa: B023
            assert all(is_harmless(line) for line in shown(app)), name


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 60)])
async def test_the_story_wraps_within_any_width(size: tuple[int, int]) -> None:
    session = session_with(story_of_purchase())
    app = HarvestApp(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: "Bought 9 ETH" in text_of(app))
        view = app.screen.query_one(StoryView)
        assert view.virtual_size.width <= size[0]
        assert all(child.region.right <= size[0] for child in view.children)
        told = [line for section in tell(session.stories[session.explained[0]]) for line in section.lines]
        drawn = "".join(row.plain for statements in view.query(Statements) for row in statements.rows())
        assert "".join("".join(told).split()) == "".join(drawn.split())
