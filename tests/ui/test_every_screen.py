"""What every screen looks like, at three sizes and in three themes.

One golden file a size holds the lines of each screen as they read and, for each theme, a few letters a line that stand
for its colours and styles. What differs is told line by line; once it was looked at, the files are written anew with

    python -m pytest tests/ui/test_every_screen.py --snapshot-update
"""

from __future__ import annotations

from difflib import unified_diff
from hashlib import blake2s
from itertools import groupby
from pathlib import Path

import pytest

from support.tour import SIZES, THEMES, Line, Shot, tour

GOLDEN = Path(__file__).parent / "golden"
_TITLE = "=== "


def look_of(line: Line) -> str:
    """Three letters that stand for where on the line which style begins."""
    runs: list[tuple[str, int]] = []
    for style, pieces in groupby(line, lambda piece: str(piece.style)):
        runs.append((style, sum(len(piece.text) for piece in pieces)))
    return blake2s(repr(runs).encode(), digest_size=2).hexdigest()[:3]


def written(shot: Shot) -> list[str]:
    """A screen as lines of the golden file."""
    width = max(map(len, shot.lines))
    assert all(len(line) <= width for line in shot.lines)
    looks = [" ".join(map(look_of, shot.pieces[theme])) for theme in THEMES]
    return [
        *(line.rstrip() for line in shot.lines),
        *(f"{theme}: {look}" for theme, look in zip(THEMES, looks, strict=True)),
    ]


def read(path: Path) -> dict[str, list[str]]:
    """The screens of a golden file by name."""
    screens: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(_TITLE):
            screens[line.removeprefix(_TITLE)] = []
        elif screens:
            screens[list(screens)[-1]].append(line)
    return screens


def told(name: str, before: list[str], now: list[str], shot: Shot) -> list[str]:
    """What differs, as a person would say it."""
    height = len(shot.lines)
    if before[:height] != now[:height] or len(before) != len(now):
        return list(unified_diff(before[:height], now[:height], f"{name} before", f"{name} now", "", "", 1, ""))
    found = []
    for old, new in zip(before[height:], now[height:], strict=True):
        theme, _, old_looks = old.partition(": ")
        for number, (was, is_now) in enumerate(zip(old_looks.split(), new.partition(": ")[2].split(), strict=True)):
            if was != is_now:
                found.append(f"{name}: other colours in {theme}, line {number + 1}: {shot.lines[number].strip()}")
    return found


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_looks_as_it_did_in_every_theme(size: str, request: pytest.FixtureRequest) -> None:
    shots, path = tour(size), GOLDEN / f"every_screen_{size}.txt"
    now = {name: written(shot) for name, shot in shots.items()}
    if request.config.getoption("update_snapshots"):
        path.write_text("".join(f"{_TITLE}{name}\n" + "\n".join(lines) + "\n" for name, lines in now.items()), "utf-8")
    before = read(path)
    assert list(before) == list(now)
    differing = [line for name, shot in shots.items() for line in told(name, before[name], now[name], shot)]
    assert not differing, "\n".join(["the screens differ; --snapshot-update writes them anew", *differing[:80]])


@pytest.mark.parametrize("size", SIZES)
def test_no_line_is_wider_or_narrower_than_the_screen(size: str) -> None:
    width, height = SIZES[size]
    for name, shot in tour(size).items():
        assert len(shot.lines) == height, name
        for drawn in shot.pieces.values():
            for line in drawn:
                assert sum(piece.cell_length for piece in line) == width, (name, line)
            assert tuple("".join(piece.text for piece in line) for line in drawn) == shot.lines, "a theme has no words"
