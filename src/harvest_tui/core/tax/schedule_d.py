"""Schedule D: netting with carryovers, the yearly limit, the 28 % group, and what is carried forward. US dollars."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ZERO

_plus, _minus = EXACT.add, EXACT.subtract


class Results(NamedTuple):
    """The year's results as they come: losses negative, carryovers in positive, `long` without collectibles."""

    short: Decimal
    long: Decimal
    collectibles: Decimal
    carry_short: Decimal
    carry_long: Decimal


class Netted(NamedTuple):
    """Schedule D: `net_short` is line 7, `net_long` line 15, `both` line 16, `rate_28_gain` line 18.

    `allowed_loss` is line 21 as a positive figure; `in_income` is what Form 1040 takes over, gain or minus that loss.
    `preferred_gain` is the smaller of lines 15 and 16, where both are gains.
    """

    net_short: Decimal
    net_long: Decimal
    both: Decimal
    allowed_loss: Decimal
    in_income: Decimal
    preferred_gain: Decimal
    rate_28_gain: Decimal


class Carryover(NamedTuple):
    """Losses carried to the next year, positive; each keeps its character (IRC 1212(b))."""

    short: Decimal
    long: Decimal


def net(results: Results, limit: Decimal) -> Netted:
    """The year netted: carryovers count like losses of this year, at most `limit` of a net loss is deducted.

    IRC 1211(b), 1212(b), 1222; the 28 % group as on the 28 % Rate Gain Worksheet, where short-term losses and the
    long-term carryover come off first.
    """
    short, long, collectibles, carry_short, carry_long = results
    net_short = _minus(short, carry_short)
    net_long = _minus(_plus(long, collectibles), carry_long)
    both = _plus(net_short, net_long)
    allowed = min(both.copy_negate(), limit) if both < 0 else ZERO
    preferred = max(ZERO, min(net_long, both))
    group = ZERO
    if collectibles > 0 and preferred:
        group = max(ZERO, _plus(_minus(collectibles, carry_long), min(ZERO, net_short)))
    return Netted(
        net_short, net_long, both, allowed, allowed.copy_negate() if allowed else max(ZERO, both), preferred, group
    )


def carried_forward(year: Netted, taxable_income: Decimal) -> Carryover:
    """The Capital Loss Carryover Worksheet; `taxable_income` is signed, since a negative one uses up less.

    What is allowed eats short-term loss first; with taxable income at or below minus the allowance nothing is used.
    """
    used = min(year.allowed_loss, max(ZERO, _plus(taxable_income, year.allowed_loss)))
    short_loss = max(ZERO, year.net_short.copy_negate())
    long_loss = max(ZERO, year.net_long.copy_negate())
    short_gain, long_gain = max(ZERO, year.net_short), max(ZERO, year.net_long)
    used_on_long = max(ZERO, _minus(used, short_loss))
    return Carryover(
        max(ZERO, _minus(short_loss, _plus(used, long_gain))),
        max(ZERO, _minus(long_loss, _plus(short_gain, used_on_long))),
    )
