"""The switch from one pool to accounts on 1 January 2025: unused basis goes to the units in each account.

Rev. Proc. 2024-28 allows a specific allocation, unit by unit, and a global one by a rule written down beforehand. A
table of the user's own comes first. For all it does not name the rule here holds: within each asset a lot stays in the
account that acquired it as far as that account still holds units, the oldest lot first; what is left over goes, the
oldest first, to accounts that lack units, in the order given or by name.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import Book, HeldLot, Part, moved_lot_id
from harvest_tui.core.lots.postings import Allot, Arrive, Depart, Open, Take
from harvest_tui.core.lots.scaled import to_scaled
from harvest_tui.core.records import AccountId, EventId, LotId

SWITCH_YEAR = 2025


def switch_at(zone: ZoneInfo) -> datetime:
    """First instant at which lots count by account."""
    return datetime(SWITCH_YEAR, 1, 1, tzinfo=zone)


@dataclass(frozen=True, slots=True)
class Placement:
    """`quantity` units of the lot that event `origin` first acquired count as held in `account` from the switch on."""

    account: AccountId
    origin: EventId
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """The user's choice: `table` holds first, and the rule for the rest takes accounts in `order`, then by name."""

    order: tuple[AccountId, ...] = ()
    table: tuple[Placement, ...] = ()


class _Desk:
    """The lots of one pool being given out. `holds` are the units each account still lacks."""

    def __init__(self, pool: Book) -> None:
        self.lots = sorted(pool.lots())
        self.names = {lot.origin for posting in pool.log for lot in posting.opened()}
        self.holds = _held(pool)
        self.parts: list[Part] = []
        self.placed: dict[AccountId, list[HeldLot]] = defaultdict(list)
        self._given: dict[tuple[LotId, AccountId], HeldLot] = {}

    def give(self, lot: HeldLot, account: AccountId, wanted: int | None = None) -> int:
        """Gives up to `wanted` units of the lot, at most what the account lacks; the answer is how many."""
        units = min(lot.left, self.holds.get(account, 0))
        units = units if wanted is None else min(units, wanted)
        if units:
            self.holds[account] -= units
            self._place(lot, units, account, lot.lot_id if account == lot.account else _name(lot, account))
        return units

    def leave(self, lot: HeldLot) -> None:
        """What no account has coins for stays where it was acquired."""
        if lot.left:
            whole = lot.left == lot.units
            self._place(lot, lot.left, lot.account, lot.lot_id if whole else moved_lot_id(lot, "not allocated"))

    def _place(self, lot: HeldLot, units: int, account: AccountId, lot_id: LotId) -> None:
        part = lot.draw(units)
        self.parts.append(part)
        known = self._given.get((lot_id, account))
        if known is not None:
            _enlarge(known, part)
            return
        placed = _placed(part, account, lot_id)
        self._given[lot_id, account] = placed
        self.placed[account].append(placed)


def allocate(posting: Allot, pool: Book, allocation: Allocation) -> dict[AccountId, list[HeldLot]]:
    """Gives out all lots of the pool; the answer is the lots of each account.

    The posting is told what was drawn, and which rows of the table the accounts or lots had no room for.
    """
    desk = _Desk(pool)
    shorts = []
    for row in allocation.table:
        if row.origin not in desk.names:
            continue
        wanted = to_scaled(row.quantity)
        for lot in desk.lots:
            if lot.origin == row.origin:
                wanted -= desk.give(lot, row.account, wanted)
        if wanted:
            shorts.append((row.account, row.origin, wanted))
    for lot in desk.lots:
        desk.give(lot, lot.account)
    order = allocation.order
    for account in [*order, *sorted(set(desk.holds) - set(order))]:
        for lot in desk.lots:
            desk.give(lot, account)
    for lot in desk.lots:
        desk.leave(lot)
    posting.parts = tuple(desk.parts)
    posting.shorts = tuple(shorts)
    return desk.placed


def _held(pool: Book) -> dict[AccountId, int]:
    """Units by account: where the coins are, whatever lots they count as. Coins under way are where they go."""
    held: dict[AccountId, int] = defaultdict(int)
    for posting in pool.log:
        if isinstance(posting, Open):
            held[posting.account] += posting.units
        elif isinstance(posting, Take):
            held[posting.account] -= posting.units
            if isinstance(posting, Depart) and posting.arrive.asset == posting.asset:
                held[posting.arrive.account] += posting.to_units
        elif isinstance(posting, Arrive):
            held[posting.account] += sum(lot.units for lot in posting.lots)
    return {account: units for account, units in held.items() if units > 0}


def _name(lot: HeldLot, account: AccountId) -> LotId:
    return moved_lot_id(lot, f"allocation {account}")


def _enlarge(lot: HeldLot, part: Part) -> None:
    """The same lot given to the same account twice, by the table and by the rule, is one lot."""
    _, units, cost, _, loss_cost = part
    lot.units += units
    if lot.cost is not None and cost is not None:
        lot.cost += cost
    if lot.loss_cost is not None and loss_cost is not None:
        lot.loss_cost += loss_cost


def _placed(part: Part, account: AccountId, lot_id: LotId) -> HeldLot:
    """The part as a lot of the account."""
    lot, units, cost, _, loss_cost = part
    return HeldLot(
        lot_id=lot_id,
        origin=lot.origin,
        opened_by=lot.opened_by,
        account=account,
        asset=lot.asset,
        acquired_at=lot.acquired_at,
        sequence=lot.sequence,
        units=units,
        cost=cost,
        provenance=lot.provenance,
        loss_cost=loss_cost,
        gift_at=lot.gift_at,
        parent=lot,
    )
