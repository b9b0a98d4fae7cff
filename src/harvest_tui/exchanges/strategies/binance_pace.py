"""Keeping to a limit that one endpoint has for itself, beside the account's shared weight."""

from __future__ import annotations

import asyncio
import time


class Pace:
    """At most `calls` in each span of `seconds` as clocks cut it (whole minutes, whole seconds), as Binance counts.

    Refused calls count towards a ban, so they are not tried.
    """

    def __init__(self, calls: int, seconds: int) -> None:
        self._calls = calls
        self._seconds = seconds
        self._span = -1
        self._made = 0

    async def step(self) -> None:
        """Returns when one more call may be made, and counts it."""
        while True:
            now = time.time()
            span = int(now // self._seconds)
            if span != self._span:
                self._span, self._made = span, 0
            if self._made < self._calls:
                self._made += 1
                return
            # A tenth more than to the turn of the span: the exchange's clock may be a little behind.
            await asyncio.sleep((span + 1) * self._seconds - now + 0.1)
