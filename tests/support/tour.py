"""A walk through every screen of the app, over homes that are the same every time, and what is drawn at each stop."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.segment import Segment
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.harvest.disposal import Offer
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import Asset
from harvest_tui.errors import InputError
from harvest_tui.session import SessionView
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.theme import BLUE_ORANGE, DARK, LIGHT
from support.charted import candles_of
from support.harvest_stage import DEAD, running
from support.on_screen import shown, until
from support.planner_home import TAXPAYER, PlannerHome, opening_rows, quotes_of
from support.sample_portfolio import PRICES, empty_session, troubled_session

SIZES = {"80x24": (80, 24), "140x40": (140, 40), "200x60": (200, 60)}
THEMES = (DARK, LIGHT, BLUE_ORANGE)
Line = tuple[Segment, ...]


class Stop(NamedTuple):
    """A screen: how one gets there from the lots, words that say it is complete, and how one leaves again."""

    name: str
    keys: tuple[str, ...]
    words: str
    back: tuple[str, ...] = ("escape",)
    is_made_anew: bool = False
    """Whether it takes its colours when it is opened."""


class Shot(NamedTuple):
    """What stood on the screen: its lines as text and, in each theme, the styled pieces of each line."""

    lines: tuple[str, ...]
    pieces: dict[str, tuple[Line, ...]]


STOPS = (
    Stop("monitor", ("j",), "tax year 2026", ()),
    Stop("groups", ("g",), "by asset", ()),
    Stop("groups and filter", ("slash", *"loss>1000", "enter"), "loss>1000", ("escape", "g", "g", "g", "home")),
    Stop("planner", ("p",), "Best set for", ()),
    Stop("target", ("ctrl+t",), "What shall the best set", ("escape", "p")),
    Stop("part of a lot", ("j", "m"), "How much of", ("escape", "home")),
    Stop("commit", ("C",), "Write down plan"),
    Stop("plans", ("P", "k"), "against"),
    Stop("harvests, verdicts", ("2", "j", "j"), "60 SOL left to sell"),
    Stop("harvests, way back", ("2", "tab"), "waits", ("shift+tab", "escape")),
    Stop("harvests, no market", ("2", "tab", "tab", "j"), "punks#4412 in binance", ("tab", "escape")),
    Stop("ticket", ("2", "enter"), "Sell by hand", ("escape", "escape")),
    Stop("alerts", ("3",), "Worth harvesting"),
    Stop("history", ("4",), "5 parts"),
    Stop("problems", ("5",), "harvest › 5 problems"),
    Stop("accounts", ("6", "j"), "harvest › 3 accounts"),
    Stop("asset", ("7",), "this account uses 1 lot"),
    Stop("settings", ("8", "j"), "[profile.wages]"),
    Stop("add account", ("a", "down"), "harvest › add account"),
    Stop("lot", ("j", "enter"), "two clocks", ("escape", "home")),
    Stop("explanation", ("e",), "What is not proven"),
    Stop("chart of a price", ("v", "1"), "US dollars a unit"),
    Stop("chart of losses", ("v", "2"), "US dollars of loss"),
    Stop("ladder", ("v", "3"), "tax saved by one of loss"),
    Stop("calendar", ("v", "4"), "at the latest prices"),
    Stop("columns", ("W", "j"), "12 of 12"),
    Stop("help", ("question_mark",), "help: lots"),
    Stop("commands", ("ctrl+p",), "Connect an exchange", is_made_anew=True),
)
TROUBLED = (
    Stop("trouble", (), "SIMULATOR", ()),
    Stop("all problems", ("exclamation_mark", "j", "j"), "11 problems"),
    Stop("all accounts", ("c", "j", "j"), "4 accounts"),
)
EMPTY = (Stop("no account", (), "No lots yet", ()),)
WELCOME = (Stop("welcome", (), "Three questions", ()),)


_PERSON = replace(TAXPAYER, short_gain=Decimal(36_500), fee=Decimal("0.0025"))
"""With gains enough that a further loss saves tax."""


async def make_home(folder: Path) -> PlannerHome:
    """Three lots written down; two sold whole, one in part; one partly bought back too early; an offer; two plans;
    a year of daily prices, alerts told and not seen yet."""
    home = PlannerHome(folder / "lots", profile=_PERSON, alerts=AlertRules())
    await home.fill([*opening_rows(), *DEAD])
    async with running(home) as stage:
        await stage.commit()
        await stage.sell_all()
        await stage.tell(
            stage.event("b1", "kraken", ("4900", "USD"), ("2", "ETH")),
            stage.event("r1", "coinbase", None, ("0.02", "ETH"), kind="income", value="47.77"),
        )
        session = stage.session
        harvesting = session.harvesting
        await harvesting.set_wait(Asset("ETH"), timedelta(days=31))
        lots = {lot.asset: lot.lot_id for lot in session.facts().ledger.lots}
        await harvesting.offers.offer(lots[Asset("apes#9")], Offer(ZERO, None))
        await harvesting.mark(lots[Asset("LINK")])
        await harvesting.duplicate_plan("plan", "deep")
        await harvesting.mark(lots[Asset("DOT")])
        for asset in PRICES:
            await session.store.save_candles(list(candles_of(Asset(asset)).values()))
        fresh = {asset: price for asset, price in PRICES.items() if asset not in {"ADA", "XRP"}}
        await session.store.save_quotes(quotes_of(fresh, home.clock()))
        await session.alerting.check()
    return home


async def at_rest(app: HarvestApp, pilot: Pilot[Any], words: str) -> None:
    """Waits until the words are on screen, nothing is being worked out, and two looks see the same."""
    seen: list[str] = []

    def is_done() -> bool:
        nonlocal seen
        for field in app.screen.query(Input):
            field.cursor_blink = False
        app.tick()
        before, seen = seen, shown(app)
        return seen == before and words in " ".join(" ".join(seen).split()) and not is_busy(app)

    await until(pilot, is_done)


def is_busy(app: HarvestApp) -> bool:
    """Whether the planner weighs or the verdicts are being judged."""
    with suppress(InputError):
        view = app.session.harvesting.watch.view()
        planner = app.frame.planner
        is_weighed = planner is not None and planner.outlook is not None and not planner.is_weighing
        return not is_weighed or view.judged is None or view.is_judging
    return False


def pieces_of(app: App[Any]) -> tuple[Line, ...]:
    """The lines of the screen on top as they are drawn."""
    return tuple(tuple(strip) for strip in app.screen._compositor.render_strips())


async def walk(app: HarvestApp, pilot: Pilot[Any], stops: tuple[Stop, ...]) -> dict[str, Shot]:
    """What is drawn at each stop, in every theme."""
    shots = {}
    for stop in stops:
        await pilot.press(*stop.keys)
        await at_rest(app, pilot, stop.words)
        app.clear_notifications()
        shots[stop.name] = await _shot(app, pilot, stop)
        await pilot.press(*stop.back)
    return shots


async def _shot(app: HarvestApp, pilot: Pilot[Any], stop: Stop) -> Shot:
    pieces = {}
    here = THEMES.index(app.theme)
    for theme in (*THEMES[here:], *THEMES[:here]):
        if app.theme != theme:
            if stop.is_made_anew:
                await pilot.press(*stop.back)
            app.theme = theme
            await pilot.pause()
            if stop.is_made_anew:
                await pilot.press(*stop.keys)
        await at_rest(app, pilot, stop.words)
        pieces[theme] = pieces_of(app)
    return Shot(tuple(shown(app)), pieces)


async def _tour(size: tuple[int, int]) -> dict[str, Shot]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        home = await make_home(Path(folder))
        found = await _visit(home.opening(), size, STOPS)
        found = {name: _without(shot, folder) for name, shot in found.items()}
    found |= await _visit(troubled_session(), size, TROUBLED)
    found |= await _visit(empty_session(), size, EMPTY)
    return found | await _visit(empty_session(), size, WELCOME, is_first_run=True)


def _without(shot: Shot, folder: str) -> Shot:
    """The same with dots for the name of the folder, which is another each time, though as long."""
    dots = "." * len(folder)

    def cleared(line: Line) -> Line:
        return tuple(piece._replace(text=piece.text.replace(folder, dots)) for piece in line)

    lines = tuple(line.replace(folder, dots) for line in shot.lines)
    return Shot(lines, {theme: tuple(map(cleared, drawn)) for theme, drawn in shot.pieces.items()})


async def _visit(
    session: SessionView, size: tuple[int, int], stops: tuple[Stop, ...], *, is_first_run: bool = False
) -> dict[str, Shot]:
    app = HarvestApp(session, is_first_run=is_first_run)
    async with app.run_test(size=size) as pilot:
        return await walk(app, pilot, stops)


@lru_cache
def tour(size: str) -> dict[str, Shot]:
    """Every screen at that size, walked through once a run of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "TEXTUAL_THEME"):
            patch.delenv(name, raising=False)
        patch.setenv("TZ", "UTC")
        return asyncio.run(_tour(SIZES[size]))
