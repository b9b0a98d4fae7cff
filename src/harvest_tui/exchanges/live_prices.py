"""Live prices of one exchange: watched on its socket, asked for where the socket is silent, guarded either way."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any, Protocol

from harvest_tui.core.quote_guard import Held, QuoteGuard, Verdict
from harvest_tui.core.records import Asset, Quote
from harvest_tui.errors import ExchangeUnreachable, HarvestError, RateLimited
from harvest_tui.exchanges.price_routes import DollarBoard, TickerLike, choose_routes
from harvest_tui.exchanges.pricer import Pricer, QuoteKey

_ONE_NEWS = 0.5
_SLEPT = timedelta(seconds=30)
"""Where the clock went on by so much between two looks, nothing ran meanwhile."""
OnQuotes = Callable[[Mapping[QuoteKey, Quote]], None]


class TickerSource(Protocol):
    """What a feed needs of an exchange's client."""

    @property
    def can_watch(self) -> bool:
        """Whether the exchange streams tickers at all."""
        ...

    @property
    def tickers(self) -> Mapping[str, TickerLike]:
        """The newest ticker of each watched symbol."""
        ...

    async def fetch_tickers(self, symbols: Sequence[str]) -> Mapping[str, TickerLike]:
        """Tickers by one request. Raises an error of `harvest_tui.errors`."""
        ...

    async def watch_tickers(self, symbols: Sequence[str]) -> None:
        """Returns when some watched ticker has news. Many updates may come to one return."""
        ...

    async def drop_socket(self) -> None:
        """Closes the sockets alone; the next watch opens new ones."""
        ...


class Status(StrEnum):
    """How prices arrive: on a live socket, by asking, not lately, or not at all."""

    LIVE = "live"
    POLLING = "polling"
    STALE = "stale"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class FeedReport:
    """The feed of one exchange. `last_at` is when the newest price came in; `message` is for people."""

    exchange: str
    status: Status
    last_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between things, and how long each may take."""

    publish: float = 0.25
    poll: float = 5.0
    request: float = 30.0
    silence: float = 15.0
    silence_gaps: float = 5.0
    first_retry: float = 1.0
    last_retry: float = 60.0
    renew_socket: float = 86_400.0

    def retry(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row: 1, 2, 4 ... 60."""
        return min(self.last_retry, self.first_retry * 2.0 ** min(max(failures - 1, 0), 16))


