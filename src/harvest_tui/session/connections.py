"""Open handles to exchanges: one keyed client an account for history, one keyless an exchange for prices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from harvest_tui.core.money import rounded
from harvest_tui.core.records import Account, AccountId
from harvest_tui.errors import InputError

if TYPE_CHECKING:
    from harvest_tui.core.credentials import Credentials
    from harvest_tui.exchanges.bucket import Bucket
    from harvest_tui.exchanges.client import ExchangeClient
    from harvest_tui.exchanges.retry import Pacing
    from harvest_tui.exchanges.strategies.base import Strategy
    from harvest_tui.exchanges.transport import Transport
    from harvest_tui.keys import KeySource
    from harvest_tui.session.choices import Loopback
    from harvest_tui.store import Store

EXCHANGES = ("kraken", "coinbase", "binance", "binanceus")
MARKETS_LAST = timedelta(days=1)


class Connections:
    """Opens clients when first asked and closes all of them at the end."""

    def __init__(
        self,
        store: Store,
        keys: KeySource,
        loopback: Loopback,
        clock: Callable[[], datetime],
        pacing: Pacing | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._loopback = loopback
        self._clock = clock
        self._pacing = pacing
        self._public: dict[str, ExchangeClient] = {}
        self._buckets: dict[AccountId, Bucket] = {}
        self._public_lock = asyncio.Lock()
        self.clock_ahead: dict[AccountId, Decimal] = {}
        """Seconds by which our clock was last found ahead of an account's exchange, to the millisecond."""

    def transport(self) -> Transport:
        """How requests leave: real DNS, or the simulator's loopback ports."""
        from harvest_tui.exchanges.transport import Transport

        if not self._loopback.hosts:
            return Transport()
        return Transport(loopback=self._loopback.hosts, ca_file=self._loopback.ca_file)

    def strategy(self, exchange: str) -> Strategy:
        """A fresh strategy for one sync of an account."""
        from harvest_tui.exchanges.strategies.registry import strategy_class

        return strategy_class(exchange)()

    async def keyed(
        self, account: Account, strategy: Strategy, credentials: Credentials | None = None
    ) -> ExchangeClient:
        """A client with the account's key and a checked clock. The caller closes it."""
        from harvest_tui.exchanges.client import ExchangeClient

        credentials = credentials or await self._keys.load(account.account)
        client = await ExchangeClient.open(
            strategy,
            credentials=credentials,
            transport=self.transport(),
            tier=account.tier,
            pacing=self._pacing,
            bucket=self._buckets.get(account.account),
        )
        self._buckets[account.account] = client.bucket
        try:
            ahead = await client.sync_clock()
        except BaseException:
            await client.close()
            raise
        self.clock_ahead[account.account] = rounded(Decimal(str(ahead)), 3)
        return client

    async def clock_of(self, exchange: str) -> float:
        """Seconds our clock is ahead of the exchange's, by a client of its own: no key is needed."""
        from harvest_tui.exchanges.client import ExchangeClient

        client = await ExchangeClient.open(
            self.strategy(exchange), credentials=None, transport=self.transport(), pacing=self._pacing
        )
        try:
            return await client.sync_clock()
        finally:
            await client.close()

    async def public(self, exchange: str) -> ExchangeClient:
        """The shared keyless client of an exchange, its markets loaded from the cache or the exchange."""
        from harvest_tui.exchanges.client import ExchangeClient

        async with self._public_lock:
            if exchange not in self._public:
                client = await ExchangeClient.open(
                    self.strategy(exchange), credentials=None, transport=self.transport(), pacing=self._pacing
                )
                try:
                    markets = await self._markets(exchange, client)
                    # A list of thousands takes a fifth of a second: not on the loop that paints.
                    await asyncio.to_thread(client.use_markets, markets)
                except BaseException:
                    await client.close()
                    raise
                self._public[exchange] = client
            return self._public[exchange]

    async def markets(self, exchange: str) -> Sequence[Mapping[str, Any]]:
        """All spot markets of an exchange as last stored."""
        return await self._store.markets(exchange)

    async def _markets(self, exchange: str, client: ExchangeClient) -> Sequence[Mapping[str, Any]]:
        saved_at = await self._store.markets_saved_at(exchange)
        now = self._clock()
        if saved_at is None or (now - saved_at > MARKETS_LAST and self._store.writable):
            try:
                markets = await client.load_markets()
            except Exception:
                if saved_at is None:
                    raise
            else:
                if self._store.writable:
                    await self._store.save_markets(exchange, markets, now)
                return markets
        return await self._store.markets(exchange)

    async def close(self) -> None:
        """Close every shared client."""
        clients, self._public = list(self._public.values()), {}
        await asyncio.gather(*(client.close() for client in clients), return_exceptions=True)


def account_named(accounts: Sequence[Account], name: AccountId) -> Account | None:
    """The account of that name."""
    return next((account for account in accounts if account.account == name), None)


def check_new(exchange: str, name: str, accounts: Sequence[Account]) -> None:
    """Whether an account of that name could be added to these. Raises InputError where not."""
    if exchange not in EXCHANGES:
        raise InputError(f"unknown exchange {exchange!r}", f"choose from {', '.join(EXCHANGES)}")
    if not name or len(name) > 40 or not name.isprintable():
        raise InputError("the account needs a name of 1 to 40 printable characters", "for example: kraken")
    if account_named(accounts, AccountId(name)):
        raise InputError(f"there already is an account {name!r}", "choose another name with --account")
