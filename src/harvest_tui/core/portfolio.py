"""Portfolio: the one value the screens draw. Lots are joined with quotes without touching every lot.

Sums that do not depend on a price are made once per ledger (`Positions`). A tick replaces `quotes`
only, so its cost grows with the number of positions (account and asset), never with lots or history.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Context, Decimal
from typing import NamedTuple

from harvest_tui.core.lots.ledger import Ledger, Lot, Mismatch, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.records import AccountId, Asset, Balance, Quote

PositionKey = tuple[AccountId, Asset]
_ROUGH = Context(prec=12)
STEP = 4
"""At every so many lots of a ladder a running sum is kept: at each one they would be half of a large home's memory."""


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
    waits for no sort. From the second on lots lie by unit cost with a running sum at every few of them, and an answer
    is a bisection: a tick does not grow with the lots. Figures are exact; binary fractions only say where to look.
    """

    __slots__ = ("_costs", "_is_asked", "_lots", "_quantities", "_seen", "_sums", "_unit_costs")

    def __init__(self, lots: Sequence[tuple[Decimal, Decimal]], seen: LossSeen | None = None) -> None:
        """`lots` are (quantity, cost basis in US dollars); `seen` is what `seen_at` gave for the same lots."""
        self._lots = lots
        self._seen = seen
        self._is_asked = False
        self._unit_costs: array[float] | None = None
        self._quantities: tuple[Decimal, ...] = ()
        self._costs: tuple[Decimal, ...] = ()
        self._sums: tuple[Losing, ...] = ()

    def loss_at(self, price: Decimal) -> Decimal:
        """Sum of unrealized losses at `price`, zero or negative, in US dollars."""
        lots = self._lots
        if self._unit_costs is None and not self._is_asked:
            self._is_asked = True
            if self._seen is not None and self._seen.price == price:
                return self._seen.loss
            return _plain_sum(lots, price)
        units, cost = self.losing_at(price)
        return EXACT.subtract(EXACT.multiply(units, price), cost)

    def losing_at(self, price: Decimal) -> Losing:
        """The lots that lose at `price`, summed: their loss is the basis less the units times the price."""
        first = self._first_above(price, self._sorted())
        add, quantities, costs = EXACT.add, self._quantities, self._costs
        step = -(-first // STEP)
        units, cost = self._sums[step]
        for place in range(first, min(step * STEP, len(costs))):
            units, cost = add(units, quantities[place]), add(cost, costs[place])
        return Losing(units, cost)

    def unit_cost_range(self) -> tuple[Decimal, Decimal]:
        """About the lowest and the highest unit cost, good to twelve digits: to lay columns out by."""
        lots = self._lots
        if self._unit_costs is not None:
            return self._unit_cost(0), self._unit_cost(-1)
        if self._seen is not None:
            return self._seen.least, self._seen.most
        units = [_ROUGH.divide(cost, quantity) for quantity, cost in lots]
        return min(units), max(units)

    def seen_at(self, price: Decimal) -> LossSeen:
        """What a later run needs to tell the same at once."""
        return LossSeen(price, self.loss_at(price), *self.unit_cost_range())

    def _unit_cost(self, place: int) -> Decimal:
        return ROUNDED.divide(self._costs[place], self._quantities[place])

    def _first_above(self, price: Decimal, unit_costs: array[float]) -> int:
        """The place of the first lot whose unit cost is above the price."""
        rough = float(price)
        last = bisect_right(unit_costs, rough)
        if not last or unit_costs[last - 1] != rough:
            return last
        # Different figures may have one binary fraction: among those the exact ones decide.
        first = bisect_left(unit_costs, rough, hi=last)
        return bisect_right(range(last), price, lo=first, key=self._unit_cost)

    def _sorted(self) -> array[float]:
        lots, made = self._lots, self._unit_costs
        if made is not None:
            return made
        rows = sorted((ROUNDED.divide(cost, quantity), quantity, cost) for quantity, cost in lots)
        self._quantities = tuple(quantity for _, quantity, _ in rows)
        self._costs = tuple(cost for _, _, cost in rows)
        self._sums = _sums_to_the_end(self._quantities, self._costs)
        # In this order, since it says that the others are there: the picture is kept in a thread while the screen asks.
        self._unit_costs = made = array("d", [float(unit) for unit, _, _ in rows])
        self._lots = ()
        return made


def _plain_sum(lots: Iterable[tuple[Decimal, Decimal]], price: Decimal) -> Decimal:
    multiply, add, subtract, total = EXACT.multiply, EXACT.add, EXACT.subtract, ZERO
    for quantity, cost in lots:
        value = multiply(quantity, price)
        if value < cost:
            total = add(total, subtract(value, cost))
    return total


def _sums_to_the_end(quantities: Sequence[Decimal], costs: Sequence[Decimal]) -> tuple[Losing, ...]:
    """The sums of all from each `STEP`th place on, that behind the last one included."""
    add, units, cost = EXACT.add, ZERO, ZERO
    sums = [Losing(units, cost)]
    for place in range(len(costs) - 1, -1, -1):
        units, cost = add(units, quantities[place]), add(cost, costs[place])
        if not place % STEP:
            sums.append(Losing(units, cost))
    return tuple(reversed(sums))


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
