"""The bucket waits to the instant the exchange's own counter allows, and never longer."""

import asyncio
from itertools import pairwise

import pytest

from harvest_tui.exchanges.bucket import Bucket
from harvest_tui.exchanges.strategies.base import BucketRule


class HandClock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def bucket(capacity: float, refill: float) -> tuple[Bucket, HandClock]:
    clock = HandClock()
    return Bucket(BucketRule(capacity, refill), clock, clock.sleep), clock


async def test_forty_calls_of_two_units_take_what_krakens_pro_counter_imposes() -> None:
    full, clock = bucket(20, 1)
    for _ in range(40):
        await full.take(2)
    assert clock.now - 1000 == pytest.approx(60, abs=1e-3)


async def test_a_burst_within_the_capacity_does_not_wait() -> None:
    full, clock = bucket(15, 0.33)
    for _ in range(7):
        await full.take(2)
    assert clock.now == 1000
    await full.take(2)
    assert clock.now - 1000 == pytest.approx(1 / 0.33, abs=1e-3)


async def test_a_drained_bucket_waits_for_the_whole_cost() -> None:
    full, clock = bucket(15, 0.5)
    full.drain()
    await full.take(2)
    assert clock.now - 1000 == pytest.approx(4, abs=1e-3)


async def test_a_cost_above_the_capacity_waits_for_a_full_bucket_and_is_paid_back_after() -> None:
    full, clock = bucket(3, 1)
    await full.take(5)
    assert clock.now == 1000
    await full.take(1)
    assert clock.now - 1000 == pytest.approx(3, abs=1e-3)


async def test_waiters_are_served_in_the_order_they_came() -> None:
    full, clock = bucket(1, 0.5)
    served: list[tuple[int, float]] = []

    async def ask(number: int) -> None:
        await full.take(1)
        served.append((number, clock.now))

    await asyncio.gather(*(ask(number) for number in range(4)))
    assert [number for number, _ in served] == [0, 1, 2, 3]
    assert all(later - earlier == pytest.approx(2, abs=1e-3) for (_, earlier), (_, later) in pairwise(served))
