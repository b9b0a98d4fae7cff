"""A program in a real terminal of its own, and every byte it sent there."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

TESTS = Path(__file__).parents[1]
START = """
import sys
sys.path[:0] = [{tests!r}]
from support.sample_portfolio import *
from harvest_tui.ui.app import HarvestApp
{prepare}
app = HarvestApp({session})
app.run()
sys.exit(app.return_code)
"""


class PtyProcess:
    """Runs the app on a sample session, 80x24 unless told otherwise, in `environment` beside that of the tests."""

    def __init__(
        self,
        session: str = "SampleSession()",
        prepare: str = "",
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        source = START.format(tests=str(TESTS), session=session, prepare=prepare)
        self.sent = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", "ESCDELAY": "20", **environment})
            os.execv(sys.executable, [sys.executable, "-c", source])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def read(self, seconds: float) -> None:
        """Reads what comes within so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.terminal], [], [], left)[0]:
                try:
                    self.sent += os.read(self.terminal, 1 << 16)
                except OSError:
                    return

    def until(self, happened: Callable[[bytes], bool], seconds: float = 30) -> None:
        """Reads until the bytes say so."""
        deadline = time.monotonic() + seconds
        while not happened(self.sent):
            assert time.monotonic() < deadline, f"it never happened; last bytes: {self.sent[-600:]!r}"
            self.read(0.05)

    def press(self, keys: bytes) -> None:
        """Types."""
        os.write(self.terminal, keys)

    def kill(self, number: signal.Signals) -> None:
        """Sends a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Takes the terminal away."""
        os.close(self.terminal)
        self.terminal = -1

    def wait(self, seconds: float = 15) -> int:
        """The exit code; a process that stays is killed and fails the test."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.terminal >= 0:
                self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                if self.terminal >= 0:
                    self.read(0.05)
                return os.waitstatus_to_exitcode(status)
            if self.terminal < 0:
                select.select([], [], [], 0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError("the process stayed")
