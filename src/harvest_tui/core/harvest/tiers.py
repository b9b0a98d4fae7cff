"""Where a loss lands: gains of this year, the yearly deduction, planned gains, next year, or nothing at all."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.money import EXACT, ZERO


class Tier(StrEnum):
    """What a dollar of loss meets, best first; the value is how a person reads it."""

    GAINS = "offsets gains of this year"
    DEDUCTION = "is deducted from other income this year"
    PLANNED = "waits for gains planned this year"
    NEXT_YEAR = "is carried forward to what is expected next year"
    CARRIED = "saves nothing this year: it is carried forward"


class TierPart(NamedTuple):
    """So many dollars of the loss land there."""

    tier: Tier
    loss: Decimal


class TierBand(NamedTuple):
    """The tier of losses that bring the net result from `top` down to `floor`; None is without end."""

    tier: Tier
    top: Decimal | None
    floor: Decimal | None


def tier_bands(bill: ExpectedBill) -> tuple[TierBand, ...]:
    """The bands of the year's net result (carryovers taken off), best tier first; empty ones are left out."""
    planned = bill.planned.total if bill.planned.probability else ZERO
    following = ZERO
    if bill.next_year is not None and bill.next_year.probability:
        picture = bill.next_year.picture
        expected = EXACT.add(*picture.start)
        following = EXACT.add(max(ZERO, expected), picture.used_at_most)
    bands = [TierBand(Tier.GAINS, None, ZERO)]
    top = ZERO
    sizes = ((Tier.DEDUCTION, bill.this_year.loss_limit), (Tier.PLANNED, planned), (Tier.NEXT_YEAR, following))
    for tier, size in sizes:
        if size:
            bands.append(TierBand(tier, top, EXACT.subtract(top, size)))
            top = EXACT.subtract(top, size)
    return (*bands, TierBand(Tier.CARRIED, top, None))


def tier_parts(
    bill: ExpectedBill, short: Decimal, long: Decimal, loss: Decimal, bands: tuple[TierBand, ...] = ()
) -> tuple[TierPart, ...]:
    """How a further loss is spread over the tiers, given the year's results before it; nothing for a gain.

    `bands` are those of the bill, where they were found before.
    """
    if loss <= 0:
        return ()
    high = EXACT.add(*bill.this_year.net(short, long))
    low = EXACT.subtract(high, loss)
    parts = []
    for tier, top, floor in bands or tier_bands(bill):
        upper = high if top is None else min(high, top)
        lower = low if floor is None else max(low, floor)
        if upper > lower:
            parts.append(TierPart(tier, EXACT.subtract(upper, lower)))
    return tuple(parts)
