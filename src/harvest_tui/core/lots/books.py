"""A book holds the lots of one asset in one account (or, pooled, in all of them), and what happened to them."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.lots.orders import ByName, Method, View, view_of
from harvest_tui.core.records import AccountId, Asset, EventId, LotId

if TYPE_CHECKING:
    from harvest_tui.core.lots.postings import Posting


LotOrder = tuple[datetime, int, EventId, LotId]


class HeldLot:
    """Units of one acquisition, in scaled integers. `left` and `cost_left` change, all else stays.

    A lot holds nothing until its book puts it in. `loss_cost` is the value at a gift that was below the giver's basis,
    and `gift_at` when it was received; None for other lots.
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
        "origin",
        "parent",
        "provenance",
        "sequence",
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
        self.sequence = sequence
        self.units = units
        self.cost = cost
        self.provenance = provenance
        self.loss_cost = loss_cost
        self.gift_at = gift_at
        self.parent = parent
        self.left = 0
        self.cost_left = cost

    @property
    def order(self) -> LotOrder:
        """The place in time: acquisition, row, then ids."""
        return (self.acquired_at, self.sequence, self.origin, self.lot_id)

    def __lt__(self, other: HeldLot) -> bool:
        return self.order < other.order

    def is_like(self, other: HeldLot) -> bool:
        """Whether the two are one lot in every fact but what is left of it."""
        return (
            self.order == other.order
            and self.units == other.units
            and self.cost == other.cost
            and self.provenance is other.provenance
            and self.parent is other.parent
            and self.account == other.account
            and self.loss_cost == other.loss_cost
            and self.gift_at == other.gift_at
        )

    def cut(self, units: int) -> int | None:
        """Takes `units` out, fewer than are left; the answer is what they cost."""
        self.left = left = self.left - units
        cost, total = self.cost_left, self.cost
        if cost is None or total is None:
            return None
        self.cost_left = kept = total - total * (self.units - left) // self.units
        return cost - kept

    def loss_share(self, units: int) -> int:
        """The part of `loss_cost` that the next `units` take with them."""
        total, gone = self.loss_cost or 0, self.units - self.left
        return total * (gone + units) // self.units - total * gone // self.units

    def loss_cost_left(self) -> int | None:
        """The part of `loss_cost` that belongs to the units left."""
        if self.loss_cost is None:
            return None
        return self.loss_cost - self.loss_cost * (self.units - self.left) // self.units

    def draw(self, units: int) -> Part:
        """Takes `units` (at most `left`) out without proceeds."""
        parts: list[Part] = []
        draw(Queue([self]), units, None, units, parts)
        return parts[0]


Part = tuple[HeldLot, int, int | None, int | None, int | None]
"""Units drawn from a lot: lot, units, their share of its cost, of the proceeds, and of its `loss_cost`.

A plain tuple: there are as many as trades. The parts are the result and the undo log at once."""


class Piece(NamedTuple):
    """A part as it is read by those who do not count nanoseconds."""

    lot: HeldLot
    units: int
    cost: int | None
    loss_cost: int | None


class Queue:
    """Lots in a given order, as `draw` wants them."""

    __slots__ = ("lots", "place")

    def __init__(self, lots: list[HeldLot]) -> None:
        self.lots = lots
        self.place = 0

    def first(self) -> HeldLot | None:
        """The next lot with units left."""
        while self.place < len(self.lots):
            if self.lots[self.place].left:
                return self.lots[self.place]
            self.place += 1
        return None


def draw(view: View | Queue, wanted: int, proceeds: int | None, whole: int, parts: list[Part], gone: int = 0) -> int:
    """Draws up to `wanted` units in the order of `view`; the answer is what no lot covers.

    `proceeds` belong to `whole` units, of which `gone` have had their share. Shares are differences of floors, of the
    cost as of the proceeds: whatever the order and size of the parts they add up exactly.
    """
    told = proceeds * gone // whole if proceeds and gone else 0
    first = view.first
    while wanted:
        lot = first()
        if lot is None:
            return wanted
        units, cost = lot.left, lot.cost_left
        loss = None if lot.loss_cost is None else lot.loss_share(min(units, wanted))
        if units > wanted:
            units, cost = wanted, lot.cut(wanted)
        else:
            lot.left = 0
            if cost is not None:
                lot.cost_left = 0
        wanted -= units
        if proceeds is None or units == whole:
            parts.append((lot, units, cost, proceeds, loss))
        else:
            gone += units
            upto = proceeds * gone // whole if gone != whole else proceeds
            parts.append((lot, units, cost, upto - told, loss))
            told = upto
    return 0


def merged(parts: list[Part]) -> list[Part]:
    """One part a lot: a lot may be drawn from twice, by its name and when its turn comes."""
    by_lot: dict[HeldLot, Part] = {}
    for part in parts:
        lot, units, cost, proceeds, loss = by_lot.get(part[0], (part[0], 0, None, None, None))
        by_lot[lot] = (lot, units + part[1], _sum(cost, part[2]), _sum(proceeds, part[3]), _sum(loss, part[4]))
    return list(by_lot.values())


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def moved_lot_id(parent: HeldLot, by: str) -> LotId:
    """The id of the lot that `by` made of a piece of `parent`: the origin's name and a mark of the way it came."""
    digest = blake2b(f"{parent.lot_id}\x00{by}".encode(), digest_size=5).digest()
    return LotId(f"{parent.origin}~{b32encode(digest).decode().lower()}")


class Book:
    """Lots of one asset, kept in as many orders as are asked for (one, mostly), and the log of its postings.

    Of `log` the first `applied` are done; the rest waits for its turn.
    """

    __slots__ = ("_names", "_views", "account", "applied", "asset", "keepers", "log", "steady")

    def __init__(self, account: AccountId, asset: Asset) -> None:
        self.account = account
        self.asset = asset
        self.log: list[Posting] = []
        self.applied = 0
        self.keepers: list[View | ByName] = []
        """Everything that must hear of lots that come, go and come back."""
        self.steady: View | None = None
        """The only order that is ever asked for, where that is known."""
        self._views: dict[Method, View] = {}
        self._names: ByName | None = None

    def put(self, lot: HeldLot) -> None:
        """Adds the lot, whole."""
        lot.left = lot.units
        lot.cost_left = lot.cost
        for keeper in self.keepers:
            keeper.put(lot)

    def discard(self, lot: HeldLot) -> None:
        """Undoes `put`."""
        lot.left = 0
        for keeper in self.keepers:
            keeper.discard(lot)

    def restore(self, lots: list[HeldLot]) -> None:
        """Tells of lots that were used up and have units again."""
        for keeper in self.keepers:
            keeper.restore(lots)

    def lots(self) -> Iterator[HeldLot]:
        """Lots with units left, in order of arrival."""
        for posting in self.log:
            if isinstance(posting, HeldLot):
                if posting.left:
                    yield posting
            else:
                yield from (lot for lot in posting.opened() if lot.left)

    def view(self, method: Method) -> View:
        """The open lots in the order of `method`."""
        view = self._views.get(method)
        if view is None:
            view = self._views[method] = view_of(method, self.lots())
            self.keepers.append(view)
        return view

    def named(self, name: EventId) -> Queue:
        """The open lots that event `name` first acquired, or, failing that, put here; the oldest first."""
        if self._names is None:
            self._names = ByName(self.lots())
            self.keepers.append(self._names)
        found = [lot for lot in self._names.lots.get(name, ()) if lot.left]
        return Queue(sorted([lot for lot in found if lot.origin == name] or found))
