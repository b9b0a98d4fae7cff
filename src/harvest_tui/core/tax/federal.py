"""The federal return of a year: pure, exact, standard deduction, no credits. US dollars.

Tax is by the rate schedules and the capital-gain worksheets, not by the printed Tax Tables, which go in steps of 50.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ZERO, rounded
from harvest_tui.core.tax.minimum_tax import tentative_minimum_tax
from harvest_tui.core.tax.schedule_d import Carryover, Netted, Results, carried_forward, net
from harvest_tui.core.tax.taxpayer import FederalReturn, TaxInputs
from harvest_tui.core.tax.year_table import StatusFigures, year_table

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply


class OtherIncome(NamedTuple):
    """Income that no sale of a lot changes."""

    wages: Decimal
    interest: Decimal
    qualified_dividends: Decimal


class Liability(NamedTuple):
    """A return before rounding. `signed_taxable_income` may be negative; the worksheet of carryovers needs it so."""

    netted: Netted
    adjusted_gross_income: Decimal
    signed_taxable_income: Decimal
    regular_tax: Decimal
    alternative_minimum_tax: Decimal
    net_investment_income_tax: Decimal
    total_tax: Decimal


def federal_return(inputs: TaxInputs) -> FederalReturn:
    """The return, each figure rounded to the cent once, from its exact value.

    Schedule D, the Qualified Dividends and Capital Gain Tax Worksheet or the Schedule D Tax Worksheet, Forms 6251 and
    8960. Raises ValueError, in words, for a year without parameters.
    """
    bill = exact_liability(inputs)
    carryover = carried_forward(bill.netted, bill.signed_taxable_income)
    return _rounded_return(inputs, bill, carryover)


def exact_liability(inputs: TaxInputs) -> Liability:
    """The return before rounding. Raises ValueError, in words, for a year without parameters."""
    figures = year_table(inputs.year).of(inputs.status)
    other = OtherIncome(inputs.wages, inputs.interest, inputs.qualified_dividends)
    results = Results(
        inputs.short_gain, inputs.long_gain, inputs.collectibles_gain, inputs.carry_short, inputs.carry_long
    )
    return liability(figures, other, results)


def liability(figures: StatusFigures, other: OtherIncome, results: Results) -> Liability:
    """The tax on other income and the year's results, unrounded."""
    year = net(results, figures.loss_limit)
    investment = _plus(_plus(other.interest, other.qualified_dividends), year.in_income)
    adjusted = _plus(other.wages, investment)
    signed = _minus(adjusted, figures.standard_deduction)
    taxable = max(ZERO, signed)
    preferred = _preferred(year, other.qualified_dividends)
    ordinary_rates = _taxed_at_ordinary_rates(figures, year, other.qualified_dividends, taxable)
    regular = _regular_tax(figures, taxable, preferred, ordinary_rates)
    minimum = ZERO
    # Below its phase-out the exemption shields every return whose only adjustment is the standard deduction.
    if adjusted > figures.minimum.phaseout_start:
        tentative = tentative_minimum_tax(figures.minimum, figures.preferential, adjusted, preferred, ordinary_rates)
        minimum = max(ZERO, _minus(tentative, regular))
    on_investment = _investment_tax(figures, investment, adjusted)
    total = _plus(_plus(regular, minimum), on_investment)
    return Liability(year, adjusted, signed, regular, minimum, on_investment, total)


def _preferred(year: Netted, dividends: Decimal) -> Decimal:
    """Schedule D Tax Worksheet line 13: what is taxed at 0, 15 and 20 %. Losses never reduce dividends."""
    return _plus(dividends, _minus(year.preferred_gain, min(year.preferred_gain, year.rate_28_gain)))


def _taxed_at_ordinary_rates(figures: StatusFigures, year: Netted, dividends: Decimal, taxable: Decimal) -> Decimal:
    """Line 21: ordinary income, and of the 28 % group what fits below the brackets that are dearer than 28 %."""
    without_all = _minus(taxable, _plus(dividends, year.preferred_gain))
    with_group = _minus(taxable, _preferred(year, dividends))
    return max(ZERO, without_all, min(with_group, figures.collectibles_over))


def _regular_tax(figures: StatusFigures, taxable: Decimal, preferred: Decimal, ordinary_rates: Decimal) -> Decimal:
    """Line 47 of the Schedule D Tax Worksheet; without a 28 % group line 25 of the dividends and gains worksheet.

    Preferred income lies on top of the part at ordinary rates, and never costs more than ordinary rates on everything.
    """
    on_all = figures.ordinary.tax(taxable)
    preferred = min(taxable, preferred)
    if not preferred and ordinary_rates == taxable:
        return on_all
    lower = figures.preferential
    group = _minus(_minus(taxable, preferred), ordinary_rates)
    tax = _plus(figures.ordinary.tax(ordinary_rates), _times(figures.collectibles_rate, group))
    on_preferred = _minus(lower.tax(_plus(ordinary_rates, preferred)), lower.tax(ordinary_rates))
    return min(on_all, _plus(tax, on_preferred))


def _investment_tax(figures: StatusFigures, investment: Decimal, adjusted: Decimal) -> Decimal:
    """Form 8960: on net investment income, or on what exceeds the threshold, if that is less (IRC 1411).

    Its line 5a takes the result of Schedule D after the yearly limit, so that an allowed loss lowers interest too.
    """
    over = _minus(adjusted, figures.investment_tax_over)
    if over <= 0 or investment <= 0:
        return ZERO
    return _times(figures.investment_tax_rate, min(investment, over))


def _rounded_return(inputs: TaxInputs, bill: Liability, carryover: Carryover) -> FederalReturn:
    year = bill.netted
    return FederalReturn(
        year=inputs.year,
        status=inputs.status,
        adjusted_gross_income=rounded(bill.adjusted_gross_income, 2),
        taxable_income=rounded(max(ZERO, bill.signed_taxable_income), 2),
        net_short=rounded(year.net_short, 2),
        net_long=rounded(year.net_long, 2),
        capital_gain_or_loss=rounded(year.in_income, 2),
        allowed_loss=rounded(year.allowed_loss, 2),
        regular_tax=rounded(bill.regular_tax, 2),
        alternative_minimum_tax=rounded(bill.alternative_minimum_tax, 2),
        net_investment_income_tax=rounded(bill.net_investment_income_tax, 2),
        total_tax=rounded(bill.total_tax, 2),
        carry_short_out=rounded(carryover.short, 2),
        carry_long_out=rounded(carryover.long, 2),
    )
