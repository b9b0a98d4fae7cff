"""The order of rows for each column, with unknown figures last either way."""

from __future__ import annotations

import pytest

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.ui.widgets.lot_columns import COLUMNS
from harvest_tui.ui.widgets.lot_order import LotOrder, Sorting
from support.sample_portfolio import make_lot, make_portfolio, many_lots, quotes_for, sample_lots


def exact_key(column: str, lot: Lot, portfolio: Portfolio) -> object:
    value = portfolio.value_of(lot)
    return {
        "account": lot.account,
        "asset": lot.asset,
        "acquired": lot.acquired_at,
        "held": -lot.acquired_at.timestamp(),
        "quantity": lot.quantity,
        "unit_cost": value.unit_cost,
        "cost_basis": lot.cost_basis,
        "price": value.quote and value.quote.price,
        "value": value.value,
        "unrealized": value.unrealized,
        "percent": value.unrealized_percent,
        "term": -lot.long_term_on.toordinal(),
    }[column]


@pytest.mark.parametrize("column", [column.key for column in COLUMNS])
@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_ordered_as_the_exact_figures_are(column: str, descending: bool) -> None:
    portfolio = make_portfolio()
    lots = portfolio.ledger.lots
    rows = LotOrder(lots).ordered(Sorting(column, descending), portfolio)
    expected = sorted(range(len(lots)), key=lambda row: exact_key(column, lots[row], portfolio), reverse=descending)
    assert rows == expected


@pytest.mark.parametrize("column", ["price", "value", "unrealized", "percent", "unit_cost", "cost_basis"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_lot_whose_figure_is_unknown_comes_last_either_way(column: str, descending: bool) -> None:
    unknown = make_lot(90, "WEIRD", "kraken", "9000", None, 33)
    lots = (unknown, *sample_lots())
    portfolio = make_portfolio(lots, quotes_for(sample_lots()))
    assert LotOrder(lots).ordered(Sorting(column, descending), portfolio)[-1] == 0


def test_a_free_lot_has_no_percentage_and_does_not_divide_by_zero() -> None:
    free = make_lot(91, "BTC", "kraken", "0.1", "0", 33)
    lots = (free, *sample_lots())
    assert LotOrder(lots).ordered(Sorting("percent"), make_portfolio(lots))[-1] == 0


@pytest.mark.parametrize("column", ["unrealized", "asset", "held"])
@pytest.mark.parametrize("descending", [False, True])
def test_thousands_of_lots_are_in_order_too_and_equal_ones_in_ledger_order(column: str, descending: bool) -> None:
    portfolio = make_portfolio(many_lots(26_000))
    lots = portfolio.ledger.lots
    rows = LotOrder(lots).ordered(Sorting(column, descending), portfolio)
    expected = sorted(range(len(lots)), key=lambda row: exact_key(column, lots[row], portfolio), reverse=descending)
    assert rows == expected
