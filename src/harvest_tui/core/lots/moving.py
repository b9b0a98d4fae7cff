"""The lots at the far end of a move: where they come from, what they cost, what became of them on the way."""

from __future__ import annotations

from harvest_tui.core.lots.books import HeldLot, Part, moved_lot_id
from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.lots.postings import Depart
from harvest_tui.core.lots.scaled import share
from harvest_tui.core.records import LotId


def moved_lots(posting: Depart) -> list[HeldLot]:
    """Each part keeps its date and basis, and has its share of what arrives.

    Units that no lot covered arrive with nothing known about them.
    """
    lots: list[HeldLot] = []
    gone = carried = given = 0
    for index, part in enumerate(posting.parts, 1):
        units = share(posting.to_units, gone, part[1], posting.units)
        gone += part[1]
        if not units and not lots and index == len(posting.parts):
            units = min(1, posting.to_units)
        given += units
        if units:
            lots.append(_moved(posting, part, units, carried))
            carried = 0
        else:
            carried += part[2] or 0
    if carried and lots and lots[-1].cost is not None:
        lots[-1].cost += carried
    rest = posting.to_units - given if posting.missing else 0
    if rest:
        lots.append(_unknown(posting, rest))
    return lots


def _moved(posting: Depart, part: Part, units: int, carried: int) -> HeldLot:
    """The part in its new place. `carried` is the cost of parts too small to be a unit of what they became."""
    parent, _, cost, _, loss_cost = part
    return HeldLot(
        lot_id=moved_lot_id(parent, posting.event_id),
        origin=parent.origin,
        opened_by=posting.event_id,
        account=posting.arrive.account,
        asset=posting.arrive.asset,
        acquired_at=parent.acquired_at,
        sequence=parent.sequence,
        units=units,
        cost=None if cost is None else cost + carried,
        provenance=Provenance.TRANSFERRED if parent.provenance is Provenance.PROVEN else parent.provenance,
        loss_cost=loss_cost,
        gift_at=parent.gift_at,
        parent=parent,
    )


def _unknown(posting: Depart, units: int) -> HeldLot:
    return HeldLot(
        lot_id=LotId(posting.event_id),
        origin=posting.event_id,
        opened_by=posting.event_id,
        account=posting.arrive.account,
        asset=posting.arrive.asset,
        acquired_at=posting.told_at,
        sequence=posting.sequence,
        units=units,
        cost=None,
        provenance=Provenance.UNKNOWN,
    )
