"""When a failed read is asked again, and after how long."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from harvest_tui.errors import BadReply, ClockSkewed, ExchangeUnreachable, HarvestError, RateLimited
from harvest_tui.exchanges.bucket import Clock, Sleep
from harvest_tui.exchanges.failures import RefusedRequest

TRIES = 5
LONGEST_WAIT = 60.0
"""Seconds. Asked to wait longer, we stop and say so instead."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Pacing:
    """The clocks and the sleep a client lives by; tests bring their own.

    `clock` never goes back, `wall` is seconds since 1970, `jitter` is even between 0 and 1.
    """

    clock: Clock = time.monotonic
    wall: Clock = time.time
    sleep: Sleep = asyncio.sleep
    jitter: Callable[[], float] = random.random
    timeout_seconds: float = 10.0
    keeps_limits: bool = True
    """False only towards a simulator that has no limits."""


def wait_after(error: HarvestError, failed: int, jitter: float) -> float | None:
    """Seconds to wait before the next try, after `failed` tries; None where none is of use.

    1, 2, 4, 8 seconds, a quarter more or less; as long as the exchange asks where it does.
    """
    if failed >= TRIES or isinstance(error, RefusedRequest):
        return None
    backoff: float = 2 ** (failed - 1) * (0.75 + jitter / 2)
    if isinstance(error, RateLimited):
        asked = error.retry_after or 0.0
        return max(asked, backoff) if asked <= LONGEST_WAIT else None
    return backoff if isinstance(error, (ExchangeUnreachable, BadReply)) else None


async def retried(
    attempt: Callable[[], Awaitable[Result]],
    pacing: Pacing,
    *,
    resync: Callable[[], Awaitable[object]] | None = None,
    on_limit: Callable[[], None] = lambda: None,
    tries: int = TRIES,
) -> Result:
    """What `attempt` answers, tried again while that is of use; the last error otherwise.

    Where the exchange refuses our time, `resync` is called once and the attempt repeated at once.
    """
    failed, is_resynced = 0, False
    while True:
        try:
            return await attempt()
        except ClockSkewed:
            if is_resynced or resync is None:
                raise
            is_resynced = True
            await resync()
        except HarvestError as error:
            failed += 1
            wait = wait_after(error, failed, pacing.jitter()) if failed < tries else None
            if wait is None:
                raise
            if isinstance(error, RateLimited):
                on_limit()
            await pacing.sleep(wait)
