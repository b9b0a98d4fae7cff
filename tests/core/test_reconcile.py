"""Lots against balances: equal is silent, anything else is listed with its likely cause first."""

from dataclasses import replace
from decimal import Decimal

from harvest_tui.core.lots.reconcile import reconcile
from harvest_tui.core.lots.transfers import PairChoices
from harvest_tui.core.records import AccountId, Asset, Balance
from support.lot_events import at, buy, event, ledger, sell

HISTORY = (
    buy("b1", 0, 2, "BTC", 80000),
    buy("e1", 0, 10, "ETH", 30000),
    buy("v1", 0, 3, "BTC", 90000, account="vault"),
)


def balance(quantity, asset="BTC", account="w1", day=50):
    return Balance(AccountId(account), Asset(asset), Decimal(str(quantity)), at(day))


def only(made, *balances):
    (mismatch,) = reconcile(made, balances)
    return mismatch


def test_equal_figures_are_no_mismatch_and_accounts_without_balances_are_not_judged():
    assert reconcile(ledger(*HISTORY), [balance("2.000"), balance(10, "ETH"), balance("812.5", "USD")]) == ()


def test_an_asset_the_exchange_does_not_name_is_held_at_zero():
    mismatch = only(ledger(*HISTORY), balance(2))
    assert (mismatch.asset, mismatch.held, mismatch.in_lots) == ("ETH", 0, 10)
    assert mismatch.causes[0] == "a dust conversion, delisting or sale not in the history"


def test_wallets_of_one_account_add_up_and_an_older_reading_is_forgotten():
    made = ledger(*HISTORY)
    assert reconcile(made, [balance(5, day=1), balance("1.5"), balance("0.5"), balance(10, "ETH")]) == ()


def test_rounding_dust_is_named_as_such():
    assert only(ledger(*HISTORY), balance("2.000000009"), balance(10, "ETH")).causes == (
        "rounding dust below 0.00000001",
    )


def test_a_little_more_than_the_lots_is_likely_a_reward():
    causes = only(ledger(*HISTORY), balance(2), balance("10.2", "ETH")).causes
    assert causes[0] == "staking rewards, interest or an airdrop not in the history"


def test_much_more_than_the_lots_is_likely_a_missing_deposit():
    assert only(ledger(*HISTORY), balance(4), balance(10, "ETH")).causes == (
        "a deposit or purchase not in the history",
    )


def test_a_little_less_than_the_lots_is_likely_fees():
    causes = only(ledger(*HISTORY), balance("1.99"), balance(10, "ETH")).causes
    assert causes[0] == "trading or network fees paid in BTC that the history does not show"


def test_a_withdrawal_that_came_back_is_found_by_its_amount():
    made = ledger(*HISTORY, event("o1", "withdrawal", 9, sent=("0.7", "BTC")))
    causes = only(made, balance(2), balance(10, "ETH")).causes
    assert causes[0] == "the withdrawal of 0.7 BTC on 2024-01-10 was cancelled or came back"


def test_a_withdrawal_of_another_account_may_have_arrived_here():
    made = ledger(*HISTORY, event("o1", "withdrawal", 9, sent=("0.7", "BTC"), account="vault"))
    causes = only(made, balance("2.7"), balance(10, "ETH")).causes
    assert causes[0] == "the withdrawal of 0.7 BTC from vault on 2024-01-10 arrived here untold"


def test_a_deposit_elsewhere_may_have_come_from_here():
    made = ledger(*HISTORY, event("i1", "deposit", 9, received=("0.7", "BTC"), account="vault"))
    causes = only(made, balance("1.3"), balance(10, "ETH")).causes
    assert causes[0] == "the deposit of 0.7 BTC to vault on 2024-01-10 came from here untold"


def test_a_gap_says_that_the_history_begins_too_late():
    made = ledger(sell("s0", 3, 4, "SOL", 400), *HISTORY)
    causes = only(made, balance(2), balance(10, "ETH"), balance(6, "SOL")).causes
    assert causes[0] == "the history begins too late or has a hole: units left without a lot on 2024-01-04"


def assumption(quantity, day=-900, *, for_deposit=False):
    opened = event("assumed-1", "opening", day, received=(quantity, "SOL"), acquired=day, cost_basis=9)
    return replace(opened, is_assumed=True, executed_at=at(5) if for_deposit else opened.executed_at)


def test_an_assumption_that_is_too_large_is_doubted_first():
    assumed = assumption(5)
    made = ledger(sell("s0", 3, 4, "SOL", 400), assumed, *HISTORY)
    balances = [balance(2), balance(10, "ETH"), balance("0.4", "SOL")]
    (mismatch,) = reconcile(made, balances, [assumed])
    assert mismatch.causes[0] == "5 SOL assumed by you (w1:assumed-1) are more than there were"
    assert reconcile(made, balances, []) == (mismatch._replace(causes=mismatch.causes[1:]),)
    assert reconcile(made, [*balances[:2], balance(1, "SOL")], [assumed]) == ()


def test_an_assumption_that_is_too_small_leaves_the_hole_where_it_was():
    assumed = assumption(4)
    made = ledger(sell("s0", 3, 4, "SOL", 400), assumed, *HISTORY)
    (mismatch,) = reconcile(made, [balance(2), balance(10, "ETH"), balance(6, "SOL")], [assumed])
    assert mismatch.causes[0] == "the history begins too late or has a hole: more was there than the 4 SOL assumed"


def test_the_basis_of_a_deposit_adds_no_unit_and_is_not_doubted():
    assumed = assumption(5, for_deposit=True)
    made = ledger(assumed, *HISTORY)
    (mismatch,) = reconcile(made, [balance(2), balance(10, "ETH"), balance(4, "SOL")], [assumed])
    assert not any("assumed" in cause for cause in mismatch.causes)


def test_a_withdrawal_to_somebody_else_did_not_arrive_in_another_account_of_ones_own():
    moved = event("o1", "withdrawal", 9, sent=("0.7", "BTC"), account="vault")
    choices = PairChoices(external=frozenset({moved.event_id}))
    causes = only(ledger(*HISTORY, moved, pairs=choices), balance("2.7"), balance(10, "ETH")).causes
    assert causes == ("a deposit or purchase not in the history",)
