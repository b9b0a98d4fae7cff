"""Mistakes that tax programs make with lots, each with its number, from a ledger file to the realized result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.journey_commands import Done
from support.ledger_home import LedgerHome


@pytest.fixture
def home(tmp_path: Path, run_here: Callable[..., Done]) -> LedgerHome:
    made = LedgerHome(tmp_path / "home", run_here)
    made.config('timezone = "America/New_York"\n')
    return made


@pytest.mark.trap(14)
def test_366_days_may_still_be_short_term(home: LedgerHome) -> None:
    """10 January 2024 to 10 January 2025 is 366 days and no more than a year."""
    home.tell(
        "b1,2024-01-10T15:00:00Z,w,trade,1000,USD,2,BTC",
        "s1,2025-01-10T15:00:00Z,w,trade,1,BTC,700,USD",
        "s2,2025-01-11T15:00:00Z,w,trade,1,BTC,800,USD",
    )
    assert home.gains() == [("w:s1", "short", "200"), ("w:s2", "long", "300")]
    assert home.disposals()["totals"] == {"short": "200", "long": "300"}


@pytest.mark.trap(14)
def test_the_last_of_february_is_long_term_from_the_first_of_march(home: LedgerHome) -> None:
    """Months count, not days: 28 February 2023 to 29 February 2024 is one year, and not more."""
    home.tell(
        "b1,2023-02-28T15:00:00Z,w,trade,1000,USD,2,BTC",
        "s1,2024-02-29T15:00:00Z,w,trade,1,BTC,700,USD",
        "s2,2024-03-01T15:00:00Z,w,trade,1,BTC,800,USD",
    )
    assert home.gains() == [("w:s1", "short", "200"), ("w:s2", "long", "300")]


@pytest.mark.trap(15)
def test_a_sale_late_on_new_years_eve_counts_for_the_year_on_the_taxpayers_calendar(home: LedgerHome) -> None:
    """21:30 in California on 31 December 2026 is 05:30 UTC on 1 January 2027."""
    home.config('timezone = "America/Los_Angeles"\n')
    home.tell("b1,2026-05-01T15:00:00Z,w,trade,1000,USD,1,BTC", "s1,2027-01-01T05:30:00Z,w,trade,1,BTC,700,USD")
    assert home.gains("--year", "2026") == [("w:s1", "short", "-300")]
    assert home.gains("--year", "2027") == []
    # The broker's form may show it in the other year: both years say so.
    for year in ("2026", "2027"):
        done = home.command("disposals", "--json", "--year", year)
        assert done.status == 0
        [warning] = done.body["warnings"]
        assert (warning["kind"], warning["event_id"], warning["at"]) == ("year", "w:s1", "2027-01-01T05:30:00Z")
        assert "2026-12-31 in America/Los_Angeles, which is 2027-01-01 in UTC" in done.err
    assert home.disposals("--year", "2025")["warnings"] == []
    home.config('timezone = "UTC"\n')
    assert home.gains("--year", "2026") == []
    assert home.gains("--year", "2027") == [("w:s1", "short", "-300")]
    assert home.disposals()["warnings"] == []


def test_a_term_that_only_utc_would_give_is_told(home: LedgerHome) -> None:
    """Bought on 9 March and sold on 9 March in New York, on 9 and 10 March in UTC."""
    home.tell("b1,2024-03-09T15:00:00Z,w,trade,1000,USD,1,BTC", "s1,2025-03-10T01:00:00Z,w,trade,1,BTC,700,USD")
    assert home.gains() == [("w:s1", "short", "-300")]
    [warning] = home.disposals()["warnings"]
    assert (warning["kind"], warning["event_id"]) == ("term", "w:s1")
    assert "(2024-03-09 to 2025-03-09) short-term, by those in UTC long-term" in warning["message"]
    home.config('timezone = "UTC"\n')
    assert home.gains() == [("w:s1", "long", "-300")]
    assert home.disposals()["warnings"] == []


@pytest.mark.trap(16)
def test_from_2025_a_wallet_sells_its_own_lot_and_not_the_oldest_of_all(home: LedgerHome) -> None:
    """20,000 in one wallet and 60,000 in the other; sold from the other at 50,000: a loss of 10,000."""
    home.tell(
        "b1,2024-02-01T15:00:00Z,A,trade,20000,USD,1,BTC",
        "b2,2024-03-01T15:00:00Z,B,trade,60000,USD,1,BTC",
        "s1,2025-06-01T15:00:00Z,B,trade,1,BTC,50000,USD",
    )
    assert home.gains() == [("B:s1", "long", "-10000")]
    assert home.gains("--scope", "us") == [("B:s1", "long", "-10000")]
    assert home.gains("--scope", "universal") == [("B:s1", "long", "30000")]


@pytest.mark.trap(17)
def test_without_identification_the_oldest_lot_goes_whatever_another_would_save(home: LedgerHome) -> None:
    """The same two lots in one wallet: FIFO is a gain of 30,000, though HIFO would show a loss of 10,000."""
    bought = ("b1,2024-02-01T15:00:00Z,w,trade,20000,USD,1,BTC", "b2,2024-03-01T15:00:00Z,w,trade,60000,USD,1,BTC")
    home.tell(*bought, "s1,2025-06-01T15:00:00Z,w,trade,1,BTC,50000,USD")
    assert home.gains() == [("w:s1", "long", "30000")]
    assert home.gains("--method", "hifo") == [("w:s1", "long", "-10000")]


def test_a_lot_named_with_the_sale_goes_first(home: LedgerHome) -> None:
    home.tell(
        "b1,2024-02-01T15:00:00Z,w,trade,20000,USD,1,BTC",
        "b2,2024-03-01T15:00:00Z,w,trade,60000,USD,1,BTC",
        "s1,2025-06-01T15:00:00Z,w,trade,1,BTC,50000,USD,,,,,,,,b2=1",
    )
    assert home.gains() == [("w:s1", "long", "-10000")]


@pytest.mark.trap(19)
def test_the_fee_of_a_swap_is_wholly_on_the_side_that_is_given(home: LedgerHome) -> None:
    """1 ETH worth 3,000 for 50 SOL with a fee of 30: proceeds 2,970, new basis 3,000; not 2,985 and 3,015."""
    home.tell(
        "b1,2025-02-01T15:00:00Z,w,trade,2500,USD,1,ETH",
        "x1,2025-03-01T15:00:00Z,w,trade,1,ETH,50,SOL,30,USD,,,3000",
    )
    [part] = home.disposals()["disposals"]
    assert (part["proceeds"], part["cost_basis"], part["gain"]) == ("2970", "2500", "470")
    assert home.held() == [("w", "w:x1", "50", "3000")]


@pytest.mark.trap(20)
def test_gas_is_a_disposal_of_its_own(home: LedgerHome) -> None:
    """0.01 ETH bought at 1,500 and burned at 3,000: 15 of gain; what moves has none and keeps its basis."""
    home.tell(
        "b1,2025-02-01T15:00:00Z,w,trade,1500,USD,1,ETH",
        "t1,2025-03-01T15:00:00Z,w,transfer,0.5,ETH,,,0.01,ETH,30,cold",
    )
    [part] = home.disposals()["disposals"]
    assert (part["event_id"], part["quantity"], part["proceeds"], part["cost_basis"], part["gain"]) == (
        "w:t1", "0.01", "30", "15", "15",
    )  # fmt: skip
    assert sorted(home.held()) == [("cold", "w:b1", "0.5", "750"), ("w", "w:b1", "0.49", "735")]


@pytest.mark.trap(18)
def test_an_asset_at_no_loss_may_hold_a_lot_at_one(home: LedgerHome) -> None:
    """Lots of 60,000 and 20,000 at a price of 40,000: the asset shows 0, and 20,000 can be harvested."""
    home.config('timezone = "America/New_York"\n[profile]\nstatus = "single"\nwages = 90000\nfee = 0\nspread = 0\n')
    home.tell(
        "b1,2024-02-01T15:00:00Z,w,trade,60000,USD,1,BTC",
        "b2,2024-03-01T15:00:00Z,w,trade,20000,USD,1,BTC",
    )
    prices = home.prices(BTC=40_000)
    totals = home.lots("--prices", prices, "--as-of", "2026-11-20")["totals"]
    assert (totals["unrealized"], totals["harvestable_long"], totals["harvestable_short"]) == ("0", "-20000", "0")
    body = home.command("plan", "--prices", prices, "--as-of", "2026-11-20", "--target", "loss:20000", "--json").body
    assert [(mark["lot_id"], mark["quantity"], mark["loss"]) for mark in body["marks"]] == [("w:b1", "1", "20000")]
    assert [skip["lot_id"] for skip in body["skipped"]] == ["w:b2"]


@pytest.mark.trap(21)
def test_a_loss_taken_and_bought_back_is_gain_later(home: LedgerHome) -> None:
    """50,000 sold at 30,000 and bought back: sold at 60,000 the gain is 30,000 instead of 10,000."""
    bought, last = "b1,2025-02-01T15:00:00Z,w,trade,50000,USD,1,BTC", "s2,2027-03-01T15:00:00Z,w,trade,1,BTC,60000,USD"
    harvest = (
        "s1,2026-02-02T15:00:00Z,w,trade,1,BTC,30000,USD",
        "b2,2026-02-02T15:00:01Z,w,trade,30000,USD,1,BTC",
    )
    home.tell(bought, *harvest, last)
    assert home.gains() == [("w:s1", "long", "-20000"), ("w:s2", "long", "30000")]
    kept = LedgerHome(home.folder.parent / "kept", home.run)
    kept.config('timezone = "America/New_York"\n')
    kept.tell(bought, last)
    assert kept.gains() == [("w:s2", "long", "10000")]


@pytest.mark.trap(28)
def test_a_dead_coin_in_the_wallet_is_no_loss_until_it_is_sold(home: LedgerHome) -> None:
    """5,000 of basis at a price of 0: nothing is deductible before a disposal, and all of it less the cent after."""
    home.config('timezone = "America/New_York"\n[profile]\nstatus = "single"\nwages = 90000\nshort_gain = 7000\n')
    home.tell("b1,2026-03-01T15:00:00Z,w,trade,5000,USD,40000,LUNA")
    words = ("plan", "--prices", home.prices(LUNA=0), "--as-of", "2026-11-20", "--target", "loss:5000", "--json")
    body = home.command(*words).body
    assert (body["marks"], body["totals"]["loss"]) == ([], "0")
    assert [skip["why"].partition(":")[0] for skip in body["skipped"]] == ["the price is zero"]
    assert body["before"] == body["after"]
    assert (body["before"]["net_short"], home.disposals("--year", "2026")["totals"]["short"]) == ("7000", "0")
    home.tell("s1,2026-11-19T15:00:00Z,w,trade,40000,LUNA,0.01,USD")
    assert home.gains("--year", "2026") == [("w:s1", "short", "-4999.99")]
    assert home.command(*words).body["before"]["net_short"] == "2000.01"


@pytest.mark.trap(29)
def test_the_day_of_the_fill_counts_and_not_that_of_withdrawal_or_deposit(home: LedgerHome) -> None:
    """Filled on 31 December 2026 and paid out in January; and the other way round, sent in December and filled on
    1 January 2027."""
    home.tell(
        "b1,2026-05-01T15:00:00Z,w,trade,50000,USD,1,BTC",
        "b2,2026-05-01T15:00:00Z,w,trade,4000,USD,1,ETH",
        "s1,2026-12-31T20:00:00Z,w,trade,1,BTC,30000,USD",
        "t1,2026-12-31T21:00:00Z,w,transfer,1,ETH,,,,,,x",
        "s2,2027-01-01T15:00:00Z,x,trade,1,ETH,1000,USD",
        "u1,2027-01-04T15:00:00Z,w,withdrawal,30000,USD",
    )
    assert home.gains("--year", "2026") == [("w:s1", "short", "-20000")]
    assert home.gains("--year", "2027") == [("x:s2", "short", "-3000")]


def test_lots_say_in_one_line_what_days_in_utc_would_make_of_a_sale_now(home: LedgerHome) -> None:
    """Bought at 21:00 on 9 March 2024 in New York, which is 10 March in UTC."""
    home.tell("b1,2024-03-10T02:00:00Z,w,trade,1000,USD,1,BTC")
    for at, said in (
        ("2025-03-10T12:00:00Z", ["harvest-tui: sold now w:b1 (long, not short) would have another term by UTC days"]),
        ("2025-03-11T12:00:00Z", []),
        ("2025-01-01T03:00:00Z", ["harvest-tui: sold now it counts for 2024, by UTC days for 2025"]),
    ):
        done = home.command("lots", "--json", "--as-of", at)
        assert (done.status, len(done.body["lots"])) == (0, 1)
        assert [line.partition(": a broker's")[0] for line in done.err.splitlines()] == said
