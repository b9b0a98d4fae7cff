"""`lots --csv` and `disposals --csv` write what they would print into a file that was not there."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.journey_commands import Done
from support.ledger_home import LedgerHome

ROWS = (
    "B1,2024-03-01T12:00:00Z,cold,trade,6000,USD,4,ETH",
    "B2,2025-06-01T12:00:00Z,cold,trade,9000,USD,3,ETH",
    "S1,2026-01-01T04:30:00Z,cold,trade,1.5,ETH,2250.50,USD",
    "B3,2025-01-05T12:00:00Z,=cmd|x,trade,100,USD,1,@COIN",
    "S2,2026-05-01T12:00:00Z,cold,trade,9,ETH,18000,USD",
)


@pytest.fixture
def home(tmp_path: Path, run_here: Callable[..., Done]) -> LedgerHome:
    made = LedgerHome(tmp_path / "home", run_here)
    made.config('timezone = "America/New_York"\n')
    made.tell(*ROWS)
    return made


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_file_has_what_the_json_has_and_the_gaps(home: LedgerHome, tmp_path: Path) -> None:
    path = tmp_path / "sold.csv"
    done = home.command("disposals", "--year", "2026", "--csv", str(path))
    assert (done.status, done.out) == (1, ""), "the gap needs attention, and the table is in the file"
    assert f"2 disposals and 1 without a lot written to {path}" in done.err
    told = home.disposals("--year", "2026")
    rows = read(path)
    for row, one in zip(rows, told["disposals"], strict=False):
        assert {name: row[name] for name in one} == {name: value or "" for name, value in one.items()}
    assert [(row["quantity"], row["provenance"]) for row in rows] == [
        ("2.5", "proven"),
        ("3", "proven"),
        ("3.5", "gap"),
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_lots_go_with_the_prices_given_and_names_are_no_formulas(home: LedgerHome, tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    done = home.command(
        "lots", "--csv", str(path), "--prices", home.prices(ETH=2000), "--as-of", "2026-02-01", "--json"
    )
    assert done.status == 0, done.err
    rows = read(path)
    assert [(row["account"], row["asset"]) for row in rows if row["quantity"] == "1"] == [("'=cmd|x", "'@COIN")]
    assert [row["unrealized"] for row in rows if row["asset"] == "ETH"] == ["1250", "-3000"]
    assert [row["quantity"] for row in rows] == [lot["quantity"] for lot in done.body["lots"]]


def test_a_file_that_is_there_is_never_touched(home: LedgerHome, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("mine\n")
    for command in ("lots", "disposals"):
        done = home.command(command, "--csv", str(path))
        assert (done.status, done.out) == (2, "")
        assert "is there already" in done.err and done.err.count("\n") == 1
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere.csv")
    assert home.command("lots", "--csv", str(tmp_path / "dangling.csv")).status == 2
    assert home.command("lots", "--csv", str(tmp_path / "no folder" / "a.csv")).status == 3
    assert path.read_text() == "mine\n" and not (tmp_path / "nowhere.csv").exists()


def test_pandas_is_loaded_only_where_a_file_is_asked_for(home: LedgerHome, tmp_path: Path) -> None:
    code = (
        "import sys; from harvest_tui.cli import main; main(sys.argv[1:]); "
        "sys.stdout.flush(); print('pandas' in sys.modules, file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, "--home", str(home.folder), "disposals", "--json"]
    plain = subprocess.run(words, capture_output=True, text=True, check=True)
    assert plain.stderr.endswith("False\n") and json.loads(plain.stdout)["schema"] == 1
    asked = subprocess.run([*words, "--csv", str(tmp_path / "a.csv")], capture_output=True, text=True, check=True)
    assert asked.stderr.endswith("True\n")
