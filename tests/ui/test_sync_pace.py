"""How long a stream will still take, by the rows of the last seconds."""

from __future__ import annotations

from datetime import timedelta

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.ui.widgets.sync_panel import Pace, account_line
from support.sample_portfolio import NOW


def state(rows: int, of: int | None = 1_000, stream: str = "trades") -> SyncState:
    return SyncState(AccountId("kraken"), "kraken", SyncPhase.SYNCING, stream, rows, of)


def at(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds)


def test_the_rest_is_told_at_the_pace_of_the_last_seconds_and_not_before_there_is_one() -> None:
    pace = Pace()
    assert pace.left(state(0), NOW) is None
    assert pace.left(state(100), NOW + timedelta(seconds=2)) is None, "two seconds tell nothing"
    assert pace.left(state(200), NOW + timedelta(seconds=4)) == at(16)
    assert pace.left(state(400), NOW + timedelta(seconds=8)) == at(12)
    for second in range(9, 40):
        left = pace.left(state(400 + second), NOW + timedelta(seconds=second))
    assert left is not None and at(440) <= left <= at(580), "slower now: about one row a second"
    assert pace.left(state(1_000), NOW + timedelta(seconds=41)) == at(0)


def test_nothing_is_told_of_a_stream_of_unknown_length_or_one_that_stands_still() -> None:
    pace = Pace()
    assert pace.left(state(0, None), NOW) is None
    assert pace.left(state(900, None), NOW + timedelta(seconds=9)) is None
    still = Pace()
    still.left(state(5), NOW)
    assert still.left(state(5), NOW + timedelta(seconds=60)) is None


def test_another_stream_begins_anew() -> None:
    pace = Pace()
    pace.left(state(0), NOW)
    assert pace.left(state(500), NOW + timedelta(seconds=5)) == at(5)
    assert pace.left(state(500, 900, "ledger"), NOW + timedelta(seconds=6)) is None
    assert pace.left(state(600, 900, "ledger"), NOW + timedelta(seconds=10)) == at(12)


def test_the_line_says_it() -> None:
    line = "".join(part if isinstance(part, str) else part[0] for part in account_line(state(500), 80, at(95)))
    assert line.endswith("50%  500 of 1,000 rows, 1m left")
