"""Form 6251: the alternative minimum tax of a return whose only adjustment is the standard deduction. US dollars."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.year_table import MinimumTaxFigures, Schedule

_plus, _minus = EXACT.add, EXACT.subtract


def tentative_minimum_tax(
    figures: MinimumTaxFigures,
    preferential: Schedule,
    adjusted_gross_income: Decimal,
    preferred: Decimal,
    stacked_on: Decimal,
) -> Decimal:
    """Line 9, unrounded: what exceeds the exemption at 26 and 28 %, `preferred` income at its own rates (Part III).

    The standard deduction is no deduction here (line 2a), so the income is the adjusted gross income. `preferred` is
    line 13, and `stacked_on` lines 20 and 27: the ordinary part of the regular tax, on which it lies.
    """
    excess = _minus(adjusted_gross_income, exemption(figures, adjusted_gross_income))
    if excess <= 0:
        return ZERO
    on_all = figures.schedule.tax(excess)
    if not preferred:
        return on_all
    at_own_rates = min(excess, preferred)
    on_preferred = _minus(preferential.tax(_plus(stacked_on, at_own_rates)), preferential.tax(stacked_on))
    return min(on_all, _plus(figures.schedule.tax(_minus(excess, at_own_rates)), on_preferred))


def exemption(figures: MinimumTaxFigures, income: Decimal) -> Decimal:
    """The exemption left at that income (IRC 55(d)); negative where married filing separately adds to income."""
    over = _minus(income, figures.phaseout_start)
    if over <= 0:
        return figures.exemption
    return max(figures.lowest_exemption, _minus(figures.exemption, EXACT.multiply(figures.phaseout_rate, over)))
