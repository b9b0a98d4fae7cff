"""Costs of a harvest and the lot bought back: waiting, restarting, and when a rise eats the saving."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.harvest.costs import costs_of, delayed_days, reset_rate, sale_of, wait_rate
from harvest_tui.core.harvest.deferral import kept_if_sold_early, rebought
from harvest_tui.core.harvest.later import LaterRates
from harvest_tui.core.harvest.value import last_day, trigger_of, value_of, years_until
from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.lots.ledger import Lot, Provenance, Term
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from harvest_tui.core.tax_days import first_long_term_day
from support.harvest_words import bill_of, dec, loss_of, person

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


def lot(cost: object, quantity: object = 1, acquired: date = date(2026, 3, 1), **more) -> Lot:
    return Lot(
        LotId("w:b1#1"),
        EventId("w:b1"),
        AccountId("w"),
        Asset("BTC"),
        datetime(acquired.year, acquired.month, acquired.day, 15, tzinfo=UTC),
        first_long_term_day(acquired),
        dec(quantity),
        None if cost is None else dec(cost),
        Provenance.PROVEN,
        **more,
    )


def test_a_restart_costs_what_the_worked_example_says():
    rate = reset_rate(dec("0.2"), 365, dec("0.09"), dec("0.8"))
    assert rate == Decimal("0.00576")
    assert reset_rate(dec("0.2"), 0, dec("0.09"), dec("0.8")) == 0


def test_a_month_out_of_the_market_risks_five_and_a_half_times_a_day():
    daily = Volatility(dec("0.6"), 90).daily_variance
    day, month = (wait_rate(days, daily, dec(1), dec(3)) for days in (1, 31))
    assert round((month / day).sqrt(), 1) == Decimal("5.6")
    assert day == round(Decimal("0.5") * 3 * Decimal("0.36") / 365, 8)


@pytest.mark.parametrize(
    ("acquired", "delayed"),
    [(date(2026, 11, 21), 1), (date(2026, 11, 22), 0), (date(2025, 11, 21), 366), (date(2020, 5, 5), 366)],
)
def test_long_term_status_is_put_off_by_the_days_held(acquired, delayed):
    assert delayed_days(first_long_term_day(acquired), DAY) == delayed


def test_two_lots_of_one_coin_are_two_harvests_though_the_coin_shows_nothing():
    told = person(wages=150_000, short_gain=30_000)
    dear, cheap = (sale_of(lot(cost), dec(1), dec(40_000), told, NOW, ZONE) for cost in (60_000, 20_000))
    assert (dear.gain, cheap.gain, dear.gain + cheap.gain) == (-20_000, 20_000, 0)
    assert value_of(*bill_of(told, 2026), dear, told).saved_now == 20_000 * Decimal("0.24")


def test_a_part_of_a_lot_takes_its_share_of_the_basis_and_the_fee_off_proceeds():
    told = person(fees={"w": dec("0.0025")}, spread="0.001")
    sale = sale_of(lot(60_000, 3), dec(2), dec(10_000), told, NOW, ZONE)
    assert (sale.value, sale.gain, sale.basis) == (20_000, 20_000 - 50 - 40_000, 40_000)
    assert costs_of(sale, told, LaterRates(dec(0), dec(0), dec(1))).fees == 120


def test_a_lot_without_basis_is_no_harvest():
    assert sale_of(lot(None), dec(1), dec(1), person(), NOW, ZONE) is None


def test_a_gift_is_a_loss_only_below_its_value_when_given():
    given = datetime(2026, 6, 1, tzinfo=UTC)
    gift = lot(50_000, acquired=date(2020, 1, 1), loss_basis=dec(30_000), loss_acquired_at=given)
    between = sale_of(gift, dec(1), dec(40_000), person(), NOW, ZONE)
    below = sale_of(gift, dec(1), dec(25_000), person(), NOW, ZONE)
    above = sale_of(gift, dec(1), dec(60_000), person(), NOW, ZONE)
    assert (between.gain, below.gain, above.gain) == (0, -5000, 10_000)
    assert (below.term, above.term) == (Term.SHORT, Term.LONG)


def test_the_lot_bought_back_has_the_new_basis_and_a_new_year_to_wait():
    sale = loss_of(20_000, "short", value=30_000, fee=dec("0.004"), round_trip=dec("0.009"))
    rates = LaterRates(dec("0.24"), dec("0.15"), dec("0.9"))
    back = rebought(sale, date(2027, 3, 2), DAY, 0, dec(4800), rates)
    assert (back.bought_on, back.cost_basis, back.long_term_on) == (DAY, 30_120, date(2027, 11, 23))
    assert back.delayed_days == 266
    assert back.rise_while_out == Decimal("0.151")
    assert back.rise_if_sold_early is None


def test_a_rise_sold_while_short_eats_what_a_long_lot_saved():
    sale = loss_of(10_000, "long", value=40_000)
    rates = LaterRates(dec("0.358"), dec("0.188"), dec(1))
    back = rebought(sale, date(2025, 1, 1), DAY, 0, dec(1880), rates)
    assert back.rise_if_sold_early == 0
    mild = rebought(sale, date(2025, 1, 1), DAY, 0, dec(3380), rates)
    value = 40_000 * (1 + mild.rise_if_sold_early)
    assert abs(kept_if_sold_early(sale, dec(40_000), dec(3380), rates, value)) < Decimal("0.1")
    assert mild.rise_if_sold_early > 0


def test_waiting_moves_the_purchase_and_its_year():
    back = rebought(loss_of(100, "short"), date(2027, 3, 2), DAY, 31, dec(24), LaterRates(dec(0), dec(0), dec(1)))
    assert (back.bought_on, back.long_term_on) == (date(2026, 12, 23), date(2027, 12, 24))


def test_waiting_ends_with_the_year_or_with_the_last_short_term_day():
    assert last_day(DAY, date(2026, 12, 5), term_matters=True) == date(2026, 12, 4)
    assert last_day(DAY, date(2026, 12, 5), term_matters=False) == date(2026, 12, 31)
    assert last_day(DAY, date(2026, 11, 1), term_matters=True) == date(2026, 12, 31)


def test_a_deep_loss_is_due_and_a_shallow_one_waits():
    told = person(wages=150_000, short_gain=30_000, later_rate="0.15", fee="0.001", spread="0.0005")
    bill, short, long = bill_of(told, 2026)
    found = []
    for cost in (52_000, 60_000):
        sale = sale_of(lot(cost, acquired=DAY), dec(1), dec(50_000), told, NOW, ZONE, Volatility(dec("0.6"), 90))
        value = value_of(bill, short, long, sale, told)
        found.append(trigger_of(value, sale, years_until(date(2026, 12, 31), DAY)))
    assert [one.is_due for one in found] == [False, True]
    assert found[0].threshold == found[1].threshold
    assert Decimal("0.11") < found[0].threshold < Decimal("0.15")
