"""Alerts of a home: looked for under the latest prices, told once, kept in the cache; snoozed and muted by the user."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import USD, Asset
from harvest_tui.errors import HarvestError, InputError

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from harvest_tui.core.harvest.alert_rules import AlertRules
    from harvest_tui.core.harvest.alerts import Alert, AlertState
    from harvest_tui.core.harvest.bill import ExpectedBill
    from harvest_tui.core.harvest.hysteresis import Snooze, Watch
    from harvest_tui.core.harvest.observations import Background, RebuyClock
    from harvest_tui.core.harvest.volatility import Volatility
    from harvest_tui.session.facts import Facts
    from harvest_tui.session.home import Home
    from harvest_tui.session.looking import WatchedHome
    from harvest_tui.settings import Settings
    from harvest_tui.store.alert_book import Announced

_log = logging.getLogger("harvest_tui.session")
_KEEP_EVERY = timedelta(minutes=1)
_NO_DAYS = timedelta(days=36_500)
_MOST_HELD = 200
"""So many announcements are held for a screen that does not take them, the latest ones."""


class Unseen(NamedTuple):
    """How many alerts nobody has looked at, and whether one of them cannot wait."""

    alerts: int = 0
    is_urgent: bool = False


class Told(NamedTuple):
    """What the journal holds at one instant, the newest alert first. `seen_until` is the number of the last alert that
    was looked at before, `snoozes` are by the key of an alert, `zone` is the taxpayer's."""

    journal: tuple[Announced, ...]
    seen_until: int
    snoozes: Mapping[str, Snooze]
    muted: frozenset[Asset]
    zone: ZoneInfo
    rules: AlertRules


class _Known(NamedTuple):
    """The background and what it was made of."""

    facts_version: int
    day: date
    background: Background


