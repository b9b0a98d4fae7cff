"""Cancelling whoever waits for the cache neither loses a page nor leaves a transaction open."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

from store_samples import KRAKEN, account, leg, page, parse_swaps

from harvest_tui.store import Store

PAGES = 2_000


@dataclass
class Tally:
    """Pages whose saving began, and those whose saving was acknowledged."""

    begun: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    cancelled: int = 0


async def save(store: Store, number: int, tally: Tally) -> None:
    row = leg(number, group=f"g{number}")
    tally.begun.add(row.native_id)
    await store.save_page(page([row], stream=f"s{number % 7}", cursor=str(number)), parse_swaps)
    tally.acknowledged.add(row.native_id)


async def storm(store: Store, count: int, chance: random.Random) -> Tally:
    """Saves `count` pages, 50 at a time, while a third of the waiting tasks is cancelled at random moments."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    usual = 0.0
    for first in range(0, count, 50):
        started = loop.time()
        tasks = [asyncio.create_task(save(store, number, tally)) for number in range(first, first + 50)]
        for victim in chance.sample(tasks, 17):
            loop.call_later(chance.random() * usual, victim.cancel)
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        usual = loop.time() - started
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        tally.cancelled += sum(isinstance(answer, asyncio.CancelledError) for answer in answers)
    return tally


async def test_a_storm_of_cancellations_loses_nothing_and_wedges_nothing(store: Store) -> None:
    tally = await storm(store, PAGES, random.Random(41))
    assert tally.cancelled > PAGES // 10
    assert len(tally.acknowledged) + tally.cancelled == PAGES
    await store.close()
    async with await Store.open(store.path) as again:
        held = {row.native_id for row in await again.raw_rows(KRAKEN)}
        assert held == tally.begun >= tally.acknowledged
        assert len(await again.events()) == len(held)
        assert (await again.save_page(page([leg(PAGES)]), parse_swaps)).new == 1


async def test_one_writers_failure_never_takes_anothers_rows_along(store: Store) -> None:
    class Unlucky(Exception):
        pass

    def fail(*_: object) -> list[object]:
        raise Unlucky

    async def one(number: int) -> bool:
        try:
            await store.save_page(page([leg(number, group=f"g{number}")]), fail if number % 3 else parse_swaps)
        except Unlucky:
            return False
        return True

    kept = await asyncio.gather(*(one(number) for number in range(300)))
    assert sum(kept) == 100
    assert {row.native_id for row in await store.raw_rows(KRAKEN)} == {f"L{n:06d}" for n in range(0, 300, 3)}


async def test_cancelled_reads_leave_the_reader_free(store: Store) -> None:
    await store.save_page(page([leg(number) for number in range(2000)]), parse_swaps)
    for turns in range(40):
        reading = asyncio.create_task(store.events())
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert len(await store.events()) == 1000


def test_a_loop_that_ends_amid_a_page_leaves_a_sound_cache(cache: Path) -> None:
    async def leave() -> None:
        store = await Store.open(cache)

        await store.add_account(account())
        left.append(store)
        background.append(asyncio.create_task(store.save_page(page([leg(n) for n in range(900)]), parse_swaps)))
        for _ in range(25):
            await asyncio.sleep(0)

    async def look() -> tuple[int, list[str]]:
        async with await Store.open(cache) as store:
            assert store.writable
            return await store.raw_count(KRAKEN), await store.integrity()

    left: list[Store] = []
    background: list[asyncio.Task[object]] = []
    asyncio.run(leave())
    left[0].abandon()
    count, findings = asyncio.run(look())
    assert count in {0, 900}
    assert [finding for finding in findings if not finding.startswith("note: ")] == []
