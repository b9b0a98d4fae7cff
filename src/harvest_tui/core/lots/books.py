"""A book holds the open lots of one asset in one account (or, pooled, in all of them)."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.lots.orders import Method, View, view_of
from harvest_tui.core.records import AccountId, Asset, EventId, LotId


class HeldLot:
    """Units of one acquisition, in scaled integers. `left` and `cost_left` shrink, all else stays.

    `order` is the place in time: acquisition, row, then id. `loss_cost` is the value at a gift that was below the
    giver's basis, and `gift_at` when it was received; they are None for every other lot.
    """

    __slots__ = (
        "account",
        "acquired_at",
        "asset",
        "cost",
        "cost_left",
        "gift_at",
        "left",
        "loss_cost",
        "lot_id",
        "opened_by",
        "order",
        "origin",
        "parent",
        "provenance",
        "units",
    )

    def __init__(
        self,
        lot_id: LotId,
        origin: EventId,
        opened_by: EventId,
        account: AccountId,
        asset: Asset,
        acquired_at: datetime,
        sequence: int,
        units: int,
        cost: int | None,
        provenance: Provenance,
        loss_cost: int | None = None,
        gift_at: datetime | None = None,
        parent: HeldLot | None = None,
    ) -> None:
        self.lot_id = lot_id
        self.origin = origin
        self.opened_by = opened_by
        self.account = account
        self.asset = asset
        self.acquired_at = acquired_at
        self.order = (acquired_at, sequence, origin, lot_id)
        self.units = units
        self.cost = cost
        self.provenance = provenance
        self.loss_cost = loss_cost
        self.gift_at = gift_at
        self.parent = parent
        self.left = units
        self.cost_left = cost

    def draw(self, units: int) -> Piece:
        """Takes `units` (at most `left`) out; the pieces of a lot add up to its cost exactly."""
        cost = loss_cost = None
        if self.cost is not None and self.cost_left is not None:
            gone = self.units - self.left + units
            cost = self.cost_left if units == self.left else self.cost * gone // self.units - self.cost + self.cost_left
            self.cost_left -= cost
        if self.loss_cost is not None:
            before = self.units - self.left
            loss_cost = self.loss_cost * (before + units) // self.units - self.loss_cost * before // self.units
        self.left -= units
        return Piece(self, units, cost, loss_cost)

    def loss_cost_left(self) -> int | None:
        """The part of `loss_cost` that belongs to the units left."""
        if self.loss_cost is None:
            return None
        return self.loss_cost - self.loss_cost * (self.units - self.left) // self.units


class Piece(NamedTuple):
    """Units drawn from a lot with their share of its cost: what a disposal or a move is made of, and its undo log."""

    lot: HeldLot
    units: int
    cost: int | None
    loss_cost: int | None


def moved_lot_id(parent: HeldLot, by: str) -> LotId:
    """The id of the lot that `by` made of a piece of `parent`: the origin's name and a mark of the way it came."""
    digest = blake2b(f"{parent.lot_id}\x00{by}".encode(), digest_size=5).digest()
    return LotId(f"{parent.origin}~{b32encode(digest).decode().lower()}")


class Book:
    """Open lots of one asset, kept in as many orders as are asked for (one, mostly)."""

    __slots__ = ("_lots", "_views")

    def __init__(self) -> None:
        self._lots: list[HeldLot] = []
        self._views: dict[Method, View] = {}

    def put(self, lot: HeldLot) -> None:
        """Adds a lot."""
        self._lots.append(lot)
        for view in self._views.values():
            view.put(lot)

    def open_lots(self) -> list[HeldLot]:
        """Lots with units left, in order of arrival."""
        self._lots = [lot for lot in self._lots if lot.left]
        return self._lots

    def take(self, units: int, method: Method) -> tuple[list[Piece], int]:
        """Draws up to `units` in the order of `method`; the second figure is what no lot covers."""
        view = self._views.get(method)
        if view is None:
            view = self._views[method] = view_of(method, self.open_lots())
        pieces: list[Piece] = []
        while units:
            lot = view.first()
            if lot is None:
                break
            portion = min(units, lot.left)
            pieces.append(lot.draw(portion))
            units -= portion
        return pieces, units

    def take_named(self, origin: EventId, units: int) -> tuple[list[Piece], int]:
        """Draws up to `units` from the lots that `origin` first acquired, or, failing that, put here."""
        lots = sorted(self.open_lots(), key=lambda lot: lot.order)
        named = [lot for lot in lots if lot.origin == origin] or [lot for lot in lots if lot.opened_by == origin]
        pieces = []
        for lot in named:
            portion = min(units, lot.left)
            if portion:
                pieces.append(lot.draw(portion))
                units -= portion
        return pieces, units
