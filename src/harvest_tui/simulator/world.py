"""One simulated world: a person's true accounts on several venues, and a market that moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from harvest_tui.core.money import ROUNDED
from harvest_tui.simulator.book import Book
from harvest_tui.simulator.generator import generate
from harvest_tui.simulator.habits import HABITS, markets_of
from harvest_tui.simulator.history_faults import HistoryFaults, Row
from harvest_tui.simulator.live import LiveMarket
from harvest_tui.simulator.prices import DAY_US, PriceHistory, noise
from harvest_tui.simulator.scenario import FASTEST, SLOWEST, Scenario
from harvest_tui.simulator.venue import Happening

CALM = Scenario("calm", "Nothing is planted, and the market goes its own way.")
_HISTORY_ENDS_BEFORE_US = 3 * DAY_US


class Bar(NamedTuple):
    """One candle; prices in the market's quote, volume in its base."""

    start_us: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Tick:
    """The state of one market at an instant."""

    base: str
    quote: str
    last: Decimal
    bid: Decimal
    ask: Decimal
    at_us: int


class World:
    """Make one with `World.generate`. Everything but the live market is the same for the same arguments."""

    def __init__(
        self,
        seed: int,
        books: Mapping[str, Book],
        prices: PriceHistory,
        listed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """`listed` are coins that a venue trades for dollars besides its usual ones."""
        self.seed = seed
        self.tick_rate = 1.0
        """Batches of ticks a second to each subscriber; 0 holds the market feed."""
        self.faults = HistoryFaults(seed)
        self._books = dict(books)
        self._prices = prices
        self._listed = listed
        self._skew_us = 0
        self._market = LiveMarket(prices, seed, self._true_now_us)

    @classmethod
    def generate(
        cls, seed: int, venues: Sequence[str], rows: int | None, now_us: int, scenario: Scenario = CALM
    ) -> World:
        """A world whose history ends a few days before `now_us`, with what the scenario plants in it.

        Raises:
            ValueError: no venue, or one that is not known.
        """
        unknown = [venue for venue in venues if venue not in HABITS]
        if unknown or not venues:
            raise ValueError(f"venues are {', '.join(HABITS)}; not {', '.join(unknown) or 'none'}")
        prices = PriceHistory(seed)
        plants = scenario.sow(prices.at, now_us)
        lives = generate(seed, venues, rows, prices.at, now_us - _HISTORY_ENDS_BEFORE_US, plants)
        world = cls(seed, {venue: life.book for venue, life in lives.items()}, prices, scenario.listed)
        for coin, price in scenario.pegs(prices.at, now_us).items():
            world.set_price(coin, price)
        return world

    @property
    def venues(self) -> tuple[str, ...]:
        """The venues that have an account in this world."""
        return tuple(self._books)

    def history(self, venue: str) -> list[Happening]:
        """Everything that happened, oldest first; it grows when something happens live."""
        return self._books[venue].happenings

    def balances(self, venue: str) -> dict[str, Decimal]:
        """Units held by asset, staked ones included; assets with nothing are left out."""
        return {asset: held for asset, held in self._books[venue].held.items() if held}

    def staked(self, venue: str) -> dict[str, Decimal]:
        """The part of the balances that is in staking wallets."""
        return {asset: held for asset, held in self._books[venue].staked.items() if held}

    def free(self, venue: str) -> dict[str, Decimal]:
        """Units held by asset that are not staked."""
        book = self._books[venue]
        return {asset: units for asset in book.held if (units := book.free(asset))}

    def happen(self, venue: str, happening: Happening) -> Happening:
        """Books something that happens now; its `number` and `at_us` (where 0) are given here.

        Raises:
            ValueError: it would overdraw the account.
        """
        now = max(self._true_now_us(), self._books[venue].happenings[-1].at_us + 1_000)
        return self._books[venue].append(_at(happening, now))

    def served(self, venue: str, stream: str, rows: Sequence[Row], newest_first: bool = True) -> list[Row]:
        """The rows as the venue shall serve them, before it cuts a page: the history faults at work."""
        return self.faults.served(venue, stream, rows, newest_first)

    def now_us(self) -> int:
        """The venues' clock: UTC microseconds, off by the chosen skew."""
        return self._true_now_us() + self._skew_us

    def skew(self, seconds: float) -> None:
        """Sets the venues' clock off; 0 puts it right."""
        self._skew_us = round(seconds * 1_000_000)

    def markets(self, venue: str) -> list[tuple[str, str]]:
        """(base, quote) of every market."""
        return markets_of(venue) + [(coin, "USD") for coin in self._listed.get(venue, ())]

    def price(self, asset: str, at_us: int) -> Decimal:
        """US dollars of one unit at an instant."""
        return self._market.at(asset, at_us)

    def live_price(self, asset: str) -> Decimal:
        """US dollars of one unit now."""
        return self._market.price(asset)

    def set_price(self, asset: str, price: Decimal) -> None:
        """Puts a coin at a price; it walks on from there."""
        self._market.set_price(asset, price)

    def crash(self, percent: float) -> None:
        """Drops the whole market within seconds."""
        self._market.crash(percent)

    def run_at(self, speed: float) -> None:
        """Lets prices move as much in one second as they otherwise do in `speed` of them. Clocks stay true: what is
        dated by the venue, and what is signed for it, is dated as ever.

        Raises:
            ValueError: slower or faster than a market here can run.
        """
        if not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"a market runs at {SLOWEST:g} to {FASTEST:g} times its pace")
        self._market.speed = speed

    def tick(self, base: str, quote: str) -> Tick:
        """The market now."""
        last = self._cross(self.live_price(base), self.live_price(quote))
        half = ROUNDED.multiply(last, Decimal("0.0002"))
        bid, ask = (self._like(last, ROUNDED.add(last, sign * half)) for sign in (-1, 1))
        return Tick(base, quote, last, min(bid, last), max(ask, last), self.now_us())

    async def ticks(self, venue: str) -> AsyncIterator[list[Tick]]:
        """A batch of all markets of the venue at once, then one at each beat of `tick_rate`, for ever."""
        while True:
            if self.tick_rate > 0:
                yield [self.tick(base, quote) for base, quote in self.markets(venue)]
            wait = 1 / self.tick_rate if self.tick_rate > 0 else 0.2
            while wait > 0:
                step = min(wait, 0.2)
                await asyncio.sleep(step)
                wait = min(wait - step, 1 / self.tick_rate if self.tick_rate > 0 else 0.0)

    def candles(self, base: str, quote: str, seconds: int, start_us: int, end_us: int) -> list[Bar]:
        """Bars that begin from `start_us` on and before `end_us`, on multiples of `seconds`; none ahead of now."""
        width = seconds * 1_000_000
        first = -(-start_us // width) * width
        return [self._bar(base, quote, start, width) for start in range(first, min(end_us, self._true_now_us()), width)]

    def _bar(self, base: str, quote: str, start: int, width: int) -> Bar:
        volume = Decimal(f"{abs(noise(base + quote, start // 60_000_000)) * 400 + 3:.8f}")
        if width == DAY_US and quote == "USD" and start + width < self._true_now_us():
            day = self._prices.day(base, start // DAY_US)
            return Bar(start, day.open, day.high, day.low, day.close, volume)
        now = self._true_now_us()
        samples = [min(now, start + width * part // 4 - (part == 4)) for part in range(5)]
        prices = [self._cross(self.price(base, at), self.price(quote, at)) for at in samples]
        return Bar(start, prices[0], max(prices), min(prices), prices[-1], volume)

    def _cross(self, base: Decimal, quote: Decimal) -> Decimal:
        if quote == 1:
            return base
        price = ROUNDED.divide(base, quote)
        digits = max(2, 6 - max(0, price.adjusted() + 1)) if price >= 1 else 6
        return price.quantize(Decimal(1).scaleb(-digits), context=ROUNDED)

    @staticmethod
    def _like(sample: Decimal, value: Decimal) -> Decimal:
        return value.quantize(sample, context=ROUNDED)

    @staticmethod
    def _true_now_us() -> int:
        return time.time_ns() // 1000


def _at(happening: Happening, now_us: int) -> Happening:
    return happening if happening.at_us else replace(happening, at_us=now_us)
