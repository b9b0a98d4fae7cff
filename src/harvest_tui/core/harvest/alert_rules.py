"""What the user wants to be told of: thresholds in dollars after tax, in parts of a value, and in days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from harvest_tui.core.harvest.hysteresis import Band
from harvest_tui.core.tax.digital_assets import BrokerIdentification
from harvest_tui.core.tax.year_table import known_years, year_table


class AlertKind(StrEnum):
    """What is told."""

    NET_BENEFIT = "net_benefit"
    HARVESTABLE_LOSS = "harvestable_loss"
    SHRINKING = "shrinking"
    TURNING_LONG = "turning_long"
    YEAR_END = "year_end"
    MISMATCH = "mismatch"
    STALE_PRICES = "stale_prices"
    RULE_CHANGE = "rule_change"
    REBUY = "rebuy"

    @property
    def is_in_dollars(self) -> bool:
        """Whether what is watched is an amount of US dollars."""
        return self in _IN_DOLLARS


_IN_DOLLARS = frozenset(
    {AlertKind.NET_BENEFIT, AlertKind.HARVESTABLE_LOSS, AlertKind.SHRINKING, AlertKind.TURNING_LONG}
)


class Severity(StrEnum):
    """How soon to look: some time, today, now."""

    INFO = "info"
    NOTICE = "notice"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class AlertRules:
    """Thresholds in US dollars, parts of one, days and hours; None turns a kind off.

    `loss_percent` is the harvestable loss as a part of the position's value; it is not told of losses below
    `loss_percent_from` dollars. Unless `losses_asked`, both speak only where the taxpayer told neither income nor
    gains, and a benefit cannot: one dip is one alert. `shrinking` is the part of its peak that a benefit has lost.
    `long_term_value` is what a loss must be worth less once it is long-term, within `long_term_days`. `rearm` is the
    part of a threshold below which it may be told again, and `quiet_hours` the least time between two announcements of
    the same. `bell` and `desktop` are how the monitor tells besides its own screen.
    """

    net_benefit: Decimal | None = Decimal(250)
    loss: Decimal | None = Decimal(3000)
    loss_percent: Decimal | None = Decimal("0.3")
    loss_percent_from: Decimal = Decimal(500)
    losses_asked: bool = False
    shrinking: Decimal | None = Decimal("0.4")
    long_term_days: int | None = 14
    long_term_value: Decimal = Decimal(50)
    year_end: bool = True
    mismatches: bool = True
    stale_hours: int | None = 24
    rule_change_days: int | None = 60
    rearm: Decimal = Decimal("0.7")
    quiet_hours: int = 24
    bell: bool = True
    desktop: bool = True

    @property
    def band(self) -> Band:
        """How far and how long a level must calm down before it is told again."""
        return Band(self.rearm, timedelta(hours=self.quiet_hours))


class RuleChange(NamedTuple):
    """A rule of identification that holds from that tax day on, in words."""

    starts: date
    words: str


@cache
def rule_changes() -> tuple[RuleChange, ...]:
    """The days from which a broker must be told which units are sold, as the year tables know them."""
    years = known_years()
    asks = [year_table(year).digital_assets.broker_identification for year in years]
    words = "of coins at a broker the broker must be told which units are sold; own books alone are not enough"
    return tuple(
        RuleChange(date(year, 1, 1), words)
        for year, before, after in zip(years[1:], asks, asks[1:], strict=False)
        if after is BrokerIdentification.TELL_THE_BROKER and before is not after
    )


_MILESTONES = ((10, 1), (11, 1), (12, 1), (12, 15), (12, 24), (12, 29), (12, 30), (12, 31))
"""Days on which the end of the tax year comes closer: the last three are told in hours."""


def milestone_due(day: date) -> date | None:
    """The latest milestone of the year that has come; None before 1 October."""
    due = [date(day.year, *one) for one in _MILESTONES if date(day.year, *one) <= day]
    return due[-1] if due else None
