"""What harvests and plans look like, at both sizes the README promises: one home, sold under a record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from harvest_tui.core.harvest.disposal import Offer
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import Asset
from harvest_tui.ui.app import HarvestApp
from support.harvest_stage import NARROW, WIDE, harvest_stage
from support.on_screen import shown, until
from support.planner_home import PlannerHome

LANES: dict[str, tuple[tuple[str, ...], str]] = {
    "verdicts": (("2", "j", "j"), "60 SOL left to sell"),
    "way back": (("2", "tab"), "◔ waits"),
    "no market": (("2", "tab", "tab", "j"), "punks#4412 in binance"),
    "plans": (("P", "k"), "against"),
}


@pytest.fixture(scope="module")
def sold_home(tmp_path_factory: pytest.TempPathFactory) -> PlannerHome:
    """Three lots written down; two sold whole, one in part; one partly bought back too early; an offer; two plans."""

    async def make() -> PlannerHome:
        async with harvest_stage(tmp_path_factory.mktemp("harvests")) as stage:
            await stage.commit()
            await stage.sell_all()
            await stage.tell(
                stage.event("b1", "kraken", ("4900", "USD"), ("2", "ETH")),
                stage.event("r1", "coinbase", None, ("0.02", "ETH"), kind="income", value="47.77"),
            )
            harvesting = stage.session.harvesting
            await harvesting.set_wait(Asset("ETH"), timedelta(days=31))
            lots = {lot.asset: lot.lot_id for lot in stage.session.facts().ledger.lots}
            await harvesting.offers.offer(lots[Asset("apes#9")], Offer(ZERO, None))
            await harvesting.mark(lots[Asset("LINK")])
            await harvesting.duplicate_plan("plan", "deep")
            await harvesting.mark(lots[Asset("DOT")])
            return stage.home

    return asyncio.run(make())


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x40"])
@pytest.mark.parametrize("lane", LANES)
def test_the_screen_of_harvests_looks_as_it_did(
    lane: str,
    size: tuple[int, int],
    sold_home: PlannerHome,
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    keys, words = LANES[lane]
    app = HarvestApp(sold_home.opening())

    async def play(pilot: Pilot[Any]) -> None:
        def is_ready() -> bool:
            app.tick()
            planner = app.frame.planner
            if planner is None or planner.outlook is None or planner.is_weighing:
                return False
            view = app.session.harvesting.watch.view()
            return view.judged is not None and not view.is_judging

        await until(pilot, is_ready)
        for key in keys:
            await pilot.press(key)
            app.tick()
            await pilot.pause(0.1)
        await until(pilot, lambda: words in " ".join(" ".join(shown(app)).split()))
        app.clear_notifications()
        app.tick()
        await pilot.pause(0.1)

    assert snap_compare(app, run_before=play, terminal_size=size)
