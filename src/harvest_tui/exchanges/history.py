"""One incremental sync of one account: every stream page by page into the store, balances last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from harvest_tui.core.pages import Page, PageOutcome
from harvest_tui.core.records import AccountId, Balance
from harvest_tui.errors import BadReply, HarvestError, RightMissing
from harvest_tui.exchanges.strategies.base import Caller, Strategy

BALANCES = "balances"
"""Named like a stream where balances could not be read."""

Sink = Callable[[Page], Awaitable[PageOutcome]]
Progress = Callable[[str, int, int | None], None]
"""(stream, rows so far, rows expected where the exchange tells)."""


class CountedCaller(Caller, Protocol):
    """A caller that counts its HTTP requests."""

    @property
    def requests(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What one sync brought. Rows are counted as the store saw them.

    `failed` lists streams that could not be read while the others went on; `stopped` is the error that ended the
    sync for the whole account. `balances` is as told, perhaps empty; nothing was told unless `has_balances`.
    """

    new: int = 0
    known: int = 0
    changed: int = 0
    requests: int = 0
    failed: tuple[tuple[str, HarvestError], ...] = ()
    stopped: HarvestError | None = None
    balances: tuple[Balance, ...] = ()
    has_balances: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every stream and the balances were read to the end."""
        return not self.failed and self.stopped is None


@dataclass(slots=True)
class _Tally:
    new: int = 0
    known: int = 0
    changed: int = 0
    failed: list[tuple[str, HarvestError]] = field(default_factory=list)

    def add(self, outcome: PageOutcome) -> None:
        self.new += outcome.new
        self.known += outcome.known
        self.changed += outcome.changed


class _SinkFailed(Exception):
    """Carries an error of the store past the handling of exchange errors."""


async def sync_account(
    client: CountedCaller,
    strategy: Strategy,
    account: AccountId,
    cursors: Mapping[str, str],
    sink: Sink,
    now: datetime,
    on_progress: Progress,
) -> SyncOutcome:
    """Reads everything since `cursors` and hands each checked page to `sink`, which stores rows and cursor.

    A stream the key may not read, or whose replies make no sense, is listed in the outcome and the others go on.
    Any other exchange error ends the sync. Errors of `sink` are raised.
    """
    tally = _Tally()
    asked_before = client.requests
    stopped: HarvestError | None = None
    balances: tuple[Balance, ...] | None = None
    try:
        for stream in strategy.streams:
            with _Listing(stream, tally):
                await _walk(client, strategy, account, stream, cursors.get(stream), sink, now, on_progress, tally)
        with _Listing(BALANCES, tally):
            balances = tuple(await strategy.balances(client, account, now))
    except _SinkFailed as failure:
        assert failure.__cause__ is not None
        raise failure.__cause__ from None
    except HarvestError as error:
        stopped = error
    return SyncOutcome(
        new=tally.new,
        known=tally.known,
        changed=tally.changed,
        requests=client.requests - asked_before,
        failed=tuple(tally.failed),
        stopped=stopped,
        balances=balances or (),
        has_balances=balances is not None,
    )


async def _walk(
    client: CountedCaller,
    strategy: Strategy,
    account: AccountId,
    stream: str,
    cursor: str | None,
    sink: Sink,
    now: datetime,
    on_progress: Progress,
    tally: _Tally,
) -> None:
    rows = 0
    on_progress(stream, 0, None)
    async for page in strategy.pages(client, account, stream, cursor, now):
        try:
            outcome = await sink(page)
        except Exception as error:
            raise _SinkFailed from error
        tally.add(outcome)
        rows += len(page.rows)
        on_progress(stream, rows, page.expected_rows)


class _Listing:
    """Lists the errors that stop one stream only; lets all others through."""

    def __init__(self, stream: str, tally: _Tally) -> None:
        self._stream = stream
        self._tally = tally

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, (RightMissing, BadReply)):
            self._tally.failed.append((self._stream, error))
            return True
        return False
