"""The parameters of the years: all there, in order, and honest about what is an estimate."""

from decimal import Decimal
from itertools import pairwise

import pytest

from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.core.tax.year_table import Schedule, known_years, year_table
from support.taxpayers import HEAD, JOINT, SEPARATE, SINGLE, SURVIVING


def test_the_years_2022_to_2027_are_known_and_only_the_last_is_an_estimate() -> None:
    assert known_years() == (2022, 2023, 2024, 2025, 2026, 2027)
    assert [year for year in known_years() if year_table(year).is_estimate] == [2027]
    assert [year for year in known_years() if year_table(year).notes] == [2027]
    assert year_table(2024).source == "Rev. Proc. 2023-34"


def test_the_estimate_says_that_it_is_one_and_whose_minimum_tax_it_borrows() -> None:
    first, second = year_table(2027).notes
    assert first.startswith("2027 is an estimate, not law")
    assert "alternative minimum tax of 2027 is not known: that of 2026" in second
    assert year_table(2027).of(SINGLE).minimum == year_table(2026).of(SINGLE).minimum


@pytest.mark.parametrize("year", [1999, 2021, 2028, -1])
def test_other_years_are_refused_in_words(year: int) -> None:
    with pytest.raises(ValueError, match=f"no tax parameters for {year}: they are known for 2022 to 2027"):
        year_table(year)


@pytest.mark.parametrize("year", known_years())
@pytest.mark.parametrize("status", list(FilingStatus))
def test_brackets_rise_from_10_to_37_percent(year: int, status: FilingStatus) -> None:
    brackets = tuple(reversed(year_table(year).of(status).ordinary.highest_first))
    assert [bracket.rate for bracket in brackets] == [Decimal(rate) / 100 for rate in (10, 12, 22, 24, 32, 35, 37)]
    assert all(low.over < high.over for low, high in pairwise(brackets))
    figures = year_table(year).of(status)
    assert brackets[1].over < figures.zero_rate_max <= brackets[2].over
    assert figures.collectibles_over == brackets[4].over


@pytest.mark.parametrize("year", known_years())
def test_statuses_relate_as_the_law_has_them(year: int) -> None:
    table = year_table(year)
    assert table.of(SURVIVING) == table.of(JOINT)
    assert table.of(JOINT).standard_deduction == 2 * table.of(SINGLE).standard_deduction
    assert table.of(SEPARATE).minimum.exemption * 2 == table.of(JOINT).minimum.exemption
    if not table.is_estimate:
        joint, separate = table.of(JOINT).ordinary.highest_first, table.of(SEPARATE).ordinary.highest_first
        assert [2 * half.over for half in separate] == [whole.over for whole in joint]


def test_some_figures_of_2026() -> None:
    single, head = year_table(2026).of(SINGLE), year_table(2026).of(HEAD)
    assert single.ordinary.tax(Decimal(105_700)) == Decimal("17966.00")
    assert (single.zero_rate_max, single.fifteen_rate_max) == (49_450, 545_500)
    assert (head.standard_deduction, head.zero_rate_max) == (24_150, 66_200)


@pytest.mark.worked_example("table of 2026")
@pytest.mark.parametrize(
    ("status", "published"),
    [
        (SINGLE, (12_400, 50_400, 105_700, 201_775, 256_225, 640_600, 16_100, 49_450, 545_500, 200_000, 3_000)),
        (JOINT, (24_800, 100_800, 211_400, 403_550, 512_450, 768_700, 32_200, 98_900, 613_700, 250_000, 3_000)),
        (SURVIVING, (24_800, 100_800, 211_400, 403_550, 512_450, 768_700, 32_200, 98_900, 613_700, 250_000, 3_000)),
        (SEPARATE, (12_400, 50_400, 105_700, 201_775, 256_225, 384_350, 16_100, 49_450, 306_850, 125_000, 1_500)),
        (HEAD, (17_700, 67_450, 105_700, 201_750, 256_200, 640_600, 24_150, 66_200, 579_600, 200_000, 3_000)),
    ],
)
def test_the_table_of_2026_is_that_of_the_revenue_procedure(status: FilingStatus, published: tuple[int, ...]) -> None:
    """Rev. Proc. 2025-32; the loss limit and the threshold of the investment income tax are the statute's."""
    figures = year_table(2026).of(status)
    thresholds = [bracket.over for bracket in reversed(figures.ordinary.highest_first)]
    assert thresholds[0] == 0
    known = (figures.standard_deduction, figures.zero_rate_max, figures.fifteen_rate_max)
    assert (*thresholds[1:], *known, figures.investment_tax_over, figures.loss_limit) == published


@pytest.mark.worked_example("top of the 0 % bracket")
@pytest.mark.parametrize(("year", "tops"), [(2023, (44_625, 89_250, 59_750)), (2026, (49_450, 98_900, 66_200))])
def test_long_term_gains_are_untaxed_up_to_these_taxable_incomes(year: int, tops: tuple[int, ...]) -> None:
    assert tuple(year_table(year).of(status).zero_rate_max for status in (SINGLE, JOINT, HEAD)) == tops


def test_a_threshold_itself_still_belongs_to_the_lower_rate() -> None:
    schedule = Schedule.of(((Decimal(0), Decimal("0.10")), (Decimal(1_000), Decimal("0.30"))))
    assert schedule.tax(Decimal(1_000)) == 100
    assert schedule.tax(Decimal("1000.01")) == Decimal("100.003")
    assert schedule.tax(Decimal(-50)) == schedule.tax(Decimal(0)) == 0
