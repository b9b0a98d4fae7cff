"""A sync that is killed at any moment loses nothing, stores nothing twice, and the next one is whole."""

from __future__ import annotations

import json
from pathlib import Path

from harvest_tui.core.pages import StoredRow
from support.against_truth import Truth, ahead, compare
from support.kills import kill_drill

TRUTH: Truth = {
    "ledger": [
        {
            "id": f"L{number}",
            "refid": f"T{number}",
            "amount": f"{number}.10",
            "fee": "0.0100",
            "time": 1700000000.25 + number,
        }
        for number in range(3, 6)
    ]
}


def stored(number: int, amount: str = "", native_id: str = "") -> StoredRow:
    row = {
        "refid": f"T{number}",
        "amount": amount or f"{number}.10",
        "fee": "0.0100",
        "time": f"{1700000000.25 + number}",
    }
    return StoredRow("ledger", native_id or f"L{number}", json.dumps(row))


def test_the_comparison_sees_every_row_that_is_missing_twice_or_of_another_amount() -> None:
    whole = [stored(3), stored(4), stored(5)]
    assert compare("kraken", TRUTH, whole).is_none
    missing = compare("kraken", TRUTH, whole[:2])
    assert (len(missing.lost), missing.repeated, missing.foreign) == (1, (), ())
    twice = compare("kraken", TRUTH, [*whole, stored(4)])
    assert (twice.lost, len(twice.repeated), twice.foreign) == ((), 1, ())
    shorter = compare("kraken", TRUTH, [stored(3), stored(4, amount="4.1"), stored(5)])
    assert (len(shorter.lost), shorter.repeated, len(shorter.foreign)) == (1, (), 1)


def test_a_cursor_that_leads_the_rows_is_seen_and_one_that_lags_is_not() -> None:
    gap = {"after": None, "until": 1700000007, "offset": 2, "count": 3, "newest": 1700000005}
    walking = {"ledger": json.dumps({"mark": None, "deposit": None, "withdrawal": None, "gap": gap})}
    assert ahead("kraken", TRUTH, [stored(5), stored(4)], walking) == []
    assert len(ahead("kraken", TRUTH, [stored(5)], walking)) == 1
    ended = {"ledger": json.dumps({"mark": 1700000004, "deposit": None, "withdrawal": None, "gap": None})}
    assert ahead("kraken", TRUTH, [stored(3), stored(4)], ended) == []
    assert len(ahead("kraken", TRUTH, [stored(5)], ended)) == 2


async def test_kills_of_the_real_command_cost_nothing(tmp_path: Path) -> None:
    async with kill_drill(tmp_path, rows=250, seed=6) as drill:
        tally = await drill.run(6, kills_a_home=(6, 6))
    assert tally.is_spotless, f"{tally}\n" + "\n".join(tally.findings)
    assert tally.kills == 6
    assert tally.mid_sync >= 2
