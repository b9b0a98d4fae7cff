"""A long day of the monitor in a real pty: price changes, screens opened and closed, and a window pulled about.

Run: python benchmarks/soak.py [--lots 100000] [--changes 1000000] [--rate 9000] [--opened 500] [--resizes 2000]
Memory is resident memory of the whole process, what feeds it included. It is read once a second under the feed, after
the first plan and the first alerts, and after every screen. Its growth is that of medians, since plans come and go.
The window is pulled between 1x1 and 200x60 on every screen in turn; then the program must still be there, with its
cursor on its lot, and end in peace.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import re
import signal
import statistics
import struct
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from live_table import OURS, Watched, make_home

SCREENS = (
    ("lot", b"\r"),
    ("help", b"?"),
    ("commands", b"\x10"),
    ("plans", b"P"),
    ("harvests", b"2"),
    ("alerts", b"3"),
    ("history", b"4"),
    ("problems", b"5"),
    ("accounts", b"6"),
    ("asset", b"7"),
    ("settings", b"8"),
    ("charts", b"v"),
    ("columns", b"W"),
    ("story", b"e"),
    ("account to add", b"a"),
)
"""Each with the key that opens it; escape leaves it."""
PLANNER = b"p"
"""Opens a pane of the monitor and closes it, and lets every lot be weighed anew."""
SETTLE_SECONDS = 60.0
QUIET_SECONDS = 0.05
_LOT = re.compile(rb"(?:wallet|ledger):b\d+")
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


class Soaked(Watched):
    """The monitor in its pty, with the last of what it wrote."""

    def __init__(self, words: list[str], report: Path) -> None:
        self.kept = b""
        self._status: int | None = None
        super().__init__(words, OURS, report)

    def took(self, chunk: bytes) -> None:
        """Keeps the end of it."""
        self.kept = (self.kept + chunk)[-(1 << 18) :]

    def resize(self, width: int, height: int) -> None:
        """Pulls the window; the system tells the program."""
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def settle(self, seconds: float = 10.0) -> None:
        """Waits until nothing has been written for a moment."""
        until = time.perf_counter() + seconds
        before = -1
        while before != self.written and time.perf_counter() < until:
            before = self.written
            time.sleep(QUIET_SECONDS)

    def go(self, key: bytes) -> None:
        """Presses a key and waits until its answer is painted."""
        before = self.written
        self.write(key)
        until = time.perf_counter() + 2
        while self.written == before and time.perf_counter() < until:
            time.sleep(0.005)
        self.settle()

    def home(self) -> None:
        """Back to the monitor, from wherever."""
        self.go(b"\x1b")
        self.go(b"1")

    def lot(self) -> bytes:
        """What the screen of the lot under the cursor says of it."""
        self.resize(120, 40)
        self.settle()
        self.kept = b""
        self.write(b"\r")
        until = time.perf_counter() + 20
        while (found := _LOT.search(_ESCAPES.sub(b"", self.kept))) is None:
            if time.perf_counter() > until:
                raise RuntimeError(f"no lot was shown: {self.kept[-600:]!r}")
            time.sleep(QUIET_SECONDS)
        self.home()
        return found[0]

    def is_alive(self) -> bool:
        """Whether the program runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status is None

    def quit(self) -> int:
        """The exit status after `q`."""
        self.write(b"q")
        while self.is_alive():
            time.sleep(0.02)
        assert self._status is not None
        return self._status

    def end(self) -> None:
        """Kills it, if it is still there."""
        if self.is_alive():
            super().end()


class Growth(NamedTuple):
    """Resident memory in MiB over some time or some screens: where it began, by how much it grew, and at the end."""

    began: float
    total: float
    last_part: float
    """Over the last 30 %."""
    most: float


class Pulled(NamedTuple):
    """A window pulled about: how often, whether the cursor kept its lot, and the exit status."""

    times: int
    kept_its_lot: bool
    status: int


