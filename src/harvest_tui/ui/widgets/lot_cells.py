"""What each cell of a lot says. Every figure comes exact from the portfolio."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import LotValue
from harvest_tui.ui.format import aligned, arrow_of, clean, clip, day, result_role
from harvest_tui.ui.widgets.lot_columns import AGE_CELLS, Placed
from harvest_tui.ui.widgets.lot_fading import Move
from harvest_tui.ui.widgets.row_view import Piece

SOON_DAYS = 60
"""A lot that turns long-term within so many days says when."""


class LotRow(NamedTuple):
    """One lot as it is drawn; `old` is the age of its price where it is too old to trust, `move` how it moved."""

    lot: Lot
    value: LotValue
    tax_day: date
    old: str = ""
    move: Move | None = None


def acquired_on(lot: Lot) -> date:
    """The tax day the lot was acquired on, in the taxpayer's zone.

    Told by the first long-term day, which the core derived in that zone: one year and one day later.
    """
    last_short = lot.long_term_on - timedelta(days=1)
    told = lot.acquired_at.date()
    for candidate in (told, told - timedelta(days=1), told + timedelta(days=1)):
        if (candidate.month, candidate.day) == (last_short.month, last_short.day):
            return candidate
    return told


def term_word(row: LotRow) -> str:
    """`short` or `long` for a sale today."""
    return "long" if row.tax_day >= row.lot.long_term_on else "short"


def held_text(row: LotRow) -> str:
    """`LT in 22d` where waiting changes the term soon, else the term and the days held."""
    left = (row.lot.long_term_on - row.tax_day).days
    if 0 < left <= SOON_DAYS:
        return f"LT in {left}d"
    return f"{term_word(row)} {(row.tax_day - acquired_on(row.lot)).days}d"


def direction(row: LotRow) -> str:
    """The role of a figure that can be a gain or a loss."""
    return "stale" if row.old else result_role(row.value.unrealized)


def _account(row: LotRow, place: Placed) -> list[Piece]:
    return [(clip(clean(row.lot.account), place.width), "muted")]


def _asset(row: LotRow, place: Placed) -> list[Piece]:
    return [(clip(clean(row.lot.asset), place.width), "title")]


def _acquired(row: LotRow, place: Placed) -> list[Piece]:
    return [(clip(day(acquired_on(row.lot)), place.width), "muted")]


def _held(row: LotRow, place: Placed) -> list[Piece]:
    text = held_text(row)
    return [(clip(text, place.width), "soon" if text.startswith("LT") else "plain")]


def _quantity(row: LotRow, place: Placed) -> list[Piece]:
    return [(aligned(row.lot.quantity, place.whole, place.places, 0), "plain")]


def _unit_cost(row: LotRow, place: Placed) -> list[Piece]:
    return [(aligned(row.value.unit_cost, place.whole, place.places, 2), "muted")]


def _cost_basis(row: LotRow, place: Placed) -> list[Piece]:
    return [(aligned(row.lot.cost_basis, place.whole, place.places, 2), "plain")]


def _price(row: LotRow, place: Placed) -> list[Piece]:
    quote = row.value.quote
    text = aligned(None if quote is None else quote.price, place.whole, place.places, 2)
    if row.move is not None and not row.old:
        return [(text, row.move.figure_role), (row.move.arrow.ljust(AGE_CELLS), row.move.arrow_role)]
    return [(text, "stale" if row.old else "plain"), (row.old.rjust(AGE_CELLS), "soon")]


def _value(row: LotRow, place: Placed) -> list[Piece]:
    return [(aligned(row.value.value, place.whole, place.places, 2), "stale" if row.old else "plain")]


def _unrealized(row: LotRow, place: Placed) -> list[Piece]:
    unrealized = row.value.unrealized
    figure = aligned(unrealized, place.whole, place.places, 2, sign=True)
    return [(figure + arrow_of(unrealized), direction(row))]


def _percent(row: LotRow, place: Placed) -> list[Piece]:
    percent = row.value.unrealized_percent
    if percent is not None and percent >= 10_000:
        return [(">9,999%".rjust(place.width), direction(row))]
    unit = "%" if percent is not None else " "
    return [(aligned(percent, place.whole, place.places, 1, sign=True) + unit, direction(row))]


def _term(row: LotRow, place: Placed) -> list[Piece]:
    return [(clip(term_word(row), place.width), "muted")]


CELLS: dict[str, Callable[[LotRow, Placed], list[Piece]]] = {
    "account": _account,
    "asset": _asset,
    "acquired": _acquired,
    "held": _held,
    "quantity": _quantity,
    "unit_cost": _unit_cost,
    "cost_basis": _cost_basis,
    "price": _price,
    "value": _value,
    "unrealized": _unrealized,
    "percent": _percent,
    "term": _term,
}


def title_of(place: Placed, mark: str) -> str:
    """The column's title over its figures, with the mark of the sort order."""
    text = place.column.title + mark
    if not place.column.is_number:
        return clip(text, place.width)
    right = AGE_CELLS if place.column.key == "price" else 0
    return clip(text.rjust(place.width - right), place.width)
