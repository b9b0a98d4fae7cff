"""Exact decimal arithmetic on money and quantities, apart from any thread's ambient context."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

EXACT = Context(
    prec=120, rounding=ROUND_HALF_EVEN, Emin=-999, Emax=999, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact]
)
"""Add, subtract and multiply here: a result that would be rounded raises `Inexact`."""

ROUNDED = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Divide here, where the exact quotient has no end; good to 60 digits."""

ZERO = Decimal(0)
_PLAIN = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)


def parse_decimal(text: str) -> Decimal:
    """The exact value of a plain ASCII decimal such as `-1234.5` or `1.5e-7`.

    Raises:
        ValueError: the text is anything else (NaN, infinity, separators, other digits, huge exponents).
    """
    if len(text) > 90 or not _PLAIN.fullmatch(text):
        raise ValueError(f"not a plain decimal number: {text[:40]!r}")
    value = Decimal(text)
    if value and not -40 <= value.adjusted() <= 40:
        raise ValueError(f"out of range: {text[:40]!r}")
    return value


def plain(value: Decimal) -> str:
    """The value without exponent and without trailing zeros: `0.1`, `1200`, `-3.5`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def rounded(value: Decimal, places: int) -> Decimal:
    """The value to so many decimals, half to even, whatever the thread's own context says."""
    return value.quantize(Decimal((0, (1,), -places)), context=ROUNDED)


def split(total: Decimal, part: Decimal, whole: Decimal) -> tuple[Decimal, Decimal]:
    """`total` cut at `part`/`whole`: the two pieces always add up to `total` exactly.

    The first piece is rounded down to 18 decimals, so the residue stays with what is left.
    Raises ZeroDivisionError where `whole` is zero.
    """
    if not whole:
        raise ZeroDivisionError("cannot split over nothing")
    product = EXACT.scaleb(EXACT.multiply(total, part), 18)
    units = EXACT.divide_int(product, whole)
    # Whole division cuts towards zero, and a floor is wanted.
    if EXACT.multiply(units, whole) != product and (product < 0) != (whole < 0):
        units = EXACT.subtract(units, 1)
    first = EXACT.scaleb(units, -18)
    return first, EXACT.subtract(total, first)
