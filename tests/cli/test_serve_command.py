"""`harvest-tui serve`: what it refuses, what it shows, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from support.journey_commands import Done, Program
from support.served import served

RunHere = Callable[..., Done]


@pytest.mark.parametrize("port", ["-1", "65536", "eighty"])
def test_what_is_no_port_is_refused(run_here: RunHere, tmp_path: Path, port: str) -> None:
    assert "port" in run_here("--home", str(tmp_path / "home"), "serve", "--port", port).refused(2)


def test_what_is_wrong_with_the_home_is_told_before_anything_is_served(run_here: RunHere, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('theme = "harvest-drak"')
    assert "harvest-dark" in run_here("--home", str(tmp_path), "serve").refused(2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads processes from /proc")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
async def test_it_shows_the_monitor_of_the_home_and_leaves_no_process_behind(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    program = Program(tmp_path / "home")
    async with served(program) as server, ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        async with client.get(server.address) as page:
            assert (page.status, "token" in str(page.url)) == (200, False)
        origin = f"http://127.0.0.1:{page.url.port}"
        async with client.ws_connect(page.url.join(page.url / "socket"), headers={"Origin": origin}) as socket:
            drawn = b""
            async with asyncio.timeout(60):
                while b"harvest" not in drawn:
                    drawn += await socket.receive_bytes()
            assert len(server.processes()) == 2
            assert await server.end(number) == status
        assert server.processes() == []
