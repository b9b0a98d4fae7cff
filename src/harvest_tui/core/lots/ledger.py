"""What matching events gives: open lots, disposals, and everything that could not be proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar, overload

from harvest_tui.core.money import EXACT
from harvest_tui.core.records import AccountId, Asset, EventId, LotId

Value = TypeVar("Value")


class Lazy(Sequence[Value], Generic[Value]):
    """A tuple that is made when somebody first looks into it; it equals and hashes as that tuple.

    `make` must always give the same values, whenever it is called.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], tuple[Value, ...]]) -> None:
        self._make: Callable[[], tuple[Value, ...]] | None = make
        self._made: tuple[Value, ...] = ()

    def _all(self) -> tuple[Value, ...]:
        make = self._make
        if make is not None:
            self._made = make()
            self._make = None
        return self._made

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Value, ...]: ...
    def __getitem__(self, index: int | slice) -> Value | tuple[Value, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Value]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Lazy):
            return self._all() == other._all()
        return self._all() == other

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


class Provenance(StrEnum):
    """Where a lot's basis comes from."""

    PROVEN = "proven"
    TRANSFERRED = "transferred"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


class Term(StrEnum):
    """Short-term is held one year or less, long-term more than one year (IRC 1222)."""

    SHORT = "short"
    LONG = "long"


class Lot(NamedTuple):
    """Units of one asset in one account with one acquisition time and total basis in US dollars.

    A named tuple, since a home of 100,000 lots makes that many at every start: a frozen dataclass takes five times as
    long to make.

    `cost_basis` is None where nothing proves it. `long_term_on` is the first tax day on which a sale
    is long-term. `loss_basis` is the lower value a loss on a gift is measured from (IRC 1015(a)), and
    `loss_acquired_at` the time of the gift, from which the holding period of such a loss runs.
    """

    lot_id: LotId
    origin_id: EventId
    account: AccountId
    asset: Asset
    acquired_at: datetime
    long_term_on: date
    quantity: Decimal
    cost_basis: Decimal | None
    provenance: Provenance
    loss_basis: Decimal | None = None
    loss_acquired_at: datetime | None = None


class Disposal(NamedTuple):
    """A part of one lot that was disposed of. Money in US dollars; None where no price is known.

    `provenance` is the lot's: where the basis comes from.
    """

    event_id: EventId
    lot_id: LotId
    origin_id: EventId
    account: AccountId
    asset: Asset
    acquired_at: datetime
    disposed_at: datetime
    quantity: Decimal
    proceeds: Decimal | None
    cost_basis: Decimal | None
    term: Term
    provenance: Provenance = Provenance.PROVEN

    @property
    def gain(self) -> Decimal | None:
        """Proceeds less basis in US dollars; None where either is unknown."""
        if self.proceeds is None or self.cost_basis is None:
            return None
        return EXACT.subtract(self.proceeds, self.cost_basis)


class BasisGap(NamedTuple):
    """`quantity` units left the account by `event_id` with no lot to cover them."""

    account: AccountId
    asset: Asset
    quantity: Decimal
    at: datetime
    event_id: EventId


class NamedShortfall(NamedTuple):
    """`quantity` units identified from the lot of `origin_id` were not there to be taken when the event came.

    The units themselves came from other lots, or are a gap. A row of an allocation table that the account had no room
    for, or the lot no units, is named `ACCOUNT:allocation`.
    """

    event_id: EventId
    account: AccountId
    asset: Asset
    origin_id: EventId
    quantity: Decimal
    at: datetime


class Unpriced(NamedTuple):
    """An event whose US-dollar value nobody told: its lot has unknown basis or its proceeds are unknown."""

    event_id: EventId
    account: AccountId
    asset: Asset
    at: datetime


class UnmatchedMove(NamedTuple):
    """A deposit or withdrawal whose other end was not found in the own accounts."""

    event_id: EventId
    account: AccountId
    asset: Asset
    quantity: Decimal
    at: datetime
    is_deposit: bool


class Mismatch(NamedTuple):
    """The exchange's balance differs from the sum of lots; `causes` are the likely reasons, best first."""

    account: AccountId
    asset: Asset
    held: Decimal
    in_lots: Decimal
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything derived from the events alone, in order of time. `lots` are ordered by acquisition.

    `disposals` may be made when they are first looked at: most readers only want the lots.
    """

    lots: Sequence[Lot] = ()
    disposals: Sequence[Disposal] = ()
    gaps: tuple[BasisGap, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    unmatched: tuple[UnmatchedMove, ...] = ()
    named_shortfalls: tuple[NamedShortfall, ...] = ()
