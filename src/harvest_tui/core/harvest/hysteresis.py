"""When a level that goes up and down is told once: a watch that must be armed again before it speaks again."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ZERO

ONE = Decimal(1)


class Snooze(NamedTuple):
    """Silence until a time, or until the value is `change` away from `value`; whichever comes first of those given."""

    until: datetime | None
    change: Decimal | None
    value: Decimal

    def holds(self, value: Decimal, at: datetime) -> bool:
        """Whether it is still to be silent."""
        is_early = self.until is None or at < self.until
        return is_early and (self.change is None or abs(EXACT.subtract(value, self.value)) < self.change)


class Watch(NamedTuple):
    """What is remembered of one thing watched.

    `announced_at` and `value` are of the last announcement. `peak` is the highest value of the rise under way and
    `footing` what it was measured on: another footing is another story, and its peak begins anew.
    """

    is_armed: bool = True
    announced_at: datetime | None = None
    value: Decimal = ZERO
    peak: Decimal = ZERO
    footing: str = ""
    snooze: Snooze | None = None

    def is_at_rest(self, at: datetime, quiet: timedelta) -> bool:
        """Whether forgetting it changes nothing."""
        return self.is_armed and not self.peak and self.snooze is None and not self.is_quiet(at, quiet)

    def is_quiet(self, at: datetime, quiet: timedelta) -> bool:
        """Whether the last announcement is too recent for another. A clock that was put back silences nothing for
        longer than that."""
        return self.announced_at is not None and abs(at - self.announced_at) < quiet

    def snoozed(self, until: datetime | None, change: Decimal | None) -> Watch:
        """Silent for a while; what still holds after it is told again, however recent the last time."""
        return self._replace(is_armed=True, announced_at=None, snooze=Snooze(until, change, self.value))

    def woken(self, at: datetime) -> Watch:
        """No longer snoozed; what still holds counts as told at `at`."""
        return self._replace(is_armed=False, announced_at=at, snooze=None)


class Band(NamedTuple):
    """`rearm` is the part of the threshold below which a watch is armed again; `quiet` the least time between two
    announcements, so that a choppy day is one."""

    rearm: Decimal
    quiet: timedelta


class Level(NamedTuple):
    """A value now, and how it stands to its threshold: from one on it is to be told."""

    level: Decimal
    value: Decimal
    at: datetime


def step(
    watch: Watch, now: Level, band: Band, footing: str = "", *, is_held: bool = False, is_told: bool = False
) -> tuple[Watch, bool]:
    """The watch after a look at the level, and whether to announce it.

    While `is_held` nothing is announced and nothing is used up; with `is_told` the rise counts as announced already. On
    another footing (a new tax year, say) what still holds is news again.
    """
    watch = _awake(watch, now)
    if footing != watch.footing:
        watch = watch._replace(footing=footing, is_armed=watch.is_armed or bool(watch.footing))
    if now.level < band.rearm:
        return watch._replace(is_armed=True), False
    if now.level < ONE or not watch.is_armed:
        return watch, False
    if is_told:
        return watch._replace(is_armed=False, value=now.value), False
    if is_held or watch.snooze is not None or watch.is_quiet(now.at, band.quiet):
        return watch, False
    return watch._replace(is_armed=False, announced_at=now.at, value=now.value), True


def step_down(watch: Watch, now: Level, kept: Decimal, footing: str, band: Band, *, is_held: bool = False) -> Fall:
    """A look at a value that may be shrinking from its peak, down to the part `kept` of it.

    The peak is the highest value since the level was last below `rearm`; it must have reached the threshold. A new
    peak arms the watch again. A value on another footing has not shrunk: it is another one.
    """
    watch = _awake(watch, now)
    if footing != watch.footing:
        watch = watch._replace(footing=footing, peak=ZERO, is_armed=True)
    if now.level >= ONE and now.value > watch.peak:
        return Fall(watch._replace(peak=now.value, is_armed=True), None)
    peak = watch.peak
    is_silent = not watch.is_armed or is_held or watch.snooze is not None or watch.is_quiet(now.at, band.quiet)
    fell_from = None
    if peak and not is_silent and now.value <= EXACT.multiply(peak, kept):
        fell_from = peak
        watch = watch._replace(is_armed=False, announced_at=now.at, value=now.value)
    if now.level < band.rearm:
        watch = watch._replace(peak=ZERO, is_armed=True)
    return Fall(watch, fell_from)


class Fall(NamedTuple):
    """The watch afterwards, and the peak where a fall from it is to be announced."""

    watch: Watch
    fell_from: Decimal | None


def _awake(watch: Watch, now: Level) -> Watch:
    snooze = watch.snooze
    return watch if snooze is None or snooze.holds(now.value, now.at) else watch._replace(snooze=None)
