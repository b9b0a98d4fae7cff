"""Traps of brackets, bands, surtaxes and tables, each with the figures that tell right from wrong."""

from decimal import Decimal

import pytest

from harvest_tui.core.tax.taxpayer import FederalReturn, FilingStatus
from harvest_tui.core.tax.year_table import Schedule, year_table
from support.taxpayers import HEAD, JOINT, SEPARATE, SINGLE, taxed


def saved(before: FederalReturn, after: FederalReturn) -> Decimal:
    return before.total_tax - after.total_tax


@pytest.mark.trap(5)
def test_a_gain_across_the_zero_threshold_is_worth_only_its_taxed_part() -> None:
    # Taxable income of 65,400 in 2024: 18,375 above the threshold of 47,025.
    before = taxed(2024, SINGLE, wages=50_000, long_gain=30_000)
    assert saved(before, taxed(2024, SINGLE, wages=50_000, long_gain=30_000 - 20_000)) == Decimal("2756.25")
    # The last 1,625 of the 20,000 save nothing.
    assert saved(before, taxed(2024, SINGLE, wages=50_000, long_gain=10_000 + 1_625)) == Decimal("2756.25")
    assert saved(before, taxed(2024, SINGLE, wages=50_000, long_gain=10_000 + 1_626)) == Decimal("2756.10")
    # Far above the threshold the same 20,000 save 15 % of all of it.
    richer = {"wages": 100_000}
    flat = saved(taxed(2024, SINGLE, **richer, long_gain=30_000), taxed(2024, SINGLE, **richer, long_gain=10_000))
    assert flat == Decimal("3000.00")


@pytest.mark.trap(6)
def test_ordinary_income_that_pushes_gains_out_of_the_zero_band_costs_27_percent() -> None:
    income = {"wages": 50_000, "long_gain": 30_000}
    before = taxed(2026, SINGLE, **income, short_gain=6_000)
    assert saved(before, taxed(2026, SINGLE, **income)) == Decimal("1620.00")
    # Without the long-term gain above it, the same income is taxed at 12 % and no more.
    alone = taxed(2026, SINGLE, wages=50_000)
    assert saved(taxed(2026, SINGLE, wages=50_000, short_gain=6_000), alone) == Decimal("720.00")
    # Lower down the two rates are 10 % and 15 %.
    low = {"wages": 20_000, "long_gain": 60_000}
    assert saved(taxed(2026, SINGLE, **low, short_gain=6_000), taxed(2026, SINGLE, **low)) == Decimal("1500.00")


@pytest.mark.trap(8)
def test_thresholds_are_taxable_income_not_gross_income() -> None:
    before, after = taxed(2026, SINGLE, wages=60_000, long_gain=5_000), taxed(2026, SINGLE, wages=60_000)
    assert (before.adjusted_gross_income, before.taxable_income) == (Decimal("65000.00"), Decimal("48900.00"))
    assert saved(before, after) == 0


@pytest.mark.worked_example("gross income of the 0 % bracket")
@pytest.mark.parametrize(("status", "gross"), [(SINGLE, 65_550), (JOINT, 131_100), (HEAD, 90_350)])
def test_gross_income_up_to_which_a_gain_is_free_in_2026(status: FilingStatus, gross: int) -> None:
    wages = gross - 9_000
    free = taxed(2026, status, wages=wages, long_gain=9_000)
    assert free.total_tax == taxed(2026, status, wages=wages).total_tax
    assert taxed(2026, status, wages=wages, long_gain=9_100).total_tax - free.total_tax == Decimal("15.00")


@pytest.mark.trap(9)
def test_the_investment_tax_is_capped_by_income_over_its_threshold() -> None:
    before = taxed(2026, SINGLE, wages=195_000, short_gain=20_000)
    after = taxed(2026, SINGLE, wages=195_000, short_gain=8_000)
    assert before.net_investment_income_tax == Decimal("570.00")
    assert after.net_investment_income_tax == Decimal("114.00")
    assert before.net_investment_income_tax - after.net_investment_income_tax == Decimal("456.00")


@pytest.mark.trap(9)
def test_the_allowed_loss_lowers_the_investment_tax_on_interest_too() -> None:
    income = {"wages": 300_000, "interest": 20_000}
    before, after = taxed(2026, JOINT, **income), taxed(2026, JOINT, **income, short_gain=-3_000)
    assert before.regular_tax - after.regular_tax == Decimal("720.00")
    assert saved(before, after) == Decimal("834.00")


