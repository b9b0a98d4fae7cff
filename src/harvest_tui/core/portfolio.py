"""Portfolio: the one value the screens draw. Lots are joined with quotes without touching every lot.

Sums that do not depend on a price are made once per ledger (`Positions`). A tick replaces `quotes`
only, so its cost grows with the number of positions (account and asset), never with lots or history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate

from harvest_tui.core.lots.ledger import Ledger, Lot, Mismatch, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.records import AccountId, Asset, Balance, Quote

PositionKey = tuple[AccountId, Asset]


@dataclass(frozen=True, slots=True)
class LossLadder:
    """Lots of one position and term by unit cost, dearest last, so that losses at a price are a bisection."""

    unit_costs: tuple[Decimal, ...]
    quantities: tuple[Decimal, ...]
    costs: tuple[Decimal, ...]

    def loss_at(self, price: Decimal) -> Decimal:
        """Sum of unrealized losses at `price`, zero or negative, in US dollars."""
        first = bisect_right(self.unit_costs, price)
        units, cost = self.quantities[-1], self.costs[-1]
        if first:
            units = EXACT.subtract(units, self.quantities[first - 1])
            cost = EXACT.subtract(cost, self.costs[first - 1])
        return EXACT.subtract(EXACT.multiply(units, price), cost)


@dataclass(frozen=True, slots=True)
class Position:
    """All lots of one asset in one account. `cost_basis` sums the lots whose basis is known."""

    account: AccountId
    asset: Asset
    lot_count: int
    quantity: Decimal
    known_quantity: Decimal
    cost_basis: Decimal
    short: LossLadder | None
    long: LossLadder | None


@dataclass(frozen=True, slots=True)
class LotValue:
    """One lot at the latest quote; every figure is None where it cannot be known. Money in US dollars."""

    quote: Quote | None
    unit_cost: Decimal | None
    value: Decimal | None
    unrealized: Decimal | None
    unrealized_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the portfolio in US dollars. `unpriced` positions and `unknown_basis` lots are left out of them."""

    cost_basis: Decimal = ZERO
    value: Decimal = ZERO
    unrealized: Decimal = ZERO
    harvestable_short: Decimal = ZERO
    harvestable_long: Decimal = ZERO
    unpriced: int = 0
    unknown_basis: int = 0


def _ladder(lots: list[Lot]) -> LossLadder | None:
    known = [(ROUNDED.divide(lot.cost_basis, lot.quantity), lot) for lot in lots if lot.cost_basis is not None]
    if not known:
        return None
    known.sort(key=lambda pair: pair[0])
    return LossLadder(
        unit_costs=tuple(unit for unit, _ in known),
        quantities=tuple(accumulate((lot.quantity for _, lot in known), EXACT.add)),
        costs=tuple(accumulate((lot.cost_basis or ZERO for _, lot in known), EXACT.add)),
    )


def term_on(lot: Lot, tax_day: date) -> Term:
    """The term of a sale of the lot on that tax day."""
    return Term.LONG if tax_day >= lot.long_term_on else Term.SHORT


def positions_of(ledger: Ledger, tax_day: date) -> dict[PositionKey, Position]:
    """Lots grouped by account and asset, with the price-free sums of each group."""
    grouped: dict[PositionKey, list[Lot]] = {}
    for lot in ledger.lots:
        grouped.setdefault((lot.account, lot.asset), []).append(lot)
    positions = {}
    for (account, asset), lots in grouped.items():
        quantity = known = cost = ZERO
        for lot in lots:
            quantity = EXACT.add(quantity, lot.quantity)
            if lot.cost_basis is not None:
                known = EXACT.add(known, lot.quantity)
                cost = EXACT.add(cost, lot.cost_basis)
        positions[account, asset] = Position(
            account,
            asset,
            len(lots),
            quantity,
            known,
            cost,
            _ladder([lot for lot in lots if term_on(lot, tax_day) is Term.SHORT]),
            _ladder([lot for lot in lots if term_on(lot, tax_day) is Term.LONG]),
        )
    return positions


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Lots, balances' mismatches and the latest quotes as of one instant."""

    ledger: Ledger
    positions: Mapping[PositionKey, Position]
    mismatches: tuple[Mismatch, ...]
    balances: tuple[Balance, ...]
    quotes: Mapping[PositionKey, Quote]
    as_of: datetime
    tax_day: date
    exchanges: Mapping[AccountId, str] = field(default_factory=dict)

    def with_quotes(self, quotes: Mapping[PositionKey, Quote], as_of: datetime) -> Portfolio:
        """The same lots under newer quotes."""
        return replace(self, quotes=quotes, as_of=as_of)

    def value_of(self, lot: Lot) -> LotValue:
        """The lot at the latest quote of its own position."""
        quote = self.quotes.get((lot.account, lot.asset))
        unit = None if lot.cost_basis is None else ROUNDED.divide(lot.cost_basis, lot.quantity)
        if quote is None:
            return LotValue(None, unit, None, None, None)
        value = EXACT.multiply(lot.quantity, quote.price)
        if lot.cost_basis is None:
            return LotValue(quote, None, value, None, None)
        unrealized = EXACT.subtract(value, lot.cost_basis)
        percent = ROUNDED.divide(unrealized * 100, lot.cost_basis) if lot.cost_basis else None
        return LotValue(quote, unit, value, unrealized, percent)

    def totals(self) -> Totals:
        """Sums over all positions, in time proportional to their number."""
        cost = value = unrealized = short = long = ZERO
        unpriced = unknown = 0
        for key, position in self.positions.items():
            cost = EXACT.add(cost, position.cost_basis)
            unknown += position.known_quantity != position.quantity
            quote = self.quotes.get(key)
            if quote is None:
                unpriced += 1
                continue
            value = EXACT.add(value, EXACT.multiply(position.quantity, quote.price))
            known_value = EXACT.multiply(position.known_quantity, quote.price)
            unrealized = EXACT.add(unrealized, EXACT.subtract(known_value, position.cost_basis))
            if position.short:
                short = EXACT.add(short, position.short.loss_at(quote.price))
            if position.long:
                long = EXACT.add(long, position.long.loss_at(quote.price))
        return Totals(cost, value, unrealized, short, long, unpriced, unknown)
