"""Files in, lots out, without an exchange: what scripts may rely on, to the letter."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from support.journey import files_of
from support.journey_commands import Program, ProgramHere

LEDGER = """\
id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,fee_amount,fee_asset,\
fee_value,counter_account,value,lots
b1,2024-01-10T15:00:00Z,w1,trade,5000,USD,2,ETH,10,USD,,,,
b2,2025-06-01T12:30:00Z,w1,trade,3000,USD,1,ETH,6,USD,,,,
s1,2025-07-01T09:00:00Z,w1,trade,0.5,ETH,1300,USD,4,USD,,,,
t1,2025-08-01T00:00:00Z,w1,transfer,0.25,ETH,,,0.002,ETH,7.5,w2,,
d1,2025-09-01T00:00:00Z,w2,deposit,,,0.3,BTC,,,,,,
s2,2025-10-01T00:00:00Z,w2,trade,3.5,SOL,700,USD,2,USD,,,,
i1,2025-11-01T06:00:00+02:00,w2,income,,,12.5,ADA,,,,,8.75,
"""
PRICES = (
    "asset,price,time\nETH,1800,2026-03-01\nETH,2000.5,2026-03-30T10:00:00Z\nBTC,60000,2026-03-30\nETH,99,2027-01-01\n"
)
AS_OF = "2026-03-31T16:00:00Z"
LOT_KEYS = [
    *("lot_id", "origin_id", "account", "asset", "acquired_at", "quantity", "cost_basis", "provenance"),
    *("term", "long_term_on", "price", "price_at", "value", "unrealized"),
]
KOINLY = """\
Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,\
Net Worth Amount,Net Worth Currency,Label,Description,TxHash
2024-02-01 10:00 UTC,1000,USD,0.025,BTC,2.5,USD,,,,,
2024-05-01 10:00 UTC,,,0.2,ETH,,,600,USD,reward,,0xab
2024-06-01 10:00 UTC,0.01,BTC,400,USD,1,USD,,,,,
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('timezone = "America/New_York"\n')
    (tmp_path / "ledger.csv").write_text(LEDGER)
    (tmp_path / "prices.csv").write_text(PRICES)
    return ProgramHere(home)


def lots_of(program: Program, *words: str) -> dict[str, Any]:
    done = program.run("lots", "--json", *words)
    assert done.status == 1, done.err
    return done.body


def test_a_ledger_comes_out_as_lots_in_the_words_of_the_contract(program: Program, tmp_path: Path) -> None:
    done = program.run("import", str(tmp_path / "ledger.csv"), "--json")
    assert done.status == 1
    told = done.body
    assert (told["format"], told["new"], told["known"], told["rejected"]) == ("ledger", 7, 0, 0)
    assert [(gap["event_id"], gap["quantity"]) for gap in told["gaps"]] == [("w2:s2", "3.5")]

    words = ("--as-of", AS_OF, "--prices", str(tmp_path / "prices.csv"))
    body = lots_of(program, *words)
    assert lots_of(Program(program.home), *words) == body
    assert list(body) == ["schema", "as_of", "method", "scope", "lots", "gaps", "mismatches", "totals"]
    assert (body["as_of"], body["method"], body["scope"]) == (AS_OF, "fifo", "account")
    assert body["gaps"] == [
        {"account": "w2", "asset": "SOL", "quantity": "3.5", "at": "2025-10-01T00:00:00Z", "event_id": "w2:s2"}
    ]
    assert body["mismatches"] == []
    assert all(list(lot) == LOT_KEYS for lot in body["lots"])
    assert len({lot["lot_id"] for lot in body["lots"]}) == 5
    found = {(lot["account"], lot["origin_id"]): lot for lot in body["lots"]}

    # 2 ETH for 5010: 0.5 sold, 0.002 paid as the network's fee, 0.25 moved; 1.248 are left.
    left = found["w1", "w1:b1"]
    assert (left["quantity"], left["cost_basis"], left["provenance"]) == ("1.248", "3126.24", "proven")
    assert (left["acquired_at"], left["long_term_on"], left["term"]) == ("2024-01-10T15:00:00Z", "2025-01-11", "long")
    assert (left["price"], left["price_at"]) == ("2000.5", "2026-03-30T10:00:00Z")
    assert (left["value"], left["unrealized"]) == ("2496.624", "-629.616")
    moved = found["w2", "w1:b1"]
    assert (moved["quantity"], moved["cost_basis"], moved["provenance"]) == ("0.25", "626.25", "transferred")
    assert moved["acquired_at"] == left["acquired_at"]
    second = found["w1", "w1:b2"]
    assert (second["quantity"], second["cost_basis"], second["term"]) == ("1", "3006", "short")
    unknown = found["w2", "w2:d1"]
    assert (unknown["cost_basis"], unknown["unrealized"], unknown["provenance"]) == (None, None, "unknown")
    assert unknown["value"] == "18000"
    income = found["w2", "w2:i1"]
    assert (income["cost_basis"], income["acquired_at"]) == ("8.75", "2025-11-01T04:00:00Z")
    assert (income["price"], income["price_at"], income["value"], income["unrealized"]) == (None, None, None, None)
    # 629.616 and 126.125 of loss are long-term, 3006 - 2000.5 is short-term; the coin without a basis is left out.
    assert body["totals"] == {
        "cost_basis": "6767.24",
        "value": "22997.249",
        "unrealized": "-1761.241",
        "harvestable_short": "-1005.5",
        "harvestable_long": "-755.741",
    }


