"""Alerts of a home: looked for under the latest prices, told once, kept in the cache; snoozed and muted by the user."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.harvest.alerts import Alert, AlertState, judge
from harvest_tui.core.harvest.hysteresis import Watch
from harvest_tui.core.harvest.observations import Background, RebuyClock, background_of, observe
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import USD, Asset
from harvest_tui.core.tax_days import tax_day
from harvest_tui.errors import InputError
from harvest_tui.session.realized import brokers_of
from harvest_tui.store.alert_book import Announced

if TYPE_CHECKING:
    from datetime import date

    from harvest_tui.core.harvest.alert_rules import AlertRules
    from harvest_tui.core.harvest.bill import ExpectedBill
    from harvest_tui.core.harvest.volatility import Volatility
    from harvest_tui.session.facts import Facts
    from harvest_tui.session.home import Home
    from harvest_tui.settings import Settings

_KEEP_EVERY = timedelta(minutes=1)
_NO_DAYS = timedelta(days=36_500)


class _Known(NamedTuple):
    """The background and what it was made of."""

    facts_version: int
    day: date
    background: Background


class Alerting:
    """Looks, tells and remembers. One instance of a home writes; where another does, what is told here is remembered
    in this one alone (`state`)."""

    def __init__(self, home: Home, settings: Settings, state: AlertState | None = None) -> None:
        """`state` is that of a look before, where it could not be kept."""
        self._home = home
        self._settings = settings
        self._state = state
        self._kept: AlertState | None = None
        self._kept_at: datetime | None = None
        self._known: _Known | None = None
        self._lock = asyncio.Lock()

    @property
    def rules(self) -> AlertRules:
        """What is told, and from where on."""
        return self._settings.alert_rules

    @property
    def state(self) -> AlertState | None:
        """What is remembered; None before the first look."""
        return self._state

    async def check(self, rebuys: Sequence[RebuyClock] = ()) -> tuple[Announced, ...]:
        """What is to be told now, kept in the journal; a restart tells none of it again.

        Numbers are 0 where this instance only reads.
        """
        async with self._lock:
            state = await self._remembered()
            portfolio, now, zone = self._home.portfolio(), self._home.now(), self._home.rules().zone
            background = await self._background(tax_day(now, zone))
            seen = await asyncio.to_thread(observe, portfolio, background, now, zone, tuple(rebuys))
            self._state, alerts = judge(state, seen, self.rules)
            if not self._home.store.writable:
                return tuple(Announced(0, alert) for alert in alerts)
            if alerts or self._is_worth_keeping(now):
                return await self._keep(now, alerts)
            return ()

    async def journal(self, at_most: int = 200) -> list[Announced]:
        """The latest alerts, the newest first."""
        return await self._home.store.alerts.journal(at_most)

    async def snooze(self, number: int, until: datetime | None = None, change: Decimal | None = None) -> Announced:
        """Silence about what alert `number` told, until a time, or until its value has changed by so much.

        Raises InputError where there is no such alert, or neither is given, or the time has passed; ReadOnlyStore where
        nothing can be kept.
        """
        if until is None and change is None:
            raise InputError("how long to be silent is not told", "write a time like 7d, or an amount like $200")
        if until is not None and until <= self._home.now():
            raise InputError("that time has passed", "write one that is still to come, like 7d")
        async with self._lock:
            found = await self._home.store.alerts.announced(number)
            if found is None:
                raise InputError(f"there is no alert {number}", "see: harvest-tui alerts")
            state = await self._remembered()
            key = found.alert.key
            watch = state.watches.get(key, Watch()).snoozed(until, change)
            self._state = AlertState({**state.watches, key: watch}, state.muted)
            await self._keep(self._home.now(), ())
            return found

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
        """Keeps what was remembered since the last time it was written."""
        async with self._lock:
            if self._state is not None and self._state != self._kept and self._home.store.writable:
                await self._keep(self._home.now(), ())

    async def _remembered(self) -> AlertState:
        if self._state is None:
            self._state = self._kept = await self._home.store.alerts.state()
        return self._state

    async def _reread_muted(self) -> None:
        state = await self._remembered()
        self._state = AlertState(state.watches, (await self._home.store.alerts.state()).muted)

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
        known = self._known
        if known is not None and (known.facts_version, known.day) == (self._home.facts_version, day):
            return known.background
        if known is None and not self._home.facts().ledger.disposals:
            # The picture of the last run has none: the year's results would be missing.
            await self._home.reload_facts()
        version, facts = self._home.facts_version, self._home.facts()
        volatilities = await self._volatilities(facts)
        bill = await asyncio.to_thread(self._bill, facts, day)
        rules = self.rules
        background = background_of(
            self._home.portfolio(),
            bill,
            self._settings.taxpayer,
            day,
            within_days=rules.long_term_days or 0,
            volatilities=volatilities,
            brokers=brokers_of(self._settings, self._home.accounts()),
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
        taxpayer = self._settings.taxpayer
        return expected_bill(taxpayer, year_so_far(facts.ledger, taxpayer, day.year, self._home.rules().zone).inputs)

    async def _volatilities(self, facts: Facts) -> dict[Asset, Volatility]:
        from harvest_tui.session import planning
        from harvest_tui.session.order_limits import OrderLimitBook

        store = self._home.store
        home = planning.Home(store, self._settings, self._home.rules(), OrderLimitBook(store))
        assets = {asset for _, asset in facts.positions if asset != USD}
        return await planning.load_volatilities(home, assets, self._home.now())


def _lasting(state: AlertState) -> object:
    return state.muted, {key: watch._replace(peak=ZERO) for key, watch in state.watches.items()}
