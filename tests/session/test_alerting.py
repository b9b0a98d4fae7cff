"""Alerts of a home under a clock of the test's own: told once, through restarts and beside another instance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.harvest.observations import RebuyClock
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind, Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError, ReadOnlyStore
from harvest_tui.keys import GivenKeys
from harvest_tui.session.alerting import Alerting
from harvest_tui.session.choices import Choices
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.store.alert_book import Announced

KRAKEN, BTC, USD = AccountId("kraken"), Asset("BTC"), Asset("USD")
START = datetime(2026, 4, 8, 14, tzinfo=UTC)
PROFILE = Profile(
    status=FilingStatus.SINGLE, wages=Decimal(120_000), short_gain=Decimal(40_000), stated=frozenset({"wages"})
)


@dataclass
class Place:
    """A home of one BTC bought for 60,000 dollars, and the clock its sessions live by."""

    folder: Path
    now: datetime = START
    settings: Settings = field(default_factory=lambda: Settings(timezone="America/New_York", profile=PROFILE))

    def choices(self) -> Choices:
        locations = locate(str(self.folder))
        return Choices(locations, self.settings, GivenKeys({}), clock=lambda: self.now)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Session, Alerting]]:
        session = await Session.open(self.choices())
        try:
            yield session, Alerting(session, self.settings)
        finally:
            await session.close()

    async def price(self, session: Session, dollars: str) -> None:
        """The price as of now, as a feed brings it."""
        session._pricing.arrived({("kraken", BTC): Quote(BTC, Decimal(dollars), self.now, "kraken BTC/USD")})

    async def at(self, session: Session, alerting: Alerting, dollars: str, hours: int) -> list[str]:
        """What is told at that price so many hours later."""
        self.now += timedelta(hours=hours)
        await self.price(session, dollars)
        return [one.alert.key for one in await alerting.check()]


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "home")
    bought = Event(
        EventId("kraken:1"), KRAKEN, EventKind.TRADE, datetime(2026, 1, 10, 12, tzinfo=UTC),
        sent=Amount(Decimal(60_000), USD), received=Amount(Decimal(1), BTC),
    )  # fmt: skip
    async with place.opened() as (session, _):
        await session.import_events([bought], "ledger", "0" * 64)
    return place


DIP, FALL = "net_benefit/kraken/BTC", "shrinking/kraken/BTC"


async def test_a_restart_tells_nothing_again(place: Place) -> None:
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "59500", 1) == []
        assert await place.at(session, alerting, "50000", 1) == [DIP]
        assert await place.at(session, alerting, "49000", 1) == []
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "49500", 1) == []
        assert [one.alert.key for one in await alerting.journal()] == [DIP]
        assert await place.at(session, alerting, "59900", 24) == [FALL]
        assert await place.at(session, alerting, "50000", 24) == [DIP]
        assert [one.number for one in await alerting.journal()] == [3, 2, 1]


async def test_a_peak_is_kept_within_a_minute_and_at_the_end(place: Place) -> None:
    async with place.opened() as (session, alerting):
        await place.at(session, alerting, "50000", 1)
        place.now += timedelta(seconds=5)
        await place.price(session, "30000")
        await alerting.check()
        kept = (await session.store.alerts.state()).watches[FALL].peak
        await alerting.close()
        assert (await session.store.alerts.state()).watches[FALL].peak > kept > 0
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "45000", 2) == [FALL]
        [told, _] = await alerting.journal()
        assert Decimal(told.alert.figures["peak"]) > kept


async def test_an_old_price_is_never_the_reason_of_a_dip(place: Place) -> None:
    async with place.opened() as (session, alerting):
        await place.price(session, "30000")
        place.now += timedelta(hours=24)
        assert [one.alert.key for one in await alerting.check()] == ["stale_prices/BTC"]
        assert await place.at(session, alerting, "30000", 1) == [DIP]


async def test_results_realized_meanwhile_change_what_a_loss_is_worth(place: Place) -> None:
    sold = Event(
        EventId("kraken:2"), KRAKEN, EventKind.TRADE, START + timedelta(hours=2),
        sent=Amount(Decimal("0.5"), BTC), received=Amount(Decimal(20_000), USD),
    )  # fmt: skip
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "40000", 1) == [DIP]
        before = (await session.store.alerts.state()).watches[FALL]
        place.now += timedelta(hours=2)
        await session.import_events([sold], "ledger", "1" * 64)
        assert await place.at(session, alerting, "40000", 1) == [], "half of it was harvested: nothing has shrunk"
        await alerting.close()
        after = (await session.store.alerts.state()).watches[FALL]
    assert 0 < after.peak < before.peak
    assert after.footing != before.footing


async def test_snooze_and_mute_hold_through_a_restart(place: Place) -> None:
    async with place.opened() as (session, alerting):
        await place.at(session, alerting, "50000", 1)
        found = await alerting.snooze(1, until=place.now + timedelta(hours=10))
        assert found.alert.key == DIP
        await alerting.mute(BTC)
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "50000", 11) == []
        assert await alerting.muted() == {BTC}
        await alerting.unmute(BTC)
        assert await place.at(session, alerting, "50000", 1) == [DIP]


async def test_a_snooze_that_makes_no_sense_is_refused(place: Place) -> None:
    async with place.opened() as (session, alerting):
        await place.at(session, alerting, "50000", 1)
        for number, until, change in ((2, None, Decimal(5)), (1, None, None), (1, place.now, None)):
            with pytest.raises(InputError):
                await alerting.snooze(number, until, change)
        for verb in (alerting.mute(Asset("SOL")), alerting.unmute(BTC)):
            with pytest.raises(InputError):
                await verb


async def test_beside_a_writing_instance_alerts_are_remembered_here_and_kept_by_nobody(place: Place) -> None:
    async with place.opened() as (writer, first):
        async with place.opened() as (reader, second):
            assert reader.is_read_only
            await place.price(reader, "50000")
            [told] = await second.check()
            assert told == Announced(0, told.alert)
            assert await second.check() == ()
            assert await second.journal() == []
            assert second.news() == (told,) and second.unseen == (1, False)
            assert (await second.told()).journal == (told,), "this instance knows what it told"
            await second.mark_seen()
            assert second.unseen == (0, False)
            with pytest.raises(ReadOnlyStore):
                await second.mute(BTC)
        await place.price(writer, "50000")
        assert [one.number for one in await first.check()] == [1]


async def test_a_year_without_tables_still_tells_of_losses(place: Place) -> None:
    place.now = datetime(2031, 4, 8, 14, tzinfo=UTC)
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "50000", 1) == ["harvestable_loss/kraken/BTC"]


async def test_rebuy_clocks_are_given_and_told(place: Place) -> None:
    clock = RebuyClock("record 4", KRAKEN, BTC, Decimal("0.25"), START + timedelta(hours=1))
    async with place.opened() as (_, alerting):
        assert await alerting.check([clock]) == ()
        place.now += timedelta(hours=1)
        [told] = await alerting.check([clock])
        assert told.alert.words.endswith("0.25 BTC may be bought back")
        assert await alerting.check([clock]) == ()


async def test_thresholds_come_from_the_settings(place: Place) -> None:
    place.settings = replace(place.settings, alerts=AlertRules(net_benefit=Decimal(10_000)))
    async with place.opened() as (session, alerting):
        assert await place.at(session, alerting, "50000", 1) == []
        assert alerting.rules.net_benefit == 10_000
