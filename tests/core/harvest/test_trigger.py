"""Harvest now or wait: the fitted threshold against its problem, the two-date comparison against an integral."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from harvest_tui.core.harvest.trigger import threshold, trigger
from harvest_tui.core.harvest.volatility import UNMEASURED, realized_volatility
from harvest_tui.core.money import EXACT
from harvest_tui.core.records import Asset, Candle
from support.harvest_words import dec
from support.lognormal import call, expected_between, gain_of_acting_today, normal

DELTA = Decimal("0.107")
TIMES = [Decimal(1), Decimal("0.5"), Decimal("0.25"), Decimal(30) / 365, Decimal(7) / 365, Decimal(0)]
PUBLISHED = {
    ("0.6", "0.001"): (14, 11, 9, 7, 5, 1),
    ("0.6", "0.0025"): (21, 17, 15, 11, 8, 2),
    ("0.8", "0.0025"): (25, 21, 17, 13, 9, 2),
    ("1.1", "0.0025"): (32, 25, 20, 15, 11, 2),
    ("0.6", "0.006"): (32, 27, 23, 18, 14, 5),
    ("0.8", "0.012"): (49, 42, 36, 29, 23, 10),
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 11, 22, tzinfo=UTC) - timedelta(days=200)


def test_the_threshold_is_within_its_stated_error_of_the_solved_problem():
    errors = []
    for (volatility, cost), depths in PUBLISHED.items():
        for years, depth in zip(TIMES, depths, strict=True):
            errors.append(float(threshold(dec(cost) / DELTA, dec(volatility), years)) * 100 - depth)
    assert math.sqrt(sum(error**2 for error in errors) / len(errors)) < 1.1
    assert max(map(abs, errors)) < 2.6
    assert sum(abs(error) <= 0.75 for error in errors) >= 30


def solved(k: float, sigma: float, years: float) -> float:
    """The depth from which harvesting beats waiting, by backward induction over daily looks on a grid of log prices."""
    steps = round(years * 365)
    each = years / steps
    width = sigma * math.sqrt(each) / 4
    half = round((6 * sigma * math.sqrt(years) + 0.5) / width)
    log_price = np.arange(-half, half + 1) * width
    reach = math.ceil(6 * sigma * math.sqrt(each) / width)
    move = np.arange(-reach, reach + 1) * width
    chance = np.exp(-((move + sigma**2 * each / 2) ** 2) / (2 * sigma**2 * each))
    chance /= chance.sum()
    pays = 1 - np.exp(log_price) * (1 + k)
    below = 1 - np.exp(log_price[0] - width * np.arange(reach, 0, -1)) * (1 + k)
    value = np.maximum(0, pays)
    waits = harvests = value
    for _ in range(steps):
        waits = np.convolve(np.concatenate([below, value, np.zeros(reach)]), chance[::-1], "valid")
        harvests = pays + np.exp(log_price) * waits[half]
        value = np.maximum(waits, harvests)
    last = np.where((harvests >= waits) & (log_price < 0))[0].max()
    return float(1 - math.exp(log_price[last]))


@pytest.mark.parametrize(
    ("k", "sigma", "years"), [(0.0234, 0.6, 1.0), (0.0234, 1.1, 0.5), (0.056, 0.6, 0.25), (0.112, 0.8, 30 / 365)]
)
def test_the_threshold_follows_dynamic_programming(k, sigma, years):
    assert abs(float(threshold(dec(k), dec(sigma), dec(years))) - solved(k, sigma, years)) < 0.03


def test_on_the_last_day_the_loss_must_repay_the_round_trip():
    k = Decimal("0.0025") / DELTA
    assert threshold(k, dec("0.8"), dec(0)) == round(k / (1 + k), 6)
    due = trigger(dec(9700), dec(10_000), dec("0.0025"), DELTA, dec("0.8"), dec(0))
    not_due = trigger(dec(9800), dec(10_000), dec("0.0025"), DELTA, dec("0.8"), dec(0))
    assert (due.depth, due.is_due, not_due.is_due) == (Decimal("0.03"), True, False)


def test_a_deeper_loss_is_asked_for_with_more_time_more_movement_and_more_cost():
    base = threshold(dec("0.02"), dec("0.6"), dec("0.25"))
    assert base < threshold(dec("0.02"), dec("0.6"), dec("0.5"))
    assert base < threshold(dec("0.02"), dec("0.9"), dec("0.25"))
    assert base < threshold(dec("0.03"), dec("0.6"), dec("0.25"))


def test_without_benefit_no_depth_is_enough():
    asked = trigger(dec(1000), dec(10_000), dec("0.0025"), dec(0), dec("0.8"), dec("0.1"))
    assert (asked.depth, asked.threshold, asked.is_due) == (Decimal("0.9"), None, False)


def integrated(function, price: float, spread: float) -> float:
    """Expectation of a function of the later price, by Simpson's rule over ten deviations each way."""
    count, total = 20_000, 0.0
    for step in range(count + 1):
        z = -10 + 20 * step / count
        weight = 1 if step in (0, count) else 4 if step % 2 else 2
        later = price * math.exp(spread * z - spread * spread / 2)
        total += weight * function(later) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return total * 20 / count / 3


