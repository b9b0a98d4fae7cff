"""Two programs on one home: the first writes, the second only reads, says so, and sees what the first stores."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.errors import ReadOnlyStore
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp
from support.journey import files_of, lots_held, opened_again, synced, until
from support.on_screen import lot_table, shown
from support.simulated import connected, impatient

VAULT, LITECOIN = AccountId("vault"), Asset("LTC")


def purchase() -> Event:
    return Event(
        EventId("vault:1"),
        VAULT,
        EventKind.TRADE,
        datetime(2025, 2, 3, tzinfo=UTC),
        sent=Amount(Decimal("812.5"), Asset("USD")),
        received=Amount(Decimal("7.25"), LITECOIN),
    )


async def test_the_second_only_reads_says_so_and_follows_the_first(tmp_path: Path) -> None:
    async with (
        SimulatorProcess(seed=6, venues=("kraken",), rows=60, limits="off") as simulator,
        connected(simulator, tmp_path, ("kraken",), impatient(20)) as first,
    ):
        await synced(first)
        assert not first.is_read_only
        asked = (await simulator.stats("kraken"))["requests"]
        before = files_of(tmp_path)
        async with opened_again(simulator, tmp_path) as second:
            assert second.is_read_only
            assert lots_held(second.portfolio()) == lots_held(first.portfolio())
            app = HarvestApp(second)
            async with app.run_test(size=(140, 40), notifications=True) as pilot:
                await until(lambda: "READ-ONLY" in "\n".join(shown(app)), "says so")
                await until(lambda: "✓ synced" in "\n".join(shown(app)), "tells of the first one's sync")
                assert lot_table(app).row_count == len(first.portfolio().ledger.lots)
                await pilot.press("s")
                await until(lambda: "Another harvest-tui holds" in "\n".join(shown(app)), "says why it does not sync")
                await until(lambda: second.feeds() and second.portfolio().quotes, "prices are live here too")
                with pytest.raises(ReadOnlyStore):
                    await second.sync()
                with pytest.raises(ReadOnlyStore):
                    await second.connect("coinbase", "more", "key", "secret")
                with pytest.raises(ReadOnlyStore):
                    await second.import_events([purchase()], "vault.csv", "0" * 64)
                with pytest.raises(ReadOnlyStore):
                    await second.disconnect(AccountId("kraken"))
                assert files_of(tmp_path) == before
                private = {name for name in (await simulator.stats("kraken"))["requests"] if "/private/" in name}
                assert private == {name for name in asked if "/private/" in name}
                await first.import_events([purchase()], "vault.csv", "0" * 64)
                await until(
                    lambda: lots_held(second.portfolio()).get((VAULT, LITECOIN)) == Decimal("7.25"),
                    "the second sees the import",
                )
                await until(lambda: "vault" in "\n".join(shown(app)) or lot_table(app).row_count > 20, "and shows it")
                assert VAULT in {account.account for account in second.accounts()}
                stored = files_of(tmp_path)
                await pilot.press("q")
        assert files_of(tmp_path) == stored


async def test_the_home_is_writable_again_once_the_first_has_closed(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=6, venues=("kraken",), rows=30, limits="off") as simulator:
        async with connected(simulator, tmp_path, ("kraken",), impatient(20)) as first:
            await synced(first)
            async with opened_again(simulator, tmp_path) as second:
                assert second.is_read_only
        async with opened_again(simulator, tmp_path) as third:
            assert not third.is_read_only
            await synced(third)
