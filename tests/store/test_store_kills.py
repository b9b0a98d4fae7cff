"""A process that dies at any moment leaves every acknowledged page, nothing twice and no cursor ahead of its rows."""

from __future__ import annotations

from pathlib import Path

from kill_drill import kill_and_check


async def test_kills_at_random_moments_of_a_sync_cost_nothing(cache: Path) -> None:
    drill = await kill_and_check(cache, 20, seed=2024)
    assert drill.kills == 20
    assert drill.acknowledged > 300
