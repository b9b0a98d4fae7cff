"""Every case of tests/cases/lots goes through the importer and the matcher and comes out as expected.

Figures are exact where they are finite within 18 decimals, else within 1e-12; sums are exact.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.matching import match
from harvest_tui.core.money import EXACT
from harvest_tui.core.tax_days import tax_day
from harvest_tui.imports.reading import read

CASES = sorted(path.parent for path in (Path(__file__).parent.parent / "cases" / "lots").glob("*/expected.json"))
NEAR = Decimal("1e-12")


def is_near(ours, expected):
    return abs(EXACT.subtract(ours, Decimal(expected))) <= NEAR


def day(at: datetime, zone: ZoneInfo) -> date:
    return tax_day(at, zone)


def check_disposal(ours, expected, zone, *, is_universal):
    told = (ours.event_id, ours.origin_id, ours.asset, str(day(ours.acquired_at, zone)))
    assert told == (expected["event_id"], expected["origin_id"], expected["asset"], expected["acquired"])
    assert is_universal or ours.account == expected["account"]
    assert (str(day(ours.disposed_at, zone)), ours.term) == (expected["disposed"], expected["term"])
    assert ours.quantity == Decimal(expected["quantity"])
    for name in ("proceeds", "cost_basis", "gain"):
        assert is_near(getattr(ours, name), expected[name]), (name, ours)


def check_lot(ours, expected, zone):
    told = (ours.origin_id, ours.account, ours.asset, str(day(ours.acquired_at, zone)))
    assert told == (expected["origin_id"], expected["account"], expected["asset"], expected["acquired"])
    assert ours.quantity == Decimal(expected["quantity"])
    assert is_near(ours.cost_basis, expected["cost_basis"]), ours


def test_the_cases_are_there():
    assert len(CASES) == 36


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_case_gives_exactly_its_disposals_lots_and_gaps(case):
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    zone = ZoneInfo(expected["timezone"])
    events = read(case / "ledger.csv").events
    ledger = match(events, method=expected["method"], scope=expected["scope"], zone=zone)

    assert len(ledger.disposals) == len(expected["disposals"])
    for ours, theirs in zip(ledger.disposals, expected["disposals"], strict=True):
        check_disposal(ours, theirs, zone, is_universal=expected["scope"] == "universal")
    assert len(ledger.lots) == len(expected["lots"])
    for ours, theirs in zip(
        sorted(ledger.lots, key=lambda lot: (lot.acquired_at, lot.origin_id, lot.account)),
        sorted(expected["lots"], key=lambda lot: (lot["acquired"], lot["origin_id"], lot["account"])),
        strict=True,
    ):
        check_lot(ours, theirs, zone)
    assert [(gap.account, gap.asset, gap.quantity, gap.event_id) for gap in ledger.gaps] == [
        (gap["account"], gap["asset"], Decimal(gap["quantity"]), gap["event_id"]) for gap in expected["gaps"]
    ]
    assert not ledger.unpriced and not ledger.unmatched
