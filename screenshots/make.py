"""Drives the demo's real app on the simulator and writes a PNG of each screen beside this file.

Run: python screenshots/make.py. Needs a headless Chromium (Debian: chromium) to turn Textual's SVG into PNG, and
the font Fira Code (Debian: fonts-firacode) for letters of the right width.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from harvest_tui.cli.demo import VENUES, demo_session
from harvest_tui.session import FeedStatus, SyncPhase
from harvest_tui.session.run import Session
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp

HERE = Path(__file__).parent
SIZES = ((140, 40), (80, 24))
SCREENS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "monitor": ((), ()),
    "details": (("down", "down", "enter"), ("escape",)),
    "story": (("e",), ("escape",)),
    "groups": (("g",), ("g", "g", "g")),
    "planner": (("p",), ("p",)),
    "marked": (("p", "A"), ("u", "p")),
    "ladder": (("v", "3"), ("escape",)),
    "calendar": (("v", "4"), ("escape",)),
    "problems": (("exclamation_mark",), ("escape",)),
    "accounts": (("c",), ("escape",)),
    "help": (("question_mark",), ("escape",)),
}
"""The keys that lead to each screen, and those that lead back."""


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


async def until_settled(session: Session, pilot: Pilot[None]) -> None:
    """Returns once the demo shows live lots; gives up after two minutes."""
    async with asyncio.timeout(120):
        while not is_settled(session):
            await pilot.pause(0.2)
    await pilot.pause(2)


async def main() -> None:
    """One simulator, one session a size, all screens of each."""
    async with SimulatorProcess(seed=7, venues=VENUES, rows=450, tick_rate=8.0) as simulator:
        for size in SIZES:
            with tempfile.TemporaryDirectory() as home:
                async with demo_session(simulator, Path(home)) as session:
                    app = HarvestApp(session)
                    async with app.run_test(size=size) as pilot:
                        await until_settled(session, pilot)
                        for name, (keys, back) in SCREENS.items():
                            await pilot.press(*keys)
                            await pilot.pause(2.5)
                            target = HERE / f"{name}-{size[0]}x{size[1]}.png"
                            png(app.export_screenshot(title="harvest-tui demo"), target)
                            print(target.name)
                            await pilot.press(*back)


if __name__ == "__main__":
    asyncio.run(main())
