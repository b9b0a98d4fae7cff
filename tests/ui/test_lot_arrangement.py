"""Rows in groups and their subtotals: every figure is that of its lots added up one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.ui.widgets.lot_arrangement import Arrangement, Wish, arrange, as_they_come
from harvest_tui.ui.widgets.lot_filter import parse_filter
from harvest_tui.ui.widgets.lot_order import LotOrder, Sorting
from harvest_tui.ui.widgets.lot_sums import Subtotal
from support.sample_portfolio import NOW, make_lot, make_portfolio, many_lots, quote, quotes_for, sample_lots

TEXTS = ["", "kraken", "short", "loss", "!loss", "value>1000", "days<200 c0", "zzz"]


def portfolio_of_many() -> Portfolio:
    """Lots of several assets an account, some without basis, one position without price."""
    unknown = [make_lot(9_000 + n, f"C{n:03d}", "kraken", "12.5", None, 40) for n in range(3)]
    lots = (*many_lots(900, 40), *unknown, make_lot(9_999, "NEW", "kraken", "3", "77.7", 10))
    return make_portfolio(lots, quotes_for(lots))


def group_name(lot: Lot, group: str) -> str:
    names = {"asset": lot.asset, "account": lot.account, "": ""}
    return names.get(group, "long" if lot.long_term_on <= NOW.date() else "short")


def added_up(lots: list[Lot], portfolio: Portfolio) -> Subtotal:
    """The slow way: lot by lot."""
    total = Subtotal()
    for lot in lots:
        value = portfolio.value_of(lot)
        is_known, is_priced = lot.cost_basis is not None, value.quote is not None
        total = Subtotal(
            total.lots + 1,
            EXACT.add(total.quantity, lot.quantity),
            EXACT.add(total.known_quantity, lot.quantity if is_known else Decimal(0)),
            EXACT.add(total.cost_basis, lot.cost_basis or Decimal(0)),
            EXACT.add(total.value, value.value or Decimal(0)),
            EXACT.add(total.unrealized, value.unrealized or Decimal(0)),
            EXACT.add(total.priced_cost, (lot.cost_basis or Decimal(0)) if is_priced else Decimal(0)),
            total.unpriced + (not is_priced),
            total.lacks_basis or not is_known,
        )
    return total


def lots_by_group(made: Arrangement, group: str, text: str, portfolio: Portfolio) -> dict[str, list[Lot]]:
    flat = arrange(made.order, Wish(parse_filter(text)), portfolio)
    groups: dict[str, list[Lot]] = {}
    for index in flat.rows:
        lot = made.order.lots[index]
        groups.setdefault(group_name(lot, group), []).append(lot)
    return groups


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("group", ["asset", "account", "term"])
def test_subtotals_are_those_of_the_lots_added_up(group: str, text: str) -> None:
    portfolio = portfolio_of_many()
    order = LotOrder(portfolio.ledger.lots)
    made = arrange(order, Wish(parse_filter(text), group=group), portfolio)
    groups = lots_by_group(made, group, text, portfolio)
    assert set(made.names) == set(groups)
    for name, subtotal in zip(made.names, made.tally.groups, strict=True):
        assert subtotal == added_up(groups[name], portfolio)
    everything = [lot for lots in groups.values() for lot in lots]
    assert made.tally.total == added_up(everything, portfolio)


@pytest.mark.parametrize("group", ["", "asset", "account", "term"])
def test_after_hundreds_of_prices_the_subtotals_are_still_exact(group: str) -> None:
    portfolio = portfolio_of_many()
    made = arrange(LotOrder(portfolio.ledger.lots), Wish(parse_filter("!eth"), group=group), portfolio)
    positions = made.order.positions
    quotes = dict(portfolio.quotes)
    for step in range(300):
        number = step * 7 % len(positions)
        account, asset = positions[number]
        if step % 50 == 49:
            del quotes[account, asset]
        else:
            quotes[account, asset] = quote(asset, f"{step * 13 % 997}.{step:08d}1")
        portfolio = portfolio.with_quotes(dict(quotes), NOW)
        made.tally.take(portfolio, {number})
    for name, lots in lots_by_group(made, group, "!eth", portfolio).items():
        subtotal = made.tally.groups[made.names.index(name)] if group else made.tally.total
        assert subtotal == added_up(lots, portfolio)


def test_a_tick_asks_nothing_of_positions_that_did_not_move() -> None:
    portfolio = portfolio_of_many()
    made = arrange(LotOrder(portfolio.ledger.lots), Wish(group="term"), portfolio)
    before = made.tally.total
    dearer = {key: value._replace(price=value.price * 2) for key, value in portfolio.quotes.items()}
    portfolio = portfolio.with_quotes(dearer, NOW)
    assert made.tally.take(portfolio, set()) == set()
    assert made.tally.total == before
    touched = made.tally.take(portfolio, {5})
    assert touched == {0, 1}
    assert made.tally.total != before


def test_groups_are_folded_at_first_and_opened_one_by_one_or_all_at_once() -> None:
    portfolio = make_portfolio()
    order = LotOrder(portfolio.ledger.lots)
    folded = arrange(order, Wish(group="asset"), portfolio)
    assert all(row < 0 for row in folded.rows) and len(folded.rows) == len(folded.names) == 12
    one = arrange(order, Wish(group="asset", opened=frozenset({"ETH"})), portfolio)
    here = one.rows.index(~one.names.index("ETH"))
    assert [order.lots[row].asset for row in one.rows[here + 1 : here + 4]] == ["ETH"] * 3
    assert len(one.rows) == 12 + 3
    every = arrange(order, Wish(group="asset", opens_all=True, opened=frozenset({"ETH"})), portfolio)
    assert len(every.rows) == 12 + 16 - 3


def test_groups_stand_in_the_order_of_their_subtotals_and_their_lots_in_that_of_their_own() -> None:
    portfolio = make_portfolio()
    order = LotOrder(portfolio.ledger.lots)
    made = arrange(order, Wish(sorting=Sorting("unrealized"), group="account", opens_all=True), portfolio)
    names = [made.names[~row] for row in made.rows if row < 0]
    subtotals = [made.tally.groups[made.names.index(name)].unrealized for name in names]
    assert subtotals == sorted(subtotals)
    first = made.rows[1 : made.rows.index(~made.names.index(names[1]))]
    gains = [portfolio.value_of(order.lots[row]).unrealized for row in first]
    assert gains == sorted(gains)  # type: ignore[type-var]
    turned = arrange(order, Wish(sorting=Sorting("value", True), group="asset"), portfolio)
    values = [turned.tally.groups[~row].value for row in turned.rows]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("descending", [False, True])
def test_a_group_whose_figure_is_unknown_comes_last_either_way(descending: bool) -> None:
    lots = (make_lot(90, "AAA", "kraken", "9000", "50", 33), *sample_lots())
    portfolio = make_portfolio(lots, quotes_for(sample_lots()))
    made = arrange(LotOrder(lots), Wish(sorting=Sorting("unrealized", descending), group="asset"), portfolio)
    assert made.names[~made.rows[-1]] == "AAA"


def test_before_a_large_portfolio_is_arranged_its_totals_are_told_already() -> None:
    portfolio = portfolio_of_many()
    made = as_they_come(LotOrder(portfolio.ledger.lots), portfolio)
    assert made.tally.total == added_up(list(portfolio.ledger.lots), portfolio)
    assert made.rows == list(range(len(portfolio.ledger.lots)))


@pytest.mark.parametrize("group", ["", "asset"])
def test_sums_that_follow_unasked_are_those_that_were_taken_at_every_tick(group: str) -> None:
    portfolio = portfolio_of_many()
    order = LotOrder(portfolio.ledger.lots)
    taking, following = (arrange(order, Wish(group=group), portfolio).tally for _ in range(2))
    quotes = dict(portfolio.quotes)
    for tick in range(30):
        moved = {tick % 7, (tick * 5) % len(order.positions)}
        for number in moved:
            key = order.positions[number]
            quotes[key] = quote(key[1], f"{90 + tick}.{number:02d}")
        portfolio = portfolio.with_quotes(dict(quotes), NOW)
        taking.take(portfolio, moved)
        following.follow(portfolio, moved)
    assert following.total == taking.total
    assert list(following.groups) == list(taking.groups)
