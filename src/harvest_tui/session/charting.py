"""What charts are drawn from: past prices and lots of one asset, the year's losses day by day, the marginal ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.records import USD, Asset, Candle
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session.deciding import load_history
from harvest_tui.session.facts import load_facts, load_prices

if TYPE_CHECKING:
    from harvest_tui.core.harvest.ladder import LadderStep
    from harvest_tui.core.harvest.levels import Levels
    from harvest_tui.core.harvest.missed import MissedLosses
    from harvest_tui.core.lots.calendar import Week
    from harvest_tui.core.lots.holdings import Changes
    from harvest_tui.core.lots.ledger import Ledger
    from harvest_tui.exchanges.candles import CandleVenue
    from harvest_tui.session.connections import Connections
    from harvest_tui.session.home import Home
    from harvest_tui.settings import Settings

PRICE_DAYS = 366
"""So far back reaches the chart of a price."""


class PricePath(NamedTuple):
    """One asset: its closes by UTC day, and its lots as levels. `days` are those that could have a close."""

    asset: Asset
    closes: Mapping[date, Candle]
    levels: Levels
    days: tuple[date, ...]


class LossYear(NamedTuple):
    """The losses of the tax year day by day, and where the closes come from."""

    missed: MissedLosses
    sources: tuple[str, ...]


class Ladders(NamedTuple):
    """What the next dollars of loss save in the tax year, by term.

    `limits` say what is left out: first what the lots lack, of which there are `gaps`, then what was not answered.
    """

    year: int
    short: tuple[LadderStep, ...]
    long: tuple[LadderStep, ...]
    limits: tuple[str, ...]
    gaps: int = 0


class Charts:
    """Figures over time. Each verb reads the cache and works in a thread; none but `fetch` asks the network."""

    def __init__(self, home: Home, settings: Settings, connections: Connections) -> None:
        self._home = home
        self.settings = settings
        self._connections = connections
        self._year: tuple[object, LossYear] | None = None
        self._fetched = 0
        self._lock = asyncio.Lock()

    async def price(self, asset: Asset) -> PricePath:
        """The closes of the last year and the open lots of all accounts."""
        from harvest_tui.core.harvest.closes import daily_closes
        from harvest_tui.core.harvest.levels import levels_of

        home, now = self._home, self._home.now()
        zone, ledger = home.rules().zone, home.facts().ledger
        days = _days_before(now)
        candles = await self._candles(asset, days)

        def derive() -> PricePath:
            levels = levels_of((lot for lot in ledger.lots if lot.asset == asset), zone)
            return PricePath(asset, daily_closes(candles, now), levels, days)

        return await asyncio.to_thread(derive)

    async def losses(self) -> LossYear:
        """The tax year's losses at each day's close, over the lots held then, and those taken.

        The whole history is matched for it; the answer is kept until lots, prices or the day change.
        """
        home, now = self._home, self._home.now()
        async with self._lock:
            key = (home.facts_version, self._fetched, now.astimezone(home.rules().zone).date(), now.date())
            if self._year is None or self._year[0] != key:
                self._year = (key, await self._losses(now))
            return self._year[1]

    async def _losses(self, now: datetime) -> LossYear:
        from harvest_tui.core.harvest.closes import daily_closes, days_of_year
        from harvest_tui.core.harvest.missed import losses_taken, missed_losses
        from harvest_tui.core.lots.holdings import changes_of
        from harvest_tui.core.lots.matching import Scope, ledger_of, match_books, without_collector

        home, rules = self._home, self._home.rules()
        year = now.astimezone(rules.zone).year
        days = days_of_year(year, rules.zone, now)
        _, events, pairs = await load_history(home.store, rules.zone)
        values = await load_prices(home.store, events)

        def replay() -> tuple[Changes, Ledger]:
            with without_collector():
                books = match_books(
                    events,
                    methods=rules.methods(),
                    scope=Scope(rules.scope),
                    zone=rules.zone,
                    values=values,
                    pairs=pairs,
                    allocation=rules.placements(),
                )
                return changes_of(books.replay), ledger_of(books, rules.zone)

        changes, ledger = await asyncio.to_thread(replay)
        candles = {asset: await self._candles(asset, days) for asset in changes.by_asset}

        def derive() -> LossYear:
            found = {asset: daily_closes(of_asset, now) for asset, of_asset in candles.items()}
            closes = {asset: {day: one.close for day, one in known.items()} for asset, known in found.items()}
            taken = losses_taken(ledger.disposals, year, rules.zone)
            sources = {one.source for known in found.values() for one in known.values()}
            return LossYear(missed_losses(changes, closes, days, taken, year), tuple(sorted(sources)))

        return await asyncio.to_thread(derive)

    async def _candles(self, asset: Asset, days: Sequence[date]) -> list[Candle]:
        from harvest_tui.core.harvest.closes import end_of

        if not days:
            return []
        return await self._home.store.candles(asset, end_of(days[0] - timedelta(days=1)), end_of(days[-1]))

    async def ladders(self) -> Ladders:
        """The steps at which the next dollar of loss is worth less, given the year so far.

        Raises InputError for a year without tax parameters.
        """
        from harvest_tui.core.tax.year_table import known_years

        home, rules, taxpayer = self._home, self._home.rules(), self.settings.taxpayer
        year = home.now().astimezone(rules.zone).year
        if year not in known_years():
            raise InputError(f"there are no tax parameters of {year}", f"known are {_listed(known_years())}")
        ledger = home.facts().ledger
        if not ledger.disposals:
            # The picture of the last run leaves disposals out; they come with the next derivation.
            ledger = (await load_facts(home.store, rules, home.now())).ledger

        def derive() -> Ladders:
            from harvest_tui.core.harvest.bill import expected_bill
            from harvest_tui.core.harvest.ladder import ladder
            from harvest_tui.core.lots.ledger import Term
            from harvest_tui.core.tax.year_so_far import year_so_far

            so_far = year_so_far(ledger, taxpayer, year, rules.zone)
            bill = expected_bill(taxpayer, so_far.inputs)
            short, long = (ladder(bill, *bill.this_year.start, term) for term in (Term.SHORT, Term.LONG))
            gaps = len(so_far.limits) - len(taxpayer.limits())
            return Ladders(year, short, long, so_far.limits, gaps)

        return await asyncio.to_thread(derive)

    async def calendar(self) -> tuple[Week, ...]:
        """Which lots turn long-term in each of the coming weeks, at the latest prices."""
        from harvest_tui.core.lots.calendar import weeks_ahead

        return await asyncio.to_thread(weeks_ahead, self._home.portfolio())

    async def fetch(self, assets: Iterable[Asset]) -> int:
        """Asks the exchanges for the closes of the last year that are missing, keeps them, and counts the new days.

        Raises InputError where no exchange is connected, ReadOnlyStore where nothing can be kept.
        """
        from harvest_tui.core.harvest.closes import daily_closes
        from harvest_tui.exchanges.daily_candles import daily_prices

        home, now = self._home, self._home.now()
        days = _days_before(now)
        wanted = {}
        for asset in dict.fromkeys(assets):
            known = daily_closes(await self._candles(asset, days), now)
            missing = [day for day in days if day not in known]
            if missing and asset != USD:
                wanted[asset] = missing
        if not wanted:
            return 0
        found = await daily_prices(await self._venues(), wanted, now)
        await home.store.save_candles(found.candles)
        self._fetched += 1
        return len(found.candles)

    async def _venues(self) -> list[CandleVenue]:
        from harvest_tui.exchanges.candles import CandleVenue

        exchanges = list(dict.fromkeys(account.exchange for account in self._home.accounts() if account.exchange))
        if not exchanges:
            raise InputError("no exchange is connected that could tell past prices", "press a to connect one")
        venues, trouble = [], None
        for exchange in exchanges:
            try:
                client = await self._connections.public(exchange)
                venues.append(CandleVenue(exchange, client, await self._connections.markets(exchange)))
            except HarvestError as error:
                trouble = error
        if not venues and trouble is not None:
            raise trouble
        return venues


def _days_before(now: datetime) -> tuple[date, ...]:
    """The finished UTC days that the chart of a price reaches back over."""
    today = now.astimezone(UTC).date()
    return tuple(today - timedelta(days=back) for back in range(PRICE_DAYS, 0, -1))


def _listed(years: Iterable[int]) -> str:
    return ", ".join(map(str, years))
