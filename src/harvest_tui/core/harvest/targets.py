"""What a harvest aims at: the limits on its total result."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from harvest_tui.core.harvest.options import Option
from harvest_tui.core.money import EXACT, ZERO


class Aim(Enum):
    """The word of the command line."""

    BEST = "best"
    OFFSET_GAINS = "offset-gains"
    MAX_DEDUCTION = "max-deduction"
    LOSS = "loss"
    GAIN = "gain"


@dataclass(frozen=True, slots=True)
class Target:
    """An aim with its amount in US dollars: of loss, of gain, or of the deduction limit; never below zero.

    `brought` is what the year's net result has less than the results of sales: losses carried in, less a gain on
    collectibles. Raises ValueError where the amount is below zero.
    """

    aim: Aim = Aim.BEST
    amount: Decimal = ZERO
    brought: Decimal = ZERO

    def __post_init__(self) -> None:
        """See the class."""
        if self.amount < 0:
            raise ValueError("the amount of a target is not below zero")

    def admits(self, option: Option) -> bool:
        """Whether a lot serves the aim: gains only for `best` and `gain`, losses for all but `gain`.

        A lot of a chain is never left out, since it may stand before one that serves.
        """
        change = option.short_gain or option.long_gain
        if self.aim is Aim.BEST or option.chain:
            return True
        return change > 0 if self.aim is Aim.GAIN else change < 0

    def limits(self, net: Decimal, deepest: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """The least and the most that the harvest may change the net result by.

        `net` are the year's results of sales so far, both terms together, `deepest` the lowest change that the lots can
        bring. Losses to `loss` are exactly the amount, or all there are where that is less.
        """
        if self.aim is Aim.BEST:
            return None, None
        if self.aim is Aim.GAIN:
            return ZERO, self.amount
        if self.aim is Aim.LOSS:
            exactly = max(deepest, EXACT.minus(self.amount))
            return exactly, exactly
        floor = EXACT.subtract(self.brought, ZERO if self.aim is Aim.OFFSET_GAINS else self.amount)
        return min(ZERO, EXACT.subtract(floor, net)), None


BEST = Target()
OFFSET_GAINS = Target(Aim.OFFSET_GAINS)
