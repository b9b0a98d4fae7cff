"""Whole steps and smallest orders: what one sale can name, and when it is too small."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harvest_tui.core.harvest.order_limits import OrderLimits

KRAKEN = OrderLimits(Decimal("0.00000001"), Decimal("0.0001"), Decimal("0.5"), "BTC/USD")
COARSE = OrderLimits(Decimal("0.03"), Decimal("0.1"), Decimal("5"), "DOGE/USD")
NONE = OrderLimits(None, None, None)


@pytest.mark.parametrize(
    ("held", "units"),
    [("0.1", "0.09"), ("0.09", "0.09"), ("0.0899999999999999999999999999999", "0.06"), ("0.02", "0"), ("-4", "0")],
)
def test_an_order_names_whole_steps_and_the_rest_stays(held: str, units: str) -> None:
    assert COARSE.in_steps(Decimal(held)) == Decimal(units)


def test_without_a_step_every_unit_can_be_named() -> None:
    wei = Decimal("123456789.123456789012345678")
    assert (NONE.in_steps(wei), NONE.least_units(Decimal(3))) == (wei, 0)
    assert KRAKEN.in_steps(wei) == Decimal("123456789.12345678")


@pytest.mark.parametrize(
    ("price", "least"),
    [
        ("80000", "0.0001"),  # $0.50 is less than the least quantity
        ("2500", "0.0002"),  # $0.50 to the unit
        ("2499.999", "0.00020001"),  # a hair more than 0.0002, up to the next step
        ("0.03", "16.66666667"),
    ],
)
def test_the_least_order_is_the_larger_of_quantity_and_cost_in_whole_steps(price: str, least: str) -> None:
    assert KRAKEN.least_units(Decimal(price)) == Decimal(least)


def test_a_least_quantity_between_two_steps_is_the_upper_one() -> None:
    assert COARSE.least_units(Decimal(1_000)) == Decimal("0.12")


@pytest.mark.parametrize(
    ("held", "price", "is_taken"),
    [
        ("0.0001", "90000", True),
        ("0.00009999", "90000", False),
        ("0.0002", "2499.99", False),
        ("0.00020000999", "2499.99", False),  # cut to its steps it is worth too little
        ("0.00020001", "2499.99", True),
        ("0", "2499.99", False),
        ("7", "0", False),
    ],
)
def test_an_order_is_taken_from_its_least_size_on(held: str, price: str, is_taken: bool) -> None:
    assert KRAKEN.takes(Decimal(held), Decimal(price)) is is_taken


def test_where_no_limit_is_told_any_sale_but_none_is_taken() -> None:
    assert NONE.takes(Decimal("0.000000000000000001"), Decimal("0.01"))
    assert not NONE.takes(Decimal(0), Decimal("0.01"))


@pytest.mark.parametrize("price", ["0", "-2"])
def test_a_least_order_needs_a_price(price: str) -> None:
    with pytest.raises(ValueError, match="above zero"):
        KRAKEN.least_units(Decimal(price))