def growth(memory: list[float]) -> Growth:
    """Between medians of a tenth of the readings at both ends, and at seven tenths."""
    part = max(1, len(memory) // 10)
    seven = len(memory) * 7 // 10
    first, last = statistics.median(memory[:part]), statistics.median(memory[-part:])
    middle = statistics.median(memory[seven : seven + part])
    return Growth(first, last - first, last - middle, max(memory))


@contextmanager
def soaked(home: Path, rate: float) -> Iterator[Soaked]:
    """The monitor on that home, ready."""
    with tempfile.TemporaryDirectory() as folder:
        program = Soaked(["monitor", str(home), str(rate)], Path(folder) / "report")
        try:
            program.wait_for_report()
            program.settle()
            yield program
        finally:
            program.end()


def feed(program: Soaked, changes: int, rate: float, settle_seconds: float) -> tuple[Growth, int, float]:
    """Memory under so many price changes, how many there were in truth, and in which time."""
    program.send(signal.SIGUSR1)
    time.sleep(settle_seconds)
    program.send(signal.SIGUSR2)
    before = program.wait_for_report(1)
    program.send(signal.SIGUSR1)
    memory = []
    until = time.perf_counter() + changes / rate
    while time.perf_counter() < until:
        memory.append(program.memory_mib())
        time.sleep(min(1.0, changes / rate / 40))
    program.send(signal.SIGUSR2)
    after = program.wait_for_report(2)
    return growth(memory), int(after["sent"] - before["sent"]), after["seconds"] - before["seconds"]


def open_and_close(program: Soaked, count: int) -> Growth:
    """Memory while screens are opened and closed, each in turn; every one was open twice before."""
    memory = []
    for number in range(count + 2 * len(SCREENS)):
        program.go(SCREENS[number % len(SCREENS)][1])
        program.go(b"\x1b")
        if number >= 2 * len(SCREENS):
            memory.append(program.memory_mib())
    return growth(memory)


def pull_about(program: Soaked, times: int, seed: int = 6) -> Pulled:
    """The window at random sizes, on every screen in turn."""
    chance = random.Random(seed)
    for _ in range(7):
        program.go(b"j")
    before = program.lot()
    each = -(-times // (len(SCREENS) + 2))
    for key in (b"", PLANNER, *(key for _, key in SCREENS)):
        if key:
            program.go(key)
        for _ in range(each):
            program.resize(chance.randint(1, 200), chance.randint(1, 60))
            time.sleep(chance.choice((0.0, 0.002, 0.01, 0.05)))
        if not program.is_alive():
            raise RuntimeError(f"it ended: {program.kept[-2000:].decode(errors='replace')}")
        program.resize(120, 40)
        program.settle()
        if key == PLANNER:
            program.go(key)
        program.home()
    after = program.lot()
    return Pulled(each * (len(SCREENS) + 2), before == after, program.quit())


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=9000)
    parser.add_argument("--opened", type=int, default=500)
    parser.add_argument("--resizes", type=int, default=2000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_home(Path(folder), arguments.lots)
        with soaked(Path(folder), arguments.rate) as program:
            grown, sent, seconds = feed(program, arguments.changes, arguments.rate, SETTLE_SECONDS)
            print(f"{sent:,} changes in {seconds:.0f} s, {arguments.lots:,} lots: {told(grown)}")
            print(f"{arguments.opened} screens opened and closed: {told(open_and_close(program, arguments.opened))}")
            print("{} resizes; cursor on its lot: {}; exit status {}".format(*pull_about(program, arguments.resizes)))


def told(grown: Growth) -> str:
    """The figures in words."""
    return (
        f"{grown.began:.0f} MiB, {grown.total:+.1f} MiB in all, {grown.last_part:+.1f} MiB over the last 30 %, "
        f"at most {grown.most:.0f} MiB"
    )


if __name__ == "__main__":
    main()
