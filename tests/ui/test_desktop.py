"""What a terminal is sent for a notification: one sequence it can read, and nothing else it would obey."""

from __future__ import annotations

import pytest

from harvest_tui.core.harvest.alert_rules import AlertKind, Severity
from harvest_tui.core.harvest.alerts import Alert
from harvest_tui.core.records import Asset
from harvest_tui.ui.announcing import _notify_desktop
from harvest_tui.ui.desktop import MOST, notification, plain
from harvest_tui.ui.looks import Looks
from support.sample_portfolio import NOW

TITLE, BODY = "harvest: Worth harvesting", "kraken BTC: harvesting 9,100.00 USD of loss is worth 1,200.50 USD."


def test_a_usual_terminal_is_sent_osc_9() -> None:
    assert notification(TITLE, BODY, {"TERM": "xterm-256color"}) == f"\x1b]9;{TITLE}: {BODY}\x07"


@pytest.mark.parametrize(
    "environment",
    [{"TERM": "rxvt-unicode-256color"}, {"TERM": "foot"}, {"TERM": "xterm-ghostty"},
     {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}],
)  # fmt: skip
def test_a_terminal_that_knows_titles_is_sent_osc_777_and_not_both(environment: dict[str, str]) -> None:
    sent = notification("a; b", BODY, environment)
    assert sent == f"\x1b]777;notify;a, b;{BODY}\x07"


@pytest.mark.parametrize("term", ["", "dumb", "linux", "screen-256color"])
def test_a_terminal_without_a_desktop_is_sent_nothing(term: str) -> None:
    assert notification(TITLE, BODY, {"TERM": term}) == ""


def test_within_tmux_it_is_handed_through_to_the_terminal_around_it() -> None:
    sent = notification(TITLE, "x", {"TERM": "screen-256color", "TMUX": "/tmp/tmux-1/default,1,0"})
    assert sent == f"\x1bPtmux;\x1b\x1b]9;{TITLE}: x\x07\x1b\\"


def test_nothing_in_the_text_ends_the_sequence_or_begins_another() -> None:
    hostile = "BTC\x1b]0;owned\x07\x9c\x1b[2J\u202eevil\u2028\ttab\r\nend"
    sent = notification(hostile, hostile, {"TERM": "xterm"})
    assert sent.count("\x1b") == 1 and sent.count("\x07") == 1 and sent.endswith("\x07")
    inside = sent[1:-1]
    assert inside.isprintable()
    assert inside.startswith("]9;BTC]0;owned[2Jevil tab end: BTC]0;owned")


def test_it_is_cut_to_two_hundred_characters() -> None:
    sent = notification(TITLE, "loss " * 100, {"TERM": "xterm"})
    text = sent.removeprefix("\x1b]9;").removesuffix("\x07")
    assert len(text) <= MOST and text.endswith("…")
    assert len(plain("y" * 5000, MOST)) == MOST


def test_a_terminal_of_ascii_alone_is_sent_ascii_alone_and_no_more_than_fits() -> None:
    body = "kraken Ð→BTC: −9,100.00 USD, “worth it”…"
    assert notification("harvest › alert", body, {"TERM": "xterm"}, is_ascii=True) == (
        '\x1b]9;harvest > alert: kraken ?>BTC: -9,100.00 USD, "worth it"~\x07'
    )
    with_title = notification(TITLE, "損益" * 200, {"TERM": "foot"}, is_ascii=True)
    assert with_title == f"\x1b]777;notify;{TITLE};{'?' * MOST}\x07"


class Terminal:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.sent = ""

    def write(self, data: str) -> None:
        self.sent += data


class Running:
    """As much of the app as a notification asks for."""

    is_headless = False

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self._driver = Terminal()


@pytest.mark.parametrize("is_ascii", [True, False])
def test_the_app_tells_whether_its_terminal_is_one_of_ascii_alone(
    monkeypatch: pytest.MonkeyPatch, is_ascii: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("TMUX", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    app = Running(Looks(is_ascii=is_ascii))
    alert = Alert("k", AlertKind.NET_BENEFIT, Severity.NOTICE, NOW, "kraken BTC: −8,942.30 USD", None, Asset("BTC"))
    _notify_desktop(app, [alert], is_private=False)  # type: ignore[arg-type]
    assert (
        app._driver.sent == f"\x1b]9;harvest: Worth harvesting: kraken BTC: {'-' if is_ascii else '−'}8,942.30 USD.\x07"
    )
