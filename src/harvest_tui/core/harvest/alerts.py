"""Alerts: what was remembered and what is seen now give what to remember next and what to tell. Pure.

Each thing watched is told once: a level when it rises over its threshold, and again only after it has fallen well
below; a day once it has come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from harvest_tui.core.harvest import alert_words
from harvest_tui.core.harvest.alert_rules import (
    AlertKind,
    AlertRules,
    RuleChange,
    Severity,
    milestone_due,
    rule_changes,
)
from harvest_tui.core.harvest.hysteresis import ONE, Level, Watch, step, step_down
from harvest_tui.core.harvest.observations import Observations, Observed, PriceAge, TurningLong
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.records import AccountId, Asset

Figure = Decimal | int | str


class Alert(NamedTuple):
    """One thing told, in words and in figures: `Decimal` where it is money or units, `int` where it counts days or
    hours, text for a day. `key` is the same each time the same thing is told."""

    key: str
    kind: AlertKind
    severity: Severity
    at: datetime
    words: str
    account: AccountId | None = None
    asset: Asset | None = None
    figures: Mapping[str, Figure] = {}


@dataclass(frozen=True, slots=True)
class AlertState:
    """What is remembered from look to look: a watch for each key that is not at rest, and the assets that are muted."""

    watches: Mapping[str, Watch] = field(default_factory=dict)
    muted: frozenset[Asset] = frozenset()


class Judged(NamedTuple):
    """What to remember next, and what to tell now."""

    state: AlertState
    alerts: tuple[Alert, ...]


def key_of(kind: AlertKind, *parts: str) -> str:
    """The key of one thing watched; no two things share one, whatever their names are."""
    return "/".join([kind.value, *(part.replace("%", "%25").replace("/", "%2F") for part in parts)])


def judge(state: AlertState, seen: Observations, rules: AlertRules) -> Judged:
    """One look. What cannot be known now (a missing or old price, no bill) leaves its watch as it is."""
    look = _Look(state, seen, rules)
    for position in seen.positions:
        look.position(position)
    for group in seen.turning_long:
        look.turning_long(group)
    look.mismatches()
    look.stale_prices()
    look.rebuys()
    if rules.year_end:
        look.year_end()
    if rules.rule_change_days is not None and seen.holds_at_broker:
        for change in rule_changes():
            look.rule_change(change, rules.rule_change_days)
    return Judged(AlertState(look.remembered(), state.muted), tuple(look.alerts))


class _Look:
    """One look under way: the watches so far and what is to be told."""

    def __init__(self, state: AlertState, seen: Observations, rules: AlertRules) -> None:
        self._state = state
        self._seen = seen
        self._rules = rules
        self._watches = dict(state.watches)
        self._touched: set[str] = set()
        self.alerts: list[Alert] = []

    def position(self, one: Observed) -> None:
        """Its net benefit, its loss, and whether the benefit shrinks."""
        where = (one.account, one.asset)
        benefit, fall = key_of(AlertKind.NET_BENEFIT, *where), key_of(AlertKind.SHRINKING, *where)
        loss = key_of(AlertKind.HARVESTABLE_LOSS, *where)
        if not one.is_fresh:
            self._touched |= {benefit, fall, loss}
            return
        if one.net_benefit is None:
            self._touched |= {benefit, fall}
        elif self._rules.net_benefit is not None:
            level = ROUNDED.divide(one.net_benefit, self._rules.net_benefit)
            self._rises(benefit, level, one.net_benefit, one.asset, lambda: alert_words.net_benefit(one))
            if self._rules.shrinking is not None:
                self._shrinks(fall, level, one, self._rules.shrinking)
        if self._rules.losses_asked or not self._seen.knows_benefit:
            # One dip is one alert: where its benefit was told, or is snoozed, its loss is no news.
            watch = self._watches.get(benefit, Watch())
            is_told = not watch.is_armed or watch.snooze is not None
            level = self._loss_level(one)
            self._rises(
                loss,
                level,
                one.loss,
                one.asset,
                partial(alert_words.loss, one, self._seen.knows_benefit),
                is_told=is_told,
            )

    def turning_long(self, group: TurningLong) -> None:
        """A short-term loss that is worth less in a few days."""
        rules, days = self._rules, (group.long_term_on - self._seen.today).days
        key = key_of(AlertKind.TURNING_LONG, group.account, group.asset, group.long_term_on.isoformat())
        less = group.saved_less
        if less is None or rules.long_term_days is None or not 0 < days <= rules.long_term_days:
            self._touched.add(key)
            return
        level = ROUNDED.divide(less, rules.long_term_value)
        self._rises(key, level, less, group.asset, lambda: alert_words.turning_long(group, days, less))

    def mismatches(self) -> None:
        """Balances that differ from their lots, each until it is gone."""
        if not self._rules.mismatches:
            return
        if self._seen.mismatches is None:
            self._touched |= {key for key in self._watches if key.partition("/")[0] == AlertKind.MISMATCH}
            return
        for one in self._seen.mismatches:
            key = key_of(AlertKind.MISMATCH, one.account, one.asset)
            gap = abs(EXACT.subtract(one.held, one.in_lots))
            self._rises(key, ONE, gap, one.asset, partial(alert_words.mismatch, one))

    def stale_prices(self) -> None:
        """Assets whose newest price is too old; those that became so since the last look are told in one."""
        if self._rules.stale_hours is None:
            return
        limit = Decimal(self._rules.stale_hours * 3600)
        told: list[PriceAge] = []
        for price in self._seen.prices:
            key = key_of(AlertKind.STALE_PRICES, price.asset)
            seconds = Decimal((self._seen.at - price.at) // timedelta(seconds=1))
            if self._is_told(key, ROUNDED.divide(seconds, limit), seconds, price.asset):
                told.append(price)
        if told:
            words = alert_words.stale(told, self._seen.at)
            only = told[0].asset if len(told) == 1 else None
            self._tell(key_of(AlertKind.STALE_PRICES, told[0].asset), words, None, only)

    def rebuys(self) -> None:
        """Waiting times that are over."""
        for clock in self._seen.rebuys:
            key = key_of(AlertKind.REBUY, clock.clock_id)
            level = ONE if self._seen.at >= clock.ends_at else ZERO
            self._rises(key, level, level, clock.asset, partial(alert_words.rebuy, clock))

    def year_end(self) -> None:
        """The latest milestone that has come; earlier ones that nobody saw are not made up for."""
        day = milestone_due(self._seen.today)
        if day is None or not self._seen.positions:
            return
        key = key_of(AlertKind.YEAR_END, day.isoformat())
        self._rises(key, ONE, ONE, None, lambda: alert_words.year_end(self._seen))

    def rule_change(self, change: RuleChange, days: int) -> None:
        """A rule of identification: once ahead, once when it holds."""
        ahead = (change.starts - self._seen.today).days
        if -days < ahead <= days:
            parts = (change.starts.isoformat(), "ahead" if ahead > 0 else "now")
            key = key_of(AlertKind.RULE_CHANGE, *parts)
            self._rises(key, ONE, ONE, None, lambda: alert_words.rule_change(change.starts, change.words, ahead))

    def remembered(self) -> dict[str, Watch]:
        """The watches that matter from here on.

        What is not there any more (sold lots, a mismatch that is gone) has calmed down; what was told of a day stays
        told while that day may be looked at again.
        """
        rules, at = self._rules, self._seen.at
        kept = {}
        for key, watch in self._watches.items():
            if key not in self._touched:
                kind = key.partition("/")[0]
                if kind in _TOLD_FOR_GOOD:
                    kept.update({key: watch} if self._is_of_this_time(key) else {})
                    continue
                watch = step(watch._replace(peak=ZERO), Level(ZERO, ZERO, at), rules.band)[0]
            if not watch.is_at_rest(at, rules.band.quiet):
                kept[key] = watch
        return kept

    def _is_of_this_time(self, key: str) -> bool:
        """Days of this year and the one before; rebuy clocks as long as they are seen."""
        kind, _, rest = key.partition("/")
        return kind != AlertKind.REBUY and rest[:4] >= f"{self._seen.today.year - 1:04d}"

    def _loss_level(self, one: Observed) -> Decimal:
        rules, level = self._rules, ZERO
        if rules.loss is not None:
            level = ROUNDED.divide(one.loss, rules.loss)
        if rules.loss_percent is not None and one.value and one.loss >= rules.loss_percent_from:
            part = ROUNDED.divide(one.loss, one.value)
            level = max(level, ROUNDED.divide(part, rules.loss_percent))
        return level

    def _shrinks(self, key: str, level: Decimal, one: Observed, part: Decimal) -> None:
        net = one.net_benefit or ZERO
        fall = step_down(
            self._watches.get(key, Watch()),
            Level(level, net, self._seen.at),
            EXACT.subtract(ONE, part),
            one.footing,
            self._rules.band,
            is_held=one.asset in self._state.muted,
        )
        self._watches[key] = fall.watch
        self._touched.add(key)
        if fall.fell_from is not None:
            self._tell(key, alert_words.shrinking(one, fall.fell_from), one.account, one.asset)

    def _is_told(self, key: str, level: Decimal, value: Decimal, asset: Asset | None, is_told: bool = False) -> bool:
        # What a loss is worth begins anew with the tax year; a mismatch or an old price does not.
        is_of_the_year = key.partition("/")[0] in _OF_THE_YEAR
        watch, is_news = step(
            self._watches.get(key, Watch()),
            Level(level, value, self._seen.at),
            self._rules.band,
            f"{self._seen.today.year}" if is_of_the_year else "",
            is_held=asset in self._state.muted,
            is_told=is_told,
        )
        self._watches[key] = watch
        self._touched.add(key)
        return is_news

    def _rises(
        self,
        key: str,
        level: Decimal,
        value: Decimal,
        asset: Asset | None,
        words: Callable[[], alert_words.Told],
        is_told: bool = False,
    ) -> None:
        if self._is_told(key, level, value, asset, is_told):
            told = words()
            self._tell(key, told, told.account, asset)

    def _tell(self, key: str, told: alert_words.Told, account: AccountId | None, asset: Asset | None) -> None:
        kind = AlertKind(key.partition("/")[0])
        self.alerts.append(Alert(key, kind, told.severity, self._seen.at, told.words, account, asset, told.figures))


_OF_THE_YEAR = {AlertKind.NET_BENEFIT.value, AlertKind.HARVESTABLE_LOSS.value}
_TOLD_FOR_GOOD = {AlertKind.YEAR_END.value, AlertKind.RULE_CHANGE.value, AlertKind.REBUY.value}