@pytest.mark.trap(22)
def test_a_long_loss_now_for_a_short_gain_within_the_year_is_a_bad_bargain() -> None:
    income = {"wages": 230_000, "long_gain": 40_000}
    now = saved(taxed(2025, SINGLE, **income), taxed(2025, SINGLE, wages=230_000, long_gain=30_000))
    later = (
        taxed(2025, SINGLE, wages=230_000, short_gain=10_000).total_tax - taxed(2025, SINGLE, wages=230_000).total_tax
    )
    assert (now, later, now - later) == (Decimal("1880.00"), Decimal("3580.00"), Decimal("-1700.00"))


@pytest.mark.trap(24)
def test_28_percent_on_collectibles_is_a_ceiling() -> None:
    before = taxed(2026, SINGLE, wages=90_000, collectibles_gain=12_000)
    assert saved(before, taxed(2026, SINGLE, wages=90_000, collectibles_gain=12_000 - 5_000)) == Decimal("1100.00")
    # Above the 28 % bracket it binds.
    high, less = (taxed(2026, SINGLE, wages=300_000, collectibles_gain=gain) for gain in (12_000, 12_000 - 5_000))
    assert high.regular_tax - less.regular_tax == Decimal("1400.00")


@pytest.mark.trap(24)
def test_a_short_term_loss_comes_off_the_28_percent_group_first() -> None:
    income = {"wages": 300_000, "collectibles_gain": 20_000, "long_gain": 50_000}
    assert saved(taxed(2026, SINGLE, **income), taxed(2026, SINGLE, **income, short_gain=-15_000)) == Decimal("4770.00")
    assert saved(taxed(2026, SINGLE, **income), taxed(2026, SINGLE, **income, carry_long=15_000)) == Decimal("4770.00")


@pytest.mark.trap(25)
def test_the_standard_deduction_of_2025_is_the_raised_one() -> None:
    answer = taxed(2025, SINGLE, wages=80_000)
    assert answer.taxable_income == Decimal("64250.00")
    assert taxed(2025, SINGLE, wages=80_000 + 750).total_tax - answer.total_tax == Decimal("165.00")
    assert [year_table(2025).of(one).standard_deduction for one in (JOINT, SEPARATE, HEAD)] == [31_500, 15_750, 23_625]


@pytest.mark.trap(26)
def test_head_of_household_2024_reaches_32_percent_at_191_950() -> None:
    deduction = 21_900
    edge = taxed(2024, HEAD, wages=191_950 + deduction).total_tax
    assert edge - taxed(2024, HEAD, wages=191_150 + deduction).total_tax == Decimal("192.00")
    assert taxed(2024, HEAD, wages=192_050 + deduction).total_tax - edge == Decimal("32.00")
    assert overcharge(2024, HEAD, 191_950, 191_150, taxable=191_950) == 64
    assert overcharge(2024, HEAD, 191_950, 191_150, taxable=240_000) == 64


@pytest.mark.trap(26)
def test_married_separate_2023_reaches_37_percent_at_346_875() -> None:
    deduction = 13_850
    edge = taxed(2023, SEPARATE, wages=346_875 + deduction).total_tax
    assert taxed(2023, SEPARATE, wages=578_125 + deduction).total_tax - edge == Decimal("85562.50")
    two_percent_of_what_is_between = 400_000 - 346_875
    assert overcharge(2023, SEPARATE, 346_875, 578_125, taxable=400_000) == -two_percent_of_what_is_between * Decimal(
        "0.02"
    )
    assert overcharge(2023, SEPARATE, 346_875, 578_125, taxable=578_125) == -4_625
    assert overcharge(2023, SEPARATE, 346_875, 578_125, taxable=900_000) == -4_625


def overcharge(year: int, status: FilingStatus, right: int, wrong: int, taxable: int) -> Decimal:
    """What a table with the wrong threshold in place of the right one would charge too much."""
    rising = tuple(reversed(year_table(year).of(status).ordinary.highest_first))
    assert right in [bracket.over for bracket in rising]
    copied = Schedule.of(tuple((Decimal(wrong) if one.over == right else one.over, one.rate) for one in rising))
    return copied.tax(Decimal(taxable)) - year_table(year).of(status).ordinary.tax(Decimal(taxable))
