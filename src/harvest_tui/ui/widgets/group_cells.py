"""What the line of a group says: its name over the columns of names, its subtotals under those of figures."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.money import ROUNDED
from harvest_tui.ui.format import aligned, arrow_of, clean, clip, count, number, result_role
from harvest_tui.ui.widgets.lot_arrangement import figure_of
from harvest_tui.ui.widgets.lot_columns import GUTTER, Measures, Placed
from harvest_tui.ui.widgets.lot_sums import Subtotal
from harvest_tui.ui.widgets.row_view import Piece

FOLDED, OPEN = "▸", "▾"
_FIGURES = {"quantity", "unit_cost", "cost_basis", "value", "unrealized", "percent"}
_OF_ONE_ASSET = {"quantity", "unit_cost"}
"""Figures that have a sum only where all lots are of one asset."""


class GroupRow(NamedTuple):
    """One group as it is drawn. `is_stale` where a price in it is too old to trust."""

    name: str
    subtotal: Subtotal
    is_open: bool
    is_one_asset: bool
    is_stale: bool = False

    @property
    def label(self) -> str:
        """Name, number of lots, and what is left out of the figures."""
        left_out = [f"{count(self.subtotal.unpriced, 'lot')} without price"] if self.subtotal.unpriced else []
        left_out += ["some without basis"] if self.subtotal.lacks_basis else []
        return ", ".join([f"{clean(self.name, 24)}  {count(self.subtotal.lots, 'lot')}", *left_out])

    def figure(self, column: str) -> Decimal | None:
        """The subtotal of a column; None where there is none or it is unknown."""
        subtotal = self.subtotal
        if column in _OF_ONE_ASSET and not self.is_one_asset:
            return None
        if column == "quantity":
            return subtotal.quantity
        if column == "unit_cost":
            known = subtotal.known_quantity
            return ROUNDED.divide(subtotal.cost_basis, known) if known else None
        return figure_of(subtotal, column)


def group_pieces(row: GroupRow, placed: Sequence[Placed]) -> list[Piece]:
    """The whole line from left to right."""
    figures = [place for place in placed[1:] if _has_sum(row, place.column.key)]
    first = figures[0].x if figures else (placed[-1].x + placed[-1].width if placed else GUTTER)
    mark = OPEN if row.is_open else FOLDED
    pieces: list[Piece] = [(f"{mark} ", "muted"), (clip(row.label, max(0, first - GUTTER - 1)) + " ", "title")]
    end = first
    for place in figures:
        pieces += [(" " * (place.x - end), "plain"), (_cell(row, place), _role(row, place.column.key))]
        end = place.x + place.width
    return pieces


def _has_sum(row: GroupRow, column: str) -> bool:
    return column in _FIGURES and (row.is_one_asset or column not in _OF_ONE_ASSET)


def _cell(row: GroupRow, place: Placed) -> str:
    key = place.column.key
    figure = row.figure(key)
    if key == "percent":
        if figure is not None and figure >= 10_000:
            return ">9,999%".rjust(place.width)
        return aligned(figure, place.whole, place.places, 1, sign=True) + ("%" if figure is not None else " ")
    if key == "unrealized":
        return aligned(figure, place.whole, place.places, 2, sign=True) + arrow_of(figure)
    return aligned(figure, place.whole, place.places, 0 if key == "quantity" else 2)


def _role(row: GroupRow, column: str) -> str:
    if row.is_stale and column in {"value", "unrealized", "percent"}:
        return "stale"
    if column in {"unrealized", "percent"}:
        return result_role(row.figure("unrealized"))
    return "muted" if column == "unit_cost" else "plain"


def measure_subtotals(subtotals: Sequence[Subtotal], is_one_asset: bool) -> Measures:
    """Room for the figures of groups, which are larger than those of their lots."""
    cost = max((each.cost_basis for each in subtotals), default=Decimal(0))
    value = max((each.value for each in subtotals), default=Decimal(0))
    gain = max((abs(each.unrealized) for each in subtotals), default=Decimal(0))
    quantity = max((each.quantity for each in subtotals), default=Decimal(0)) if is_one_asset else Decimal(0)
    return Measures(
        quantity_whole=max(3, min(len(number(quantity, 0)), 13)),
        cost_whole=max(6, min(len(number(cost, 0)), 15)),
        value_whole=max(6, min(len(number(value, 0)), 15)),
        unrealized_whole=max(8, min(len(number(gain, 0)) + 1, 16)),
    )
