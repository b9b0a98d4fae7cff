"""Scaled integers: units and US dollars in steps of 10^-18, exact at any size."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.money import EXACT

PLACES = 18
ONE_UNIT = 10**PLACES
_multiply = EXACT.multiply
_UP, _STEP = Decimal(ONE_UNIT), Decimal((0, (1,), -PLACES))


def to_scaled(value: Decimal) -> int:
    """The value in steps of 10^-18; what is finer than that is cut off toward zero."""
    return int(_multiply(value, _UP))


def to_decimal(scaled: int) -> Decimal:
    """The exact value of a scaled integer, with all 18 places."""
    return _multiply(scaled, _STEP)


def share(total: int, before: int, part: int, whole: int) -> int:
    """What `part` gets of `total` when `before` of `whole` is gone already.

    Taking the difference of two floors makes the shares add up to `total` whatever the order and size of the parts.
    """
    return total * (before + part) // whole - total * before // whole
