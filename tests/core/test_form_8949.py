"""The box of a disposal, case by case, and the same letters in the tables of each tax year."""

from __future__ import annotations

import pytest

from harvest_tui.core.lots.form_8949 import ExpectedForms
from harvest_tui.core.records import AccountId, Event
from harvest_tui.core.tax.digital_assets import Reporting
from harvest_tui.core.tax.year_table import known_years, year_table
from support.lot_events import UTC_ZONE, buy, event, ledger, sell

BROKER = frozenset({AccountId("w1")})
OF_2026 = 366 + 365
"""Days from 1 January 2024 to 1 January 2026."""


def reported(*events: Event, brokers: frozenset[AccountId] = BROKER) -> list[tuple[str, Reporting]]:
    """(box, what the broker tells) of each disposal."""
    forms = ExpectedForms(brokers, {one.event_id: one for one in events}, UTC_ZONE)
    return [(forms.box(one), forms.reporting(one)) for one in ledger(*events).disposals]


@pytest.mark.parametrize(
    ("bought", "sold", "box", "reporting"),
    [
        (0, 300, "C", Reporting.NO_FORM),
        (-400, 300, "F", Reporting.NO_FORM),
        (0, 366, "H", Reporting.BASIS_NOT_REPORTED),
        (0, 367, "K", Reporting.BASIS_NOT_REPORTED),
        (OF_2026 - 1, OF_2026, "H", Reporting.BASIS_NOT_REPORTED),
        (OF_2026, OF_2026 + 0.5, "G", Reporting.BASIS_REPORTED),
        (OF_2026, OF_2026 + 365, "G", Reporting.BASIS_REPORTED),
        (OF_2026, OF_2026 + 366, "J", Reporting.BASIS_REPORTED),
    ],
)
def test_the_years_of_purchase_and_sale_decide(bought: float, sold: float, box: str, reporting: Reporting) -> None:
    assert reported(buy("b", bought, 1, "BTC", 5), sell("s", sold, 1, "BTC", 7)) == [(box, reporting)]


def test_a_coin_for_coin_trade_is_a_brokers_sale_and_a_purchase() -> None:
    swap = event("x", "trade", OF_2026 + 1, sent=(1, "BTC"), received=(20, "ETH"), value=9)
    sold = sell("s", OF_2026 + 2, 20, "ETH", 10)
    assert reported(buy("b", OF_2026, 1, "BTC", 5), swap, sold) == [("G", Reporting.BASIS_REPORTED)] * 2


def test_what_the_broker_only_sees_leave_is_on_no_form() -> None:
    bought = buy("b", OF_2026, 4, "BTC", 40)
    spent = event("x", "spend", OF_2026 + 1, sent=(1, "BTC"), value=9)
    sent = event("o", "withdrawal", OF_2026 + 2, sent=(1, "BTC"), fee=("0.5", "BTC"), fee_value=5)
    assert reported(bought, spent, sent) == [("I", Reporting.NO_FORM)] * 2


def test_units_of_another_account_are_not_covered_even_where_one_pool_is_sold() -> None:
    bought = buy("b", OF_2026, 1, "BTC", 5, account="other")
    sold = sell("s", OF_2026 + 1, 1, "BTC", 7)
    events = {one.event_id: one for one in (bought, sold)}
    [part] = ledger(bought, sold, scope="universal").disposals
    forms = ExpectedForms(BROKER | {AccountId("other")}, events, UTC_ZONE)
    assert forms.reporting(part) is Reporting.BASIS_NOT_REPORTED


def test_converted_units_are_no_longer_those_that_were_bought() -> None:
    bought = buy("b", OF_2026, 1, "ETH", 5)
    wrapped = event("x", "convert", OF_2026 + 1, sent=(1, "ETH"), received=(1, "WETH"))
    assert reported(bought, wrapped, sell("s", OF_2026 + 2, 1, "WETH", 7)) == [("H", Reporting.BASIS_NOT_REPORTED)]


@pytest.mark.parametrize("year", known_years())
def test_the_letters_are_those_of_the_years_own_table(year: int) -> None:
    day = (year - 2024) * 365.25 + 200
    rules = year_table(year).digital_assets
    for brokers in (BROKER, frozenset[AccountId]()):
        for held in (10, 500):
            events = (buy("b", day - held, 1, "BTC", 5), sell("s", day, 1, "BTC", 7))
            forms = ExpectedForms(brokers, {one.event_id: one for one in events}, UTC_ZONE)
            [part] = ledger(*events).disposals
            assert part.disposed_at.year == year
            assert forms.box(part) == rules.box(part.term, forms.reporting(part))
