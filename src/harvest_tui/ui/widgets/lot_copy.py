"""Lots as a spreadsheet takes them: tab-separated, every digit, no name that could be obeyed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from harvest_tui.core.money import plain, rounded
from harvest_tui.ui.format import clean, day
from harvest_tui.ui.widgets.group_cells import GroupRow
from harvest_tui.ui.widgets.lot_cells import LotRow, acquired_on, term_word
from harvest_tui.ui.widgets.lot_columns import Column

MOST_BYTES = 400_000
"""Terminals pass on no more than about this by OSC 52; beyond it some drop everything."""
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20−'")
_UNIT_COST_PLACES = 10
_PERCENT_PLACES = 4

TITLES = {
    "held": "Days held",
    "unit_cost": "Unit cost USD",
    "cost_basis": "Cost basis USD",
    "price": "Price USD",
    "value": "Value USD",
    "unrealized": "Unrealized USD",
    "percent": "Unrealized %",
}


def guarded(name: str) -> str:
    """An outside name as the text of one cell: nothing a terminal obeys, and no formula."""
    text = clean(name)
    return f"'{text}" if text.lstrip()[:1] in _FORMULA and text.strip() else text


def _figure(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _rounded(value: Decimal | None, places: int) -> str:
    return "" if value is None else plain(rounded(value, places))


_CELLS: dict[str, Callable[[LotRow], str]] = {
    "account": lambda row: guarded(row.lot.account),
    "asset": lambda row: guarded(row.lot.asset),
    "acquired": lambda row: day(acquired_on(row.lot)),
    "held": lambda row: str((row.tax_day - acquired_on(row.lot)).days),
    "quantity": lambda row: _figure(row.lot.quantity),
    "unit_cost": lambda row: _rounded(row.value.unit_cost, _UNIT_COST_PLACES),
    "cost_basis": lambda row: _figure(row.lot.cost_basis),
    "price": lambda row: "" if row.value.quote is None else _figure(row.value.quote.price),
    "value": lambda row: _figure(row.value.value),
    "unrealized": lambda row: _figure(row.value.unrealized),
    "percent": lambda row: _rounded(row.value.unrealized_percent, _PERCENT_PLACES),
    "term": term_word,
}


def lot_cell(row: LotRow, column: str) -> str:
    """One cell of a lot; empty where it is unknown."""
    return _CELLS[column](row)


def group_line(row: GroupRow, columns: Sequence[Column]) -> str:
    """A subtotal: its name in the first cell."""
    cells = [
        _rounded(row.figure(column.key), _PERCENT_PLACES if column.key == "percent" else _UNIT_COST_PLACES)
        if column.key in {"percent", "unit_cost"}
        else _figure(row.figure(column.key))
        for column in columns[1:]
    ]
    return "\t".join([guarded(row.name), *cells])


def lot_line(row: LotRow, columns: Sequence[Column]) -> str:
    """The cells of one lot."""
    return "\t".join(_CELLS[column.key](row) for column in columns)


def titles(columns: Sequence[Column]) -> str:
    """The first line, with units."""
    return "\t".join(TITLES.get(column.key, column.title) for column in columns)


def table_text(columns: Sequence[Column], rows: Iterable[LotRow]) -> str | None:
    """Titles and one line a lot; None where it is more than a terminal's clipboard takes."""
    lines = [titles(columns)]
    size = len(lines[0])
    for row in rows:
        line = lot_line(row, columns)
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            return None
        lines.append(line)
    return "\n".join(lines) + "\n"
