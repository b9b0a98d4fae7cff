"""Drives the demo's real app on the simulator and writes a PNG of each screen beside this file.

Run: python screenshots/make.py [NAME ...]. Needs a headless Chromium (Debian: chromium) to turn Textual's SVG into
PNG, and the font Fira Code (Debian: fonts-firacode) for letters of the right width. Without names all are made: those
of the quiet market, and those of the loop (fall, alert, record, sale, verdict, rebuy), in which the simulated user of
the scenario `as-planned` sells what was written down.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from harvest_tui.cli.demo import VENUES, demo_session
from harvest_tui.cli.demo_story import Story
from harvest_tui.cli.home import choices_of, settled
from harvest_tui.core.records import Asset
from harvest_tui.session import FeedStatus, SyncPhase
from harvest_tui.session.run import Session
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.simulator.scenarios import SCENARIOS
from harvest_tui.ui.app import HarvestApp

HERE = Path(__file__).parent
SIZES = ((140, 40), (80, 24))
Keys = tuple[str, ...]
QUIET: dict[str, tuple[Keys, Keys]] = {
    "monitor": ((), ()),
    "details": (("down", "down", "enter"), ("escape",)),
    "story": (("e",), ("escape",)),
    "groups": (("g",), ("g", "g", "g")),
    "filter": (("slash", *"loss>20 term:short", "enter"), ("escape",)),
    "planner": (("p",), ("p",)),
    "marked": (("p", "A"), ("u", "p")),
    "price": (("v", "1"), ("escape",)),
    "losses": (("v", "2"), ("escape",)),
    "ladder": (("v", "3"), ("escape",)),
    "calendar": (("v", "4"), ("escape",)),
    "history": (("4",), ("escape",)),
    "asset": (("7",), ("escape",)),
    "settings": (("8",), ("escape",)),
    "problems": (("exclamation_mark",), ()),
    "other-end": (("x",), ("escape",)),
    "assume": (("o",), ("escape", "escape")),
    "columns": (("W",), ("escape",)),
    "commands": (("ctrl+p",), ("escape",)),
    "jump": (("comma",), ("escape",)),
    "accounts": (("c",), ("escape",)),
    "connect": (("a",), ("escape",)),
    "help": (("question_mark",), ("escape",)),
}
"""The keys that lead to each screen of the quiet market, and those that lead back."""
LOOP: dict[str, tuple[Keys, Keys]] = {
    "rebuy": (("2", "tab"), ("tab",)),
    "no-market": ((), ("tab",)),
    "verdict": ((), ("escape",)),
    "alerts": (("3",), ("escape",)),
    "plans": (("P",), ("escape",)),
}
"""As `QUIET`, once what was written down is sold and bought back in part."""


def png(svg: str, target: Path) -> None:
    """Writes the picture as PNG, drawn by headless Chromium with a local font."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("screenshots need a headless Chromium on the PATH")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    width, height = (round(float(size)) for size in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "screen.html"
        page.write_text(f"<body style='margin:0;background:#0b0f14'>{svg}</body>")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-sync"]
        command += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        command += [f"--window-size={width},{height}", f"--screenshot={target}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def is_settled(session: Session) -> bool:
    """Every account is synced, every price live, and every past price found."""
    synced = all(state.phase is SyncPhase.DONE for state in session.sync_states().values())
    feeds = session.feeds().values()
    is_priced = not session.portfolio().ledger.unpriced
    return synced and is_priced and bool(feeds) and all(feed.status is FeedStatus.LIVE for feed in feeds)


async def until(is_so: Callable[[], object], pilot: Pilot[None], seconds: int = 120) -> None:
    """Returns once it is so; gives up after two minutes."""
    async with asyncio.timeout(seconds):
        while not is_so():
            await pilot.pause(0.2)


async def take(pilot: Pilot[None], name: str, size: tuple[int, int], wanted: set[str]) -> None:
    """One picture of what is on screen."""
    if not wanted or name in wanted:
        await pilot.pause(2.5)
        target = HERE / f"{name}-{size[0]}x{size[1]}.png"
        png(pilot.app.export_screenshot(title="harvest-tui demo"), target)
        print(target.name)


async def walk(pilot: Pilot[None], ways: dict[str, tuple[Keys, Keys]], size: tuple[int, int], wanted: set[str]) -> None:
    """Every screen of the ways, one after the other."""
    for name, (keys, back) in ways.items():
        await pilot.press(*keys)
        await take(pilot, name, size, wanted)
        await pilot.press(*back)


async def quiet(size: tuple[int, int], wanted: set[str]) -> None:
    """The screens of the demo as it starts."""
    async with SimulatorProcess(seed=7, venues=VENUES, rows=450, tick_rate=8.0) as simulator:
        with tempfile.TemporaryDirectory() as home:
            async with demo_session(simulator, Path(home)) as session:
                app = HarvestApp(session)
                async with app.run_test(size=size) as pilot:
                    await until(lambda: is_settled(session), pilot)
                    await pilot.pause(2)
                    await walk(pilot, QUIET, size, wanted)


async def first_run(size: tuple[int, int], wanted: set[str]) -> None:
    """What the very first start asks."""
    with tempfile.TemporaryDirectory() as home:
        locations, settings = settled(home)
        session = await Session.open(choices_of(locations, settings))
        app = HarvestApp(session, is_first_run=True)
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.screen.TITLE == "welcome", pilot)
            await take(pilot, "welcome", size, wanted)
        await session.close()


async def loop(size: tuple[int, int], wanted: set[str]) -> None:
    """The market falls, the best set is written down, and the simulated user sells it."""
    scenario, speed = SCENARIOS["as-planned"], 3.0
    simulator = SimulatorProcess(seed=7, venues=VENUES, rows=450, tick_rate=8.0, scenario=scenario.name, speed=speed)
    async with simulator:
        with tempfile.TemporaryDirectory() as home:
            async with demo_session(simulator, Path(home), scenario) as session:
                app = HarvestApp(session)
                async with app.run_test(size=size) as pilot:
                    story = asyncio.create_task(Story(scenario, session, simulator, speed).play())
                    await until(lambda: is_settled(session), pilot)
                    await until(lambda: session.alerting.unseen.alerts, pilot)
                    await pilot.press("p")
                    await until(lambda: app.frame.planner and app.frame.planner.outlook, pilot)
                    await pilot.press("A")
                    await until(lambda: session.harvesting.plans.current.marks, pilot)
                    await pilot.press("C")
                    await pilot.pause(1)
                    await pilot.press("enter")
                    await until(lambda: app.screen.TITLE == "ticket", pilot)
                    await take(pilot, "ticket", size, wanted)
                    await pilot.press("escape", "p")
                    await session.harvesting.set_wait(Asset("ETH"), timedelta(days=31))
                    await until(lambda: is_sold(session), pilot)
                    await walk(pilot, LOOP, size, wanted)
                    story.cancel()
                    await asyncio.gather(story, return_exceptions=True)


def is_sold(session: Session) -> bool:
    """Whether a verdict says that something was sold."""
    judged = session.harvesting.watch.view().judged
    return judged is not None and any(verdict.sold for verdict in judged.verdicts)


async def main() -> None:
    """Both markets at both sizes."""
    wanted = set(sys.argv[1:])
    for size in SIZES:
        if not wanted or wanted & QUIET.keys():
            await quiet(size, wanted)
        if not wanted or "welcome" in wanted:
            await first_run(size, wanted)
        if not wanted or wanted & {"ticket", *LOOP}:
            await loop(size, wanted)


if __name__ == "__main__":
    asyncio.run(main())
