"""Every lot case through the commands: `import`, then `lots --json`, compared with what must come out.

The commands run in this process, one home a case. Quantities are exact, dollars within 1e-12, sums exact.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.cli import main
from harvest_tui.core.money import EXACT, ZERO

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "cases" / "lots").glob("*/expected.json"))
NEAR = Decimal("1e-12")


@pytest.fixture(autouse=True)
def process_is_left_as_it_was() -> Iterator[None]:
    mask = os.umask(0o077)
    logger = logging.getLogger("harvest_tui")
    handlers, propagates = list(logger.handlers), logger.propagate
    yield
    os.umask(mask)
    for handler in [handler for handler in logger.handlers if handler not in handlers]:
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = propagates


def told(lot: dict[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    """What names a lot, its day read in the taxpayer's zone."""
    day = lot.get("acquired") or str(datetime.fromisoformat(lot["acquired_at"]).astimezone(zone).date())
    return day, lot["origin_id"], lot["account"], lot["asset"], str(Decimal(lot["quantity"]).normalize())


def dollars(lots: list[dict[str, Any]]) -> Decimal:
    total = ZERO
    for lot in lots:
        total = EXACT.add(total, Decimal(lot["cost_basis"]))
    return total


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_case_comes_out_of_the_commands(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HARVEST_TUI_SIMULATOR", raising=False)
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    zone = ZoneInfo(expected["timezone"])
    (tmp_path / "config.toml").write_text(
        f'timezone = "{expected["timezone"]}"\nmethod = "{expected["method"]}"\n', "utf-8"
    )
    home = ["--home", str(tmp_path)]
    status = main([*home, "import", str(case / "ledger.csv"), "--json"])
    imported = json.loads(capsys.readouterr().out)
    assert status == (1 if imported["gaps"] else 0)
    assert main([*home, "import", str(case / "ledger.csv"), "--json"]) == status
    again = json.loads(capsys.readouterr().out)
    assert (again["new"], again["known"]) == (0, imported["new"])

    options = ["--method", expected["method"], "--scope", expected["scope"]]
    assert main([*home, "lots", "--json", *options]) == (1 if expected["gaps"] else 0)
    body = json.loads(capsys.readouterr().out)
    assert (body["method"], body["scope"]) == (expected["method"], expected["scope"])

    ours = sorted(body["lots"], key=lambda lot: told(lot, zone))
    theirs = sorted(expected["lots"], key=lambda lot: told(lot, zone))
    assert [told(lot, zone) for lot in ours] == [told(lot, zone) for lot in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert abs(EXACT.subtract(Decimal(our["cost_basis"]), Decimal(their["cost_basis"]))) <= NEAR, our
    assert abs(EXACT.subtract(dollars(ours), dollars(theirs))) <= NEAR
    if ours:
        assert body["totals"]["cost_basis"] is not None
        assert Decimal(body["totals"]["cost_basis"]) == dollars(ours)
    assert [(gap["account"], gap["asset"], Decimal(gap["quantity"]), gap["event_id"]) for gap in body["gaps"]] == [
        (gap["account"], gap["asset"], Decimal(gap["quantity"]), gap["event_id"]) for gap in expected["gaps"]
    ]
