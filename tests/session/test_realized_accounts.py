"""Which accounts a Form 1099-DA is expected for, and the rules that settings and accounts make together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvest_tui.core.records import Account, AccountId
from harvest_tui.lot_settings import MethodChoices
from harvest_tui.session.facts import in_use, rules_of
from harvest_tui.session.realized import brokers_of
from harvest_tui.settings import AccountSettings, Settings

ADDED = datetime(2026, 1, 2, tzinfo=UTC)
ACCOUNTS = tuple(
    Account(AccountId(name), exchange, ADDED, lot_order=order)
    for name, exchange, order in (
        ("main", "kraken", "fifo"),
        ("us", "binanceus", "lofo"),
        ("abroad", "binance", "fifo"),
        ("desk", "", "fifo"),
        ("cold", "", "fifo"),
    )
)


def test_brokers_in_the_united_states_report_and_the_settings_know_better() -> None:
    assert brokers_of(Settings(), ACCOUNTS) == {"main", "us"}
    told = {
        "desk": AccountSettings(custody="broker"),
        "us": AccountSettings(custody="self"),
        "main": AccountSettings(lot_order="hifo"),
    }
    assert brokers_of(Settings(accounts=told), ACCOUNTS) == {"main", "desk"}


@pytest.mark.parametrize(
    ("account", "year", "order"),
    [
        ("main", 2024, "fifo"),  # by account and year
        ("main", 2023, "hifo"),  # by account, in the settings
        ("us", 2023, "lofo"),  # by account, kept with it
        ("cold", 2023, "lifo"),  # by year
        ("cold", 2022, "hifo"),  # the home's method
    ],
)
def test_the_order_in_use_is_the_one_that_lots_are_matched_by(account: str, year: int, order: str) -> None:
    methods = MethodChoices({2023: "lifo"}, {("main", 2024): "fifo"})
    settings = Settings(
        timezone="UTC", method="hifo", methods=methods, accounts={"main": AccountSettings(lot_order="hifo")}
    )
    rules = rules_of(settings, ACCOUNTS)
    assert {one.account: one.lot_order for one in in_use(ACCOUNTS, rules, year)}[AccountId(account)] == order
    assert rules.methods().method(AccountId(account), year) == order


def test_one_method_for_all_leaves_no_other_choice() -> None:
    methods = MethodChoices({2023: "lifo"}, {("main", 2024): "fifo"})
    rules = rules_of(Settings(timezone="UTC", scope="us", methods=methods), ACCOUNTS)
    assert rules.under(None, None) == rules
    table = rules.under("hifo", None).methods()
    assert {table.method(one.account, year) for one in ACCOUNTS for year in (2022, 2023, 2024)} == {"hifo"}
    assert (rules.under("hifo", None).scope, rules.under(None, "account").scope) == ("us", "account")
