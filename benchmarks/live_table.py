"""The live table in a real pty of 140x40: processor share, lines repainted, keys, memory, sorts and filters.

Run: python benchmarks/live_table.py [--lots 100000] [--rate 1000] [--seconds 20] [--keys 60] [--rounds 3]
The monitor at rest and under the feed, and Textual's DataTable with 1,000 rows under the same feed, take turns. The
feed is counted by who sends it. A key's time ends when the line under the cursor, at its new place, has been written
to the terminal. Processor time is that of the whole process, feed included.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STAGE = Path(__file__).with_name("live_stage.py")
FRAMES = 30
PATIENCE = 20.0
"""Seconds that a key is waited for."""
_SPAN = re.compile(rb"\x1b\[(\d+);\d+H")
_TICKS = os.sysconf("SC_CLK_TCK")


class Watched:
    """One program in a pty: everything it writes is read at once by a thread."""

    def __init__(self, words: list[str], cursor: bytes, report: Path) -> None:
        self.cursor, self.report = cursor, report
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            os.execvpe(sys.executable, [sys.executable, str(STAGE), *words, str(report)], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
        self.written = 0
        self._tail = b""
        self.places: list[tuple[float, int]] = []
        """When the line under the cursor was written, and on which line of the terminal."""
        self._marker: bytes | None = None
        self._marked_at: float | None = None
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self.terminal, 1 << 16)
            except OSError:
                return
            at = time.perf_counter()
            self.took(chunk)
            self.written += len(chunk)
            text = self._tail + chunk
            spans = list(_SPAN.finditer(text))
            for number, span in enumerate(spans):
                end = spans[number + 1].start() if number + 1 < len(spans) else len(text)
                if self.cursor in text[span.end() : end]:
                    with self._news:
                        self.places.append((at, int(span[1])))
                        self._news.notify_all()
            if self._marker is not None and self._marker in text:
                with self._news:
                    self._marker, self._marked_at = None, at
                    self._news.notify_all()
            self._tail = text[spans[-1].start() :][-4096:] if spans else text[-4096:]

    def took(self, chunk: bytes) -> None:
        """Something was written; nobody keeps it."""

    def wait_for_report(self, count: int = 0) -> dict[str, float]:
        """The stage's `count`th report, once it is there; 0 waits until the stage is ready."""
        for _ in range(6000):
            if self.report.exists():
                lines = self.report.read_text().splitlines()
                if len(lines) >= count:
                    return dict(json.loads(lines[-1])) if lines else {}
            time.sleep(0.02)
        raise RuntimeError("the stage does not answer")

    def send(self, number: signal.Signals) -> None:
        """A signal to the stage."""
        os.kill(self.pid, number)

    def cpu_seconds(self) -> float:
        """Processor time of the whole process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mib(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def press(self, key: bytes, step: int, line: int | None) -> tuple[float, int]:
        """Seconds from the key to the painted cursor, and the line it is on now. Raises TimeoutError."""
        with self._news:
            self.places.clear()
            started = time.perf_counter()
            os.write(self.terminal, key)
            while True:
                for at, place in self.places:
                    if line is None or place == line + step:
                        return at - started, place
                self._news.wait(1)
                if time.perf_counter() - started > PATIENCE:
                    raise TimeoutError(f"key {key!r} was not painted")

    def type(self, key: bytes, marker: bytes) -> float:
        """Seconds from the key to the text that it brings, written to the terminal."""
        with self._news:
            self._marker, self._marked_at, started = marker, None, time.perf_counter()
            os.write(self.terminal, key)
            while self._marked_at is None:
                self._news.wait(5)
                if time.perf_counter() - started > 60:
                    raise RuntimeError(f"key {key!r} did not bring {marker!r}")
            return self._marked_at - started

    def write(self, key: bytes) -> None:
        """Presses a key whose answer nobody waits for."""
        os.write(self.terminal, key)

    def keys(self, count: int) -> list[float]:
        """Seconds of single steps down and up; where a program never gets to a key, what was waited, once."""
        try:
            return self._keys(count)
        except TimeoutError:
            if self.cursor is OURS:
                raise
            return [PATIENCE]

    def _keys(self, count: int) -> list[float]:
        _, line = self.press(b"j" if self.cursor is OURS else b"\x1b[B", 1, None)
        time.sleep(0.3)
        _, line = self.press(b"j" if self.cursor is OURS else b"\x1b[B", 1, line if self.cursor is OURS else None)
        taken = []
        for number in range(count):
            step = 1 if number % 20 < 10 else -1
            ours, theirs = (b"j", b"\x1b[B") if step > 0 else (b"k", b"\x1b[A")
            seconds, line = self.press(ours if self.cursor is OURS else theirs, step, line)
            taken.append(seconds)
            time.sleep(0.02 + 0.013 * (number % 7))
        return taken

    def end(self) -> None:
        """Kills it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


