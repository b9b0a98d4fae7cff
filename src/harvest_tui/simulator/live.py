"""The market as it moves now: each price is its path's price times a factor that walks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import exp, log, sqrt
from random import Random

from harvest_tui.simulator.prices import COINS, PriceHistory, sensible

_SPREAD_A_SECOND = 0.00022
_PULL_A_SECOND = 0.0004
_CRASH_SECONDS = 4.0
_MINUTE_US = 60_000_000


class LiveMarket:
    """Prices from the moment it is made. `now_us` is a clock in microseconds of UTC."""

    def __init__(self, history: PriceHistory, seed: int, now_us: Callable[[], int]) -> None:
        self._history = history
        self._random = Random(f"{seed}:live")
        self._now_us = now_us
        self.speed = 1.0
        """How many seconds of the market's life pass in one."""
        self._moved_at = self._opened_at = now_us()
        self._factors = {coin: 1.0 for coin in COINS}
        self._level = {coin: 1.0 for coin in COINS}
        self._fall_left = 0.0
        self._minutes: dict[tuple[str, int], Decimal] = {}

    def price(self, asset: str) -> Decimal:
        """US dollars of one unit now."""
        if asset == "USD":
            return Decimal(1)
        self._move()
        return sensible(float(self._history.at(asset, self._now_us())) * self._factors[asset])

    def at(self, asset: str, at_us: int) -> Decimal:
        """The price at any instant: what was live in its minute, or else the path."""
        return self._minutes.get((asset, at_us // _MINUTE_US)) or self._history.at(asset, at_us)

    def crash(self, percent: float) -> None:
        """All coins but the dollar-pegged ones lose `percent` within some seconds, and stay there."""
        if not 0 < percent < 100:
            raise ValueError("a crash takes more than 0 and less than 100 percent")
        self._move()
        self._fall_left += -log(1 - percent / 100)

    def set_price(self, asset: str, price: Decimal) -> None:
        """One coin is at this price from now on, and walks from there."""
        self._move()
        factor = float(price) / float(self._history.at(asset, self._now_us()))
        self._factors[asset] = self._level[asset] = factor

    def _move(self) -> None:
        now = self._now_us()
        seconds = (now - self._moved_at) * self.speed / 1_000_000
        if seconds < 0.02 * self.speed:
            if seconds < 0:
                self._moved_at = now
            return
        self._moved_at = now
        seconds = min(seconds, 3600.0)
        fall = min(self._fall_left, self._fall_left * seconds / _CRASH_SECONDS + 0.002) if self._fall_left else 0.0
        self._fall_left -= fall
        common = self._random.gauss(0, _SPREAD_A_SECOND * sqrt(seconds))
        for coin in self._factors:
            self._step(coin, seconds, common, fall, now)

    def _step(self, coin: str, seconds: float, common: float, fall: float, now: int) -> None:
        calm = 0.03 if coin in {"USDC", "USDT"} else 1.0
        if calm == 1.0:
            self._level[coin] *= exp(-fall)
            self._factors[coin] *= exp(-fall)
        own = self._random.gauss(0, _SPREAD_A_SECOND * sqrt(seconds))
        pull = min(1.0, _PULL_A_SECOND * seconds) * (self._level[coin] - self._factors[coin])
        self._factors[coin] = self._factors[coin] * exp(calm * (common + own)) + pull
        self._minutes[coin, now // _MINUTE_US] = sensible(float(self._history.at(coin, now)) * self._factors[coin])
