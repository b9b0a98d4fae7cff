"""A driftless lognormal price: the exact comparison of harvesting today with harvesting on one later day."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from harvest_tui.core.money import ZERO

FINE = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Fifty digits: the series of the normal distribution loses about half of them far out."""

_TAIL = Decimal(12)
_HALF = Decimal("0.5")
_ROOT_OF_TWO_PI = FINE.sqrt(Decimal("6.2831853071795864769252867665590057683943387987502"))


def normal(x: Decimal) -> Decimal:
    """The chance that a standard normal variable is below x; 0 or 1 beyond twelve deviations."""
    if x.copy_abs() > _TAIL:
        return ZERO if x < 0 else Decimal(1)
    square = FINE.multiply(x, x)
    term = total = x
    number = 1
    while term and FINE.add(total, term) != total:
        number += 2
        term = FINE.divide(FINE.multiply(term, square), Decimal(number))
        total = FINE.add(total, term)
    density = FINE.divide(FINE.exp(FINE.multiply(FINE.minus(square), _HALF)), _ROOT_OF_TWO_PI)
    return FINE.fma(density, total, _HALF)


def _distances(price: Decimal, strike: Decimal, spread: Decimal) -> tuple[Decimal, Decimal]:
    upper = FINE.fma(spread, _HALF, FINE.divide(FINE.ln(FINE.divide(price, strike)), spread))
    return upper, FINE.subtract(upper, spread)


def call(price: Decimal, strike: Decimal, spread: Decimal) -> Decimal:
    """Expectation of what the later price exceeds the strike by; `spread` is volatility times the root of the years."""
    if not spread:
        return max(ZERO, FINE.subtract(price, strike))
    upper, lower = _distances(price, strike, spread)
    return FINE.subtract(FINE.multiply(price, normal(upper)), FINE.multiply(strike, normal(lower)))


def expected_between(price: Decimal, low: Decimal, high: Decimal, spread: Decimal) -> Decimal:
    """Expectation of the later price where it lies between the two, else nothing."""
    if not spread:
        return price if low < price < high else ZERO
    above_low, _ = _distances(price, low, spread)
    above_high, _ = _distances(price, high, spread)
    return FINE.multiply(price, FINE.subtract(normal(above_low), normal(above_high)))


def gain_of_acting_today(value: Decimal, basis: Decimal, benefit: Decimal, cost: Decimal, spread: Decimal) -> Decimal:
    """What harvesting today is worth more than harvesting once, on the last day; in the unit of `value`.

    Acting early earns a call spread between today's value and the basis: the loss is kept though the price recovers. It
    pays a round trip on today's value, and spares that of the last day where the price ends between the two.
    """
    early = FINE.subtract(call(value, value, spread), call(value, basis, spread))
    paid = FINE.subtract(value, expected_between(value, value, basis, spread))
    return FINE.subtract(FINE.multiply(benefit, early), FINE.multiply(cost, paid))
