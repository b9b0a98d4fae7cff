"""Traps of netting, the yearly limit and the carryover, each with the figures that tell right from wrong."""

from decimal import Decimal

import pytest

from harvest_tui.core.tax.taxpayer import FederalReturn, FilingStatus
from harvest_tui.core.tax.year_table import known_years, year_table
from support.taxpayers import HEAD, JOINT, SEPARATE, SINGLE, taxed


def saved(before: FederalReturn, after: FederalReturn) -> Decimal:
    return before.total_tax - after.total_tax


@pytest.mark.trap(1)
def test_a_loss_without_gains_saves_the_limit_at_the_bracket_not_the_loss_times_the_rate() -> None:
    before, after = taxed(2023, SINGLE, wages=700_000), taxed(2023, SINGLE, wages=700_000, short_gain=-600_000)
    assert saved(before, after) == Decimal("1110.00")
    assert 600_000 * Decimal("0.37") == 222_000, "which is what loss times rate says"
    assert after.carry_short_out == Decimal("597000.00")


@pytest.mark.trap(2)
def test_married_filing_separately_deducts_half_as_much() -> None:
    before, after = taxed(2026, SEPARATE, wages=90_000), taxed(2026, SEPARATE, wages=90_000, short_gain=-8_000)
    assert saved(before, after) == Decimal("330.00")
    assert after.allowed_loss == Decimal("1500.00")
    assert after.carry_short_out == Decimal("6500.00")


@pytest.mark.trap(3)
def test_a_long_term_loss_crosses_over_to_short_term_gains() -> None:
    income = {"wages": 120_000, "short_gain": 25_000}
    assert saved(taxed(2025, SINGLE, **income), taxed(2025, SINGLE, **income, long_gain=-30_000)) == Decimal("6678.00")


@pytest.mark.trap(3)
def test_a_short_term_loss_crosses_over_to_long_term_gains_at_their_lower_rate() -> None:
    income = {"wages": 120_000, "long_gain": 25_000}
    assert saved(taxed(2025, SINGLE, **income), taxed(2025, SINGLE, **income, short_gain=-30_000)) == Decimal("4428.00")


@pytest.mark.trap(4)
def test_a_loss_against_a_gain_in_the_zero_band_saves_nothing_and_is_gone() -> None:
    before = taxed(2026, SINGLE, wages=30_000, long_gain=15_000)
    harvested = taxed(2026, SINGLE, wages=30_000, long_gain=15_000, short_gain=-15_000)
    assert saved(before, harvested) == 0
    assert (harvested.capital_gain_or_loss, harvested.allowed_loss) == (0, 0)
    assert (harvested.carry_short_out, harvested.carry_long_out) == (0, 0)


@pytest.mark.trap(7)
def test_losses_do_not_reduce_qualified_dividends() -> None:
    income = {"wages": 120_000, "qualified_dividends": 30_000}
    none, after = taxed(2026, SINGLE, **income), taxed(2026, SINGLE, **income, long_gain=10_000, short_gain=-18_000)
    assert after.allowed_loss == Decimal("3000.00")
    assert (after.carry_short_out, after.carry_long_out) == (Decimal("5000.00"), 0)
    # 103,900 of wages less 3,000: all of it above the 22 % bracket's start; the dividends stay at 15 %.
    assert saved(none, after) == Decimal("660.00")
    without_dividends = taxed(2026, SINGLE, wages=120_000, long_gain=10_000, short_gain=-18_000)
    assert saved(after, without_dividends) == Decimal("4500.00")


@pytest.mark.trap(11)
@pytest.mark.parametrize(("wages", "loss", "carried"), [(5_000, 10_000, 10_000), (17_000, 8_000, 6_750)])
def test_negative_taxable_income_uses_up_less_than_the_limit(wages: int, loss: int, carried: int) -> None:
    answer = taxed(2025, SINGLE, wages=wages, short_gain=-loss)
    assert answer.allowed_loss == Decimal("3000.00")
    assert answer.carry_short_out == carried
    assert taxed(2025, SINGLE, wages=wages, long_gain=-loss).carry_long_out == carried


@pytest.mark.trap(12)
def test_the_allowance_eats_short_term_loss_first_and_the_rest_keeps_its_character() -> None:
    answer = taxed(2026, SINGLE, wages=80_000, short_gain=-2_000, long_gain=-9_000)
    assert (answer.carry_short_out, answer.carry_long_out) == (0, Decimal("8000.00"))


