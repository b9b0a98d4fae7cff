"""A list of plain lines with a cursor, for problems, accounts, details and help."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from harvest_tui.ui.format import clip
from harvest_tui.ui.widgets.row_view import Piece, RowView

Line = tuple[Piece, ...]


class LineList(RowView):
    """Shows the lines it was last given; the cursor stays on its row number."""

    DEFAULT_CSS = "LineList { overflow-x: hidden; }"

    def __init__(self, *, id: str, header: Line = ()) -> None:
        super().__init__(id=id)
        self._header = header
        self._lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line], empty: tuple[str, ...] = ()) -> None:
        """Takes new lines; nothing is drawn where nothing changed."""
        if tuple(lines) == tuple(self._lines) and empty == self.empty:
            return
        self._lines, self.empty = lines, empty
        self.resize_content()

    @property
    def row_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    @property
    def content_width(self) -> int:
        """Lines are cut at the right edge of the view."""
        return self.size.width

    def header_pieces(self) -> list[Piece]:
        """The titles."""
        return list(self._header)

    def row_pieces(self, row: int) -> list[Piece]:
        """One line, its last piece cut to fit."""
        return fitted(self._lines[row], self.size.width)


def fitted(line: Line, width: int) -> list[Piece]:
    """The pieces that fit into `width` cells, the last one cut with `…`."""
    pieces: list[Piece] = []
    room = width
    for text, role in line:
        cells = cell_len(text)
        if cells > room:
            text, cells = clip(text, room), room
        pieces.append((text, role))
        room -= cells
        if not room:
            break
    return pieces
