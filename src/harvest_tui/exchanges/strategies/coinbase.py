"""Coinbase: v2 wallets tell every movement, v3 fills tell advanced trades exactly.

Facts: docs.cdp.coinbase.com (Coinbase App "Transactions", "Pagination", "Rate limiting"; Advanced Trade "List Fills"),
November 2026. Pages hold up to 100 rows (v2) and, as far as is sure, 250 (fills).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from harvest_tui.core.money import ZERO
from harvest_tui.core.pages import Page, RawRow, StoredRow
from harvest_tui.core.records import AccountId, Balance, Event
from harvest_tui.exchanges.failures import RefusedRequest
from harvest_tui.exchanges.strategies.base import BucketRule, Caller, Endpoint, KeyRights
from harvest_tui.exchanges.strategies.coinbase_cursors import FillsMark, WalletMark, WalletMarks, WalletWalk
from harvest_tui.exchanges.strategies.coinbase_events import events_of_group, group_of_fill, group_of_transaction
from harvest_tui.exchanges.strategies.coinbase_replies import (
    JsonObject,
    Wallet,
    bad,
    canonical,
    check_accounts,
    check_fills,
    check_permissions,
    check_transactions,
    next_after,
    wallet_of,
)
from harvest_tui.exchanges.strategies.holdings import Holdings

WALLET_PAGE = 100
FILLS_PAGE = 250

_V2_COST = 0.25
"""v2 counts 10,000 requests an hour and no burst: a whole history stays far below, beyond it the reply says when."""

ACCOUNTS = Endpoint("GET", r"/v2/accounts", "v2PrivateGetAccounts", _V2_COST)
TRANSACTIONS = Endpoint(
    "GET", r"/v2/accounts/[0-9A-Za-z-]{1,64}/transactions", "v2PrivateGetAccountsAccountIdTransactions", _V2_COST
)
FILLS = Endpoint("GET", r"/api/v3/brokerage/orders/historical/fills", "v3PrivateGetBrokerageOrdersHistoricalFills")
PERMISSIONS = Endpoint("GET", r"/api/v3/brokerage/key_permissions", "v3PrivateGetBrokerageKeyPermissions")


class CoinbaseStrategy:
    """Reads one Coinbase account. The account list is asked once a sync and serves rows, balances and what moved."""

    exchange: ClassVar[str] = "coinbase"
    streams: ClassVar[tuple[str, ...]] = ("accounts", "fills", "transactions")
    endpoints: ClassVar[tuple[Endpoint, ...]] = (ACCOUNTS, TRANSACTIONS, FILLS, PERMISSIONS)
    is_serial: ClassVar[bool] = False
    ccxt_options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self) -> None:
        self._listed: list[Sequence[JsonObject]] | None = None

    def bucket(self, tier: str) -> BucketRule:
        """30 private v3 requests in any second, burst included."""
        return BucketRule(capacity=2, refill_per_second=28)

    async def rights(self, caller: Caller) -> KeyRights:
        """The key's rights; one that is not told as true or false counts as granted."""
        reply = await caller.call(PERMISSIONS, {}, check_permissions)
        return KeyRights(
            can_read=_is_granted(reply, "can_view"),
            can_trade=_is_granted(reply, "can_trade"),
            can_withdraw=_is_granted(reply, "can_transfer"),
        )

    async def pages(
        self, caller: Caller, account: AccountId, stream: str, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        """Pages of a stream. Raises ValueError for one that is not in `streams`."""
        walks = {"accounts": self._account_pages, "fills": self._fill_pages, "transactions": self._transaction_pages}
        if stream not in walks:
            raise ValueError(f"Coinbase has no stream {stream!r}")
        async for page in walks[stream](caller, account, cursor, now):
            yield page

    async def balances(self, caller: Caller, account: AccountId, now: datetime) -> Sequence[Balance]:
        """Whole balances summed over spot, staked and vault wallets, wallets that are empty now included.

        Staked and vault wallets are locked. What waits in open orders is not: the list of wallets does not tell it.
        """
        holdings = Holdings()
        for wallet in await self._wallets(caller):
            if not wallet.is_unused:
                units = wallet.balance.quantity
                holdings.add(wallet.balance.asset, units, units if wallet.is_locked else ZERO)
        return holdings.balances(account, now)

    def parse_group(self, account: AccountId, group: str, rows: Sequence[StoredRow]) -> Sequence[Event]:
        """The events of an order, of an exchange between wallets, or of a single wallet row."""
        return events_of_group(account, group, rows)

    async def _account_pages(
        self, caller: Caller, account: AccountId, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        listed = self._listed if self._listed is not None else await self._list(caller)
        for number, rows in enumerate(listed, 1):
            raw = _raw(rows, "id", lambda row: f"wallet:{row['id']}")
            is_last = number == len(listed)
            # The list is asked whole each time: nothing needs remembering but that it was complete.
            yield Page(account, "accounts", raw, "{}" if is_last else None, is_last, ACCOUNTS.implicit, now)

    async def _fill_pages(
        self, caller: Caller, account: AccountId, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        mark, is_whole = FillsMark.load(cursor), False
        while not is_whole:
            start, end = mark.window()
            is_whole = end is None
            params = {"limit": FILLS_PAGE, **_window(start, end)}
            position: str | None = ""
            visited = {""}
            while position is not None:
                reply = await caller.call(FILLS, {**params, "cursor": position} if position else params, check_fills)
                position = reply["cursor"] or None
                if position in visited:
                    raise bad("fills that go round in a circle")
                visited.add(position or "")
                mark = mark.after_page(reply["fills"], is_last=position is None)
                raw = _raw(reply["fills"], "entry_id", group_of_fill)
                is_last = is_whole and position is None
                yield Page(account, "fills", raw, mark.dump(), is_last, FILLS.implicit, now)

    async def _transaction_pages(
        self, caller: Caller, account: AccountId, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        marks = WalletMarks.load(cursor)
        wallets = [wallet for wallet in await self._wallets(caller) if _must_read(wallet, marks)]
        for wallet in wallets:
            mark = marks.wallets.setdefault(wallet.wallet_id, WalletMark())
            walk = WalletWalk(mark)
            visited: set[str] = set()
            while walk.after is not None:
                if walk.after in visited:
                    raise bad("transactions that go round in a circle")
                visited.add(walk.after)
                try:
                    reply = await caller.call(TRANSACTIONS, _after(wallet.wallet_id, walk.after), check_transactions)
                except RefusedRequest:
                    if not walk.after:
                        raise
                    # The row to go on after is gone; only the whole wallet is sure to be complete.
                    walk = WalletWalk(mark.forget())
                    continue
                walk.take(reply["data"], has_more=next_after(reply) is not None)
                if walk.after is None:
                    mark.close(wallet, walk.newest)
                raw = _raw(reply["data"], "id", group_of_transaction)
                is_last = walk.after is None and wallet is wallets[-1]
                yield Page(account, "transactions", raw, marks.dump(), is_last, TRANSACTIONS.implicit, now)

    async def _wallets(self, caller: Caller) -> list[Wallet]:
        listed = self._listed if self._listed is not None else await self._list(caller)
        return list({row["id"]: wallet_of(row) for rows in listed for row in rows}.values())

    async def _list(self, caller: Caller) -> list[Sequence[JsonObject]]:
        listed: list[Sequence[JsonObject]] = []
        after: str | None = None
        visited: set[str] = set()
        while True:
            params: dict[str, str | int] = {"limit": WALLET_PAGE}
            if after is not None:
                params["starting_after"] = after
            reply = await caller.call(ACCOUNTS, params, check_accounts)
            listed.append(reply["data"])
            after = next_after(reply)
            if after is None:
                self._listed = listed
                return listed
            if after in visited:
                raise bad("accounts that go round in a circle")
            visited.add(after)


def _is_granted(reply: JsonObject, right: str) -> bool:
    return reply.get(right) is not False


def _must_read(wallet: Wallet, marks: WalletMarks) -> bool:
    mark = marks.wallets.get(wallet.wallet_id)
    return not wallet.is_unused if mark is None else mark.must_read(wallet)


def _after(wallet_id: str, after: str) -> dict[str, str | int]:
    params: dict[str, str | int] = {"account_id": wallet_id, "limit": WALLET_PAGE, "order": "asc"}
    return {**params, "starting_after": after} if after else params


def _window(start: datetime | None, end: datetime | None) -> dict[str, str | int]:
    named = {"start_sequence_timestamp": start, "end_sequence_timestamp": end}
    return {name: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name, at in named.items() if at}


def _raw(rows: Sequence[JsonObject], id_key: str, group_of: Any) -> tuple[RawRow, ...]:
    """The rows for the store; of a row listed twice in one page the later one."""
    return tuple({row[id_key]: RawRow(row[id_key], group_of(row), canonical(row)) for row in rows}.values())
