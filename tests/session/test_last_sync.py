"""When an account was last synced, and how much came: over restarts, and past a sync that failed."""

from __future__ import annotations

from pathlib import Path

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase
from harvest_tui.session.syncing import last_synced
from harvest_tui.simulator.process import SimulatorProcess
from support.journey import opened_again, synced
from support.simulated import connected, impatient

KRAKEN = AccountId("kraken")


async def test_a_failed_sync_is_not_the_last_one_and_a_new_run_knows_the_one_before(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=6, venues=("kraken",), rows=40, limits="off") as simulator:
        async with connected(simulator, tmp_path, ("kraken",), impatient(20)) as first:
            assert first.sync_states()[KRAKEN].finished_at is None
            await synced(first)
            state = first.sync_states()[KRAKEN]
            # All rows of all streams, not those of the stream that came last.
            assert state.rows == await first.store.raw_count(KRAKEN) > 40
            assert state.finished_at is not None
            known = await last_synced(first.store, KRAKEN)
            assert known is not None and known <= state.finished_at
        async with opened_again(simulator, tmp_path) as again:
            waiting = again.sync_states()[KRAKEN]
            assert (waiting.phase, waiting.finished_at) == (SyncPhase.WAITING, known)
            await simulator.fault("kraken", "bad_key")
            await again.sync()
            failed = again.sync_states()[KRAKEN]
            assert (failed.phase, failed.finished_at) == (SyncPhase.NEEDS_KEY, known)
            await simulator.clear_faults()
            await simulator.fault("kraken", "unavailable_503", "Ledgers")
            await again.sync()
            failed = again.sync_states()[KRAKEN]
            assert (failed.phase, failed.finished_at) == (SyncPhase.FAILED, known)
