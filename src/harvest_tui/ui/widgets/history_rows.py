"""The list of realized results: lines are made when they come into view, figures aligned at the point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from harvest_tui.core.lots.ledger import BasisGap, Disposal
from harvest_tui.core.money import ZERO
from harvest_tui.ui.format import aligned, arrow_of, clean, clip, count, day, number, result_role
from harvest_tui.ui.widgets.history_entries import Arranged, Entry, Heading
from harvest_tui.ui.widgets.row_view import Piece, RowView

NO_LOT = "no lot covers these units"


class _Column(NamedTuple):
    """`gives_way` columns leave where there is no room, the highest first; 0 stays."""

    key: str
    title: str
    cells: int
    gives_way: int = 0
    whole: int = 0
    places: int = 0


class Widths(NamedTuple):
    """Digits before and after the point that hold every figure of a list."""

    money: int = 7
    units: int = 5
    unit_places: int = 4


def widths_of(entries: Iterable[Entry]) -> Widths:
    """The digits that these entries need."""
    money, units, places = ZERO, ZERO, 0
    for one in entries:
        quantity = one.what.quantity
        units = max(units, quantity)
        exponent = quantity.normalize().as_tuple().exponent
        places = max(places, -exponent if isinstance(exponent, int) else 0)
        if isinstance(one.what, Disposal):
            money = max(money, abs(one.what.proceeds or ZERO), abs(one.what.cost_basis or ZERO))
    return Widths(min(13, max(7, _digits(money) + 1)), min(12, max(4, _digits(units))), min(8, max(2, places)))


def _digits(value: Decimal) -> int:
    return len(number(value, 0))


class HistoryRows(RowView):
    """One line a part of a lot; headings where lines are grouped. The cursor stays on its part of a lot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "screen.group", "Group by asset, account, month, not at all", id="history.group"),
    ]

    def __init__(self) -> None:
        super().__init__(id="history-rows")
        self._arranged = Arranged()
        self._widths = Widths()

    def show(self, arranged: Arranged, widths: Widths, empty: tuple[str, ...]) -> None:
        """Takes other lines."""
        before = self.entry
        self._arranged, self._widths, self.empty = arranged, widths, empty
        if before is not None and before != self.entry:
            self.cursor = next((n for n, row in enumerate(arranged.rows) if row == before), self.cursor)
        self.resize_content()
        self.reveal_cursor()

    @property
    def entry(self) -> Entry | None:
        """The part of a lot under the cursor; None on a heading."""
        rows = self._arranged.rows
        row = rows[self.cursor] if self.cursor < len(rows) else None
        return row if isinstance(row, Entry) else None

    @property
    def heading(self) -> Heading | None:
        """The group under the cursor."""
        rows = self._arranged.rows
        row = rows[self.cursor] if self.cursor < len(rows) else None
        return row if isinstance(row, Heading) else None

    @property
    def row_count(self) -> int:
        """Lines, headings too."""
        return len(self._arranged.rows)

    @property
    def order(self) -> object:
        """The parts of lots and headings."""
        return self._arranged.rows

    @property
    def content_width(self) -> int:
        """What does not fit is left to the words below the list."""
        return max(self.scrollable_content_region.width, 1 + sum(column.cells + 1 for column in self._columns()))

    def _columns(self) -> Sequence[_Column]:
        widths = self._widths
        money, units = widths.money, widths.units
        columns = [
            _Column("on", "Sold", 10),
            _Column("account", "Account", 10 if self.scrollable_content_region.width < 100 else 14),
            _Column("asset", "Asset", 6 if self.scrollable_content_region.width < 100 else 9),
            _Column("quantity", "Quantity", units + 1 + widths.unit_places, 1, units, widths.unit_places),
            _Column("proceeds", "Proceeds", money + 3, 3, money, 2),
            _Column("basis", "Cost basis", max(10, money + 3), 2, max(7, money), 2),
            _Column("gain", "Gain", money + 5, 0, money + 1, 2),
            _Column("term", "Term", 5),
            _Column("box", "Box", 3),
            _Column("from", "Basis is", 11, 4),
        ]
        while sum(one.cells + 1 for one in columns) > self.scrollable_content_region.width and any(
            one.gives_way for one in columns
        ):
            columns.remove(max(columns, key=lambda one: one.gives_way))
        return columns

    def header_pieces(self) -> list[Piece]:
        """The titles, those of figures on the right."""
        parts = [one.title.rjust(one.cells) if one.whole else clip(one.title, one.cells) for one in self._columns()]
        return [(" " + " ".join(parts), "header")]

    def row_pieces(self, row: int) -> list[Piece]:
        """One line."""
        found = self._arranged.rows[row]
        if isinstance(found, Heading):
            return self._heading_pieces(found)
        if isinstance(found.what, BasisGap):
            return self._gap_pieces(found, found.what)
        pieces: list[Piece] = [(" ", "plain")]
        for column in self._columns():
            pieces += [_cell(found, found.what, column), (" ", "plain")]
        return pieces

    def _gap_pieces(self, entry: Entry, gap: BasisGap) -> list[Piece]:
        pieces: list[Piece] = [(" ", "plain")]
        names = {"on": day(entry.on), "account": clean(entry.account), "asset": clean(entry.asset)}
        for column in self._columns():
            if column.key in names:
                pieces.append((clip(names[column.key], column.cells) + " ", "soon"))
            elif column.key == "quantity":
                pieces.append((aligned(gap.quantity, column.whole, column.places, 0) + " ", "soon"))
        return [*pieces, (NO_LOT, "soon")]

    def _heading_pieces(self, heading: Heading) -> list[Piece]:
        words = f"{clean(heading.name, 24)}  {count(heading.lines, 'line')}"
        if heading.unknown:
            words += f", {heading.unknown:,} in no sum"
        columns = self._columns()
        first = next(n for n, one in enumerate(columns) if one.key in {"proceeds", "basis", "gain"})
        room = sum(one.cells + 1 for one in columns[:first])
        pieces: list[Piece] = [(clip("▾ " + words, room) + " ", "title")]
        figures = {"proceeds": heading.proceeds, "basis": heading.basis, "gain": heading.gain}
        for column in columns[first:]:
            if column.key == "gain":
                pieces.append(_gain(heading.gain, column))
            elif column.key in figures:
                pieces.append((aligned(figures[column.key], column.whole, column.places, 2), "title"))
            else:
                break
            pieces.append((" ", "plain"))
        return pieces


def _cell(entry: Entry, one: Disposal, column: _Column) -> Piece:
    key = column.key
    if key == "gain":
        return _gain(one.gain, column)
    if key in {"quantity", "proceeds", "basis"}:
        value = {"quantity": one.quantity, "proceeds": one.proceeds, "basis": one.cost_basis}[key]
        role = "soon" if value is None else "muted" if key == "proceeds" else "plain"
        return aligned(value, column.whole, column.places, 0 if key == "quantity" else 2), role
    text, role = {
        "on": (day(entry.on), "muted"),
        "account": (clean(one.account), "muted"),
        "asset": (clean(one.asset), "title"),
        "term": (one.term.value, "muted"),
        "box": (f" {entry.box}", "muted"),
        "from": (one.provenance.value, "muted" if one.provenance.value in {"proven", "transferred"} else "soon"),
    }[key]
    return clip(text, column.cells), role


def _gain(gain: Decimal | None, column: _Column) -> Piece:
    role = "soon" if gain is None else result_role(gain)
    return aligned(gain, column.whole, column.places, 2, sign=True) + arrow_of(gain), role
