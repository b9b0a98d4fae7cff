"""The two clocks of a lot in dollars: the day it turns long-term, and the end of the tax year."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.costs import sale_of
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ZERO, rounded
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax_days import days_left_in_year, days_to_long_term, long_term_on, tax_day

_plus, _minus = EXACT.add, EXACT.subtract
_CENTS = 2


class Clocks(NamedTuple):
    """What time does to a sale at one price, in US dollars to the cent; taxes are this year's.

    `gain` is its result (below zero: a loss). `turning_brings` is by how much the expected tax is less once the sale is
    long-term, negative where it is more; 0 where it is already. `saved_now` is what the sale takes off this year's tax
    as it stands, negative for what it adds: that is gone after the last day of the year. `saved_next` is what the same
    sale in January would take off next year's, None where nothing was told of that year.
    """

    days_to_long: int
    long_term_on: date
    days_left: int
    gain: Decimal
    turning_brings: Decimal
    saved_now: Decimal
    saved_next: Decimal | None

    @property
    def is_long(self) -> bool:
        """Whether a sale today is long-term."""
        return self.days_to_long <= 0


def clocks_of(
    lot: Lot, quantity: Decimal, price: Decimal, bill: ExpectedBill, profile: Profile, at: datetime, zone: ZoneInfo
) -> Clocks | None:
    """Both clocks of so many units at a price of one in US dollars; None where the basis is unknown.

    A short- or long-term result is one by its own holding period (IRC 1222), whatever the price does meanwhile: the
    price is held still, so that only the clock is told.
    """
    sale = sale_of(lot, quantity, price, profile, at, zone)
    if sale is None:
        return None
    day = tax_day(at, zone)
    short, long = bill.this_year.start
    turning = ZERO
    if sale.term is Term.SHORT and sale.gain:
        as_short = bill.expected_tax(_plus(short, sale.gain), long)
        turning = _minus(as_short, bill.expected_tax(short, _plus(long, sale.gain)))
    after = (_plus(short, sale.gain), long) if sale.term is Term.SHORT else (short, _plus(long, sale.gain))
    saved = _minus(bill.tax_now(short, long), bill.tax_now(*after))
    turns_on = _turns_long(lot, sale.gain, zone)
    return Clocks(
        days_to_long=days_to_long_term(turns_on, day),
        long_term_on=turns_on,
        days_left=days_left_in_year(day),
        gain=rounded(sale.gain, _CENTS),
        turning_brings=rounded(turning, _CENTS),
        saved_now=rounded(saved, _CENTS),
        saved_next=_saved_next(bill, sale.gain, is_long=turns_on <= date(day.year + 1, 1, 1)),
    )


def _turns_long(lot: Lot, gain: Decimal, zone: ZoneInfo) -> date:
    """The day of the period that the result is judged by: a loss on a gift has its own (IRC 1015(a), 1223(2))."""
    if gain < 0 and lot.loss_acquired_at is not None:
        return long_term_on(lot.loss_acquired_at, zone)
    return lot.long_term_on


def _saved_next(bill: ExpectedBill, gain: Decimal, *, is_long: bool) -> Decimal | None:
    """The same sale in January, after a year without it; as likely as that year, and at today's worth."""
    following = bill.next_year
    if following is None:
        return None
    stay = bill.this_year.settle(*bill.this_year.start)
    short, long = following.picture.start
    after = (short, _plus(long, gain)) if is_long else (_plus(short, gain), long)
    carried = stay.carry_short, stay.carry_long
    saved = _minus(following.picture.settle(short, long, *carried).tax, following.picture.settle(*after, *carried).tax)
    return rounded(EXACT.multiply(saved, EXACT.multiply(following.probability, following.discount)), _CENTS)
