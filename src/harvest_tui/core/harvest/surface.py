"""The year's tax bill as a function of the net short- and long-term result: what a harvest moves along."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol


class Edge(NamedTuple):
    """A line `short * s + long * l = at` (US dollars) along which the bill may bend."""

    short: int
    long: int
    at: Decimal


class TaxSurface(Protocol):
    """The bill at (s, l), the year's short- and long-term results in US dollars: the smaller, the better.

    It is continuous, and linear within each cell that `edges` cut the plane into. It may be lower than the tax itself,
    where it counts what a carryforward is expected to save later.
    """

    def at(self, short: Decimal, long: Decimal) -> Decimal:
        """The bill in US dollars, exact, unrounded."""
        ...

    def edges(self) -> Sequence[Edge]:
        """Every line along which it bends, and maybe some along which it does not."""
        ...
