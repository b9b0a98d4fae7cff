"""A thousand kills of a process that commits identification records."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from record_drill import kill_and_check_records

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(7200)]


async def test_a_thousand_kills_lose_no_record(tmp_path: Path) -> None:
    """Fifty kills a home, so that reading what is there does not outweigh the kills."""
    there = acknowledged = 0
    for seed in range(20):
        kept, told = await kill_and_check_records(tmp_path / str(seed) / "cache.db", 50, seed)
        there, acknowledged = there + kept, acknowledged + told
    print(f"\nkills 1000, records {there}, of them acknowledged {acknowledged}, lost 0")
    assert there >= acknowledged >= 3000
