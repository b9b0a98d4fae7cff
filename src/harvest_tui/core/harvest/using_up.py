"""What a sale of so many units really consumes: the lots of a position in their order, with running sums."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.reaching import in_order
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import term_on
from harvest_tui.core.tax_days import long_term_on


class SoFar(NamedTuple):
    """A sale of whole lots up to one of them: units, and results by term in US dollars.

    `unknown` units of it have no known basis and are in no result.
    """

    units: Decimal
    short: Decimal
    long: Decimal
    unknown: Decimal

    @property
    def result(self) -> Decimal:
        """Both terms together."""
        return EXACT.add(self.short, self.long)


class UsingUp:
    """The lots of one position as sales use them up. Sums are made once; a price then costs a few steps a question.

    Raises ValueError for an order that there is not.
    """

    def __init__(self, lots: Iterable[Lot], order: str, tax_day: date, zone: ZoneInfo) -> None:
        """`lots` come by age; terms are those of a sale on `tax_day`, the taxpayer's day in `zone`."""
        if order not in {"fifo", "lifo", "hifo", "lofo"}:
            raise ValueError(f"no lot order: {order}")
        self.order = order
        self.lots = tuple(in_order(lots, order))
        self.terms = tuple(term_on(lot, tax_day) for lot in self.lots)
        self._tax_day, self._zone = tax_day, zone
        self._gifts = [number for number, lot in enumerate(self.lots) if lot.loss_basis is not None]
        self._units = self._sums([lot.quantity for lot in self.lots])
        known = [lot.cost_basis is not None and lot.loss_basis is None for lot in self.lots]
        rows = list(zip(self.lots, self.terms, known, strict=True))
        self._unknown = self._sums([lot.quantity if lot.cost_basis is None else ZERO for lot in self.lots])
        self._of_term = {
            term: (
                self._sums([lot.quantity if is_known and one is term else ZERO for lot, one, is_known in rows]),
                self._sums(
                    [(lot.cost_basis or ZERO) if is_known and one is term else ZERO for lot, one, is_known in rows]
                ),
            )
            for term in Term
        }

    def _sums(self, values: list[Decimal]) -> tuple[Decimal, ...]:
        return tuple(accumulate(values, EXACT.add))

    def so_far(self, number: int, price: Decimal | None) -> SoFar:
        """What selling the lots up to and with that one comes to at `price` in US dollars a unit, fees left out.

        Without a price results are zero and all units unknown.
        """
        units = self._units[number]
        if price is None:
            return SoFar(units, ZERO, ZERO, units)
        results = {}
        for term, (quantities, bases) in self._of_term.items():
            results[term] = EXACT.subtract(EXACT.multiply(quantities[number], price), bases[number])
        for gift in self._gifts:
            if gift <= number and (result := result_of(self.lots[gift], price)) is not None:
                term = self._term_of(gift, is_loss=result < 0)
                results[term] = EXACT.add(results[term], result)
        return SoFar(units, results[Term.SHORT], results[Term.LONG], self._unknown[number])

    def _term_of(self, number: int, *, is_loss: bool) -> Term:
        """A loss on a gift has a holding period of its own: it runs from the gift."""
        given = self.lots[number].loss_acquired_at
        if not is_loss or given is None:
            return self.terms[number]
        return Term.LONG if self._tax_day >= long_term_on(given, self._zone) else Term.SHORT


def result_of(lot: Lot, price: Decimal) -> Decimal | None:
    """What a sale of the whole lot comes to in US dollars, fees left out; None where its basis is unknown.

    A gift that was worth less than its basis has a loss only below that value, and a gain only above the basis
    (IRC 1015(a)).
    """
    if lot.cost_basis is None:
        return None
    result = EXACT.subtract(EXACT.multiply(lot.quantity, price), lot.cost_basis)
    if lot.loss_basis is None or result >= 0:
        return result
    return min(ZERO, EXACT.subtract(EXACT.multiply(lot.quantity, price), lot.loss_basis))
