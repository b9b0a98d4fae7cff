"""Deferral told honestly: what the coins bought back owe later, and when a rise eats the saving."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.costs import Sale, delayed_days
from harvest_tui.core.harvest.later import LaterRates
from harvest_tui.core.harvest.year_picture import YearPicture
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax_days import first_long_term_day

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply
_ONE = Decimal(1)
_PLACES = 6


class Rebought(NamedTuple):
    """The lot that takes the place of a harvested one, if it is bought back at the same price. US dollars.

    `gain_added` is by how much a later sale has more gain, or less loss, than the old lot would have had.
    `rise_while_out` is the rise before buying back that eats the net saving; `rise_if_sold_early` the rise after which
    a sale within the first year costs more than the harvest saved, None where the term makes no difference. Both are
    parts of one.
    """

    bought_on: date
    cost_basis: Decimal
    long_term_on: date
    delayed_days: int
    gain_added: Decimal
    rise_while_out: Decimal | None
    rise_if_sold_early: Decimal | None

    def gain_at(self, value: Decimal) -> Decimal:
        """The gain of selling it later for so many dollars."""
        return _minus(value, self.cost_basis)


def rebought(sale: Sale, long_from: date, day: date, wait_days: int, saved: Decimal, rates: LaterRates) -> Rebought:
    """The lot bought back for the value of the sale, its fee in the basis, after so many days.

    `long_from` is the first long-term day of the old lot and `saved` what the harvest saves this year, in US dollars.
    """
    bought_on = day + timedelta(days=wait_days)
    basis = _times(sale.value, _plus(_ONE, sale.fee))
    left = _minus(saved, _times(sale.round_trip, sale.value))
    out = rounded(ROUNDED.divide(left, sale.value), _PLACES) if sale.value else None
    return Rebought(
        bought_on=bought_on,
        cost_basis=basis,
        long_term_on=first_long_term_day(bought_on),
        delayed_days=delayed_days(long_from, day, wait_days),
        gain_added=_minus(sale.basis, basis),
        rise_while_out=out,
        rise_if_sold_early=_early_rise(sale, basis, left, rates),
    )


def kept_if_sold_early(sale: Sale, basis: Decimal, left: Decimal, rates: LaterRates, value: Decimal) -> Decimal:
    """What is left of the harvest if the new lot is sold for `value` while it is short-term, in US dollars.

    `left` is the saving after fees, `basis` that of the new lot. The old lot would have been sold then at the rate of
    its own term.
    """
    old_rate = rates.long if sale.term is Term.LONG else rates.short
    with_harvest = _times(rates.short, _minus(value, basis))
    without = _times(old_rate, _minus(value, sale.basis))
    return _minus(left, _minus(with_harvest, without))


def _early_rise(sale: Sale, basis: Decimal, left: Decimal, rates: LaterRates) -> Decimal | None:
    """Where `kept_if_sold_early` is nothing; it falls in a straight line as the price rises."""
    old_rate = rates.long if sale.term is Term.LONG else rates.short
    gap = _times(_minus(rates.short, old_rate), sale.value)
    if gap <= 0:
        return None
    at_value = kept_if_sold_early(sale, basis, left, rates, sale.value)
    return max(ZERO, rounded(ROUNDED.divide(at_value, gap), _PLACES))


def cost_if_regained(picture: YearPicture, loss: Decimal) -> Decimal:
    """The tax if the loss is regained and sold within a year of buying back, in that year's picture. US dollars.

    A long-term lot restarts as a short-term one: what its loss saved at long-term rates comes back at rates of wages.
    """
    short, long = picture.start
    return _minus(picture.settle(_plus(short, loss), long).tax, picture.settle(short, long).tax)
