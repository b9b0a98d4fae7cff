"""Keys of one's own: told wrong ones at the start, pressed in place of ours, shown where ours were shown."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from harvest_tui.cli.monitor import open_monitor
from harvest_tui.errors import InputError
from harvest_tui.settings import load_settings
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.keymap import bindings, checked, shown_as
from harvest_tui.ui.looks import Looks
from support.on_screen import shown, until
from support.sample_portfolio import SampleSession

FILE = Path("config.toml")


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"marks.toggle": "m,space", "marks.part": "f2"}, {"marks.toggle": "m,space", "marks.part": "f2"}),
        ({"app.help": "f1, ctrl+question_mark"}, {"app.help": "f1,ctrl+question_mark"}),
        ({"app.problems": "%"}, {"app.problems": "percent_sign"}),
        ({"app.sync": "q", "app.quit": "s"}, {"app.sync": "q", "app.quit": "s"}),
        # What shares a key as it comes may keep it: the table's g groups where other lists jump to the first row.
        ({"lots.group": "g"}, {"lots.group": "g"}),
        # Two screens never meet.
        ({"plans.create": "z"}, {"plans.create": "z"}),
    ],
)
def test_keys_that_can_be_are_taken(chosen: dict[str, str], expected: dict[str, str]) -> None:
    assert checked(chosen, FILE) == expected


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"marks.togle": "m"}, "nothing is called 'marks.togle' in keys; did you mean marks.toggle?"),
        ({"zzzz": "m"}, "harvest-tui help keys lists them"),
        ({"app.sync": "spcae"}, "keys.app.sync cannot be 'spcae'; did you mean space?"),
        ({"app.sync": "shift+m"}, "keys.app.sync cannot be 'shift+m'; write it as 'M'"),
        ({"app.sync": "ctrl+"}, "keys.app.sync cannot be 'ctrl+'"),
        ({"app.sync": ""}, "keys.app.sync cannot be ''; write it such as m"),
        ({"app.sync": "y,,z"}, "keys.app.sync cannot be ''"),
        ({"app.sync": "\x1b"}, "keys.app.sync cannot be"),
        ({"marks.toggle": "m"}, "m would be both marks.toggle (Mark the lot for sale, or take the mark off) and marks"),
        ({"marks.toggle": "m"}, "marks.part (Mark a part: units, dollars of loss, max)"),
        ({"app.sync": "q"}, "q would be both app.sync (Sync all accounts) and app.quit (Quit)"),
        ({"app.sync": "z"}, "z would be both app.sync (Sync all accounts) and alerts.snooze"),
        ({"app.sync": "2"}, "2 would be both app.sync (Sync all accounts) and app.harvests (Harvests)"),
        ({"app.sync": "!"}, "! would be both app.sync"),
        ({"lots.group": "G"}, "G would be both lots.group"),
        ({"app.sync": "f5", "app.help": "f5"}, "f5 would be both app.sync (Sync all accounts) and app.help (Help)"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_with_what_to_do(chosen: dict[str, str], words: str) -> None:
    with pytest.raises(InputError) as refused:
        checked(chosen, FILE)
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_every_binding_of_ours_has_a_name_of_a_place_and_a_deed() -> None:
    names = [one.id for one in bindings()]
    assert len(names) > 80 and len(set(names)) == len(names)
    assert all(name.count(".") == 1 and one.words for name, one in zip(names, bindings(), strict=True))


def test_keys_as_they_come_pass_their_own_check() -> None:
    as_they_come = {one.id: ",".join(one.keys) for one in bindings()}
    assert checked(as_they_come, FILE) == as_they_come


@pytest.mark.parametrize(
    "text",
    ['[keys]\n"marks.toggle" = "m"\n"app.sync" = "f5"\n', '[keys]\nmarks.toggle = "m"\n[keys.app]\nsync = "f5"\n'],
)
def test_the_file_may_quote_the_names_or_not(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    assert load_settings(path).keys == {"marks.toggle": "m", "app.sync": "f5"}


@pytest.mark.parametrize(
    "text", ["keys = 3\n", '[keys]\n"app.sync" = 5\n', '[keys]\n"app.sync" = ["s"]\n', 'keys = "s"']
)
def test_keys_of_another_kind_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="does not name keys"):
        load_settings(path)


def test_the_monitor_does_not_start_with_keys_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[keys]\n"app.sync" = "q"\n', "utf-8")
    try:
        with pytest.raises(InputError, match="q would be both"):
            open_monitor(str(tmp_path))
    finally:
        gc.enable()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["config.toml"]


@pytest.mark.parametrize(
    ("key", "places", "expected"),
    [
        ("?", [], "f2"),
        ("space", ["marks"], "M"),
        ("space", ["columns"], "space"),
        ("< >", ["lots"], ", >"),
        ("e", ["asset"], "e"),
        ("e", ["history"], "e"),
        ("e", [], "E"),
        ("enter", [], "o"),
        ("1-4", ["charts"], "1-4"),
    ],
)
def test_a_key_bar_shows_the_nearest_binding_of_the_key(key: str, places: list[str], expected: str) -> None:
    keymap = {
        "app.help": "f2,question_mark",
        "marks.toggle": "M",
        "lots.sort_left": "comma",
        "app.explain": "E",
        "rows.choose": "o",
    }
    assert shown_as(key, places, keymap) == expected


async def test_chosen_keys_work_in_place_of_ours_and_are_shown() -> None:
    keys = checked({"app.help": "f2", "lots.invert": "o", "lots.find": "i", "app.problems": "%"}, FILE)
    app = HarvestApp(SampleSession(), looks=Looks(keys=keys))
    async with app.run_test(size=(200, 60)) as pilot:
        bar = shown(app)[-1]
        assert " f2 help" in bar and "% problems" in bar and " o invert" in bar and " i find" in bar
        assert "? help" not in bar and "f find" not in bar
        table = app.table
        was = table.sorting.descending
        await pilot.press("o")
        await until(pilot, lambda: table.sorting.descending is not was)
        await pilot.press("question_mark")
        await pilot.pause()
        assert len(app.screen_stack) == 1, "? is no longer help"
        await pilot.press("f2")
        await until(pilot, lambda: "help: lots" in shown(app)[0])
        text = "\n".join(shown(app))
        assert " f2 " in text and " ? " not in text
        await pilot.press("escape", "percent_sign")
        await until(pilot, lambda: "harvest › no problems" in shown(app)[0])
        await pilot.press("escape", "5")
        await pilot.pause()
        assert len(app.screen_stack) == 1, "both keys of the problems were given up"


async def test_without_keys_of_ones_own_nothing_is_looked_up() -> None:
    import sys

    known = "harvest_tui.ui.keymap"
    kept = sys.modules.pop(known, None)
    try:
        app = HarvestApp(SampleSession())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("question_mark", "escape")
            assert known not in sys.modules
    finally:
        if kept is not None:
            sys.modules[known] = kept
