"""What charts are drawn from, out of a real home: lots, stored candles, disposals and the profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from harvest_tui.core.records import Account, AccountId, Asset, Candle, Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.errors import InputError
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.opening import Opening
from harvest_tui.session.run import Session
from harvest_tui.session.snapshot import load_picture
from harvest_tui.settings import Settings, locate
from support.lot_events import at, buy, event, sell

NOW = at(366 + 20) + timedelta(hours=15, minutes=30)
"""21 January 2025, 15:30 UTC."""
BTC, ETH = Asset("BTC"), Asset("ETH")
HISTORY = (
    buy("b1", 100, 2, "BTC", 80_000),
    buy("b2", 370, 1, "BTC", 50_000),
    sell("s1", 376.5, 1, "BTC", 20_000),
    buy("b3", 300, 10, "ETH", 30_000),
    event("d1", "deposit", 310, received=(5, "SOL")),
)


def candle(day: int, close: int, asset: Asset = BTC) -> Candle:
    price = Decimal(close)
    return Candle(asset, at(366 + day), 86_400, price, price, price, price, f"kraken {asset}/USD")


def choices(home: Path, now: datetime = NOW) -> Choices:
    locations = locate(str(home))
    locations.create()
    taxpayer = Profile(wages=Decimal(90_000))
    settings = Settings(timezone="UTC", profile=taxpayer)
    return Choices(locations, settings, GivenKeys({}), clock=lambda: now)


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    made = await Session.open(choices(tmp_path))
    await made.import_events(HISTORY, "ledger.csv", "00")
    await made.store.save_candles([candle(day, 45_000 - 1000 * day) for day in range(20)])
    await made.store.save_candles([candle(day, 2500, ETH) for day in (3, 4)])
    await made.store.save_quotes({("kraken", BTC): Quote(BTC, Decimal(26_000), NOW, "kraken BTC/USD")})
    yield made
    await made.close()


async def test_the_price_has_its_closes_and_the_open_lots_as_levels(session: Session) -> None:
    path = await session.charts.price(BTC)
    assert list(path.closes) == [date(2025, 1, 1) + timedelta(days=number) for number in range(20)]
    assert path.closes[date(2025, 1, 8)].close == 38_000
    assert [(level.unit_cost, level.since) for level in path.levels.levels] == [
        (40_000, date(2024, 4, 10)),
        (50_000, date(2025, 1, 5)),
    ]
    assert path.levels.losing_at(Decimal(39_000)) == (2, 12_000)
    assert (await session.charts.price(Asset("XYZ"))).closes == {}


async def test_the_losses_of_the_year_are_those_of_the_lots_held_each_day(session: Session) -> None:
    year = await session.charts.losses()
    by_day = {one.day.day: one for one in year.missed.days}
    assert (year.missed.year, len(by_day)) == (2025, 20)
    assert by_day[3].loss == 0 and by_day[3].unpriced == 1
    assert (by_day[4].loss, by_day[4].lots, by_day[4].unpriced) == (5000, 1, 0)
    assert (by_day[8].loss, by_day[8].lots) == (2 * 2000 + 12_000, 2)
    assert (by_day[10].loss, by_day[10].lots) == (2 * 4000 + 14_000, 2)
    assert (by_day[11].loss, by_day[11].lots) == (5000 + 15_000, 2)
    assert (by_day[12].loss, by_day[12].lots) == (6000 + 16_000, 2)
    assert year.missed.best is not None and year.missed.best.day == date(2025, 1, 20)
    assert [(one.day, one.loss) for one in year.missed.taken] == [(date(2025, 1, 11), 20_000)]
    assert year.missed.unpriced == {ETH: 18} and year.missed.unknown == {"SOL"}
    assert year.sources == ("kraken BTC/USD", "kraken ETH/USD")
    assert await session.charts.losses() is year, "nothing changed: nothing is matched anew"


async def test_new_facts_make_new_figures(session: Session) -> None:
    before = await session.charts.losses()
    await session.import_events([sell("s2", 380, 2, "BTC", 64_000)], "more.csv", "01")
    after = await session.charts.losses()
    assert [one.loss for one in after.missed.days[:14]] == [one.loss for one in before.missed.days[:14]]
    assert [one.loss for one in after.missed.days[14:]] == [0] * 6
    assert after.missed.taken_in_all == 20_000 + 8000 + 18_000


async def test_the_ladder_stands_on_the_results_and_the_profile(session: Session) -> None:
    ladders = await session.charts.ladders()
    assert ladders.year == 2025
    assert [step.saved_per_dollar for step in ladders.short] == [0], "the loss taken filled the deduction already"
    await session.import_events([buy("b9", 374, 1, "ETH", 1000), sell("s9", 375, 11, "ETH", 60_000)], "m.csv", "02")
    ladders = await session.charts.ladders()
    assert ladders.short[0].saved_per_dollar > 0
    assert ladders.short[0].from_loss == 0 and ladders.short[-1].to_loss is None
    assert ladders.gaps == 0 and ladders.limits[0].startswith("Gains made elsewhere are not told")
    await session.import_events([sell("s10", 376, 3, "XRP", 9)], "n.csv", "03")
    ladders = await session.charts.ladders()
    assert ladders.gaps == 1 and ladders.limits[0].startswith("1 sale of this year with no purchase known")


async def test_a_year_without_tax_parameters_is_told_in_words(tmp_path: Path) -> None:
    made = await Session.open(choices(tmp_path, datetime(2061, 5, 6, tzinfo=UTC)))
    with pytest.raises(InputError, match="no tax parameters of 2061"):
        await made.charts.ladders()
    await made.close()


async def test_the_calendar_holds_the_short_term_lots(session: Session) -> None:
    weeks = [week for week in await session.charts.calendar() if week.lots]
    assert [(week.starts_on, dict(week.assets)) for week in weeks] == [
        (date(2025, 4, 7), {"BTC": 1}),
        (date(2025, 10, 27), {"ETH": 1}),
        (date(2025, 11, 3), {"SOL": 1}),
        (date(2026, 1, 5), {"BTC": 1}),
    ]


async def test_an_empty_home_has_empty_figures(tmp_path: Path) -> None:
    made = await Session.open(choices(tmp_path))
    assert (await made.charts.losses()).missed.best is None
    assert not any(week.lots for week in await made.charts.calendar())
    assert (await made.charts.price(BTC)).levels.levels == ()
    await made.close()


async def test_without_an_exchange_nobody_can_be_asked_for_prices(session: Session) -> None:
    with pytest.raises(InputError, match="no exchange is connected"):
        await session.charts.fetch([BTC])


async def test_what_is_kept_for_every_day_is_not_asked_again(session: Session) -> None:
    account = Account(AccountId("k"), "kraken", NOW)
    await session.store.add_account(account)
    await session.accounts_changed()
    await session.store.save_candles([candle(day, 40_000) for day in range(-370, 20)])
    assert await session.charts.fetch([BTC]) == 0


async def test_before_the_session_is_open_the_charts_say_so(tmp_path: Path, session: Session) -> None:
    await session.close()  # which keeps the picture
    made = choices(tmp_path)
    picture = load_picture(made.locations, made.settings, NOW)
    assert picture is not None
    opening = Opening(picture, lambda: made, lambda: NOW)
    with pytest.raises(InputError, match="still being opened"):
        _ = opening.charts
