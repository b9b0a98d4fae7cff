"""From the key that marks a lot to the mark's totals on the screen, under a fast market, against a bare key echo.

Run: python benchmarks/mark_keys.py [--lots 10000] [--rate 1000] [--marks 30] [--rounds 3] [--frames 4]. In a real pty
of 140x40: the planner is open, prices change a thousand times a second over 300 assets, each `space` marks one more
lot, and the clock stops when the year "with n lots sold" has been written. The echo is a bare Textual app that counts
keys; both take turns. Marks are wanted on consecutive lots: a cursor that left its lot would mark twice, and never
get there.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import tempfile
import time
from pathlib import Path

from live_table import OURS, choices, make_home, told, watched


def main() -> None:
    """Print both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--marks", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=4, help="frames a second; 4 is what the monitor has by itself")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_home(home, arguments.lots)
        # By an order that prices do not change: the next row is always an unmarked lot.
        choices(home, "acquired", arguments.frames)
        words = ["monitor", str(home), str(arguments.rate)]
        marks: list[float] = []
        echoes: list[float] = []
        with watched(words, OURS) as ours, watched(["echo"], b"\xff") as echo:
            ours.send(signal.SIGUSR1)
            time.sleep(6)
            ours.type(b"p", b"so far")
            time.sleep(6)
            for _ in range(arguments.rounds):
                for _ in range(arguments.marks):
                    echoes.append(echo.type(b"x", f"<{len(echoes) + 1} keys>".encode()))
                    time.sleep(0.05)
                for number in range(arguments.marks):
                    marks.append(ours.type(b" ", f" {len(marks) + 1:,} sold".encode()))
                    time.sleep(0.05 + 0.013 * (number % 7))
                    ours.write(b"j")
                    time.sleep(0.15)
            ours.send(signal.SIGUSR2)
            counts = ours.wait_for_report(1)
        rate = counts["sent"] / counts["seconds"]
        print(f"{arguments.lots:,} lots, {rate:.0f} changes/s counted, {arguments.frames} frames/s")
        print(told("bare key echo ", echoes))
        print(told("mark's totals ", marks))
        print(f"ratio of p50: {statistics.median(marks) / statistics.median(echoes):.2f}")


if __name__ == "__main__":
    main()
