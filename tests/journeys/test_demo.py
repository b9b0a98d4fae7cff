"""`harvest-tui demo` in a real terminal: a live market, working keys, and nothing left behind."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.journey_terminal import ProgramInTerminal

ALTERNATE, RESTORED, CURSOR = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads processes from /proc")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[ProgramInTerminal]:
    program = ProgramInTerminal(["demo", "--rows", "60", "--seed", "12"], tmp_path / "tmp")
    yield program
    if program.processes():
        program.kill(signal.SIGKILL)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[ProgramInTerminal]:
    """The scenario with the longest words, on the smallest screen."""
    words = ["demo", "--rows", "60", "--scenario", "oldest-first"]
    program = ProgramInTerminal(words, tmp_path / "tmp", (80, 24))
    yield program
    if program.processes():
        program.kill(signal.SIGKILL)


def lots_in(lines: list[str]) -> list[str]:
    return [line for line in lines if re.match(r"^\W*(kraken|coinbase|binanceus)\s+[A-Z]{3,5}\s+20\d\d-", line)]


def worth(lines: list[str]) -> float:
    """What the header says all lots are worth."""
    found = re.search(r"Value\s+([\d,.]+)", lines[1])
    return float(found[1].replace(",", "")) if found else 0.0


def is_live(lines: list[str]) -> bool:
    is_fed = "SIMULATOR" in lines[0] and lines[0].count("●") >= 2
    return len(lots_in(lines)) > 15 and is_fed and worth(lines) > 1000


def is_left_as_it_was(program: ProgramInTerminal) -> bool:
    end = program.sent.rfind(RESTORED)
    return end > program.sent.rfind(ALTERNATE) >= 0 and CURSOR in program.sent[end - 300 :]


def test_lots_live_keys_work_and_q_leaves_nothing_behind(demo: ProgramInTerminal) -> None:
    first = demo.until_seen(is_live, 120)
    assert len(demo.processes()) >= 2
    assert list(demo.temporary.iterdir())
    demo.until_seen(lambda lines: is_live(lines) and lots_in(lines) != lots_in(first))
    demo.until_seen(lambda lines: is_live(lines) and worth(lines) != worth(first))
    demo.press(b"!")
    demo.until_seen(lambda lines: "problem" in lines[0])
    demo.press(b"\x1b")
    demo.until_seen(is_live)
    demo.press(b"?")
    demo.until_seen(lambda lines: any("Sync all accounts" in line for line in lines))
    demo.press(b"\x1b")
    demo.until_seen(is_live)
    demo.press(b"q")
    assert demo.wait(20) == 0
    assert is_left_as_it_was(demo)
    assert b"Traceback" not in demo.sent
    assert demo.processes() == []
    assert list(demo.temporary.iterdir()) == []


def test_a_terminate_signal_in_the_midst_of_the_first_sync_leaves_nothing_behind(demo: ProgramInTerminal) -> None:
    demo.until_seen(lambda lines: any("⟳" in line for line in lines), 120)
    demo.kill(signal.SIGTERM)
    assert demo.wait(20) == 128 + signal.SIGTERM
    assert is_left_as_it_was(demo)
    assert b"Traceback" not in demo.sent
    assert demo.processes() == []
    assert list(demo.temporary.iterdir()) == []


def test_what_is_told_before_the_app_fits_a_small_screen_and_q_typed_meanwhile_leaves_nothing_behind(
    small: ProgramInTerminal,
) -> None:
    small.press(b"q")
    assert small.wait(60) == 0
    told = small.sent.split(ALTERNATE)[0].decode().removeprefix("q").splitlines()
    assert told[0].startswith("Starting three simulated exchanges")
    assert any(line.startswith("oldest-first: ") for line in told)
    assert max(map(len, told)) < 80 and len(told) < 24
    assert b"Traceback" not in small.sent
    assert small.processes() == []
    assert list(small.temporary.iterdir()) == []


def test_a_terminal_closed_while_the_exchanges_are_still_starting_leaves_nothing_behind(
    small: ProgramInTerminal,
) -> None:
    small.until_seen(lambda lines: any(line.startswith("Starting three") for line in lines))
    small.kill(signal.SIGHUP)
    assert small.wait(20) == 128 + signal.SIGHUP
    assert ALTERNATE not in small.sent and b"Traceback" not in small.sent
    assert small.processes() == []
    assert list(small.temporary.iterdir()) == []
