"""`watch --once` and `alerts` on a home that only has its cache: what is said of old prices, what is told, and once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.records import Asset, Quote
from harvest_tui.settings import load_settings, locate
from harvest_tui.store import Store
from support.journey_commands import Done
from support.ledger_home import LedgerHome

# What depends on the day the tests run on is off: the year's end, and benefits, which need the tables of the year.
CONFIG = """timezone = "America/New_York"
[alerts]
loss = 4000
net_benefit = false
year_end = false
rule_change_days = false
"""
BOUGHT = ("1,2024-02-03T10:00:00Z,kraken,trade,60000,USD,1,BTC", "2,2024-02-04T10:00:00Z,cold,trade,30000,USD,10,ETH")


@pytest.fixture
def home(tmp_path: Path, run_here: Callable[..., Done]) -> LedgerHome:
    home = LedgerHome(tmp_path / "home", run_here)
    home.config(CONFIG)
    home.tell(*BOUGHT)
    return home


def price(home: LedgerHome, asset: str, dollars: str, age: timedelta) -> None:
    """Puts a price of that age into the cache."""
    coin = Asset(asset)

    async def keep() -> None:
        async with await Store.open(locate(str(home.folder)).database) as store:
            quote = Quote(coin, Decimal(dollars), datetime.now(UTC) - age, f"kraken {asset}/USD")
            await store.save_quotes({("kraken", coin): quote})

    asyncio.run(keep())


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_prices_of_a_cached_home_are_told_with_their_age_and_all_is_quiet(home: LedgerHome) -> None:
    price(home, "BTC", "61000.50", hours(5))
    price(home, "ETH", "3100", hours(2))
    done = home.command("watch", "--once")
    assert (done.status, done.out) == (0, "")
    assert done.err == "prices: the newest is 2 h 0 min old, the oldest 5 h 0 min (kraken BTC/USD)\n"

    done = home.command("watch", "--once", "--offline", "--json")
    body = done.body
    assert done.status == 0
    assert [(row["asset"], row["price"]) for row in body["prices"]] == [("BTC", "61000.5"), ("ETH", "3100")]
    btc, eth = (row["age_seconds"] for row in body["prices"])
    assert 18_000 <= btc < 18_060 and 7_200 <= eth < 7_260
    assert body["oldest_price_seconds"] == btc
    assert body["prices"][0]["at"].endswith("Z")
    assert (body["alerts"], body["gaps"], body["mismatches"]) == ([], [], [])


def test_a_loss_is_told_once_and_a_second_cron_run_is_quiet(home: LedgerHome) -> None:
    price(home, "BTC", "51000", hours(1))
    price(home, "ETH", "3100", hours(1))
    first = home.command("watch", "--once")
    assert first.status == 1
    assert first.out == (
        "kraken BTC: 9,204.00 USD of loss could be harvested, 18 % of its value; what it saves cannot be told without "
        "your wages and gains (harvest-tui profile)\n"
    )
    assert "prices: " in first.err
    second = home.command("watch", "--once")
    assert (second.status, second.out) == (0, "")
    [kept] = home.command("alerts", "--json").body["alerts"]
    assert (kept["id"], kept["kind"], kept["account"], kept["asset"]) == (1, "harvestable_loss", "kraken", "BTC")
    assert kept["figures"]["loss_long"] == "9204"
    assert "9,204.00 USD" in home.command("alerts").out


def test_no_price_younger_than_a_day_is_the_end_of_what_can_be_said(home: LedgerHome) -> None:
    nothing = home.command("watch", "--once", "--json")
    assert nothing.status == 3
    assert [(row["price"], row["age_seconds"]) for row in nothing.body["prices"]] == [(None, None)] * 2
    assert nothing.body["oldest_price_seconds"] is None
    assert nothing.err.startswith("harvest-tui: no price is known; ")

    price(home, "BTC", "9000", hours(24.1))
    price(home, "ETH", "100", timedelta(days=3))
    old = home.command("watch", "--once")
    assert old.status == 3
    assert old.err == (
        "harvest-tui: no price is recent enough: the newest is 24 h 6 min old (kraken BTC/USD); check the network\n"
    )
    assert old.out == "BTC, ETH: the prices are up to 3 days old, too old to go by; losses there are not watched\n"
    again = home.command("watch", "--once")
    assert (again.status, again.out) == (3, "")

    price(home, "BTC", "61000", hours(23.9))
    assert home.command("watch", "--once").status == 0


def test_facts_that_need_attention_are_told_by_the_status(home: LedgerHome) -> None:
    home.tell(*BOUGHT, "3,2024-05-03T10:00:00Z,kraken,trade,2,SOL,250,USD")
    price(home, "BTC", "61000", hours(1))
    price(home, "ETH", "3100", hours(1))
    done = home.command("watch", "--once", "--json")
    assert (done.status, done.body["alerts"]) == (1, [])
    assert [gap["event_id"] for gap in done.body["gaps"]] == ["kraken:3"]


def test_a_home_without_lots_has_nothing_to_watch(tmp_path: Path, run_here: Callable[..., Done]) -> None:
    done = LedgerHome(tmp_path / "empty", run_here).command("watch", "--once")
    assert (done.status, done.out, done.err) == (0, "", "nothing is held: there is nothing to watch\n")


def test_a_command_runs_once_for_each_alert_with_the_alert_on_its_input(home: LedgerHome, tmp_path: Path) -> None:
    price(home, "BTC", "51000", hours(1))
    price(home, "ETH", "2000", hours(1))
    told = tmp_path / "told; rm -rf"
    script = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"
    command = f'"{sys.executable}" -c "{script}" "{told}"'
    done = home.command("watch", "--once", "--exec", command)
    assert done.status == 1, done.err
    alerts = [json.loads(line) for line in told.read_text().splitlines()]
    assert [(one["asset"], one["figures"]["value"]) for one in alerts] == [("BTC", "51000"), ("ETH", "20000")]
    home.command("watch", "--once", "--exec", command)
    assert len(told.read_text().splitlines()) == 2

    price(home, "BTC", "70000", hours(0.5))
    failing = home.command("watch", "--once", "--exec", "/nowhere/at-all")
    assert failing.status == 0, "nothing was told, so nothing was run"


def test_a_command_that_fails_costs_no_alert(home: LedgerHome) -> None:
    price(home, "BTC", "51000", hours(1))
    price(home, "ETH", "3100", hours(1))
    done = home.command("watch", "--once", "--exec", "/nowhere/at-all")
    assert done.status == 1
    assert "/nowhere/at-all: FileNotFoundError; the alert is kept" in done.err
    assert len(home.command("alerts", "--json").body["alerts"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("watch", "--once", "--interval", "4"),
        ("watch", "--once", "--interval", "soon"),
        ("watch", "--once", "--exec", "'"),
        ("watch", "--once", "--exec", ""),
        ("alerts", "--snooze", "9", "7d"),
        ("alerts", "--snooze", "one", "7d"),
        ("alerts", "--snooze", "1", "0d"),
        ("alerts", "--snooze", "1", "tomorrow"),
        ("alerts", "--snooze", "1", "$0"),
        ("alerts", "--mute", "SOL"),
        ("alerts", "--unmute", "BTC"),
        ("alerts", "--last", "0"),
    ],
)
def test_words_that_make_no_sense_are_refused_and_nothing_is_told(home: LedgerHome, words: tuple[str, ...]) -> None:
    home.command(*words).refused(2)
    assert home.command("alerts", "--json").body == {"schema": 1, "alerts": [], "muted": []}


def test_a_snoozed_alert_waits_for_its_change_and_a_muted_asset_is_silent(home: LedgerHome) -> None:
    price(home, "BTC", "51000", hours(5))
    price(home, "ETH", "3100", hours(5))
    assert home.command("watch", "--once").status == 1
    snoozed = home.command("alerts", "--snooze", "1", "$1,000", "--json")
    assert (snoozed.status, snoozed.err.startswith("snoozed: kraken BTC: 9,204.00 USD")) == (0, True)
    price(home, "BTC", "50100", hours(4))
    assert home.command("watch", "--once").status == 0
    price(home, "BTC", "49000", hours(3))
    assert home.command("watch", "--once").out.startswith("kraken BTC: 11,196.00 USD")

    assert home.command("alerts", "--mute", "ETH", "--json").body["muted"] == ["ETH"]
    price(home, "ETH", "2000", hours(2))
    assert home.command("watch", "--once").status == 0
    assert home.command("alerts", "--unmute", "ETH", "--json").body["muted"] == []
    assert home.command("watch", "--once").out.startswith("cold ETH: 10,080.00 USD")


def test_names_from_outside_are_told_without_escape_codes(tmp_path: Path, run_here: Callable[..., Done]) -> None:
    home = LedgerHome(tmp_path / "home", run_here)
    home.config(CONFIG)
    home.tell("1,2024-02-03T10:00:00Z,[red]cold[/red],trade,60000,USD,1,BTC")
    price(home, "BTC", "51000", hours(1))
    assert home.command("watch", "--once").out.startswith("[red]cold[/red] BTC: 9,204.00 USD")
    assert "[red]cold[/red] BTC" in home.command("alerts").out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("net_benfit = 3", "did you mean net_benefit?"),
        ("net_benefit = 0", "no amount above zero"),
        ("net_benefit = true", "no amount above zero"),
        ("loss_percent = 30", "write 30%"),
        ('shrinking = "100%"', "too high a rate"),
        ("shrinking = 0", "no part above zero"),
        ("long_term_days = 1.5", "no whole number"),
        ('year_end = "yes"', "neither true nor false"),
        ("year_end = false\nmismatches = 1", "neither true nor false"),
        ("quiet_hours = -1", "no whole number"),
        ("rearm = false", "no part above zero"),
    ],
)
def test_a_choice_that_makes_no_sense_names_its_key(home: LedgerHome, line: str, words: str) -> None:
    home.config("[alerts]\n" + line + "\n")
    told = home.command("watch", "--once").refused(2)
    assert words in told and "alerts" in told


def test_choices_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[alerts]\nnet_benefit = "$1,250.50"\nloss_percent = "120%"\nshrinking = 0.25\nlong_term_days = false\n'
        "quiet_hours = 0\n"
    )
    rules = load_settings(path).alert_rules
    assert (rules.net_benefit, rules.loss_percent, rules.shrinking) == (
        Decimal("1250.50"),
        Decimal("1.2"),
        Decimal("0.25"),
    )
    assert (rules.long_term_days, rules.quiet_hours, rules.losses_asked, rules.loss) == (None, 0, True, Decimal(3000))
    assert not load_settings(tmp_path / "none.toml").alert_rules.losses_asked
