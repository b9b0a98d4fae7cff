"""The holding-period calendar: which lots turn long-term in which week, and what they are worth now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Asset
from harvest_tui.core.tax_days import ONE_DAY

WEEKS = 53
"""A year and the week it began in: every short-term lot turns long-term within it."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """The lots whose first long-term day is in the week from Monday `starts_on`, at the latest prices in US dollars.

    `value` sums lots with a price, `gains` and `losses` (positive) those whose basis is known as well; the `unknown`
    others are counted in `lots` alone. `assets` has the number of lots of each, the most first.
    """

    starts_on: date
    lots: int = 0
    value: Decimal = ZERO
    gains: Decimal = ZERO
    losses: Decimal = ZERO
    losing: int = 0
    unknown: int = 0
    assets: tuple[tuple[Asset, int], ...] = ()

    @property
    def ends_on(self) -> date:
        """Its Sunday."""
        return self.starts_on + _WEEK - ONE_DAY

    @property
    def unrealized(self) -> Decimal:
        """Gains less losses."""
        return EXACT.subtract(self.gains, self.losses)


def weeks_ahead(portfolio: Portfolio, weeks: int = WEEKS) -> tuple[Week, ...]:
    """The coming weeks, the current one first, those in which nothing turns long-term included; one pass over lots."""
    today = portfolio.tax_day
    first = today - timedelta(days=today.weekday())
    groups: dict[int, list[Lot]] = {}
    for lot in portfolio.ledger.lots:
        if lot.long_term_on > today:
            groups.setdefault((lot.long_term_on - first) // _WEEK, []).append(lot)
    return tuple(_week(portfolio, first + number * _WEEK, groups.get(number, [])) for number in range(weeks))


def _week(portfolio: Portfolio, starts_on: date, lots: list[Lot]) -> Week:
    value = gains = losses = ZERO
    losing = unknown = 0
    for lot in lots:
        quote = portfolio.quotes.get((lot.account, lot.asset))
        if quote is None:
            unknown += 1
            continue
        worth = EXACT.multiply(lot.quantity, quote.price)
        value = EXACT.add(value, worth)
        basis = lot.cost_basis
        if basis is None:
            unknown += 1
        elif worth < basis:
            # A gift's loss is measured from its value at the gift; between the two there is neither gain nor loss.
            measured = basis if lot.loss_basis is None else lot.loss_basis
            losses = EXACT.add(losses, max(ZERO, EXACT.subtract(measured, worth)))
            losing += worth < measured
        else:
            gains = EXACT.add(gains, EXACT.subtract(worth, basis))
    counts = Counter(lot.asset for lot in lots)
    assets = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    return Week(starts_on, len(lots), value, gains, losses, losing, unknown, assets)
