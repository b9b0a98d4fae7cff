"""Plans are kept as they were left; identification records are only ever added to, and survive what may come."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from record_drill import kill_and_check_records
from record_worker import record
from store_samples import KRAKEN, START

from harvest_tui.core.identification.chain import Head, check, head_of
from harvest_tui.core.identification.marks import Mark, Plan, Plans
from harvest_tui.core.identification.record import GENESIS, Record
from harvest_tui.core.records import AccountId, Asset, LotId
from harvest_tui.errors import InputError, ReadOnlyStore, StoreError
from harvest_tui.store import Store

W1, BTC = AccountId("w1"), Asset("BTC")


def mark(name: str, quantity: str | None = None, reason: str = "") -> Mark:
    return Mark(LotId(name), W1, BTC, None if quantity is None else Decimal(quantity), reason)


MANY = tuple(mark(f"lot {number}") for number in range(50))
STEPS = [
    Plans().with_plan(Plan("plan", (mark("b", "1.50"), mark("a", None, "it's; unknown\u2028")))),
    Plans().with_plan(Plan("plan", (mark("b", "0.25"), mark("a"), mark("c")))),
    Plans().with_plan(Plan("plan", (mark("c"), mark("b", "0.25")))),
    Plans((Plan("plan", (mark("c"),)), Plan("\u201edeep\u201c", MANY), Plan("empty")), "\u201edeep\u201c"),
    Plans((Plan("plan", (mark("c"),)), Plan("renamed", (*MANY[10:], mark("new"))), Plan("empty")), "plan"),
    Plans((Plan("empty"), Plan("renamed", MANY[::-1])), "empty"),
    Plans((Plan("renamed"),), "renamed"),
]


async def test_a_new_home_has_one_empty_plan(store: Store) -> None:
    assert await store.plans() == Plans()


async def test_plans_are_read_back_as_they_were_left_after_every_change(cache: Path, store: Store) -> None:
    version = store.facts_version
    for step in [*STEPS, *STEPS[::-1]]:
        await store.save_plans(step)
        assert await store.plans() == step
        assert repr(await store.plans()) == repr(step)
    assert store.facts_version == version
    await store.close()
    async with await Store.open(cache) as again:
        assert await again.plans() == STEPS[0]


async def test_marks_outlive_the_account_of_their_lot(store: Store) -> None:
    kept = Plans().with_plan(Plan("plan", (Mark(LotId(f"{KRAKEN}:1"), KRAKEN, BTC),)))
    await store.save_plans(kept)
    await store.remove_account(KRAKEN)
    assert await store.plans() == kept


async def test_records_follow_one_another_and_are_noted_apart(cache: Path, store: Store) -> None:
    version, digest = store.facts_version, await store.content_digest()
    assert (await store.record_links(), await store.record_head()) == ([], None)
    kept = [await store.add_record(record) for _ in range(3)]
    assert [one.number for one in kept] == [1, 2, 3]
    assert [one.previous for one in kept] == [GENESIS, kept[0].sha256, kept[1].sha256]
    links = await store.record_links()
    assert [(link.number, link.text.decode(), link.sha256) for link in links] == [
        (one.number, one.text, one.sha256) for one in kept
    ]
    assert head_of(await store.record_head()) == Head(3, kept[2].sha256)
    assert check(links, head_of(await store.record_head())).is_whole
    assert store.facts_version == version + 3
    assert await store.content_digest() != digest
    await store.close()
    async with await Store.open(cache) as again:
        assert await again.record_links() == links


async def test_a_record_and_the_plans_after_it_are_kept_together_or_not_at_all(store: Store) -> None:
    await store.save_plans(STEPS[0])

    def broken(number: int, previous: str) -> Record:
        raise InputError("no", "never")

    with pytest.raises(InputError):
        await store.add_record(broken, Plans())
    assert (await store.plans(), await store.record_links(), await store.record_head()) == (STEPS[0], [], None)
    await store.add_record(record, Plans())
    assert (await store.plans(), len(await store.record_links())) == (Plans(), 1)


async def test_no_record_is_made_before_the_one_before_it(store: Store) -> None:
    await store.add_record(record)

    def backdated(number: int, previous: str) -> Record:
        return replace(record(number, previous), recorded_at=START - timedelta(microseconds=1))

    with pytest.raises(InputError, match="clock says 2024-03-09T14:30:05"):
        await store.add_record(backdated)
    assert len(await store.record_links()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identification_records SET text = text || ' '",
        "UPDATE identification_records SET number = 7 WHERE number = 2",
        "DELETE FROM identification_records",
        "DELETE FROM identification_records WHERE number = 2",
        "INSERT INTO identification_records SELECT 4, text, sha256 FROM identification_records WHERE number = 2",
        "INSERT INTO identification_records SELECT 1, text, sha256 FROM identification_records WHERE number = 2",
        "INSERT OR REPLACE INTO identification_records SELECT 2, 'x', sha256 FROM identification_records LIMIT 1",
    ],
)
async def test_no_hand_alters_removes_or_skips_a_record(cache: Path, store: Store, statement: str) -> None:
    for _ in range(2):
        await store.add_record(record)
    await store.close()
    with closing(sqlite3.connect(cache)) as file:
        before = file.execute("SELECT * FROM identification_records").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="identification_records"):
            file.execute(statement)
        assert file.execute("SELECT * FROM identification_records").fetchall() == before


async def test_every_flipped_byte_of_what_is_stored_is_found(cache: Path, store: Store) -> None:
    for _ in range(2):
        await store.add_record(record)
    await store.close()
    copy = cache.with_name("copy.db")
    shutil.copy(cache, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as file:
        file.execute("DROP TRIGGER identification_records_never_change")
        file.execute("BEGIN")  # what is read is the same, and no disk is waited for
        rows = file.execute("SELECT number, CAST(text AS BLOB), CAST(sha256 AS BLOB) FROM identification_records")
        for number, *values in rows.fetchall():
            for column, value in zip(("text", "sha256"), values, strict=True):
                for place in range(len(value)):
                    changed = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
                    change = f"UPDATE identification_records SET {column} = CAST(? AS TEXT) WHERE number = ?"
                    file.execute(change, (changed, number))
                    found = check(*await kept_in(file))
                    assert found.broken == number, (number, column, place)
                    file.execute(change, (value, number))
        assert check(*await kept_in(file)).is_whole


async def kept_in(file: sqlite3.Connection) -> tuple[list[object], Head | None]:
    """What the store's own reading code finds in an open file."""
    from harvest_tui.store import note_book, record_book
    from harvest_tui.store.users_word import RECORD_HEAD

    class Reader:
        async def rows(
            self, sql: str, values: tuple[object, ...] = (), build: object = None
        ) -> list[tuple[object, ...]]:
            return file.execute(sql, values).fetchall()

    return await record_book.links(Reader()), head_of(await note_book.note(Reader(), RECORD_HEAD))  # type: ignore


