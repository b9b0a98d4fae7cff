"""What a position's losses are worth: the same as lot by lot where it is one lot, and never less than its best part."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harvest_tui.core.harvest.costs import sale_of
from harvest_tui.core.harvest.loss_worth import LossWorth
from harvest_tui.core.harvest.observations import Observed, background_of, observe
from harvest_tui.core.harvest.value import lost_by_turning_long, value_of
from harvest_tui.core.lots.ledger import Ledger, Lot
from harvest_tui.core.money import EXACT, rounded
from harvest_tui.core.portfolio import LossLadder, Portfolio, positions_of
from harvest_tui.core.records import Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax_days import tax_day
from support.price_replay import BTC, KRAKEN, PROFILE, ZONE, bill_of, lot

NOW = datetime(2026, 5, 20, 15, tzinfo=UTC)
NO_GAINS = replace(PROFILE, short_gain=Decimal(0))


def portfolio_of(lots: list[Lot], price: str, priced_at: datetime = NOW) -> Portfolio:
    ledger, day = Ledger(lots=tuple(lots)), tax_day(NOW, ZONE)
    quotes = {(KRAKEN, BTC): Quote(BTC, Decimal(price), priced_at, "kraken BTC/USD")}
    return Portfolio(ledger, positions_of(ledger, day), (), (), quotes, NOW, day)


def seen(lots: list[Lot], price: str, profile: Profile = PROFILE) -> Observed:
    portfolio = portfolio_of(lots, price)
    background = background_of(portfolio, bill_of(2026, profile), profile, portfolio.tax_day)
    [one] = observe(portfolio, background, NOW, ZONE).positions
    return one


@pytest.mark.parametrize("held_days", [12, 200, 500])
@pytest.mark.parametrize("price", ["59000", "41234.56", "100"])
def test_a_position_of_one_lot_is_worth_what_the_lot_is(held_days: int, price: str) -> None:
    one = lot(1, NOW - timedelta(days=held_days), "0.7", "42000.10")
    sale = sale_of(one, one.quantity, Decimal(price), PROFILE, NOW, ZONE)
    assert sale is not None
    value = value_of(bill_of(2026), PROFILE.short_gain or Decimal(0), Decimal(0), sale, PROFILE)
    found = seen([one], price)
    assert found.loss == value.loss
    assert found.net_benefit == max(Decimal(0), rounded(value.net, 2))
    assert found.value == EXACT.multiply(Decimal("0.7"), Decimal(price))


def test_of_a_loss_that_the_year_cannot_use_the_part_that_it_can_is_counted() -> None:
    one = lot(1, NOW - timedelta(days=90), "2", "120000")
    whole = sale_of(one, one.quantity, Decimal(30_000), NO_GAINS, NOW, ZONE)
    assert whole is not None
    bill = bill_of(2026, NO_GAINS)
    all_of_it = value_of(bill, Decimal(0), Decimal(0), whole, NO_GAINS)
    found = seen([one], "30000", NO_GAINS)
    assert found.loss == whole.loss
    assert found.best_loss == 3000, "the yearly deduction"
    assert found.net_benefit is not None and found.net_benefit > all_of_it.net
    part = Decimal(3000) / whole.loss
    deducted = value_of(
        bill, Decimal(0), Decimal(0), whole._replace(value=whole.value * part, gain=Decimal(-3000)), PROFILE
    )
    assert abs(found.net_benefit - deducted.net) < Decimal("0.02")


def test_lots_that_gain_are_not_sold_with_those_that_lose() -> None:
    loser, winner = lot(1, NOW - timedelta(days=90), "1", "60000"), lot(2, NOW - timedelta(days=80), "5", "5000")
    alone, beside = seen([loser], "40000"), seen([loser, winner], "40000")
    assert (beside.loss_short, beside.loss_long) == (alone.loss_short, Decimal(0)) == (Decimal("20160.000"), Decimal(0))
    assert beside.value == alone.value * 6
    # The winner is younger: the mean day of the short-term units moves, and with it what restarting costs, a little.
    assert abs(Decimal(beside.net_benefit or 0) - Decimal(alone.net_benefit or 0)) < 40


def test_both_terms_together_are_worth_more_than_either_while_gains_last() -> None:
    short, long = lot(1, NOW - timedelta(days=90), "1", "60000"), lot(2, NOW - timedelta(days=800), "1", "55000")
    both = seen([short, long], "40000")
    assert both.best_loss == both.loss
    assert both.loss_short > both.loss_long > 0
    assert (both.net_benefit or 0) > max(seen([one], "40000").net_benefit or 0 for one in (short, long))


def test_without_a_bill_the_loss_is_known_and_its_worth_is_not() -> None:
    portfolio = portfolio_of([lot(1, NOW - timedelta(days=90), "1", "60000")], "40000")
    look = observe(portfolio, background_of(portfolio, None, PROFILE, portfolio.tax_day), NOW, ZONE)
    assert (look.positions[0].net_benefit, look.positions[0].loss) == (None, Decimal("20160.000"))
    assert not look.knows_benefit


def test_an_old_price_is_marked_and_one_a_second_younger_is_not() -> None:
    for age, is_fresh in ((timedelta(hours=24), False), (timedelta(hours=24) - timedelta(seconds=1), True)):
        portfolio = portfolio_of([lot(1, NOW - timedelta(days=90), "1", "60000")], "40000", NOW - age)
        background = background_of(portfolio, bill_of(2026), PROFILE, portfolio.tax_day)
        assert observe(portfolio, background, NOW, ZONE).positions[0].is_fresh is is_fresh


def test_lots_that_turn_long_are_grouped_by_day_and_their_loss_weighed_by_term() -> None:
    year = timedelta(days=365)
    lots = [
        lot(1, NOW - year + timedelta(days=5), "1", "60000"),
        lot(2, NOW - year + timedelta(days=5, hours=2), "0.5", "30000"),
        lot(3, NOW - year + timedelta(days=9), "1", "20000"),
        lot(4, NOW - year + timedelta(days=60), "1", "60000"),
        lot(5, NOW - year - timedelta(days=5), "1", "60000"),
    ]
    profile = replace(PROFILE, long_gain=Decimal(80_000), short_gain=Decimal(30_000))
    portfolio = portfolio_of(lots, "40000")
    bill = bill_of(2026, profile)
    look = observe(portfolio, background_of(portfolio, bill, profile, portfolio.tax_day), NOW, ZONE)
    first, second = sorted(look.turning_long, key=lambda group: group.long_term_on)
    assert [(first.long_term_on - look.today).days, (second.long_term_on - look.today).days] == [6, 10]
    assert (first.quantity, first.loss, second.loss) == (Decimal("1.5"), Decimal("30240.000"), Decimal(0))
    whole = sale_of(
        lots[0]._replace(quantity=Decimal("1.5"), cost_basis=Decimal(90_000)), Decimal("1.5"), Decimal(40_000), profile,
        NOW, ZONE,
    )  # fmt: skip
    assert whole is not None
    less = lost_by_turning_long(bill, Decimal(30_000), Decimal(80_000), whole)
    assert first.saved_less == rounded(less, 2) > 1000
    assert second.saved_less == 0


def test_the_footing_changes_with_lots_and_results_and_not_with_the_price() -> None:
    one = lot(1, NOW - timedelta(days=90), "1", "60000")
    assert seen([one], "40000").footing == seen([one], "30000").footing
    others = {seen([one._replace(quantity=Decimal("0.9"))], "40000").footing, seen([one], "40000", NO_GAINS).footing}
    assert len(others | {seen([one], "40000").footing}) == 3


@given(
    some.lists(some.tuples(some.integers(1, 500), some.integers(0, 90_000)), min_size=1, max_size=12),
    some.integers(0, 400),
)
def test_units_and_basis_of_the_losing_lots_give_the_loss(rows: list[tuple[int, int]], price: int) -> None:
    lots = [(Decimal(units), Decimal(cost)) for units, cost in rows]
    losing = LossLadder(lots).losing_at(Decimal(price))
    assert losing.units * price - losing.cost_basis == LossLadder(lots).loss_at(Decimal(price))
    assert losing.units == sum(units for units, cost in rows if cost > units * price)


def test_the_worth_of_nothing_is_nothing() -> None:
    assert LossWorth(bill_of(2026), PROFILE).of([]) == (0, 0)
