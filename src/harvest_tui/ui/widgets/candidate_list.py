"""The lots that could be sold now, the largest net benefit first, under a cursor of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from harvest_tui.core.harvest.outlook import Proposal
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, rounded
from harvest_tui.core.records import LotId
from harvest_tui.ui.format import clean, clip, result_role, signed, trimmed
from harvest_tui.ui.widgets.lot_cells import SOON_DAYS
from harvest_tui.ui.widgets.row_view import Piece, RowView

MARKED, PART, BLANK = "●", "◐", " "
_TITLES = ("Loss", "Saved", "Later", "Fees", "Net")
_TERM = 8


class CandidateList(RowView):
    """Figures follow the price; the order stays while the cursor is in here, until it is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reorder", "Put the candidates in order now", id="candidates.reorder"),
    ]

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(id="candidates", clock=clock)
        self._order: list[LotId] = []
        self._proposals: Mapping[LotId, Proposal] = {}
        self._given: Sequence[Proposal] | None = None
        self._ranked: Sequence[LotId] = ()
        self._signs: Mapping[LotId, str] = {}
        self._widths = [len(title) + 2 for title in _TITLES]
        self.empty = ("Nothing can be harvested now.",)

    def show(self, proposals: Sequence[Proposal], signs: Mapping[LotId, str]) -> None:
        """Takes new figures; rows change places only while nobody is in here."""
        if signs is not self._signs:
            self._sign(signs)
        if proposals is self._given:
            return
        self._given = proposals
        ranked = [one.lot.lot_id for one in proposals]
        by_id = {one.lot.lot_id: one for one in proposals}
        if by_id == self._proposals:
            return
        self._proposals, self._ranked = by_id, ranked
        self._widths = (
            [
                max(len(title), *map(len, texts)) + 1
                for title, *texts in zip(_TITLES, *map(figures_of, proposals), strict=True)
            ]
            if proposals
            else [len(title) + 2 for title in _TITLES]
        )
        if self.has_focus:
            here = set(self._order)
            kept = [lot_id for lot_id in self._order if lot_id in by_id]
            self._take(kept + [lot_id for lot_id in ranked if lot_id not in here])
        else:
            self._take(ranked)

    def _sign(self, signs: Mapping[LotId, str]) -> None:
        before, self._signs = self._signs, signs
        for row, lot_id in enumerate(self._order):
            if before.get(lot_id) != signs.get(lot_id):
                self.repaint_row(row)

    def action_reorder(self) -> None:
        """Sorts now; the cursor stays on its lot."""
        self._take(list(self._ranked))

    def _take(self, order: list[LotId]) -> None:
        under = self.lot_here
        self._order = order
        if under is not None and under in self._proposals and self.has_focus:
            self.cursor = order.index(under)
        self.resize_content()
        self.reveal_cursor()

    @property
    def lot_here(self) -> LotId | None:
        """The lot under the cursor."""
        return self._order[self.cursor] if self.cursor < len(self._order) else None

    @property
    def here(self) -> Proposal | None:
        """What is proposed under the cursor."""
        lot_id = self.lot_here
        return None if lot_id is None else self._proposals.get(lot_id)

    # Lines.

    @property
    def row_count(self) -> int:
        """How many candidates there are."""
        return len(self._order)

    @property
    def order(self) -> object:
        """Its lots."""
        return self._order

    @property
    def content_width(self) -> int:
        """Rows are as wide as the view."""
        return self.size.width

    @property
    def _names(self) -> int:
        """Cells for asset and account."""
        return max(8, self.scrollable_content_region.width - sum(self._widths) - _TERM - 3)

    def header_pieces(self) -> list[Piece]:
        """Titles over the figures."""
        pieces: list[Piece] = [(" + ", "header"), (clip("is in the best set", self._names + _TERM), "header")]
        both = zip(_TITLES, self._widths, strict=True)
        return [*pieces, *((title.rjust(width), "header") for title, width in both), (" ", "header")]

    def row_pieces(self, row: int) -> list[Piece]:
        """One candidate: whole dollars here, the cents are told below."""
        one = self._proposals[self._order[row]]
        sign = self._signs.get(one.lot.lot_id, BLANK)
        asset = clip(clean(one.lot.asset), 6 if self._names > 13 else 5)
        is_soon = one.term is Term.SHORT and 0 < one.days_to_long_term <= SOON_DAYS
        roles = ("plain", "plain", "muted", "muted", result_role(one.value.net, 0))
        pieces: list[Piece] = [
            (sign, "soon"),
            ("+ " if one.in_best else "  ", "gain"),
            (clip(f"{asset} {clean(one.lot.account, 24)}", self._names), "plain"),
            (term_text(one), "soon" if is_soon else "muted"),
        ]
        for text, width, role in zip(figures_of(one), self._widths, roles, strict=True):
            pieces.append((text.rjust(width), role))
        return pieces


def figures_of(one: Proposal) -> tuple[str, ...]:
    """Whole dollars, as under the titles; the cents are told below the list."""
    value = one.value
    saved = EXACT.add(value.saved_now, value.saved_hoped)
    told = (value.loss, saved, value.owed_later, value.fees)
    return (*(trimmed(figure, 0) for figure in told), signed(rounded(value.net, 0), 0))


def term_text(one: Proposal) -> str:
    """`long`, or the days until it is."""
    return f"{f'LT {one.days_to_long_term}d' if one.term is Term.SHORT else 'long':>{_TERM}}"