def boot_seconds() -> float:
    """Seconds that also pass while the machine sleeps, where the system can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class LivePrices:
    """The price feed of one exchange. `run` lives until it is cancelled and survives every fault of the world."""

    def __init__(
        self,
        exchange_id: str,
        client: TickerSource,
        markets: Sequence[Mapping[str, Any]],
        assets: Iterable[Asset],
        on_quotes: OnQuotes,
        clock: Callable[[], datetime],
        *,
        guard: QuoteGuard | None = None,
        board: DollarBoard | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        elapsed: Callable[[], float] = boot_seconds,
        pace: Pace | None = None,
        on_report: Callable[[FeedReport], None] | None = None,
    ) -> None:
        self._exchange = exchange_id
        self._client = client
        self._markets = markets
        self._on_quotes = on_quotes
        self._clock = clock
        self._sleep = sleep
        self._elapsed = elapsed
        self._pace = pace or Pace()
        self._on_report = on_report
        routes = choose_routes(exchange_id, assets, markets)
        self._pricer = Pricer(routes, guard or QuoteGuard(), board or DollarBoard())
        self._socket = _Socket(client.can_watch)
        self._poll = _Poll()
        self._looked_at = clock()
        self._report = FeedReport(exchange_id, Status.STALE, None, "connecting")

    @property
    def state(self) -> FeedReport:
        """How prices arrive right now."""
        return self._report

    @property
    def held(self) -> Mapping[Asset, Verdict]:
        """Assets whose newest price is held back, with the reason."""
        return self._pricer.held

    @property
    def unpriced(self) -> tuple[Asset, ...]:
        """Assets this exchange has no market for."""
        return self._pricer.routes.unpriced

    def set_assets(self, assets: Iterable[Asset]) -> None:
        """Prices these assets from now on. Cheap where nothing changes."""
        before = self._pricer.routes
        routes = choose_routes(self._exchange, assets, self._markets)
        self._pricer.reroute(routes)
        if set(routes.symbols) == set(before.symbols):
            return
        self._poll.is_due = True
        self._poll.at = min(self._poll.at, self._elapsed())
        self._socket.end("", planned=True)

    async def run(self) -> None:
        """Keeps prices coming until cancelled; leaves no task and no socket behind."""
        try:
            while True:
                self._step()
                await self._sleep(self._pace.publish)
        finally:
            tasks = [task for task in (self._socket.task, self._poll.task) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _step(self) -> None:
        now, at = self._elapsed(), self._clock()
        if at - self._looked_at >= _SLEPT:
            self._socket.end("the machine slept", planned=False)
        self._looked_at = at
        if self._socket.task is None or self._socket.is_ending:
            # What a client kept from an earlier socket, or reads from one after a sleep, came in nobody knows when.
            self._pricer.pass_over(self._client.tickers)
        elif self._pricer.take_watched(self._client.tickers, at):
            self._socket.hear(now)
            self._poll.heard_at = at
        self._mind_poll(now, at)
        self._mind_socket(now)
        quotes = self._pricer.news(at)
        if quotes:
            self._on_quotes(quotes)
        self._tell(now)

    def _mind_socket(self, now: float) -> None:
        socket, symbols = self._socket, self._pricer.routes.symbols
        if socket.task is None:
            if socket.is_supported and symbols and now >= socket.retry_at:
                socket.begin(asyncio.create_task(self._watch(symbols), name=f"watch {self._exchange}"), now)
        elif socket.task.done():
            self._socket_ended(now)
        elif now - max(socket.began_at, socket.heard_at or 0.0) > socket.patience(self._pace):
            socket.end(f"no price on the stream for {socket.patience(self._pace):.0f} s", planned=False)
        elif now - socket.began_at > self._pace.renew_socket:
            socket.end("", planned=True)

    async def _watch(self, symbols: Sequence[str]) -> None:
        try:
            while True:
                await self._client.watch_tickers(symbols)
                self._socket.hear(self._elapsed())
                await self._sleep(self._pace.publish / 2)
        finally:
            await self._client.drop_socket()

    def _socket_ended(self, now: float) -> None:
        socket, task = self._socket, self._socket.task
        assert task is not None
        error = None if task.cancelled() else task.exception()
        if not socket.is_ending:
            socket.why = _words(error) if error else "the stream was closed"
        if socket.heard_at is not None and not socket.is_planned:
            # An answer from while the stream still ran says nothing about now.
            self._poll.fresh_at = None
        socket.finish(now, self._pace)

    def _mind_poll(self, now: float, at: datetime) -> None:
        poll, symbols = self._poll, self._pricer.routes.symbols
        if poll.task is not None:
            if poll.task.done():
                self._poll_ended(now, at)
            elif now - poll.began_at > self._pace.request:
                poll.task.cancel()
        elif symbols and now >= poll.at and self._must_ask(now):
            poll.is_due = False
            poll.began_at = now
            poll.task = asyncio.create_task(self._ask(symbols), name=f"poll {self._exchange}")

    def _must_ask(self, now: float) -> bool:
        waits = any(verdict.held in (Held.JUMP, Held.OFF_BOOK) for verdict in self._pricer.held.values())
        return self._poll.is_due or waits or not self._socket.is_fresh(now, self._pace)

    async def _ask(self, symbols: Sequence[str]) -> Mapping[str, TickerLike]:
        return await self._client.fetch_tickers(symbols)

    def _poll_ended(self, now: float, at: datetime) -> None:
        poll, task = self._poll, self._poll.task
        assert task is not None
        poll.task = None
        error = TimeoutError() if task.cancelled() else task.exception()
        if error is None:
            self._pricer.take_polled(task.result(), at)
            poll.heard_at, poll.fresh_at, poll.at = at, now, now + self._pace.poll
            if poll.failures:
                self._socket.retry_at = now
            poll.failures, poll.error = 0, None
            return
        poll.failures += 1
        poll.error, poll.is_due = error, True
        asked_to_wait = error.retry_after if isinstance(error, RateLimited) else None
        poll.at = now + max(self._pace.retry(poll.failures), asked_to_wait or 0.0)

    def _tell(self, now: float) -> None:
        report = self._describe(now)
        changed = (report.status, report.message) != (self._report.status, self._report.message)
        self._report = report
        if changed and self._on_report is not None:
            self._on_report(report)

    def _describe(self, now: float) -> FeedReport:
        poll, why = self._poll, self._socket.why
        held = next((verdict.why for verdict in self._pricer.held.values()), "")
        if not self._pricer.routes.symbols:
            return FeedReport(self._exchange, Status.LIVE, poll.heard_at, "no market to watch")
        if self._socket.is_fresh(now, self._pace):
            return FeedReport(self._exchange, Status.LIVE, poll.heard_at, f"held back: {held}" if held else "")
        if poll.fresh_at is not None and now - poll.fresh_at <= self._pace.poll * 2 + self._pace.publish:
            asking = f"asking every {self._pace.poll:.0f} s" + (f": {why}" if why else "")
            return FeedReport(self._exchange, Status.POLLING, poll.heard_at, f"held back: {held}" if held else asking)
        if isinstance(poll.error, ExchangeUnreachable | TimeoutError):
            return FeedReport(self._exchange, Status.OFFLINE, poll.heard_at, _words(poll.error))
        problem = _words(poll.error) if poll.error else why
        return FeedReport(self._exchange, Status.STALE, poll.heard_at, problem or "connecting")


class _Poll:
    """The request under way and when the next one is due."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Mapping[str, TickerLike]] | None = None
        self.began_at = 0.0
        self.at = float("-inf")
        self.is_due = True
        self.failures = 0
        self.error: BaseException | None = None
        self.fresh_at: float | None = None
        self.heard_at: datetime | None = None


