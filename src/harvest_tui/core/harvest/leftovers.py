"""Why lots that could be sold are left: what one more dollar would still do after everything that was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Set
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.candidates import Candidate, Skip
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ZERO, rounded
from harvest_tui.core.records import LotId

_ONE, _HUNDRED = Decimal(1), Decimal(100)
_ONLY_CARRIED = "enough: a further loss would save nothing this year, it would only be carried forward"


class _NextDollar(NamedTuple):
    """What a further dollar of loss of one term saves: this year and as far as told, and with all that is counted."""

    expected: Decimal
    counted: Decimal


class Leftovers:
    """Reasons, given the year's results with everything that was chosen, in US dollars."""

    def __init__(self, bill: ExpectedBill, short: Decimal, long: Decimal, aim: Aim) -> None:
        self._aim = aim
        here = bill.levels(short, long)
        self._next: dict[Term, _NextDollar] = {}
        for term in Term:
            less = (EXACT.subtract(short, _ONE), long) if term is Term.SHORT else (short, EXACT.subtract(long, _ONE))
            there = bill.levels(*less)
            self._next[term] = _NextDollar(
                EXACT.subtract(here.expected, there.expected), EXACT.subtract(here.counted, there.counted)
            )
        self._taxes_gain = bill.tax_now(short, EXACT.add(long, _ONE)) > here.now
        self._enough = _enough(bill, EXACT.add(*bill.this_year.net(short, long)))

    def skips(self, found: Iterable[Candidate], done: Set[LotId]) -> list[Skip]:
        """A skip for each candidate that is not among `done`, by lot id."""
        behind: set[str] = set()
        skips = []
        for one in sorted(found, key=lambda one: (one.option.chain, one.option.place)):
            chain = one.option.chain
            if one.lot.lot_id not in done:
                skips.append(Skip(one.lot, self._why(one, chain in behind)))
                if chain:
                    behind.add(chain)
        return skips

    def _why(self, one: Candidate, is_behind: bool) -> str:
        gain = one.sale.gain
        if is_behind:
            return "its venue would first sell the lots before it, and that does not pay"
        if gain >= 0 and one.option.chain:
            return "its venue would sell it before the losses behind it, which do not make up for that"
        if gain >= 0:
            return self._why_no_gain(one)
        next_dollar = self._next[one.sale.term]
        if next_dollar.expected <= 0:
            return self._enough
        if one.option.cost >= EXACT.multiply(next_dollar.counted, one.sale.loss):
            cents = rounded(EXACT.multiply(next_dollar.expected, _HUNDRED), 1)
            if not cents:
                # The chosen part of a lot is cut to a step of units, which leaves room for less than a cent.
                return _ONLY_CARRIED
            return f"costs more, tax later included, than the {cents} cents that a dollar of its loss would still save"
        if self._aim is Aim.BEST:
            return "other lots bring more"
        return "not needed: other lots reach the target at less cost"

    def _why_no_gain(self, one: Candidate) -> str:
        if self._taxes_gain:
            return "beyond the 0 % bracket: a further gain would be taxed"
        if one.option.cost >= 0:
            return "costs more than the higher basis is expected to save"
        return "not needed: other lots reach the target at less cost"


def _enough(bill: ExpectedBill, net: Decimal) -> str:
    """What is said of a loss that would save nothing."""
    if net > ZERO:
        return "enough: the gains that are left are not taxed, a further loss would save nothing"
    if net > EXACT.minus(bill.this_year.loss_limit):
        return "enough: no taxed income is left that a further loss could be deducted from"
    return _ONLY_CARRIED
