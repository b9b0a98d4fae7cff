"""What comes back later: the rates at which the coins will be taxed when they are sold, and what time takes off."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.year_picture import YearPicture
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax.profile import Profile

RATE_PLACES = 8
"""Rates and discounts are rounded once, to so many decimals; all that is made of them is exact."""

_LEAST = Decimal(1000)
USUAL = Decimal("0.15")
"""The long-term rate of most people: the least that is reckoned with where income is not told."""


class LaterRates(NamedTuple):
    """Parts of one. `short` and `long` tax a gain made by the sale of the coins; `discount` is what a dollar of that
    tax costs today; `lost_by_state` is the part of `long` that a carryforward does not offset."""

    short: Decimal
    long: Decimal
    discount: Decimal
    lost_by_state: Decimal = ZERO

    @property
    def owed_per_dollar(self) -> Decimal:
        """Today's worth of the tax on a dollar of basis that the harvest gives up."""
        return EXACT.multiply(self.long, self.discount)

    @property
    def covered_per_dollar(self) -> Decimal:
        """The same for a dollar of loss carried forward that meets the very gain which the lower basis makes."""
        return EXACT.multiply(EXACT.subtract(self.long, self.lost_by_state), self.discount)


def discount(rate: Decimal, years: Decimal) -> Decimal:
    """What a dollar due in so many years costs today at that yearly rate: exp(-rate * years), rounded once."""
    return rounded(ROUNDED.exp(EXACT.minus(EXACT.multiply(rate, years))), RATE_PLACES)


def later_rates(profile: Profile, sale_year: YearPicture, amount: Decimal) -> LaterRates:
    """The rates on `amount` dollars more of gain in the year of the sale, state tax in.

    A long-term rate that the user told is taken as told; without any income told it is at least 15 %. `sale_year`
    stands for the year in which the coins are sold.
    """
    more = max(amount, _LEAST)
    told, state = profile.later_rate, profile.state_rate
    long = _average(sale_year, ZERO, more) if told is None else told
    if told is None and profile.wages is None and profile.next_wages is None:
        long = max(long, EXACT.add(USUAL, state))
    return LaterRates(
        short=max(long, _average(sale_year, more, ZERO)),
        long=long,
        discount=rounded(
            EXACT.multiply(
                discount(profile.discount_rate, profile.years_until_sale),
                EXACT.subtract(Decimal(1), profile.never_sold),
            ),
            RATE_PLACES,
        ),
        lost_by_state=ZERO if profile.state_allows_carryover else min(state, long),
    )


def _average(picture: YearPicture, short: Decimal, long: Decimal) -> Decimal:
    start_short, start_long = picture.start
    before = picture.settle(start_short, start_long).tax
    after = picture.settle(EXACT.add(start_short, short), EXACT.add(start_long, long)).tax
    return rounded(ROUNDED.divide(EXACT.subtract(after, before), EXACT.add(short, long)), RATE_PLACES)
