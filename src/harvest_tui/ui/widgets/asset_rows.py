"""The lots of an asset in the order in which sales use them up, each with what a sale up to it comes to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from harvest_tui.core.harvest.using_up import result_of
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import ROUNDED, ZERO
from harvest_tui.core.portfolio import LotValue
from harvest_tui.ui.format import (
    UNKNOWN,
    aligned,
    arrow_of,
    clip,
    count,
    day,
    exact,
    number,
    result_role,
    signed,
    tint_of,
)
from harvest_tui.ui.widgets.asset_page import AssetPage, Group
from harvest_tui.ui.widgets.lot_cells import LotRow, acquired_on, held_text
from harvest_tui.ui.widgets.paragraph import Part
from harvest_tui.ui.widgets.row_view import Piece, RowView

Prices = tuple[Decimal | None, ...]
"""One for each group, in US dollars a unit."""


class _Column(NamedTuple):
    """`gives_way` columns leave where there is no room, the highest first; 0 stays."""

    key: str
    title: str
    cells: int
    gives_way: int = 0
    whole: int = 0
    places: int = 0


class AssetRows(RowView):
    """A heading for each order, its lots below; lines are made when they come into view."""

    def __init__(self) -> None:
        super().__init__(id="asset-rows")
        self._page: AssetPage | None = None
        self._today = date.min
        self._ends: Sequence[int] = ()
        self._prices: Prices = ()
        self._units, self._places, self._money = 5, 4, 7

    def show(self, page: AssetPage, today: date, prices: Prices) -> None:
        """Takes other lots, or only other prices."""
        if page is not self._page:
            is_other = self._page is None or page.asset != self._page.asset
            self._page, self._today, self._prices = page, today, prices
            self._ends = tuple(accumulate(len(group.use.lots) + 1 for group in page.groups))
            self._measure(page)
            if is_other:
                self.cursor = 1 if self._ends else 0
                self.scroll_to(y=0, animate=False)
            self.resize_content()
        elif prices != self._prices:
            self._prices = prices
            self._measure(page)
            self.forget()

    def _measure(self, page: AssetPage) -> None:
        units, money, places = ZERO, ZERO, 0
        for group, price in zip(page.groups, self._prices, strict=True):
            last = group.use.so_far(len(group.use.lots) - 1, price)
            units, money = max(units, last.units), max(money, abs(last.short), abs(last.long))
            exponent = last.units.normalize().as_tuple().exponent
            places = max(places, -exponent if isinstance(exponent, int) else 0)
        self._units = max(4, len(number(units, 0)))
        self._places = min(8, max(2, places))
        # A running sum may pass beyond the last one on its way there.
        self._money = max(8, len(number(money, 0)) + 2)

    # What the row view asks.

    @property
    def row_count(self) -> int:
        """Lots and headings."""
        return self._ends[-1] if self._ends else 0

    @property
    def order(self) -> object:
        """The page they are of."""
        return self._page

    @property
    def content_width(self) -> int:
        """Columns that do not fit have given way."""
        return max(self.scrollable_content_region.width, 1 + sum(column.cells + 1 for column in self._columns()))

    def place(self, row: int) -> tuple[int, int] | None:
        """The group and the number of the lot in it, -1 for the heading; None where there is no such row."""
        if not 0 <= row < self.row_count:
            return None
        group = bisect_right(self._ends, row)
        return group, row - (self._ends[group - 1] if group else 0) - 1

    @property
    def lot(self) -> Lot | None:
        """The lot under the cursor."""
        found = self.place(self.cursor)
        if self._page is None or found is None or found[1] < 0:
            return None
        return self._page.groups[found[0]].use.lots[found[1]]

    def _columns(self) -> list[_Column]:
        units = self._units + 1 + self._places
        columns = [
            _Column("acquired", "Acquired", 10),
            _Column("held", "Term", 10),
            _Column("quantity", "Units", units, 0, self._units, self._places),
            _Column("unit_cost", "Unit cost", 12, 1, 9, 2),
            _Column("result", "Result now", self._money + 4, 2, self._money, 2),
            _Column("units", "Sold so far", max(11, units), 0, max(11, units) - 1 - self._places, self._places),
            _Column("so_far", "Result so far", max(13, self._money + 4), 0, max(9, self._money), 2),
        ]
        while sum(one.cells + 1 for one in columns) > self.scrollable_content_region.width and any(
            one.gives_way for one in columns
        ):
            droppable = [one for one in columns if one.gives_way]
            columns.remove(min(droppable, key=lambda one: one.gives_way))
        return columns

    def header_pieces(self) -> list[Piece]:
        """The titles, those of figures on the right."""
        parts = [one.title.rjust(one.cells) if one.whole else clip(one.title, one.cells) for one in self._columns()]
        return [(" " + " ".join(parts), "header")]

    def row_pieces(self, row: int) -> list[Piece]:
        """A heading, or a lot."""
        found, page = self.place(row), self._page
        assert found is not None and page is not None
        group, price = page.groups[found[0]], self._prices[found[0]]
        if found[1] < 0:
            return [(clip(" ▾ " + group.words, self.scrollable_content_region.width), "title")]
        pieces: list[Piece] = [(" ", "plain")]
        for column in self._columns():
            pieces += [self._cell(group, found[1], price, column), (" ", "plain")]
        return pieces

    def _cell(self, group: Group, place: int, price: Decimal | None, column: _Column) -> Piece:
        lot = group.use.lots[place]
        if column.key == "acquired":
            return clip(day(acquired_on(lot)), column.cells), "muted"
        if column.key == "held":
            text = held_text(LotRow(lot, _NO_VALUE, self._today))
            return clip(text, column.cells), "soon" if text.startswith("LT") else "muted"
        if column.key == "quantity":
            return aligned(lot.quantity, column.whole, column.places, 0), "plain"
        if column.key == "unit_cost":
            unit = None if lot.cost_basis is None else ROUNDED.divide(lot.cost_basis, lot.quantity)
            return aligned(unit, column.whole, column.places, 2), "muted"
        if column.key == "result":
            return _result(None if price is None else result_of(lot, price), column)
        so_far = group.use.so_far(place, price)
        if column.key == "units":
            return aligned(so_far.units, column.whole, column.places, 0), "plain"
        return _result(None if price is None or so_far.unknown == so_far.units else so_far.result, column)

    def sale_words(self) -> list[Part]:
        """What a sale up to the lot under the cursor consumes and comes to."""
        found, page = self.place(self.cursor), self._page
        if found is None or page is None:
            return []
        group, price = page.groups[found[0]], self._prices[found[0]]
        last = len(group.use.lots) - 1 if found[1] < 0 else found[1]
        so_far = group.use.so_far(last, price)
        parts: list[Part] = [
            (f"Selling {exact(so_far.units)} ", "bold"),
            f"in {group.name if group.account is None else 'this account'} uses {count(last + 1, 'lot')}",
        ]
        if price is None:
            return [*parts, ("; no price is known.", "$soon")]
        parts.append(": ")
        for name, value in (("short", so_far.short), ("long", so_far.long), ("net", so_far.result)):
            parts += [(f"{name} ", "$muted"), (signed(value), tint_of(value))]
            parts.append("  " if name != "net" else " USD before fees")
        if so_far.unknown:
            parts.append((f"; {exact(so_far.unknown)} of unknown basis are in no result", "$soon"))
        return parts


_NO_VALUE = LotValue(None, None, None, None, None)


def _result(value: Decimal | None, column: _Column) -> Piece:
    if value is None:
        return UNKNOWN.rjust(column.whole).ljust(column.cells), "soon"
    return aligned(value, column.whole, column.places, 2, sign=True) + arrow_of(value), result_role(value)
