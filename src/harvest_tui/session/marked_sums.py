"""What the marked lots come to: kept while prices move and marks come and go, so that a key costs what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.harvest.costs import SaleDay
from harvest_tui.core.harvest.live_totals import LiveTotals, MarkedTotals
from harvest_tui.core.harvest.marks import PlanTotals
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.taxpayer import FederalReturn

if TYPE_CHECKING:
    from harvest_tui.core.harvest.bill import ExpectedBill
    from harvest_tui.core.harvest.plan import Occasion
    from harvest_tui.core.identification.marks import MarkedLot
    from harvest_tui.core.portfolio import Portfolio, PositionKey
    from harvest_tui.core.records import LotId, Quote


class MarkedSum(NamedTuple):
    """Marked lots sold together on top of the year so far: the return after, what it brings, and losses by term.

    `left_out` are marks in none of these figures: no basis, no price, or nothing left of the lot. US dollars.
    """

    after: FederalReturn
    totals: PlanTotals
    losses: Mapping[Term, Decimal]
    left_out: int = 0


class MarkedSums:
    """The sums under one occasion and bill; a change of lots, day or taxpayer makes new ones."""

    def __init__(self, occasion: Occasion, bill: ExpectedBill) -> None:
        self._occasion = occasion
        self._bill = bill
        day = SaleDay(occasion.profile, bill.rates, occasion.portfolio.as_of, occasion.zone)
        self._totals = MarkedTotals(bill, day, occasion.surroundings, _shares(occasion.portfolio))
        self._lots: dict[LotId, tuple[Lot, Decimal]] = {}
        self._taken: Sequence[MarkedLot] | None = None
        self._quotes: Mapping[PositionKey, Quote] = {}
        self._unknown = 0
        self._sum: tuple[LiveTotals, int, MarkedSum] | None = None

    def of(self, marked: Sequence[MarkedLot], quotes: Mapping[PositionKey, Quote]) -> MarkedSum:
        """The sum at these quotes; what is as it was costs nothing."""
        self._reprice(quotes)
        if marked is not self._taken:
            self._take(marked)
        live = self._totals.totals()
        if self._sum is None or self._sum[0] is not live or self._sum[1] != self._unknown:
            self._sum = live, self._unknown, self._summed(live)
        return self._sum[2]

    def results_without(self, lot_id: LotId) -> tuple[Decimal, Decimal]:
        """The year's short- and long-term results with all marked lots sold but this one."""
        held = self._lots.get(lot_id)
        if held is None:
            live = self._totals.totals()
            return live.short, live.long
        self._totals.unmark(lot_id)
        live = self._totals.totals()
        self._totals.mark(*held)
        return live.short, live.long

    def _take(self, marked: Sequence[MarkedLot]) -> None:
        """Only what differs from the marks before is touched."""
        wanted: dict[LotId, tuple[Lot, Decimal]] = {}
        for one in marked:
            if one.lot is not None and one.quantity and one.lot.cost_basis is not None:
                wanted[one.lot.lot_id] = one.lot, one.quantity
        for lot_id in [lot_id for lot_id in self._lots if lot_id not in wanted]:
            self._totals.unmark(lot_id)
        for lot_id, mark in wanted.items():
            if self._lots.get(lot_id) != mark:
                self._totals.mark(*mark)
        self._lots, self._taken = wanted, marked
        self._unknown = len(marked) - len(wanted)

    def _reprice(self, quotes: Mapping[PositionKey, Quote]) -> None:
        if quotes is self._quotes:
            return
        old, self._quotes = self._quotes, quotes
        moved = {key: quote.price for key, quote in quotes.items() if old.get(key) is not quote}
        gone = dict.fromkeys(key for key in old if key not in quotes)
        self._totals.update({**moved, **gone})

    def _summed(self, live: LiveTotals) -> MarkedSum:
        inputs = self._occasion.so_far.inputs
        short, long = self._bill.this_year.start
        losses = {Term.SHORT: EXACT.subtract(short, live.short), Term.LONG: EXACT.subtract(long, live.long)}
        after = federal_return(replace(inputs, short_gain=live.short, long_gain=live.long))
        return MarkedSum(after, live.totals, losses, self._unknown + live.unpriced)


def _shares(portfolio: Portfolio) -> dict[PositionKey, Decimal]:
    """Each position's part of the value of all, to four digits, as plans have it."""
    values = {
        key: EXACT.multiply(position.quantity, quote.price)
        for key, position in portfolio.positions.items()
        if (quote := portfolio.quotes.get(key)) is not None
    }
    whole = ZERO
    for value in values.values():
        whole = EXACT.add(whole, value)
    return {key: rounded(ROUNDED.divide(value, whole), 4) for key, value in values.items()} if whole else {}
