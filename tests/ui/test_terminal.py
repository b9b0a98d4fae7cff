"""The app in a real terminal: how it leaves, what it sends, and that it never stays behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from support.pty_process import PtyProcess

ALTERNATE, RESTORED = b"\x1b[?1049h", b"\x1b[?1049l"


def is_up(sent: bytes) -> bool:
    return b"help" in sent and b"LT in 22d" in sent


def test_q_leaves_the_terminal_as_it_was() -> None:
    app = PtyProcess()
    app.until(is_up)
    assert ALTERNATE in app.sent
    app.press(b"q")
    assert app.wait() == 0
    assert app.sent.rfind(RESTORED) > app.sent.rfind(ALTERNATE)
    assert b"\x1b[?25h" in app.sent[app.sent.rfind(RESTORED) - 200 :]
    assert b"Traceback" not in app.sent


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal_and_exits_with_its_number(number: signal.Signals) -> None:
    app = PtyProcess()
    app.until(is_up)
    app.kill(number)
    assert app.wait() == 128 + number
    assert app.sent.rfind(RESTORED) > app.sent.rfind(ALTERNATE)
    assert b"Traceback" not in app.sent


def test_a_terminal_that_is_taken_away_ends_the_process_even_when_the_hangup_never_arrives() -> None:
    ignore = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})"
    app = PtyProcess(prepare=ignore)
    app.until(is_up)
    app.hang_up()
    assert app.wait(14) == 129


def test_a_session_that_does_not_close_cannot_hold_the_terminal() -> None:
    stuck = "import asyncio\nclass Stuck(SampleSession):\n    async def close(self): await asyncio.Event().wait()\n"
    app = PtyProcess("Stuck()", stuck)
    app.until(is_up)
    app.press(b"q")
    assert app.wait(12) == 0
    assert RESTORED in app.sent


def test_a_fault_of_our_own_tells_places_but_no_values() -> None:
    faulty = """
class Faulty(SampleSession):
    def portfolio(self):
        my_secret = "CANARY-7f3a"
        if self.started:
            raise RuntimeError("broken \\x1b]0;owned\\x07 on purpose")
        return self.held
"""
    app = PtyProcess("Faulty()", faulty)
    code = app.wait(30)
    assert code == 1
    after = app.sent[app.sent.rfind(RESTORED) :]
    assert b"RuntimeError" in after and b"harvest-tui stopped on a fault of its own" in after
    assert b"CANARY" not in app.sent.replace(b'my_secret = "CANARY-7f3a"', b"")
    assert b"\x1b]0;owned" not in app.sent


def test_no_byte_of_a_hostile_name_is_obeyed_by_a_real_terminal() -> None:
    prepare = "from support.hostile_names import hostile_session"
    app = PtyProcess("hostile_session()", prepare, (140, 40))
    app.until(lambda sent: b"help" in sent)
    for key in (b"!", b"c", b"?"):
        app.press(key)
        for _ in range(30):
            app.press(b"j")
            app.read(0.02)
        app.press(b"\x1b")
        app.read(0.15)
    for _ in range(30):
        app.press(b"\r")
        app.read(0.05)
        app.press(b"\x1b")
        app.read(0.06)
        app.press(b"j")
    while b"claim" not in app.sent:  # a slow terminal drew fewer of them: back up, each until it is drawn
        before = len(app.sent)
        app.press(b"\r")
        app.until(lambda sent, before=before: len(sent) > before + 500)
        app.press(b"\x1b")
        app.read(0.3)
        app.press(b"k")
        app.read(0.1)
    app.press(b"q")
    assert app.wait() == 0
    for obeyed in (
        b"\x1b]52",
        b"\x1b]0;",
        b"\x1b[31mred",
        b"\xc2\x9b",
        b"\xc2\x90",
        "\u202e".encode(),
        "\u2066".encode(),
    ):
        assert obeyed not in app.sent
    assert b"claim" in app.sent


def test_no_color_sends_no_colour() -> None:
    colourful = PtyProcess()
    colourful.until(is_up)
    colourful.press(b"q")
    colourful.wait()
    colourless = PtyProcess(prepare="import os\nos.environ['NO_COLOR'] = '1'")
    colourless.until(is_up)
    colourless.press(b"q")
    colourless.wait()
    colour = re.compile(rb"\x1b\[[0-9;]*\b(?:38|48);[25];")
    assert colour.search(colourful.sent)
    assert not colour.search(colourless.sent)


def test_importing_the_app_loads_no_heavy_library() -> None:
    source = (
        "import sys, harvest_tui.ui.app\n"
        "ours = ('harvest_tui.exchanges', 'harvest_tui.store', 'harvest_tui.ui.screens.add')\n"
        "slow = ('textual.widgets._data_table', 'textual.widgets._footer')\n"
        "heavy = {'ccxt', 'pandas', 'numpy', 'aiohttp', 'cryptography', 'aiosqlite', 'keyring'}\n"
        "print(sorted(heavy & set(sys.modules)), [m for m in sys.modules if m.startswith(ours + slow)])"
    )
    told = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[] []"
