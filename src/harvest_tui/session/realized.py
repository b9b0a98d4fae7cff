"""Realized results of a home: its stored facts matched under the user's rules, with the boxes of Form 8949."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from harvest_tui.core.lots.cautions import AllocationRecord
from harvest_tui.core.lots.form_8949 import ExpectedForms
from harvest_tui.core.lots.realized import Realized, realized_in
from harvest_tui.core.records import Account, AccountId
from harvest_tui.session.deciding import load_history
from harvest_tui.session.facts import Rules, load_prices, matched

if TYPE_CHECKING:
    from harvest_tui.settings import Settings
    from harvest_tui.store import Store

UNITED_STATES = frozenset({"kraken", "coinbase", "binanceus"})
"""Exchanges whose customers in the United States are served by a broker there; binance.com's are not."""


def brokers_of(settings: Settings, accounts: Iterable[Account]) -> frozenset[AccountId]:
    """The accounts for which a Form 1099-DA is expected: what the settings say, else by the connected exchange."""
    held = {one.account for one in accounts if one.exchange in UNITED_STATES}
    for name, one in settings.accounts.items():
        if one.custody == "broker":
            held.add(AccountId(name))
        elif one.custody:
            held.discard(AccountId(name))
    return frozenset(held)


async def load_realized(store: Store, settings: Settings, rules: Rules, year: int | None = None) -> Realized:
    """The results of one tax year, or of all, under the rules. The whole history is matched for it."""
    accounts, events, pairs = await load_history(store, rules.zone)
    history = await load_prices(store, events)
    brokers = brokers_of(settings, accounts)

    def derive() -> Realized:
        ledger = matched(events, history, rules, pairs)
        forms = ExpectedForms(brokers, {event.event_id: event for event in events}, rules.zone)
        return realized_in(ledger, forms, year, _allocation(rules))

    return await asyncio.to_thread(derive)


def _allocation(rules: Rules) -> AllocationRecord | None:
    choice = rules.allocation
    if rules.scope != "us":
        return None
    return AllocationRecord(choice.decided, bool(choice.order), choice.table)
