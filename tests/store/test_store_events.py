"""Events come back exactly as told; files add theirs once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import BTC, COINBASE, KRAKEN, START, leg, page, parse_swaps

from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, NamedLot
from harvest_tui.errors import InputError, StoreError
from harvest_tui.store import ImportOutcome, Store

SHA = "ab" * 32
BOOK = AccountId("old wallet")
FULL = Event(
    EventId("old wallet:7"),
    BOOK,
    EventKind.TRANSFER,
    START,
    sent=Amount(Decimal("0.10"), BTC),
    received=Amount(Decimal("1E-8"), Asset("PUNKS#1047")),
    fee=Amount(Decimal("0.00002140"), BTC),
    fee_value=Decimal("1.37"),
    value=Decimal("6411.020"),
    counter_account=COINBASE,
    acquired_at=datetime(2017, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    cost_basis=Decimal("1250.5"),
    lots=(NamedLot(EventId("old wallet:1"), Decimal("0.04")), NamedLot(EventId('a:"b"'), Decimal("0.06"))),
    txid="4a5e1e4b",
    address="bc1q\u202eevil",
    url="https://example.org/?a=1&b='",
    note='two\nlines, "quoted"',
    sequence=41,
)


def deposit(number: int, *, at: datetime = START, sequence: int = 0) -> Event:
    received = Amount(Decimal(number) / 8, BTC)
    return Event(EventId(f"{BOOK}:{number}"), BOOK, EventKind.DEPOSIT, at, received=received, sequence=sequence)


async def test_every_field_of_an_event_survives_digit_for_digit(store: Store) -> None:
    await store.import_events([FULL], "wallet.csv", SHA)
    [held] = await store.events()
    assert held == FULL
    assert repr(held) == repr(FULL)


async def test_an_event_of_bare_defaults_survives_too(store: Store) -> None:
    bare = Event(EventId("x:1"), AccountId("x"), EventKind.LOST, START)
    await store.import_events([bare], "wallet.csv", SHA)
    assert [repr(event) for event in await store.events()] == [repr(bare)]


times = st.datetimes().map(lambda at: at.replace(tzinfo=UTC, fold=0))
amounts = st.one_of(
    st.none(),
    st.builds(
        Amount,
        st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**20),
        st.sampled_from([USD, BTC, Asset("1INCH"), Asset("Ä#ø")]),
    ),
)


@given(st.lists(st.tuples(amounts, amounts, amounts, times), max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_amounts_and_times_survive(tmp_path_factory: pytest.TempPathFactory, told: list[tuple]) -> None:  # type: ignore[type-arg]
    events = [
        Event(EventId(f"x:{n}"), AccountId("x"), EventKind.TRADE, at, sent, received, fee, sequence=n)
        for n, (sent, received, fee, at) in enumerate(told)
    ]
    async with await Store.open(tmp_path_factory.mktemp("events") / "cache.db") as fresh:
        await fresh.import_events(events, "x", SHA)
        held = await fresh.events()
    assert [repr(event) for event in held] == [
        repr(event) for event in sorted(events, key=lambda e: (e.executed_at, e.sequence))
    ]


async def test_events_come_in_order_of_time_then_of_their_source(store: Store) -> None:
    early, late = START - timedelta(microseconds=1), START + timedelta(microseconds=1)
    told = [deposit(1, at=late), deposit(2, sequence=5), deposit(3, sequence=-2), deposit(4, at=early, sequence=99)]
    await store.import_events(told, "wallet.csv", SHA)
    assert [event.event_id for event in await store.events(BOOK)] == [f"{BOOK}:{n}" for n in (4, 3, 2, 1)]


async def test_the_same_file_twice_adds_nothing(store: Store) -> None:
    told = [deposit(1), deposit(2)]
    assert await store.import_events(told, "wallet.csv", SHA) == ImportOutcome(2, 0, 0)
    before, version = await store.content_digest(), store.facts_version
    assert await store.import_events(told, "wallet.csv", SHA) == ImportOutcome(0, 2, 0)
    assert (await store.content_digest(), store.facts_version) == (before, version)


async def test_a_longer_export_adds_only_what_it_has_more(store: Store) -> None:
    await store.import_events([deposit(1, sequence=0), deposit(2, sequence=1)], "short.csv", SHA)
    longer = [deposit(0, sequence=0), deposit(1, sequence=1), deposit(2, sequence=2)]
    assert await store.import_events(longer, "long.csv", SHA) == ImportOutcome(1, 2, 0)
    assert len(await store.events()) == 3


async def test_a_known_id_with_other_content_names_itself_and_nothing_lands(store: Store) -> None:
    await store.import_events([deposit(1)], "wallet.csv", SHA)
    wrong = replace(deposit(1), note="edited")
    with pytest.raises(InputError, match="old wallet:1") as raised:
        await store.import_events([deposit(2), wrong], "wallet.csv", SHA)
    assert raised.value.exit_code == 2
    assert await store.events() == [deposit(1)]
    assert await store.import_events([deposit(2), wrong], "w", SHA, dry_run=True) == ImportOutcome(1, 0, 1)


async def test_equal_rows_of_one_file_count_once_and_contradicting_ones_are_refused(store: Store) -> None:
    assert await store.import_events([deposit(1), deposit(1, sequence=3)], "w", SHA) == ImportOutcome(1, 1, 0)
    with pytest.raises(InputError, match="old wallet:5"):
        await store.import_events([deposit(5), replace(deposit(5), txid="other")], "w", SHA)


async def test_numbers_written_differently_are_the_same_event(store: Store) -> None:
    await store.import_events([replace(deposit(1), received=Amount(Decimal("1.50"), BTC))], "w", SHA)
    same = replace(deposit(1), received=Amount(Decimal("1.5"), BTC))
    assert (await store.import_events([same], "w", SHA)).known == 1


async def test_a_dry_run_writes_nothing(store: Store) -> None:
    before = await store.content_digest()
    assert await store.import_events([deposit(1), FULL], "w", SHA, dry_run=True) == ImportOutcome(2, 0, 0)
    assert await store.content_digest() == before


async def test_books_are_opened_for_every_account_a_file_names(store: Store) -> None:
    later = START + timedelta(days=3)
    await store.import_events([deposit(1, at=later), FULL, deposit(3, at=later)], "wallet.csv", SHA)
    books = {book.account: book for book in await store.accounts() if not book.exchange}
    assert set(books) == {BOOK, COINBASE}
    assert books[BOOK].added_at == START


async def test_removing_a_book_takes_its_imported_events(store: Store) -> None:
    await store.import_events([deposit(1)], "wallet.csv", SHA)
    await store.remove_account(BOOK)
    assert await store.events() == []
    assert await store.import_events([deposit(1)], "wallet.csv", SHA) == ImportOutcome(1, 0, 0)


async def test_an_imported_event_steps_back_behind_the_exchanges_own(store: Store) -> None:
    own_id = EventId(f"{KRAKEN}:swap-0")
    imported = Event(own_id, KRAKEN, EventKind.DEPOSIT, START, received=Amount(Decimal("3"), BTC))
    await store.import_events([imported], "export.csv", SHA)
    await store.save_page(page([leg(0), leg(1)]), parse_swaps)
    [event] = await store.events()
    assert (event.event_id, event.kind) == (own_id, EventKind.TRADE)
    assert await store.events(KRAKEN) == [event]


async def test_an_import_that_repeats_the_exchanges_own_event_is_known(store: Store) -> None:
    await store.save_page(page([leg(0), leg(1)]), parse_swaps)
    assert await store.import_events(await store.events(), "export.csv", SHA) == ImportOutcome(0, 1, 0)


async def test_a_number_that_is_none_is_refused_with_the_whole_file(store: Store) -> None:
    wrong = replace(deposit(2), value=Decimal("NaN"))
    with pytest.raises(StoreError, match="no amount"):
        await store.import_events([deposit(1), wrong], "w", SHA)
    assert await store.events() == []


async def test_a_long_file_lands_whole(store: Store) -> None:
    told = [deposit(number, at=START + timedelta(seconds=number)) for number in range(3000)]
    assert (await store.import_events(told, "w", SHA)).new == 3000
    assert await store.events() == told
