"""Totals that follow the prices are those of the whole portfolio, and a tick works on what moved alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.lots.ledger import Ledger, Lot, Provenance
from harvest_tui.core.portfolio import Portfolio, positions_of
from harvest_tui.core.records import AccountId, Asset, EventId, LotId, Quote
from harvest_tui.core.running_totals import RunningTotals, moved

NOW = datetime(2026, 11, 5, 15, 30, tzinfo=UTC)
TODAY = date(2026, 11, 5)
KEYS = [(AccountId(account), Asset(asset)) for account in ("kraken", "ledger") for asset in ("BTC", "ETH", "SOL")]
CENTS = st.integers(1, 9_000_000).map(lambda cents: Decimal(cents) / 100)
LOTS = st.lists(
    st.tuples(st.sampled_from(KEYS), CENTS, st.none() | CENTS, st.integers(-400, 30)), min_size=1, max_size=30
)
TICKS = st.lists(st.dictionaries(st.sampled_from(KEYS), st.none() | CENTS, max_size=3), max_size=8)


def portfolio_of(rows: list[tuple[tuple[AccountId, Asset], Decimal, Decimal | None, int]]) -> Portfolio:
    lots = tuple(
        Lot(
            lot_id=LotId(f"l{number}"),
            origin_id=EventId(f"{key[0]}:{number}"),
            account=key[0],
            asset=key[1],
            acquired_at=NOW + timedelta(days=days),
            quantity=quantity,
            cost_basis=cost,
            provenance=Provenance.PROVEN,
            long_term_on=TODAY + timedelta(days=days + 366),
        )
        for number, (key, quantity, cost, days) in enumerate(rows)
    )
    ledger = Ledger(lots=lots)
    return Portfolio(ledger, positions_of(ledger, TODAY), (), (), {}, NOW, TODAY)


@given(LOTS, TICKS)
def test_after_every_tick_they_are_the_totals_of_the_whole_portfolio(rows, ticks) -> None:
    portfolio, running = portfolio_of(rows), RunningTotals()
    assert running.of(portfolio) == portfolio.totals()
    quotes: dict[tuple[AccountId, Asset], Quote] = {}
    for number, tick in enumerate(ticks):
        quotes = dict(quotes)
        for key, price in tick.items():
            if price is None:
                quotes.pop(key, None)
            else:
                quotes[key] = Quote(key[1], price, NOW + timedelta(seconds=number), "kraken")
        portfolio = portfolio.with_quotes(quotes, NOW)
        assert running.of(portfolio) == portfolio.totals()


@given(LOTS, LOTS)
def test_other_lots_are_summed_from_the_start(before, after) -> None:
    running = RunningTotals()
    quotes = {key: Quote(key[1], Decimal("31.07"), NOW, "kraken") for key in KEYS[:4]}
    for rows in (before, after):
        portfolio = portfolio_of(rows).with_quotes(quotes, NOW)
        assert running.of(portfolio) == portfolio.totals()


def test_only_quotes_that_differ_have_moved() -> None:
    before = {key: Quote(key[1], Decimal(10), NOW, "kraken") for key in KEYS[:5]}
    after = dict(before)
    after[KEYS[1]] = Quote(KEYS[1][1], Decimal(10), NOW, "kraken")
    after[KEYS[3]] = Quote(KEYS[3][1], Decimal(11), NOW, "kraken")
    del after[KEYS[4]]
    after[KEYS[5]] = Quote(KEYS[5][1], Decimal(7), NOW, "kraken")
    assert moved(before, after, KEYS) == [3, 4, 5]
