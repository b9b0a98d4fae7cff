"""The plan: the best set of lots for a target, what each brings, and the year's return before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill, expected_bill
from harvest_tui.core.harvest.candidates import Candidate, Setting, Skip, candidates, resized
from harvest_tui.core.harvest.choice import Choice, choose
from harvest_tui.core.harvest.circumstances import Surroundings
from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.marks import Mark, PlanTotals, marks_of, totals_of, why_not
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.harvest.untaxed import untaxed_long_gain
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FederalReturn
from harvest_tui.core.tax.year_so_far import YearSoFar
from harvest_tui.core.tax_days import days_left_in_year, tax_day

_STEP = Decimal("0.00000001")
"""A part of a lot is cut to so many units where its venue tells no step of its own."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a plan is made from: lots under quotes, the year so far, the taxpayer, and what surrounds the lots."""

    portfolio: Portfolio
    so_far: YearSoFar
    profile: Profile
    surroundings: Surroundings
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Plan:
    """What to sell for the target, and the federal return of the year without and with it.

    `is_exact` says that no other set nets more; else `gap` is the most, in US dollars, that another could bring beyond
    it. `limits` say in words what missing answers leave unclaimed.
    """

    as_of: datetime
    year: int
    target: Target
    before: FederalReturn
    after: FederalReturn
    marks: tuple[Mark, ...]
    skipped: tuple[Skip, ...]
    totals: PlanTotals
    deadline: datetime
    days_left: int
    is_exact: bool
    gap: Decimal
    limits: tuple[str, ...]


def target_of(aim: Aim, amount: Decimal, occasion: Occasion) -> Target:
    """The target with its amount filled in from the return: the deduction limit, or the top of the 0 % bracket.

    A gain is harvested up to that top, or to `amount` where that is less (IRC 1(h)(1)(B)).
    """
    inputs = occasion.so_far.inputs
    if aim is Aim.MAX_DEDUCTION:
        return Target(aim, expected_bill(occasion.profile, inputs).this_year.loss_limit)
    if aim is Aim.GAIN:
        free = untaxed_long_gain(FederalSurface(inputs), inputs.short_gain, inputs.long_gain)
        return Target(aim, min(amount, free))
    return Target(aim, amount if aim is Aim.LOSS else ZERO)


def make_plan(occasion: Occasion, target: Target) -> Plan:
    """The set of lots and parts with the largest net benefit within the target, from what can really be sold.

    What would be less than the smallest order of its venue is left out, and the rest chosen anew. Raises ValueError, in
    words, for a year without parameters.
    """
    so_far, profile = occasion.so_far, occasion.profile
    inputs = so_far.inputs
    bill = expected_bill(profile, inputs)
    setting = Setting(
        occasion.portfolio, profile, bill.rates, occasion.surroundings, occasion.zone, target.aim is Aim.GAIN
    )
    found, skipped = candidates(setting)
    choice, taken, small = _chosen(setting, found, bill, target)
    day = tax_day(occasion.portfolio.as_of, occasion.zone)
    marks, (short, long) = marks_of(taken, bill, inputs.short_gain, inputs.long_gain, profile, day)
    skipped += [*small, *_left(found, taken, small, bill, (short, long))]
    return Plan(
        as_of=occasion.portfolio.as_of,
        year=inputs.year,
        target=target,
        before=so_far.federal,
        after=federal_return(replace(inputs, short_gain=short, long_gain=long)),
        marks=marks,
        skipped=tuple(skipped),
        totals=totals_of(marks),
        deadline=datetime(inputs.year, 12, 31, 23, 59, 59, tzinfo=occasion.zone),
        days_left=days_left_in_year(day),
        is_exact=choice.is_exact,
        gap=choice.gap,
        limits=so_far.limits,
    )


def _chosen(
    setting: Setting, found: Sequence[Candidate], bill: ExpectedBill, target: Target
) -> tuple[Choice, list[Candidate], list[Skip]]:
    """The choice, its lots cut to what venues take, and the lots whose order would be too small."""
    small: list[Skip] = []
    open_to_sale = list(found)
    while True:
        options = [one.option for one in open_to_sale]
        choice = choose(options, bill, *bill.this_year.start, target)
        taken = _sized(setting, open_to_sale, choice.parts)
        refused = {key for key, group in _grouped(taken).items() if not _is_taken(group)}
        if not refused:
            return choice, taken, small
        why = "the part that would help is less than the smallest order its exchange takes"
        small += [Skip(one.lot, why) for one in open_to_sale if (one.lot.account, one.lot.asset) in refused]
        open_to_sale = [one for one in open_to_sale if (one.lot.account, one.lot.asset) not in refused]


def _grouped(taken: Iterable[Candidate]) -> dict[PositionKey, list[Candidate]]:
    groups: dict[PositionKey, list[Candidate]] = {}
    for one in taken:
        groups.setdefault((one.lot.account, one.lot.asset), []).append(one)
    return groups


def _is_taken(group: Sequence[Candidate]) -> bool:
    """Whether the venue takes one order of all of them."""
    limits = group[0].circumstances.limits
    if limits is None:
        return True
    units = value = ZERO
    for one in group:
        units, value = EXACT.add(units, one.quantity), EXACT.add(value, one.sale.value)
    return bool(units) and limits.takes(units, ROUNDED.divide(value, units))


def _sized(setting: Setting, offered: Sequence[Candidate], parts: Mapping[str, Fraction]) -> list[Candidate]:
    """The chosen lots with the units to be sold: parts cut to the venue's step, and the order of a position too."""
    sized: list[Candidate] = []
    chosen = [one for one in offered if one.lot.lot_id in parts]
    for group in _grouped(chosen).values():
        limits = group[0].circumstances.limits
        step = _STEP if limits is None or not limits.step else limits.step
        units = [_part(one, parts[one.lot.lot_id], step) for one in group]
        if limits is not None and limits.step:
            units = _to_step(group, units, limits.step)
        sized += [
            one if quantity == one.quantity else resized(setting, one, quantity)
            for one, quantity in zip(group, units, strict=True)
            if quantity > 0
        ]
    return sized


def _part(one: Candidate, part: Fraction, step: Decimal) -> Decimal:
    if part == 1:
        return one.quantity
    exact = Fraction(one.quantity) * part
    return EXACT.multiply(Decimal(int(exact / Fraction(step))), step)


def _to_step(group: Sequence[Candidate], units: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """What the order of all units has beyond whole steps is taken off the lots that lose least by it."""
    total = ZERO
    for quantity in units:
        total = EXACT.add(total, quantity)
    beyond = EXACT.subtract(total, EXACT.multiply(EXACT.divide_int(total, step), step))
    left = list(units)
    order = sorted(range(len(group)), key=lambda n: (-group[n].option.place, Fraction(-group[n].sale.gain)))
    for number in order:
        cut = min(beyond, left[number])
        left[number] = EXACT.subtract(left[number], cut)
        beyond = EXACT.subtract(beyond, cut)
    return left


def _left(
    found: Sequence[Candidate],
    taken: Sequence[Candidate],
    small: Sequence[Skip],
    bill: ExpectedBill,
    results: tuple[Decimal, Decimal],
) -> list[Skip]:
    done = {one.lot.lot_id for one in taken} | {skip.lot.lot_id for skip in small}
    slopes: dict[Term, Decimal] = {}
    return [Skip(one.lot, why_not(one, bill, *results, slopes)) for one in found if one.lot.lot_id not in done]
