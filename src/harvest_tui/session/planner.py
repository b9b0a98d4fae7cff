"""The planner behind the screen: reads the year when facts change, and weighs the lots anew as prices move."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.money import ZERO
from harvest_tui.errors import HarvestError

if TYPE_CHECKING:
    from harvest_tui.core.harvest.outlook import Outlook
    from harvest_tui.core.harvest.plan import Occasion
    from harvest_tui.core.harvest.targets import Aim
    from harvest_tui.core.identification.marks import MarkedLot, Plan
    from harvest_tui.core.lots.ledger import Lot
    from harvest_tui.core.portfolio import Portfolio, PositionKey
    from harvest_tui.core.records import Quote
    from harvest_tui.core.tax.profile import Profile
    from harvest_tui.session.facts import Facts
    from harvest_tui.session.home import Home
    from harvest_tui.session.marked_sums import MarkedSum, MarkedSums
    from harvest_tui.settings import Settings

WATCHED_SECONDS, REST_SECONDS = 2.0, 5.0
"""Lots are weighed no more often than this while the planner is on screen, and while only its sum is."""
_WATCHED_SHARE, _REST_SHARE = 8.0, 80.0
"""And not before so many times as long as the last weighing took have passed: keys and prices come first."""


class Untold(NamedTuple):
    """An answer of the profile that is missing: its name in a few words, what is assumed, and how to tell it."""

    name: str
    assumed: str
    command: str


class PlannerView(NamedTuple):
    """What the planner knows at this instant. `outlook` is None until lots were weighed, or where `trouble` says why
    they cannot be. `left` is the time to the end of the tax year; `version` grows with every outlook."""

    outlook: Outlook | None
    trouble: str
    is_weighing: bool
    now: datetime
    left: timedelta | None
    untold: tuple[Untold, ...]
    version: int

    @property
    def local_now(self) -> datetime:
        """The instant on the taxpayer's own clock."""
        return self.now if self.outlook is None else self.now.astimezone(self.outlook.deadline.tzinfo)


class _Footing(NamedTuple):
    """What an outlook stands on: where it changes, the lots are weighed anew; for prices alone not at once."""

    facts: int
    prices: int
    day: date
    aim: tuple[Aim, Decimal] | None


Spawn = Callable[[Coroutine[Any, Any, None], str], None]


