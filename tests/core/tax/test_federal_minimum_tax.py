"""The alternative minimum tax, where it bites, and the proof that it cannot bite elsewhere."""

from decimal import Decimal

import pytest

from harvest_tui.core.tax.minimum_tax import exemption
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.core.tax.year_table import known_years, year_table
from support.taxpayers import JOINT, SEPARATE, SINGLE, taxed

NOTHING = Decimal(0)


@pytest.mark.worked_example("minimum tax")
def test_a_very_large_gain_alone_pays_a_fifth_of_the_standard_deduction() -> None:
    answer = taxed(2026, SINGLE, long_gain=900_000)
    assert answer.alternative_minimum_tax == Decimal("3220.00")
    assert answer.regular_tax == Decimal("142087.50")


@pytest.mark.worked_example("minimum tax")
def test_the_exemption_fades_at_a_quarter_in_2025_and_at_half_in_2026() -> None:
    before, after = year_table(2025).of(SINGLE).minimum, year_table(2026).of(SINGLE).minimum
    assert exemption(before, Decimal(626_350)) == 88_100
    assert exemption(before, Decimal(726_350)) == 63_100
    assert exemption(after, Decimal(500_000)) == 90_100
    assert exemption(after, Decimal(600_000)) == 40_100
    assert exemption(after, Decimal(700_000)) == 0
    assert [year_table(year).of(JOINT).minimum.phaseout_start for year in (2025, 2026)] == [1_252_700, 1_000_000]


@pytest.mark.parametrize(
    ("year", "starts", "rate"), [(2023, 831_150, "0.25"), (2025, 900_350, "0.25"), (2026, 640_200, "0.5")]
)
def test_married_filing_separately_adds_income_beyond_the_phase_out(year: int, starts: int, rate: str) -> None:
    figures = year_table(year).of(SEPARATE).minimum
    assert exemption(figures, Decimal(starts)) == 0
    assert exemption(figures, Decimal(starts + 10_000)) == -10_000 * Decimal(rate)
    assert exemption(figures, Decimal(2_000_000)) == -figures.exemption


def test_the_claw_back_reaches_the_bill() -> None:
    # 160,000 of wages and 700,000 of long-term gain: 28 % of the 70,100 added, as all of it is beyond 122,250.
    answer = taxed(2026, SEPARATE, wages=160_000, long_gain=700_000)
    over_exemption = Decimal(860_000 + 70_100 - 700_000)
    at_minimum_rates = Decimal("0.28") * over_exemption - Decimal("0.02") * 122_250
    taxable = Decimal(860_000 - 16_100)
    ordinary = taxable - 700_000
    on_gain = Decimal("0.15") * (306_850 - ordinary) + Decimal("0.20") * (taxable - 306_850)
    assert answer.regular_tax + answer.alternative_minimum_tax == at_minimum_rates + on_gain
    assert answer.alternative_minimum_tax > 20_000


@pytest.mark.parametrize("year", known_years())
@pytest.mark.parametrize("status", list(FilingStatus))
def test_with_its_full_exemption_no_return_of_this_kind_owes_it(year: int, status: FilingStatus) -> None:
    """Below the phase-out the tentative tax on ordinary income never exceeds the regular one.

    Both sides are linear between their thresholds, so it is enough to look there; the regular side is the lowest that
    collectibles can make it.
    """
    figures = year_table(year).of(status)
    minimum, deduction = figures.minimum, figures.standard_deduction
    most = minimum.phaseout_start - deduction
    thresholds = [bracket.over for bracket in figures.ordinary.highest_first] + [
        minimum.exemption - deduction,
        minimum.exemption - deduction + minimum.rate_28_over,
        most,
    ]
    for ordinary in thresholds:
        if not 0 <= ordinary <= most:
            continue
        cheap = min(ordinary, figures.collectibles_over)
        regular = figures.ordinary.tax(cheap) + figures.collectibles_rate * (ordinary - cheap)
        over_exemption = max(NOTHING, ordinary + deduction - minimum.exemption)
        assert minimum.schedule.tax(over_exemption) <= regular, ordinary


@pytest.mark.parametrize("year", known_years())
@pytest.mark.parametrize("status", list(FilingStatus))
def test_due_on_gains_alone_it_is_due_far_inside_the_20_percent_band(year: int, status: FilingStatus) -> None:
    figures = year_table(year).of(status)
    lost = figures.minimum.exemption - figures.standard_deduction
    due_from = figures.minimum.phaseout_start + lost / figures.minimum.phaseout_rate
    assert exemption(figures.minimum, due_from) == figures.standard_deduction
    assert due_from - figures.standard_deduction > figures.fifteen_rate_max
