"""The process behind the page: keys in, pictures out, one at a time, and gone in the end whatever it does."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar

from harvest_tui.web.gate import Gate
from harvest_tui.web.program import Program, monitor_command
from harvest_tui.web.server import serving
from support.journey import until

SPEAKS = r"""
import json, os, signal, sys
book = open(sys.argv[1], "a", buffering=1)
def draw(text):
    content = text.encode()
    sys.stdout.buffer.write(b"D" + len(content).to_bytes(4, "big") + content)
    sys.stdout.flush()
sys.stdout.buffer.write(b"__GANGLION__\n")
book.write(f"{os.getpid()} starts\n")
kept = sorted(set(os.environ) & {"TMUX", "STY", "LANG", "LC_ALL", "COLORFGBG"})
draw(f"{os.environ['COLUMNS']}x{os.environ['ROWS']} {kept}")
while header := sys.stdin.buffer.read(5):
    content = sys.stdin.buffer.read(int.from_bytes(header[1:], "big"))
    if header[:1] == b"M" and json.loads(content)["type"] == "quit":
        break
    if content == b"die":
        sys.exit("the disk is full; make room\x1b]0;title\x07")
    draw(f"{header[:1].decode()} {content.decode()}")
book.write(f"{os.getpid()} ends\n")
"""
STUBBORN = r"""
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"__GANGLION__\n")
time.sleep(600)
"""
BUSY = r"""
import os, select
os.write(1, b"__GANGLION__\n")
while not select.select([0], [], [], 0)[0]:
    os.write(1, b"D\0\0\x10\0" + b"x" * 4096)
"""


class Window:
    """A browser's window on the socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def drawn(self) -> str:
        """The next picture."""
        async with asyncio.timeout(30):
            return (await self.socket.receive_bytes()).decode()


@asynccontextmanager
async def window(client: ClientSession, gate: Gate, size: str = "width=80&height=24") -> AsyncIterator[Window]:
    async with client.get(gate.address) as answer:
        assert answer.status == 200
    address = f"{gate.origin}{gate.room}socket?{size}"
    async with client.ws_connect(address, headers={"Origin": gate.origin}) as socket:
        yield Window(socket)


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


def speaker(book: Path) -> list[str]:
    return [sys.executable, "-c", SPEAKS, str(book)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_keys_sizes_and_focus_arrive_and_nonsense_does_not(
    client: ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "LANG", "LC_ALL", "COLORFGBG"):
        monkeypatch.setenv(name, "C")
    async with (
        serving(speaker(tmp_path / "book"), "harvest", lambda _: None) as gate,
        window(client, gate, "width=140&height=99999") as seen,
    ):
        assert await seen.drawn() == "140x1000 []"
        nonsense = [
            "",
            "{",
            "5",
            "[]",
            '["stdin"]',
            '["stdin", 5]',
            '["resize", {"width": "9"}]',
            '["quit"]',
            "[[]]",
        ]
        for words in nonsense:
            await seen.socket.send_str(words)
        await seen.socket.send_bytes(b"\x00")
        await seen.socket.send_json(["stdin", "jé\x1b[A"])
        assert await seen.drawn() == "D jé\x1b[A"
        await seen.socket.send_json(["resize", {"width": -5, "height": 40}])
        assert await seen.drawn() == 'M {"type": "resize", "width": 80, "height": 40}'
        await seen.socket.send_json(["focus"])
        assert await seen.drawn() == 'M {"type": "focus"}'
        await seen.socket.send_json(["ping", "1234"])
        assert await seen.socket.receive_json() == ["pong", "1234"]


async def test_a_second_window_takes_over_once_the_first_program_is_gone(client: ClientSession, tmp_path: Path) -> None:
    book = tmp_path / "book"
    async with serving(speaker(book), "harvest", lambda _: None) as gate, window(client, gate) as first:
        await first.drawn()
        async with window(client, gate) as second:
            await second.drawn()
            assert (await first.socket.receive()).data == 1000
            pids = [line.split() for line in book.read_text().splitlines()]
            assert [(pid == pids[0][0], word) for pid, word in pids] == [
                (True, "starts"),
                (True, "ends"),
                (False, "starts"),
            ]
    assert book.read_text().splitlines()[-1] == f"{pids[2][0]} ends", "the server's end is the program's"
    assert not is_alive(int(pids[2][0]))


async def test_a_program_ends_with_its_window(client: ClientSession, tmp_path: Path) -> None:
    book = tmp_path / "book"
    async with serving(speaker(book), "harvest", lambda _: None) as gate:
        async with window(client, gate) as seen:
            await seen.drawn()
        await until(lambda: "ends" in book.read_text(), "the program's end")


async def test_why_a_program_failed_is_told_in_both_places_without_escape_codes(
    client: ClientSession, tmp_path: Path
) -> None:
    told: list[str] = []
    async with serving(speaker(tmp_path / "book"), "harvest", told.append) as gate, window(client, gate) as seen:
        await seen.drawn()
        await seen.socket.send_json(["stdin", "die"])
        assert "the disk is full; make room]0;title\r\n" in await seen.drawn()
    assert len(told) == 1 and told[0].startswith("the disk is full; make room")


async def test_a_program_that_does_not_start_is_told(client: ClientSession, tmp_path: Path) -> None:
    told: list[str] = []
    async with serving([str(tmp_path / "missing")], "harvest", told.append) as gate, window(client, gate) as seen:
        assert (await seen.socket.receive()).data == 1000
    assert told == ["the monitor does not start (No such file or directory)"]


@pytest.mark.parametrize("text", [STUBBORN, BUSY], ids=["deaf to all signals but one", "drawing on and on"])
async def test_a_program_is_gone_after_end(text: str) -> None:
    program = await Program.start([sys.executable, "-c", text], 80, 24)
    drawn = asyncio.Event()

    async def show(_: bytes) -> None:
        drawn.set()

    playing = asyncio.create_task(program.play(show))
    if text is BUSY:
        await asyncio.wait_for(drawn.wait(), 30)
    playing.cancel()
    await program.end(quit_seconds=30 if text is BUSY else 0.3, end_seconds=0.3)
    await until(lambda: program.status is not None, "its end", 30)
    assert program.status == (0 if text is BUSY else -9)


def test_the_monitor_is_started_by_this_interpreter_on_the_same_home() -> None:
    assert monitor_command("some/home", is_demo=False) == [
        *(sys.executable, "-P", "-m", "harvest_tui"),
        *("--home", "some/home"),
    ]
    assert monitor_command(None, is_demo=True)[-1] == "demo"
