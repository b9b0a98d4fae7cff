"""The program in a real terminal, as a person sees it: its screen as text, its processes and its temporary files."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pyte

from support.pty_process import PtyProcess

_MARK = "HARVEST_TUI_TEST_MARK"
_NOT_PASSED_ON = {"NO_COLOR", "COLUMNS", "LINES", "HARVEST_TUI_SIMULATOR", "HARVEST_TUI_HOME"}


class ProgramInTerminal(PtyProcess):
    """`harvest-tui WORDS` with a temporary folder of its own."""

    def __init__(self, words: list[str], temporary: Path, size: tuple[int, int] = (140, 40)) -> None:
        temporary.mkdir()
        self.temporary = temporary
        self.mark = uuid4().hex
        self.sent = b""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            # The environment as Python knows it: readline puts the size of another terminal into the other one.
            environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
            environment |= {"TERM": "xterm-256color", "TMPDIR": str(temporary), _MARK: self.mark}
            os.execve(sys.executable, [sys.executable, "-m", "harvest_tui", *words], environment)

    def lines(self) -> list[str]:
        """What a person sees now."""
        self._stream.feed(self.sent[self._fed :])
        self._fed = len(self.sent)
        return list(self._screen.display)

    def until_seen(self, is_so: Callable[[list[str]], object], seconds: float = 60) -> list[str]:
        """The screen once it is so."""
        seen: list[str] = []

        def looks(_: bytes) -> bool:
            seen[:] = self.lines()
            return bool(is_so(seen))

        try:
            self.until(looks, seconds)
        except AssertionError as error:
            raise AssertionError("it was never seen; on screen:\n" + "\n".join(seen)) from error
        return seen

    def processes(self) -> list[str]:
        """Living processes that the program is or has started, by their command."""
        wanted = f"{_MARK}={self.mark}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and wanted in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found
