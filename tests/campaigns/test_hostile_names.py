"""A hundred thousand hostile names through every screen, every command and every export, in real terminals."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from support.harmless_output import wrong_in_file, wrong_on_screen
from support.hostile_home import HostileTerminal, make_home, walk
from support.hostile_words import harmless_words, hostile_words
from support.journey_terminal import ProgramInTerminal
from support.terminal_bytes import Sent, taken_apart

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(14_400)]


def exports_in(home: Path) -> list[Path]:
    """The files that were written out."""
    return [path for path in home.iterdir() if path.suffix in {".csv", ".txt"}]


NAMES = int(os.environ.get("HOSTILE_NAMES", "100000"))
AT_ONCE = 4_000
FIRST = int(os.environ.get("HOSTILE_FIRST", "0"))
"""The first of the seeds, so that parts of the campaign can run side by side."""
STORIES = 12
COMMANDS = (
    ["lots"],
    ["lots", "--csv", "lots.csv"],
    ["disposals"],
    ["disposals", "--csv", "sold.csv"],
    ["accounts"],
    ["transfers"],
    ["alerts"],
    ["plan"],
    ["doctor"],
    ["verify"],
)


def shown(home: Path, names: list[str]) -> tuple[Sent, Sent, list[str]]:
    """What the monitor and the commands sent to their terminals, and what is wrong in the files that were written."""
    asyncio.run(make_home(home, names))
    monitor = taken_apart(walk(HostileTerminal(home), len(names), STORIES))
    data = b""
    for number, words in enumerate(COMMANDS):
        told = [str(home / word) if word.endswith(".csv") else word for word in words]
        program = ProgramInTerminal(["--home", str(home), *told], home / f"temporary{number}")
        assert program.wait(600) in (0, 1), (words, program.sent[-2000:].decode(errors="replace"))
        data += program.sent
    files = exports_in(home)
    assert len(files) == 4
    return monitor, taken_apart(data), [words for path in files for words in wrong_in_file(path)]


def test_no_name_is_ever_obeyed(tmp_path: Path) -> None:
    for_screen, for_commands, wrong = shown(tmp_path / "harmless", harmless_words(AT_ONCE))
    assert wrong == []
    for seed in range(FIRST, FIRST + -(-NAMES // AT_ONCE)):
        home = tmp_path / f"hostile{seed}"
        screen, commands, wrong = shown(home, hostile_words(AT_ONCE, seed))
        assert wrong_on_screen(screen, for_screen.orders) == [], seed
        assert wrong_on_screen(commands, for_commands.orders) == [], seed
        assert wrong == [], seed
        assert "[bold reverse]" in screen.text, "markup is text"
        assert len(screen.clipboard) >= 4
        shutil.rmtree(home)
