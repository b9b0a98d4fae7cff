"""Realized results as scripts and people get them: every lot case, the boxes of Form 8949, years, gaps and totals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.money import EXACT, ZERO
from support.journey_commands import Done
from support.ledger_home import LedgerHome

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "cases" / "lots").glob("*/expected.json"))
NEAR = Decimal("1e-12")
KEYS = [
    *("event_id", "lot_id", "origin_id", "account", "asset", "acquired_at", "disposed_at", "quantity"),
    *("proceeds", "cost_basis", "gain", "term", "form_8949_box"),
]
HEADER = (
    "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,fee_amount,fee_asset,fee_value,"
    "counter_account,value,acquired,cost_basis\n"
)
LEDGER = f"""{HEADER}\
b1,2023-05-01T12:00:00Z,cold,trade,1000,USD,10,ETH,,,,,,,
b2,2024-03-01T12:00:00Z,cold,trade,6000,USD,4,ETH,12,USD,,,,,
s1,2024-06-02T12:00:00Z,cold,trade,11,ETH,33000,USD,30,USD,,,,,
s2,2025-02-03T12:00:00Z,cold,trade,1,ETH,1400,USD,5,USD,,,,,
s3,2025-02-04T12:00:00Z,cold,trade,5,ETH,10000,USD,,,,,,,
d1,2025-03-01T12:00:00Z,cold,deposit,,,2,SOL,,,,,,,
s4,2025-03-05T12:00:00Z,cold,trade,0.5,SOL,70,USD,,,,,,,
"""


Make = Callable[..., LedgerHome]


@pytest.fixture
def make(tmp_path: Path, run_here: Callable[..., Done]) -> Make:
    """Makes a home that has read the ledger."""

    def made(ledger: str, config: str = 'timezone = "America/New_York"\n') -> LedgerHome:
        home = LedgerHome(tmp_path / f"home {len(list(tmp_path.iterdir()))}", run_here)
        home.config(config)
        header, *rows = ledger.splitlines()
        home.tell(*rows, header=header + "\n")
        return home

    return made


def disposals_of(program: LedgerHome, *words: str, status: int = 0) -> dict[str, Any]:
    done = program.command("disposals", "--json", *words)
    assert done.status == status, (done.out, done.err)
    return done.body


def told(part: dict[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    """What names a part exactly, its days read in the taxpayer's zone."""
    days = [
        part.get(name) or str(datetime.fromisoformat(part[f"{name}_at"]).astimezone(zone).date())
        for name in ("acquired", "disposed")
    ]
    quantity = str(Decimal(part["quantity"]).normalize())
    return part["event_id"], part["origin_id"], part["asset"], *days, quantity, part["term"]


