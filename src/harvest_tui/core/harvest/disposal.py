"""A disposal for good: of a token that is one of its kind, or of a coin that no market prices. Nothing is bought back.

Holding something worthless is no loss; only a sale or exchange is (IRC 1001, 165; CCA 202302011). So nothing of this is
counted anywhere before there is a buyer: the figures are what a disposal at a stated price would do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ZERO, rounded
from harvest_tui.core.portfolio import term_on
from harvest_tui.core.tax_days import long_term_on, tax_day

_plus, _minus = EXACT.add, EXACT.subtract
_CENTS = 2
CHECKLIST = (
    ("The buyer is unrelated", "no spouse, family or own company: such losses are denied (IRC 267, 707(b))"),
    ("It leaves your addresses", "a burn address or one of your own is no buyer: there is no sale"),
    ("There is no way back", "no right, promise or plan to get it again: else it may be no sale at all"),
    ("The evidence is kept", "transaction id, the buyer, the price and the fee, with the day in your zone"),
)
"""What makes a sale of something worthless hold, and why."""


class Offer(NamedTuple):
    """What a buyer pays for the whole lot and what the disposal costs (gas, fees), in US dollars.

    `cost` is None where nobody told it: then it counts as none, and that is said.
    """

    price: Decimal = ZERO
    cost: Decimal | None = None


NO_OFFER = Offer()


class Disposed(NamedTuple):
    """A whole lot disposed of at an offer. `gain` in US dollars after the cost, a loss negative."""

    gain: Decimal
    term: Term


class DisposalWorth(NamedTuple):
    """What disposals together would do, in US dollars: `loss` positive, `saved_now` tax of this year as it stands,
    `saved_hoped` what planned gains and next year add by their probability. `received` is the price less the cost."""

    loss: Decimal
    saved_now: Decimal
    saved_hoped: Decimal
    received: Decimal
    cost: Decimal

    @property
    def net(self) -> Decimal:
        """What one has more than by keeping it: tax saved and the money received, costs taken off."""
        return _plus(_plus(self.saved_now, self.saved_hoped), self.received)


def disposed(lot: Lot, offer: Offer, at: datetime, zone: ZoneInfo) -> Disposed | None:
    """The whole lot at the offer; None where its basis is unknown.

    The cost of selling is taken off what is realized (Reg. 1.1001-7). A gift loses only from its lower value on, and
    its period then runs from the gift (IRC 1015(a)).
    """
    if lot.cost_basis is None:
        return None
    day: date = tax_day(at, zone)
    proceeds = _minus(offer.price, offer.cost or ZERO)
    gain, term = _minus(proceeds, lot.cost_basis), term_on(lot, day)
    if lot.loss_basis is not None and gain < 0:
        gain = min(ZERO, _minus(proceeds, lot.loss_basis))
        if gain and lot.loss_acquired_at is not None:
            term = Term.LONG if day >= long_term_on(lot.loss_acquired_at, zone) else Term.SHORT
    return Disposed(gain, term)


def worth_of(bill: ExpectedBill, sales: Iterable[tuple[Disposed, Offer]]) -> DisposalWorth:
    """What these disposals together do on top of the year so far: the whole return with and without them.

    What is only carried beyond next year counts as nothing, for no coin is bought back whose later gain it could meet.
    """
    short, long = bill.this_year.start
    before = bill.levels(short, long)
    loss = received = cost = ZERO
    for sale, offer in sales:
        loss = _minus(loss, sale.gain)
        cost = _plus(cost, offer.cost or ZERO)
        received = _plus(received, _minus(offer.price, offer.cost or ZERO))
        if sale.term is Term.SHORT:
            short = _plus(short, sale.gain)
        else:
            long = _plus(long, sale.gain)
    after = bill.levels(short, long)
    now, expected = _minus(before.now, after.now), _minus(before.expected, after.expected)
    hoped = _minus(expected, now)
    return DisposalWorth(loss, rounded(now, _CENTS), rounded(hoped, _CENTS), received, cost)
