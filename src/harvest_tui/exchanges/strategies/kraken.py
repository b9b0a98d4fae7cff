"""Kraken: the ledger is the source of truth. It alone tells trades, staking, earn, converts, dust and fees per leg."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from harvest_tui.core.money import parse_decimal
from harvest_tui.core.pages import Page, StoredRow
from harvest_tui.core.records import AccountId, Balance, Event
from harvest_tui.exchanges.assets import canonical_asset, is_locked_wallet
from harvest_tui.exchanges.strategies.base import BucketRule, Caller, Endpoint, KeyRights
from harvest_tui.exchanges.strategies.holdings import Holdings
from harvest_tui.exchanges.strategies.kraken_events import parse_group
from harvest_tui.exchanges.strategies.kraken_funding import FUNDING, covered_until, funding_pages
from harvest_tui.exchanges.strategies.kraken_ledger import LEDGER, LEDGER_STREAM, LedgerCursor, LedgerWalk
from harvest_tui.exchanges.strategies.kraken_replies import check_balances, result_of

_BALANCES = Endpoint("POST", r"/0/private/BalanceEx", "privatePostBalanceEx")
_KEY_INFO = Endpoint("POST", r"/0/private/GetApiKeyInfo", "privatePostGetApiKeyInfo")

_TIERS = {"starter": (15, 0.33), "intermediate": (20, 0.5), "pro": (20, 1.0)}
"""Kraken's counter: highest value, and decay per second (docs.kraken.com, REST rate limits)."""
_HEADROOM = 0.5
"""Of a unit. A request that travels faster than the one before it must not meet a counter still a little higher."""

_READS = frozenset({"query-funds", "query-ledger"})
_CAN_ONLY_READ = _READS | {
    "query-open-trades",
    "query-closed-trades",
    "export-data",
    "access-websockets",
    "query-earn",
    "deposit-funds",
    "add-funds",
}


class KrakenStrategy:
    """How a Kraken account is read. One instance serves one sync."""

    exchange: ClassVar[str] = "kraken"
    streams: ClassVar[tuple[str, ...]] = (LEDGER_STREAM, *FUNDING)
    endpoints: ClassVar[tuple[Endpoint, ...]] = (
        LEDGER,
        *FUNDING.values(),
        _BALANCES,
        _KEY_INFO,
    )
    is_serial: ClassVar[bool] = True
    ccxt_options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self) -> None:
        self._ledger: LedgerCursor | None = None

    def bucket(self, tier: str) -> BucketRule:
        """Kraken's counter for the tier (`starter`, `intermediate`, `pro`; unknown counts as the slowest)."""
        highest, decay = _TIERS.get(tier.lower(), _TIERS["starter"])
        return BucketRule(highest - _HEADROOM, decay)

    async def rights(self, caller: Caller) -> KeyRights:
        """Asked of a call that needs no right itself. A permission we do not know counts as one to trade."""

        def check(reply: Any) -> None:
            result_of(reply)

        told = result_of(await caller.call(_KEY_INFO, {}, check))
        permissions = told.get("permissions") if isinstance(told, dict) else None
        if not isinstance(permissions, list) or not all(isinstance(name, str) for name in permissions):
            return KeyRights(can_read=None, can_trade=True, can_withdraw=True)
        names = frozenset(permissions)
        allowlist = told.get("ipAllowlist", told.get("ip_allowlist"))
        return KeyRights(
            can_read=names >= _READS,
            can_trade=bool(names - _CAN_ONLY_READ - {name for name in names if "withdraw" in name}),
            can_withdraw=any("withdraw" in name for name in names),
            ip_restricted=bool(allowlist) if isinstance(allowlist, list) else None,
        )

    async def pages(
        self, caller: Caller, account: AccountId, stream: str, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        """Pages of one stream. States of transfers are asked only where the ledger brought new ones."""
        if stream == LEDGER_STREAM:
            walk = LedgerWalk(caller, account, LedgerCursor.read(cursor), now)
            self._ledger = walk.cursor
            async for page in walk.pages():
                self._ledger = walk.cursor
                yield page
            return
        newest = self._newest(stream)
        covered = covered_until(cursor)
        if newest is None or (covered is not None and newest <= covered):
            return
        async for page in funding_pages(caller, account, stream, cursor, newest, now):
            yield page

    def _newest(self, stream: str) -> int | None:
        if self._ledger is None:
            return None
        return self._ledger.deposit if stream == "deposits" else self._ledger.withdrawal

    async def balances(self, caller: Caller, account: AccountId, now: datetime) -> Sequence[Balance]:
        """Units per asset, those on hold, staked and earning included; assets of zero units too.

        An order for a coin of which a part earns by itself sells from both wallets, while the whole order is on hold
        in the main one: there more can be on hold than is held.
        """
        told = result_of(await caller.call(_BALANCES, {}, check_balances))
        holdings = Holdings()
        for code, wallet in told.items():
            units, on_hold = parse_decimal(wallet["balance"]), parse_decimal(wallet.get("hold_trade", "0"))
            locked = units if is_locked_wallet(self.exchange, code) else on_hold
            holdings.add(canonical_asset(self.exchange, code), units, locked)
        return holdings.balances(account, now)

    def parse_group(self, account: AccountId, group: str, rows: Sequence[StoredRow]) -> Sequence[Event]:
        """The events told by the ledger rows of one reference, with the states of their transfers."""
        return parse_group(account, group, rows)
