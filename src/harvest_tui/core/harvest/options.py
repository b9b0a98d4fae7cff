"""What may be sold: one lot, what its sale changes and costs, and the limits of its venue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import repeat
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ROUNDED, ZERO

Exact = int | Fraction
"""An exact number; a whole one is kept as `int` wherever it can be, since that is ten times as fast."""

NOTHING = Fraction(0)


class Option(NamedTuple):
    """One lot that may be sold whole, in part or not at all; every figure is in US dollars for the whole lot.

    A gain or loss has one term, so one of `short_gain` and `long_gain` is zero; a loss is negative. `cost` is
    whatever the sale costs apart from this year's tax, and is negative where it is a benefit.
    """

    lot_id: str
    short_gain: Decimal
    long_gain: Decimal
    cost: Decimal
    rank: int = 0
    """Among equally good lots the lower rank is sold first (its age, say), then the lower lot id."""
    least: Fraction = NOTHING
    """The smallest part that the venue takes as an order."""
    charge: Decimal = ZERO
    """Paid once if any part is sold."""
    chain: str = ""
    """Lots of one chain are used up in the order of `place`: one is open to sale once all before it are sold whole."""
    place: int = 0


def ratio(over: Exact, under: Exact) -> Exact:
    """The exact quotient, whole where it is whole. Raises ZeroDivisionError where `under` is zero."""
    if isinstance(over, int) and isinstance(under, int):
        whole, rest = divmod(over, under)
        return Fraction(over, under) if rest else whole
    quotient: Fraction = over / under  # type: ignore[assignment]  # one of them is a Fraction, so this is one
    return quotient.numerator if quotient.denominator == 1 else quotient


class Scale(NamedTuple):
    """Dollars as whole numbers of a small unit, `10**-places` dollars."""

    places: int

    def of(self, dollars: Decimal) -> Exact:
        """The number of units in an amount."""
        units = EXACT.scaleb(dollars, self.places)
        whole = int(units)
        return whole if units == whole else Fraction(units)

    def all_of(self, dollars: Sequence[Decimal]) -> list[int]:
        """The units of amounts that all fit this scale."""
        return list(map(int, map(EXACT.scaleb, dollars, repeat(self.places))))

    def dollars(self, units: Exact) -> Decimal:
        """The amount, exact where it ends within 60 digits, else rounded to them."""
        if isinstance(units, int):
            return EXACT.scaleb(Decimal(units), -self.places)
        # Where the fraction is a finite decimal its quotient has at most 60 digits in practice, and is exact.
        return ROUNDED.divide(Decimal(units.numerator), EXACT.scaleb(Decimal(units.denominator), self.places))


def fitting(amounts: Iterable[Decimal]) -> int:
    """The decimals that hold every amount exactly."""
    return places_of(reduce(EXACT.add, amounts, ZERO))


def places_of(amount: Decimal) -> int:
    """The decimals an amount is written with. An exact sum carries as many as the finest of its terms."""
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
