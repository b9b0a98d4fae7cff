"""What a position's losses are worth at most, by position: so cheap that it can be asked at every price."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.costs import Sale, costs_of
from harvest_tui.core.harvest.ladder import ladder
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax.profile import Profile

_plus, _minus = EXACT.add, EXACT.subtract
_CENTS = 2


class Worth(NamedTuple):
    """The net benefit in US dollars to the cent, and the dollars of loss that bring it."""

    net: Decimal
    loss: Decimal


NOTHING = Worth(ZERO, ZERO)
_REMEMBERED = 4096
"""Answers kept: most prices stay from one look to the next."""


class LossWorth:
    """The worth of further losses on top of one year's results; the steps of the bill are asked once.

    The bill bends at few points, and between them every dollar of loss is worth the same. So the best part of a
    position's losses ends at such a point, or is all of them.
    """

    def __init__(self, bill: ExpectedBill, profile: Profile) -> None:
        self._bill = bill
        self._profile = profile
        self._start = bill.this_year.start
        self._before = bill.at(*self._start)
        self._bends: dict[Term, tuple[tuple[Decimal, Decimal], ...]] = {}
        self._asked: dict[tuple[Sale, ...], Worth] = {}

    def of(self, sales: Sequence[Sale]) -> Worth:
        """The best of the sales of one position, at most one of each term: one of them or a part of it, or both whole.

        A part bears its share of the costs; nothing is worth less than not selling.
        """
        losing = tuple(sale for sale in sales if sale.loss > 0)
        if losing not in self._asked:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[losing] = self._best(losing)
        return self._asked[losing]

    def _best(self, losing: Sequence[Sale]) -> Worth:
        found = [NOTHING, *(self._best_part(sale) for sale in losing)]
        if len(losing) > 1:
            found.append(self._all_of(losing))
        return max(found)

    def lost_by_turning_long(self, loss: Decimal) -> Decimal:
        """What so many dollars of short-term loss save less once they are long-term; never below zero."""
        short, long = self._start
        as_short = self._bill.expected_tax(_minus(short, loss), long)
        as_long = self._bill.expected_tax(short, _minus(long, loss))
        return max(ZERO, rounded(_minus(as_long, as_short), _CENTS))

    def _saved(self, term: Term, loss: Decimal) -> Decimal:
        short, long = self._start
        after = (_minus(short, loss), long) if term is Term.SHORT else (short, _minus(long, loss))
        return _minus(self._before, self._bill.at(*after))

    def _best_part(self, sale: Sale) -> Worth:
        cost = costs_of(sale, self._profile, self._bill.rates).total
        best = Worth(rounded(_minus(self._saved(sale.term, sale.loss), cost), _CENTS), sale.loss)
        for loss, saved in self._bends_of(sale.term):
            if loss >= sale.loss:
                break
            share = ROUNDED.divide(ROUNDED.multiply(cost, loss), sale.loss)
            best = max(best, Worth(rounded(ROUNDED.subtract(saved, share), _CENTS), loss))
        return best

    def _all_of(self, sales: Sequence[Sale]) -> Worth:
        (short, long), cost, loss = self._start, ZERO, ZERO
        for sale in sales:
            cost = _plus(cost, costs_of(sale, self._profile, self._bill.rates).total)
            loss = _plus(loss, sale.loss)
            if sale.term is Term.SHORT:
                short = _minus(short, sale.loss)
            else:
                long = _minus(long, sale.loss)
        saved = _minus(self._before, self._bill.at(short, long))
        return Worth(rounded(_minus(saved, cost), _CENTS), loss)

    def _bends_of(self, term: Term) -> tuple[tuple[Decimal, Decimal], ...]:
        """(dollars of loss, what they save) where the next dollar is worth something else."""
        if term not in self._bends:
            steps = ladder(self._bill, *self._start, term)
            losses = [step.from_loss for step in steps if step.from_loss > 0]
            self._bends[term] = tuple((loss, self._saved(term, loss)) for loss in losses)
        return self._bends[term]
