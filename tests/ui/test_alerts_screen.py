"""Alerts in the app under keys alone, over a real session: toast, bell, header, journal, snooze, mute, rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from harvest_tui.core.harvest.alert_rules import AlertKind, AlertRules, Severity
from harvest_tui.core.harvest.alerts import Alert
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.session.run import Session
from harvest_tui.ui import app as app_module
from harvest_tui.ui.announcing import ON_TOP, desktop_text
from harvest_tui.ui.app import HarvestApp
from support.hostile_names import HOSTILE_NAMES, is_harmless
from support.on_screen import lot_table, shown, until
from support.planner_home import PlannerHome
from support.pty_process import PtyProcess
from support.sample_portfolio import NOW

WIDE, NARROW = (140, 40), (80, 24)
AVAX = "coinbase AVAX: harvesting 3,278.52 USD of loss is worth 255.64 USD after tax and fees"


class Ringing(HarvestApp):
    """Counts its bells: a terminal of a test makes no sound."""

    CSS_PATH = Path(app_module.__file__ or "").parent / "styles" / "app.tcss"
    rings = 0

    def bell(self) -> None:
        self.rings += 1


class Stage:
    """The running app, its session, and what is on screen."""

    def __init__(self, app: Ringing, session: Session, pilot: Pilot[Any]) -> None:
        self.app, self.session, self.pilot = app, session, pilot

    @property
    def text(self) -> str:
        return "\n".join(shown(self.app))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        self.app.tick()
        await self.pilot.pause()

    async def look(self) -> int:
        """What a look for alerts tells, told."""
        told = len(await self.session.alerting.check())
        self.app.tick()
        await self.pilot.pause()
        return told

    async def see(self, words: str) -> None:
        """Waits until the words are on screen."""

        def is_seen() -> bool:
            self.app.tick()
            return words in self.text

        await until(self.pilot, is_seen)

    async def see_no(self, words: str) -> None:
        """Waits until they are gone."""

        def is_gone() -> bool:
            self.app.tick()
            return words not in self.text

        await until(self.pilot, is_gone)


@asynccontextmanager
async def stage(folder: Path, size: tuple[int, int] = WIDE, rows: list[str] | None = None) -> AsyncIterator[Stage]:
    home = PlannerHome(folder / "home", alerts=AlertRules())
    await home.fill(rows)
    async with home.session() as session:
        session.alerting.seconds_between_looks = 3600  # the test looks when it wants to
        app = Ringing(session)
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            yield Stage(app, session, pilot)


async def test_alerts_are_told_by_one_toast_and_one_ring_and_counted_until_they_are_seen(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        told = await seen.look()
        assert told > 2
        await seen.see(f"And {told - 1} alerts more: 3 lists")
        assert "Worth harvesting: coinbase ETH" in seen.text, "the one that is worth most"
        assert seen.app.rings == 1
        await seen.see(f"{told} alerts · 3")
        await seen.press("3")
        await seen.see(f"harvest › {told} alerts")
        await seen.see_no("alerts more")
        assert sum(line.startswith(" ● ") for line in shown(seen.app)) == told
        await seen.press("escape")
        await seen.see_no("alerts · 3")
        await seen.press("3")
        await seen.see("Worth harvesting")
        assert " ● " not in seen.text, "they were seen before"
        assert (await seen.session.alerting.told()).seen_until == told


async def test_the_journal_tells_time_kind_asset_dollars_and_what_to_do_and_enter_goes_to_the_lots(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as seen:
        await seen.look()
        await seen.press("3")
        await seen.see("255.64")
        line = next(line for line in shown(seen.app) if AVAX in line)
        assert line.startswith(" ● 14 Oct 11:30 Worth harvesting AVAX")
        assert "255.64" in line.partition("AVAX")[2][:25]
        row = next(i for i, one in enumerate(await seen.session.alerting.journal()) if one.alert.asset == "AVAX")
        await seen.press(*["down"] * row)
        await seen.see("Worth harvesting  coinbase AVAX  2026-10-14 11:30 EDT")
        assert "→ enter shows its lots; there p opens the planner" in seen.text
        await seen.press("enter")
        await until(seen.pilot, lambda: len(seen.app.screen_stack) == 1)
        await until(seen.pilot, lambda: lot_table(seen.app).row_count == 1)
        lot = lot_table(seen.app).lot_at(0)
        assert lot is not None and (lot.account, lot.asset) == ("coinbase", "AVAX")


async def test_z_snoozes_a_day_then_a_week_then_wakes_and_asks_for_another_time(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.look()
        await seen.press("3", "down")
        await seen.see("→ enter shows its lots")
        await seen.press("z")
        await seen.see("silent to 2026-10-15 11:30")
        await seen.press("z")
        await seen.see("silent to 2026-10-21 11:30")
        await seen.press("z")
        await seen.see_no("silent to")
        await seen.press("Z", *"7 cows", "enter")
        await seen.see("not a time to be silent")
        await seen.press(*["backspace"] * 6, "dollar_sign", *"200", "enter")
        await seen.see("silent until it changes by 200.00")
        [snooze] = (await seen.session.alerting.told()).snoozes.values()
        assert (snooze.change, snooze.until) == (200, None)


async def test_x_mutes_the_asset_which_is_listed_and_x_there_tells_of_it_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        told = await seen.look()
        await seen.press("3", "down")
        await seen.see("→ enter shows its lots")
        asset = (await seen.session.alerting.journal())[1].alert.asset
        await seen.press("x")
        await seen.see(f"muted: {asset}")
        await seen.press("end")
        await seen.see(f"{asset} is muted")
        assert lot_line(seen, "nothing is told of it: x tells of it again").startswith("   muted")
        await seen.press("x")
        await seen.see_no("muted")
        assert len(await seen.session.alerting.journal()) == told


def lot_line(seen: Stage, words: str) -> str:
    return next(line for line in shown(seen.app) if words in line)


async def test_before_anything_is_told_the_rules_are_with_their_thresholds(tmp_path: Path) -> None:
    async with stage(tmp_path, NARROW) as seen:
        await seen.press("3")
        await seen.see("Nothing was told yet. You will be told of:")
        for words in ("net_benefit = 250", "shrinking = ", "40%", "long_term_days = 14", "stale_hours = 24", "in\n"):
            assert words.strip() in seen.text
        await seen.press("z", "x", "enter")
        assert len(seen.app.screen_stack) == 2
        await seen.look()
        await seen.see("Worth harvesting")
        await seen.press("r")
        await seen.see("rule_change_days = 60")
        await seen.press("r")
        await seen.see("→ ")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_toast_never_covers_the_cursor(tmp_path: Path, size: tuple[int, int]) -> None:
    async with stage(tmp_path, size) as seen:
        await seen.look()
        await seen.see("3 lists")

        def overlaps() -> bool:
            table = lot_table(seen.app)
            y = table.region.y + 1 + table.cursor - table.scroll_offset.y
            toasts = [toast.region for toast in seen.app.screen.query("Toast")]
            assert toasts and all(region.height < size[1] // 2 for region in toasts)
            return any(region.y <= y < region.bottom for region in toasts)

        for key in ("home", "end", "home"):
            await seen.press(key)
            seen.app.tick()
            await seen.pilot.pause()
            assert not overlaps(), key
        assert not seen.app.screen.has_class(ON_TOP)


async def test_while_figures_are_hidden_nothing_rings_and_no_notification_has_one(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("H")
        await seen.look()
        await seen.see("Worth harvesting: coinbase ETH")
        assert seen.app.rings == 0
        assert "638.21" not in seen.text and "8,942" not in seen.text
    alert = Alert("k", AlertKind.NET_BENEFIT, Severity.NOTICE, NOW, AVAX, AccountId("coinbase"), Asset("AVAX"))
    title, words = desktop_text([alert, alert], is_private=True)
    assert not any(character.isdigit() for character in title + words)
    assert "coinbase AVAX" in words
    assert desktop_text([alert], is_private=False)[1] == AVAX + "."


async def test_hostile_names_are_harmless_in_toast_journal_and_prompt(tmp_path: Path) -> None:
    name = next(name for name in HOSTILE_NAMES if "[" in name and "," not in name and '"' not in name)
    at = "2026-06-01T10:00:00Z"
    async with stage(tmp_path, rows=[f"L1,{at},{name},trade,60000,USD,1,BTC,,,"]) as seen:
        assert await seen.look() > 0
        await seen.see("Year end")
        for keys in ((), ("3",), ("Z",)):
            await seen.press(*keys)
            assert all(is_harmless(line) for line in shown(seen.app))


PROGRAM = """
import asyncio, sys, tempfile
from pathlib import Path
from harvest_tui.core.harvest.alert_rules import AlertRules
from support.planner_home import PlannerHome

async def main():
    with tempfile.TemporaryDirectory() as folder:
        home = PlannerHome(Path(folder) / "home", alerts=AlertRules())
        await home.fill()
        async with home.session() as session:
            await HarvestApp(session).run_async()

asyncio.run(main())
sys.exit(0)
"""


def test_in_a_real_terminal_one_bell_and_one_desktop_notification_come_by_themselves() -> None:
    program = PtyProcess(prepare=PROGRAM)
    begins = b"\x1b]9;harvest: Worth harvesting: coinbase ETH: harvesting 8,942.30 USD of loss is worth 638.21 USD"
    program.until(lambda sent: begins in sent and b"\x07" in sent[sent.index(begins) :])
    program.until(lambda sent: b"alerts more" in sent)
    program.press(b"q")
    assert program.wait() == 0
    assert program.sent.count(b"\x1b]9;") == 1
    assert re.sub(rb"\x1b\][^\x07\x1b]*(\x07|\x1b\\)", b"", program.sent).count(b"\x07") == 1
