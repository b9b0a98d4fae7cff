"""Quick jump: the next row whose asset begins with the letters typed."""

from __future__ import annotations

from typing import NamedTuple

from harvest_tui.ui.widgets.lot_arrangement import Arrangement


class LotJump(NamedTuple):
    """Letters as far as they are typed, and whether a row was found for them."""

    letters: str = ""
    is_found: bool = True

    def row_from(self, start: int, made: Arrangement) -> int | None:
        """The first row from `start` on, and on from the top, that begins so; lines of groups count by their name."""
        wanted = self.letters.casefold()
        if not wanted or not made.rows:
            return None
        order = made.order
        kept = bytearray(asset.casefold().startswith(wanted) for _, asset in order.positions)
        groups = bytearray(name.casefold().startswith(wanted) for name in made.names)
        position_of, count = order.position_of, len(made.rows)
        for step in range(count):
            row = (start + step) % count
            index = made.rows[row]
            if kept[position_of[index]] if index >= 0 else groups[~index]:
                return row
        return None
