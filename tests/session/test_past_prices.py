"""The lines of accounts while past prices are fetched, and after."""

from __future__ import annotations

from dataclasses import replace

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.past_prices import PastPricesShown

KRAKEN, COINBASE, BINANCE = (AccountId(name) for name in ("kraken", "coinbase", "binance"))


class Shown:
    """Keeps the states, as a session does."""

    def __init__(self) -> None:
        self.states = {
            KRAKEN: SyncState(KRAKEN, "kraken", SyncPhase.DONE, rows=40),
            COINBASE: SyncState(COINBASE, "coinbase", SyncPhase.FAILED, message="no answer"),
            BINANCE: SyncState(BINANCE, "binance", SyncPhase.DONE, rows=7),
        }

    def note(self, state: SyncState) -> None:
        self.states[state.account] = state

    def rows(self, account: AccountId) -> tuple[str, str, int, int | None]:
        state = self.states[account]
        return state.phase.value, state.stream, state.rows, state.expected_rows


def test_prices_are_counted_in_the_lines_of_accounts_that_are_done_and_then_those_are_as_before() -> None:
    shown = Shown()
    before = dict(shown.states)
    with PastPricesShown(shown.states, shown.note, 120) as progress:
        assert shown.rows(KRAKEN) == shown.rows(BINANCE) == ("syncing", "past prices", 0, 120)
        progress(45, 130)
        assert shown.rows(KRAKEN) == ("syncing", "past prices", 45, 130)
        assert shown.states[COINBASE] is before[COINBASE]
    assert shown.states == before


def test_a_sync_asked_for_meanwhile_keeps_its_own_line() -> None:
    shown = Shown()
    with PastPricesShown(shown.states, shown.note, 120) as progress:
        own = SyncState(KRAKEN, "kraken", SyncPhase.SYNCING, "ledger", 3, 50)
        shown.note(own)
        progress(60, 120)
        assert shown.states[KRAKEN] is own
        assert shown.rows(BINANCE)[2] == 60
        done = replace(own, phase=SyncPhase.DONE, stream="")
        shown.note(done)
    assert shown.states[KRAKEN] is done
