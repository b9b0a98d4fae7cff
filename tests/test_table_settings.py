"""The `[table]` section of config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvest_tui.errors import InputError
from harvest_tui.settings import load_settings
from harvest_tui.table_settings import COLUMN_KEYS, UNTOUCHED, TableChoices
from harvest_tui.ui.widgets.lot_columns import COLUMNS


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_what_is_not_said_is_as_at_first(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, 'method = "hifo"\n')).table == UNTOUCHED == TableChoices()


def test_columns_order_and_grouping_are_read(tmp_path: Path) -> None:
    text = '[table]\ncolumns = "asset value  term"\nsort = "value"\ndescending = true\ngroup = "account"\n'
    expected = TableChoices(("asset", "value", "term"), "value", True, "account")
    assert load_settings(written(tmp_path, text)).table == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('columns = "asset valeu"', "did you mean value?"),
        ('columns = "asset value asset"', "twice"),
        ('columns = ["asset"]', "table.columns is not a text"),
        ('sort = "values"', "did you mean value?"),
        ("sort = 3", "table.sort cannot be '3'"),
        ('descending = "yes"', "table.descending is not true or false"),
        ('group = "exchange"', "choose from asset, account, term"),
        ('colums = "asset"', "did you mean columns?"),
    ],
)
def test_what_is_off_is_named_with_what_would_be_right(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(InputError) as refusal:
        load_settings(written(tmp_path, f"[table]\n{line}\n"))
    assert words in f"{refusal.value.happened} {refusal.value.hint}"
    with pytest.raises(InputError, match="table is not a table"):
        load_settings(written(tmp_path, "table = 3\n"))


def test_the_columns_that_can_be_named_are_those_of_the_table() -> None:
    assert tuple(column.key for column in COLUMNS) == COLUMN_KEYS


def test_redraws_a_second_are_between_one_and_thirty(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "[table]\nframes = 30\n")).table.frames == 30
    assert load_settings(written(tmp_path, '[table]\nsort = "value"\n')).table.frames == 4
    for line in ("frames = 0", "frames = 31", "frames = true", 'frames = "10"'):
        with pytest.raises(InputError, match="1 to 30"):
            load_settings(written(tmp_path, f"[table]\n{line}\n"))
