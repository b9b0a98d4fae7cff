"""Two years of real prices with dips planted into them: each dip is told once, at its first bar, and none is missed.

The lot cost 30,000 dollars, below every real price of 2024 and 2025, so that only the planted dips lose. By the
profile of the replay harvesting it, long-term, is worth 250 dollars from 24,390 dollars a coin on and 70 % of that from
25,000 on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.harvest.alert_rules import AlertKind, AlertRules
from harvest_tui.core.harvest.observations import Observations
from harvest_tui.core.lots.ledger import Lot
from support.price_replay import Bar, Dip, Looker, daily, four_hours, lot, planted, replayed, times_told

DEEP, BETWEEN, CALM = "24000", "24700", "27500"
HELD = lot(1, datetime(2023, 2, 1, tzinfo=UTC), "1", "30000")
RULES = AlertRules()
DIPS = (AlertKind.NET_BENEFIT, AlertKind.HARVESTABLE_LOSS)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def looks(bars: list[Bar]) -> list[Observations]:
    looker = Looker(lambda at: (HELD,))
    return [looker.at(bar) for bar in bars]


def test_the_prices_of_the_dips_are_where_they_are_said_to_be() -> None:
    benefits = [
        one.positions[0].net_benefit
        for one in looks([Bar(day("2024-03-01"), Decimal(p)) for p in (DEEP, BETWEEN, CALM)])
    ]
    assert [benefit is not None and benefit >= 250 for benefit in benefits] == [True, False, False]
    assert [benefit is not None and benefit < 175 for benefit in benefits] == [False, False, True]


@pytest.mark.parametrize("bars", [four_hours, daily], ids=["4-hour", "daily"])
def test_two_years_of_real_prices_above_the_cost_tell_of_no_dip(bars: Callable[[], list[Bar]]) -> None:
    assert len(bars()) in (4350, 725)
    assert times_told(looks(bars()), RULES, *DIPS, AlertKind.SHRINKING, AlertKind.STALE_PRICES) == []


def test_each_planted_dip_is_told_once_at_its_first_deep_bar_in_four_hour_prices() -> None:
    dips = (
        Dip(day("2024-02-10"), [DEEP]),  # one bar
        Dip(day("2024-04-05"), ["24000", CALM, "23500", "28000", "24300", "27000"]),  # a choppy day
        Dip(day("2024-06-01"), ["24200", BETWEEN] * 42),  # two weeks around the threshold
        Dip(day("2024-08-20"), [BETWEEN] * 3 + [DEEP] * 5),  # slow
        Dip(day("2025-01-10"), [DEEP] * 126),  # three weeks
        Dip(day("2025-03-02"), [DEEP, BETWEEN]),
        Dip(day("2025-03-04"), [DEEP] * 2),  # two days later, recovered between
        Dip(day("2025-06-01"), [BETWEEN, "24500"] * 21),  # never deep enough
        Dip(day("2025-12-20"), ["9000"]),
    )
    told = times_told(looks(planted(four_hours(), dips)), RULES, *DIPS)
    bars = timedelta(hours=4)
    assert told == [
        (at, AlertKind.NET_BENEFIT)
        for at in (
            day("2024-02-10"),
            day("2024-04-05"),
            day("2024-06-01"),
            day("2024-08-20") + 3 * bars,
            day("2025-01-10"),
            day("2025-03-02"),
            day("2025-03-04"),
            day("2025-12-20"),
        )
    ]


def test_each_planted_dip_is_told_once_in_daily_prices() -> None:
    dips = (
        Dip(day("2024-02-10"), [DEEP]),
        Dip(day("2024-04-05"), [DEEP, BETWEEN, DEEP, BETWEEN, DEEP]),
        Dip(day("2024-07-01"), [DEEP] * 40),
        Dip(day("2025-03-02"), [DEEP, CALM, DEEP]),  # calm between: the second is another dip
        Dip(day("2025-06-01"), [BETWEEN] * 20),
    )
    told = times_told(looks(planted(daily(), dips)), RULES, *DIPS)
    first = ("2024-02-10", "2024-04-05", "2024-07-01", "2025-03-02", "2025-03-04")
    assert told == [(day(one), AlertKind.NET_BENEFIT) for one in first]


def test_a_dip_over_new_year_is_told_once_in_each_tax_year() -> None:
    bars = planted(four_hours(), [Dip(day("2024-12-20"), [DEEP] * 180)])
    told = times_told(looks(bars), RULES, *DIPS)
    # The year begins at midnight in New York, and the bar after it is that of 08:00 UTC.
    assert told == [
        (day("2024-12-20"), AlertKind.NET_BENEFIT),
        (day("2025-01-01") + timedelta(hours=8), AlertKind.NET_BENEFIT),
    ]


def monthly_buys(bars: list[Bar]) -> list[Lot]:
    """Five hundred dollars more of BTC each month from March 2024 on, at the price of the day, to three digits."""
    found: list[Lot] = []
    for bar in bars:
        if bar.at >= day("2024-03-01") and (bar.at.day, bar.at.hour) == (1, 0):
            number = len(found) + 1
            cost = Decimal(20_000 + 500 * number)
            found.append(lot(number, bar.at, f"{cost / bar.close:.3f}", str(cost)))
    return found


@pytest.mark.parametrize(("bars", "episodes"), [(four_hours, 8), (daily, 5)], ids=["4-hour", "daily"])
def test_the_real_dips_of_monthly_buys_are_told_as_often_as_they_begin(
    bars: Callable[[], list[Bar]], episodes: int
) -> None:
    series = planted(
        bars(),
        [Dip(day("2024-12-10"), ["52000"]), Dip(day("2025-09-15"), ["61000", "62000"])],
    )
    lots = monthly_buys(series)
    looker = Looker(lambda at: [one for one in lots if one.acquired_at <= at])
    seen = [looker.at(bar) for bar in series if bar.at > day("2024-03-01")]
    rules = replace(RULES, net_benefit=Decimal(1500), quiet_hours=0)
    told = times_told(seen, rules, *DIPS)

    # The same by letters: High, low, between; a bar of another year begins anew.
    letters, year = "", seen[0].today.year
    starts: list[datetime] = []
    for one in seen:
        benefit = one.positions[0].net_benefit
        assert benefit is not None
        if one.today.year != year:
            letters, year = letters + "|", one.today.year
            starts.append(one.at)
        letters += "H" if benefit >= 1500 else "l" if benefit < 1050 else "m"
        starts.append(one.at)
    expected = [starts[found.start()] for found in re.finditer(r"H[^l|]*", letters)]
    assert [at for at, _ in told] == expected
    assert len(told) == episodes
    times = [at for at, _ in told]
    assert any(day("2024-12-10") <= at < day("2024-12-12") for at in times)


def test_a_benefit_that_shrinks_is_told_once_a_peak() -> None:
    fall = ["24000", "20000", "23000", "22000", "24900", "24800", "24900"]  # the third bar is down to half
    again = ["19000", "25000", "25100"]  # a new peak, and down again, a day and more later
    bars = planted(four_hours(), [Dip(day("2024-05-01"), fall + ["24800"] * 6 + again)])
    told = [
        (alert.at, alert.figures["peak"], alert.figures["net_benefit"])
        for _, alerts in replayed(looks(bars), RULES)
        for alert in alerts
        if alert.kind is AlertKind.SHRINKING
    ]
    bar = timedelta(hours=4)
    assert [at for at, _, _ in told] == [day("2024-05-01") + 2 * bar, day("2024-05-01") + 14 * bar]
    assert [Decimal(now) < Decimal(peak) * Decimal("0.6") for _, peak, now in told] == [True, True]
    assert Decimal(told[1][1]) > Decimal(told[0][1])
