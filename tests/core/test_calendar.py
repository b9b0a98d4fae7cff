"""The holding-period calendar: each short-term lot in the week of its first long-term day, nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.lots.calendar import Week, weeks_ahead
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import term_on
from harvest_tui.core.tax_days import first_long_term_day
from support.sample_portfolio import NOW, make_lot, make_portfolio, quote


def full(lots: Sequence[Lot], **prices: str) -> list[Week]:
    quotes = {(lot.account, lot.asset): quote(lot.asset, prices[lot.asset]) for lot in lots if lot.asset in prices}
    return [week for week in weeks_ahead(make_portfolio(lots, quotes)) if week.lots]


def test_gains_and_losses_of_a_week_stand_apart() -> None:
    lots = [
        make_lot(1, "BTC", quantity="0.5", cost_basis="36110", held_days=360),
        make_lot(2, "BTC", quantity="0.25", cost_basis="9000", held_days=360),
        make_lot(3, "ETH", quantity="2", cost_basis="5000", held_days=359),
        make_lot(4, "SOL", quantity="7", cost_basis="900", held_days=358),
        make_lot(5, "ETH", quantity="1", cost_basis=None, held_days=357),
        make_lot(6, "ETH", quantity="3", cost_basis="9000", held_days=700),
    ]
    [week] = full(lots, BTC="60000", ETH="2400")
    assert week.starts_on == date(2026, 10, 19) and week.ends_on == date(2026, 10, 25)
    assert (week.lots, week.losing, week.unknown) == (5, 2, 2)
    assert week.value == 45_000 + 3 * 2400
    assert (week.gains, week.losses, week.unrealized) == (6000, 6310, -310)
    assert week.assets == (("BTC", 2), ("ETH", 2), ("SOL", 1))


def test_a_gift_between_its_two_values_is_neither_gain_nor_loss() -> None:
    plain = make_lot(1, "BTC", quantity="1", cost_basis="50000", held_days=100)
    lots = [plain._replace(loss_basis=Decimal(30_000), loss_acquired_at=plain.acquired_at)]
    assert [(week.gains, week.losses, week.losing) for week in full(lots, BTC="40000")] == [(0, 0, 0)]
    assert [(week.gains, week.losses, week.losing) for week in full(lots, BTC="20000")] == [(0, 10_000, 1)]
    assert [(week.gains, week.losses, week.losing) for week in full(lots, BTC="60000")] == [(10_000, 0, 0)]


@given(st.lists(st.integers(0, 500), max_size=40))
def test_every_short_term_lot_is_in_the_one_week_of_its_day(held: list[int]) -> None:
    lots = [make_lot(number, held_days=days, quantity="1", cost_basis="10") for number, days in enumerate(held)]
    lots = [lot._replace(long_term_on=first_long_term_day(lot.acquired_at.date())) for lot in lots]
    weeks = weeks_ahead(make_portfolio(lots))
    short = [lot for lot in lots if term_on(lot, NOW.date()).value == "short"]
    assert sum(week.lots for week in weeks) == len(short)
    assert [week.starts_on for week in weeks] == [date(2026, 10, 12) + timedelta(days=7 * n) for n in range(53)]
    for week in weeks:
        assert week.lots == sum(week.starts_on <= lot.long_term_on <= week.ends_on for lot in short)
