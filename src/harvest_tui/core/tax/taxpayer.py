"""Who is taxed, and on what: the figures a return is computed from. US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from harvest_tui.core.money import ZERO


class FilingStatus(StrEnum):
    """Filing statuses of Form 1040."""

    SINGLE = "single"
    MARRIED_JOINT = "married_joint"
    MARRIED_SEPARATE = "married_separate"
    HEAD_OF_HOUSEHOLD = "head_of_household"
    QUALIFYING_SURVIVING_SPOUSE = "qualifying_surviving_spouse"


@dataclass(frozen=True, slots=True)
class TaxInputs:
    """A year of one return; money in US dollars, losses negative, carryovers in as positive losses.

    `collectibles_gain` is long-term and not part of `long_gain` (IRC 1(h)(4)-(5)).
    """

    year: int
    status: FilingStatus
    wages: Decimal = ZERO
    interest: Decimal = ZERO
    qualified_dividends: Decimal = ZERO
    short_gain: Decimal = ZERO
    long_gain: Decimal = ZERO
    collectibles_gain: Decimal = ZERO
    carry_short: Decimal = ZERO
    carry_long: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class FederalReturn:
    """The return computed from `TaxInputs`, in US dollars and exact cents.

    `net_short` and `net_long` are Schedule D lines 7 and 15 (carryovers included), `capital_gain_or_loss` is line 16
    or, where negative, minus the allowed loss of line 21; `allowed_loss` is positive.
    """

    year: int
    status: FilingStatus
    adjusted_gross_income: Decimal
    taxable_income: Decimal
    net_short: Decimal
    net_long: Decimal
    capital_gain_or_loss: Decimal
    allowed_loss: Decimal
    regular_tax: Decimal
    alternative_minimum_tax: Decimal
    net_investment_income_tax: Decimal
    total_tax: Decimal
    carry_short_out: Decimal
    carry_long_out: Decimal
