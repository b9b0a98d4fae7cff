"""The order in which lots go, where the binary floats that sort unit costs cannot tell two of them apart."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from harvest_tui.core.lots.books import Book
from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.lots.orders import ByUnitCost, Method
from harvest_tui.core.lots.postings import Open
from harvest_tui.core.records import AccountId, Asset, EventId

ACCOUNT, COIN = AccountId("w"), Asset("BTC")
SIGNS = {Method.HIFO: -1, Method.LOFO: 1}


def lot(number: int, units: int, cost: int | None) -> Open:
    """A lot of the day `number`, with all its units."""
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)
    made = Open(EventId(f"b{number}"), ACCOUNT, COIN, at, number, units, cost, Provenance.PROVEN)
    made.left = units
    return made


def drained(view: ByUnitCost) -> list[str]:
    """The lots as their turn comes, each used up."""
    names = []
    while (first := view.first()) is not None:
        names.append(str(first.lot_id))
        first.left = 0
    return names


@pytest.mark.parametrize("method", [Method.HIFO, Method.LOFO])
def test_unit_costs_that_are_one_float_are_told_apart_exactly(method):
    whole = 3 * 10**18
    lots = [lot(0, whole, 10**24 + 1), lot(1, whole, 10**24 + 2), lot(2, whole, 10**24), lot(3, whole, 10**24 + 2)]
    assert len({one.cost / one.units for one in lots}) == 1
    dearest = ["b1", "b3", "b0", "b2"]
    cheapest = ["b2", "b0", "b1", "b3"]
    assert drained(ByUnitCost(lots, SIGNS[method])) == (dearest if method is Method.HIFO else cheapest)


@pytest.mark.parametrize("method", [Method.HIFO, Method.LOFO])
@pytest.mark.parametrize("seed", range(40))
def test_lots_go_by_their_exact_unit_cost_then_by_age_and_unknown_ones_last(method, seed):
    random, sign = Random(seed), SIGNS[method]
    # Few sizes and costs a hair apart, so that floats collide and true ties happen.
    lots = [
        lot(
            number, random.choice((10**18, 3 * 10**18, 7)), random.choice((None, 0, 10**24, 10**24 + 1, 3 * 10**24 + 3))
        )
        for number in range(30)
    ]
    wanted = sorted(
        lots, key=lambda one: (one.cost is None, sign * Fraction(one.cost or 0, one.units), one.acquired_at)
    )
    view = ByUnitCost((), sign)
    for one in random.sample(lots, len(lots)):
        view.put(one)
    assert drained(view) == [one.lot_id for one in wanted]


def test_a_lot_put_in_twice_has_one_turn():
    lots = [lot(0, 5, 50), lot(1, 7, 70), lot(2, 5, 49)]
    view = ByUnitCost(lots, -1)
    for one in [*lots, *lots]:
        view.put(one)
    assert drained(view) == ["b0", "b1", "b2"]
    assert view.prices == []
    assert view.levels == {}


def test_lots_that_come_back_have_their_turn_again():
    lots = [lot(0, 5, 50), lot(1, 7, 70), lot(2, 5, 49)]
    view = ByUnitCost(lots, 1)
    assert drained(view) == ["b2", "b0", "b1"]
    for one in lots[:2]:
        one.left = one.units
    view.restore(lots[:2])
    assert drained(view) == ["b0", "b1"]


@pytest.mark.parametrize("method", list(Method))
def test_lots_of_one_instant_go_by_row_and_then_by_id_in_whatever_order_they_are_put(method):
    at = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [("x", 2), ("a", 2), ("m", 1)]
    book = Book(ACCOUNT, COIN)
    view = book.view(method)
    for name, row in rows:
        book.put(Open(EventId(name), ACCOUNT, COIN, at, row, 10, 100, Provenance.PROVEN))
    names = []
    while (first := view.first()) is not None:
        names.append(first.lot_id)
        first.left = 0
    oldest = ["m", "a", "x"]
    assert names == (oldest[::-1] if method is Method.LIFO else oldest)
