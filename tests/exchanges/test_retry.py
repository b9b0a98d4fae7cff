"""Reads are repeated while that is of use, as slowly as asked, and never against a refused key."""

from collections.abc import Awaitable, Callable

import pytest

from harvest_tui.errors import (
    BadReply,
    ClockSkewed,
    ExchangeUnreachable,
    HarvestError,
    KeyRefused,
    RateLimited,
    RightMissing,
)
from harvest_tui.exchanges.failures import RefusedRequest
from harvest_tui.exchanges.retry import Pacing, retried


class Failing:
    """Raises the given errors one by one, then answers 42."""

    def __init__(self, *errors: HarvestError) -> None:
        self.errors = list(errors)
        self.tries = 0
        self.slept: list[float] = []

    async def attempt(self) -> int:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return 42

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def run(self, resync: Callable[[], Awaitable[object]] | None = None) -> int:
        return await retried(self.attempt, Pacing(sleep=self.sleep, jitter=lambda: 0.5), resync=resync)


def unreachable() -> HarvestError:
    return ExchangeUnreachable("no answer", "later")


async def test_four_failures_are_waited_out_for_one_two_four_and_eight_seconds() -> None:
    failing = Failing(unreachable(), BadReply("x", "y"), unreachable(), unreachable())
    assert await failing.run() == 42
    assert failing.slept == [1, 2, 4, 8]


async def test_the_fifth_failure_is_the_last() -> None:
    failing = Failing(*(unreachable() for _ in range(9)))
    with pytest.raises(ExchangeUnreachable):
        await failing.run()
    assert failing.tries == 5


@pytest.mark.parametrize("kind", [KeyRefused, RightMissing, RefusedRequest])
async def test_a_refused_key_right_or_request_is_never_asked_again(kind: type[HarvestError]) -> None:
    failing = Failing(kind("no", "stop"))
    with pytest.raises(kind):
        await failing.run()
    assert (failing.tries, failing.slept) == (1, [])


async def test_a_told_wait_is_kept_where_it_is_longer_than_ours() -> None:
    failing = Failing(RateLimited("slow", "x", 7.0), RateLimited("slow", "x", 0.5))
    assert await failing.run() == 42
    assert failing.slept == [7.0, 2.0]


async def test_a_ban_of_minutes_stops_at_once_instead_of_sleeping_through_it() -> None:
    failing = Failing(RateLimited("banned", "x", 900.0))
    with pytest.raises(RateLimited):
        await failing.run()
    assert failing.slept == []


async def test_a_refused_nonce_resyncs_the_clock_once_and_no_more() -> None:
    resyncs: list[str] = []

    async def resync() -> None:
        resyncs.append("clock")

    once = Failing(ClockSkewed("nonce", "x"))
    assert await once.run(resync) == 42
    twice = Failing(ClockSkewed("nonce", "x"), ClockSkewed("nonce", "x"))
    with pytest.raises(ClockSkewed):
        await twice.run(resync)
    assert (len(resyncs), twice.tries) == (2, 2)