@pytest.mark.parametrize(
    ("hand", "broken"),
    [
        ("DELETE FROM identification_records WHERE number = 3", 3),
        ("DELETE FROM identification_records WHERE number = 1", 1),
        ("DELETE FROM notes WHERE key = 'identification head'", None),
        ("UPDATE notes SET value = 'x' WHERE key = 'identification head'", None),
        ("DELETE FROM identification_records", 1),
    ],
)
async def test_nothing_is_added_to_a_chain_that_is_not_as_it_was_left(
    cache: Path, store: Store, hand: str, broken: int | None
) -> None:
    from harvest_tui.session.verdicts import checked

    for _ in range(3):
        await store.add_record(record)
    await store.close()
    with closing(sqlite3.connect(cache, isolation_level=None)) as file:
        trigger = file.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'identification_records_never_go'"
        ).fetchone()[0]
        file.execute("DROP TRIGGER identification_records_never_go")
        file.execute(hand)
        file.execute(trigger)
    async with await Store.open(cache) as again:
        found = await checked(again)
        assert (found.is_whole, found.broken) == (False, broken)
        before = await again.record_links()
        with pytest.raises(StoreError, match="not as they were left"):
            await again.add_record(record)
        assert await again.record_links() == before


async def test_a_viewer_reads_plans_and_records_and_keeps_none(cache: Path, store: Store) -> None:
    await store.add_record(record)
    await store.save_plans(STEPS[1])
    async with await Store.open(cache, read_only=True) as viewer:
        assert (len(await viewer.record_links()), await viewer.plans()) == (1, STEPS[1])
        with pytest.raises(ReadOnlyStore):
            await viewer.save_plans(Plans())
        with pytest.raises(ReadOnlyStore):
            await viewer.add_record(record)


async def test_twenty_kills_lose_no_record(tmp_path: Path) -> None:
    there, acknowledged = await kill_and_check_records(tmp_path / "home" / "cache.db", 20, seed=5)
    assert there >= acknowledged >= 60


async def test_plans_and_records_of_the_first_release_that_had_them_are_understood(cache: Path) -> None:
    cache.parent.mkdir(mode=0o700)
    golden = Path(__file__).parent / "golden" / "v3.sql"
    with closing(sqlite3.connect(cache)) as file:
        file.executescript(golden.read_text(encoding="utf-8"))
    async with await Store.open(cache) as store:
        links = await store.record_links()
        assert check(links, head_of(await store.record_head())).is_whole
        first = record(1, GENESIS)
        assert [link.text.decode() for link in links] == [first.text, record(2, first.sha256).text]
        plans = await store.plans()
        assert ([plan.name for plan in plans.plans], plans.active) == (["plan", "deep"], "deep")
        assert plans.plans[0].marks == (
            Mark(LotId(f"{KRAKEN}:swap-1"), KRAKEN, BTC, Decimal("0.50"), "unknown basis, see April"),
        )
        assert (await store.add_record(record)).number == 3
