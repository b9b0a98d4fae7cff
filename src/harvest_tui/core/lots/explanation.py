"""Why a lot or a disposal is what it is: the events it came about by, the prices used, and what nobody has proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.evidence import Evidence
from harvest_tui.core.lots.ledger import Disposal, Lot, NamedShortfall, Provenance
from harvest_tui.core.lots.orders import Method
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, LotId, NamedLot
from harvest_tui.core.source_rows import SourceRow


class NoSuchName(LookupError):
    """No lot and no event that took from lots is called like that; or several begin so: these are `candidates`."""

    def __init__(self, name: str, candidates: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.candidates = candidates


class Beginning(StrEnum):
    """How a lot first came about: by its event, or because a move brought units that no lot or no withdrawal covers."""

    EVENT = "event"
    UNCOVERED = "uncovered"
    SURPLUS = "surplus"


class UseKind(StrEnum):
    """What became of units of a lot."""

    SOLD = "sold"
    EXCHANGED = "exchanged"
    SPENT = "spent"
    FEE = "fee"
    MOVING_FEE = "moving fee"
    BURNT = "burnt"
    GIVEN = "given"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    CONVERTED = "converted"
    ALLOCATED = "allocated"


PASSAGES = frozenset({UseKind.MOVED, UseKind.CONVERTED, UseKind.ALLOCATED})
"""Uses after which the units are still held, as another lot."""


class DoubtKind(StrEnum):
    """What is not proven. Those in `HOLES` leave a figure unknown or missing; the others rest on an assumption."""

    NO_ORIGIN = "no origin"
    NO_VALUE = "no value"
    NO_FEE_VALUE = "no fee value"
    NO_BASIS = "no basis"
    GAP = "gap"
    ASSUMED = "assumed"
    ASSUMED_DOLLAR = "assumed dollar"
    DAY_PRICE = "day price"
    PAIRED_BY_AMOUNT = "paired by amount"
    NO_DESTINATION = "no destination"
    NAMED_SHORT = "named short"
    YEAR_IN_UTC = "year in utc"
    TERM_IN_UTC = "term in utc"


HOLES = frozenset({DoubtKind.NO_ORIGIN, DoubtKind.NO_VALUE, DoubtKind.NO_FEE_VALUE, DoubtKind.NO_BASIS, DoubtKind.GAP})


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that is not proven, at which event, and how many units it concerns where that can be counted."""

    kind: DoubtKind
    event_id: EventId
    amount: Amount | None = None

    @property
    def is_hole(self) -> bool:
        """Whether a figure is unknown or missing because of it."""
        return self.kind in HOLES


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How the units of the first lot of a chain came in. Money in US dollars.

    `cost_basis` is the whole lot's, fees in (None: unknown); `value` and `fee` say how it was found.
    """

    event: Event
    beginning: Beginning
    quantity: Decimal
    cost_basis: Decimal | None
    value: Evidence
    fee: Evidence
    is_fee_in_basis: bool


@dataclass(frozen=True, slots=True)
class Use:
    """Units that one event drew from a lot, with their share of its basis.

    `disposal` has the proceeds, gain and term of a taxable use and is None for others. `next_lots` are the lots the
    units became. `event` is None for the allocation of 1 January 2025.
    """

    kind: UseKind
    event_id: EventId
    event: Event | None
    at: datetime
    quantity: Decimal
    cost_basis: Decimal | None
    disposal: Disposal | None = None
    next_lots: tuple[LotId, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """One lot of a chain from its beginning: what it held, what became of that, and what is left."""

    lot_id: LotId
    account: AccountId
    asset: Asset
    quantity: Decimal
    cost_basis: Decimal | None
    provenance: Provenance
    uses: tuple[Use, ...]
    left: Decimal
    cost_left: Decimal | None


@dataclass(frozen=True, slots=True)
class Passage:
    """How units of one lot of a chain became the next: `use` says which units, `arrived` what they are there.

    `move` is all that the event moved, units of other lots included; `arrival` is the deposit of a move that two
    events tell (`is_confirmed` where the user said so), and `fees` what was paid or burnt on the way.
    """

    use: Use
    arrived: Amount
    account: AccountId
    arrived_at: datetime
    move: Amount
    arrival: Event | None
    has_common_txid: bool
    is_confirmed: bool
    fees: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class LotStory:
    """A lot from where its units were first acquired to what is left of it. `passages` join the `chapters`."""

    lot: Lot
    acquisition: Acquisition
    chapters: tuple[Chapter, ...]
    passages: tuple[Passage, ...]
    doubts: tuple[Doubt, ...]

    @property
    def last(self) -> Chapter:
        """The lot that was asked for."""
        return self.chapters[-1]


class LotInLine(NamedTuple):
    """A lot as it stood in line when an event took units. `unit_cost` is in US dollars, None where unknown."""

    lot_id: LotId
    origin_id: EventId
    account: AccountId
    acquired_at: datetime
    unit_cost: Decimal | None


class PartTaken(NamedTuple):
    """Units that the event explained drew from one lot; `is_named` where it was identified for it."""

    lot: LotInLine
    use: Use
    is_named: bool


@dataclass(frozen=True, slots=True)
class TakeStory:
    """Units that an event took out of an account, which lots they came from, and why from these.

    `open_lots` counts the lots to choose from just before, `next_lot` is the one whose turn would have come next.
    `missing` units had no lot. `proceeds` is None where the units were not disposed of or nobody knows their value.
    `pool` says that lots of all accounts were one pool then.
    """

    kind: UseKind
    event: Event
    account: AccountId
    asset: Asset
    quantity: Decimal
    proceeds: Decimal | None
    value: Evidence
    fee: Evidence
    method: Method
    pool: bool
    named: tuple[NamedLot, ...]
    shorts: tuple[NamedShortfall, ...]
    open_lots: int
    parts: tuple[PartTaken, ...]
    next_lot: LotInLine | None
    missing: Decimal
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The story of the lots and of the event that a name stands for, with the source rows of every event in it."""

    name: str
    zone: ZoneInfo
    lots: tuple[LotStory, ...] = ()
    takes: tuple[TakeStory, ...] = ()
    sources: Mapping[EventId, tuple[SourceRow, ...]] = field(default_factory=dict)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Everything that is not proven, each once."""
        of_lots = [doubt for lot in self.lots for doubt in lot.doubts]
        of_takes = [doubt for take in self.takes for doubt in take.doubts]
        return tuple(dict.fromkeys(of_lots + of_takes))

    @property
    def has_holes(self) -> bool:
        """Whether a figure in it is unknown or missing."""
        return any(doubt.is_hole for doubt in self.doubts)

    def event_ids(self) -> tuple[EventId, ...]:
        """The events whose source rows the story names, each once."""
        named: dict[EventId, None] = {}
        for story in self.lots:
            named[story.acquisition.event.event_id] = None
            for passage in story.passages:
                ends = (passage.use.event, passage.arrival)
                named |= {end.event_id: None for end in ends if end is not None}
            named |= {use.event_id: None for use in story.last.uses if use.event is not None}
        named |= {take.event.event_id: None for take in self.takes}
        return tuple(named)
