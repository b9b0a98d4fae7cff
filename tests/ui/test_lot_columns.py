"""Which columns fit which screen."""

from __future__ import annotations

from itertools import pairwise

import pytest

from harvest_tui.core.records import AccountId, Asset
from harvest_tui.ui.widgets.lot_columns import COLUMNS, Measures, lay_out, measure, width_of
from support.sample_portfolio import make_lot, make_portfolio, quote


def keys(width: int, measures: Measures) -> list[str]:
    return [place.column.key for place in lay_out(width, measures)]


def test_a_screen_of_140_shows_every_column() -> None:
    assert keys(139, measure(make_portfolio())) == [column.key for column in COLUMNS]


def test_a_screen_of_80_keeps_what_one_decides_by() -> None:
    assert keys(79, measure(make_portfolio())) == [
        "account", "asset", "held", "quantity", "price", "unrealized", "percent",
    ]  # fmt: skip


def test_columns_give_way_in_one_fixed_order() -> None:
    measures = measure(make_portfolio())
    gone: list[str] = []
    for width in range(160, 20, -1):
        missing = {column.key for column in COLUMNS} - set(keys(width, measures))
        assert missing.issuperset(gone)
        gone += sorted(missing - set(gone), key=lambda key: next(c.gives_way for c in COLUMNS if c.key == key))
    assert gone == [
        "term", "acquired", "unit_cost", "value", "cost_basis", "quantity", "price", "account", "held",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [79, 99, 120, 139, 200])
def test_what_is_laid_out_fits_and_does_not_overlap(width: int) -> None:
    placed = lay_out(width, measure(make_portfolio()))
    assert width_of(placed) <= width
    assert all(left.x + left.width < right.x for left, right in pairwise(placed))


def test_a_price_far_below_a_cent_gets_the_decimals_it_needs() -> None:
    lot = make_lot(1, "PEPE", "kraken", "5000000", "60", 20)
    key = (AccountId("kraken"), Asset("PEPE"))
    measures = measure(make_portfolio([lot], {key: quote("PEPE", "0.00001234")}))
    assert measures.price_places == 8
    assert measures.quantity_whole == len("5,000,000")


def test_all_columns_on_request_are_wider_than_the_screen() -> None:
    placed = lay_out(79, measure(make_portfolio()), show_all=True)
    assert [place.column.key for place in placed] == [column.key for column in COLUMNS]
    assert width_of(placed) > 79


@pytest.mark.parametrize("width", [60, 79, 99, 139])
def test_no_title_of_a_figure_is_cut_though_there_are_no_lots(width: int) -> None:
    for place in lay_out(width, measure(make_portfolio(()))):
        assert place.width >= len(place.column.title), place.column.key
        assert not place.places or place.whole + 1 + place.places <= place.width
