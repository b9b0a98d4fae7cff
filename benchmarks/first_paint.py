"""Process start to the first painted lot table, against a bare Textual hello app, in one interleaved run.

Run: python benchmarks/first_paint.py [--lots 10000] [--rounds 9]. Both programs run in a real pty of 140x40; the
clock stops when a lot's row (or the hello text) has been written to the terminal. Prints the median of each and
the median of the ratios, round by round.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.records import Asset, Quote
from harvest_tui.settings import locate
from harvest_tui.store import Store

HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello-marker")
Hello().run()
"""


def seconds_to(marker: bytes, command: list[str], environment: dict[str, str]) -> float:
    """Wall seconds from process start until `marker` has been written to the terminal."""
    started = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    seen = b""
    try:
        while marker not in seen:
            if not select.select([terminal], [], [], 60)[0]:
                raise RuntimeError(f"{marker!r} was not painted within 60 s")
            seen = seen[-200_000:] + os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def make_home(home: Path, lots: int) -> None:
    """A home with `lots` open lots of 40 coins, imported by the real command and opened once."""
    ledger = home / "ledger.csv"
    with ledger.open("w") as file:
        file.write("id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset\n")
        for number in range(lots):
            day = f"202{2 + number % 4}-{1 + number % 12:02}-{1 + number % 28:02}"
            cost, coin = 100 + number % 977, f"COIN{number % 40}"
            file.write(f"b{number},{day}T{number % 24:02}:00:00Z,wallet,trade,{cost}.25,USD,{1 + number % 7},{coin}\n")
    for command in (["import", str(ledger)], ["lots", "--json"]):
        words = [sys.executable, "-m", "harvest_tui", "--home", str(home), *command]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    asyncio.run(keep_prices(home))
    subprocess.run(
        [sys.executable, "-m", "harvest_tui", "--home", str(home), "lots", "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


async def keep_prices(home: Path) -> None:
    """A last price of every coin, as an earlier run would have left it."""
    now = datetime.now(UTC)
    assets = [Asset(f"COIN{number}") for number in range(40)]
    quotes = {
        ("kraken", asset): Quote(asset, Decimal(50 + 3 * number), now, f"kraken {asset}/USD")
        for number, asset in enumerate(assets)
    }
    async with await Store.open(locate(str(home)).database) as store:
        await store.save_quotes(quotes)


def main() -> None:
    """Print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # Installed programs run from compiled bytecode; without it every start compiles anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_home(home, arguments.lots)
        ours = [sys.executable, "-m", "harvest_tui", "--home", str(home)]
        hello = [sys.executable, "-c", HELLO]
        seconds_to(b"COIN", ours, environment)
        seconds_to(b"hello-marker", hello, environment)
        pairs = [
            (seconds_to(b"hello-marker", hello, environment), seconds_to(b"COIN", ours, environment))
            for _ in range(arguments.rounds)
        ]
    bare, own = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(second / first for first, second in pairs)
    print(f"lots {arguments.lots}, rounds {arguments.rounds}")
    print(f"bare Textual hello: median {bare * 1000:.0f} ms")
    print(f"first lot table:    median {own * 1000:.0f} ms")
    print(f"ratio:              median {ratio:.2f}")


if __name__ == "__main__":
    main()
