"""The user's decisions are kept word for word, outlive what they are about, and are only ever added to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import COINBASE, KRAKEN, START, account, leg, page, parse_swaps

from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind
from harvest_tui.core.records import Asset, EventId
from harvest_tui.errors import InputError, ReadOnlyStore
from harvest_tui.store import Store
from harvest_tui.store.schema import MIGRATIONS

GOLDEN = Path(__file__).parent / "golden"
OUT, INTO = EventId(f"{KRAKEN}:swap-0"), EventId(f"{COINBASE}:in 7")
CONFIRMED = Decision(0, DecisionKind.CONFIRM, START, OUT, INTO)
ASSUMED = Decision(
    0,
    DecisionKind.ASSUME,
    START,
    assumption=Assumption(
        KRAKEN, Asset("ETH"), Decimal("1.07300"), date(2021, 4, 5), Decimal("2100.500000000000000001"), OUT
    ),
    reason="bank statement; 'April'",
)


def undo(number: int) -> Decision:
    return Decision(0, DecisionKind.UNDO, START, undoes=number)


async def test_what_was_decided_is_read_back_as_it_was_said(cache: Path, store: Store) -> None:
    told = [CONFIRMED, ASSUMED, Decision(0, DecisionKind.EXTERNAL, START, deposit=INTO), undo(1)]
    assert [await store.add_decision(one) for one in told] == [1, 2, 3, 4]
    kept = [replace(one, number=number) for number, one in enumerate(told, 1)]
    assert await store.decisions() == kept
    assert str(kept[1].assumption.quantity) == "1.07300"  # type: ignore[union-attr]
    await store.close()
    async with await Store.open(cache) as again:
        assert await again.decisions() == kept


async def test_a_decision_is_a_new_fact(store: Store) -> None:
    version, digest = store.facts_version, await store.content_digest()
    await store.add_decision(CONFIRMED)
    assert store.facts_version == version + 1
    assert await store.content_digest() != digest
    await store.decisions()
    assert store.facts_version == version + 1


@pytest.mark.parametrize(
    ("number", "words"), [(9, "no decision 9"), (2, "no decision 2"), (1, "taken back already")], ids=str
)
async def test_only_what_stands_can_be_taken_back(store: Store, number: int, words: str) -> None:
    await store.add_decision(CONFIRMED)
    await store.add_decision(undo(1))
    version = store.facts_version
    with pytest.raises(InputError, match=words):
        await store.add_decision(undo(number))
    assert (len(await store.decisions()), store.facts_version) == (2, version)


async def test_decisions_outlive_the_account_and_the_events_they_are_about(store: Store) -> None:
    await store.save_page(page([leg(0), leg(1)]), parse_swaps)
    for decision in (CONFIRMED, ASSUMED):
        await store.add_decision(decision)
    await store.remove_account(KRAKEN)
    assert [decision.number for decision in await store.decisions()] == [1, 2]
    await store.add_account(account())
    assert [decision.number for decision in await store.decisions()] == [1, 2]
    assert [finding for finding in await store.integrity() if not finding.startswith("note: ")] == []


@pytest.mark.parametrize("statement", ["UPDATE decisions SET reason = ''", "DELETE FROM decisions"])
async def test_no_hand_alters_what_was_decided(cache: Path, store: Store, statement: str) -> None:
    await store.add_decision(ASSUMED)
    await store.close()
    with closing(sqlite3.connect(cache)) as file, pytest.raises(sqlite3.IntegrityError, match="never"):
        file.execute(statement)


async def test_a_viewer_reads_decisions_and_makes_none(cache: Path, store: Store) -> None:
    await store.add_decision(CONFIRMED)
    async with await Store.open(cache, read_only=True) as viewer:
        assert len(await viewer.decisions()) == 1
        with pytest.raises(ReadOnlyStore):
            await viewer.add_decision(ASSUMED)


async def test_a_cache_from_before_decisions_gets_room_for_them_after_a_backup(cache: Path) -> None:
    async with await Store.open(cache, migrations=MIGRATIONS[:1]) as old:
        await old.add_account(account())
        await old.save_page(page([leg(0), leg(1), leg(2)]), parse_swaps)
        digest, told = await old.content_digest(), await old.events()
    async with await Store.open(cache) as store:
        assert (await store.content_digest(), await store.events()) == (digest, told)
        assert await store.decisions() == []
        assert await store.add_decision(CONFIRMED) == 1
    async with await Store.open(cache.with_name("cache.db.v1.backup"), migrations=MIGRATIONS[:1]) as backup:
        assert await backup.content_digest() == digest


async def test_the_decisions_of_the_first_release_that_had_them_are_understood(cache: Path) -> None:
    cache.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(cache)) as file:
        file.executescript((GOLDEN / "v2.sql").read_text(encoding="utf-8"))
    async with await Store.open(cache) as store:
        confirmed, assumed, undone = await store.decisions()
    assert (confirmed.kind, confirmed.withdrawal, confirmed.deposit) == ("confirm", "old wallet:1", f"{KRAKEN}:swap-1")
    assert assumed.reason == "bank statement of April 2021"
    assert assumed.assumption == Assumption(
        KRAKEN, Asset("ETH"), Decimal("1.07300"), date(2021, 4, 5), Decimal("2100.50"), OUT
    )
    assert (undone.kind, undone.undoes) == ("undo", 1)
