"""A sync, or the search for past prices, stopped by hand: what came is kept, and the next one goes on from there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase
from harvest_tui.session.past_prices import PAST_PRICES
from harvest_tui.session.run import Session
from harvest_tui.session.under_way import UnderWay
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp
from support.journey import Gate, synced, until
from support.on_screen import shown
from support.simulated import connected, impatient

KRAKEN = AccountId("kraken")


def sockets() -> int:
    """How many this process has open."""
    links = []
    for name in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(name.readlink()))
        except FileNotFoundError:
            continue
    return sum(link.startswith("socket:") for link in links)


async def rows_of(session: Session) -> dict[tuple[str, str], str]:
    return {(row.stream, row.native_id): row.payload for row in await session.store.raw_rows(KRAKEN)}


async def test_a_first_sync_stopped_halfway_keeps_its_pages_and_the_next_one_brings_just_the_rest(
    tmp_path: Path,
) -> None:
    gate = Gate()
    async with SimulatorProcess(seed=8, venues=("kraken",), rows=900, limits="off") as simulator:
        async with connected(simulator, tmp_path / "whole", ("kraken",), impatient(20)) as session:
            await synced(session)
            whole, lots = await rows_of(session), session.portfolio().ledger.lots
        async with connected(simulator, tmp_path / "stopped", ("kraken",), gate.pacing()) as session:
            assert not session.stop_sync(), "none is under way"
            before = sockets()
            sync = asyncio.create_task(session.sync_results())
            await until(lambda: session.sync_states()[KRAKEN].rows >= 100, "some pages")
            assert sockets() > before
            assert session.stop_sync()
            session.stop_sync()
            [result] = await sync
            state = session.sync_states()[KRAKEN]
            assert result.error is None and result.state == state
            assert (state.phase, state.is_first, state.finished_at) == (SyncPhase.STOPPED, True, None)
            assert state.message == "stopped: s goes on where it ended"
            kept = await rows_of(session)
            assert 100 <= state.rows == len(kept) < len(whole)
            assert not session.stop_sync(), "nothing goes on behind the screen, past prices neither"
            await until(lambda: sockets() == before, "the client is closed")
            gate.open()
            [rest] = await session.sync_results()
            assert (rest.state.phase, rest.state.is_first) == (SyncPhase.DONE, False)
            assert rest.state.finished_at is not None
            assert await rows_of(session) == whole
            assert rest.new == len(whole) - len(kept)
            assert [lot.quantity for lot in session.portfolio().ledger.lots] == [lot.quantity for lot in lots]


async def test_a_stop_while_connecting_and_one_among_past_prices(tmp_path: Path) -> None:
    async with (
        SimulatorProcess(seed=6, venues=("kraken",), rows=40, limits="off") as simulator,
        connected(simulator, tmp_path, ("kraken",), Gate().pacing()) as session,
    ):
        await simulator.fault("kraken", "timeout", "Time")
        before = sockets()
        sync = asyncio.create_task(session.sync_results())
        await until(lambda: session.sync_states()[KRAKEN].phase is SyncPhase.CONNECTING, "connecting")
        await until(lambda: sockets() > before, "dialled")
        assert session.stop_sync()
        assert [one.state.phase for one in await sync] == [SyncPhase.STOPPED]
        await until(lambda: sockets() == before, "the client is closed")
        assert await session.store.raw_count(KRAKEN) == 0
        sync = asyncio.create_task(session.sync_results())
        for _ in range(2):
            await asyncio.sleep(0)
        assert session.stop_sync(), "before it has read anything"
        assert [one.state.phase for one in await sync] == [SyncPhase.STOPPED]
        assert session.sync_states()[KRAKEN].is_first
        await simulator.clear_faults()

        # The gate lets three questions for candles through and no more.
        sync = asyncio.create_task(session.sync_results())
        await until(lambda: session.sync_states()[KRAKEN].stream == PAST_PRICES, "past prices are asked for")
        missing = len(session.facts().missing_prices)
        await until(lambda: session.sync_states()[KRAKEN].rows > 0, "some came")
        assert session.stop_sync()
        assert [one.error for one in await sync] == [None]
        state = session.sync_states()[KRAKEN]
        assert (state.phase, state.stream, state.message) == (SyncPhase.DONE, "", "")
        assert 0 < len(session.facts().missing_prices) < missing, "those that came are kept and used"


async def test_who_is_ended_itself_is_not_taken_for_stopped() -> None:
    under_way = UnderWay()
    asked = asyncio.Event()

    async def search() -> bool:
        asked.set()
        return await asyncio.Event().wait()

    waiting = asyncio.create_task(under_way.search(search()))
    await asked.wait()
    assert under_way.stop()
    assert await waiting is True
    asked.clear()
    waiting = asyncio.create_task(under_way.search(search()))
    await asked.wait()
    under_way.stop()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled() and not under_way.tasks()


async def test_the_key_stops_it_and_s_goes_on_and_q_leaves_while_one_is_under_way(tmp_path: Path) -> None:
    gate = Gate()
    async with (
        SimulatorProcess(seed=8, venues=("kraken",), rows=300, limits="off") as simulator,
        connected(simulator, tmp_path, ("kraken",), gate.pacing()) as session,
    ):
        app = HarvestApp(session)

        def text() -> str:
            return "\n".join(shown(app))

        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await until(lambda: session.sync_states()[KRAKEN].rows > 0, "the first sync")
            await pilot.press("S")
            await until(lambda: "□ kraken         stopped: s goes on where it ended" in text(), "said on the monitor")
            await pilot.press("c")
            await until(lambda: "stopped, " in text() and "S stop" in text(), "said on the accounts screen")
            await pilot.press("S")
            await until(lambda: "No sync is under way." in text(), "nothing to stop")
            await pilot.press("exclamation_mark")
            await until(lambda: "problem" in shown(app)[0], "the problems screen")
            assert "stopped" not in text(), "no problem of it"
            await pilot.press("escape", "s")
            await until(lambda: session.sync_states()[KRAKEN].phase is SyncPhase.SYNCING, "it goes on")
            await pilot.press("q")