def test_every_figure_is_text_and_every_unknown_null(program: Program, tmp_path: Path) -> None:
    program.run("import", str(tmp_path / "ledger.csv"))
    body = lots_of(program)
    for lot in body["lots"]:
        for name in LOT_KEYS:
            assert lot[name] is None or isinstance(lot[name], str), (name, lot)
        for name in ("quantity", "cost_basis"):
            assert lot[name] is None or str(Decimal(lot[name])) == lot[name]
        assert datetime.fromisoformat(lot["acquired_at"]).tzinfo is not None
    assert datetime.fromisoformat(body["as_of"]).tzinfo is not None
    unpriced = dict.fromkeys(("value", "unrealized", "harvestable_short", "harvestable_long"))
    assert body["totals"] == {"cost_basis": body["totals"]["cost_basis"], **unpriced}
    assert Decimal(body["totals"]["cost_basis"]) > 0


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("fifo", {"w1:b1": "1.248", "w1:b2": "1"}),
        ("lifo", {"w1:b1": "2", "w1:b2": "0.248"}),
        ("hifo", {"w1:b1": "2", "w1:b2": "0.248"}),
        ("lofo", {"w1:b1": "1.248", "w1:b2": "1"}),
    ],
)
def test_the_method_decides_which_units_are_left(
    method: str, left: dict[str, str], program: Program, tmp_path: Path
) -> None:
    program.run("import", str(tmp_path / "ledger.csv"))
    body = lots_of(program, "--method", method)
    assert body["method"] == method
    held = {
        lot["origin_id"]: lot["quantity"] for lot in body["lots"] if (lot["account"], lot["asset"]) == ("w1", "ETH")
    }
    assert held == left


def test_lots_can_be_asked_for_as_they_were(program: Program, tmp_path: Path) -> None:
    program.run("import", str(tmp_path / "ledger.csv"))
    done = program.run("lots", "--json", "--as-of", "2025-06-30")
    assert done.status == 0
    assert [(lot["origin_id"], lot["quantity"], lot["term"]) for lot in done.body["lots"]] == [
        ("w1:b1", "2", "long"),
        ("w1:b2", "1", "short"),
    ]
    assert program.run("lots", "--json", "--as-of", "2024-01-01").body["lots"] == []
    assert lots_of(program, "--scope", "universal")["scope"] == "universal"


def test_the_same_file_twice_adds_nothing_and_a_dry_run_writes_nothing(program: Program, tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.csv")
    dry = program.run("import", path, "--dry-run", "--json").body
    assert (dry["dry_run"], dry["new"], dry["known"]) == (True, 7, 0)
    assert program.run("lots", "--json").body["lots"] == []
    program.run("import", path)
    first = lots_of(program, "--as-of", AS_OF)
    again = program.run("import", path, "--json").body
    assert (again["new"], again["known"]) == (0, 7)
    dry = program.run("import", path, "--dry-run", "--json").body
    assert (dry["new"], dry["known"]) == (0, 7)
    assert lots_of(program, "--as-of", AS_OF) == first


def test_koinlys_file_imports_unchanged_into_the_account_of_ones_choice(program: Program, tmp_path: Path) -> None:
    (tmp_path / "koinly.csv").write_text(KOINLY)
    done = program.run("import", str(tmp_path / "koinly.csv"), "--account", "cold", "--json")
    assert (done.status, done.body["format"], done.body["new"]) == (0, "koinly", 3)
    lots = program.run("lots", "--json").body["lots"]
    told = [(lot["account"], lot["asset"], lot["quantity"], lot["cost_basis"]) for lot in lots]
    assert told == [("cold", "BTC", "0.015", "601.5"), ("cold", "ETH", "0.2", "600")]
    assert program.run("import", str(tmp_path / "koinly.csv"), "--account", "cold", "--json").body["new"] == 0


def database_of(program: Program) -> dict[str, str]:
    """The database's files but the lock, which holds the number of the last process."""
    return {
        name: digest
        for name, digest in files_of(program.home).items()
        if name.startswith("facts") and not name.endswith(".lock")
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x1,2025-12-01T00:00:00Z,w1,trade,1e400,USD,1,ETH,,,,,,", "line 9"),
        ("x1,2025-12-01T00:00:00Z,w1,trade,100,USD,,ETH,,,,,,", "line 9"),
        ("x1,not a time,w1,trade,100,USD,1,ETH,,,,,,", "time"),
        ("x1,2025-12-01T00:00:00Z,w1,gamble,100,USD,1,ETH,,,,,,", "kind"),
        ("b1,2025-12-01T00:00:00Z,w1,trade,100,USD,1,ETH,,,,,,", "line 9"),
        ("x1,2025-12-01T00:00:00Z,w1,trade,1,ETH,100,USD,,,,,,nobody=1", "line 9"),
    ],
)
def test_one_broken_row_refuses_the_file_and_leaves_the_database_to_the_byte(
    row: str, words: str, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "koinly.csv").write_text(KOINLY)
    program.run("import", str(tmp_path / "koinly.csv"))
    before = database_of(program)
    assert "facts.sqlite3" in before
    path = tmp_path / "broken.csv"
    path.write_text(LEDGER + row + "\n")
    told = program.run("import", str(path), "--json").refused(2)
    assert "broken.csv" in told and words in told
    assert database_of(program) == before


