"""A page lands whole or not at all: rows, the events of every group they touch, and the cursor."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import COINBASE, KRAKEN, START, account, leg, page, parse_swaps

from harvest_tui.core.pages import PageOutcome, RawRow, StoredRow
from harvest_tui.core.records import AccountId, Event, EventKind
from harvest_tui.errors import BadReply, InputError, StoreError
from harvest_tui.store import Store, StreamState


async def test_a_page_is_counted_row_by_row(store: Store) -> None:
    assert await store.save_page(page([leg(0), leg(1), leg(2)]), parse_swaps) == PageOutcome(3, 0, 0)
    again = [leg(1), leg(2, quantity="9.5"), leg(3), leg(3)]
    assert await store.save_page(page(again), parse_swaps) == PageOutcome(new=1, known=2, changed=1)
    assert await store.raw_count(KRAKEN) == 4


async def test_the_two_legs_of_a_swap_may_come_on_different_pages_and_streams(store: Store) -> None:
    await store.save_page(page([leg(4)]), parse_swaps)
    [lonely] = await store.events()
    assert lonely.kind is EventKind.DEPOSIT
    await store.save_page(page([leg(5)], stream="trades"), parse_swaps)
    [swap] = await store.events()
    assert swap.kind is EventKind.TRADE
    assert swap.sent is not None and swap.sent.quantity == Decimal("5.073")
    assert swap.received is not None and str(swap.received.quantity) == "6.07300"


async def test_a_changed_payload_becomes_the_next_version_and_the_first_is_kept(store: Store, cache: Path) -> None:
    await store.save_page(page([leg(0)]), parse_swaps)
    await store.save_page(page([leg(0, quantity="8.25")], fetched_at=START + timedelta(hours=1)), parse_swaps)
    assert await store.raw_rows(KRAKEN) == [StoredRow("ledger", "L000000", leg(0, quantity="8.25").payload)]
    [event] = await store.events()
    assert event.received is not None and event.received.quantity == Decimal("8.25")
    with closing(sqlite3.connect(cache)) as file:
        told = file.execute("SELECT version, payload, fetched_us FROM raw_rows ORDER BY version").fetchall()
    assert told == [
        (1, leg(0).payload, 1_709_994_605_123_456),
        (2, leg(0, quantity="8.25").payload, 1_709_994_605_123_456 + 3_600_000_000),
    ]


async def test_a_row_that_moves_to_another_group_leaves_no_event_behind(store: Store) -> None:
    await store.save_page(page([leg(0), leg(1)]), parse_swaps)
    await store.save_page(page([leg(1, group="elsewhere")]), parse_swaps)
    assert sorted((event.event_id, event.kind) for event in await store.events()) == [
        (f"{KRAKEN}:elsewhere", EventKind.DEPOSIT),
        (f"{KRAKEN}:swap-0", EventKind.DEPOSIT),
    ]


async def test_the_same_native_id_in_two_streams_or_accounts_is_not_the_same_row(store: Store) -> None:
    await store.add_account(account(COINBASE, "coinbase"))
    for stream, of in (("ledger", KRAKEN), ("trades", KRAKEN), ("ledger", COINBASE)):
        assert (await store.save_page(page([leg(0)], stream=stream, of=of), parse_swaps)).new == 1
    assert (await store.raw_count(KRAKEN), await store.raw_count(KRAKEN, "trades")) == (2, 1)
    assert await store.raw_rows(KRAKEN, "trades") == [StoredRow("trades", "L000000", leg(0).payload)]


async def test_the_cursor_moves_with_its_page_and_stays_where_a_page_has_none(store: Store) -> None:
    await store.save_page(page([leg(0)], cursor='{"ofs":50}'), parse_swaps)
    await store.save_page(page([leg(1)], cursor=None), parse_swaps)
    await store.save_page(page([], stream="trades", cursor='"t"'), parse_swaps)
    assert await store.cursors(KRAKEN) == {"ledger": '{"ofs":50}', "trades": '"t"'}


async def test_a_stream_is_complete_only_from_the_last_page_of_its_walk_on(store: Store) -> None:
    later = START + timedelta(days=1)
    await store.save_page(page([leg(0)], expected_rows=7), parse_swaps)
    assert await store.stream_states(KRAKEN) == {"ledger": StreamState("ledger", False, None, START, 1, 7)}
    await store.save_page(page([leg(1)], is_last=True), parse_swaps)
    assert (await store.stream_states(KRAKEN))["ledger"] == StreamState("ledger", True, START, START, 2, 7)
    await store.save_page(page([leg(2)], fetched_at=later), parse_swaps)
    assert (await store.stream_states(KRAKEN))["ledger"] == StreamState("ledger", False, START, later, 3, 7)


async def test_a_page_whose_parse_fails_leaves_no_trace(store: Store) -> None:
    await store.save_page(page([leg(0)], cursor='"before"'), parse_swaps)
    before, version = await store.content_digest(), store.facts_version

    def refuse(of: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
        raise BadReply("a row without a time", "try again later")

    with pytest.raises(BadReply):
        await store.save_page(page([leg(1), leg(2)], cursor='"after"', is_last=True), refuse)
    assert await store.content_digest() == before
    assert await store.cursors(KRAKEN) == {"ledger": '"before"'}
    assert store.facts_version == version
    assert (await store.save_page(page([leg(1)]), parse_swaps)).new == 1


async def test_a_page_for_an_account_that_was_removed_meanwhile_is_refused(store: Store) -> None:
    await store.remove_account(KRAKEN)
    with pytest.raises(StoreError, match="no account"):
        await store.save_page(page([leg(0)]), parse_swaps)


async def test_an_event_of_another_account_or_an_id_told_twice_is_refused(store: Store) -> None:
    def other(of: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
        return [replace(event, account=COINBASE) for event in parse_swaps(of, group, rows)]

    def twice(of: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
        return parse_swaps(of, "one name for all", rows)

    for wrong in (other, twice):
        with pytest.raises(StoreError, match="please report this"):
            await store.save_page(page([leg(0), leg(2)]), wrong)
    assert await store.raw_count(KRAKEN) == 0


async def test_text_that_is_no_unicode_is_refused_in_words(store: Store) -> None:
    with pytest.raises(StoreError, match="valid Unicode"):
        await store.save_page(page([RawRow("L1", "g", '{"name": "\ud800"}')]), parse_swaps)


async def test_events_told_anew_from_the_raw_rows_are_the_same(store: Store) -> None:
    for first in range(0, 400, 7):
        await store.save_page(page([leg(number) for number in range(first, first + 9)]), parse_swaps)
    before, events = await store.content_digest(), await store.events()
    assert await store.rebuild_events(KRAKEN, parse_swaps) == len(events) == 204
    assert (await store.content_digest(), await store.events()) == (before, events)


async def test_a_rebuild_with_better_rules_replaces_every_event(store: Store) -> None:
    await store.save_page(page([leg(0), leg(1), leg(2)]), parse_swaps)

    def as_income(of: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
        return [replace(event, kind=EventKind.INCOME) for event in parse_swaps(of, group, rows)]

    await store.rebuild_events(KRAKEN, as_income)
    assert [event.kind for event in await store.events()] == [EventKind.INCOME, EventKind.INCOME]


async def test_the_facts_version_grows_only_when_facts_change(store: Store, cache: Path) -> None:
    seen = [store.facts_version]

    async def after(work: object) -> bool:
        await work  # type: ignore[misc]
        seen.append(store.facts_version)
        return seen[-1] > seen[-2]

    assert await after(store.save_page(page([leg(0)]), parse_swaps))
    assert not await after(store.save_page(page([leg(0)], cursor='"c"', is_last=True), parse_swaps))
    assert await after(store.save_balances(KRAKEN, [], START))
    assert await after(store.update_account(account(exchange="krakenfutures")))
    assert await after(store.set_note("transfer 7", "confirmed"))
    assert not await after(store.set_note("transfer 7", "confirmed"))
    async with await Store.open(cache) as viewer:
        assert viewer.facts_version == seen[-1]
        await store.remove_account(KRAKEN)
        assert await viewer.refresh_version() == store.facts_version > seen[-1]


async def test_removing_an_account_takes_all_of_its_facts_and_nothing_else(store: Store, cache: Path) -> None:
    await store.add_account(account(COINBASE, "coinbase"))
    for of in (KRAKEN, COINBASE):
        await store.save_page(page([leg(0), leg(1)], of=of, cursor='"c"'), parse_swaps)
    kept = [event for event in await store.events() if event.account == COINBASE]
    await store.remove_account(KRAKEN)
    assert await store.accounts() == [account(COINBASE, "coinbase")]
    assert await store.events() == kept
    assert (await store.raw_count(KRAKEN), await store.cursors(KRAKEN), await store.stream_states(KRAKEN)) == (
        0,
        {},
        {},
    )
    assert await store.raw_count(COINBASE) == 2
    with pytest.raises(InputError, match="no account"):
        await store.remove_account(KRAKEN)


async def test_accounts_come_back_as_they_were_given(store: Store) -> None:
    with pytest.raises(InputError, match="already"):
        await store.add_account(account())
    changed = replace(account(), rights="trade", lot_order="fifo", tier="pro")
    await store.update_account(changed)
    assert await store.accounts() == [changed]
    with pytest.raises(InputError, match="no account"):
        await store.update_account(account(COINBASE))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE raw_rows SET payload = '{}'",
        "DELETE FROM raw_rows",
        "INSERT OR REPLACE INTO raw_rows SELECT raw_id, account, stream, native_id, version, group_key, '{}', sha256, "
        "endpoint, fetched_us FROM raw_rows",
    ],
)
async def test_raw_rows_cannot_be_altered_even_by_hand(store: Store, cache: Path, statement: str) -> None:
    await store.save_page(page([leg(0)]), parse_swaps)
    with closing(sqlite3.connect(cache)) as hand:
        hand.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match="raw_rows"):
            hand.execute(statement)


async def test_reads_go_on_while_a_page_is_being_parsed(store: Store) -> None:
    await store.save_page(page([leg(0)]), parse_swaps)
    seen: list[int] = []

    async def watch() -> None:
        while not writing.done():
            seen.append(await store.raw_count(KRAKEN))

    many = [leg(number) for number in range(1, 3000)]
    writing = asyncio.create_task(store.save_page(page(many), parse_swaps))
    await watch()
    assert (await writing).new == 2999
    assert set(seen) <= {1, 3000} and len(seen) > 5
