"""From stored facts to a Portfolio: match, reconcile and sum, in a thread so that keys stay alive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Ledger, Mismatch
from harvest_tui.core.portfolio import Portfolio, Position, PositionKey, positions_of
from harvest_tui.core.records import Account, AccountId, Asset, Balance, Event

if TYPE_CHECKING:
    from harvest_tui.core.lots.orders import MethodTable
    from harvest_tui.core.valuation import PriceHistory
    from harvest_tui.store import Store


@dataclass(frozen=True, slots=True)
class Rules:
    """The user's choices that decide which lots a sale consumes."""

    method: str
    scope: str
    zone: ZoneInfo
    account_methods: Mapping[AccountId, str]

    def methods(self) -> MethodTable:
        """The lot order of each account."""
        from harvest_tui.core.lots.orders import Method, MethodTable

        return MethodTable(
            Method(self.method), by_account={name: Method(order) for name, order in self.account_methods.items()}
        )


class Facts(NamedTuple):
    """Everything the screens need that does not depend on a live price."""

    ledger: Ledger
    positions: Mapping[PositionKey, Position]
    mismatches: tuple[Mismatch, ...]
    balances: tuple[Balance, ...]
    tax_day: date
    exchanges: Mapping[AccountId, str]
    missing_prices: tuple[tuple[Asset, datetime], ...] = ()

    def portfolio(self, as_of: datetime) -> Portfolio:
        """These facts without quotes."""
        return Portfolio(
            self.ledger, self.positions, self.mismatches, self.balances, {}, as_of, self.tax_day, self.exchanges
        )


def derive(
    events: Sequence[Event],
    balances: Sequence[Balance],
    accounts: Sequence[Account],
    history: PriceHistory,
    rules: Rules,
    now: datetime,
) -> Facts:
    """Lots, gaps, mismatches and sums as the rules see them at `now`. Pure.

    The engine is imported here: a start from the last picture paints without it.
    """
    from harvest_tui.core.lots.matching import match
    from harvest_tui.core.lots.reconcile import reconcile
    from harvest_tui.core.valuation import needed_prices

    ledger = match(
        events,
        method=rules.methods(),
        scope=rules.scope,
        zone=rules.zone,
        values=history,
    )
    tax_day = now.astimezone(rules.zone).date()
    return Facts(
        ledger=ledger,
        positions=positions_of(ledger, tax_day),
        mismatches=reconcile(ledger, balances),
        balances=tuple(balances),
        tax_day=tax_day,
        exchanges={account.account: account.exchange for account in accounts},
        missing_prices=tuple(needed_prices(events, history)),
    )


async def load_facts(store: Store, rules: Rules, now: datetime, until: datetime | None = None) -> Facts:
    """The facts of the whole home as of `now`; with `until` only what happened by then, balances left out."""
    from harvest_tui.core.valuation import PriceHistory, needed_prices

    accounts, balances, events = await store.accounts(), await store.balances(), await store.events()
    if until is not None:
        events, balances = [event for event in events if event.executed_at <= until], []
    wanted = needed_prices(events)
    history = PriceHistory((await store.candles_at(wanted)).values() if wanted else ())
    return await asyncio.to_thread(derive, events, balances, accounts, history, rules, now)
