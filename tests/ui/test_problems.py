"""Each kind of trouble is one line with what to do."""

from __future__ import annotations

from datetime import timedelta

from harvest_tui.ui.frame import FrameReader, stale_prices
from harvest_tui.ui.problems import ProblemKind
from support.sample_portfolio import (
    NOW,
    empty_session,
    live_feeds,
    make_portfolio,
    mixed_feeds,
    troubled_portfolio,
    troubled_session,
)


def test_all_kinds_of_trouble_are_listed_with_what_to_do() -> None:
    problems = FrameReader(troubled_session()).read().problems
    assert {problem.kind for problem in problems} == set(ProblemKind)
    assert all(problem.to_do and problem.happened for problem in problems)


def test_a_mismatch_tells_the_difference_and_its_cause() -> None:
    problem = next(p for p in FrameReader(troubled_session()).read().problems if p.kind is ProblemKind.MISMATCH)
    assert problem.happened == "the exchange holds 12250.5, lots say 12000: 250.5 more"
    assert problem.to_do == "staking rewards not yet synced"


def test_nothing_is_wrong_with_nothing() -> None:
    assert FrameReader(empty_session()).read().problems == ()


def test_a_price_is_stale_after_a_minute_without_a_feed_and_ten_with_one() -> None:
    portfolio = make_portfolio()
    two_minutes = {key: quote._replace(at=NOW - timedelta(minutes=2)) for key, quote in portfolio.quotes.items()}
    portfolio = portfolio.with_quotes(two_minutes, NOW)
    assert stale_prices(portfolio, live_feeds(), NOW) == {}
    of_binance = {key for key in portfolio.positions if key[0] == "binance"}
    assert stale_prices(portfolio, mixed_feeds(), NOW) == dict.fromkeys(of_binance, "2m")
    assert set(stale_prices(portfolio, live_feeds(), NOW + timedelta(minutes=9))) == set(portfolio.positions)


def test_totals_are_read_again_when_a_price_moves() -> None:
    session = troubled_session()
    reader = FrameReader(session)
    before = reader.read().totals
    session.price("BTC", "50000")
    assert reader.read().totals.unrealized < before.unrealized
    assert troubled_portfolio().totals() == before
