"""How Binance and Binance.US accounts are read: one body, two sets of histories.

Coins that come or go by P2P, Binance Pay, margin, futures or sub-accounts are not told here: they show as a difference
between lots and balance.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from harvest_tui.core.money import EXACT
from harvest_tui.core.pages import Page, RawRow, StoredRow
from harvest_tui.core.records import AccountId, Asset, Balance, Event
from harvest_tui.exchanges.strategies.base import BucketRule, Caller, Endpoint, KeyRights
from harvest_tui.exchanges.strategies.binance_events import events_of, trade_group
from harvest_tui.exchanges.strategies.binance_feeds import com_feeds, sapi, us_feeds
from harvest_tui.exchanges.strategies.binance_replies import (
    JsonObject,
    asset_of,
    bad,
    canonical,
    check_account,
    check_markets,
    check_positions,
    check_restrictions,
    check_staking,
    check_trades,
    decimal_of,
    ms_at,
    total_of,
    trade_id,
)
from harvest_tui.exchanges.strategies.binance_symbols import Markets, RestMark, TradeMark
from harvest_tui.exchanges.strategies.binance_windows import DISORDER, Feed, Mark, Params, walk
from harvest_tui.exchanges.strategies.holdings import Holdings

TRADE_PAGE = 1000
EARN_PAGE = 100
PROVED_A_SYNC = 60
"""Markets of which nothing speaks, asked in one sync: a fifth of what Binance allows in a minute."""

RESTRICTIONS = sapi("account/apiRestrictions", "sapiGetAccountApiRestrictions")
FLEXIBLE = sapi("simple-earn/flexible/position", "sapiGetSimpleEarnFlexiblePosition")
LOCKED = sapi("simple-earn/locked/position", "sapiGetSimpleEarnLockedPosition")
_LATER_TRADE_RIGHTS = (
    "enableMargin",
    "enableFutures",
    "enableVanillaOptions",
    "enablePortfolioMarginTrading",
    "enableFixApiTrade",
)
"""Rights that not every key tells of; they count where they are told."""
US_STAKED = sapi("staking/stakingBalance", "sapiGetStakingStakingBalance")


_Turn = tuple[tuple[RawRow, ...], str, bool, str]
"""Rows of one reply, the cursor true once they are stored, whether it is the last, and the endpoint's path."""


def _api(path: str, implicit: str, cost: float) -> Endpoint:
    return Endpoint("GET", f"/api/v3/{path}", implicit, cost)


