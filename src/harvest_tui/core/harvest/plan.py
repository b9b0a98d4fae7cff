"""The plan: the best set of lots for a target, what each brings, and the year's return before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill, expected_bill
from harvest_tui.core.harvest.candidates import Candidate, Setting, Skip, candidates, resized
from harvest_tui.core.harvest.choice import choose
from harvest_tui.core.harvest.circumstances import Surroundings
from harvest_tui.core.harvest.leftovers import Leftovers
from harvest_tui.core.harvest.marks import Mark, PlanTotals, marks_of, totals_of
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.harvest.untaxed import taxed_later, untaxed_long_gain
from harvest_tui.core.lots.matching import without_collector
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FederalReturn, TaxInputs
from harvest_tui.core.tax.year_so_far import YearSoFar
from harvest_tui.core.tax.year_table import year_table
from harvest_tui.core.tax_days import days_left_in_year, tax_day

_CENT = Decimal("0.01")
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


class Weighed(NamedTuple):
    """The lots that could be sold for an aim, those that could not, and what they were weighed by and under."""

    bill: ExpectedBill
    setting: Setting
    found: Sequence[Candidate]
    skipped: Sequence[Skip]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to sell for the target, and the federal return of the year without and with it.

    `is_exact` says that no other set nets a cent more; else `gap` is the most, in US dollars, that another could bring
    beyond it. `limits` say in words what missing answers leave unclaimed.
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

    A gain is harvested up to that top, or to `amount` where that is less (IRC 1(h)(1)(B)). Gains are offset, and the
    deduction is filled, by losses carried in first.
    """
    inputs = occasion.so_far.inputs
    if aim is Aim.GAIN:
        return Target(aim, min(amount, untaxed_long_gain(inputs)))
    if aim in (Aim.OFFSET_GAINS, Aim.MAX_DEDUCTION):
        brought = EXACT.subtract(EXACT.add(inputs.carry_short, inputs.carry_long), inputs.collectibles_gain)
        limit = ZERO if aim is Aim.OFFSET_GAINS else year_table(inputs.year).of(inputs.status).loss_limit
        return Target(aim, limit, brought)
    return Target(aim, amount if aim is Aim.LOSS else ZERO)


def bill_for(aim: Aim, profile: Profile, inputs: TaxInputs) -> ExpectedBill:
    """The bill that lots are weighed by for an aim. Raises ValueError, in words, for a year without parameters."""
    bill = expected_bill(profile, inputs)
    return replace(bill, rates=taxed_later(bill.rates, profile)) if aim is Aim.GAIN else bill


def make_plan(occasion: Occasion, target: Target) -> Plan:
    """The set of lots and parts with the largest net benefit within the target, from what can really be sold.

    What would be less than the smallest order of its venue is left out, and the rest chosen anew. Raises ValueError, in
    words, for a year without parameters.
    """
    # A hundred thousand lots make a million values, none of them in a cycle: collecting would take half of the time.
    with without_collector():
        return plan_of(occasion, target, weigh(occasion, target.aim))


def weigh(occasion: Occasion, aim: Aim) -> Weighed:
    """Every lot of the occasion, weighed for an aim. Raises ValueError, in words, for a year without parameters."""
    profile = occasion.profile
    bill = bill_for(aim, profile, occasion.so_far.inputs)
    setting = Setting(occasion.portfolio, profile, bill.rates, occasion.surroundings, occasion.zone, aim is Aim.GAIN)
    return Weighed(bill, setting, *candidates(setting))


def plan_of(occasion: Occasion, target: Target, weighed: Weighed) -> Plan:
    """As `make_plan`, of lots weighed for the target's aim on that occasion."""
    so_far, profile = occasion.so_far, occasion.profile
    inputs = so_far.inputs
    bill, setting, found, skipped = weighed
    most, taken, small = _chosen(setting, found, bill, target)
    day = tax_day(occasion.portfolio.as_of, occasion.zone)
    marks, (short, long) = marks_of(taken, bill, inputs.short_gain, inputs.long_gain, profile, day)
    done = {mark.lot.lot_id for mark in marks} | {skip.lot.lot_id for skip in small}
    left = Leftovers(bill, short, long, target.aim).skips(found, done)
    totals = totals_of(marks)
    gap = max(ZERO, EXACT.subtract(most, totals.net))
    return Plan(
        as_of=occasion.portfolio.as_of,
        year=inputs.year,
        target=target,
        before=so_far.federal,
        after=federal_return(replace(inputs, short_gain=short, long_gain=long)),
        marks=marks,
        skipped=(*skipped, *small, *left),
        totals=totals,
        deadline=datetime(inputs.year, 12, 31, 23, 59, 59, tzinfo=occasion.zone),
        days_left=days_left_in_year(day),
        is_exact=gap < _CENT,
        gap=gap if gap >= _CENT else ZERO,
        limits=(*so_far.limits, *_footing(target.aim, profile)),
    )


def _footing(aim: Aim, profile: Profile) -> tuple[str, ...]:
    if aim is not Aim.GAIN or profile.later_rate is not None:
        return ()
    return (
        "Gains are harvested on the footing that a later sale is taxed at 15 % or more: later-rate tells it better.",
    )


def _chosen(
    setting: Setting, found: Sequence[Candidate], bill: ExpectedBill, target: Target
) -> tuple[Decimal, list[Candidate], list[Skip]]:
    """The most that any set could bring, the chosen lots as venues take them, and those whose order is too small."""
    small: list[Skip] = []
    most: Decimal | None = None
    open_to_sale = list(found)
    while True:
        options = [one.option for one in open_to_sale]
        choice = choose(options, bill, *bill.this_year.start, target)
        if most is None:
            most = EXACT.add(choice.benefit, choice.gap)
        taken = _sized(setting, open_to_sale, choice.parts)
        refused = {key for key, group in _grouped(taken).items() if not _is_taken(group)}
        if not refused:
            return most, taken, [*small, *_cut_away(open_to_sale, taken, choice.parts)]
        why = "the part that would help is less than the smallest order its exchange takes"
        small += [Skip(one.lot, why) for one in open_to_sale if (one.lot.account, one.lot.asset) in refused]
        open_to_sale = [one for one in open_to_sale if (one.lot.account, one.lot.asset) not in refused]


def _cut_away(offered: Sequence[Candidate], taken: Iterable[Candidate], parts: Mapping[str, Fraction]) -> list[Skip]:
    """Chosen lots of which nothing is left after the cut."""
    kept = {one.lot.lot_id for one in taken}
    why = "the part that would help is less than the smallest step of an order"
    return [Skip(one.lot, why) for one in offered if one.lot.lot_id in parts and one.lot.lot_id not in kept]


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
    order = sorted(range(len(group)), key=lambda n: (-group[n].option.place, group[n].sale.loss, group[n].lot.lot_id))
    for number in order:
        cut = min(beyond, left[number])
        left[number] = EXACT.subtract(left[number], cut)
        beyond = EXACT.subtract(beyond, cut)
    return left
