"""What was announced stays announced; what is watched, snoozed and muted is there after a restart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import KRAKEN, START

from harvest_tui.core.harvest.alert_rules import AlertKind, Severity
from harvest_tui.core.harvest.alerts import Alert, AlertState
from harvest_tui.core.harvest.hysteresis import Snooze, Watch
from harvest_tui.core.records import Asset
from harvest_tui.errors import ReadOnlyStore, StoreError
from harvest_tui.store import Store

BTC = Asset("BTC")
TOLD = Alert(
    "net_benefit/kraken/BTC",
    AlertKind.NET_BENEFIT,
    Severity.NOTICE,
    START,
    "kraken BTC: [bold]worth 1\u00a0€",
    KRAKEN,
    BTC,
    {"net_benefit": Decimal("312.4000000000000000001"), "days_left": 3, "long_term_on": "2026-01-05"},
)
YEAR = Alert("year_end/2026-10-01", AlertKind.YEAR_END, Severity.INFO, START + timedelta(days=1), "the year ends")
WATCHES = {
    "net_benefit/kraken/BTC": Watch(False, START, Decimal("312.40"), Decimal("400.1"), "a1b2"),
    "shrinking/kraken/BTC": Watch(True, None, Decimal(0), Decimal(0), "", Snooze(None, Decimal("50.5"), Decimal(300))),
    "mismatch/kraken/ETH": Watch(True, None, snooze=Snooze(START + timedelta(days=7), None, Decimal("1.5"))),
}


async def test_alerts_are_read_back_as_they_were_told_the_newest_first(cache: Path, store: Store) -> None:
    [first] = await store.alerts.keep(AlertState(), [TOLD])
    [second] = await store.alerts.keep(AlertState(), [YEAR])
    assert (first.number, second.number) == (1, 2)
    await store.close()
    async with await Store.open(cache) as again:
        assert [one.alert for one in await again.alerts.journal()] == [YEAR, TOLD]
        assert [one.number for one in await again.alerts.journal(1)] == [2]
        assert await again.alerts.announced(1) == first
        assert await again.alerts.announced(3) is None


async def test_watches_take_the_place_of_the_former_ones_and_outlive_a_restart(cache: Path, store: Store) -> None:
    await store.alerts.keep(AlertState({"mismatch/kraken/SOL": Watch(False, START)}))
    await store.alerts.keep(AlertState(WATCHES))
    await store.close()
    async with await Store.open(cache) as again:
        assert await again.alerts.state() == AlertState(WATCHES)


async def test_muted_assets_are_kept_apart_from_the_watches(store: Store) -> None:
    await store.alerts.mute(BTC, START)
    await store.alerts.mute(BTC, START + timedelta(days=1))
    await store.alerts.mute(Asset("cats#1"), START)
    await store.alerts.keep(AlertState(WATCHES))
    assert (await store.alerts.state()).muted == {BTC, Asset("cats#1")}
    await store.alerts.unmute(BTC)
    assert (await store.alerts.state()).muted == {Asset("cats#1")}


async def test_what_is_told_is_no_fact(store: Store) -> None:
    version, digest = store.facts_version, await store.content_digest()
    await store.alerts.keep(AlertState(WATCHES), [TOLD])
    await store.alerts.mute(BTC, START)
    assert (store.facts_version, await store.content_digest()) == (version, digest)
    assert await store.refresh_version() == version
    assert [finding for finding in await store.integrity() if not finding.startswith("note: ")] == []


@pytest.mark.parametrize("statement", ["UPDATE alert_journal SET words = ''", "DELETE FROM alert_journal"])
async def test_no_hand_alters_what_was_told(cache: Path, store: Store, statement: str) -> None:
    await store.alerts.keep(AlertState(), [TOLD])
    await store.close()
    with closing(sqlite3.connect(cache)) as file, pytest.raises(sqlite3.IntegrityError, match="never"):
        file.execute(statement)


async def test_a_journal_entry_and_its_watch_are_kept_together_or_not_at_all(store: Store) -> None:
    await store.alerts.keep(AlertState(WATCHES), [TOLD])
    broken = YEAR._replace(figures={"loss": Decimal("NaN")})
    with pytest.raises(StoreError, match="no amount"):
        await store.alerts.keep(AlertState({"year_end/2026-10-01": Watch(False, START)}), [YEAR, broken])
    assert await store.alerts.state() == AlertState(WATCHES)
    assert [one.alert for one in await store.alerts.journal()] == [TOLD]


async def test_a_viewer_reads_alerts_and_keeps_none(cache: Path, store: Store) -> None:
    await store.alerts.keep(AlertState(WATCHES), [TOLD])
    async with await Store.open(cache, read_only=True) as viewer:
        assert len(await viewer.alerts.journal()) == 1
        assert await viewer.alerts.state() == AlertState(WATCHES)
        for change in (viewer.alerts.keep(AlertState()), viewer.alerts.mute(BTC, START), viewer.alerts.unmute(BTC)):
            with pytest.raises(ReadOnlyStore):
                await change


async def test_the_alerts_of_the_first_release_that_had_them_are_understood(cache: Path) -> None:
    cache.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(cache)) as file:
        file.executescript((Path(__file__).parent / "golden" / "v5.sql").read_text(encoding="utf-8"))
    async with await Store.open(cache) as store:
        [told] = await store.alerts.journal()
        state = await store.alerts.state()
    assert (told.number, told.alert.kind, told.alert.at) == (1, AlertKind.NET_BENEFIT, START)
    assert told.alert.figures == {"net_benefit": Decimal("312.40"), "loss_short": Decimal("4100.00")}
    assert state.muted == {Asset("ETH")}
    assert state.watches["shrinking/kraken main/BTC"] == Watch(
        True,
        None,
        Decimal(0),
        Decimal("312.40"),
        "5f3a09c1",
        Snooze(START + timedelta(days=7), Decimal(100), Decimal(0)),
    )
    assert not state.watches["net_benefit/kraken main/BTC"].is_armed
