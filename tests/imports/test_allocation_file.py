"""The table of Rev. Proc. 2024-28 as a file: three columns, and the cell that is wrong is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.errors import InputError
from harvest_tui.imports.allocation_file import read_allocation


def table(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, "utf-8")
    return path


def test_columns_may_be_in_any_order_and_amounts_are_exact(tmp_path: Path) -> None:
    path = table(tmp_path, "Quantity,account,origin_id\n0.123456789012345678,cold,kraken:L1:2\n2,a,b:b3\n")
    assert read_allocation(path) == (
        ("cold", "kraken:L1:2", Decimal("0.123456789012345678")),
        ("a", "b:b3", Decimal(2)),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("account,origin_id\na,b:b3\n", "quantity"),
        ("account,lot,quantity\na,b:b3,1\n", "line 1: unknown column 'lot'"),
        ("account,origin_id,quantity\n,b:b3,1\n", "line 2, column account"),
        ("account,origin_id,quantity\na,b3,1\n", "line 2, column origin_id: 'b3' is no event"),
        ("account,origin_id,quantity\na,:b3,1\n", "column origin_id"),
        ("account,origin_id,quantity\na,b:b3,0\n", "line 2, column quantity: '0'"),
        ("account,origin_id,quantity\na,b:b3,many\n", "column quantity: 'many'"),
        ("account,origin_id,quantity\na,b:b3,\n", "column quantity"),
        ("account,origin_id,quantity\na,b:b3,1\na,b:b3,2\n", "line 3, column origin_id: 'b:b3' is there twice for a"),
    ],
)
def test_the_first_bad_cell_is_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_allocation(table(tmp_path, text))
    assert words in str(refused.value) and "mine.csv" in str(refused.value)
