"""`harvest-tui serve` in a real browser: live lots, no way in for other pages, and nothing left behind."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from aiohttp import web

from harvest_tui.simulator.process import SimulatorProcess
from support import chromium
from support.chromium import Page, browsing
from support.journey import until, until_told
from support.journey_commands import Program
from support.served import served

needs_browser = pytest.mark.skipif(
    chromium.PROGRAM is None, reason="no browser here: none of chromium, chromium-browser, google-chrome is installed"
)


def lots_in(lines: list[str]) -> list[str]:
    return [line for line in lines if re.match(r"^\W*kraken\s+[A-Z]{3,5}\s+20\d\d-", line)]


def worth(lines: list[str]) -> str:
    found = re.search(r"Value (\S+)", lines[1])
    return found[1] if found else "-"


async def foreign_page(page: Page, socket: str) -> tuple[str, list[str]]:
    """What a page of another program on this machine gets from the socket, and the cookies that page was sent."""
    cookies = []

    async def show(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie", ""))
        return web.Response(text="another page", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await page.go(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        await until(lambda: cookies, "the other page")
        told = await page.evaluate(
            f"new Promise(done => {{ const s = new WebSocket({socket!r} + '?width=80&height=24');"
            " s.onopen = () => done('open'); s.onerror = () => done('refused'); })"
        )
    finally:
        await runner.cleanup()
    return told, cookies


@needs_browser
async def test_a_browser_shows_live_lots_behind_the_secret_address(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=9, venues=("kraken",), rows=60, limits="off", tick_rate=2) as simulator:
        program = Program(tmp_path / "home")
        program.use(simulator, tmp_path)
        account = simulator.accounts["kraken"]
        program.hold_key("kraken", account["key"], account["secret"])
        assert program.run("connect", "kraken", "--tier", "pro").status == 0
        async with served(program) as server, browsing(tmp_path / "profile") as page:
            await page.go(server.address)
            before = await page.until_drawn(lambda lines: len(lots_in(lines)) > 5 and worth(lines) != "-", "lots")
            assert "READ-ONLY" not in before[0]
            value = before[1].index(worth(before))
            seen = await page.picture(1, value, 8), await page.picture(0, 0, 8)
            assert seen[0] != await page.picture(1, 130, 8), "the canvas is painted"

            await page.until_drawn(lambda lines: worth(lines) not in ("-", worth(before)), "new prices")

            async def is_painted_anew() -> bool:
                return await page.picture(1, value, 8) != seen[0]

            await until_told(is_painted_anew, "the cells of the value look other than they did")
            assert await page.picture(0, 0, 8) == seen[1], "what did not change is as it was"

            row = await page.picture(5, 0, 8)
            await page.press("j")

            async def has_cursor() -> bool:
                return await page.picture(5, 0, 8) != row

            await until_told(has_cursor, "the cursor comes down to the second lot, without a click before")
            await page.press("!")
            await page.until_drawn(lambda lines: "problem" in lines[0], "a key of the monitor")
            await page.call("Page.reload")
            again = await page.until_drawn(lambda lines: len(lots_in(lines)) > 5, "the monitor again")
            assert "READ-ONLY" not in again[0], "the monitor before it was gone first"

            room = await page.evaluate("location.pathname")
            token = server.address.partition("token=")[2]
            assert token not in await page.evaluate("location.href + document.documentElement.outerHTML")
            own = server.address.partition("/?")[0]
            assert {address.partition(":")[2].rpartition(":")[0] for address in page.asked} == {"//127.0.0.1"}
            assert page.complaints == []
            told, cookies = await foreign_page(page, f"ws{own.removeprefix('http')}{room}socket")
            assert (told, set(cookies)) == ("refused", {""})

            assert await server.end(signal.SIGTERM) == 128 + signal.SIGTERM
            assert server.processes() == []
    traces = [path.name for path in program.home.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert traces == []