@pytest.mark.parametrize(("value", "spread"), [(60.0, 0.6), (85.0, 0.3), (97.0, 0.3), (40.0, 1.1)])
def test_acting_today_against_one_later_day_is_what_the_integral_says(value, spread):
    basis, benefit, cost = 100.0, 0.107, 0.0025
    today = benefit * (basis - value) - cost * value
    today += integrated(lambda s: (benefit * (value - s) - cost * s) if s < value else 0.0, value, spread)
    later = integrated(lambda s: (benefit * (basis - s) - cost * s) if s < basis else 0.0, value, spread)
    ours = gain_of_acting_today(dec(value), dec(basis), dec(benefit), dec(cost), dec(spread))
    assert float(ours) == pytest.approx(today - later, abs=2e-4)


def test_a_call_is_worth_what_black_and_scholes_say():
    assert round(call(dec(80), dec(100), dec("0.4")), 4) == Decimal("6.3912")
    assert call(dec(80), dec(70), dec(0)) == 10


def test_the_part_of_the_price_between_two_is_that_of_the_integral():
    found = integrated(lambda s: s if 80 < s < 100 else 0.0, 80.0, 0.4)
    assert float(expected_between(dec(80), dec(80), dec(100), dec("0.4"))) == pytest.approx(found, rel=2e-3)
    assert expected_between(dec(80), dec(70), dec(100), dec(0)) == 80


@pytest.mark.parametrize("x", [-9, -3, -0.5, 0, 1, 2.5, 7])
def test_the_normal_distribution_is_symmetric_and_that_of_the_library(x):
    assert float(normal(dec(x))) == pytest.approx(0.5 * math.erfc(-x / math.sqrt(2)), rel=1e-12, abs=1e-25)
    assert abs(normal(dec(x)) + normal(dec(-x)) - 1) < Decimal("1e-40")


def candles(closes: list[object], first: datetime = LONG_AGO) -> list[Candle]:
    return [
        Candle(Asset("BTC"), first + timedelta(days=day), 86_400, *[dec(close)] * 4, "test")
        for day, close in enumerate(closes)
    ]


def test_volatility_is_that_of_the_last_ninety_finished_days():
    quiet, loud = [100, 101] * 54, [100, 106] * 46
    measured = realized_volatility(candles(quiet + loud), NOW, dec("0.4"))
    change = math.log(1.06)
    assert measured.returns == 90
    assert float(measured.yearly) == pytest.approx(change * math.sqrt(365 * 90 / 89), abs=1e-6)


def test_a_candle_that_is_not_finished_does_not_count():
    start = NOW.replace(hour=0) - timedelta(days=60)
    steady = candles([100, 104] * 30, start)
    crash = Candle(Asset("BTC"), NOW.replace(hour=0), 86_400, *[dec(10)] * 4, "test")
    floor = dec("0.1")
    assert realized_volatility([*steady, crash], NOW, floor) == realized_volatility(steady, NOW, floor)
    tomorrow = NOW + timedelta(days=1)
    assert realized_volatility([*steady, crash], tomorrow, floor).yearly > 2


def test_a_calm_coin_has_the_floor_and_too_few_days_tell_nothing():
    assert realized_volatility(candles([100, "100.01"] * 50), NOW, dec("0.4")).yearly == Decimal("0.4")
    assert realized_volatility(candles([100, 150] * 10), NOW, dec("0.4")) == (UNMEASURED, 0)


def test_a_missing_day_is_not_bridged():
    whole = candles([100, 104] * 40)
    holed = whole[:40] + candles([500, 520] * 20, whole[41].start)
    assert realized_volatility(holed, NOW, dec("0.1")).yearly < 1


def test_the_daily_variance_adds_up_to_the_year():
    moves = realized_volatility(candles([100, 104] * 40), NOW, dec("0.1"))
    assert round(EXACT.multiply(moves.daily_variance, dec(365)), 20) == moves.yearly**2
