"""A part of a lot as a person asks for it: units, a percentage, dollars of loss, or until the saving stops."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.costs import Sale, costs_of
from harvest_tui.core.harvest.ladder import ladder
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, parse_decimal, plain, rounded
from harvest_tui.core.tax.answers import read_money
from harvest_tui.core.tax.profile import Profile
from harvest_tui.errors import InputError

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)\s?%", re.ASCII)
_STEP = Decimal("0.00000001")
MOST = "max"
HOW = "units like 0.5, half of it 50%, dollars of loss $1200, or max: until the saving stops"


class Whole(NamedTuple):
    """All units of a lot, their sale now (None where the basis or the price is unknown), and the results before it."""

    quantity: Decimal
    sale: Sale | None
    short: Decimal
    long: Decimal


def read_part(text: str, whole: Whole, bill: ExpectedBill | None, profile: Profile) -> Decimal:
    """Units of the lot that `text` asks for. Raises InputError, in words, where it asks for none that are there."""
    word = text.strip().lower()
    if percent := _PERCENT.fullmatch(word):
        return _cut(ROUNDED.multiply(whole.quantity, ROUNDED.divide(Decimal(percent[1]), Decimal(100))), whole)
    if word.startswith("$"):
        return _for_loss(read_money(word), whole)
    if word == MOST:
        return _until_the_saving_stops(whole, bill, profile)
    try:
        units = parse_decimal(word)
    except ValueError:
        raise InputError(f"not a part of a lot: {text[:40]!r}", f"write {HOW}") from None
    return _within(units, whole)


def _within(units: Decimal, whole: Whole) -> Decimal:
    if not 0 < units <= whole.quantity:
        raise InputError(f"the lot has {plain(whole.quantity)} units", "write that or less, above zero")
    return units


def _cut(units: Decimal, whole: Whole) -> Decimal:
    """Down to a step that every exchange writes."""
    return _within(EXACT.multiply(ROUNDED.divide_int(units, _STEP), _STEP), whole)


def _losing(whole: Whole) -> Sale:
    if whole.sale is None:
        raise InputError("what the lot loses is not known: its basis or its price is missing", "write units instead")
    if whole.sale.loss <= 0:
        raise InputError("the lot has no loss at this price", "write units instead")
    return whole.sale


def _for_loss(dollars: Decimal, whole: Whole) -> Decimal:
    sale = _losing(whole)
    if dollars <= 0:
        raise InputError("no loss is asked for", "write dollars above zero, for example $1200")
    if dollars > sale.loss:
        raise InputError(f"all of the lot loses {plain(rounded(sale.loss, 2))} dollars", "write that or less")
    return _cut(ROUNDED.divide(ROUNDED.multiply(whole.quantity, dollars), sale.loss), whole)


def _until_the_saving_stops(whole: Whole, bill: ExpectedBill | None, profile: Profile) -> Decimal:
    """The part with the largest net benefit on top of what is marked: it ends where the tax bends, or takes all."""
    sale = _losing(whole)
    if bill is None:
        raise InputError("the lots are not weighed yet", "press the key again in a moment")
    cost = costs_of(sale, profile, bill.rates).total
    before = bill.at(whole.short, whole.long)
    ends = [step.from_loss for step in ladder(bill, whole.short, whole.long, sale.term)]
    best, best_loss = ZERO, ZERO
    for loss in [*(end for end in ends if 0 < end < sale.loss), sale.loss]:
        after = _moved(whole, sale.term, loss)
        share = ROUNDED.divide(ROUNDED.multiply(cost, loss), sale.loss)
        net = ROUNDED.subtract(EXACT.subtract(before, bill.at(*after)), share)
        if net > best:
            best, best_loss = net, loss
    if not best_loss:
        raise InputError("a further loss saves less than it costs", "mark it in units if you want it all the same")
    return whole.quantity if best_loss == sale.loss else _for_loss(best_loss, whole)


def _moved(whole: Whole, term: Term, loss: Decimal) -> tuple[Decimal, Decimal]:
    if term is Term.SHORT:
        return EXACT.subtract(whole.short, loss), whole.long
    return whole.short, EXACT.subtract(whole.long, loss)
