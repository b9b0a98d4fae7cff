"""The journal names what changed since a mark, forgets the oldest, and says when it cannot know."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import BTC, KRAKEN, START, leg, page, parse_swaps

from harvest_tui.core.records import AccountId, Amount, Candle, Event, EventId, EventKind
from harvest_tui.errors import InputError
from harvest_tui.store import Store
from harvest_tui.store.journal import Changes, Journal, Touched

PAPER = AccountId("paper")


def event(name: str, account: AccountId = PAPER) -> Event:
    return Event(EventId(f"{account}:{name}"), account, EventKind.DEPOSIT, START, received=Amount(Decimal(3), BTC))


def touched(*names: str) -> Touched:
    one = Touched()
    one.event_ids += [EventId(name) for name in names]
    return one


def names_since(store: Store, mark: int) -> set[str]:
    changes = store.changes_since(mark)
    assert changes is not None
    return set(changes.event_ids)


async def test_a_page_names_the_events_of_every_group_that_it_touches(store: Store) -> None:
    begin = store.mark()
    await store.save_page(page([leg(0), leg(1), leg(2)]), parse_swaps)
    assert names_since(store, begin) == {"kraken main:swap-0", "kraken main:swap-1"}
    then = store.mark()
    await store.save_page(page([leg(2), leg(3)]), parse_swaps)
    assert names_since(store, then) == {"kraken main:swap-1"}, "a known row changes nothing"
    await store.save_page(page([leg(3, group="swap-9", native_id="L000003")]), parse_swaps)
    assert names_since(store, then) == {"kraken main:swap-1", "kraken main:swap-9"}
    assert store.changes_since(store.mark()) == Changes(store.mark())


async def test_an_event_that_a_row_no_longer_tells_is_named_too(store: Store) -> None:
    await store.save_page(page([leg(0)]), parse_swaps)
    begin = store.mark()
    await store.save_page(page([leg(0, quantity="7")]), lambda *_: [])
    assert names_since(store, begin) == {"kraken main:swap-0"}
    assert await store.named_events([EventId("kraken main:swap-0")]) == []


async def test_an_import_names_what_was_new_and_what_failed_names_nothing(store: Store) -> None:
    await store.import_events([event("1")], "one.csv", "0" * 64)
    begin = store.mark()
    await store.import_events([event("1"), event("2")], "two.csv", "0" * 64)
    assert names_since(store, begin) == {"paper:2"}
    other = Event(EventId("paper:2"), PAPER, EventKind.DEPOSIT, START, received=Amount(Decimal(4), BTC))
    with pytest.raises(InputError):
        await store.import_events([event("3"), other], "three.csv", "0" * 64)
    assert names_since(store, begin) == {"paper:2"}


async def test_past_prices_are_named_by_coin_start_and_length(store: Store) -> None:
    begin = store.mark()
    await store.save_candles([Candle(BTC, START, 3600, *[Decimal(5)] * 4, "kraken")])
    changes = store.changes_since(begin)
    assert changes is not None
    assert (changes.event_ids, changes.candles) == ((), ((BTC, START, 3600),))


@pytest.mark.parametrize("what", ["remove_account", "rebuild_events"])
async def test_what_concerns_a_whole_account_is_not_told_by_name(store: Store, what: str) -> None:
    await store.save_page(page([leg(0)]), parse_swaps)
    begin = store.mark()
    await getattr(store, what)(KRAKEN, *[parse_swaps] * (what == "rebuild_events"))
    assert store.changes_since(begin) is None
    after = store.mark()
    await store.import_events([event("1")], "one.csv", "0" * 64)
    assert names_since(store, after) == {"paper:1"}


async def test_who_only_reads_cannot_know_what_changed(store: Store, cache: Path) -> None:
    async with await Store.open(cache, read_only=True) as second:
        assert second.changes_since(second.mark()) is None


async def test_an_imported_event_is_named_behind_the_exchanges_own_of_its_id(store: Store) -> None:
    name = EventId("kraken main:swap-0")
    await store.import_events([event("swap-0", KRAKEN), event("1")], "one.csv", "0" * 64)
    [imported] = await store.named_events([name])
    assert imported.executed_at == START
    await store.save_page(page([leg(4, group="swap-0")]), parse_swaps)
    found = await store.named_events([name, EventId("paper:1"), EventId("paper:9")])
    assert sorted((one.event_id, one.executed_at) for one in found) == [
        (name, START + timedelta(seconds=4)),
        ("paper:1", START),
    ]
    assert sorted(await store.events(), key=lambda one: one.event_id) == sorted(found, key=lambda one: one.event_id)


def test_the_oldest_names_are_forgotten_and_who_needs_them_is_told_so() -> None:
    journal = Journal(limit=3)
    marks = []
    for names in (("a", "b"), ("c",), ("a",)):
        marks.append(journal.mark)
        journal.add(touched(*names))
    assert [journal.since(mark) for mark in marks] == [
        Changes(3, (EventId("a"), EventId("c"), EventId("b"))),
        Changes(3, (EventId("a"), EventId("c"))),
        Changes(3, (EventId("a"),)),
    ]
    journal.add(touched("d"))
    assert journal.since(marks[0]) is None
    assert journal.since(marks[1]) == Changes(4, (EventId("d"), EventId("a"), EventId("c")))
    journal.add(Touched())
    assert journal.mark == 4
    journal.forget()
    assert journal.since(4) is None
    assert journal.since(journal.mark) == Changes(5)