class Planner:
    """Weighs lots in a thread, one weighing at a time; what it last found can be asked at any time and costs nothing.

    `is_awake` is set once the first lots are on screen, `is_watched` while the planner's own pane is.
    """

    def __init__(
        self, home: Home, settings: Settings, spawn: Spawn, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._home = home
        self.settings = settings
        self._spawn = spawn
        self._clock = clock
        self.is_awake = False
        self.is_watched = False
        self._aim: tuple[Aim, Decimal] | None = None
        self._occasion_key: tuple[int, date] | None = None
        self.occasion: Occasion | None = None
        """What the last outlook was made from."""
        self._sums: tuple[object, MarkedSums] | None = None
        self._outlook: Outlook | None = None
        self._trouble = ""
        self._weighed: _Footing | None = None
        self._is_weighing = False
        self._next_at = float("-inf")
        self._is_wanted = False
        self._version = 0
        self._positions: tuple[int, dict[PositionKey, list[Lot]]] = (-1, {})
        self._lock = asyncio.Lock()

    @property
    def aim(self) -> Aim:
        """What the best set is chosen for."""
        from harvest_tui.core.harvest.targets import Aim

        return Aim.BEST if self._aim is None else self._aim[0]

    def aim_at(self, aim: Aim, amount: Decimal = ZERO) -> None:
        """Chooses the best set for another target from now on; `amount` is of loss or of gain, in US dollars."""
        self._aim = aim, amount
        self.refresh()

    def refresh(self) -> None:
        """The next look weighs the lots anew, however short the last one is ago."""
        self._is_wanted = True

    def view(self) -> PlannerView:
        """What is known now. Starts a weighing beside the screen where one is due; never waits."""
        if self.is_awake and not self._is_weighing and self._is_due():
            self._is_weighing = True
            self._spawn(self._weigh_beside(), "plan")
        now, outlook = self._home.now(), self._outlook
        return PlannerView(
            outlook=outlook,
            trouble=self._trouble,
            is_weighing=self._is_weighing,
            now=now,
            left=None if outlook is None else max(timedelta(0), outlook.deadline - now),
            untold=untold(self.settings.taxpayer),
            version=self._version,
        )

    async def weighed(self) -> PlannerView:
        """The view as of now: waits for a weighing of the latest lots and prices."""
        await self._weigh()
        return self.view()

    def sum_marked(
        self, marked: Sequence[MarkedLot], quotes: Mapping[PositionKey, Quote] | None = None
    ) -> MarkedSum | None:
        """What the marked lots come to at the latest prices, or at `quotes`; None before an outlook.

        The same marks again cost nothing, others what they differ by, and a price its position.
        """
        sums = self._marked_sums()
        if sums is None:
            return None
        return sums.of(marked, self._home.portfolio().quotes if quotes is None else quotes)

    def _marked_sums(self) -> MarkedSums | None:
        occasion, outlook = self.occasion, self._outlook
        if occasion is None or outlook is None:
            return None
        key = self._occasion_key, outlook.bill
        if self._sums is None or self._sums[0] != key:
            from harvest_tui.session.marked_sums import MarkedSums

            self._sums = key, MarkedSums(occasion, outlook.bill)
        return self._sums[1]

    def part_of(self, lot: Lot, text: str) -> Decimal:
        """The units of the lot that the words ask for, on top of the other marked lots. Raises InputError otherwise."""
        from harvest_tui.core.harvest.costs import sale_of
        from harvest_tui.core.harvest.parts import Whole, read_part

        occasion, outlook, sums = self.occasion, self._outlook, self._marked_sums()
        quote = self._home.portfolio().quotes.get((lot.account, lot.asset))
        if occasion is None or outlook is None or sums is None or quote is None:
            return read_part(text, Whole(lot.quantity, None, ZERO, ZERO), None, self.settings.taxpayer)
        price, at = quote.price, occasion.portfolio.as_of
        sale = sale_of(lot, lot.quantity, price, occasion.profile, at, occasion.zone)
        whole = Whole(lot.quantity, sale, *sums.results_without(lot.lot_id))
        return read_part(text, whole, outlook.bill, occasion.profile)

    def reaches(self, lot: Lot, plan: Plan) -> bool:
        """Whether a sale would consume this lot, once what the plan marks whole before it is sold."""
        from harvest_tui.core.harvest.circumstances import PLAIN, Reach
        from harvest_tui.core.harvest.reaching import is_reached

        key = (lot.account, lot.asset)
        around = PLAIN if self.occasion is None else self.occasion.surroundings.get(key, PLAIN)
        if around.reach is Reach.ANY:
            return True
        sold = {mark.lot_id for mark in plan.marks if mark.quantity is None}
        return is_reached(lot, self._held(key), sold, around)

    def _held(self, key: PositionKey) -> Sequence[Lot]:
        version = self._home.facts_version
        if self._positions[0] != version:
            lots: dict[PositionKey, list[Lot]] = {}
            for lot in self._home.facts().ledger.lots:
                lots.setdefault((lot.account, lot.asset), []).append(lot)
            self._positions = version, lots
        return self._positions[1].get(key, [])

    def _footing(self) -> _Footing:
        home = self._home
        day = home.now().astimezone(home.rules().zone).date()
        return _Footing(home.facts_version, home.quotes_version, day, self._aim)

    def _is_due(self) -> bool:
        footing = self._footing()
        if self._weighed is None or self._is_wanted:
            return True
        if footing._replace(prices=0) != self._weighed._replace(prices=0):
            return True
        return footing != self._weighed and self._clock() >= self._next_at

    async def _weigh_beside(self) -> None:
        try:
            await self._weigh()
        finally:
            self._is_weighing = False

    async def _weigh(self) -> None:
        async with self._lock:
            began, footing = self._clock(), self._footing()
            self._is_wanted = False
            try:
                self._outlook, self._trouble = await self._look(), ""
            except HarvestError as error:
                self._outlook, self._trouble = None, f"{error.happened}. {error.hint}"
            except ValueError as error:
                self._outlook, self._trouble = None, str(error)
            finally:
                took = self._clock() - began
                least, share = (WATCHED_SECONDS, _WATCHED_SHARE) if self.is_watched else (REST_SECONDS, _REST_SHARE)
                self._next_at = self._clock() + max(least, share * took)
                self._weighed = footing
                self._version += 1

    async def _look(self) -> Outlook | None:
        facts, portfolio, now = self._home.facts(), self._home.portfolio(), self._home.now()
        if isinstance(facts.ledger.lots, KeptLots):
            return None  # the picture of the last run has no sales in it: the year is not known yet
        occasion = await self._occasion_of(facts, portfolio.with_quotes(portfolio.quotes, now))
        aim = self._aim
        return await asyncio.to_thread(_look_out, occasion, aim)

    async def _occasion_of(self, facts: Facts, portfolio: Portfolio) -> Occasion:
        from harvest_tui.session.order_limits import OrderLimitBook
        from harvest_tui.session.planning import Home as Sources
        from harvest_tui.session.planning import load_occasion

        home, rules = self._home, self._home.rules()
        key = home.facts_version, portfolio.as_of.astimezone(rules.zone).date()
        if self.occasion is not None and self._occasion_key == key:
            self.occasion = replace(self.occasion, portfolio=portfolio)
        else:
            sources = Sources(home.store, self.settings, rules, OrderLimitBook(home.store))
            self.occasion = await load_occasion(sources, facts, portfolio)
            self._occasion_key = key
        return self.occasion


def _look_out(occasion: Occasion, aim: tuple[Aim, Decimal] | None) -> Outlook:
    from harvest_tui.core.harvest.outlook import look_out

    return look_out(occasion) if aim is None else look_out(occasion, *aim)


def untold(profile: Profile) -> tuple[Untold, ...]:
    """The missing answers that `Profile.limits` speaks of, in its order."""
    asked = (
        (profile.wages is None, "wages", "none", "wages 85000"),
        (not profile.knows_gains, "gains made elsewhere", "none", "short-gain 2500"),
        (profile.status is None, "filing status", "single", "status married_joint"),
        (profile.carry_short is None and profile.carry_long is None, "losses carried in", "none", "carry-long 1200"),
        (not profile.knows_next_year, "next year's gains", "none", "next-long-gain 4000"),
    )
    return tuple(
        Untold(name, assumed, f"harvest-tui profile set {words}")
        for is_missing, name, assumed, words in asked
        if is_missing
    )
