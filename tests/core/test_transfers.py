"""Deposits and withdrawals that are two ends of one move."""

from decimal import Decimal

import pytest

from harvest_tui.core.lots.transfers import PairChoices
from support.lot_events import buy, event, ledger, open_lots, sell, told


def out(name, day, quantity, account="w1", **more):
    return event(name, "withdrawal", day, sent=(quantity, "BTC"), account=account, **more)


def into(name, day, quantity, account="w2", **more):
    return event(name, "deposit", day, received=(quantity, "BTC"), account=account, **more)


BOUGHT = buy("b1", 0, 2, "BTC", 80000)


def test_equal_amounts_in_time_are_one_move_and_keep_date_and_basis():
    made = ledger(
        BOUGHT, out("o1", 10, "0.5"), into("i1", 10.1, "0.5"), sell("s1", 400, "0.5", "BTC", 9000, account="w2")
    )
    assert made.unmatched == ()
    assert told(made.disposals) == [("w2:s1", "w1:b1", "0.5", "9000", "20000")]
    assert made.disposals[0].term == "long"


def test_the_network_fee_is_a_disposal_at_the_source():
    made = ledger(BOUGHT, out("o1", 10, "0.5", fee=("0.001", "BTC"), fee_value=45), into("i1", 10.1, "0.5"))
    assert told(made.disposals) == [("w1:o1", "w1:b1", "0.001", "45", "40")]
    assert open_lots(made)[1] == ("w1:b1", "w2", "BTC", "0.5", "20000", "transferred")


def test_an_amount_that_held_its_fee_arrives_less_that_fee():
    made = ledger(BOUGHT, out("o1", 10, "0.5", fee=("0.001", "BTC"), fee_value=45), into("i1", 10.1, "0.499"))
    assert made.unmatched == ()
    assert [lot.quantity for lot in made.lots] == [Decimal("1.5"), Decimal("0.499")]


def test_a_txid_joins_ends_that_differ_by_an_untold_fee():
    made = ledger(BOUGHT, out("o1", 10, "0.5", txid="0xAB"), into("i1", 14, "0.4998", txid="ab"))
    assert made.unmatched == ()
    assert told(made.disposals) == [("w1:o1", "w1:b1", "0.0002", "-", "8")]
    assert [miss.event_id for miss in made.unpriced] == ["w1:o1"]


@pytest.mark.parametrize(
    "deposit",
    [
        into("i1", 10.1, "0.49"),
        into("i1", 13.5, "0.5"),
        into("i1", 9.9, "0.5"),
        into("i1", 10.1, "0.5", txid="other"),
        into("i1", 10.1, "0.5", account="w1"),
    ],
    ids=["other amount", "too late", "too early", "other txid", "same account"],
)
def test_what_is_no_pair_stays_apart_and_is_listed_on_both_sides(deposit):
    made = ledger(BOUGHT, out("o1", 10, "0.5", txid="mine"), deposit)
    assert {(move.event_id, move.is_deposit) for move in made.unmatched} == {
        ("w1:o1", False),
        (deposit.event_id, True),
    }
    assert made.disposals == ()
    unknown = [lot for lot in made.lots if lot.cost_basis is None]
    assert [(lot.account, lot.provenance, lot.acquired_at) for lot in unknown] == [
        (deposit.account, "unknown", deposit.executed_at)
    ]


def test_the_nearest_in_time_are_paired_when_amounts_repeat():
    made = ledger(
        BOUGHT,
        buy("b2", 1, 1, "BTC", 50000, account="w3"),
        out("o1", 10, "0.5"),
        out("o2", 10.5, "0.5", account="w3"),
        into("i1", 10.6, "0.5"),
    )
    assert [move.event_id for move in made.unmatched] == ["w1:o1"]
    assert ("w3:b2", "w3", "BTC", "0.5", "25000", "proven") in open_lots(made)
    assert ("w3:b2", "w2", "BTC", "0.5", "25000", "transferred") in open_lots(made)


def test_the_user_can_confirm_and_refuse():
    moves = [out("o1", 10, "0.5"), into("i1", 10.1, "0.5"), into("i2", 40, "0.5")]
    refused = ledger(BOUGHT, *moves, pairs=PairChoices(refused=frozenset({("w1:o1", "w2:i1")})))
    assert len(refused.unmatched) == 3
    confirmed = ledger(BOUGHT, *moves, pairs=PairChoices(confirmed={"w1:o1": "w2:i2"}))
    assert [move.event_id for move in confirmed.unmatched] == ["w2:i1"]


def test_coins_under_way_are_not_sold_at_the_far_end_before_they_arrive():
    made = ledger(
        BOUGHT, out("o1", 10, "0.5"), into("i1", 11, "0.5"), sell("s1", 10.5, "0.5", "BTC", 900, account="w2")
    )
    assert [(gap.event_id, gap.quantity) for gap in made.gaps] == [("w2:s1", Decimal("0.5"))]


def test_a_deposit_stamped_before_its_withdrawal_can_be_sold_at_once():
    made = ledger(
        BOUGHT, out("o1", 10.02, "0.5"), into("i1", 10, "0.5"), sell("s1", 10.01, "0.5", "BTC", 900, account="w2")
    )
    assert (made.gaps, made.unmatched) == ((), ())


def test_a_lot_that_went_there_and_back_is_two_lots_with_ids_of_their_own():
    made = ledger(
        BOUGHT,
        event("t1", "transfer", 3, sent=(1, "BTC"), to="w2"),
        event("t2", "transfer", 4, sent=(1, "BTC"), to="w1", account="w2"),
    )
    ids = [lot.lot_id for lot in made.lots]
    assert len(ids) == len(set(ids)) == 2
    assert {lot.origin_id for lot in made.lots} == {"w1:b1"}
    assert {lot.account for lot in made.lots} == {"w1"}