class _Socket:
    """The subscription under way, when it last told something, and when to try again."""

    def __init__(self, is_supported: bool) -> None:
        self.is_supported = is_supported
        self.task: asyncio.Task[None] | None = None
        self.began_at = 0.0
        self.heard_at: float | None = None
        self.retry_at = float("-inf")
        self.failures = 0
        self.why = ""
        self.is_planned = False
        self.is_ending = False
        self._gaps: deque[float] = deque(maxlen=50)

    def patience(self, pace: Pace) -> float:
        """Seconds of silence after which the socket counts as dead."""
        return max(pace.silence, pace.silence_gaps * median(self._gaps)) if self._gaps else pace.silence

    def is_fresh(self, now: float, pace: Pace) -> bool:
        """A price came lately, and the socket is not known to be dead; a planned renewal does not count as death."""
        if self.heard_at is None or (self.is_ending and not self.is_planned):
            return False
        return now - self.heard_at <= self.patience(pace)

    def hear(self, now: float) -> None:
        """A price came. What comes within half a second counts as one."""
        if self.heard_at is not None and now - self.heard_at >= _ONE_NEWS:
            self._gaps.append(now - self.heard_at)
        self.heard_at = now
        self.why = ""

    def begin(self, task: asyncio.Task[None], now: float) -> None:
        self.task, self.began_at = task, now
        self.is_planned = self.is_ending = False

    def end(self, why: str, *, planned: bool) -> None:
        """Asks the subscription to close its socket and end."""
        if self.task is not None and not self.is_ending:
            self.why, self.is_planned, self.is_ending = why, planned, True
            self.task.cancel()

    def finish(self, now: float, pace: Pace) -> None:
        """The subscription has ended: when to open the next one."""
        self.task = None
        if self.is_planned:
            self.retry_at = now
        else:
            has_lasted = self.heard_at is not None and self.heard_at - self.began_at > pace.last_retry
            self.failures = 1 if has_lasted else self.failures + 1
            self.retry_at = now + pace.retry(self.failures)
            self.heard_at = None
            self._gaps.clear()


async def fetch_once(
    exchange_id: str,
    client: TickerSource,
    markets: Sequence[Mapping[str, Any]],
    assets: Iterable[Asset],
    clock: Callable[[], datetime],
    *,
    guard: QuoteGuard | None = None,
    board: DollarBoard | None = None,
) -> dict[QuoteKey, Quote]:
    """One round of quotes by one request. Raises an error of `harvest_tui.errors`."""
    pricer = Pricer(choose_routes(exchange_id, assets, markets), guard or QuoteGuard(), board or DollarBoard())
    if pricer.routes.symbols:
        pricer.take_polled(await client.fetch_tickers(pricer.routes.symbols), clock())
    return pricer.news(clock())


def _words(error: BaseException) -> str:
    if isinstance(error, HarvestError):
        return error.happened
    return "no answer in time" if isinstance(error, TimeoutError) else f"unexpected {type(error).__name__}"
