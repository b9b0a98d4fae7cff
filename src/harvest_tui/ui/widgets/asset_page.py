"""What one page says of an asset: its accounts, the order in which sales use its lots up, and its next days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.using_up import UsingUp
from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio, Position
from harvest_tui.core.records import USD, AccountId, Asset, Quote
from harvest_tui.core.tax.wash_sales import WINDOW_DAYS
from harvest_tui.core.tax.year_table import known_years, year_table
from harvest_tui.core.tax_days import ONE_DAY, tax_day
from harvest_tui.ui.format import clean, count, day, exact
from harvest_tui.ui.widgets.paragraph import Part

POOL = "all accounts, one pool"
_MOST_DAYS = 2
_WORDS = {
    "fifo": "the oldest first (FIFO)",
    "lifo": "the newest first (LIFO)",
    "hifo": "the highest cost first (HIFO)",
    "lofo": "the lowest cost first (LOFO)",
}


class Group(NamedTuple):
    """Lots that one order uses up; `account` is None where all accounts are one pool."""

    account: AccountId | None
    name: str
    use: UsingUp

    @property
    def words(self) -> str:
        """Which lot goes first."""
        return f"{clean(self.name, 40)}: a sale uses {_WORDS[self.use.order]}"


class AssetPage(NamedTuple):
    """The lots of an asset as facts tell them; prices are joined when it is drawn."""

    asset: Asset
    groups: tuple[Group, ...] = ()
    positions: tuple[Position, ...] = ()
    locked: Mapping[AccountId, Decimal] = {}
    facts: tuple[Part, ...] = ()


class Choices(NamedTuple):
    """What of the user's choices the page depends on."""

    zone: ZoneInfo
    scope: str = "account"
    method: str = "fifo"
    securities: tuple[str, ...] = ()


def assets_of(portfolio: Portfolio) -> list[Asset]:
    """Every asset held, by name; dollars are none."""
    return sorted({asset for _, asset in portfolio.positions if asset != USD}, key=str.casefold)


def page_of(asset: Asset, portfolio: Portfolio, orders: Mapping[AccountId, str], choices: Choices) -> AssetPage:
    """The page, without prices."""
    lots = _lots_of(asset, portfolio)
    today, zone = portfolio.tax_day, choices.zone
    if choices.scope == "universal":
        groups = [Group(None, POOL, UsingUp(lots, choices.method, today, zone))] if lots else []
    else:
        by_account: dict[AccountId, list[Lot]] = {}
        for lot in lots:
            by_account.setdefault(lot.account, []).append(lot)
        groups = [
            Group(account, account, UsingUp(by_account[account], orders.get(account, choices.method), today, zone))
            for account in sorted(by_account, key=str.casefold)
        ]
    positions = [portfolio.positions[key] for key in sorted(portfolio.positions) if key[1] == asset]
    locked = {one.account: one.locked for one in portfolio.balances if one.asset == asset and one.locked}
    facts = [*_turning(lots, today), *_locked_words(locked), *_bought(lots, today, asset, choices)]
    return AssetPage(asset, tuple(groups), tuple(positions), locked, tuple(facts))


def quote_of(portfolio: Portfolio, asset: Asset, account: AccountId | None) -> Quote | None:
    """The latest price in that account, else the newest of any."""
    if account is not None and (account, asset) in portfolio.quotes:
        return portfolio.quotes[account, asset]
    found = [quote for (_, held), quote in portfolio.quotes.items() if held == asset]
    return max(found, key=lambda quote: quote.at, default=None)


def _lots_of(asset: Asset, portfolio: Portfolio) -> list[Lot]:
    lots = portfolio.ledger.lots
    if isinstance(lots, KeptLots):
        return [lots[number] for number, key in enumerate(lots.keys()) if key[1] == asset]
    return [lot for lot in lots if lot.asset == asset]


def _turning(lots: Sequence[Lot], today: date) -> Iterable[Part]:
    """The next days on which lots turn long-term."""
    turning: dict[date, Decimal] = {}
    for lot in lots:
        if lot.long_term_on > today:
            turning[lot.long_term_on] = EXACT.add(turning.get(lot.long_term_on, ZERO), lot.quantity)
    yield ("Long-term  ", "$muted")
    if not turning:
        yield "every unit is long-term already.\n" if lots else "nothing is held.\n"
        return
    days = sorted(turning)
    for number, one in enumerate(days[:_MOST_DAYS]):
        yield f"{', ' if number else ''}{exact(turning[one])} from {day(one)}"
        yield (f" in {(one - today).days}d", "$soon")
    more = len(days) - _MOST_DAYS
    yield f", {count(more, 'more day')}\n" if more > 0 else "\n"


def _locked_words(locked: Mapping[AccountId, Decimal]) -> Iterable[Part]:
    if locked:
        held = ", ".join(f"{exact(units)} in {clean(account, 20)}" for account, units in list(locked.items())[:3])
        yield ("Locked     ", "$muted")
        yield (held, "$soon")
        yield " staked or in orders: not for sale now\n"


def _bought(lots: Sequence[Lot], today: date, asset: Asset, choices: Choices) -> Iterable[Part]:
    """What came in within the days of the wash-sale rule, and whether that rule is about such an asset."""
    first = today - timedelta(days=WINDOW_DAYS)
    bought = [lot for lot in lots if tax_day(lot.acquired_at, choices.zone) >= first]
    units = ZERO
    for lot in bought:
        units = EXACT.add(units, lot.quantity)
    yield (f"Last {WINDOW_DAYS}d   ", "$muted")
    if bought:
        last = max(tax_day(lot.acquired_at, choices.zone) for lot in bought)
        until = day(last + timedelta(days=WINDOW_DAYS) + ONE_DAY)
        yield f"{exact(units)} in {count(len(bought), 'lot')}, the last on {day(last)}. "
    else:
        until = ""
        yield "nothing came in. "
    is_bound = _binds(today.year, asset in choices.securities)
    if is_bound and bought:
        yield (f"A wash sale before {until}: a loss on so many units is deferred.", "$loss")
    elif is_bound:
        yield f"A wash sale, where it is bought back within {WINDOW_DAYS} days of a loss."
    elif bought:
        yield (f"Coins know no wash sales; securities would not before {until}.", "$muted")
    else:
        yield ("Coins know no wash sales.", "$muted")


def _binds(year: int, is_security: bool) -> bool:
    if year not in known_years():
        return is_security
    return year_table(year).digital_assets.wash_sale_rule_binds(is_security)
