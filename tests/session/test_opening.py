"""The picture stands until the session is open behind it, and says nothing the session would not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, Quote
from harvest_tui.errors import StoreError
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.opening import Opening
from harvest_tui.session.run import Session
from harvest_tui.session.snapshot import load_picture
from harvest_tui.settings import Settings, locate
from harvest_tui.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WALLET, BTC = AccountId("wallet"), Asset("BTC")


def bought(name: str, cost: str) -> Event:
    at = datetime(2025, 3, 4, 15, tzinfo=UTC)
    paid, got = Amount(Decimal(cost), USD), Amount(Decimal("0.25"), BTC)
    return Event(EventId(f"wallet:{name}"), WALLET, EventKind.TRADE, at, sent=paid, received=got)


def choices_of(home: Path) -> Choices:
    locations = locate(str(home))
    locations.create()
    return Choices(locations, Settings(timezone="America/New_York"), GivenKeys({}), clock=lambda: NOW)


async def a_run(home: Path, *events: Event) -> None:
    """One run that keeps the events and the price it saw."""
    session = await Session.open(choices_of(home))
    try:
        await session.import_events(events, "ledger.csv", "0" * 64)
        await session.store.save_quotes({("kraken", BTC): Quote(BTC, Decimal("5000"), NOW, "kraken BTC/USD")})
    finally:
        await session.close()
    await (await Session.open(choices_of(home))).close()


def opening_of(home: Path) -> Opening:
    choices = choices_of(home)
    picture = load_picture(choices.locations, choices.settings, NOW)
    assert picture is not None
    return Opening(picture, lambda: choices, lambda: NOW)


async def test_the_picture_shows_lots_and_values_without_the_cache(tmp_path: Path) -> None:
    await a_run(tmp_path, bought("one", "1300"), bought("two", "1200"))
    opening = opening_of(tmp_path)
    tmp_path.joinpath("facts.sqlite3").rename(tmp_path / "away")
    totals = opening.portfolio().totals()
    assert (len(opening.portfolio().ledger.lots), totals.cost_basis, totals.value) == (2, 2500, 2500)
    assert (totals.harvestable_long, opening.facts_version) == (-50, 0)


async def test_the_session_takes_over_with_the_same_lots(tmp_path: Path) -> None:
    await a_run(tmp_path, bought("one", "1300"))
    opening = opening_of(tmp_path)
    shown = opening.portfolio()
    session = await opening.opened()
    assert opening.facts_version > 0
    assert opening.portfolio() == session.portfolio()
    assert opening.portfolio().ledger.lots == shown.ledger.lots
    assert opening.portfolio().quotes == shown.quotes
    await opening.close()


async def test_facts_that_came_after_the_picture_replace_it(tmp_path: Path) -> None:
    await a_run(tmp_path, bought("one", "1300"))
    async with await Store.open(locate(str(tmp_path)).database) as store:
        await store.import_events([bought("late", "1900.5")], "ledger.csv", "1" * 64)
    opening = opening_of(tmp_path)
    assert opening.portfolio().totals().cost_basis == 1300
    await opening.opened()
    assert opening.portfolio().totals().cost_basis == Decimal("3200.5")
    await opening.close()


async def test_a_wish_that_comes_too_early_waits_for_the_session(tmp_path: Path) -> None:
    await a_run(tmp_path, bought("one", "1300"))
    opening = opening_of(tmp_path)
    await asyncio.gather(opening.sync(), opening.sync())
    assert (await opening.opened()).sync_states() == {}
    await opening.close()


async def test_a_cache_that_cannot_be_opened_is_told_and_everything_ends(tmp_path: Path) -> None:
    await a_run(tmp_path, bought("one", "1300"))
    tmp_path.joinpath("facts.sqlite3").write_bytes(b"this is no database, whatever its name says" * 40)
    opening = opening_of(tmp_path)
    with pytest.raises(StoreError):
        await opening.start()
    assert isinstance(opening.failure, StoreError)
    await opening.close()
