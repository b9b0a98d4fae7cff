"""Letters at the start of the rows in view, and the way to a row by typing its own."""

from __future__ import annotations

import pytest

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.line_list import LineList
from harvest_tui.ui.widgets.row_labels import LETTERS, RowLabels
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import SampleSession, make_portfolio, many_lots, troubled_session


def lines_of_lots(app: HarvestApp) -> list[str]:
    table = lot_table(app)
    top = table.region.y + 1
    return shown(app)[top : top + table.view_rows]


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 17, 36, 81, 82, 200, len(LETTERS) ** 2])
def test_every_row_has_a_label_of_its_own_and_none_begins_another(rows: int) -> None:
    labels = RowLabels.of(5, rows).labels
    assert len(labels) == len(set(labels)) == rows
    assert all(len(label) <= (1 if rows <= 9 else 2) and label.isascii() for label in labels)
    assert not any(one != other and other.startswith(one) for one in labels for other in labels)


def test_letters_lead_to_a_row_or_nowhere() -> None:
    labels = RowLabels.of(100, 17)
    assert (labels.labels[0], labels.labels[8]) == ("a", "la")
    assert (labels.then("S").row, labels.then("l").row, labels.then("l").then("s").row) == (101, None, 109)
    typed = labels.then("l")
    assert (typed.is_open, typed.left(100), typed.left(109), typed.left(117)) == (True, "", "s", "")
    assert not labels.then("q").is_open


async def test_a_label_typed_leads_to_its_lot_and_letters_are_no_commands_meanwhile() -> None:
    session = SampleSession(held=make_portfolio(many_lots(300)))
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        table = lot_table(app)
        await until(pilot, lambda: table.has_focus and table.row_count == 300)
        await pilot.press("pagedown", "pagedown")
        await pilot.pause()
        top, rows, cursor = table.scroll_offset.y, table.view_rows, table.cursor
        moved = table.lot_at(top)
        assert moved is not None
        session.price(moved.asset, "99")
        await until(pilot, lambda: " 99.00" in lines_of_lots(app)[0])
        before, labels = lines_of_lots(app), RowLabels.of(top, rows).labels
        assert top > 0 and 9 < rows <= 81, "one and two letters are in view"

        await pilot.press("comma")
        await until(pilot, lambda: lines_of_lots(app)[0].startswith(labels[0]))
        # The sign beside the price that moved comes and goes by itself.
        for line, was, label in list(zip(lines_of_lots(app), before, labels, strict=True))[1:]:
            assert (line[: len(label)], line[len(label) :]) == (label, was[len(label) :])
        session.price(moved.asset, "98")
        await until(pilot, lambda: " 98.00" in lines_of_lots(app)[0])
        assert lines_of_lots(app)[0].startswith(labels[0]), "drawn anew, with its label"

        first, second = labels[-1]
        await pilot.press(first)
        await until(pilot, lambda: lines_of_lots(app)[-1].startswith(second + before[-1][1:2]))
        assert lines_of_lots(app)[0].startswith(before[0][0]), "no longer to be had"
        assert table.cursor == cursor
        await pilot.press(second)
        assert table.cursor == top + rows - 1
        await until(pilot, lambda: lines_of_lots(app)[1] == before[1])

        # `s` is the second row's label here, and a sync without labels.
        await pilot.press("comma", "s")
        assert (table.cursor, session.synced) == (top + 1, [])
        await pilot.press("s")
        await until(pilot, lambda: session.synced == [None])


async def test_esc_and_every_other_key_leave_all_as_it_was() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        table = lot_table(app)
        await pilot.press("slash", *"eth", "enter", "j")
        await until(pilot, lambda: table.row_count == 3 and table.cursor == 1)
        before = shown(app)
        for key in ("escape", "q", "x", "space", "enter", "comma"):
            await pilot.press("comma")
            await until(pilot, lambda: [line[0] for line in lines_of_lots(app)[:4]] == ["a", "s", "d", " "])
            await pilot.press(key)
            await until(pilot, lambda: shown(app) == before)
            assert (table.row_count, table.cursor, len(app.screen_stack)) == (3, 1, 1), key
        await pilot.press("comma", "down")
        assert table.cursor == 2, "a key that is no letter does what it does"
        await pilot.press("comma", "d", "escape")
        await until(pilot, lambda: table.row_count == 16)
        await pilot.press("comma")
        await until(pilot, lambda: lines_of_lots(app)[0][0] == "a")
        app.screen.set_focus(None)
        await until(pilot, lambda: lines_of_lots(app)[0][0] == " ")
        table.focus()
        await until(pilot, lambda: table.has_focus)
        # Other rows: the labels were those of the old ones.
        await pilot.press("comma")
        await until(pilot, lambda: lines_of_lots(app)[0][0] == "a")
        table.filter_by("btc")
        await until(pilot, lambda: table.row_count == 3 and lines_of_lots(app)[0][0] == " ")


async def test_other_lists_have_labels_too_and_keep_them_while_their_words_change() -> None:
    session = troubled_session()
    app = HarvestApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "problem" in shown(app)[0])
        lines = app.screen.query_one(LineList)
        assert lines.row_count > 4
        await pilot.press("comma", "d")
        assert lines.cursor == 2
        await pilot.press("escape", "c")
        await until(pilot, lambda: "accounts" in shown(app)[0])
        lines = app.screen.query_one(LineList)
        await pilot.press("comma")
        first = lines.region.y + 1
        await until(pilot, lambda: shown(app)[first + 1].startswith("scoinbase"))
        states = dict(session.states)
        name = next(name for name in states if name == "coinbase")
        session.states[name] = type(states[name])(name, "coinbase", states[name].phase, rows=77)
        session.status_version += 1
        await until(pilot, lambda: "77 rows" in shown(app)[first + 1])
        assert shown(app)[first + 1].startswith("s")
        await pilot.press("s")
        assert (lines.cursor, session.synced) == (1, [])
        await pilot.press("question_mark", "end")
        await until(
            pilot, lambda: any(line.startswith(" ,  ") and "Letters at the rows" in line for line in shown(app))
        )
