"""Two hundred kills of the real command while it reads four exchanges."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.kills import kill_drill

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(7200)]


async def test_two_hundred_kills_cost_nothing(tmp_path: Path) -> None:
    async with kill_drill(tmp_path, rows=600, seed=200) as drill:
        tally = await drill.run(200, kills_a_home=(8, 16))
    print(f"\n{tally}")
    assert tally.is_spotless, f"{tally}\n" + "\n".join(tally.findings[:50])
    assert tally.kills == 200
    assert tally.mid_sync >= 100
