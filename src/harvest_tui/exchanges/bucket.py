"""A token bucket that waits exactly as long as the exchange's limit asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from harvest_tui.exchanges.strategies.base import BucketRule

Clock = Callable[[], float]
"""Seconds, never going back."""
Sleep = Callable[[float], Awaitable[object]]


class Bucket:
    """`rule.capacity` units at once, `rule.refill_per_second` back. Waiters are served in order."""

    def __init__(self, rule: BucketRule, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._rule = rule
        self._clock = clock
        self._sleep = sleep
        self._level = rule.capacity
        self._at = clock()
        self._turn = asyncio.Lock()

    def wait_for(self, cost: float) -> float:
        """Seconds until `cost` units can be taken."""
        self._refill()
        missing = min(cost, self._rule.capacity) - self._level
        return max(0.0, missing / self._rule.refill_per_second)

    async def take(self, cost: float) -> None:
        """Takes `cost` units once they are there. A cost above the capacity waits for a full bucket."""
        async with self._turn:
            # The rest of a float division may ask for a wait no clock can tell; a microsecond is none.
            while (wait := self.wait_for(cost)) > 1e-6:
                await self._sleep(wait)
            self._level -= cost

    def drain(self) -> None:
        """Empties the bucket: the exchange counts more calls than we do."""
        self._refill()
        self._level = min(self._level, 0.0)

    def _refill(self) -> None:
        now = self._clock()
        back = max(0.0, now - self._at) * self._rule.refill_per_second
        self._level = min(self._rule.capacity, self._level + back)
        self._at = now
