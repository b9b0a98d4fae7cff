"""The one door to an exchange: ccxt made safe, paced, retried, and silent about keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import aiohttp

from harvest_tui.core.credentials import Credentials
from harvest_tui.core.money import parse_decimal
from harvest_tui.errors import BadReply
from harvest_tui.exchanges.bucket import Bucket
from harvest_tui.exchanges.ccxt_import import bases_of
from harvest_tui.exchanges.failures import name_of, translate
from harvest_tui.exchanges.guard import Guard, Pen, heard_now, hosts_of
from harvest_tui.exchanges.retry import Pacing, retried
from harvest_tui.exchanges.side_loop import run_beside
from harvest_tui.exchanges.strategies.base import BucketRule, Check, Endpoint, KeyRights, Strategy
from harvest_tui.exchanges.transport import Transport, open_session, tls_of

Result = TypeVar("Result")

_KEEP_ALIVE_MS = 10_000
_PUBLIC_RULES = {"kraken": BucketRule(3, 1)}
_PUBLIC_RULE = BucketRule(8, 8)
_NO_LIMIT = BucketRule(1e9, 1e9)
_LEAST_SKEW = 0.5
"""Seconds. Less cannot be told from the way to the exchange and back."""


@dataclass(frozen=True, slots=True)
class Ticker:
    """The latest price of a market. `at_ms` is the exchange's own time where it tells one."""

    symbol: str
    last: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    at_ms: int | None


def _price(told: object) -> Decimal | None:
    try:
        return None if told is None else parse_decimal(str(told))
    except ValueError:
        return None


def _ticker(symbol: str, told: Mapping[str, Any]) -> Ticker:
    at_ms = told.get("timestamp")
    return Ticker(
        symbol=symbol,
        last=_price(told.get("last")),
        bid=_price(told.get("bid")),
        ask=_price(told.get("ask")),
        at_ms=at_ms if isinstance(at_ms, int) else None,
    )


