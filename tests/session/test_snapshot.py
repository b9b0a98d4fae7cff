"""The picture of the last run: the same lots and sums, or nothing at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, Quote
from harvest_tui.core.valuation import PriceHistory
from harvest_tui.session.facts import Facts, Rules, derive
from harvest_tui.session.snapshot import load_snapshot, save_snapshot

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
WALLET, BTC, ETH = AccountId("wallet"), Asset("BTC"), Asset("ETH")
RULES = Rules("fifo", "account", ZoneInfo("America/New_York"), {})


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


def test_what_is_loaded_equals_what_was_saved(facts: Facts, tmp_path: Path) -> None:
    save_snapshot(tmp_path / "lots.json", facts, 41, "rules")
    loaded = load_snapshot(tmp_path / "lots.json", 41, "rules", TODAY)
    assert loaded is not None
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


def test_the_term_of_a_kept_lot_is_that_of_the_day_it_is_shown(facts: Facts, tmp_path: Path) -> None:
    save_snapshot(tmp_path / "lots.json", facts, 41, "rules")
    losses = {}
    for day in (date(2026, 11, 21), date(2026, 11, 22)):
        loaded = load_snapshot(tmp_path / "lots.json", 41, "rules", day)
        assert loaded is not None
        totals = priced(loaded, "1", "1").totals()
        losses[day.day] = (totals.harvestable_short, totals.harvestable_long)
    moved = Decimal("0.3") - Decimal("900.10")
    assert losses[22][1] - losses[21][1] == moved == losses[21][0] - losses[22][0]


@pytest.mark.parametrize(("version", "rules"), [(42, "rules"), (41, "other")])
def test_a_picture_of_other_facts_or_rules_is_not_shown(facts: Facts, tmp_path: Path, version: int, rules: str) -> None:
    save_snapshot(tmp_path / "lots.json", facts, 41, "rules")
    assert load_snapshot(tmp_path / "lots.json", version, rules, TODAY) is None


def test_a_damaged_picture_is_not_shown(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "lots.json"
    assert load_snapshot(path, 41, "rules", TODAY) is None
    save_snapshot(path, facts, 41, "rules")
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert load_snapshot(path, 41, "rules", TODAY) is None
    path.write_bytes(whole)
    assert load_snapshot(path, 41, "rules", TODAY) is not None
