"""A home full of hostile names on every screen of a real terminal. A hundred thousand of them: tests/campaigns."""

from __future__ import annotations

from pathlib import Path

from support.harmless_output import wrong_on_screen
from support.hostile_home import HostileTerminal, glance, make_home
from support.hostile_words import hostile_words
from support.terminal_bytes import taken_apart


async def test_no_name_is_obeyed_on_any_screen(tmp_path: Path) -> None:
    await make_home(tmp_path / "home", hostile_words(60))
    sent = taken_apart(glance(HostileTerminal(tmp_path / "home")))
    assert wrong_on_screen(sent) == []
    assert "[red]" in sent.text, "markup is text"
    assert "\ufffd]777;notify;A B;x\ufffd" in sent.text, "what was an escape is seen, and harmless"
    assert len(sent.clipboard) == 2


def test_what_a_name_would_do_is_found() -> None:
    ours = b"\x1b[?2026h\x1b[3;1H\x1b[1;38;2;1;2;3;48;2;4;5;6mname\x1b[0m\r\n"
    assert wrong_on_screen(taken_apart(ours)) == []
    for bad in ("\x1b[31m", "\x1b]0;owned\x07", "\x1b]52;c;G1tjCg==\x07", "\x1bP+q\x1b\\", "\x07", "\x9b1m", "\u202e"):
        assert wrong_on_screen(taken_apart(ours + bad.encode())), bad
        assert wrong_on_screen(taken_apart(ours + bad.encode()), taken_apart(ours).orders), bad
