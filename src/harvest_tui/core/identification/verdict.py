"""The verdict on each recorded lot: sold as identified, or what came of it instead. Every unit is judged once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from harvest_tui.core.identification.consumption import Part
from harvest_tui.core.identification.record import RecordedLot
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import AccountId, EventId

_plus, _minus = EXACT.add, EXACT.subtract


class Outcome(StrEnum):
    """What came of a recorded lot."""

    WAITING = "waiting"
    PARTLY_SOLD = "partly sold"
    AS_IDENTIFIED = "as identified"
    SOLD_MORE = "sold more than recorded"
    SOLD_LESS = "sold less than recorded"
    SOLD_BEFORE = "sold before the record"
    WRONG_ACCOUNT = "sold in another account"
    EATEN = "eaten by another order"
    FELL_TO_METHOD = "fell to the account's method"
    LOT_GONE = "the lot is not in the history"
    REVOKED = "revoked"


class Culprit(NamedTuple):
    """An event that took, or stands in for, `quantity` units of what was recorded."""

    event_id: EventId
    account: AccountId
    at: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a record as it stands today; `lot` is what was recorded. Money in US dollars, None where unknown.

    `identified` + `strayed` + `lost` + `revoked` + `left` is what was recorded: sold from the lot, sold from other lots
    in its place, gone from the lot without a sale under the record, taken back, still to sell. `beyond` was sold on
    top. `parts` are the lots really consumed. `promised` is the gain of the units sold at the quote seen, before fees;
    `obtained` what it came to, after fees; `slippage` the difference of the price alone, a worse price below zero, and
    `slippage_rate` its part of the value at the quote.
    """

    record: int
    line: int
    lot: RecordedLot
    outcome: Outcome
    identified: Decimal = ZERO
    strayed: Decimal = ZERO
    lost: Decimal = ZERO
    revoked: Decimal = ZERO
    left: Decimal = ZERO
    beyond: Decimal = ZERO
    parts: tuple[Part, ...] = ()
    beyond_parts: tuple[Part, ...] = ()
    culprits: tuple[Culprit, ...] = ()
    promised: Decimal | None = None
    obtained: Decimal | None = None
    value: Decimal | None = None
    slippage: Decimal | None = None
    slippage_rate: Decimal | None = None
    fees: Decimal | None = None
    method: str = ""
    too_close: tuple[EventId, ...] = ()
    """Sales within a second of the record: they are judged by the times told, and those may be off by as much."""
    is_bound: bool = True
    """False where a sale came under the record and the broker had to be told, which nobody says it was."""

    @property
    def sold(self) -> Decimal:
        """Units sold under the record."""
        return _plus(self.identified, self.strayed)

    @property
    def proceeds(self) -> Decimal | None:
        """Cash of the units sold, net of fees; None where it is not known of all."""
        if self.value is None or self.fees is None:
            return None
        return _minus(self.value, self.fees)

    @property
    def sold_at(self) -> tuple[datetime, datetime] | None:
        """The time of the first and of the last fill; None before there is one."""
        times = [part.sold_at for part in self.parts]
        return (min(times), max(times)) if times else None
