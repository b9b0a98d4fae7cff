"""Totals over marked lots that follow the prices: a tick touches the positions that moved, never the lots in them.

At a price the result of a position is linear in it, so units, bases and restarted holding periods are kept as sums by
position. Lots received as gifts below their giver's basis have a bend of their own (IRC 1015(a)) and are kept apart.
Every sum is exact, so that adding, taking away and moving leave no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.circumstances import PLAIN, Surroundings
from harvest_tui.core.harvest.costs import PositionSales, SaleDay, basis_of
from harvest_tui.core.harvest.marks import PlanTotals
from harvest_tui.core.harvest.tiers import tier_bands, tier_parts
from harvest_tui.core.harvest.value import HarvestValue, results_after, value_between
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import LotId

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply
_ONE = Decimal(1)


class _Sums(NamedTuple):
    """What marks bring at their prices, in US dollars; `risks` are the restarted holding period and the wait."""

    short: Decimal = ZERO
    long: Decimal = ZERO
    fees: Decimal = ZERO
    risks: Decimal = ZERO

    def moved(self, old: _Sums, new: _Sums) -> _Sums:
        """The sums with one part of them replaced."""
        return _Sums(
            _plus(self.short, _minus(new.short, old.short)),
            _plus(self.long, _minus(new.long, old.long)),
            _plus(self.fees, _minus(new.fees, old.fees)),
            _plus(self.risks, _minus(new.risks, old.risks)),
        )


_NOTHING = _Sums()


class LiveTotals(NamedTuple):
    """What selling all marks would make of the year, in US dollars.

    `short` and `long` are the year's results with them, before carryovers. `tax_before` and `tax_after` are federal and
    state tax of the year as it stands. `unpriced` marks have no price and are in no figure.
    """

    totals: PlanTotals
    short: Decimal
    long: Decimal
    tax_before: Decimal
    tax_after: Decimal
    unpriced: int


class _Marked(NamedTuple):
    """One mark, and what it adds to the sums of its position."""

    lot: Lot
    quantity: Decimal
    basis: Decimal
    term: Term
    reset_units: Decimal


class _Position:
    """The marks of one account and asset."""

    __slots__ = ("basis", "brings", "count", "gifts", "reset_units", "sales", "units")

    def __init__(self, sales: PositionSales | None) -> None:
        self.sales = sales
        """None where no price is known."""
        self.units = {Term.SHORT: ZERO, Term.LONG: ZERO}
        self.basis = {Term.SHORT: ZERO, Term.LONG: ZERO}
        self.reset_units = ZERO
        """Units, each times the part of its value that its restarted holding period costs."""
        self.gifts: dict[LotId, _Marked] = {}
        self.brings = _NOTHING
        self.count = 0

    def change(self, mark: _Marked, sign: int) -> None:
        """Adds a mark, or takes it away."""
        self.count += sign
        if mark.lot.loss_basis is not None:
            if sign > 0:
                self.gifts[mark.lot.lot_id] = mark
            else:
                del self.gifts[mark.lot.lot_id]
            return
        add = _plus if sign > 0 else _minus
        term = mark.term
        self.units[term] = add(self.units[term], mark.quantity)
        self.basis[term] = add(self.basis[term], mark.basis)
        self.reset_units = add(self.reset_units, mark.reset_units)

    def at_price(self) -> _Sums:
        """What its marks bring at the price of `sales`."""
        sales = self.sales
        if sales is None:
            return _NOTHING
        net = _times(sales.price, _minus(_ONE, sales.fee))
        short = _minus(_times(self.units[Term.SHORT], net), self.basis[Term.SHORT])
        long = _minus(_times(self.units[Term.LONG], net), self.basis[Term.LONG])
        value = _times(_plus(self.units[Term.SHORT], self.units[Term.LONG]), sales.price)
        risks = _plus(_times(self.reset_units, sales.price), _times(sales.wait, value))
        sums = _Sums(short, long, _times(sales.round_trip, value), risks)
        for gift in self.gifts.values():
            sums = _with_gift(sums, sales, gift)
        return sums


def _with_gift(sums: _Sums, sales: PositionSales, gift: _Marked) -> _Sums:
    sale = sales.sale(gift.lot, gift.quantity)
    assert sale is not None, "a mark has a basis"
    costs = sales.costs(sale)
    short, long = results_after(sums.short, sums.long, sale)
    return _Sums(short, long, _plus(sums.fees, costs.fees), _plus(sums.risks, _plus(costs.reset, costs.wait)))


class MarkedTotals:
    """Marks of lots under moving prices, for one day of sale, one bill and one set of circumstances.

    A new tax day, ledger, profile or year makes a new one. The parts of positions in the whole portfolio are those of
    `shares`, as of when it was made; they count only where coins are bought back after a wait. It holds its own state
    and is not made for several threads at once.
    """

    def __init__(
        self,
        bill: ExpectedBill,
        day: SaleDay,
        surroundings: Surroundings,
        shares: Mapping[PositionKey, Decimal] | None = None,
    ) -> None:
        self._bill, self._day = bill, day
        self._around, self._shares = surroundings, shares or {}
        self._prices: dict[PositionKey, Decimal] = {}
        self._marks: dict[LotId, _Marked] = {}
        self._positions: dict[PositionKey, _Position] = {}
        self._sums = _NOTHING
        self._unpriced = 0
        self._start = bill.this_year.start
        self._before = bill.levels(*self._start)
        self._bands = tier_bands(bill)
        self._now: LiveTotals | None = None

    @property
    def quantities(self) -> Mapping[LotId, Decimal]:
        """The units of each mark."""
        return {lot_id: mark.quantity for lot_id, mark in self._marks.items()}

    def mark(self, lot: Lot, quantity: Decimal) -> None:
        """Marks so many units of the lot, in place of those marked of it before. Its cost does not grow with the marks.

        Raises ValueError for a lot of unknown basis and for units that it has not got.
        """
        basis = basis_of(lot, quantity)
        if basis is None:
            raise ValueError(f"the basis of {lot.lot_id} is unknown")
        if not 0 < quantity <= lot.quantity:
            raise ValueError(f"there are {lot.quantity} units of {lot.lot_id} to mark")
        self.unmark(lot.lot_id)
        day = self._day
        term = Term.LONG if day.day >= lot.long_term_on else Term.SHORT
        yearly = self._around.get((lot.account, lot.asset), PLAIN).volatility.yearly
        reset = day.reset_rate(day.delayed_days(lot.long_term_on), yearly)
        made = self._marks[lot.lot_id] = _Marked(lot, quantity, basis, term, _times(reset, quantity))
        self._change(made, 1)

    def unmark(self, lot_id: LotId) -> None:
        """Takes the mark of a lot away, if there is one."""
        gone = self._marks.pop(lot_id, None)
        if gone is not None:
            self._change(gone, -1)

    def update(self, prices: Mapping[PositionKey, Decimal | None]) -> LiveTotals:
        """The totals once these positions have these prices, in US dollars a unit; None is a price no longer known."""
        for key, price in prices.items():
            if price is None:
                self._prices.pop(key, None)
            elif self._prices.get(key) == price:
                continue
            else:
                self._prices[key] = price
            position = self._positions.get(key)
            if position is not None:
                self._unpriced -= position.count if position.sales is None else 0
                position.sales = self._sales(key)
                self._unpriced += position.count if position.sales is None else 0
                self._move(position)
        return self.totals()

    def totals(self) -> LiveTotals:
        """The totals at the prices of now."""
        if self._now is None:
            self._now = self._evaluated()
        return self._now

    def on_top(self, lot: Lot, quantity: Decimal) -> HarvestValue | None:
        """What so many units of an unmarked lot are worth on top of all marks; None without a price or a basis."""
        sales = self._sales((lot.account, lot.asset))
        sale = None if sales is None else sales.sale(lot, quantity)
        if sales is None or sale is None:
            return None
        now = self.totals()
        before, after = (
            self._bill.levels(*at) for at in ((now.short, now.long), results_after(now.short, now.long, sale))
        )
        parts = tier_parts(self._bill, now.short, now.long, sale.loss, self._bands)
        return value_between(before, after, sale, sales.costs(sale), parts)

    def _sales(self, key: PositionKey) -> PositionSales | None:
        price = self._prices.get(key)
        if price is None:
            return None
        return PositionSales(
            self._day, key[0], price, self._around.get(key, PLAIN).volatility, self._shares.get(key, ZERO)
        )

    def _change(self, mark: _Marked, sign: int) -> None:
        key = mark.lot.account, mark.lot.asset
        position = self._positions.get(key)
        if position is None:
            position = self._positions[key] = _Position(self._sales(key))
        position.change(mark, sign)
        self._unpriced += sign if position.sales is None else 0
        self._move(position)

    def _move(self, position: _Position) -> None:
        """Puts what the position brings now in the place of what it brought."""
        brings = position.at_price()
        self._sums = self._sums.moved(position.brings, brings)
        position.brings = brings
        self._now = None

    def _evaluated(self) -> LiveTotals:
        sums, before = self._sums, self._before
        short, long = _plus(self._start[0], sums.short), _plus(self._start[1], sums.long)
        after = self._bill.levels(short, long)
        loss = EXACT.minus(_plus(sums.short, sums.long))
        saved_now, saved = _minus(before.now, after.now), _minus(before.expected, after.expected)
        covered = _minus(_minus(before.counted, after.counted), saved)
        totals = PlanTotals(
            loss=loss,
            saved_now=saved_now,
            saved_hoped=_minus(saved, saved_now),
            owed_later=_minus(_times(self._day.owed_per_dollar, loss), covered),
            fees=sums.fees,
            risks=sums.risks,
        )
        return LiveTotals(totals, short, long, before.now, after.now, self._unpriced)
