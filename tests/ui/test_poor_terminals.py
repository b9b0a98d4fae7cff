"""Terminals with sixteen colours, without any, or without Unicode: read from what they say, drawn in what they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.looks import Looks, has_light_background, looks_for, shows_unicode
from harvest_tui.ui.plain_glyphs import PlainGlyphs, plain
from harvest_tui.ui.theme import BLUE_ORANGE, DARK, LIGHT, NO_COLOUR, SIXTEEN
from support.hostile_names import hostile_session
from support.on_screen import shown, until
from support.pty_process import PtyProcess
from support.sample_portfolio import troubled_session
from support.tour import pieces_of, tour

UTF8 = {"LANG": "en_US.UTF-8"}
SENT_COLOURS = re.compile(rb"\x1b\[([\d;]*)m")
SOURCE = Path(__file__).parents[2] / "src" / "harvest_tui"
LOOKING = "from harvest_tui.ui.looks import looks_for"


# What the environment says.


@pytest.mark.parametrize(
    ("told", "is_unicode"),
    [
        ({}, True),
        (UTF8, True),
        ({"LANG": "en_US.utf8"}, True),
        ({"LANG": "de_DE.UTF-8@euro"}, True),
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "POSIX"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "C"}, True),
        ({"LANG": "en_US"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, False),
        ({"LANG": "en_US.UTF-8", "TERM": "dumb"}, False),
    ],
)
def test_the_locale_says_whether_signs_are_shown(told: dict[str, str], is_unicode: bool) -> None:
    assert shows_unicode(told) is is_unicode


def test_what_is_written_in_another_encoding_shows_no_signs() -> None:
    assert not shows_unicode({"LANG": "en_US"}, "iso8859-1") and not shows_unicode(UTF8, "ascii")


@pytest.mark.parametrize(
    ("glyphs", "told", "is_ascii"),
    [
        ("", UTF8, False),
        ("ascii", UTF8, True),
        ("unicode", {"LANG": "C"}, False),
        ("unicode", {**UTF8, "HARVEST_TUI_ASCII": "1"}, True),
        ("ascii", {**UTF8, "HARVEST_TUI_ASCII": "0"}, False),
        ("", {"LANG": "C", "HARVEST_TUI_ASCII": ""}, True),
    ],
)
def test_a_choice_goes_before_the_locale_and_the_variable_before_both(
    glyphs: str, told: dict[str, str], is_ascii: bool
) -> None:
    assert looks_for("", glyphs, {}, told).is_ascii is is_ascii


@pytest.mark.parametrize(
    ("told", "is_light"),
    [
        ("0;15", True),
        ("0;7", True),
        ("0;default;15", True),
        ("15;0", False),
        ("7;8", False),
        ("15;default", False),
        ("", False),
        ("0;15x", False),
        ("0;²", False),
        ("0;99", False),
    ],
)
def test_the_background_is_followed_where_the_terminal_tells_it(told: str, is_light: bool) -> None:
    assert has_light_background({"COLORFGBG": told}) is is_light


@pytest.mark.parametrize(
    ("theme", "told", "expected"),
    [
        ("", {}, DARK),
        ("", {"COLORFGBG": "0;15"}, LIGHT),
        (BLUE_ORANGE, {"COLORFGBG": "0;15"}, BLUE_ORANGE),
        (DARK, {"COLORFGBG": "0;15"}, DARK),
        ("", {"TERM": "xterm-16color"}, SIXTEEN[0]),
        ("", {"TERM": "xterm-16color", "COLORFGBG": "0;15"}, SIXTEEN[1]),
        (LIGHT, {"TERM": "linux"}, SIXTEEN[1]),
        (BLUE_ORANGE, {"TERM": "linux"}, SIXTEEN[0]),
        ("", {"TERM": "xterm-16color", "COLORTERM": "truecolor"}, DARK),
        ("", {"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, SIXTEEN[0]),
        ("", {"TERM": "xterm-16color", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, DARK),
        ("", {"TERM": "xterm-256color"}, DARK),
        (LIGHT, {"NO_COLOR": "1", "TERM": "linux"}, NO_COLOUR),
    ],
)
def test_the_theme_is_the_one_chosen_as_far_as_the_terminal_has_colours(
    theme: str, told: dict[str, str], expected: str
) -> None:
    assert looks_for(theme, "", {}, told).theme == expected


# Signs in ASCII.


def test_every_sign_of_ours_has_an_ascii_one_of_the_same_width() -> None:
    signs = {sign for path in SOURCE.rglob("*.py") if "simulator" not in path.parts for sign in path.read_text("utf-8")}
    ours = sorted(sign for sign in signs if not sign.isascii() and not "\u2800" <= sign <= "\u28ff")
    assert len(ours) > 40
    for sign in ours:
        assert plain(sign).isascii() and len(plain(sign)) == cell_len(sign), sign
    unknown = [sign for sign in ours if plain(sign) == "?"]
    assert not unknown, f"these have no sign of their own: {unknown}"


def test_signs_that_must_be_told_apart_stay_apart() -> None:
    for together in ("▲▼", "●◐◌○", "●◐◔○✓✗", "▸▾", "↑↓", "█▒░·", "◇○"):
        assert len({plain(sign) for sign in together}) == len(together), together
    assert plain("−5,490.00▼") == "-5,490.00v" and plain("+1.29▲") == "+1.29^"


def test_names_from_outside_keep_their_width_and_lose_their_letters() -> None:
    assert plain("Zürich") == "Z?rich"
    assert plain("日本 ABC") == "???? ABC"
    assert plain("e\u0301") == "e", "a combining mark takes no cell"


def test_a_line_of_dots_rises_and_falls_in_ascii_too() -> None:
    assert [plain(sign) for sign in "⠉⠤⣀⡠⢄⡇ "] == ["'", "-", "_", "/", "\\", "|", " "]
    assert all(len(plain(chr(code))) == 1 for code in range(0x2800, 0x2900))


@pytest.mark.parametrize("size", ["80x24"])
def test_no_screen_shifts_or_keeps_a_sign_in_ascii(size: str) -> None:
    door = PlainGlyphs()
    for name, shot in tour(size).items():
        for line in shot.pieces[DARK]:
            before = list(line)
            after = door.apply(before, Color(0, 0, 0))
            assert [piece.cell_length for piece in after] == [piece.cell_length for piece in before], name
            assert all(piece.text.isascii() for piece in after), (name, after)
            assert [piece.style for piece in after] == [piece.style for piece in before]


def test_control_segments_pass_untouched() -> None:
    control = Segment("\x1b[2J▲", None, [(1,)])  # type: ignore[list-item]
    assert PlainGlyphs().apply([control], Color(0, 0, 0)) == [control]


async def test_hostile_names_and_figures_as_dots_are_ascii_on_the_screen() -> None:
    app = HarvestApp(hostile_session(), looks=Looks(is_ascii=True))
    async with app.run_test(size=(140, 40)) as pilot:
        assert all(line.isascii() for line in shown(app))
        await pilot.press("H")
        await until(pilot, lambda: "*****" in "\n".join(shown(app)))
        assert all(line.isascii() for line in shown(app))


# Sixteen colours.


async def test_sixteen_colours_are_the_terminals_own_and_t_turns_them_for_the_other_ground() -> None:
    app = HarvestApp(troubled_session(), looks=Looks(SIXTEEN[0]))
    async with app.run_test(size=(80, 24)) as pilot:
        for theme, gain in ((SIXTEEN[0], 10), (SIXTEEN[1], 4), (SIXTEEN[0], 10)):
            await until(pilot, lambda theme=theme: app.theme == theme)  # type: ignore[misc]
            await pilot.pause()
            styles = [piece.style for line in pieces_of(app) for piece in line if piece.style is not None]
            colours = {colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None}
            assert all(colour.is_default or (colour.number is not None and colour.number < 16) for colour in colours)
            assert gain in {colour.number for colour in colours}
            table = app.screen.query_one("LotTable")
            cursor = table._style("plain", True)  # type: ignore[attr-defined]
            assert cursor.reverse and not table._style("plain", False).reverse  # type: ignore[attr-defined]
            await pilot.press("t")


# In a terminal.


def codes(sent: bytes) -> set[bytes]:
    """Everything the program said about colours and styles."""
    return {code for code in SENT_COLOURS.findall(sent)}


def ran(environment: dict[str, str]) -> bytes:
    """Every byte of a run that shows lots, moves, opens help and ends."""
    cleared = {name: "" for name in ("LC_ALL", "LC_CTYPE", "HARVEST_TUI_ASCII", "COLORFGBG")}
    process = PtyProcess(
        'troubled_session(), looks=looks_for("", "", {})', LOOKING, environment={**cleared, **environment}
    )
    process.until(lambda sent: b"kraken" in sent and b"help" in sent)
    process.press(b"jj?")
    process.until(lambda sent: b"What it does here" in sent)
    process.press(b"q")
    assert process.wait() == 0
    return process.sent


def test_a_c_locale_and_sixteen_colours_get_ascii_bytes_and_no_other_colour() -> None:
    sent = ran({"LANG": "C", "TERM": "xterm-16color", "COLORTERM": ""})
    assert sent.isascii(), {byte for byte in sent if byte > 127}
    assert b"-27,988" in sent and b"8,823.84v" in sent
    found = codes(sent)
    assert found and not [code for code in found if re.search(rb"[34]8;[25]", code)], found
    assert any(re.fullmatch(rb"(?:[\d;]*;)?9[1-6](?:;[\d;]*)?", code) for code in found), "there is colour"


def test_a_utf8_terminal_with_all_colours_gets_signs_and_all_colours() -> None:
    sent = ran(UTF8)
    assert "−27,988▼".encode() in sent
    assert any(b"38;2;" in code for code in codes(sent))
