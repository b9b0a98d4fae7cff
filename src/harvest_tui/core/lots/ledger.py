"""What matching events gives: open lots, disposals, and everything that could not be proven."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from harvest_tui.core.records import AccountId, Asset, EventId, LotId


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


@dataclass(frozen=True, slots=True)
class Lot:
    """Units of one asset in one account with one acquisition time and total basis in US dollars.

    `cost_basis` is None where nothing proves it. `long_term_on` is the first tax day on which a sale
    is long-term. `loss_basis` is the lower value a loss on a gift is measured from (IRC 1015(a)).
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


@dataclass(frozen=True, slots=True)
class Disposal:
    """A part of one lot that was disposed of. Money in US dollars; None where no price is known."""

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

    @property
    def gain(self) -> Decimal | None:
        """Proceeds less basis in US dollars; None where either is unknown."""
        if self.proceeds is None or self.cost_basis is None:
            return None
        from harvest_tui.core.money import EXACT

        return EXACT.subtract(self.proceeds, self.cost_basis)


@dataclass(frozen=True, slots=True)
class BasisGap:
    """`quantity` units left the account by `event_id` with no lot to cover them."""

    account: AccountId
    asset: Asset
    quantity: Decimal
    at: datetime
    event_id: EventId


@dataclass(frozen=True, slots=True)
class Unpriced:
    """An event whose US-dollar value nobody told: its lot has unknown basis or its proceeds are unknown."""

    event_id: EventId
    account: AccountId
    asset: Asset
    at: datetime


@dataclass(frozen=True, slots=True)
class UnmatchedMove:
    """A deposit or withdrawal whose other end was not found in the own accounts."""

    event_id: EventId
    account: AccountId
    asset: Asset
    quantity: Decimal
    at: datetime
    is_deposit: bool


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The exchange's balance differs from the sum of lots; `causes` are the likely reasons, best first."""

    account: AccountId
    asset: Asset
    held: Decimal
    in_lots: Decimal
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything derived from the events alone, in order of time."""

    lots: tuple[Lot, ...] = ()
    disposals: tuple[Disposal, ...] = ()
    gaps: tuple[BasisGap, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    unmatched: tuple[UnmatchedMove, ...] = ()
