"""The dated rules of digital assets, year by year."""

import pytest

from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.tax.digital_assets import BasisScope, BrokerForm, BrokerIdentification, Reporting
from harvest_tui.core.tax.year_table import known_years, year_table


def test_lots_live_in_accounts_from_2025() -> None:
    pooled = [
        year for year in known_years() if year_table(year).digital_assets.basis_scope is BasisScope.WALLET_OR_UNIVERSAL
    ]
    assert pooled == [2022, 2023, 2024]


def test_the_owners_books_name_the_units_until_2026_and_the_broker_must_be_told_from_2027() -> None:
    told = [
        year
        for year in known_years()
        if year_table(year).digital_assets.broker_identification is BrokerIdentification.TELL_THE_BROKER
    ]
    assert told == [2027]


@pytest.mark.parametrize("year", known_years())
def test_a_coin_can_be_bought_back_at_once_and_a_security_cannot(year: int) -> None:
    rules = year_table(year).digital_assets
    assert not rules.wash_sale_rule_binds(is_security=False)
    assert rules.wash_sale_rule_binds(is_security=True)


def test_boxes_of_form_8949_have_letters_of_their_own_for_digital_assets_from_2025() -> None:
    before, after = year_table(2024).digital_assets, year_table(2025).digital_assets
    letters = [(term, how) for term in (Term.SHORT, Term.LONG) for how in Reporting]
    assert "".join(before.box(*one) for one in letters) == "ABCDEF"
    assert "".join(after.box(*one) for one in letters) == "GHIJKL"


def test_brokers_report_proceeds_of_2025_and_basis_of_2026() -> None:
    forms = {year: year_table(year).digital_assets.broker_form for year in known_years()}
    assert forms[2024] is BrokerForm.NONE
    assert forms[2025] is BrokerForm.GROSS_PROCEEDS
    assert forms[2026] is BrokerForm.PROCEEDS_AND_BASIS
    assert "2026-01-01" in year_table(2026).digital_assets.covered_unit
