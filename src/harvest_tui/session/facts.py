"""From stored facts to a Portfolio: match, reconcile and sum, in a thread so that keys stay alive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Ledger, Mismatch
from harvest_tui.core.portfolio import Portfolio, Position, PositionKey, positions_of
from harvest_tui.core.records import Account, AccountId, Asset, Balance, Event, EventId, Quote
from harvest_tui.lot_settings import NO_ALLOCATION, NO_METHODS, AllocationChoice, MethodChoices

if TYPE_CHECKING:
    from harvest_tui.core.lots.allocation import Allocation
    from harvest_tui.core.lots.orders import MethodTable
    from harvest_tui.core.lots.transfers import PairChoices
    from harvest_tui.core.valuation import PriceHistory
    from harvest_tui.settings import Settings
    from harvest_tui.store import Store

QuoteKey = tuple[str, Asset]
"""Exchange (ccxt id) and asset."""
UNCHOSEN = "fifo"
"""What is kept with an account for which nobody chose an order; the settings may still say another."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The user's choices that decide which lots a sale consumes."""

    method: str
    scope: str
    zone: ZoneInfo
    account_methods: Mapping[AccountId, str]
    year_methods: MethodChoices = NO_METHODS
    allocation: AllocationChoice = NO_ALLOCATION

    def methods(self) -> MethodTable:
        """The lot order of each account and tax year."""
        from harvest_tui.core.lots.orders import Method, MethodTable

        years, both = self.year_methods.by_year, self.year_methods.by_account_year
        return MethodTable(
            Method(self.method),
            by_year={year: Method(order) for year, order in years.items()},
            by_account={name: Method(order) for name, order in self.account_methods.items()},
            by_account_year={(AccountId(name), year): Method(order) for (name, year), order in both.items()},
        )

    def placements(self) -> Allocation:
        """How units are allocated to accounts on 1 January 2025, where the scope makes that switch."""
        from harvest_tui.core.lots.allocation import Allocation, Placement

        choice = self.allocation
        return Allocation(
            tuple(AccountId(name) for name in choice.order),
            tuple(Placement(AccountId(name), EventId(origin), units) for name, origin, units in choice.table),
        )

    def order_of(self, account: AccountId, year: int) -> str:
        """The lot order of the account in that tax year; the most specific choice holds, as in `methods`."""
        years = self.year_methods
        found = years.by_account_year.get((account, year)) or self.account_methods.get(account)
        return found or years.by_year.get(year) or self.method

    def under(self, method: str | None, scope: str | None) -> Rules:
        """The same rules under one method for all accounts and years, or under another scope; None changes nothing."""
        rules = self if scope is None else replace(self, scope=scope)
        if method is None:
            return rules
        return replace(rules, method=method, account_methods={}, year_methods=NO_METHODS)


def rules_of(settings: Settings, accounts: Iterable[Account]) -> Rules:
    """How lots are consumed, from the settings and from what is kept with the accounts; the settings come first."""
    orders = {one.account: one.lot_order for one in accounts if one.lot_order != UNCHOSEN}
    orders |= {AccountId(name): one.lot_order for name, one in settings.accounts.items() if one.lot_order}
    return Rules(settings.method, settings.scope, settings.zone, orders, settings.methods, settings.allocation)


def in_use(accounts: Iterable[Account], rules: Rules, year: int) -> tuple[Account, ...]:
    """The accounts with the lot order that holds for them in that tax year, wherever it was chosen."""
    return tuple(
        one if (order := rules.order_of(one.account, year)) == one.lot_order else replace(one, lot_order=order)
        for one in accounts
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


def matched(events: Sequence[Event], history: PriceHistory, rules: Rules, pairs: PairChoices | None = None) -> Ledger:
    """The ledger of the events under the rules and the user's word on their moves. Pure."""
    from harvest_tui.core.lots.matching import match

    return match(
        events,
        method=rules.methods(),
        scope=rules.scope,
        zone=rules.zone,
        values=history,
        pairs=pairs,
        allocation=rules.placements(),
    )


def quotes_of(
    quotes: Mapping[QuoteKey, Quote], keys: Iterable[PositionKey], exchanges: Mapping[AccountId, str]
) -> dict[PositionKey, Quote]:
    """The quote of each position that has one: of its own exchange, else the newest of any.

    Proportional to positions, not to lots.
    """
    resolved = {}
    newest: dict[Asset, Quote] = {}
    for (_, asset), quote in quotes.items():
        if asset not in newest or quote.at > newest[asset].at:
            newest[asset] = quote
    for account, asset in keys:
        found = quotes.get((exchanges.get(account, ""), asset)) or newest.get(asset)
        if found is not None:
            resolved[account, asset] = found
    return resolved


def derive(
    events: Sequence[Event],
    balances: Sequence[Balance],
    accounts: Sequence[Account],
    history: PriceHistory,
    rules: Rules,
    now: datetime,
    pairs: PairChoices | None = None,
) -> Facts:
    """Lots, gaps, mismatches and sums as the rules see them at `now`. Pure.

    The engine is imported here: a start from the last picture paints without it.
    """
    from harvest_tui.core.lots.reconcile import reconcile
    from harvest_tui.core.valuation import hour_of, needed_prices

    ledger = matched(events, history, rules, pairs)
    assumed = [event for event in events if event.is_assumed] if pairs is not None else []
    tax_day = now.astimezone(rules.zone).date()
    return Facts(
        ledger=ledger,
        positions=positions_of(ledger, tax_day),
        # In one pool a lot stays with the account that bought it, wherever its coins are: nothing to hold balances to.
        mismatches=() if rules.scope == "universal" else reconcile(ledger, balances, assumed),
        balances=tuple(balances),
        tax_day=tax_day,
        exchanges={account.account: account.exchange for account in accounts},
        # What the events ask for, and what only matching has found: units that left and did not arrive.
        missing_prices=tuple(
            dict.fromkeys((*needed_prices(events, history), *(hour_of(u.asset, u.at) for u in ledger.unpriced)))
        ),
    )


async def load_prices(store: Store, events: Sequence[Event]) -> PriceHistory:
    """The past prices that the events ask for, as far as they are kept."""
    from harvest_tui.core.valuation import PriceHistory, hours_of_withdrawals, needed_prices

    wanted = list(dict.fromkeys((*needed_prices(events), *hours_of_withdrawals(events))))
    return PriceHistory((await store.candles_at(wanted)).values() if wanted else ())


async def load_facts(store: Store, rules: Rules, now: datetime, until: datetime | None = None) -> Facts:
    """The facts of the whole home as of `now`; with `until` only what happened by then, balances left out."""
    from harvest_tui.session.deciding import load_history

    accounts, events, pairs = await load_history(store, rules.zone)
    balances = await store.balances()
    if until is not None:
        events, balances = [event for event in events if event.executed_at <= until], []
    history = await load_prices(store, events)
    return await asyncio.to_thread(derive, events, balances, accounts, history, rules, now, pairs)
