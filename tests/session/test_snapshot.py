"""The picture of the last run: the same lots and sums, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import USD, Account, AccountId, Amount, Asset, Event, EventId, EventKind, Quote
from harvest_tui.core.valuation import PriceHistory
from harvest_tui.session.facts import Facts, derive, rules_of
from harvest_tui.session.snapshot import Picture, load_picture, save_picture
from harvest_tui.settings import Locations, Settings, locate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WALLET, BTC, ETH = AccountId("wallet"), Asset("BTC"), Asset("ETH")
SETTINGS = Settings(timezone="America/New_York")
ACCOUNTS = (
    Account(AccountId("kraken"), "kraken", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC), "read", "hifo", "pro"),
    Account(WALLET, "", datetime(2025, 1, 2, tzinfo=UTC)),
)
RULES = rules_of(SETTINGS, ACCOUNTS)
QUOTES = {
    ("kraken", BTC): Quote(
        BTC, Decimal("61234.5"), datetime(2026, 11, 22, 11, 59, 58, 500000, tzinfo=UTC), "kraken BTC/USD"
    ),
    ("binanceus", ETH): Quote(ETH, Decimal("0.000000012345"), datetime(2026, 11, 20, tzinfo=UTC), "binanceus ETH/USDT"),
}


def event(name: str, at: datetime, **told: object) -> Event:
    return Event(EventId(f"wallet:{name}"), WALLET, told.pop("kind", EventKind.TRADE), at, **told)  # type: ignore[arg-type]


def bought(name: str, year: int, cost: str, units: str, asset: Asset) -> Event:
    at = datetime(year, 11, 21, 15, 30, 1, 234567, tzinfo=UTC)
    return event(name, at, sent=Amount(Decimal(cost), USD), received=Amount(Decimal(units), asset))


@pytest.fixture
def facts() -> Facts:
    events = [
        bought("old", 2023, "1234.56", "0.123456789012345678", BTC),
        bought("year", 2025, "900.10", "0.3", BTC),
        bought("ether", 2026, "3100", "1.75", ETH),
        event("lost", datetime(2026, 1, 2, tzinfo=UTC), kind=EventKind.DEPOSIT, received=Amount(Decimal("2.5"), ETH)),
        event("sold", datetime(2026, 2, 3, tzinfo=UTC), sent=Amount(Decimal("9"), Asset("ADA")),
              received=Amount(Decimal("4"), USD)),
    ]  # fmt: skip
    return derive(events, [], [], PriceHistory(()), RULES, NOW)


def priced(facts: Facts, bitcoin: str, ether: str) -> Portfolio:
    prices = {BTC: bitcoin, ETH: ether}
    quotes = {key: Quote(key[1], Decimal(prices[key[1]]), NOW, "test") for key in facts.positions if key[1] in prices}
    return facts.portfolio(NOW).with_quotes(quotes, NOW)


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    locations = locate(str(tmp_path))
    locations.create()
    return locations


def picture_of(facts: Facts) -> Picture:
    return Picture(facts, ACCOUNTS, QUOTES, 41, RULES)


def test_what_is_loaded_equals_what_was_saved(facts: Facts, locations: Locations) -> None:
    save_picture(locations, picture_of(facts))
    picture = load_picture(locations, SETTINGS, NOW)
    assert picture is not None
    assert (picture.accounts, picture.quotes, picture.facts_version) == (ACCOUNTS, QUOTES, 41)
    loaded = picture.facts
    assert len(facts.ledger.lots) == 4
    assert loaded.ledger.lots == facts.ledger.lots
    assert [loaded.ledger.lots[number] for number in range(4)] == list(facts.ledger.lots)
    assert (loaded.ledger.gaps, loaded.ledger.unmatched) == (facts.ledger.gaps, facts.ledger.unmatched)
    assert (len(loaded.ledger.gaps), len(loaded.ledger.unmatched)) == (1, 1)
    for prices in (("2500.5", "1000"), ("90000", "1"), ("1", "90000")):
        before, after = priced(facts, *prices), priced(loaded, *prices)
        assert after.totals() == before.totals()
        assert after.totals() == before.totals(), "the second answer comes from the sorted ladder"
    assert priced(loaded, "2500.5", "1000").totals().harvestable_short < 0


def test_the_term_of_a_kept_lot_is_that_of_the_day_it_is_shown(facts: Facts, locations: Locations) -> None:
    save_picture(locations, picture_of(facts))
    losses = {}
    for day in (21, 22):
        picture = load_picture(locations, SETTINGS, NOW.replace(day=day))
        assert picture is not None
        totals = priced(picture.facts, "1", "1").totals()
        losses[day] = (totals.harvestable_short, totals.harvestable_long)
    moved = Decimal("0.3") - Decimal("900.10")
    assert losses[22][1] - losses[21][1] == moved == losses[21][0] - losses[22][0]


def test_a_picture_of_other_rules_is_not_shown(facts: Facts, locations: Locations) -> None:
    save_picture(locations, picture_of(facts))
    assert load_picture(locations, replace(SETTINGS, method="lifo"), NOW) is None
    assert load_picture(locations, replace(SETTINGS, timezone="Asia/Tokyo"), NOW) is None


def test_a_picture_fits_only_its_own_facts_rules_and_day(facts: Facts) -> None:
    picture = picture_of(facts)
    assert picture.fits(41, RULES, NOW)
    assert not picture.fits(42, RULES, NOW)
    assert not picture.fits(41, replace(RULES, method="hifo"), NOW)
    assert not picture.fits(41, RULES, NOW.replace(day=23))


def test_a_damaged_picture_is_not_shown(facts: Facts, locations: Locations) -> None:
    path = locations.snapshot
    assert load_picture(locations, SETTINGS, NOW) is None
    save_picture(locations, picture_of(facts))
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert load_picture(locations, SETTINGS, NOW) is None
    path.write_bytes(whole)
    assert load_picture(locations, SETTINGS, NOW) is not None


def test_damaged_prices_cost_the_prices_only(facts: Facts, locations: Locations) -> None:
    save_picture(locations, picture_of(facts))
    path = locations.snapshot.with_name("prices.json")
    path.write_bytes(path.read_bytes().replace(b"61234.5", b"61234.6"))
    picture = load_picture(locations, SETTINGS, NOW)
    assert picture is not None
    assert picture.quotes == {}
    assert picture.facts.ledger.lots == facts.ledger.lots