def test_a_sale_may_name_a_lot_of_a_file_imported_before(program: Program, tmp_path: Path) -> None:
    program.run("import", str(tmp_path / "ledger.csv"))
    later = tmp_path / "later.csv"
    header = LEDGER.splitlines()[0]
    later.write_text(f"{header}\ns9,2026-01-05T00:00:00Z,w1,trade,0.4,ETH,900,USD,,,,,,b2=0.4\n")
    done = program.run("import", str(later), "--json")
    assert done.status == 1, done.err
    held = {lot["origin_id"]: lot["quantity"] for lot in lots_of(program)["lots"] if lot["account"] == "w1"}
    assert held == {"w1:b1": "1.248", "w1:b2": "0.6"}
    later.write_text(f"{header}\ns10,2026-01-06T00:00:00Z,w1,trade,0.7,ETH,900,USD,,,,,,b2=0.7\n")
    assert "line 2" in program.run("import", str(later)).refused(2)


def test_people_get_tables_that_say_what_needs_attention(program: Program, tmp_path: Path) -> None:
    done = program.run("import", str(tmp_path / "ledger.csv"))
    assert (done.status, done.out) == (1, "")
    assert "7 new, 0 known" in done.err
    done = program.run("lots", "--as-of", AS_OF, "--prices", str(tmp_path / "prices.csv"))
    assert done.status == 1
    assert "-629.62" in done.out and "gap: no purchase known" in done.out
    done = program.run("doctor", "--offline", "--json")
    assert done.status == 1
    assert {"check": "database", "state": "ok", "found": "complete and as it should be"} in done.body["findings"]
    assert any(finding["check"] == "lots" and "w2:s2" in finding["found"] for finding in done.body["findings"])


def test_a_damaged_config_is_told_and_nothing_is_done(program: Program, tmp_path: Path) -> None:
    (program.home / "config.toml").write_text('metod = "fifo"\n')
    assert "method" in program.run("lots", "--json").refused(2)
    assert not (program.home / "facts.sqlite3").exists()


def test_a_home_that_cannot_be_made_and_a_file_that_is_no_database_are_the_disks_failures(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    Program(tmp_path / "file" / "home").run("lots").refused(3)
    home = tmp_path / "home"
    home.mkdir()
    (home / "facts.sqlite3").write_bytes(b"this is no database" * 1000)
    Program(home).run("lots", "--json").refused(3)
    assert (home / "facts.sqlite3").read_bytes() == b"this is no database" * 1000


def test_a_sale_may_name_a_lot_that_the_allocation_brought_into_its_account(program: Program, tmp_path: Path) -> None:
    ledger = tmp_path / "pool.csv"
    ledger.write_text(
        "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,lots\n"
        "b1,2023-01-01T12:00:00Z,a,trade,1000,USD,1,BTC,\n"
        "b2,2023-02-01T12:00:00Z,b,trade,3000,USD,1,BTC,\n"
        "s1,2023-03-01T12:00:00Z,b,trade,1,BTC,3500,USD,\n"
        "s2,2025-03-01T12:00:00Z,a,trade,0.4,BTC,9000,USD,b:b2=0.4\n"
    )
    assert "not in a at that time" in program.run("import", str(ledger)).refused(2)
    (program.home / "config.toml").write_text('scope = "us"\n[allocation]\norder = ["a", "b"]\n')
    assert program.run("import", str(ledger)).status == 0
    [part] = program.run("disposals", "--year", "2025", "--json").body["disposals"]
    assert (part["account"], part["origin_id"], part["cost_basis"]) == ("a", "b:b2", "1200")
