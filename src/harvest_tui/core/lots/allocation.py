"""The switch from one pool to accounts on 1 January 2025: unused basis goes to the units in each account.

Rev. Proc. 2024-28 allows a global allocation by a rule written down beforehand. The rule here: within each asset a lot
stays in the account that acquired it as far as that account still holds units, the oldest lot first; what is left over
goes, the oldest first, to accounts that lack units, in the order given or by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.books import HeldLot, Piece, moved_lot_id
from harvest_tui.core.lots.replay import POOL, Replay
from harvest_tui.core.records import AccountId, Asset, LotId

SWITCH_YEAR = 2025


def switch_at(zone: ZoneInfo) -> datetime:
    """First instant at which lots count by account."""
    return datetime(SWITCH_YEAR, 1, 1, tzinfo=zone)


def allocate(replay: Replay, accounts: Sequence[AccountId] = ()) -> None:
    """Turns the pooled books of `replay` into one book an account and asset."""
    pools = {asset: book.open_lots() for (account, asset), book in replay.books.items() if account == POOL}
    replay.books = {}
    replay.is_pooled = False
    for asset in sorted(pools):
        lots = sorted(pools[asset], key=lambda lot: lot.order)
        holds = {account: units for (account, held), units in replay.held.items() if held == asset and units > 0}
        _allocate_asset(replay, asset, lots, holds, accounts)
    replay.held.clear()


def _allocate_asset(
    replay: Replay, asset: Asset, lots: list[HeldLot], holds: dict[AccountId, int], accounts: Sequence[AccountId]
) -> None:
    for lot in lots:
        _give(replay, lot, lot.account, holds)
    for account in [*accounts, *sorted(set(holds) - set(accounts))]:
        for lot in lots:
            _give(replay, lot, account, holds)
    for lot in lots:
        if lot.left:
            piece = lot.draw(lot.left)
            is_whole = piece.units == lot.units
            lot_id = lot.lot_id if is_whole else moved_lot_id(lot, "not allocated")
            replay.book(lot.account, asset).put(_placed(piece, lot.account, lot_id))


def _give(replay: Replay, lot: HeldLot, account: AccountId, holds: dict[AccountId, int]) -> None:
    units = min(lot.left, holds.get(account, 0))
    if units:
        holds[account] -= units
        lot_id = lot.lot_id if account == lot.account else moved_lot_id(lot, f"allocation {account}")
        replay.book(account, lot.asset).put(_placed(lot.draw(units), account, lot_id))


def _placed(piece: Piece, account: AccountId, lot_id: LotId) -> HeldLot:
    """The piece as a lot of the account."""
    lot = piece.lot
    return HeldLot(
        lot_id=lot_id,
        origin=lot.origin,
        opened_by=lot.opened_by,
        account=account,
        asset=lot.asset,
        acquired_at=lot.acquired_at,
        sequence=lot.order[1],
        units=piece.units,
        cost=piece.cost,
        provenance=lot.provenance,
        loss_cost=piece.loss_cost,
        gift_at=lot.gift_at,
        parent=lot,
    )
