"""Every word of every screen stands out from its ground (WCAG 2.2 AA), and no colour says what words do not."""

from __future__ import annotations

import re

import pytest
from textual.color import Color

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.theme import BLUE_ORANGE, DARK, LIGHT, THEMES
from harvest_tui.ui.widgets.lot_table import LotTable
from support.contrast import AA_SIGN, AA_TEXT, EYES, colours_of, difference, ratio
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import SampleSession, troubled_session
from support.tour import pieces_of, tour

NAMES = (DARK, LIGHT, BLUE_ORANGE)
ROLES = ("plain", "muted", "gain", "loss", "soon", "stale", "title")
_BORDER = re.compile(r"[─│▔▁▊▎]+")
"""Lines between panes whose grounds differ as well: ornaments, of which WCAG asks nothing."""
_BEHIND = slice(3, 23)
"""Lines of the palette; those around it belong to the screen behind, which is not at work."""


def least_of(text: str) -> float:
    """What contrast WCAG asks of it."""
    return AA_TEXT if any(sign.isalnum() for sign in text) else AA_SIGN


def test_the_measure_is_that_of_the_guidelines() -> None:
    white, black = Color(255, 255, 255), Color(0, 0, 0)
    assert round(ratio(white, black), 2) == 21 and ratio(white, white) == 1
    assert round(ratio(Color.parse("#767676"), white), 2) == 4.54, "the lightest grey that passes on white"
    assert round(ratio(white, Color.parse("#0000ff")), 2) == 8.59


def test_every_word_of_every_screen_can_be_read_in_every_theme() -> None:
    faint, seen = set(), 0
    for name, shot in tour("80x24").items():
        for theme, lines in shot.pieces.items():
            for line in lines[_BEHIND] if name == "commands" else lines:
                for piece in line:
                    text = piece.text.strip()
                    if not text or _BORDER.fullmatch(text):
                        continue
                    assert piece.style is not None
                    drawn = colours_of(piece.style)
                    assert drawn is not None, f"{theme}, {name}: {text!r} has the terminal's own colours"
                    seen += 1
                    if ratio(*drawn) < least_of(text):
                        faint.add(f"{theme}, {name}: {text[:40]!r} {drawn[0].hex} on {drawn[1].hex}")
    assert seen > 6_000
    assert not faint, "\n".join(sorted(faint))


@pytest.mark.parametrize("theme", NAMES)
async def test_every_role_of_a_list_can_be_read_at_rest_under_the_cursor_and_in_the_header(theme: str) -> None:
    app = HarvestApp(SampleSession())
    app.theme = theme
    async with app.run_test(size=(140, 40)):
        table = lot_table(app)
        styles = [table._style(role, on_cursor) for role in ROLES for on_cursor in (False, True)]
        styles += [table._style(role, False) for role in ("header", "sorted")]
        drawn = [colours_of(style) for style in styles]
        assert len({ground.hex for _, ground in filter(None, drawn)}) == 3, "plain, cursor and header differ"
        assert [pair for pair in drawn if pair is None or ratio(*pair) < AA_TEXT] == []
        # The cursor is seen without reading: its ground differs from the others', and it is bold.
        assert table._style("plain", True).bold and not table._style("plain", False).bold


@pytest.mark.parametrize("theme", NAMES)
async def test_toasts_of_every_severity_can_be_read(theme: str) -> None:
    app = HarvestApp(SampleSession())
    app.theme = theme
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.notify("told quietly", markup=False)
        app.notify("told as a warning", title="Beware", severity="warning", markup=False)
        app.notify("told as an error", title="Failed", severity="error", markup=False)
        words = ("told quietly", "told as a warning", "told as an error", "Beware", "Failed")
        await until(pilot, lambda: all(one in "\n".join(shown(app)) for one in words))
        found = [piece for line in pieces_of(app) for piece in line if any(one in piece.text for one in words)]
        assert len(found) == len(words)
        for piece in found:
            drawn = colours_of(piece.style)  # type: ignore[arg-type]
            assert drawn is not None and ratio(*drawn) >= AA_TEXT, piece


@pytest.mark.parametrize("eyes", ["", *EYES])
def test_gain_and_loss_of_the_blue_and_orange_theme_differ_for_every_eye(eyes: str) -> None:
    figures = {theme.name: theme.variables for theme in THEMES}
    gain, loss = (Color.parse(figures[BLUE_ORANGE][role]) for role in ("gain", "loss"))
    assert difference(gain, loss, eyes) > 0.2


def test_red_and_green_are_alike_for_some_eyes_so_that_the_measure_can_tell() -> None:
    figures = {theme.name: theme.variables for theme in THEMES}[DARK]
    gain, loss = Color.parse(figures["gain"]), Color.parse(figures["loss"])
    assert difference(gain, loss, "deuteranopia") < 0.05 < 0.15 < difference(gain, loss)


SAID = {
    "gain": re.compile(r"\+[\d,.]+(▲|%)|~0 *(▲|%)"),
    "loss": re.compile(r"−[\d,.]+(▼|%)|~0 *(▼|%)"),
    "soon": re.compile(r"LT in \d+d|[●◐+]|\d+[smhd]"),
    "stale": re.compile(r"\d"),
}
"""What a piece in that colour says in words and signs as well."""


def roles_and_texts(table: LotTable) -> list[tuple[str, str]]:
    """All pieces of all rows that have a colour of meaning."""
    rows = [table.row_pieces(row) for row in range(table.row_count)]
    return [(role, text.strip()) for pieces in rows for text, role in pieces if role in SAID and text.strip()]


async def test_no_state_of_a_lot_is_told_by_colour_alone() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(200, 40)) as pilot:
        table = lot_table(app)
        told = roles_and_texts(table)
        assert {role for role, _ in told} == set(SAID)
        assert [(role, text) for role, text in told if not SAID[role].search(text)] == []
        stale = [line for line in shown(app)[4:] if " binance " in line and "12m" in line]
        assert len(stale) == 4, "an old price has its age beside it"
        header = "".join(text for text, _ in table.header_pieces())
        assert header.count("↑") == 1 and "Unrealized↑" in header
        await pilot.press("i")
        await until(pilot, lambda: "Unrealized↓" in "".join(text for text, _ in table.header_pieces()))
