"""What an event does to a book: opens, uses up, moves or loses units. All figures are scaled integers.

Every posting concerns one book. Only a `Depart` and an `Allot` reach further, through the `Arrive` they fill with lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from harvest_tui.core.lots.books import HeldLot, Part
from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.records import AccountId, Asset, EventId, LotId, NamedLot

Order = tuple[datetime, int, int, str, int]
"""Time, phase, row, event, and place within the event: a total order that no order of arrival can change."""


class Phase(IntEnum):
    """At one instant acquisitions come first, then moves and conversions, then disposals.

    The allocation of a pool to accounts comes before everything of its instant.
    """

    ALLOT = -1
    ACQUIRE = 0
    MOVE = 1
    DISPOSE = 2


class Open(HeldLot):
    """Units that come in as a new lot: the posting is the lot. `cost` None is an unknown basis."""

    __slots__ = ("at",)
    phase: int = Phase.ACQUIRE
    place = 0

    def __init__(
        self,
        event_id: EventId,
        account: AccountId,
        asset: Asset,
        at: datetime,
        sequence: int,
        units: int,
        cost: int | None,
        provenance: Provenance,
        acquired_at: datetime | None = None,
        loss_cost: int | None = None,
        gift_at: datetime | None = None,
    ) -> None:
        self.at = at
        self.sequence = sequence
        self.lot_id = LotId(event_id)
        self.origin = self.opened_by = event_id
        self.account = account
        self.asset = asset
        self.acquired_at = acquired_at or at
        self.units = units
        self.cost = self.cost_left = cost
        self.provenance = provenance
        self.loss_cost = loss_cost
        self.gift_at = gift_at
        self.parent = None
        self.left = 0

    @property
    def event_id(self) -> EventId:
        """The event that opened it."""
        return self.opened_by

    def opened(self) -> Sequence[HeldLot]:
        """The lot itself."""
        return (self,)


class Take:
    """Units that go from the lots of one book: what disposals, losses and moves have in common.

    `parts`, `missing` (units that no lot covers) and `shorts` (named origins with the units not found) are the outcome.
    """

    __slots__ = (
        "account",
        "asset",
        "at",
        "event_id",
        "missing",
        "named",
        "parts",
        "phase",
        "place",
        "proceeds",
        "sequence",
        "shorts",
        "units",
    )

    def __init__(
        self,
        event_id: EventId,
        account: AccountId,
        asset: Asset,
        at: datetime,
        phase: int,
        sequence: int,
        place: int,
        units: int,
        proceeds: int | None = None,
        named: tuple[NamedLot, ...] = (),
    ) -> None:
        self.event_id = event_id
        self.account = account
        self.asset = asset
        self.at = at
        self.phase = phase
        self.sequence = sequence
        self.place = place
        self.units = units
        self.proceeds = proceeds
        self.named = named
        self.parts: tuple[Part, ...] = ()
        self.missing = 0
        self.shorts: tuple[tuple[EventId, int], ...] = ()

    @property
    def told_at(self) -> datetime:
        """When the event says that it happened."""
        return self.at

    def opened(self) -> Sequence[HeldLot]:
        """None."""
        return ()


class Dispose(Take):
    """Units that go for `proceeds` (None: nobody told)."""

    __slots__ = ()


class Leave(Take):
    """Units that go without a disposal: given away, lost, or to a place unknown."""

    __slots__ = ()


class Arrive:
    """The lots that a move or an allocation brings into a book, at once or after some time under way."""

    __slots__ = ("account", "asset", "at", "event_id", "lots", "phase", "place", "sequence")

    def __init__(
        self, event_id: EventId, account: AccountId, asset: Asset, at: datetime, phase: int, sequence: int, place: int
    ) -> None:
        self.event_id = event_id
        self.account = account
        self.asset = asset
        self.at = at
        self.phase = phase
        self.sequence = sequence
        self.place = place
        self.lots: Sequence[HeldLot] = ()

    def opened(self) -> Sequence[HeldLot]:
        """The lots that arrive."""
        return self.lots


class Depart(Take):
    """Units that go to another book with date and basis, and become `to_units` there.

    The withdrawal may say that it happened (`told_at`) a little after its deposit arrived.
    """

    __slots__ = ("_told_at", "arrive", "to_units")

    def __init__(
        self,
        event_id: EventId,
        account: AccountId,
        asset: Asset,
        at: datetime,
        sequence: int,
        units: int,
        named: tuple[NamedLot, ...],
        arrive: Arrive,
        to_units: int,
        told_at: datetime,
    ) -> None:
        super().__init__(event_id, account, asset, at, Phase.MOVE, sequence, 1, units, None, named)
        self.arrive = arrive
        self.to_units = to_units
        self._told_at = told_at

    @property
    def told_at(self) -> datetime:
        """When the event says that it happened."""
        return self._told_at


class Allot:
    """The lots of a pool go to the accounts that hold its coins (see `allocation`). Last in the log of the pool."""

    __slots__ = ("account", "asset", "at", "landings", "parts", "shorts")
    phase: int = Phase.ALLOT
    sequence = 0
    place = 0
    event_id = EventId("allocation")

    def __init__(self, pool: AccountId, asset: Asset, at: datetime) -> None:
        self.account = pool
        self.asset = asset
        self.at = at
        self.parts: tuple[Part, ...] = ()
        self.shorts: tuple[tuple[AccountId, EventId, int], ...] = ()
        self.landings: dict[AccountId, Arrive] = {}

    def opened(self) -> Sequence[HeldLot]:
        """None in the pool."""
        return ()


Posting = Open | Dispose | Leave | Depart | Arrive | Allot


def order_of(posting: Posting) -> Order:
    """The place of the posting in time."""
    return (posting.at, posting.phase, posting.sequence, posting.event_id, posting.place)


def facts_of(posting: Posting) -> tuple[object, ...]:
    """All that an event says through the posting, and nothing of what came of it: equal for equal events."""
    facts: tuple[object, ...] = (type(posting), order_of(posting), posting.account, posting.asset)
    if isinstance(posting, Open):
        return (
            *facts,
            posting.units,
            posting.cost,
            posting.acquired_at,
            posting.provenance,
            posting.loss_cost,
            posting.gift_at,
        )
    if isinstance(posting, Take):
        facts = (*facts, posting.units, posting.proceeds, posting.named)
    return (*facts, posting.to_units, facts_of(posting.arrive)) if isinstance(posting, Depart) else facts
