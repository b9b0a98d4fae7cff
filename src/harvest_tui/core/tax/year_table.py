"""The parameters of a tax year, from `us_federal.json`: brackets, thresholds, deductions. US dollars.

Every figure there names its revenue procedure; 2027 is an estimate until the IRS publishes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.digital_assets import DigitalAssetRules, rules_from
from harvest_tui.core.tax.taxpayer import FilingStatus


class Bracket(NamedTuple):
    """What lies above `over` is taxed at `rate`, up to the next bracket; `tax_below` is the tax on `over` itself."""

    over: Decimal
    rate: Decimal
    tax_below: Decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rate schedule; brackets with the highest first, as they are looked up."""

    highest_first: tuple[Bracket, ...]

    @staticmethod
    def of(steps: tuple[tuple[Decimal, Decimal], ...]) -> Schedule:
        """The schedule of (over, rate) steps, lowest first."""
        brackets: list[Bracket] = []
        for over, rate in steps:
            below = ZERO
            if brackets:
                last = brackets[-1]
                below = EXACT.fma(last.rate, EXACT.subtract(over, last.over), last.tax_below)
            brackets.append(Bracket(over, rate, below))
        return Schedule(tuple(reversed(brackets)))

    def tax(self, amount: Decimal) -> Decimal:
        """The tax on an amount, nothing on one below the lowest step. Exact, unrounded."""
        for over, rate, below in self.highest_first:
            if amount > over:
                return EXACT.fma(rate, EXACT.subtract(amount, over), below)
        return ZERO


@dataclass(frozen=True, slots=True)
class MinimumTaxFigures:
    """Parameters of the alternative minimum tax (IRC 55).

    `lowest_exemption` is zero, or for married filing separately the exemption itself as a negative: IRC 55(d)(3)
    adds to income what a joint return would have lost.
    """

    exemption: Decimal
    lowest_exemption: Decimal
    phaseout_start: Decimal
    phaseout_rate: Decimal
    rate_28_over: Decimal
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class StatusFigures:
    """The parameters of one filing status.

    `collectibles_over` is where ordinary rates pass the ceiling of 28 %; `preferential` holds the 0, 15 and 20 %
    of long-term gain, stacked on ordinary income (thresholds are taxable income).
    """

    ordinary: Schedule
    preferential: Schedule
    zero_rate_max: Decimal
    fifteen_rate_max: Decimal
    collectibles_rate: Decimal
    collectibles_over: Decimal
    standard_deduction: Decimal
    loss_limit: Decimal
    investment_tax_rate: Decimal
    investment_tax_over: Decimal
    minimum: MinimumTaxFigures


@dataclass(frozen=True, slots=True)
class YearTable:
    """Everything the engine needs of a year. `notes` are sentences a person must see with any figure of it."""

    year: int
    is_estimate: bool
    source: str
    notes: tuple[str, ...]
    statuses: Mapping[FilingStatus, StatusFigures]
    digital_assets: DigitalAssetRules

    def of(self, status: FilingStatus) -> StatusFigures:
        """The parameters of a filing status."""
        return self.statuses[status]


@cache
def year_table(year: int) -> YearTable:
    """The parameters of a tax year. Raises ValueError, in words, for a year without any."""
    told = _told()
    published, estimated = told["years"], told["estimates"]
    key = str(year)
    if key not in published and key not in estimated:
        known = sorted([*published, *estimated])
        raise ValueError(f"no tax parameters for {year}: they are known for {known[0]} to {known[-1]}")
    is_estimate = key not in published
    entry = estimated[key] if is_estimate else published[key]
    notes: tuple[str, ...] = ()
    minimum = entry.get("amt")
    if is_estimate:
        notes = (f"{year} is an estimate, not law: {entry['method']}.",)
    if minimum is None:
        newest = max(published)
        minimum = published[newest]["amt"]
        notes += (f"The alternative minimum tax of {year} is not known: that of {newest} stands in for it.",)
    return YearTable(
        year=year,
        is_estimate=is_estimate,
        source=entry["why"] if is_estimate else entry["source"]["primary"],
        notes=notes,
        statuses={one: _figures(one, entry, minimum, told["statutory"]) for one in FilingStatus},
        digital_assets=rules_from(entry["digital_assets"], entry["digital_assets"]["form_8949_boxes"]),
    )


@cache
def known_years() -> tuple[int, ...]:
    """The tax years that have parameters, estimates included, oldest first."""
    told = _told()
    return tuple(sorted(map(int, [*told["years"], *told["estimates"]])))


@cache
def _told() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("us_federal.json").read_text("utf-8")
    told: dict[str, Any] = json.loads(text)
    return told


def _figures(
    status: FilingStatus, entry: Mapping[str, Any], minimum: Mapping[str, Any], statutory: Mapping[str, Any]
) -> StatusFigures:
    steps = tuple((Decimal(step["over"]), Decimal(step["rate"])) for step in entry["ordinary_brackets"][status])
    zero, fifteen, twenty = map(Decimal, statutory["long_term_rates"])
    edges = entry["long_term_thresholds"][status]
    zero_max, fifteen_max = Decimal(edges["zero_rate_max"]), Decimal(edges["fifteen_rate_max"])
    ceiling = Decimal(statutory["collectibles_max_rate"])
    return StatusFigures(
        ordinary=Schedule.of(steps),
        preferential=Schedule.of(((ZERO, zero), (zero_max, fifteen), (fifteen_max, twenty))),
        zero_rate_max=zero_max,
        fifteen_rate_max=fifteen_max,
        collectibles_rate=ceiling,
        collectibles_over=min(over for over, rate in steps if rate > ceiling),
        standard_deduction=Decimal(entry["standard_deduction"][status]),
        loss_limit=Decimal(statutory["capital_loss_limit"][status]),
        investment_tax_rate=Decimal(statutory["niit"]["rate"]),
        investment_tax_over=Decimal(statutory["niit"]["threshold"][status]),
        minimum=_minimum(status, minimum),
    )


def _minimum(status: FilingStatus, told: Mapping[str, Any]) -> MinimumTaxFigures:
    exemption, upper = Decimal(told["exemption"][status]), Decimal(told["rate_26_upper"][status])
    claws_back = status is FilingStatus.MARRIED_SEPARATE
    return MinimumTaxFigures(
        exemption=exemption,
        lowest_exemption=exemption.copy_negate() if claws_back else ZERO,
        phaseout_start=Decimal(told["phaseout_start"][status]),
        phaseout_rate=Decimal(told["phaseout_rate"]),
        rate_28_over=upper,
        schedule=Schedule.of(((ZERO, Decimal("0.26")), (upper, Decimal("0.28")))),
    )
