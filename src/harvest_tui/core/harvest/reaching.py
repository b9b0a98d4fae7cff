"""Whether a sale would consume the lot that is meant, or others that stand before it in the venue's own order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from harvest_tui.core.harvest.circumstances import Circumstances, Reach
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.records import LotId


def is_reached(lot: Lot, held: Iterable[Lot], sold_whole: Collection[LotId], around: Circumstances) -> bool:
    """Whether a sale reaches the lot, given the lots of its position and those that are sold whole before it."""
    if around.reach is Reach.ANY:
        return True
    for one in in_order(held, around.lot_order):
        if one.lot_id == lot.lot_id:
            return True
        if one.lot_id not in sold_whole:
            return False
    return False


def in_order(held: Iterable[Lot], order: str) -> list[Lot]:
    """The lots of one position as the venue uses them up under `fifo`, `lifo`, `hifo` or `lofo`; they come by age."""
    lots = list(held)
    if order == "fifo":
        return lots
    if order == "lifo":
        return lots[::-1]
    sign = -1 if order == "hifo" else 1
    return sorted(lots, key=lambda lot: _turn(lot, sign))


def _turn(lot: Lot, sign: int) -> tuple[bool, Fraction]:
    """By cost of a unit; what has no known basis goes last either way."""
    if lot.cost_basis is None:
        return True, Fraction(0)
    return False, sign * Fraction(lot.cost_basis) / Fraction(lot.quantity)
