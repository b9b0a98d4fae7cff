"""Portfolio: the one value the screens draw. Lots are joined with quotes without touching every lot.

Sums that do not depend on a price are made once per ledger (`Positions`). A tick replaces `quotes`
only, so its cost grows with the number of positions (account and asset), never with lots or history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Context, Decimal
from itertools import accumulate
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Ledger, Lot, Mismatch, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.records import AccountId, Asset, Balance, Quote

PositionKey = tuple[AccountId, Asset]
_ROUGH = Context(prec=12)


class Losing(NamedTuple):
    """Units and cost basis, in US dollars, of lots that lose at a price."""

    units: Decimal
    cost_basis: Decimal


class LossSeen(NamedTuple):
    """What a ladder told last: the losses at one price, and its lowest and highest unit cost, in US dollars."""

    price: Decimal
    loss: Decimal
    least: Decimal
    most: Decimal


class LossLadder:
    """The losses of one position's lots of one term at any price.

    The first answer is that of the last run, if its price still holds, or a plain sum over the lots, so that a start
    waits for no sort. From the second on lots lie by unit cost with running sums, and an answer is a bisection: a tick
    does not grow with the lots.
    """

    __slots__ = ("_costs", "_is_asked", "_lots", "_quantities", "_seen", "_unit_costs")

    def __init__(self, lots: Sequence[tuple[Decimal, Decimal]], seen: LossSeen | None = None) -> None:
        """`lots` are (quantity, cost basis in US dollars); `seen` is what `seen_at` gave for the same lots."""
        self._lots = lots
        self._seen = seen
        self._is_asked = False
        self._unit_costs: tuple[Decimal, ...] = ()
        self._quantities: tuple[Decimal, ...] = ()
        self._costs: tuple[Decimal, ...] = ()

    def loss_at(self, price: Decimal) -> Decimal:
        """Sum of unrealized losses at `price`, zero or negative, in US dollars."""
        if not self._unit_costs and not self._is_asked:
            self._is_asked = True
            if self._seen is not None and self._seen.price == price:
                return self._seen.loss
            return self._plain_sum(price)
        units, cost = self.losing_at(price)
        return EXACT.subtract(EXACT.multiply(units, price), cost)

    def losing_at(self, price: Decimal) -> Losing:
        """The lots that lose at `price`, summed: their loss is the basis less the units times the price."""
        if not self._unit_costs:
            self._sort()
        first = bisect_right(self._unit_costs, price)
        units, cost = self._quantities[-1], self._costs[-1]
        if first:
            units = EXACT.subtract(units, self._quantities[first - 1])
            cost = EXACT.subtract(cost, self._costs[first - 1])
        return Losing(units, cost)

    def unit_cost_range(self) -> tuple[Decimal, Decimal]:
        """About the lowest and the highest unit cost, good to twelve digits: to lay columns out by."""
        if self._unit_costs:
            return self._unit_costs[0], self._unit_costs[-1]
        if self._seen is not None:
            return self._seen.least, self._seen.most
        units = [_ROUGH.divide(cost, quantity) for quantity, cost in self._lots]
        return min(units), max(units)

    def seen_at(self, price: Decimal) -> LossSeen:
        """What a later run needs to tell the same at once."""
        return LossSeen(price, self.loss_at(price), *self.unit_cost_range())

    def _plain_sum(self, price: Decimal) -> Decimal:
        multiply, add, subtract, total = EXACT.multiply, EXACT.add, EXACT.subtract, ZERO
        for quantity, cost in self._lots:
            value = multiply(quantity, price)
            if value < cost:
                total = add(total, subtract(value, cost))
        return total

    def _sort(self) -> None:
        rows = sorted((ROUNDED.divide(cost, quantity), quantity, cost) for quantity, cost in self._lots)
        self._quantities = tuple(accumulate((quantity for _, quantity, _ in rows), EXACT.add))
        self._costs = tuple(accumulate((cost for _, _, cost in rows), EXACT.add))
        # Last, since it says that the others are there: the picture is kept in a thread while the screen asks.
        self._unit_costs = tuple(unit for unit, _, _ in rows)


class Position(NamedTuple):
    """All lots of one asset in one account. `cost_basis` sums the lots whose basis is known."""

    account: AccountId
    asset: Asset
    lot_count: int
    quantity: Decimal
    known_quantity: Decimal
    cost_basis: Decimal
    short: LossLadder | None
    long: LossLadder | None


class LotValue(NamedTuple):
    """One lot at the latest quote; every figure is None where it cannot be known. Money in US dollars."""

    quote: Quote | None
    unit_cost: Decimal | None
    value: Decimal | None
    unrealized: Decimal | None
    unrealized_percent: Decimal | None


class Totals(NamedTuple):
    """Sums over the portfolio in US dollars. `unpriced` positions and `unknown_basis` lots are left out of them."""

    cost_basis: Decimal = ZERO
    value: Decimal = ZERO
    unrealized: Decimal = ZERO
    harvestable_short: Decimal = ZERO
    harvestable_long: Decimal = ZERO
    unpriced: int = 0
    unknown_basis: int = 0


def term_on(lot: Lot, tax_day: date) -> Term:
    """The term of a sale of the lot on that tax day."""
    return Term.LONG if tax_day >= lot.long_term_on else Term.SHORT


def positions_of(ledger: Ledger, tax_day: date) -> dict[PositionKey, Position]:
    """Lots grouped by account and asset, with the price-free sums of each group."""
    grouped: dict[PositionKey, list[Lot]] = {}
    for lot in ledger.lots:
        key = (lot.account, lot.asset)
        if key in grouped:
            grouped[key].append(lot)
        else:
            grouped[key] = [lot]
    return {key: _position(key, lots, tax_day) for key, lots in grouped.items()}


def _position(key: PositionKey, lots: Sequence[Lot], tax_day: date) -> Position:
    add, quantity, known, cost = EXACT.add, ZERO, ZERO, ZERO
    short: list[tuple[Decimal, Decimal]] = []
    long: list[tuple[Decimal, Decimal]] = []
    for lot in lots:
        if lot.cost_basis is None:
            quantity = add(quantity, lot.quantity)
            continue
        known = add(known, lot.quantity)
        cost = add(cost, lot.cost_basis)
        # A loss on a gift is measured from the lower value (IRC 1015(a)).
        basis = lot.cost_basis if lot.loss_basis is None else lot.loss_basis
        (long if tax_day >= lot.long_term_on else short).append((lot.quantity, basis))
    ladders = (LossLadder(short) if short else None, LossLadder(long) if long else None)
    return Position(*key, len(lots), add(quantity, known), known, cost, *ladders)


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
