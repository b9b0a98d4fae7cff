"""`plan` from the outside: the article's two cases, the rules of the year asked for, and every bad word refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from support.journey_commands import Done
from support.ledger_home import LedgerHome

AS_OF = "2023-12-15T12:00:00Z"
RETURN = (
    "adjusted_gross_income",
    "taxable_income",
    "net_short",
    "net_long",
    "allowed_loss",
    "total_tax",
    "carry_short_out",
    "carry_long_out",
)


@pytest.fixture
def home(tmp_path: Path, run_here: Any) -> LedgerHome:
    made = LedgerHome(tmp_path / "home", run_here)
    made.config('timezone = "America/New_York"\n[profile]\nstatus = "single"\nfee = 0\nspread = 0\n')
    return made


def told(home: LedgerHome, **profile: object) -> None:
    """Adds answers to the profile, as `profile set` does."""
    for name, value in profile.items():
        done = home.command("profile", "set", name.replace("_", "-"), str(value))
        assert done.status == 0, done.err


def prices(home: LedgerHome, **by_asset: object) -> str:
    path = home.folder / "prices.csv"
    path.write_text("asset,price\n" + "".join(f"{asset},{price}\n" for asset, price in by_asset.items()), "utf-8")
    return str(path)


def planned(home: LedgerHome, *words: str, status: int = 0) -> dict[str, Any]:
    done = home.command("plan", *words, "--json")
    assert done.status == status, done.err
    return done.body


def taxed(home: LedgerHome, year: int, **inputs: object) -> dict[str, Any]:
    words = [word for name, value in inputs.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    done: Done = home.run("tax", "--year", str(year), "--status", "single", *words, "--json")
    assert done.status == 0, done.err
    return done.body


def jane(home: LedgerHome, kind: str) -> str:
    """$10,000 of gains, the top bracket of 2023, and 10 BTC at a loss of $287,000."""
    told(home, wages=700_000, **{kind: 10_000})
    home.tell("b1,2021-11-10T12:00:00Z,cold,trade,600000,USD,10,BTC,")
    return prices(home, BTC=31_300)


@pytest.mark.worked_example("Jane")
@pytest.mark.parametrize(("kind", "saved"), [("short_gain", "5190"), ("long_gain", "3490")])
def test_jane_who_sells_everything_carries_274_000_and_saves_thousands(home: LedgerHome, kind: str, saved: str) -> None:
    body = planned(home, "--prices", jane(home, kind), "--as-of", AS_OF, "--target", "loss:287000")
    assert (body["year"], body["totals"]["loss"], body["totals"]["saved_now"]) == (2023, "287000", saved)
    assert body["after"]["carry_long_out"] == "274000"
    before, after = Decimal(body["before"]["total_tax"]), Decimal(body["after"]["total_tax"])
    assert before - after == Decimal(saved)
    assert [mark["quantity"] for mark in body["marks"]] == ["10"]
    assert "274,000.00 of it would only be carried forward" in body["marks"][0]["why"]
    gains = {"short_gain": 0, "long_gain": 0} | {kind: 10_000}
    assert {name: taxed(home, 2023, wages=700_000, **gains)[name] for name in RETURN} == {
        name: body["before"][name] for name in RETURN
    }
    gains["long_gain"] -= 287_000
    assert {name: taxed(home, 2023, wages=700_000, **gains)[name] for name in RETURN} == {
        name: body["after"][name] for name in RETURN
    }


@pytest.mark.worked_example("Jane")
@pytest.mark.parametrize(("kind", "saved"), [("short_gain", "5190"), ("long_gain", "3490")])
def test_the_best_plan_for_jane_takes_only_what_is_useful(home: LedgerHome, kind: str, saved: str) -> None:
    body = planned(home, "--prices", jane(home, kind), "--as-of", AS_OF)
    assert round(Decimal(body["totals"]["loss"]), 2) == 13_000
    assert round(Decimal(body["totals"]["saved_now"]), 2) == Decimal(saved)
    assert body["after"]["carry_long_out"] == "0"
    assert body["is_exact"] is True
    assert body["days_left"] == 16
    assert body["deadline"] == "2023-12-31T23:59:59-05:00"


@pytest.mark.worked_example("Brian")
@pytest.mark.parametrize(("target", "loss"), [("best", "3000"), ("max-deduction", "3000"), ("loss:600000", "600000")])
def test_600_000_of_losses_without_gains_save_1_110_at_most(home: LedgerHome, target: str, loss: str) -> None:
    told(home, wages=600_000)
    home.tell("b1,2021-11-10T12:00:00Z,cold,trade,900000,USD,30,BTC,")
    body = planned(home, "--prices", prices(home, BTC=10_000), "--as-of", AS_OF, "--target", target)
    assert (body["totals"]["loss"], body["totals"]["saved_now"]) == (loss, "1110")
    assert body["after"]["carry_long_out"] == str(int(loss) - 3_000)


def test_without_gains_there_is_nothing_to_offset(home: LedgerHome) -> None:
    told(home, wages=600_000)
    home.tell("b1,2021-11-10T12:00:00Z,cold,trade,900000,USD,30,BTC,")
    body = planned(home, "--prices", prices(home, BTC=10_000), "--as-of", AS_OF, "--target", "offset-gains")
    assert (body["marks"], body["totals"]["saved_now"]) == ([], "0")
    assert [skip["lot_id"] for skip in body["skipped"]] == ["cold:b1"]


@pytest.mark.parametrize(("year", "bracket"), [(2022, 41_675), (2024, 47_025), (2025, 48_350), (2026, 49_450)])
def test_an_earlier_year_is_planned_by_its_own_tables(home: LedgerHome, year: int, bracket: int) -> None:
    """Gains up to the top of the 0 % bracket of that year; what happened after the instant is not known yet."""
    told(home, wages=30_000)
    home.tell(
        "b1,2020-03-10T12:00:00Z,cold,trade,10000,USD,2,BTC,",
        f"s1,{year}-12-20T12:00:00Z,cold,trade,1,BTC,70000,USD,",
    )
    words = ("--prices", prices(home, BTC=60_000), "--as-of", f"{year}-11-30", "--target", "gain:1000000")
    body = planned(home, *words, "--year", str(year))
    assert (body["year"], body["after"]["taxable_income"]) == (year, str(bracket))
    assert body["before"]["total_tax"] == body["after"]["total_tax"] == taxed(home, year, wages=30_000)["total_tax"]


def test_sales_before_that_time_are_part_of_the_year(home: LedgerHome) -> None:
    told(home, wages=100_000)
    home.tell(
        "b1,2020-03-10T12:00:00Z,cold,trade,10000,USD,1,BTC,",
        "b2,2021-11-10T12:00:00Z,cold,trade,60000,USD,1,BTC,",
        "s1,2023-02-01T12:00:00Z,cold,trade,1,BTC,25000,USD,",
    )
    body = planned(home, "--prices", prices(home, BTC=30_000), "--as-of", AS_OF, "--target", "offset-gains")
    assert body["before"]["net_long"] == "15000"
    assert round(Decimal(body["totals"]["loss"]), 2) == 15_000
    assert body["after"]["net_long"] == "0"


def test_every_lot_that_is_left_has_its_reason(home: LedgerHome) -> None:
    told(home, wages=100_000, short_gain=90_000)
    home.tell(
        "b1,2023-03-10T12:00:00Z,cold,trade,10000,USD,1,BTC,",
        "b2,2023-03-10T12:00:00Z,cold,trade,10000,USD,1,ETH,",
        "b3,2023-03-10T12:00:00Z,cold,trade,10000,USD,1,LUNA,",
        "b4,2023-03-10T12:00:00Z,cold,trade,10000,USD,1,FTT,",
        "b5,2023-03-10T12:00:00Z,cold,nft_trade,900,USD,1,apes#7,",
        "b6,2023-03-10T12:00:00Z,cold,deposit,,,1,SOL,",
    )
    listed = prices(home, BTC=30_000, ETH=2_000, LUNA=0, SOL=20, **{"apes#7": 10})
    body = planned(home, "--prices", listed, "--as-of", AS_OF)
    assert [mark["lot_id"] for mark in body["marks"]] == ["cold:b2"]
    reasons = {skip["lot_id"]: skip["why"].partition(":")[0] for skip in body["skipped"]}
    assert reasons == {
        "cold:b1": "no loss to harvest",
        "cold:b3": "the price is zero",
        "cold:b4": "no price is known",
        "cold:b5": "a token of its own",
        "cold:b6": "its basis is unknown",
    }
    mark = body["marks"][0]
    assert (mark["price"], mark["price_at"], mark["loss"], mark["reachable"]) == ("2000", AS_OF, "8000", True)


def test_from_2027_a_broker_sells_in_its_own_order(home: LedgerHome) -> None:
    rows = (
        "b1,2026-03-10T12:00:00Z,kraken,trade,20000,USD,1,BTC,",
        "b2,2026-08-10T12:00:00Z,kraken,trade,90000,USD,1,BTC,",
    )
    config = '[profile]\nstatus = "single"\nwages = 200000\nshort_gain = 20000\n[accounts.kraken]\ncustody = "broker"\n'
    home.config('timezone = "America/New_York"\n' + config)
    home.tell(*rows)
    words = ("--prices", prices(home, BTC=50_000), "--as-of")
    assert [mark["lot_id"] for mark in planned(home, *words, "2026-12-30")["marks"]] == ["kraken:b2"]
    after = planned(home, *words, "2027-02-01")
    assert after["marks"] == []
    assert [skip["why"].partition(",")[0] for skip in after["skipped"]] == [
        "its venue would sell it before the losses behind it",
        "its venue would first sell the lots before it",
    ]
    assert any("2027 is an estimate" in note for note in after["notes"])
    home.config('timezone = "America/New_York"\n' + config + 'identification = "instructed"\n')
    assert [mark["lot_id"] for mark in planned(home, *words, "2027-02-01")["marks"]] == ["kraken:b2"]


def test_shares_bought_lately_in_any_account_are_left(home: LedgerHome) -> None:
    home.config(
        'timezone = "America/New_York"\nsecurities = ["IBIT"]\n'
        '[profile]\nstatus = "single"\nwages = 100000\nshort_gain = 20000\nwait_days = 31\n'
    )
    home.tell("b1,2026-03-10T12:00:00Z,broker,trade,9000,USD,100,IBIT,")
    words = ("--prices", prices(home, IBIT=40), "--as-of")
    assert [mark["lot_id"] for mark in planned(home, *words, "2026-10-01")["marks"]] == ["broker:b1"]
    home.tell("b2,2026-10-10T12:00:00Z,other,trade,40,USD,1,IBIT,")
    for day, is_left in (("2026-11-09", True), ("2026-11-10", False)):
        whys = {skip["lot_id"]: skip["why"] for skip in planned(home, *words, day)["skipped"]}
        assert ("bought within 30 days" in whys.get("broker:b1", "")) is is_left, day


def test_gaps_are_listed_and_told_by_the_exit_status(home: LedgerHome) -> None:
    told(home, wages=100_000)
    home.tell("s1,2023-02-01T12:00:00Z,cold,trade,1,BTC,25000,USD,")
    body = planned(home, "--prices", prices(home, BTC=30_000), "--as-of", AS_OF, status=1)
    assert [gap["event_id"] for gap in body["gaps"]] == ["cold:s1"]
    assert any("no purchase known" in note for note in body["notes"])


def test_an_old_price_and_missing_answers_are_told(home: LedgerHome) -> None:
    home.tell("b1,2021-11-10T12:00:00Z,cold,trade,600000,USD,10,BTC,")
    path = home.folder / "old.csv"
    path.write_text("asset,price,time\nBTC,31300,2023-12-01T12:00:00Z\n", "utf-8")
    body = planned(home, "--prices", str(path), "--as-of", AS_OF)
    assert "The oldest price is that of BTC: 14 days old." in body["notes"]
    assert any(note.startswith("Wages are not told") for note in body["notes"])


def test_people_read_tables_and_figures_to_the_cent(home: LedgerHome) -> None:
    done = home.command("plan", "--prices", jane(home, "short_gain"), "--as-of", AS_OF, "--target", "loss:287000")
    assert done.status == 0
    for words in ("1 lot to sell by 2023-12-31 (16 days left), target loss 287,000.00", "274,000.00", "5,190.00"):
        assert words in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "most"), "unknown target"),
        (("--target", "loss"), "needs an amount"),
        (("--target", "best:5"), "takes no amount"),
        (("--target", "loss:0"), "aims at nothing"),
        (("--target", "loss:-5"), "aims at nothing"),
        (("--target", "gain:much"), ""),
        (("--as-of", "yesterday"), "not a time"),
        (("--year", "2024", "--as-of", AS_OF), "counts for 2023, not 2024"),
        (("--as-of", "2031-05-05"), "no tax parameters of 2031"),
        (("--prices", "nowhere.csv"), "cannot read"),
    ],
)
def test_a_bad_word_is_refused_in_one_line(home: LedgerHome, words: tuple[str, ...], said: str) -> None:
    home.tell("b1,2021-11-10T12:00:00Z,cold,trade,600000,USD,10,BTC,")
    assert said in home.command("plan", *words).refused(2)


def test_the_day_of_a_purchase_is_the_taxpayers_as_in_the_lots(home: LedgerHome) -> None:
    told(home, wages=600_000)
    home.tell("b1,2021-11-11T01:30:00Z,cold,trade,900000,USD,30,BTC,")  # the evening of the 10th in New York
    file = prices(home, BTC=10_000)
    for command in (("plan", "--as-of", AS_OF), ("lots", "--as-of", AS_OF)):
        shown = home.command(*command, "--prices", file).out
        assert "2021-11-10" in shown and "2021-11-11" not in shown, command
