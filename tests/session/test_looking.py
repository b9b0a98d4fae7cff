"""When a look for alerts is taken, what it is given, what the journal then holds, and what nobody has seen yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.records import (
    USD,
    Account,
    AccountId,
    Amount,
    Asset,
    Balance,
    Candle,
    Event,
    EventId,
    EventKind,
)  # fmt: skip
from harvest_tui.core.tax.profile import Profile
from harvest_tui.errors import InputError
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.looking import DailyCloses, Looking, rebuy_clocks
from harvest_tui.session.run import Session
from support.planner_home import TAXPAYER, Clock, PlannerHome, tick
from support.sample_portfolio import NOW

KRAKEN, BTC = AccountId("kraken"), Asset("BTC")
LONELY = [f"L1,{(NOW - timedelta(days=200)).isoformat()},kraken,trade,60000,USD,1,BTC,,,"]
"""One Bitcoin for 60,000 dollars."""


class Place:
    """A home, its open session and what looks at it; seconds pass when the test says so."""

    def __init__(self, home: PlannerHome, session: Session) -> None:
        self.home, self.session, self.seconds = home, session, 0.0
        self.looking = Looking(session, session.alerting, lambda: self.seconds)

    async def told(self) -> list[str]:
        """The kinds that a look tells."""
        return [one.alert.kind.value for one in await self.looking.look()]

    async def kinds(self) -> set[str]:
        """The kinds in the journal."""
        return {one.alert.kind.value for one in await self.session.alerting.journal()}


async def place_of(folder: Path, at: datetime = NOW, profile: Profile = TAXPAYER, prices: str = "61000") -> PlannerHome:
    home = PlannerHome(folder / "home", profile, Clock(at), AlertRules())
    await home.fill(LONELY, {"BTC": prices})
    return home


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    home = await place_of(tmp_path, datetime(2026, 6, 10, 12, tzinfo=UTC))
    async with home.session() as session:
        yield Place(home, session)


async def test_a_dip_is_told_at_the_next_look_and_a_look_is_taken_only_where_something_changed(place: Place) -> None:
    assert await place.told() == []
    place.home.clock.pass_by(seconds=1)
    tick(place.session, "BTC", "40000")
    assert await place.told() == ["net_benefit"]
    assert await place.told() == [], "what was told changes the screen, not the prices"
    version = place.session.alerting.version
    place.home.clock.pass_by(minutes=4)
    before = place.looking._looked_at
    await place.told()
    assert place.looking._looked_at == before and place.session.alerting.version == version
    place.home.clock.pass_by(minutes=2)
    await place.told()
    assert place.looking._looked_at == place.home.clock()


async def test_nothing_is_told_of_half_a_history(place: Place) -> None:
    tick(place.session, "BTC", "40000")
    states = place.session._states
    states[KRAKEN] = SyncState(KRAKEN, "kraken", SyncPhase.SYNCING, is_first=True)
    place.seconds = 3600
    assert await place.told() == []
    states[KRAKEN] = SyncState(KRAKEN, "kraken", SyncPhase.SYNCING)
    assert await place.told() == [], "past prices are still being asked for"
    states[KRAKEN] = SyncState(KRAKEN, "kraken", SyncPhase.DONE)
    assert await place.told() == ["net_benefit"]


async def test_old_prices_are_waited_with_for_a_minute_and_then_told_as_old(place: Place) -> None:
    place.home.clock.pass_by(days=3)
    assert await place.told() == []
    place.seconds = 61
    assert await place.told() == ["stale_prices"]


async def test_what_was_told_is_new_once_and_unseen_until_it_is_looked_at_even_by_the_next_run(place: Place) -> None:
    alerting = place.session.alerting
    tick(place.session, "BTC", "40000")
    await place.told()
    [news] = alerting.news()
    assert news.alert.asset == BTC and alerting.news() == ()
    assert alerting.unseen == (1, False)
    await place.session.close()
    async with place.home.session() as session:
        await session.alerting.count_unseen()
        assert session.alerting.unseen == (1, False)
        told = await session.alerting.told()
        assert ([one.number for one in told.journal], told.seen_until) == ([1], 0)
        facts = session.store.facts_version
        await session.alerting.mark_seen()
        assert session.alerting.unseen == (0, False)
        assert session.store.facts_version == facts, "to look is no fact: the picture of the last run stays good"
    async with place.home.session() as session:
        await session.alerting.count_unseen()
        assert session.alerting.unseen == (0, False)


async def test_a_snooze_is_seen_and_ended_without_being_told_again_at_once(place: Place) -> None:
    alerting, now = place.session.alerting, place.home.clock()
    tick(place.session, "BTC", "40000")
    await place.told()
    await alerting.snooze(1, until=now + timedelta(days=1))
    told = await alerting.told()
    assert told.snoozes["net_benefit/kraken/BTC"].until == now + timedelta(days=1)
    await alerting.wake(1)
    assert not (await alerting.told()).snoozes
    place.home.clock.pass_by(seconds=1)
    tick(place.session, "BTC", "39990")
    assert await place.told() == []
    with pytest.raises(InputError, match="not snoozed"):
        await alerting.wake(1)


async def test_only_an_alert_about_dollars_is_silent_for_dollars(place: Place) -> None:
    place.home.clock.pass_by(days=3)
    place.seconds = 61
    assert await place.told() == ["stale_prices"]
    with pytest.raises(InputError, match="not about dollars"):
        await place.session.alerting.snooze(1, change=Decimal(200))


async def test_the_end_of_the_year_and_the_new_rule_of_identification_come_into_the_journal(tmp_path: Path) -> None:
    home = await place_of(tmp_path, datetime(2026, 12, 30, 17, tzinfo=UTC))
    async with home.session() as session:
        await session.store.update_account(Account(KRAKEN, "kraken", NOW))
        await session.accounts_changed()
        session._states.clear()
        place = Place(home, session)
        await place.told()
        assert await place.kinds() == {"year_end", "rule_change"}
        words = {one.alert.kind.value: one.alert.words for one in await session.alerting.journal()}
        assert words["year_end"].startswith("tax year 2026 ends in 36 hours")
        assert "the broker must be told" in words["rule_change"]


async def test_a_balance_that_differs_comes_into_the_journal(place: Place) -> None:
    balance = Balance(KRAKEN, BTC, Decimal("1.25"), place.home.clock())
    await place.session.store.save_balances(KRAKEN, [balance], place.home.clock())
    await place.session.reload_facts()
    assert await place.told() == ["mismatch"]


def syncing(place: Place, phase: SyncPhase) -> None:
    place.session._states[KRAKEN] = SyncState(KRAKEN, "kraken", phase)


async def tell_balance(place: Place, units: str) -> None:
    """The exchange tells a balance; lots are not derived anew yet."""
    balance = Balance(KRAKEN, BTC, Decimal(units), place.home.clock())
    await place.session.store.save_balances(KRAKEN, [balance], place.home.clock())


async def test_a_balance_is_not_held_against_lots_while_a_sync_stores_but_a_dip_is_told(place: Place) -> None:
    assert await place.told() == []
    syncing(place, SyncPhase.SYNCING)
    await tell_balance(place, "1.25")
    await place.session.reload_facts()
    tick(place.session, "BTC", "40000")
    assert await place.told() == ["net_benefit"], "half of what the exchange has to tell is stored"
    syncing(place, SyncPhase.STOPPED)
    assert await place.told() == [], "and no more of it is where the sync was stopped"
    syncing(place, SyncPhase.DONE)
    assert await place.told() == ["mismatch"], "the next look is due though no lot and no price has changed"


async def test_a_balance_that_differs_only_until_lots_are_derived_is_never_told(place: Place) -> None:
    syncing(place, SyncPhase.SYNCING)
    await tell_balance(place, "1.25")
    await place.session.reload_facts()
    await tell_balance(place, "1")
    syncing(place, SyncPhase.DONE)
    place.seconds = 61
    assert place.session.facts().mismatches, "lots are of the moment before"
    assert await place.told() == []
    await place.session.reload_facts()
    assert await place.told() == []
    assert await place.kinds() == set()


async def test_a_difference_that_was_told_is_not_told_again_after_every_sync(place: Place) -> None:
    await tell_balance(place, "1.25")
    await place.session.reload_facts()
    assert await place.told() == ["mismatch"]
    for _ in range(2):
        place.home.clock.pass_by(days=2)
        tick(place.session, "BTC", "61000")
        syncing(place, SyncPhase.SYNCING)
        assert await place.told() == []
        syncing(place, SyncPhase.DONE)
        assert await place.told() == []
    await tell_balance(place, "1")
    await place.session.reload_facts()
    assert await place.told() == []
    place.home.clock.pass_by(days=2)
    await tell_balance(place, "1.5")
    await place.session.reload_facts()
    tick(place.session, "BTC", "61000")
    assert await place.told() == ["mismatch"], "it was gone, and came back"


async def test_a_loss_about_to_turn_long_term_comes_into_the_journal(tmp_path: Path) -> None:
    profile = replace(TAXPAYER, short_gain=Decimal(6500), long_gain=Decimal(30_000))
    home = await place_of(tmp_path, NOW + timedelta(days=160), profile, "52000")
    async with home.session() as session:
        place = Place(home, session)
        await place.told()
        assert "turning_long" in await place.kinds()
        [turning] = [one.alert for one in await session.alerting.journal() if one.alert.kind.value == "turning_long"]
        assert "saves" in turning.words and turning.figures["days_left"] == 6


async def test_a_wait_before_a_rebuy_is_told_when_it_is_over_and_not_while_none_was_chosen(place: Place) -> None:
    session, clock = place.session, place.home.clock
    harvesting = session.harvesting
    [lot] = session.facts().ledger.lots
    await harvesting.mark(lot.lot_id)
    await harvesting.commit()
    clock.pass_by(hours=1)
    one, dollars = Amount(Decimal(1), BTC), Amount(Decimal(40_000), USD)
    sold = Event(EventId("kraken:S1"), KRAKEN, EventKind.TRADE, clock(), sent=one, received=dollars)
    await session.import_events([sold], "sold.csv", "1" * 64)
    assert await rebuy_clocks(harvesting) == ()
    await harvesting.set_wait(BTC, timedelta(hours=24))
    [waiting] = await rebuy_clocks(harvesting)
    assert (waiting.asset, waiting.quantity, waiting.ends_at) == (BTC, 1, clock() + timedelta(hours=24))
    assert "rebuy" not in await place.told()
    clock.pass_by(hours=24)
    assert "rebuy" in await place.told()
    clock.pass_by(hours=24)
    assert "rebuy" not in await place.told()


async def test_closes_are_asked_for_once_a_day_and_only_those_that_are_missing(place: Place) -> None:
    closes = DailyCloses(place.session)
    assert await closes._missing(place.home.clock().date()) == [BTC]
    assert await closes.fetch() == 0, "no exchange is connected: nobody is asked"
    yesterday = datetime(2026, 6, 9, tzinfo=UTC)
    price = Decimal(50_000)
    kept = Candle(BTC, yesterday, 86_400, price, price, price, price, "kraken BTC/USD")
    await place.session.store.save_candles([kept])
    assert await closes._missing(place.home.clock().date()) == []