@pytest.mark.trap(13)
def test_carryovers_net_with_this_year_first_so_that_more_loss_saves_nothing() -> None:
    # 50,000 short and 20,000 long carried in, 20,000 of gains: harvesting 10,000 more only adds to what is carried on.
    carried = {"wages": 120_000, "short_gain": 20_000, "carry_short": 50_000, "carry_long": 20_000}
    before, after = taxed(2026, SINGLE, **carried), taxed(2026, SINGLE, **{**carried, "short_gain": 10_000})
    assert saved(before, after) == 0
    assert (before.carry_short_out, before.carry_long_out) == (Decimal("27000.00"), Decimal("20000.00"))
    assert (after.carry_short_out, after.carry_long_out) == (Decimal("37000.00"), Decimal("20000.00"))


@pytest.mark.trap(10)
@pytest.mark.parametrize("year", known_years())
@pytest.mark.parametrize(
    ("status", "limit", "investment_tax_over"),
    [(SINGLE, 3_000, 200_000), (JOINT, 3_000, 250_000), (SEPARATE, 1_500, 125_000), (HEAD, 3_000, 200_000)],
)
def test_the_limit_and_the_investment_tax_thresholds_are_never_indexed(
    year: int, status: FilingStatus, limit: int, investment_tax_over: int
) -> None:
    figures = year_table(year).of(status)
    assert (figures.loss_limit, figures.investment_tax_over) == (limit, investment_tax_over)


@pytest.mark.worked_example("Jane")
@pytest.mark.parametrize("status", [SINGLE, JOINT, HEAD])
def test_jane_carries_274_000_forward_and_saves_what_her_gain_and_the_limit_cost(status: FilingStatus) -> None:
    wages = 700_000 if status is not JOINT else 800_000
    for kind, saving in (("short_gain", "5190.00"), ("long_gain", "3490.00")):
        before = taxed(2023, status, wages=wages, **{kind: 10_000})
        after = taxed(2023, status, wages=wages, **{kind: -277_000})
        assert saved(before, after) == Decimal(saving), kind
        assert after.carry_short_out + after.carry_long_out == Decimal("274000.00")
    other_kind = taxed(2023, status, wages=wages, long_gain=10_000, short_gain=-287_000)
    assert saved(taxed(2023, status, wages=wages, long_gain=10_000), other_kind) == Decimal("3490.00")
    assert other_kind.carry_short_out == Decimal("274000.00")


@pytest.mark.worked_example("Jane")
@pytest.mark.parametrize(("kind", "saving"), [("short_gain", "4930.00"), ("long_gain", "3430.00")])
def test_jane_filing_jointly_on_the_same_wages_is_a_bracket_lower(kind: str, saving: str) -> None:
    before = taxed(2023, JOINT, wages=700_000, **{kind: 10_000})
    after = taxed(2023, JOINT, wages=700_000, **{kind: 10_000 - 287_000})
    assert saved(before, after) == Decimal(saving)
    assert after.carry_short_out + after.carry_long_out == Decimal("274000.00")


@pytest.mark.worked_example("Jane")
def test_without_new_gains_janes_carryover_lasts_91_years() -> None:
    carried, years = Decimal(274_000), 0
    while carried >= 3_000:
        carried = taxed(2026, SINGLE, wages=700_000, carry_long=str(carried)).carry_long_out
        years += 1
    assert (years, carried) == (91, 274_000 - 91 * 3_000)


@pytest.mark.worked_example("Brian")
def test_brian_saves_a_fifth_only_with_as_much_long_term_gain_and_then_more() -> None:
    before = taxed(2023, SINGLE, wages=700_000, long_gain=600_000)
    after = taxed(2023, SINGLE, wages=700_000, long_gain=0)
    assert before.regular_tax - after.regular_tax == Decimal("120000.00")
    assert saved(before, after) == Decimal("142800.00")


@pytest.mark.worked_example("Brian")
def test_brian_saves_twice_that_against_short_term_gains() -> None:
    before, after = taxed(2023, SINGLE, wages=700_000, short_gain=600_000), taxed(2023, SINGLE, wages=700_000)
    assert saved(before, after) == Decimal("244800.00")


@pytest.mark.worked_example("Brian")
@pytest.mark.parametrize(
    ("year", "wages", "saving"), [(2023, 600_000, 1110), (2026, 200_000, 720), (2026, 50_000, 360)]
)
def test_brian_without_gains_saves_a_thousand_at_most(year: int, wages: int, saving: int) -> None:
    after = taxed(year, SINGLE, wages=wages, long_gain=-600_000)
    assert saved(taxed(year, SINGLE, wages=wages), after) == saving
    assert after.carry_long_out == Decimal("597000.00")
