"""The market falls while the monitor is open: it tells by itself, once, and the journal keeps it for the next run."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from harvest_tui.core.records import AccountId, Asset
from harvest_tui.session import SyncPhase
from harvest_tui.session.looking import DailyCloses
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp
from support.journey import opened_again, until
from support.on_screen import lot_table, shown
from support.simulated import connected, impatient

COINBASE, BTC = AccountId("coinbase"), Asset("BTC")


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


async def test_a_crash_is_told_in_the_open_monitor_and_leads_to_its_lots(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=8, venues=("coinbase",), rows=70, limits="off", tick_rate=5) as simulator:
        async with connected(simulator, tmp_path, ("coinbase",), impatient(20)) as session:
            session.alerting.seconds_between_looks = 0.5
            app = HarvestApp(session)
            async with app.run_test(size=(140, 40), notifications=True) as pilot:
                await until(lambda: session.alerting.state is not None, "a first look was taken")
                assert session.sync_states()[COINBASE].phase is SyncPhase.DONE
                assert not session.portfolio().ledger.unpriced, "not before past prices were known"
                await session.alerting.check()
                calm = {one.alert.key for one in await session.alerting.journal()}
                await simulator.crash(45)

                async def told() -> list[str]:
                    return [one.alert.key for one in await session.alerting.journal() if one.alert.key not in calm]

                while not (fallen := await told()):
                    await pilot.pause(0.05)
                assert all(key.startswith("harvestable_loss/coinbase/") for key in fallen)
                await until(lambda: "Loss to harvest: coinbase" in text_of(app), "the toast")
                await until(lambda: "· 3" in shown(app)[1], "the header counts it")
                await simulator.tick_rate(0)

                closes = DailyCloses(session)
                version = session.facts_version
                assert await closes.fetch() > 300
                assert session.facts_version > version, "how much an asset moves is read anew"
                assert len(await session.store.candles(BTC, *a_month(session.now()))) >= 28
                before = (await simulator.stats("coinbase"))["total"]
                assert await closes.fetch() == 0
                assert (await simulator.stats("coinbase"))["total"] == before

                await pilot.press("3")
                await until(lambda: "coinbase " in text_of(app) and "→ enter shows its lots" in text_of(app), "journal")
                asset = (await session.alerting.told()).journal[0].alert.asset
                await pilot.press("enter")
                await until(lambda: len(app.screen_stack) == 1 and asset_of_all(app) == {asset}, "its lots alone")
                await until(lambda: "· 3" not in shown(app)[1], "all were seen")
                keys = await told()
                await pilot.press("q")
        assert len(keys) == len(set(keys)), "each once"
        async with opened_again(simulator, tmp_path) as session:
            await session.reload_facts()
            assert await session.alerting.check() == ()
            assert {one.alert.key for one in await session.alerting.journal()} == {*calm, *keys}


def a_month(now: datetime) -> tuple[datetime, datetime]:
    return now - timedelta(days=31), now


def asset_of_all(app: HarvestApp) -> set[str]:
    table = lot_table(app)
    return {lot.asset for row in range(table.row_count) if (lot := table.lot_at(row)) is not None}