def total(parts: list[dict[str, Any]], name: str) -> Decimal:
    found = ZERO
    for part in parts:
        found = EXACT.add(found, Decimal(part[name]))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_case_gives_exactly_its_disposals_and_gaps(case: Path, make: Make) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    zone = ZoneInfo(expected["timezone"])
    program = make((case / "ledger.csv").read_text("utf-8"), f'timezone = "{expected["timezone"]}"\n')
    options = ["--method", expected["method"], "--scope", expected["scope"]]
    body = disposals_of(program, *options, status=1 if expected["gaps"] else 0)

    assert list(body) == ["schema", "year", "disposals", "gaps", "totals", "warnings"]
    assert body["year"] is None
    ours, theirs = body["disposals"], expected["disposals"]
    assert [told(part, zone) for part in ours] == [told(part, zone) for part in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert list(our) == KEYS
        assert expected["scope"] == "universal" or our["account"] == their["account"]
        for name in ("proceeds", "cost_basis", "gain"):
            assert abs(EXACT.subtract(Decimal(our[name]), Decimal(their[name]))) <= NEAR, (name, our)
    for name in ("proceeds", "cost_basis", "gain"):
        assert abs(EXACT.subtract(total(ours, name), total(theirs, name))) <= NEAR
    for term in ("short", "long"):
        assert Decimal(body["totals"][term]) == total([part for part in ours if part["term"] == term], "gain")
    assert [(gap["account"], gap["asset"], Decimal(gap["quantity"]), gap["event_id"]) for gap in body["gaps"]] == [
        (gap["account"], gap["asset"], Decimal(gap["quantity"]), gap["event_id"]) for gap in expected["gaps"]
    ]


def test_a_year_holds_its_own_disposals_gaps_and_totals(make: Make) -> None:
    program = make(LEDGER)
    body = disposals_of(program, "--year", "2024")
    assert body["year"] == 2024
    # 11 of 11 ETH for 33000 - 30; ten cost 1000 and are long-term, the eleventh a quarter of 6012.
    assert [(part["origin_id"], part["gain"], part["term"]) for part in body["disposals"]] == [
        ("cold:b1", "28972.727272727272727272", "long"),
        ("cold:b2", "1494.272727272727272728", "short"),
    ]
    assert body["totals"] == {"short": "1494.272727272727272728", "long": "28972.727272727272727272"}
    assert (body["gaps"], body["warnings"]) == ([], [])

    body = disposals_of(program, "--year", "2025", status=1)
    assert [(part["event_id"], part["proceeds"], part["cost_basis"], part["gain"]) for part in body["disposals"]] == [
        ("cold:s2", "1395", "1503", "-108"),
        ("cold:s3", "4000", "3006", "994"),
        ("cold:s4", "70", None, None),
    ]
    # Three of the five ETH have no purchase: their share of the proceeds is in no row.
    assert [(gap["event_id"], gap["quantity"]) for gap in body["gaps"]] == [("cold:s3", "3")]
    assert body["totals"] == {"short": "886", "long": "0"}
    assert disposals_of(program, "--year", "2026")["disposals"] == []


def test_a_disposal_of_unknown_basis_has_no_gain_is_in_no_total_and_is_told(make: Make) -> None:
    program = make(LEDGER)
    done = program.command("disposals", "--year", "2025", "--json")
    assert "cold:s4 disposed of 0.5 SOL of cold:d1 with unknown basis" in done.err
    [warning] = done.body["warnings"]
    assert (warning["kind"], warning["event_id"], warning["asset"]) == ("unknown", "cold:s4", "SOL")


def test_a_sale_without_known_proceeds_has_no_gain(make: Make) -> None:
    ledger = (
        f"{HEADER}b1,2024-05-01T12:00:00Z,w,trade,100,USD,10,AAA,,,,,,,\nf1,2024-06-01T12:00:00Z,w,fee,2,AAA,,,,,,,,,\n"
    )
    body = disposals_of(make(ledger), status=1)
    [part] = body["disposals"]
    assert (part["quantity"], part["proceeds"], part["cost_basis"], part["gain"]) == ("2", None, "20", None)
    assert body["totals"] == {"short": "0", "long": "0"}


def test_people_get_a_table_and_the_totals(make: Make) -> None:
    done = make(LEDGER).command("disposals")
    assert done.status == 1
    rows = [line.split() for line in done.out.splitlines()]
    assert ["2024-06-02", "2023-05-01", "cold", "ETH", "10", "29,972.73", "1,000.00", "28,972.73", "long", "F"] in rows
    assert ["short-term", "2,380.27"] in rows and ["long-term", "28,972.73"] in rows
    assert ["unknown,", "in", "no", "total", "1", "disposals"] in rows
    assert "gap: no purchase known" in done.out and "cold:s3" in done.out
    assert done.err.count("\n") == 1


def test_a_year_that_is_none_is_refused(make: Make) -> None:
    program = make(LEDGER)
    for year in ("2008", "20255", "next", "-2024", "２０２４"):
        assert "year" in program.command("disposals", f"--year={year}").refused(2)


BROKER = 'timezone = "America/New_York"\n[accounts."desk"]\ncustody = "broker"\n'
HELD = f"""{HEADER}\
b1,2024-01-05T12:00:00Z,desk,trade,100,USD,1,BTC,,,,,,,
b2,2025-06-05T12:00:00Z,desk,trade,200,USD,1,BTC,,,,,,,
b3,2026-01-01T05:00:00Z,desk,trade,300,USD,1,BTC,,,,,,,
b4,2026-01-02T12:00:00Z,home,trade,400,USD,1,BTC,,,,,,,
b5,2026-01-03T12:00:00Z,desk,trade,500,USD,1,BTC,,,,,,,
i1,2026-01-04T12:00:00Z,desk,income,,,1,BTC,,,,,600,,
o1,2026-02-01T12:00:00Z,desk,opening,,,1,BTC,,,,,,2026-01-05T12:00:00Z,700
"""
MOVES = """\
t1,2026-02-02T12:00:00Z,home,transfer,1,BTC,,,,,,desk,,,
t2,2026-02-03T12:00:00Z,desk,transfer,1,BTC,,,,,,home,,,
t3,2026-02-04T12:00:00Z,home,transfer,1,BTC,,,,,,desk,,,
"""


def boxes(program: LedgerHome, *words: str) -> dict[str, str]:
    return {part["origin_id"]: part["form_8949_box"] for part in disposals_of(program, *words)["disposals"]}


def test_the_box_follows_what_the_broker_will_have_reported(make: Make) -> None:
    # Five are sold in 2026 and one in 2027, when what was bought at the start of 2026 is long-term.
    sales = """\
s1,2026-06-01T12:00:00Z,desk,trade,6,BTC,6000,USD,,,,,,,
s2,2027-06-01T12:00:00Z,desk,trade,1,BTC,900,USD,,,,,,,
"""
    program = make(HELD + MOVES.splitlines(keepends=True)[0] + sales, BROKER)
    assert boxes(program) == {
        "desk:b1": "K",  # long-term, bought before brokers keep basis
        "desk:b2": "H",
        "desk:b3": "G",  # midnight of 1 January 2026 in New York
        "home:b4": "H",  # moved in
        "desk:b5": "G",
        "desk:i1": "H",  # income is not bought
        "desk:o1": "K",
    }


def test_units_that_went_away_and_came_back_are_no_longer_covered(make: Make) -> None:
    rows = """\
t2,2026-02-03T12:00:00Z,desk,transfer,1,BTC,,,,,,home,,,
t3,2026-02-04T12:00:00Z,home,transfer,1,BTC,,,,,,desk,,,
s1,2027-06-01T12:00:00Z,desk,trade,2,BTC,900,USD,,,,,,,
"""
    bought = [line for line in HELD.splitlines(keepends=True) if line[:2] in ("id", "b3", "b5")]
    program = make("".join(bought) + rows, BROKER)
    assert boxes(program) == {"desk:b3": "K", "desk:b5": "J"}


def test_a_sale_of_2025_has_no_reported_basis_and_one_of_2024_a_box_of_securities(make: Make) -> None:
    rows = """\
s0,2025-01-01T04:59:59Z,desk,trade,0.25,BTC,90,USD,,,,,,,
s1,2025-01-01T05:00:00Z,desk,trade,0.25,BTC,90,USD,,,,,,,
s2,2025-01-05T12:00:00Z,desk,trade,0.25,BTC,90,USD,,,,,,,
s3,2025-01-06T12:00:00Z,desk,trade,0.25,BTC,90,USD,,,,,,,
s4,2025-12-31T12:00:00Z,desk,trade,0.5,BTC,90,USD,,,,,,,
"""
    program = make(HELD + rows, BROKER)
    assert [part["form_8949_box"] for part in disposals_of(program)["disposals"]] == ["C", "H", "H", "K", "H"]


def test_an_account_without_a_broker_and_what_a_broker_sees_only_leave_are_on_no_form(make: Make) -> None:
    rows = """\
x1,2025-07-01T12:00:00Z,desk,spend,0.5,BTC,,,,,,,90,,
x2,2025-07-02T12:00:00Z,desk,transfer,0.25,BTC,,,0.01,BTC,2,home,,,
x3,2025-07-03T12:00:00Z,home,trade,0.2,BTC,50,USD,,,,,,,
"""
    ledger = HELD + rows
    found = [part["form_8949_box"] for part in disposals_of(make(ledger, BROKER))["disposals"]]
    assert found == ["L", "L", "L"]
    sale = """\
x4,2024-12-01T12:00:00Z,desk,trade,0.5,BTC,90,USD,,,,,,,
x5,2025-12-01T12:00:00Z,desk,trade,1,BTC,90,USD,,,,,,,
"""
    found = [part["form_8949_box"] for part in disposals_of(make(HELD + sale))["disposals"]]
    assert found == ["C", "L", "I"]
