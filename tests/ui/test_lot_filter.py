"""What is typed to see fewer lots, against the exact figures of each lot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import LotValue, Portfolio
from harvest_tui.ui.widgets.lot_cells import acquired_on
from harvest_tui.ui.widgets.lot_filter import EVERYTHING, LotFilter, parse_filter, seen_lots
from harvest_tui.ui.widgets.lot_order import LotOrder
from support.sample_portfolio import NOW, make_lot, make_portfolio, quotes_for, sample_lots, troubled_portfolio

TODAY = NOW.date()


def seen(text: str, portfolio: Portfolio) -> list[int]:
    return list(seen_lots(parse_filter(text), LotOrder(portfolio.ledger.lots), portfolio).rows)


def gain(value: LotValue) -> Decimal:
    return Decimal(0) if value.unrealized is None else value.unrealized


def is_long(lot: Lot) -> bool:
    return lot.long_term_on <= TODAY


CASES: list[tuple[str, Callable[[Lot, LotValue], bool]]] = [
    ("eth", lambda lot, _: lot.asset == "ETH"),
    ("ETH kraken", lambda lot, _: lot.asset == "ETH" and lot.account == "kraken"),
    ("coin", lambda lot, _: lot.account == "coinbase"),
    ("asset:t", lambda lot, _: "T" in lot.asset),
    ("account:coin", lambda lot, _: lot.account == "coinbase"),
    ("!kraken !eth", lambda lot, _: lot.account != "kraken" and lot.asset != "ETH"),
    ("short", lambda lot, _: not is_long(lot)),
    ("long", lambda lot, _: is_long(lot)),
    ("term:long", lambda lot, _: is_long(lot)),
    ("!short", lambda lot, _: is_long(lot)),
    ("loss", lambda _, value: gain(value) < 0),
    ("gain", lambda _, value: gain(value) > 0),
    ("!loss", lambda _, value: gain(value) >= 0),
    ("unknown", lambda _, value: value.unrealized is None),
    ("!unknown", lambda _, value: value.unrealized is not None),
    ("loss>2,070", lambda _, value: gain(value) < -2070),
    ("loss >= 2070", lambda _, value: gain(value) <= -2070),
    ("loss<500", lambda _, value: -500 < gain(value) < 0),
    ("!loss<500", lambda _, value: not -500 < gain(value) < 0),
    ("gain>104", lambda _, value: gain(value) > 104),
    ("gain>=$104", lambda _, value: gain(value) >= 104),
    ("value>9.881k", lambda _, value: (value.value or 0) > 9881),
    ("value>=9881", lambda _, value: (value.value or 0) >= 9881),
    ("value=9881", lambda _, value: value.value == 9881),
    ("cost<2000", lambda lot, _: lot.cost_basis is not None and lot.cost_basis < 2000),
    ("quantity>1k", lambda lot, _: lot.quantity > 1000),
    ("price<1", lambda _, value: value.quote is not None and value.quote.price < 1),
    ("unit>3000", lambda _, value: value.unit_cost is not None and value.unit_cost > 3000),
    ("percent<-25", lambda _, value: value.unrealized_percent is not None and value.unrealized_percent < -25),
    ("days<=122", lambda lot, _: TODAY - acquired_on(lot) <= timedelta(days=122)),
    ("days<122", lambda lot, _: TODAY - acquired_on(lot) < timedelta(days=122)),
    ("left<=22 short", lambda lot, _: timedelta(0) < lot.long_term_on - TODAY <= timedelta(days=22)),
    ("loss>1000 short !coinbase", lambda lot, v: gain(v) < -1000 and not is_long(lot) and lot.account != "coinbase"),
]


@pytest.mark.parametrize(("text", "is_seen"), CASES, ids=[text for text, _ in CASES])
def test_exactly_the_lots_are_seen_that_are_so(text: str, is_seen: Callable[[Lot, LotValue], bool]) -> None:
    portfolio = troubled_portfolio()
    lots = portfolio.ledger.lots
    expected = [row for row, lot in enumerate(lots) if is_seen(lot, portfolio.value_of(lot))]
    assert 0 < len(expected) < len(lots)
    assert seen(text, portfolio) == expected


def test_a_quoted_name_holds_its_space_and_its_signs() -> None:
    lots = (make_lot(1, "BTC", "cold store"), make_lot(2, "BTC", "cold"), make_lot(3, "A>B", "store"))
    portfolio = make_portfolio(lots)
    assert seen('account:"cold store"', portfolio) == [0]
    assert seen('"a>b"', portfolio) == [2]
    assert seen("cold store", portfolio) == [0]


def test_a_loss_of_less_than_a_float_can_tell_is_a_loss_and_none_at_all_is_not() -> None:
    price = Decimal("61240")
    bases = [price + Decimal("1e-18"), price, price - Decimal("1e-18")]
    lots = tuple(make_lot(n, "BTC", "kraken", "1", str(basis), 20) for n, basis in enumerate(bases))
    portfolio = make_portfolio(lots)
    assert seen("loss", portfolio) == [0]
    assert seen("gain", portfolio) == [2]
    assert seen("loss<1", portfolio) == [0]
    assert seen("cost>61240", portfolio) == [0]
    assert seen("cost=61240", portfolio) == [1]


def test_what_is_unknown_stands_in_no_relation_but_its_opposite_holds() -> None:
    lots = (make_lot(1, "WEIRD", "kraken", "9", None, 33), *sample_lots())
    portfolio = make_portfolio(lots, quotes_for(sample_lots()))
    for text in ("loss>0", "value<1m", "cost>0", "percent>-100"):
        assert 0 not in seen(text, portfolio)
        assert 0 in seen("!" + text, portfolio)


@pytest.mark.parametrize("text", ["", "   ", "!", "loss>", "value<-", "asset:", "term:", "term:lo", '"'])
def test_what_is_half_typed_asks_for_nothing_and_is_not_complained_of(text: str) -> None:
    chosen = parse_filter(text)
    assert (chosen.conditions, chosen.remark) == ((), "")
    assert seen(text, make_portfolio()) == list(range(16))


@pytest.mark.parametrize(
    ("text", "remark"),
    [("foo>5", "foo is no figure"), ("loss>abc", "abc is no number"), ("term:x", "term: is short or long")],
)
def test_what_cannot_be_read_is_said_and_the_rest_holds(text: str, remark: str) -> None:
    chosen = parse_filter(f"eth {text}")
    assert remark in chosen.remark
    assert chosen.conditions == parse_filter("eth").conditions


def test_only_a_filter_on_prices_has_to_be_looked_at_again_when_they_move() -> None:
    assert not parse_filter("eth short days<30 cost>5").is_live
    assert parse_filter("eth loss").is_live
    assert parse_filter("value>5").is_live
    assert not EVERYTHING.is_live


def test_a_new_price_changes_what_is_seen() -> None:
    portfolio = make_portfolio()
    order, chosen = LotOrder(portfolio.ledger.lots), parse_filter("gain eth")
    before = list(seen_lots(chosen, order, portfolio).rows)
    dear = quotes_for(sample_lots(), {"ETH": "9000"})
    after = list(seen_lots(chosen, order, replace(portfolio, quotes=dear)).rows)
    assert len(before) == 1
    assert len(after) == 3


def test_the_filter_remembers_what_was_typed_without_what_a_terminal_would_obey() -> None:
    assert "\x1b" not in parse_filter("btc\x1b[31m").text
    assert isinstance(parse_filter("9" * 5_000 + ">"), LotFilter)