class Alerting:
    """Looks, tells and remembers. One instance of a home writes; where another does, what is told here is remembered
    in this one alone (`state`). What it works with is loaded at the first look."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self.settings = settings
        """The user's choices; who changes them lets the facts be read anew."""
        self._state: AlertState | None = None
        self._kept: AlertState | None = None
        self._kept_at: datetime | None = None
        self._known: _Known | None = None
        self._lock = asyncio.Lock()
        self._news: list[Announced] = []
        self._own: list[Announced] = []
        """What was told here and could not be kept."""
        self._seen_until: int | None = None
        self.unseen = Unseen()
        self.seconds_between_looks = 15.0
        self.version = 0
        """Grows with all that a screen of alerts would show otherwise."""

    @property
    def rules(self) -> AlertRules:
        """What is told, and from where on."""
        return self.settings.alert_rules

    @property
    def state(self) -> AlertState | None:
        """What is remembered; None before the first look."""
        return self._state

    def resume(self, state: AlertState) -> None:
        """Goes on from a look before, where it could not be kept."""
        self._state = state

    async def look_on(self, home: WatchedHome) -> None:
        """Looks again and again, as long as the session lives."""
        from harvest_tui.session.looking import look_on

        await self.count_unseen()
        await look_on(home, self)

    def news(self) -> tuple[Announced, ...]:
        """What was announced since the last call, the latest last."""
        if not self._news:
            return ()
        news, self._news = tuple(self._news), []
        return news

    async def check(
        self, rebuys: Sequence[RebuyClock] = (), are_balances_settled: Callable[[], bool] | None = None
    ) -> tuple[Announced, ...]:
        """What is to be told now, kept in the journal; a restart tells none of it again.

        Numbers are 0 where this instance only reads. Where balances are not settled, no mismatch is judged.
        """
        from harvest_tui.core.harvest.alerts import judge
        from harvest_tui.core.harvest.observations import observe
        from harvest_tui.core.tax_days import tax_day

        async with self._lock:
            state = await self._remembered()
            portfolio, now, zone = self._home.portfolio(), self._home.now(), self._home.rules().zone
            is_settled = are_balances_settled is None or are_balances_settled()
            background = await self._background(tax_day(now, zone))
            seen = await asyncio.to_thread(observe, portfolio, background, now, zone, tuple(rebuys))
            if not is_settled:
                seen = seen._replace(mismatches=None)
            self._state, alerts = judge(state, seen, self.rules)
            announced = await self._announce(now, alerts)
        self._note(announced)
        return announced

    async def _announce(self, now: datetime, alerts: Sequence[Alert]) -> tuple[Announced, ...]:
        if self._home.store.writable:
            return await self._keep(now, alerts) if alerts or self._is_worth_keeping(now) else ()
        if not alerts:
            return ()
        from harvest_tui.store.alert_book import Announced

        announced = tuple(Announced(0, alert) for alert in alerts)
        self._own = [*self._own, *announced][-_MOST_HELD:]
        return announced

    def _note(self, announced: Sequence[Announced]) -> None:
        if not announced:
            return
        self._news = [*self._news, *announced][-_MOST_HELD:]
        is_urgent = any(one.alert.severity == "urgent" for one in announced)
        self.unseen = Unseen(self.unseen.alerts + len(announced), self.unseen.is_urgent or is_urgent)
        self.version += 1

    async def journal(self, at_most: int = 200) -> list[Announced]:
        """The latest alerts, the newest first."""
        return await self._home.store.alerts.journal(at_most)

    async def told(self, at_most: int = 200) -> Told:
        """Everything a screen of alerts shows. What this instance told and could not keep is among it, unless the one
        that writes has told the same."""
        journal = await self.journal(at_most)
        kept = {one.alert.key: one.alert.at for one in reversed(journal)}
        quiet = self.rules.band.quiet
        own = [
            one
            for one in self._own
            if one.alert.key not in kept or abs(one.alert.at - kept[one.alert.key]) > max(quiet, _KEEP_EVERY)
        ]
        state = await self._remembered()
        return Told(
            tuple(sorted([*own, *journal], key=lambda one: one.alert.at, reverse=True))[:at_most],
            await self._seen(),
            {key: watch.snooze for key, watch in state.watches.items() if watch.snooze is not None},
            state.muted,
            self._home.rules().zone,
            self.rules,
        )

    async def count_unseen(self) -> None:
        """How many alerts of earlier runs nobody has looked at."""
        book, after = self._home.store.alerts, await self._seen()
        count, is_urgent = await book.told_after(after)
        self.unseen = Unseen(count, is_urgent)

    async def mark_seen(self) -> None:
        """Everything told so far was looked at."""
        book, store = self._home.store.alerts, self._home.store
        last = await book.last_number()
        if self.unseen.alerts:
            self.unseen = Unseen()
            self.version += 1
        if last != await self._seen():
            self._seen_until = last
            if store.writable:
                await book.set_seen(last)

    async def _seen(self) -> int:
        if self._seen_until is None:
            self._seen_until = await self._home.store.alerts.seen_until()
        return self._seen_until

    async def snooze(self, number: int, until: datetime | None = None, change: Decimal | None = None) -> Announced:
        """Silence about what alert `number` told, until a time, or until its value has changed by so many dollars.

        Raises InputError where there is no such alert, or neither is given, or the time has passed, or it tells of no
        dollars; ReadOnlyStore where nothing can be kept.
        """
        if until is None and change is None:
            raise InputError("how long to be silent is not told", "write a time like 7d, or an amount like $200")
        if until is not None and until <= self._home.now():
            raise InputError("that time has passed", "write one that is still to come, like 7d")
        async with self._lock:
            found = await self._alert(number)
            if change is not None and not found.alert.kind.is_in_dollars:
                raise InputError("that alert is not about dollars", "write a time like 7d")
            state = await self._remembered()
            watch = self._watch(state, found.alert.key).snoozed(until, change)
            await self._rewatch(found, watch)
            return found

    async def wake(self, number: int) -> Announced:
        """Watches again what alert `number` told; what still holds now is taken as told.

        Raises InputError where there is no such alert or it is not snoozed; ReadOnlyStore where nothing can be kept.
        """
        async with self._lock:
            found = await self._alert(number)
            watch = self._watch(await self._remembered(), found.alert.key)
            if watch.snooze is None:
                raise InputError("that alert is not snoozed", "z snoozes it")
            await self._rewatch(found, watch.woken(self._home.now()))
            return found

    async def _alert(self, number: int) -> Announced:
        found = await self._home.store.alerts.announced(number)
        if found is None:
            raise InputError(f"there is no alert {number}", "see: harvest-tui alerts")
        return found

    @staticmethod
    def _watch(state: AlertState, key: str) -> Watch:
        from harvest_tui.core.harvest.hysteresis import Watch

        return state.watches.get(key, Watch())

    async def _rewatch(self, found: Announced, watch: Watch) -> None:
        from harvest_tui.core.harvest.alerts import AlertState

        before = await self._remembered()
        self._state = AlertState({**before.watches, found.alert.key: watch}, before.muted)
        try:
            await self._keep(self._home.now(), ())
        except HarvestError:
            self._state = before
            raise
        self.version += 1

    async def mute(self, asset: Asset) -> None:
        """No alert about the asset until it is unmuted. Raises InputError for an asset that nobody holds."""
        if not any(held == asset for _, held in self._home.facts().positions):
            raise InputError(f"no lots of {asset[:40]!r} are held", "see: harvest-tui lots")
        async with self._lock:
            await self._home.store.alerts.mute(asset, self._home.now())
            await self._reread_muted()

    async def unmute(self, asset: Asset) -> None:
        """Alerts about the asset again. Raises InputError for one that is not muted."""
        async with self._lock:
            if asset not in (await self._remembered()).muted:
                raise InputError(f"{asset[:40]!r} is not muted", "see: harvest-tui alerts")
            await self._home.store.alerts.unmute(asset)
            await self._reread_muted()

    async def muted(self) -> frozenset[Asset]:
        """The assets of which nothing is told."""
        async with self._lock:
            return (await self._remembered()).muted

    async def close(self) -> None:
        """Keeps what was remembered since the last time it was written. A disk that refuses ends nothing else."""
        async with self._lock:
            if self._state is not None and self._state != self._kept and self._home.store.writable:
                try:
                    await self._keep(self._home.now(), ())
                except HarvestError as error:
                    _log.error("alerts: %s", error)

    async def _remembered(self) -> AlertState:
        if self._state is None:
            self._state = self._kept = await self._home.store.alerts.state()
        return self._state

    async def _reread_muted(self) -> None:
        from harvest_tui.core.harvest.alerts import AlertState

        state = await self._remembered()
        self._state = AlertState(state.watches, (await self._home.store.alerts.state()).muted)
        self.version += 1

    def _is_worth_keeping(self, now: datetime) -> bool:
        """Peaks grow with every price: they are written once a minute, everything else at once."""
        if self._state == self._kept:
            return False
        if self._kept_at is None or abs(now - self._kept_at) >= _KEEP_EVERY:
            return True
        return self._kept is None or self._state is None or _lasting(self._state) != _lasting(self._kept)

    async def _keep(self, now: datetime, alerts: Sequence[Alert]) -> tuple[Announced, ...]:
        state = await self._remembered()
        announced = await self._home.store.alerts.keep(state, alerts)
        self._kept, self._kept_at = state, now
        return announced

    async def _background(self, day: date) -> Background:
        """Made anew only where lots, accounts or the day are others."""
        from harvest_tui.core.harvest.observations import background_of
        from harvest_tui.session.realized import brokers_of

        known = self._known
        if known is not None and (known.facts_version, known.day) == (self._home.facts_version, day):
            return known.background
        if isinstance(self._home.facts().ledger.lots, KeptLots):
            # The picture of the last run has no disposals: the year's results would be missing.
            await self._home.reload_facts()
        version, facts = self._home.facts_version, self._home.facts()
        volatilities = await self._volatilities(facts)
        bill = await asyncio.to_thread(self._bill, facts, day)
        rules = self.rules
        background = await asyncio.to_thread(
            background_of,
            self._home.portfolio(),
            bill,
            self.settings.taxpayer,
            day,
            within_days=rules.long_term_days or 0,
            volatilities=volatilities,
            brokers=brokers_of(self.settings, self._home.accounts()),
            stale_after=_NO_DAYS if rules.stale_hours is None else timedelta(hours=rules.stale_hours),
        )
        self._known = _Known(version, day, background)
        return background

    def _bill(self, facts: Facts, day: date) -> ExpectedBill | None:
        """The bill of the year so far; None for a year whose tables are not known."""
        from harvest_tui.core.harvest.bill import expected_bill
        from harvest_tui.core.tax.year_so_far import year_so_far
        from harvest_tui.core.tax.year_table import known_years

        if day.year not in known_years():
            return None
        taxpayer = self.settings.taxpayer
        return expected_bill(taxpayer, year_so_far(facts.ledger, taxpayer, day.year, self._home.rules().zone).inputs)

    async def _volatilities(self, facts: Facts) -> dict[Asset, Volatility]:
        from harvest_tui.session import planning
        from harvest_tui.session.order_limits import OrderLimitBook

        store = self._home.store
        home = planning.Home(store, self.settings, self._home.rules(), OrderLimitBook(store))
        assets = {asset for _, asset in facts.positions if asset != USD}
        return await planning.load_volatilities(home, assets, self._home.now())


def _lasting(state: AlertState) -> object:
    return state.muted, {key: watch._replace(peak=ZERO) for key, watch in state.watches.items()}
