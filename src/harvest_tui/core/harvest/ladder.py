"""The marginal ladder: the steps at which the next dollar of loss is worth less, down to nothing this year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.surface import Edge
from harvest_tui.core.harvest.tiers import Tier, tier_bands
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded

_plus, _minus = EXACT.add, EXACT.subtract
_THIRD_PLACES, _CENTS = 8, 2


class LadderStep(NamedTuple):
    """Losses from `from_loss` to `to_loss` dollars (None: without end), beyond the year's results so far.

    `saved_per_dollar` is this year's tax as it stands, `expected_per_dollar` counts planned gains and next year by
    their probability; both as parts of one. `offsets` says what such a dollar meets.
    """

    from_loss: Decimal
    to_loss: Decimal | None
    saved_per_dollar: Decimal
    expected_per_dollar: Decimal
    offsets: str

    @property
    def saved(self) -> Decimal | None:
        """What the whole step saves this year in US dollars; None for one without end."""
        if self.to_loss is None:
            return None
        return EXACT.multiply(self.saved_per_dollar, _minus(self.to_loss, self.from_loss))


def ladder(bill: ExpectedBill, short: Decimal, long: Decimal, term: Term) -> tuple[LadderStep, ...]:
    """The steps for further losses of one term, given the year's results so far; the last has no end.

    Exact where the tax bends at whole cents, else the bends are shown to the cent.
    """
    marks = [ZERO, *_marks(bill, short, long, term)]
    steps: list[LadderStep] = []
    for number, start in enumerate(marks):
        end = marks[number + 1] if number + 1 < len(marks) else None
        step = _step(bill, short, long, term, start, end)
        if steps and steps[-1][2:] == step[2:]:
            steps[-1] = steps[-1]._replace(to_loss=step.to_loss)
        else:
            steps.append(step)
    return tuple(steps)


def _marks(bill: ExpectedBill, short: Decimal, long: Decimal, term: Term) -> list[Decimal]:
    """The losses at which something may change, rising, to the cent."""
    net = _plus(*bill.this_year.net(short, long))
    found = {_minus(net, floor) for _, _, floor in tier_bands(bill) if floor is not None}
    found |= set(_crossings(_all_edges(bill), short, long, term))
    return sorted({rounded(mark, _CENTS) for mark in found if mark > 0} - {ZERO})


def _all_edges(bill: ExpectedBill) -> Iterator[Edge]:
    yield from bill.this_year.tax_edges()
    yield from bill.edges()


def _crossings(edges: Iterable[Edge], short: Decimal, long: Decimal, term: Term) -> Iterator[Decimal]:
    for a, b, at in edges:
        along = a if term is Term.SHORT else b
        if along:
            here = _plus(EXACT.multiply(Decimal(a), short), EXACT.multiply(Decimal(b), long))
            yield ROUNDED.divide(_minus(here, at), Decimal(along))


def _step(
    bill: ExpectedBill, short: Decimal, long: Decimal, term: Term, start: Decimal, end: Decimal | None
) -> LadderStep:
    """One step, its slope taken between two points within it."""
    width = Decimal(3) if end is None else _minus(end, start)
    third = rounded(ROUNDED.divide(width, Decimal(3)), _THIRD_PLACES)
    first, second = _plus(start, third), _plus(start, _plus(third, third))
    near, far = _moved(short, long, term, first), _moved(short, long, term, second)
    now = _minus(bill.tax_now(*near), bill.tax_now(*far))
    expected = _minus(bill.expected_tax(*near), bill.expected_tax(*far))
    now, expected = (
        rounded(ROUNDED.divide(amount, third), _THIRD_PLACES).normalize(EXACT) for amount in (now, expected)
    )
    return LadderStep(start, end, now, expected, _offsets(bill, near, far, term, now))


def _moved(short: Decimal, long: Decimal, term: Term, loss: Decimal) -> tuple[Decimal, Decimal]:
    return (_minus(short, loss), long) if term is Term.SHORT else (short, _minus(long, loss))


def _offsets(
    bill: ExpectedBill, near: tuple[Decimal, Decimal], far: tuple[Decimal, Decimal], term: Term, saved: Decimal
) -> str:
    net_short, net_long = bill.this_year.net(*far)
    tier = _tier_at(bill, _plus(*bill.this_year.net(*near)))
    if tier is Tier.GAINS:
        own = net_short if term is Term.SHORT else net_long
        is_own = own >= 0
        word = "short-term" if (term is Term.SHORT) == is_own else "long-term"
        return f"{word} gains of this year" + ("" if saved else ", which are not taxed: it saves nothing")
    if tier is Tier.DEDUCTION:
        return "other income, up to the yearly limit" + ("" if saved else ": no taxed income is left, it saves nothing")
    words = {
        Tier.PLANNED: "gains planned this year, if they come",
        Tier.NEXT_YEAR: "nothing this year; what is expected next year",
    }
    return words.get(tier, "nothing this year: it is carried forward")


def _tier_at(bill: ExpectedBill, net: Decimal) -> Tier:
    for tier, _, floor in tier_bands(bill):
        if floor is None or net > floor:
            return tier
    return Tier.CARRIED
