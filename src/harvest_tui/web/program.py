"""The monitor as a process behind the page: it draws into a pipe and reads keys from one.

Textual's driver for the web sends packets: a letter (D what a terminal is sent, M news as JSON, P a file's piece), the
length in four bytes, the highest first, and the content; D and M are understood the other way, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

QUIT_SECONDS = 8.0
"""So long may the monitor take to close its session after it was asked to leave."""
END_SECONDS = 3.0
_HEADER = 5
_MOST_SAID = 4096
_ELSEWHERE = ("TMUX", "STY", "COLORTERM", "COLORFGBG", "LC_ALL", "LC_CTYPE", "LANG")
"""What tells of the terminal in which the server was started: colours, background, encoding."""

Show = Callable[[bytes], Awaitable[None]]


class Program:
    """One run of a Textual program on its web driver."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._said = b""
        self._listening = asyncio.create_task(self._listen(), name="standard error of the program")

    @classmethod
    async def start(cls, command: Sequence[str], width: int, height: int) -> Program:
        """Starts it with a terminal of so many cells. Raises OSError where that cannot be done."""
        # Of a session of its own: ctrl-c in the server's terminal ends the server, which then ends the program.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=_environment(width, height), start_new_session=True
        )
        return cls(process)

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.returncode

    @property
    def last_words(self) -> str:
        """The last line on its standard error, as it came."""
        lines = self._said.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    async def play(self, show: Show) -> None:
        """Hands on what it draws until it says that it ends, or does."""
        stdout = self._process.stdout
        assert stdout is not None
        with suppress(asyncio.IncompleteReadError):
            await stdout.readuntil(b"__GANGLION__\n")
            while True:
                header = await stdout.readexactly(_HEADER)
                content = await stdout.readexactly(int.from_bytes(header[1:], "big"))
                if header[:1] == b"D":
                    await show(content)
                elif header[:1] == b"M" and json.loads(content).get("type") == "exit":
                    return

    async def press(self, keys: str) -> None:
        """Keys, a paste or the mouse, as a terminal sends them."""
        await self._send(b"D", keys.encode("utf-8", "replace"))

    async def tell(self, news: Mapping[str, object]) -> None:
        """News of the window: its size, whether it has the focus."""
        await self._send(b"M", json.dumps(news).encode())

    async def _send(self, kind: bytes, content: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(ConnectionError):
            stdin.write(kind + len(content).to_bytes(4, "big") + content)
            await stdin.drain()

    async def end(self, quit_seconds: float = QUIT_SECONDS, end_seconds: float = END_SECONDS) -> None:
        """Asks it to leave, and sees to it that it does. Call it once `play` is over or cancelled.

        So long is waited for it to leave by itself, and then after each signal.
        """
        discarding = asyncio.create_task(self._discard(), name="what nobody sees")
        try:
            for ask, seconds in (
                (self._ask, quit_seconds),
                (lambda: self._signal("SIGTERM"), end_seconds),
                (lambda: self._signal("SIGKILL"), end_seconds),
            ):
                if self.status is None:
                    ask()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._process.wait(), seconds)
        finally:
            for task in (discarding, self._listening):
                task.cancel()
            await asyncio.gather(discarding, self._listening, return_exceptions=True)
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _ask(self) -> None:
        content = b'{"type": "quit"}'
        if self._process.stdin is not None:
            self._process.stdin.write(b"M" + len(content).to_bytes(4, "big") + content)

    def _signal(self, name: str) -> None:
        """To it and to what it has started."""
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, getattr(signal, name))
            else:
                self._process.kill()

    async def _discard(self) -> None:
        # A program that waits for somebody to read what it drew cannot leave.
        stdout = self._process.stdout
        while stdout is not None and await stdout.read(65536):
            pass

    async def _listen(self) -> None:
        stderr = self._process.stderr
        while stderr is not None and (heard := await stderr.read(4096)):
            self._said = (self._said + heard)[-_MOST_SAID:]


def _environment(width: int, height: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return kept | {
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TERM": "xterm-256color",
        "TERM_PROGRAM": "textual",
        "PYTHONUTF8": "1",
        "COLUMNS": str(width),
        "ROWS": str(height),
    }


def monitor_command(home: str | None, is_demo: bool) -> list[str]:
    """The words that start the monitor of that home, or the demo, with this interpreter."""
    # -P: a folder somebody serves from is no place to import from.
    words = [sys.executable, "-P", "-m", "harvest_tui"]
    if home is not None:
        words += ["--home", home]
    return [*words, "demo"] if is_demo else words
