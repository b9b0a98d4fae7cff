"""The picture for the next start is written behind what is shown, and always before the home is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.records import Asset, Quote
from harvest_tui.core.valuation import PriceHistory
from harvest_tui.keys import GivenKeys
from harvest_tui.session.album import Album
from harvest_tui.session.choices import Choices
from harvest_tui.session.facts import derive, rules_of
from harvest_tui.session.run import Session
from harvest_tui.session.snapshot import Picture, load_picture
from harvest_tui.settings import Locations, Settings, locate
from support.journey import until
from support.lot_events import buy, sell

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(timezone="UTC")
RULES = rules_of(SETTINGS, ())
BTC = Asset("BTC")
LATER = {("kraken", BTC): Quote(BTC, Decimal(61_000), NOW, "kraken BTC/USD")}


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    found = locate(str(tmp_path))
    found.create()
    return found


def picture(units: int) -> Picture:
    """A picture of one lot of so many coins, made of that version of the facts."""
    return Picture(
        derive([buy("b1", 5, units, "BTC", 900)], [], [], PriceHistory(()), RULES, NOW), (), {}, units, RULES
    )


def on_disk(locations: Locations) -> int | None:
    """The version of the picture on disk."""
    found = load_picture(locations, SETTINGS, NOW)
    return None if found is None else found.facts_version


async def test_only_the_last_of_several_pictures_is_written_once_it_is_quiet(locations: Locations) -> None:
    album = Album(locations, quiet_seconds=0.05)
    for units in (1, 2, 3):
        album.keep(picture(units))
        assert on_disk(locations) is None, "nobody waits for the file"
    await until(lambda: on_disk(locations) == 3, "the last one is written")
    album.keep(picture(4))
    await until(lambda: on_disk(locations) == 4, "and the next one too")
    await album.close({})
    assert on_disk(locations) == 4


async def test_what_is_not_written_yet_is_before_the_album_closes(locations: Locations) -> None:
    album = Album(locations, quiet_seconds=600)
    album.keep(picture(7))
    assert on_disk(locations) is None
    await album.close(LATER)
    found = load_picture(locations, SETTINGS, NOW)
    assert found is not None
    assert (found.facts_version, found.quotes) == (7, LATER)


async def test_newer_prices_of_a_picture_on_disk_are_written_alone(locations: Locations) -> None:
    first = Album(locations)
    first.keep(picture(7))
    await first.close({})
    lots = locations.snapshot.stat().st_mtime_ns
    found = load_picture(locations, SETTINGS, NOW)
    assert found is not None and found.quotes == {}
    second = Album(locations)
    second.found(found)
    await second.close(LATER)
    again = load_picture(locations, SETTINGS, NOW)
    assert again is not None and again.quotes == LATER
    assert locations.snapshot.stat().st_mtime_ns == lots


async def test_an_empty_album_and_one_of_a_home_that_another_instance_writes_write_nothing(
    locations: Locations,
) -> None:
    await Album(locations).close(LATER)
    second = Album(locations, is_ours=False, quiet_seconds=0)
    second.found(picture(3))
    second.keep(picture(4))
    await second.close(LATER)
    assert on_disk(locations) is None
    assert not list(locations.snapshot.parent.glob("*.json"))


async def test_a_session_shows_lots_before_it_writes_them_and_the_next_one_paints_them(locations: Locations) -> None:
    choices = Choices(locations, SETTINGS, GivenKeys({}), clock=lambda: NOW + timedelta(hours=1))
    session = await Session.open(choices)
    opened = on_disk(locations)
    await session.import_events([buy("b1", 5, 2, "BTC", 900)], "one.csv", "0" * 64)
    await session.import_events([sell("s1", 6, "0.5", "BTC", 300)], "two.csv", "1" * 64)
    await session.import_events([buy("b2", 7, 3, "BTC", 950)], "three.csv", "2" * 64)
    shown = tuple(session.facts().ledger.lots)
    assert [lot.quantity for lot in shown] == [Decimal("1.5"), Decimal(3)]
    assert opened == on_disk(locations) is None
    version = session.store.facts_version
    await session.close()
    found = load_picture(locations, SETTINGS, NOW)
    assert found is not None
    assert (found.facts_version, tuple(found.facts.ledger.lots)) == (version, shown)