OURS = b"48;2;44;54;70"
THEIRS = b"48;2;1;120;212"


@contextmanager
def watched(words: list[str], cursor: bytes) -> Iterator[Watched]:
    """A program that is ready."""
    with tempfile.TemporaryDirectory() as folder:
        program = Watched(words, cursor, Path(folder) / "report")
        try:
            program.wait_for_report()
            yield program
        finally:
            program.end()


def make_home(home: Path, lots: int) -> None:
    """A cached home of `lots` open lots in 300 assets and two accounts, with a picture of the last run."""
    ledger = home / "ledger.csv"
    with ledger.open("w") as file:
        file.write("id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset\n")
        for number in range(lots):
            day = f"202{2 + number % 4}-{1 + number % 12:02}-{1 + number % 28:02}"
            cost, account = 100 + number % 9773, ("wallet", "ledger")[number % 7 == 0]
            bought = f"{1 + number % 137},COIN{number % 300}"
            file.write(f"b{number},{day}T{number % 24:02}:00:00Z,{account},trade,{cost}.25,USD,{bought}\n")
    for command in (["import", str(ledger)], ["lots", "--json"], ["profile", "set", "wages", "120000"]):
        words = [sys.executable, "-m", "harvest_tui", "--home", str(home), *command]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    choices(home, "unrealized")


def choices(home: Path, sort: str, frames: int = FRAMES) -> None:
    """Frames a second, and the column to sort by."""
    file = home / "config.toml"
    kept = file.read_text().split("[table]")[0] if file.exists() else ""
    file.write_text(f'{kept}\n[table]\nframes = {frames}\nsort = "{sort}"\n')


def told(name: str, taken: list[float]) -> str:
    """p50 and p99 in milliseconds."""
    taken = sorted(taken)
    return f"{name}: p50 {statistics.median(taken) * 1000:.1f} ms, p99 {taken[int(len(taken) * 0.99)] * 1000:.1f} ms"


def load(program: Watched, seconds: float, keys: int, reports: int) -> tuple[float, dict[str, float], list[float]]:
    """Processor share without keys, what the stage tells of that, and then the keys, all under the feed."""
    program.send(signal.SIGUSR2)
    before = program.wait_for_report(reports + 1)
    program.send(signal.SIGUSR1)
    time.sleep(2)
    cpu, wall = program.cpu_seconds(), time.perf_counter()
    time.sleep(seconds)
    share = (program.cpu_seconds() - cpu) / (time.perf_counter() - wall)
    taken = program.keys(keys) if keys else []
    program.send(signal.SIGUSR2)
    after = program.wait_for_report(reports + 2)
    return share, {name: after[name] - before.get(name, 0) for name in after}, taken


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_home(home, arguments.lots)
        words = ["monitor", str(home), str(arguments.rate)]
        rest: list[float] = []
        busy: list[float] = []
        theirs: list[float] = []
        shares, their_shares = [], []
        with (
            watched(words, OURS) as ours,
            watched(["datatable", "1000", str(arguments.rate), str(FRAMES)], THEIRS) as t,
        ):
            time.sleep(8)  # the library loads, the lots are sorted and weighed
            for turn in range(arguments.rounds):
                rest += ours.keys(arguments.keys)
                share, counts, taken = load(ours, arguments.seconds, arguments.keys, 2 * turn)
                busy += taken
                shares.append(share)
                print(
                    f"monitor, {arguments.lots:,} lots: {counts['sent'] / counts['seconds']:.0f} changes/s, "
                    f"{counts['frames']:.0f} frames, CPU {share:.1%}, RSS {ours.memory_mib():.0f} MiB"
                )
                their_share, counts, taken = load(t, arguments.seconds / 2, arguments.keys // 3, 2 * turn)
                theirs += taken
                their_shares.append(their_share)
                print(
                    f"DataTable, 1,000 rows: {counts['sent'] / counts['seconds']:.0f} changes/s, "
                    f"{counts['frames'] / counts['seconds']:.1f} frames/s, CPU {their_share:.1%}"
                )
        print(told("key at rest        ", rest))
        print(told("key under the feed ", busy))
        print(told("key in DataTable   ", theirs))
        ratio = statistics.median(busy) / statistics.median(rest)
        print(f"under the feed / at rest, p50: {ratio:.2f}; DataTable / monitor: ", end="")
        print(f"{statistics.median(theirs) / statistics.median(busy):.1f}; CPU median {statistics.median(shares):.1%}")
        choices(home, "acquired")
        with watched(["counted", *words[1:]], OURS) as ours:
            time.sleep(8)
            _, counts, _ = load(ours, arguments.seconds, 0, 0)
            print(
                f"lines due {counts['due']:.0f}, lines drawn {counts['drawn']:.0f} "
                f"in {counts['frames']:.0f} frames (no sort by price)"
            )


if __name__ == "__main__":
    main()
