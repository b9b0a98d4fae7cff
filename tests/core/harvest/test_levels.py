"""Lots as levels of a price: what loses at it, against each lot looked at by itself."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.harvest.levels import levels_of
from support.lot_events import UTC_ZONE, at, buy, event, ledger
from support.sample_portfolio import make_lot


def test_the_lots_that_cost_more_than_the_price_lose_and_are_counted() -> None:
    lots = [
        make_lot(1, quantity="0.5", cost_basis="36110"),
        make_lot(2, quantity="0.25", cost_basis="15310"),
        make_lot(3, quantity="2", cost_basis="80000.02"),
        make_lot(4, quantity="1", cost_basis=None),
    ]
    levels = levels_of(lots, UTC_ZONE)
    assert [level.unit_cost for level in levels.levels] == [Decimal("40000.01"), 61_240, 72_220]
    assert levels.unknown == 1
    assert levels.losing_at(Decimal(61_240)) == (1, Decimal(5490))
    assert levels.losing_at(Decimal(61_239)) == (2, Decimal("5490.75"))
    assert levels.losing_at(Decimal(72_220)) == (0, 0)
    assert levels.losing_at(Decimal(30_000)) == (3, Decimal("36110") + Decimal("15310") + Decimal("80000.02") - 82_500)


def test_a_gift_has_its_level_where_its_loss_begins() -> None:
    given_lot = event("g1", "gift_in", 9, received=(2, "BTC"), acquired=1, cost_basis=50_000, value=30_000)
    levels = levels_of(ledger(given_lot, buy("b1", 3, 1, "ETH", 2000)).lots[:1], UTC_ZONE)
    assert [(level.unit_cost, level.since) for level in levels.levels] == [(15_000, at(9).date())]


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), max_size=30),
    st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100),
)
def test_a_bisection_tells_what_every_lot_tells(told: list[tuple[int, int]], price: Decimal) -> None:
    lots = [
        make_lot(number, quantity=str(Decimal(units) / 10_000), cost_basis=str(Decimal(cents) / 100))
        for number, (units, cents) in enumerate(told)
    ]
    losses = [lot.cost_basis - lot.quantity * price for lot in lots if lot.cost_basis is not None]
    losing = [loss for loss in losses if loss > 0]
    assert levels_of(lots, UTC_ZONE).losing_at(price) == (len(losing), sum(losing))
