"""How small a sale an exchange takes, and in which steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from harvest_tui.core.money import EXACT, ROUNDED, ZERO


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """The exchange's own limits on an order that sells an asset on `market` (`BTC/USD`) for dollars or a stablecoin.

    `step` and `least_quantity` are units of the asset, `least_cost` is in the market's currency, where a stablecoin
    counts as a dollar. None: the exchange tells no such limit.
    """

    step: Decimal | None
    least_quantity: Decimal | None
    least_cost: Decimal | None
    market: str = ""

    def in_steps(self, quantity: Decimal) -> Decimal:
        """The most units up to `quantity` that one order can name: whole steps, what is left over cannot be sold."""
        if self.step is None or quantity <= 0:
            return max(quantity, ZERO)
        steps = ROUNDED.divide_int(quantity, self.step)
        return EXACT.multiply(steps, self.step)

    def least_units(self, price: Decimal) -> Decimal:
        """The fewest units one order may sell at `price` in US dollars a unit: a whole number of steps.

        Raises ValueError for a price that is not above zero.
        """
        if price <= 0:
            raise ValueError("a least order is counted at a price above zero")
        least = self.least_quantity or ZERO
        if self.least_cost is not None:
            least = max(least, ROUNDED.divide(self.least_cost, price))
        if self.step is None:
            return least
        whole = self.in_steps(least)
        return whole if whole >= least else EXACT.add(whole, self.step)

    def takes(self, quantity: Decimal, price: Decimal) -> bool:
        """Whether an order for `quantity`, cut to whole steps, is large enough at `price` in US dollars a unit."""
        units = self.in_steps(quantity)
        if units <= 0 or (self.least_quantity is not None and units < self.least_quantity):
            return False
        return self.least_cost is None or ROUNDED.multiply(units, price) >= self.least_cost
