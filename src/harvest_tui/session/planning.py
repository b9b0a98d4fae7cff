"""What a plan is made from, out of a home: the year so far, the taxpayer, and what surrounds each position."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.circumstances import PLAIN, Circumstances, Surroundings, reach_of
from harvest_tui.core.harvest.order_limits import OrderLimits
from harvest_tui.core.harvest.plan import Occasion
from harvest_tui.core.harvest.volatility import WINDOW_DAYS, Volatility, realized_volatility
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.records import USD, Account, Asset
from harvest_tui.core.tax.wash_sales import WINDOW_DAYS as WASH_SALE_DAYS
from harvest_tui.core.tax.year_so_far import year_so_far
from harvest_tui.core.tax.year_table import known_years, year_table
from harvest_tui.core.tax_days import tax_day, tax_year
from harvest_tui.errors import InputError
from harvest_tui.session.order_limits import OrderLimitBook
from harvest_tui.session.realized import brokers_of

if TYPE_CHECKING:
    from harvest_tui.session.facts import Facts, Rules
    from harvest_tui.settings import Settings
    from harvest_tui.store import Store


class Home(NamedTuple):
    """What surroundings are read from."""

    store: Store
    settings: Settings
    rules: Rules
    limits: OrderLimitBook


async def load_surroundings(home: Home, facts: Facts, now: datetime) -> Surroundings:
    """The circumstances of every position as of `now`; nothing is asked of the network."""
    positions = [key for key in facts.positions if key[1] != USD]
    accounts = await home.store.accounts()
    limits = await home.limits.load(positions, facts.exchanges)
    volatilities = await load_volatilities(home, {asset for _, asset in positions}, now)
    return surroundings_of(home, facts, now, accounts, limits, volatilities)


def surroundings_of(
    home: Home,
    facts: Facts,
    now: datetime,
    accounts: Iterable[Account],
    limits: Mapping[PositionKey, OrderLimits | None],
    volatilities: Mapping[Asset, Volatility],
) -> dict[PositionKey, Circumstances]:
    """The circumstances of each position, from what the home tells. Pure.

    What is locked is known of today alone: facts of an earlier time have no balances.
    """
    year = tax_year(now, home.rules.zone)
    brokers = brokers_of(home.settings, accounts)
    rules = year_table(year).digital_assets
    rule = rules.broker_identification
    locked = {(one.account, one.asset): one.locked for one in facts.balances}
    mismatched = {(one.account, one.asset) for one in facts.mismatches}
    securities = home.settings.securities
    bound = {asset for _, asset in facts.positions if rules.wash_sale_rule_binds(asset in securities)}
    bought = _bought_lately(facts, now, home.rules.zone, bound)
    found = {}
    for key in facts.positions:
        account, asset = key
        if asset == USD:
            continue
        told = home.settings.accounts.get(account)
        instructs = told is not None and told.identification == "instructed"
        found[key] = PLAIN._replace(
            reach=reach_of(account in brokers, instructs, rule),
            lot_order=home.rules.order_of(account, year),
            is_sellable=limits.get(key, PLAIN) is not None,
            limits=limits.get(key),
            locked=locked.get(key, ZERO),
            is_mismatched=key in mismatched,
            wash_sale_rule=asset in bound,
            bought_lately=bought.get(asset, ZERO),
            volatility=volatilities[asset],
        )
    return found


def _bought_lately(facts: Facts, now: datetime, zone: ZoneInfo, bound: Container[str]) -> dict[Asset, Decimal]:
    """Units of each asset under the wash-sale rule that came into any account within its days and are still held."""
    first = tax_day(now, zone) - timedelta(days=WASH_SALE_DAYS)
    found: dict[Asset, Decimal] = {}
    for lot in facts.ledger.lots:
        if lot.asset in bound and tax_day(lot.acquired_at, zone) >= first:
            found[lot.asset] = EXACT.add(found.get(lot.asset, ZERO), lot.quantity)
    return found


async def load_volatilities(home: Home, assets: Iterable[Asset], now: datetime) -> dict[Asset, Volatility]:
    """How much each asset moves in a year, from the daily candles that are kept."""
    floor = home.settings.taxpayer.volatility_floor
    since = now - timedelta(days=WINDOW_DAYS + 3)
    found = {}
    for asset in assets:
        candles = await home.store.candles(asset, since, now)
        found[asset] = await asyncio.to_thread(realized_volatility, candles, now, floor)
    return found


async def load_occasion(home: Home, facts: Facts, portfolio: Portfolio) -> Occasion:
    """What a plan for the tax year of the portfolio's instant is made from.

    Raises InputError for a year without tax parameters.
    """
    now, zone = portfolio.as_of, home.rules.zone
    year, taxpayer = tax_year(now, zone), home.settings.taxpayer
    if year not in known_years():
        raise InputError(f"there are no tax parameters of {year}", f"known are {', '.join(map(str, known_years()))}")
    so_far = await asyncio.to_thread(year_so_far, facts.ledger, taxpayer, year, zone)
    return Occasion(portfolio, so_far, taxpayer, await load_surroundings(home, facts, now), zone)
