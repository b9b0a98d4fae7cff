"""What must hold of any federal return."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from harvest_tui.core.tax.federal import exact_liability, federal_return
from harvest_tui.core.tax.taxpayer import TaxInputs
from harvest_tui.core.tax.year_table import year_table
from support.taxpayers import JOINT, SINGLE, SURVIVING, anybody, cents, taxed

MANY = settings(max_examples=200, deadline=None)


@MANY
@given(anybody(), cents(200_000))
def test_more_wages_never_lower_the_tax(inputs: TaxInputs, more: Decimal) -> None:
    raised = exact_liability(replace(inputs, wages=inputs.wages + more)).total_tax
    assert raised >= exact_liability(inputs).total_tax


@MANY
@given(anybody())
def test_preferred_income_never_costs_more_than_ordinary_rates(inputs: TaxInputs) -> None:
    bill = exact_liability(inputs)
    on_all = year_table(inputs.year).of(inputs.status).ordinary.tax(max(Decimal(0), bill.signed_taxable_income))
    assert 0 <= bill.regular_tax <= on_all


@MANY
@given(anybody())
def test_the_parts_add_up_and_are_the_exact_figures_to_the_cent(inputs: TaxInputs) -> None:
    bill, answer = exact_liability(inputs), federal_return(inputs)
    assert bill.total_tax == bill.regular_tax + bill.alternative_minimum_tax + bill.net_investment_income_tax
    assert abs(answer.total_tax - bill.total_tax) <= Decimal("0.005")
    assert answer.total_tax == round(bill.total_tax, 2)
    assert answer.adjusted_gross_income == (
        inputs.wages + inputs.interest + inputs.qualified_dividends + answer.capital_gain_or_loss
    )


@MANY
@given(anybody(), cents(90_000))
def test_a_loss_never_raises_the_tax(inputs: TaxInputs, loss: Decimal) -> None:
    before = exact_liability(inputs).total_tax
    assert exact_liability(replace(inputs, short_gain=inputs.short_gain - loss)).total_tax <= before
    assert exact_liability(replace(inputs, long_gain=inputs.long_gain - loss)).total_tax <= before


@MANY
@given(anybody())
def test_a_surviving_spouse_is_taxed_like_a_joint_return(inputs: TaxInputs) -> None:
    joint = exact_liability(replace(inputs, status=JOINT))
    assert exact_liability(replace(inputs, status=SURVIVING)) == joint


@MANY
@given(anybody())
def test_nothing_is_carried_out_of_a_year_with_a_gain(inputs: TaxInputs) -> None:
    answer = federal_return(inputs)
    if answer.net_short + answer.net_long >= 0:
        assert (answer.carry_short_out, answer.carry_long_out) == (0, 0)
    else:
        lost = -(answer.net_short + answer.net_long)
        assert lost - answer.allowed_loss <= answer.carry_short_out + answer.carry_long_out <= lost


def test_a_return_by_hand() -> None:
    # 2026, single: 100,000 wages, 2,500 interest, 4,000 dividends, 3,000 short, 10,000 long, 1,000 of each carried in.
    answer = taxed(
        2026,
        SINGLE,
        wages=100_000,
        interest=2_500,
        qualified_dividends=4_000,
        short_gain=3_000,
        long_gain=10_000,
        carry_short=1_000,
        carry_long=1_000,
    )
    assert (answer.net_short, answer.net_long, answer.capital_gain_or_loss) == (2_000, 9_000, 11_000)
    assert (answer.adjusted_gross_income, answer.taxable_income) == (117_500, 101_400)
    # Ordinary part 88,400: 1,240 + 4,560 + 22 % of 38,000; 13,000 at 15 %.
    assert answer.regular_tax == answer.total_tax == Decimal("16110.00")


def test_cents_are_kept_and_finer_parts_rounded_once() -> None:
    answer = taxed(2026, SINGLE, wages="300000.37", interest="1000.13")
    assert answer.adjusted_gross_income == Decimal("301000.50")
    assert answer.net_investment_income_tax == Decimal("38.00")
    # 58,448 + 35 % of 28,675.50 + 38.00494 = 68,522.42994
    assert answer.total_tax == Decimal("68522.43")


def test_a_year_without_parameters_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no tax parameters for 2031: they are known for 2022 to 2027"):
        taxed(2031, SINGLE, wages=10_000)