class BinanceBody(ABC):
    """One sync of one account. What one stream learns (coins, markets, the first sign of life) serves the next."""

    exchange: ClassVar[str]
    streams: ClassVar[tuple[str, ...]]
    endpoints: ClassVar[tuple[Endpoint, ...]]
    is_serial: ClassVar[bool] = False
    ccxt_options: ClassVar[Mapping[str, Any]] = {
        "recvWindow": 10_000,
        "fetchMarkets": {"types": ["spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
        "defaultType": "spot",
    }
    _account_call: ClassVar[Endpoint]
    _trades_call: ClassVar[Endpoint]
    _markets_call: ClassVar[Endpoint]
    _rule: ClassVar[BucketRule]

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = {feed.stream: feed for feed in feeds}
        self._coins: set[Asset] = set()
        self._markets: Markets | None = None
        self._account_told: Any = None
        self._asked: frozenset[str] | None = None
        self._since_by_feed: dict[str, int] = {}
        self._is_first = False
        self._first_ms: int | None = None
        self._complete: set[str] = set()

    def bucket(self, tier: str) -> BucketRule:
        """Half of the minute's weight at once and half over the minute: together never more than the limit."""
        return self._rule

    async def pages(
        self, caller: Caller, account: AccountId, stream: str, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        """Pages of one stream; `markets`, `trades` and `rest` are not windowed."""
        walks = {"markets": self._walk_markets, "trades": self._walk_trades, "rest": self._walk_rest}
        if stream in walks:
            found = walks[stream](caller, cursor, ms_at(now))
        else:
            found = self._walk_feed(caller, self._feeds[stream], cursor, ms_at(now))
        async for rows, mark, is_last, endpoint in found:
            yield Page(account, stream, rows, mark, is_last, endpoint, now)

    def parse_group(self, account: AccountId, group: str, rows: Sequence[StoredRow]) -> Sequence[Event]:
        """The events of one fill, move, convert, sweep or reward."""
        return events_of(account, group, rows)

    async def balances(self, caller: Caller, account: AccountId, now: datetime) -> Sequence[Balance]:
        """Spot (free and locked) and Earn or staking, summed per coin.

        Locked is what waits in open orders, and all that earns or is staked: an order sells from the spot wallet alone,
        so that even flexible Earn must be redeemed first.
        """
        if self._is_first or self._account_told is None:
            # A first sync takes minutes; what was told at its start is old.
            self._account_told = await caller.call(self._account_call, {}, check_account)
        holdings = Holdings()
        for row in self._account_told["balances"]:
            locked = decimal_of(row["locked"])
            units = EXACT.add(decimal_of(row["free"]), locked)
            if units and not self._is_earn_twin(row["asset"]):
                holdings.add(asset_of(row["asset"]), units, locked)
        for code, units in await self._earning(caller):
            if units:
                holdings.add(asset_of(code), units, locked=units)
        self._account_told = None
        return holdings.balances(account, now)

    @abstractmethod
    async def _earning(self, caller: Caller) -> Sequence[tuple[str, Decimal]]:
        """Units by code in the wallets that earn."""

    @staticmethod
    def _is_earn_twin(code: str) -> bool:
        """Flexible Earn shows in the spot account as `LD` coins too; the positions tell it already."""
        return asset_of(code) != code and code.startswith("LD")

    async def _walk_markets(self, caller: Caller, cursor: str | None, now_ms: int) -> AsyncIterator[_Turn]:
        known = None if cursor is None else Markets.parse(cursor)
        self._markets = known
        if known is not None and known.is_fresh(now_ms):
            return
        reply = await caller.call(self._markets_call, {}, check_markets)
        told = Markets.told(reply["symbols"], now_ms)
        # A market that is no longer listed is kept: its trades were made all the same.
        self._markets = replace(told, pairs={**({} if known is None else known.pairs), **told.pairs})
        yield (), self._markets.text(), True, self._markets_call.path

    async def _walk_feed(self, caller: Caller, feed: Feed, cursor: str | None, now_ms: int) -> AsyncIterator[_Turn]:
        mark = None if cursor is None else Mark.parse(cursor)
        since = self._since(feed) if mark is None else feed.since_ms
        steps = walk(feed, caller, mark, since, now_ms)
        async for step in steps:
            self._learn(feed, step.rows)
            yield feed.raw(step.rows), step.mark.text(), step.is_last, feed.endpoint.path
            mark = step.mark
        if mark is not None and feed.starts_with_account:
            self._since_by_feed[feed.stream] = mark.since
        if mark is not None and mark.first is not None:
            self._first_ms = mark.first if self._first_ms is None else min(self._first_ms, mark.first)
        self._complete.add(feed.stream)

    def _since(self, feed: Feed) -> int:
        """Where a feed's history begins: at the account's first sign of life, where the others have shown it."""
        showing = {name for name, other in self._feeds.items() if not other.starts_with_account}
        if not feed.starts_with_account or self._first_ms is None or not showing <= self._complete:
            return feed.since_ms
        return max(feed.since_ms, self._first_ms)

    def _learn(self, feed: Feed, rows: Sequence[JsonObject]) -> None:
        self._coins.update(asset_of(code) for row in rows for code in feed.coins(row))

    def _listed(self) -> Markets:
        if self._markets is None:
            raise bad("no list of markets, without which trades cannot be read")
        return self._markets

    async def _walk_trades(self, caller: Caller, cursor: str | None, now_ms: int) -> AsyncIterator[_Turn]:
        """Trades of every market whose two coins were both seen; what they bring may point to more markets."""
        self._is_first = cursor is None
        mark, markets = TradeMark.parse(cursor), self._listed()
        if self._account_told is None:
            self._account_told = await caller.call(self._account_call, {}, check_account)
        for row in self._account_told["balances"]:
            if decimal_of(row["free"]) or decimal_of(row["locked"]):
                self._coins.add(asset_of(row["asset"]))
        self._coins.update(Asset(coin) for coin in mark.coins)
        while todo := self._open(mark, [*mark.last, *markets.held(self._coins)]):
            async for rows, turned in self._walk_symbol(caller, todo[0], mark):
                mark = turned
                yield rows, mark.text(), False, self._trades_call.path
        self._asked = frozenset(mark.last)
        done = replace(mark, walked=(), coins=tuple(sorted(self._coins)))
        yield (), done.text(), True, self._trades_call.path

    def _open(self, mark: TradeMark, symbols: Sequence[str]) -> list[str]:
        walked = set(mark.walked)
        return [symbol for symbol in symbols if symbol not in walked and symbol in self._listed().pairs]

    async def _walk_symbol(
        self, caller: Caller, symbol: str, mark: TradeMark
    ) -> AsyncIterator[tuple[tuple[RawRow, ...], TradeMark]]:
        base, quote = self._listed().pairs[symbol]
        is_done = False
        while not is_done:
            start = mark.last.get(symbol, -1) + 1
            asked: Params = {"symbol": symbol, "fromId": start, "limit": TRADE_PAGE}
            reply = await caller.call(self._trades_call, asked, check_trades(symbol))
            rows = [row for row in reply if trade_id(row) >= start]
            is_done = len(reply) < TRADE_PAGE
            if not rows and not is_done:
                raise bad("a full page of trades that were told before")
            mark = mark.after(symbol, _newest([trade_id(row) for row in rows], is_done), is_done=is_done)
            if rows:
                self._coins.update(asset_of(code) for code in (base, quote))
                self._coins.update(asset_of(row["commissionAsset"]) for row in rows)
            yield tuple(_raw_trade(row, base, quote) for row in _distinct(rows)), mark

    async def _walk_rest(self, caller: Caller, cursor: str | None, now_ms: int) -> AsyncIterator[_Turn]:
        """What nothing points to: markets never seen in use, and windows before the first sign of life.

        A few in each sync, so that in the end nothing is unproved and no sync is slow for it.
        """
        if self._asked is None:
            return
        state = RestMark.parse(cursor).renewed(now_ms)
        for symbol in self._rest_symbols(state.trades):
            async for rows, trades in self._walk_symbol(caller, symbol, state.trades):
                state = replace(state, trades=trades)
                yield rows, state.text(), False, self._trades_call.path
        state = state.begun(self._since_by_feed)
        late = [feed for feed in self._feeds.values() if feed.starts_with_account and state.has_older(feed)]
        for feed in late[:1]:
            start, end = state.older_window(feed)
            async for step in walk(feed, caller, Mark(start, start, end, feed.first_page), start, end):
                state = state.proved(feed, start) if step.is_last else state
                yield feed.raw(step.rows), state.text(), False, feed.endpoint.path
        left = len(set(self._listed().pairs) - self._asked - set(state.trades.last))
        done = state.finished(left, self._feeds.values(), now_ms)
        yield (), done.text(), True, self._trades_call.path

    def _rest_symbols(self, mark: TradeMark) -> list[str]:
        markets, asked = self._listed(), self._asked or frozenset()
        known = {*asked, *mark.last}
        in_use = [symbol for symbol in mark.traded() if symbol not in asked and symbol in markets.pairs]
        held = [symbol for symbol in markets.held(self._coins) if symbol not in known]
        others = [symbol for symbol in markets.touched(self._coins) if symbol not in known and symbol not in held]
        walked = set(mark.walked)
        return [symbol for symbol in [*in_use, *held, *others[:PROVED_A_SYNC]] if symbol not in walked]


def _newest(ids: Sequence[int], is_last_page: bool) -> int | None:
    """The id up to which all trades are told. On an unsorted page the last ones may still lack a neighbour."""
    ordered = sorted(ids)
    if is_last_page or list(ids) == ordered:
        return ordered[-1] if ordered else None
    return ordered[-1 - min(DISORDER, len(ordered) - 1)]


def _distinct(rows: Sequence[JsonObject]) -> Sequence[JsonObject]:
    return list({trade_id(row): row for row in rows}.values())


def _raw_trade(row: JsonObject, base: str, quote: str) -> RawRow:
    number = trade_id(row)
    return RawRow(f"{row['symbol']}:{number}", trade_group(row["symbol"], base, quote, number), canonical(row))


def _granted(told: JsonObject, *names: str) -> bool:
    """False only where each of the rights is told and is not given."""
    return any(told.get(name, True) is not False for name in names)


class BinanceStrategy(BinanceBody):
    """Binance. 6000 of weight a minute; its `sapi` calls have limits of their own."""

    exchange: ClassVar[str] = "binance"
    streams: ClassVar[tuple[str, ...]] = (
        "markets",
        "deposits",
        "fiat_deposits",
        "fiat_buys",
        "fiat_withdrawals",
        "fiat_sells",
        "dust",
        "dividends",
        "withdrawals",
        "trades",
        "converts",
        "rest",
    )
    _account_call: ClassVar[Endpoint] = _api("account", "privateGetAccount", 20)
    _trades_call: ClassVar[Endpoint] = _api("myTrades", "privateGetMyTrades", 20)
    _markets_call: ClassVar[Endpoint] = _api("exchangeInfo", "publicGetExchangeInfo", 20)
    _rule: ClassVar[BucketRule] = BucketRule(3000, 50)
    endpoints: ClassVar[tuple[Endpoint, ...]] = (
        *dict.fromkeys(feed.endpoint for feed in com_feeds()),
        RESTRICTIONS,
        FLEXIBLE,
        LOCKED,
        _account_call,
        _trades_call,
        _markets_call,
    )

    def __init__(self) -> None:
        super().__init__(com_feeds())

    async def rights(self, caller: Caller) -> KeyRights:
        """What the key may do. Moving coins to other accounts counts as withdrawing."""
        told = await caller.call(RESTRICTIONS, {}, check_restrictions)
        later = [name for name in _LATER_TRADE_RIGHTS if name in told]
        return KeyRights(
            can_read=_granted(told, "enableReading"),
            can_trade=_granted(told, "enableSpotAndMarginTrading", *later),
            can_withdraw=_granted(told, "enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer"),
            ip_restricted=told["ipRestrict"] if isinstance(told.get("ipRestrict"), bool) else None,
        )

    async def _earning(self, caller: Caller) -> Sequence[tuple[str, Decimal]]:
        found: list[tuple[str, Decimal]] = []
        for endpoint, key in ((FLEXIBLE, "totalAmount"), (LOCKED, "amount")):
            seen, number, total = 0, 1, 1
            while seen < total:
                asked = {"current": number, "size": EARN_PAGE}
                reply = await caller.call(endpoint, asked, check_positions(key))
                rows, total = reply["rows"], total_of(reply)
                if not rows and seen < total:
                    raise bad("an empty page that says more follows")
                found += [(row["asset"], decimal_of(row[key])) for row in rows]
                seen, number = seen + len(rows), number + 1
        return found


class BinanceUsStrategy(BinanceBody):
    """Binance.US. 1200 of weight a minute. Nothing there tells what a key may do."""

    exchange: ClassVar[str] = "binanceus"
    streams: ClassVar[tuple[str, ...]] = (
        "markets",
        "deposits",
        "fiat_deposits",
        "fiat_withdrawals",
        "otc",
        "ocbs",
        "dust",
        "distributions",
        "staking_rewards",
        "withdrawals",
        "trades",
        "rest",
    )
    _account_call: ClassVar[Endpoint] = _api("account", "privateGetAccount", 10)
    _trades_call: ClassVar[Endpoint] = _api("myTrades", "privateGetMyTrades", 10)
    _markets_call: ClassVar[Endpoint] = _api("exchangeInfo", "publicGetExchangeInfo", 10)
    _rule: ClassVar[BucketRule] = BucketRule(600, 10)
    endpoints: ClassVar[tuple[Endpoint, ...]] = (
        *dict.fromkeys(feed.endpoint for feed in us_feeds()),
        US_STAKED,
        _account_call,
        _trades_call,
        _markets_call,
    )

    def __init__(self) -> None:
        super().__init__(us_feeds())

    async def rights(self, caller: Caller) -> KeyRights:
        """That the key can read, proved by a read; the rest is unknown (`canTrade` is about the account)."""
        self._account_told = await caller.call(self._account_call, {}, check_account)
        return KeyRights(can_read=True, can_trade=None, can_withdraw=None)

    async def _earning(self, caller: Caller) -> Sequence[tuple[str, Decimal]]:
        reply = await caller.call(US_STAKED, {}, check_staking)
        return [(row["asset"], decimal_of(row["stakingAmount"])) for row in reply["data"]]
