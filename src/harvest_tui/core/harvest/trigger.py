"""Harvest now or wait: the depth from which a loss is worth taking today rather than on a later day of the year.

A harvest does not give up the right to harvest again, but each costs a round trip. The threshold depends on the cost
over the benefit, on the volatility, and on the time to the last day on which a sale still counts.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import NamedTuple

from harvest_tui.core.money import ZERO, rounded

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
ROUGH = Context(prec=12, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
"""Twelve digits: far more than a fitted threshold has, and quick."""
_COARSE = Context(prec=4, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
"""Lots whose costs agree to four digits share one threshold, which is then computed once."""

ONE = Decimal(1)
_SCALE, _BY_SPREAD, _BY_COST = Decimal("-1.86"), Decimal("0.65"), Decimal("0.48")
_PLACES = 6


class Trigger(NamedTuple):
    """`depth` is the loss as a part of the basis, `threshold` the depth worth taking today; parts of one.

    `threshold` is None where no depth is worth it: the loss saves no more than it costs later.
    """

    depth: Decimal
    threshold: Decimal | None

    @property
    def is_due(self) -> bool:
        """Whether harvesting today beats waiting."""
        return self.threshold is not None and self.depth >= self.threshold


@lru_cache(maxsize=8192)
def threshold(cost_over_benefit: Decimal, volatility: Decimal, years: Decimal) -> Decimal:
    """The depth from which to harvest, rounded to six decimals.

    `cost_over_benefit` is the round trip as a part of the value over the benefit of a dollar of loss, `volatility`
    yearly, `years` the time to the last day that counts. A fit to the repeated problem solved by dynamic programming
    (driftless price, restart after each harvest; root mean square error 1.1 points of depth). On the last day it is
    where the loss repays the round trip.
    """
    k = max(ZERO, cost_over_benefit)
    if not k:
        return ZERO
    scale = ROUGH.add(ONE, k)
    spread = ROUGH.multiply(volatility, ROUGH.sqrt(max(ZERO, years)))
    waiting = ZERO
    if spread:
        powers = ROUGH.add(
            ROUGH.multiply(_BY_SPREAD, ROUGH.ln(spread)),
            ROUGH.multiply(_BY_COST, ROUGH.ln(k)),
        )
        waiting = ROUGH.subtract(ONE, ROUGH.exp(ROUGH.multiply(_SCALE, ROUGH.exp(powers))))
    return rounded(ROUGH.divide(ROUGH.add(k, waiting), scale), _PLACES)


def trigger(
    value: Decimal, basis: Decimal, cost: Decimal, benefit: Decimal, volatility: Decimal, years: Decimal
) -> Trigger:
    """Whether a lot's loss is deep enough today.

    `cost` is all that a harvest costs as a part of the value, `benefit` what a dollar of loss saves now less what it
    costs later.
    """
    depth = ZERO if basis <= 0 else rounded(ROUGH.divide(ROUGH.subtract(basis, value), basis), _PLACES)
    if benefit <= 0:
        return Trigger(depth, None)
    return Trigger(depth, threshold(_COARSE.divide(cost, benefit), volatility, years))
