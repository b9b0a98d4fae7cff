"""A thousand kills of a process that commits identification records, and a thousand power cuts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from record_drill import kill_and_check_records
from record_power_cuts import cut_and_check, record_calls

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(7200)]


async def test_a_thousand_kills_lose_no_record(tmp_path: Path) -> None:
    """Fifty kills a home, so that reading what is there does not outweigh the kills."""
    there = acknowledged = 0
    for seed in range(20):
        kept, told = await kill_and_check_records(tmp_path / str(seed) / "cache.db", 50, seed)
        there, acknowledged = there + kept, acknowledged + told
    print(f"\nkills 1000, records {there}, of them acknowledged {acknowledged}, lost 0")
    assert there >= acknowledged >= 3000


@pytest.mark.parametrize(("synchronous", "cuts"), [("FULL", 1000), ("NORMAL", 100), ("OFF", 100)])
async def test_a_thousand_power_cuts_lose_no_record_and_a_cache_that_syncs_less_loses_some(
    tmp_path: Path, synchronous: str, cuts: int
) -> None:
    """Of one process, long enough for the log to be folded into the file on the way, and of shorter ones that end."""
    states = with_pending = 0
    lost: list[str] = []
    for seed, records in enumerate((200, 25, 25, 25)):
        calls = record_calls(tmp_path / str(seed), records, synchronous)
        if calls is None:
            pytest.skip("not run: recording what reaches the disk needs strace and the right to trace")
        tally = await cut_and_check(calls, tmp_path / f"states {seed}", cuts // 4, seed)
        states, with_pending = states + tally.states, with_pending + tally.with_pending
        lost += tally.lost
    print(f"\n{synchronous}: power cuts {states}, with unsynced writes {with_pending}, lost something in {len(lost)}")
    assert states == cuts
    assert with_pending > cuts / 3
    assert (lost == []) == (synchronous == "FULL"), lost[:20]
