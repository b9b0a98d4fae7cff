"""The line of an account that is being synced."""

from __future__ import annotations

import pytest

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.past_prices import PAST_PRICES
from harvest_tui.ui.widgets.sync_panel import account_line


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
