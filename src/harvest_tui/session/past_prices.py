"""Past prices under way, shown in the line of each account: one search serves all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase, SyncState

PAST_PRICES = "past prices"
"""The stream that an account shows meanwhile; its rows are prices."""


class PastPricesShown:
    """While entered, accounts whose sync is done show how many of the prices are settled; called with each step."""

    def __init__(self, states: Mapping[AccountId, SyncState], note: Callable[[SyncState], None], of: int) -> None:
        """`states` are read as they stand at each step, and `note` keeps a new one."""
        self._states = states
        self._note = note
        self._of = of
        self._before: dict[AccountId, SyncState] = {}

    def __enter__(self) -> PastPricesShown:
        self._before = {name: state for name, state in self._states.items() if state.phase is SyncPhase.DONE}
        self(0, self._of)
        return self

    def __call__(self, settled: int, of: int) -> None:
        """So many prices of so many are found, or cannot be."""
        for name, before in self._before.items():
            if self._is_ours(name) or self._states.get(name) is before:
                shown = replace(before, phase=SyncPhase.SYNCING, stream=PAST_PRICES, rows=settled, expected_rows=of)
                self._note(shown)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, before in self._before.items():
            if self._is_ours(name):
                self._note(before)

    def _is_ours(self, name: AccountId) -> bool:
        """Whether nobody else, such as a sync asked for by hand, has shown another state since."""
        state = self._states.get(name)
        return state is not None and state.stream == PAST_PRICES