def _as_text(value: Any) -> Any:
    """The value as JSON can carry it, numbers that are no integers as text."""
    if isinstance(value, Mapping):
        return {str(name): _as_text(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(inner) for inner in value]
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


class ExchangeClient:
    """One account of one exchange, or its public market data where no key is given. Open with `open`."""

    def __init__(
        self,
        strategy: Strategy,
        exchange: Any,
        session: aiohttp.ClientSession,
        transport: Transport,
        bucket: Bucket,
        pacing: Pacing,
    ) -> None:
        self.strategy = strategy
        self._exchange = exchange
        self._session = session
        self._transport = transport
        self._pacing = pacing
        self.bucket = bucket
        self._public_bucket = _bucket(_PUBLIC_RULES.get(strategy.exchange, _PUBLIC_RULE), pacing)
        self._turn = asyncio.Lock()
        self._known: dict[str, tuple[Any, Ticker]] = {}
        self._sent_beside = 0

    @classmethod
    async def open(
        cls,
        strategy: Strategy,
        *,
        credentials: Credentials | None,
        transport: Transport,
        tier: str = "",
        pacing: Pacing | None = None,
        bucket: Bucket | None = None,
    ) -> ExchangeClient:
        """A client ready to call; nothing is asked of the exchange yet. Loads ccxt in a thread.

        `bucket` is the account's limit as an earlier client left it: the exchange counts over all of them.
        """
        pacing = pacing or Pacing()
        bases = await asyncio.to_thread(bases_of, strategy.exchange)
        session = open_session(transport)
        try:
            exchange = _make_exchange(bases, strategy, credentials, session, pacing)
            # All goes by our session; without this, ccxt reads the whole list of authorities once more.
            exchange.ssl_context = tls_of(transport)
        except BaseException:
            await session.close()
            raise
        bucket = bucket or _bucket(strategy.bucket(tier), pacing)
        return cls(strategy, exchange, session, transport, bucket, pacing)

    @property
    def exchange(self) -> str:
        """The ccxt id."""
        return self.strategy.exchange

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, public ones included."""
        sent: int = self._exchange.sent
        return sent + self._sent_beside

    @property
    def can_watch(self) -> bool:
        """Whether the exchange streams the tickers of several markets."""
        return bool(self._exchange.has.get("watchTickers"))

    async def call(self, endpoint: Endpoint, params: Mapping[str, str | int], check: Check) -> Any:
        """The decoded, checked reply to a signed read: paced, in turn where a nonce rules, and retried."""

        async def attempt() -> Any:
            async with self._in_turn():
                await self.bucket.take(endpoint.cost)
                method = getattr(self._exchange, endpoint.implicit)
                reply = await self._told(lambda: method(dict(params)))
            check(reply)
            return reply

        return await retried(attempt, self._pacing, resync=self.sync_clock, on_limit=self.bucket.drain)

    async def sync_clock(self) -> float:
        """Seconds our clock is ahead of the exchange's, taken off every later time stamp and nonce."""

        async def attempt() -> float:
            before = self._pacing.wall()
            server_ms = await self._public(self._exchange.fetch_time)
            if not isinstance(server_ms, int) or server_ms <= 0:
                raise BadReply(f"{name_of(self.exchange)} did not tell its time", "it is asked again")
            # Whole seconds are cut, so on average half of one is missing.
            told = server_ms / 1000 + (0.5 if server_ms % 1000 == 0 else 0.0)
            return (before + self._pacing.wall()) / 2 - told

        ahead = await retried(attempt, self._pacing)
        self._exchange.clock_skew_ms = ahead * 1000 if abs(ahead) >= _LEAST_SKEW else 0.0
        return ahead

    async def rights(self) -> KeyRights:
        """What the key may do, as the exchange tells."""
        return await self.strategy.rights(self)

    async def load_markets(self) -> list[dict[str, Any]]:
        """All spot markets in ccxt's unified form, fit for JSON, numbers as text. Needs no key.

        Decoded in a thread with a loop of its own: a large list takes the better part of a second.
        """

        async def work() -> tuple[list[dict[str, Any]], int]:
            beside = await ExchangeClient.open(
                self.strategy, credentials=None, transport=self._transport, pacing=self._pacing
            )
            try:
                return await beside._load_here(), beside.requests
            finally:
                await beside.close()

        markets, sent = await run_beside(work)
        self._sent_beside += sent
        return markets

    async def _load_here(self) -> list[dict[str, Any]]:
        markets = await retried(lambda: self._public(lambda: self._exchange.load_markets(True)), self._pacing)
        spot = [_as_text({**market, "info": {}}) for market in markets.values() if market.get("spot")]
        if not spot:
            raise BadReply(f"{name_of(self.exchange)} told of no markets", "it is asked again")
        return spot

    def use_markets(self, markets: Sequence[Mapping[str, Any]]) -> None:
        """Makes markets of an earlier `load_markets` known without a request; only these can be priced."""
        self._exchange.set_markets([dict(market) for market in markets])

    async def fetch_tickers(self, symbols: Sequence[str]) -> dict[str, Ticker]:
        """The latest prices of these markets, asked once. Raises at once: whoever polls asks again."""
        await self._ensure_markets()
        told = await self._public(lambda: self._exchange.fetch_tickers(list(symbols)))
        return {symbol: _ticker(symbol, ticker) for symbol, ticker in told.items()}

    async def watch_tickers(self, symbols: Sequence[str]) -> None:
        """Returns once some price came in over the WebSocket; `tickers` has them all."""
        await self._ensure_markets()
        await self._told(lambda: self._exchange.watch_tickers(list(symbols)))

    @property
    def tickers(self) -> Mapping[str, Ticker]:
        """The latest streamed price of each market. Cheap: converts only what came in since."""
        for symbol, told in self._exchange.tickers.items():
            known = self._known.get(symbol)
            if known is None or known[0] is not told:
                self._known[symbol] = (told, _ticker(symbol, told))
        return {symbol: ticker for symbol, (_, ticker) in self._known.items()}

    async def drop_socket(self) -> None:
        """Closes the WebSockets, so that the next `watch_tickers` dials anew."""
        await self._exchange.close_ws_clients()

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str, since_ms: int, limit: int
    ) -> list[tuple[int, str, str, str, str]]:
        """Candles (start in ms, open, high, low, close as text), oldest first."""
        await self._ensure_markets()
        told = await retried(
            lambda: self._public(lambda: self._exchange.fetch_ohlcv(symbol, timeframe, since_ms, limit)), self._pacing
        )
        try:
            return [(int(row[0]), *(str(_candle_price(price)) for price in row[1:5])) for row in told]  # type: ignore[misc]
        except (TypeError, ValueError, IndexError) as error:
            raise BadReply(f"{name_of(self.exchange)} sent broken candles", "they are asked again") from error

    async def close(self) -> None:
        """Closes sockets and connections. Later calls fail."""
        try:
            await self._exchange.close()
        finally:
            await self._session.close()

    def _in_turn(self) -> AbstractAsyncContextManager[Any]:
        return self._turn if self.strategy.is_serial else nullcontext()

    async def _public(self, request: Callable[[], Awaitable[Result]]) -> Result:
        await self._public_bucket.take(1)
        return await self._told(request)

    async def _told(self, request: Callable[[], Awaitable[Result]]) -> Result:
        heard_now.set(None)
        try:
            return await request()
        except Exception as error:
            heard = heard_now.get()
            told = translate(
                error,
                self.exchange,
                status=heard.status if heard else None,
                headers=heard.headers if heard else None,
                now=self._pacing.wall(),
            )
            if told is error:
                raise
            # The cause may hold an address with a signature in it: it must not reach a log.
            raise told from None

    async def _ensure_markets(self) -> None:
        if not self._exchange.markets:
            self.use_markets(await self.load_markets())


def _bucket(rule: BucketRule, pacing: Pacing) -> Bucket:
    return Bucket(rule if pacing.keeps_limits else _NO_LIMIT, pacing.clock, pacing.sleep)


def _candle_price(told: object) -> str:
    if not isinstance(told, (str, int)):
        raise ValueError("a candle without a price")
    parse_decimal(str(told))
    return str(told)


def _make_exchange(
    bases: tuple[type[Any], ...],
    strategy: Strategy,
    credentials: Credentials | None,
    session: aiohttp.ClientSession,
    pacing: Pacing,
) -> Any:
    made = type(strategy.exchange, (Guard, *bases), {"wall_ms": staticmethod(lambda: pacing.wall() * 1000)})
    exchange: Any = made(
        {
            "session": session,
            "enableRateLimit": False,
            "timeout": int(pacing.timeout_seconds * 1000),
            "options": dict(strategy.ccxt_options),
        }
    )
    exchange.has_rising_nonce = strategy.is_serial
    exchange.streaming = {**exchange.streaming, "keepAlive": _KEEP_ALIVE_MS}
    hosts = hosts_of(exchange.urls["api"])
    exchange.pen = Pen(strategy.endpoints, hosts, None if credentials is None else lambda: _reveal(credentials))
    exchange.allowed()
    return exchange


def _reveal(credentials: Credentials) -> dict[str, str]:
    passphrase = credentials.passphrase
    return {
        "apiKey": credentials.key.reveal(),
        "secret": credentials.secret.reveal(),
        "password": "" if passphrase is None else passphrase.reveal(),
    }
