"""A power cut costs no record that was acknowledged; a cache that syncs less loses some, so the harness can see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_power_cuts import Call, Disk, cut_and_check, record_calls


async def test_power_cuts_lose_no_record(tmp_path: Path) -> None:
    calls = record_calls(tmp_path / "full", 15)
    if calls is None:
        pytest.skip("not run: recording what reaches the disk needs strace and the right to trace")
    tally = await cut_and_check(calls, tmp_path / "states", 25, seed=3)
    assert tally.lost == []
    assert tally.with_pending > 10


async def test_a_cache_that_does_not_wait_for_the_disk_loses_records(tmp_path: Path) -> None:
    calls = record_calls(tmp_path / "normal", 8, "NORMAL")
    if calls is None:
        pytest.skip("not run: recording what reaches the disk needs strace and the right to trace")
    tally = await cut_and_check(calls, tmp_path / "states", 20, seed=3)
    assert tally.lost


def test_only_what_was_synced_is_sure_and_the_rest_may_be_torn() -> None:
    import random

    disk = Disk()
    for call in (
        Call("write", "a", 0, b"x" * 1000),
        Call("sync", "a"),
        Call("write", "a", 500, b"y" * 600),
        Call("write", "b", 0, b"z"),
    ):
        disk.take(call)
    seen = {bytes(disk.after_a_cut(random.Random(seed))["a"]) for seed in range(200)}
    old, first, second = b"x" * 500, b"y" * 12, b"y" * 512
    whole = [old + b"x" * 500, old + first + second + b"y" * 76]
    torn = [old + first + b"x" * 488, old + b"x" * 12 + second, old + first + second]
    assert {*whole, *torn} <= seen
    assert all(content.startswith(old) for content in seen)
    assert {len(disk.after_a_cut(random.Random(seed)).get("b", b"")) for seed in range(50)} == {0, 1}
