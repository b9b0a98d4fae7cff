"""The line of an account that is being synced."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.past_prices import PAST_PRICES
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.sync_panel import account_line, sync_under_way
from support.on_screen import shown, until
from support.sample_portfolio import SampleSession


@pytest.mark.parametrize(
    ("stream", "rows", "of", "said"),
    [
        (PAST_PRICES, 0, 1_240, "past prices  ────────────   0%  0 of 1,240 prices"),
        (PAST_PRICES, 620, 1_240, "past prices  ━━━━━━──────  50%  620 of 1,240 prices"),
        (PAST_PRICES, 620, None, "past prices  620 prices"),
        ("ledger", 620, 1_240, "ledger       ━━━━━━──────  50%  620 of 1,240 rows"),
    ],
)
def test_what_is_counted_is_named(stream: str, rows: int, of: int | None, said: str) -> None:
    state = SyncState(AccountId("kraken"), "kraken", SyncPhase.SYNCING, stream, rows, of)
    line = "".join(part if isinstance(part, str) else part[0] for part in account_line(state, 80))
    assert line == f" ⟳ kraken         {said}"


def state_of(name: str, phase: SyncPhase, stream: str = "", rows: int = 0, of: int | None = None) -> SyncState:
    return SyncState(AccountId(name), name, phase, stream, rows, of)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (
            [("kraken", SyncPhase.SYNCING, "ledger", 3, 90), ("binance", SyncPhase.DONE)],
            "A sync is under way: S stops it.",
        ),
        (
            [("kraken", SyncPhase.SYNCING, PAST_PRICES, 3, 90), ("binance", SyncPhase.CONNECTING)],
            "A sync is under way: S stops it.",
        ),
        (
            [("kraken", SyncPhase.SYNCING, PAST_PRICES, 620, 1_240), ("binance", SyncPhase.FAILED)],
            "Past prices are still being fetched (620 of 1,240). Press s again when they are there.",
        ),
        (
            [("kraken", SyncPhase.DONE), ("binance", SyncPhase.DONE)],
            "The last sync is being finished: lots are derived anew. Press s again in a moment.",
        ),
    ],
)
def test_why_no_other_sync_is_begun_is_told(states: list[tuple[object, ...]], said: str) -> None:
    assert sync_under_way(state_of(*one) for one in states) == said  # type: ignore[arg-type]


@dataclass
class SlowSession(SampleSession):
    """A session whose sync lasts until the test ends it."""

    end: asyncio.Event = field(default_factory=asyncio.Event)

    async def sync(self, account: AccountId | None = None) -> None:
        await super().sync(account)
        await self.end.wait()


async def test_s_tells_that_past_prices_are_still_fetched_and_syncs_again_once_they_are_there() -> None:
    session = SlowSession()
    kraken = AccountId("kraken")
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: session.synced == [None])
        session.states = {**session.states, kraken: state_of("kraken", SyncPhase.SYNCING, PAST_PRICES, 620, 1_240)}
        await pilot.press("s")
        # A note is as wide as its corner of the screen: its words are looked for without the breaks of its lines.
        await until(pilot, lambda: "Past prices are still being" in "\n".join(shown(app)))
        assert session.synced == [None]
        session.end.set()
        await until(pilot, lambda: not any(worker.group == "sync" and worker.is_running for worker in app.workers))
        await pilot.press("s")
        await until(pilot, lambda: session.synced == [None, None])
