"""A history as the user decided it: pairs made, taken apart and given up, and units with an assumed basis."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind, State, apply_decisions, choices_of
from harvest_tui.core.lots.ledger import Ledger
from harvest_tui.core.lots.live import LiveLedger
from harvest_tui.core.lots.matching import match
from harvest_tui.core.lots.moves import Candidates, LooseEnd, Txid, moves_of
from harvest_tui.core.lots.transfers import PairChoices
from harvest_tui.core.records import AccountId, Asset, Event, EventId
from support.lot_events import UTC_ZONE, at, buy, event, open_lots, sell, told

ACCOUNTS = [AccountId("w1"), AccountId("w2")]
BOUGHT = buy("b1", 0, 2, "BTC", 80000)
OUT = event("o1", "withdrawal", 10, sent=("0.5", "BTC"))
INTO = event("i1", "deposit", 10.1, received=("0.5", "BTC"), account="w2")
LATER = event("i2", "deposit", 40, received=("0.48", "BTC"), account="w2")


def decided(*decisions: Decision) -> list[Decision]:
    """The decisions in order, numbered from 1."""
    return [
        Decision(number, one.kind, one.made_at, one.withdrawal, one.deposit, one.assumption, one.undoes, one.reason)
        for number, one in enumerate(decisions, 1)
    ]


def said(kind: str, out: Event | None = None, into: Event | None = None) -> Decision:
    return Decision(0, DecisionKind(kind), at(500), out and out.event_id, into and into.event_id)


def undo(number: int) -> Decision:
    return Decision(0, DecisionKind.UNDO, at(500), undoes=number)


def assumed(
    quantity: str, cost: str, *, on: date = date(2021, 4, 5), about: Event | None = None, asset: str = "BTC"
) -> Decision:
    what = Assumption(AccountId("w2"), Asset(asset), Decimal(quantity), on, Decimal(cost), about and about.event_id)
    return Decision(0, DecisionKind.ASSUME, at(500), assumption=what, reason="a statement")


def lots_under(events: list[Event], *decisions: Decision, zone: ZoneInfo = UTC_ZONE) -> Ledger:
    applied = apply_decisions(events, ACCOUNTS, decided(*decisions), zone)
    made = match(applied.events, zone=zone, pairs=applied.choices)
    live = LiveLedger(applied.events, zone=zone, pairs=applied.choices).ledger()
    assert (live.lots, live.gaps, live.unmatched) == (made.lots, made.gaps, made.unmatched)
    return made


def states(events: list[Event], *decisions: Decision, accounts: list[AccountId] = ACCOUNTS) -> list[State]:
    return list(apply_decisions(events, accounts, decided(*decisions), UTC_ZONE).states.values())


# Pairs.


def test_a_confirmed_pair_carries_date_and_basis_and_what_was_lost_on_the_way_is_burnt():
    made = lots_under([BOUGHT, OUT, LATER], said("confirm", OUT, LATER))
    assert made.unmatched == ()
    assert open_lots(made)[1] == ("w1:b1", "w2", "BTC", "0.48", "19200", "transferred")
    assert told(made.disposals) == [("w1:o1", "w1:b1", "0.02", "-", "800")]


def test_a_pair_taken_apart_leaves_both_ends_and_undoing_that_joins_them_again():
    apart = lots_under([BOUGHT, OUT, INTO], said("split", OUT, INTO))
    assert {move.event_id for move in apart.unmatched} == {"w1:o1", "w2:i1"}
    assert open_lots(apart)[1][4:] == ("-", "unknown")
    joined = lots_under([BOUGHT, OUT, INTO], said("split", OUT, INTO), undo(1))
    assert open_lots(joined)[1] == ("w1:b1", "w2", "BTC", "0.5", "20000", "transferred")


def test_an_external_end_is_neither_paired_nor_missed():
    made = lots_under([BOUGHT, OUT, INTO], said("external", OUT))
    assert [move.event_id for move in made.unmatched] == ["w2:i1"]
    assert [lot.quantity for lot in made.lots] == [Decimal("1.5"), Decimal("0.5")]
    assert made.disposals == ()
    both = lots_under([BOUGHT, OUT, INTO], said("external", OUT), said("external", None, INTO))
    assert both.unmatched == ()


def test_the_later_word_wins_and_the_earlier_says_that_it_was_overruled():
    history = [BOUGHT, OUT, INTO, LATER]
    assert choices_of(decided(said("split", OUT, INTO), said("confirm", OUT, INTO))).refused == frozenset()
    second = [said("confirm", OUT, INTO), said("confirm", OUT, LATER)]
    assert states(history, *second) == [State.OVERRULED, State.APPLIED]
    assert choices_of(decided(*second)).confirmed == {"w1:o1": "w2:i2"}
    third = [*second, said("external", OUT)]
    assert states(history, *third) == [State.OVERRULED, State.OVERRULED, State.APPLIED]
    assert choices_of(decided(*third)) == PairChoices({}, frozenset(), frozenset({"w1:o1"}))
    assert states(history, *third, undo(3)) == [State.OVERRULED, State.APPLIED, State.UNDONE]
    taken = [said("confirm", OUT, INTO), said("split", OUT, INTO)]
    assert choices_of(decided(*taken)) == PairChoices({}, frozenset({("w1:o1", "w2:i1")}))


def test_one_deposit_is_never_the_end_of_two_withdrawals():
    other = event("o2", "withdrawal", 9, sent=("0.5", "BTC"))
    decisions = [said("confirm", OUT, INTO), said("confirm", other, INTO)]
    assert choices_of(decided(*decisions)).confirmed == {"w1:o2": "w2:i1"}
    made = match([BOUGHT, OUT, other, INTO], zone=UTC_ZONE, pairs=PairChoices({"w1:o1": "w2:i1", "w1:o2": "w2:i1"}))
    assert [move.event_id for move in made.unmatched] == ["w1:o2"]


@pytest.mark.parametrize(
    "no_pair",
    [{"w1:o1": "gone:1"}, {"gone:1": "w2:i1"}, {"w2:i1": "w1:o1"}, {"w1:o1": "w2:eth"}, {"w1:b1": "w2:i1"}],
    ids=["no deposit", "no withdrawal", "the wrong way round", "another coin", "a trade"],
)
def test_a_confirmed_pair_that_is_none_does_nothing(no_pair):
    ether = event("eth", "deposit", 10.1, received=("0.5", "ETH"), account="w2")
    history = [BOUGHT, OUT, INTO, ether]
    assert match(history, zone=UTC_ZONE, pairs=PairChoices(no_pair)) == match(history, zone=UTC_ZONE)


# Assumptions.


SOLD = sell("s1", 100, "3.5", "BTC", 700, account="w2")


def test_an_assumed_lot_closes_the_gap_and_says_what_it_is():
    made = lots_under([BOUGHT, SOLD], assumed("4", "1000", about=SOLD))
    assert made.gaps == ()
    assert told(made.disposals) == [("w2:s1", "w2:assumed-1", "3.5", "700", "875")]
    assert made.disposals[0].term == "long"
    assert open_lots(made)[0] == ("w2:assumed-1", "w2", "BTC", "0.5", "125", "assumed")


def test_a_gap_is_closed_as_far_as_the_assumption_goes_and_is_back_when_it_is_undone():
    made = lots_under([SOLD], assumed("1.25", "100", about=SOLD))
    assert [gap.quantity for gap in made.gaps] == [Decimal("2.25")]
    assert [gap.quantity for gap in lots_under([SOLD], assumed("1.25", "100"), undo(1)).gaps] == [Decimal("3.5")]
    both = lots_under([SOLD], assumed("1.25", "100"), assumed("2.25", "30", on=date(2022, 1, 1)))
    assert (both.gaps, [part.origin_id for part in both.disposals]) == ((), ["w2:assumed-1", "w2:assumed-2"])


def test_an_assumed_lot_that_moves_on_stays_assumed():
    move = event("t1", "transfer", 50, sent=(1, "BTC"), account="w2", to="w1")
    made = lots_under([move], assumed("1", "250"))
    assert open_lots(made) == [("w2:assumed-1", "w1", "BTC", "1", "250", "assumed")]


def test_the_assumed_day_is_the_taxpayers_own_and_is_there_for_a_sale_of_that_day():
    zone = ZoneInfo("America/New_York")
    sold = sell("s2", 0, "0.5", "BTC", 700, account="w2")
    midnight = Event(**{**{name: getattr(sold, name) for name in sold.__slots__}, "executed_at": at(0.25)})
    made = lots_under([midnight], assumed("0.5", "10", on=date(2024, 1, 1)), zone=zone)
    assert made.gaps == ()
    assert made.disposals[0].acquired_at == datetime(2024, 1, 1, 5, tzinfo=UTC)
    early = lots_under([sold], assumed("0.5", "10", on=date(2024, 1, 1)), zone=zone)
    assert [gap.quantity for gap in early.gaps] == [Decimal("0.5")], "in New York that sale was on 31 December"


def test_a_deposit_gets_date_and_basis_and_no_unit_twice():
    made = lots_under([INTO], assumed("0.5", "9000", about=INTO))
    assert open_lots(made) == [("w2:assumed-1", "w2", "BTC", "0.5", "9000", "assumed")]
    assert (made.unmatched, made.lots[0].acquired_at) == ((), datetime(2021, 4, 5, tzinfo=UTC))
    sold_before = sell("s3", 10, "0.1", "BTC", 70, account="w2")
    early = lots_under([INTO, sold_before], assumed("0.5", "9000", about=INTO))
    assert [gap.event_id for gap in early.gaps] == ["w2:s3"], "the units came with the deposit, not before"


def test_the_part_of_a_deposit_that_nothing_explains_stays_unknown_and_is_paired_with_nothing():
    small = event("o2", "withdrawal", 10, sent=("0.1", "BTC"))
    made = lots_under([BOUGHT, small, INTO], assumed("0.4", "9000", about=INTO))
    assert ("w2:assumed-1", "w2", "BTC", "0.4", "9000", "assumed") in open_lots(made)
    assert ("w2:i1", "w2", "BTC", "0.1", "-", "unknown") in open_lots(made)
    assert {(move.event_id, str(move.quantity)) for move in made.unmatched} == {("w1:o2", "0.1"), ("w2:i1", "0.1")}


def test_the_fee_of_a_deposit_is_paid_once_however_much_of_it_is_explained():
    costly = event("i3", "deposit", 10, received=("0.5", "BTC"), fee=("0.01", "BTC"), fee_value=400, account="w2")
    for parts in ([assumed("0.5", "9000", about=costly)], [assumed("0.2", "1", about=costly)] * 2):
        made = lots_under([costly], *parts)
        assert sum(lot.quantity for lot in made.lots) == Decimal("0.49")
        assert [(part.event_id, part.quantity) for part in made.disposals] == [("w2:i3", Decimal("0.01"))]


def test_a_known_other_end_is_better_than_an_assumption():
    about_it = assumed("0.5", "9000", about=INTO)
    assert states([BOUGHT, OUT, INTO], about_it) == [State.MATCHED]
    assert open_lots(lots_under([BOUGHT, OUT, INTO], about_it))[1][4:] == ("20000", "transferred")
    assert states([BOUGHT, OUT, INTO], about_it, said("external", None, INTO)) == [State.APPLIED, State.APPLIED]


def test_an_assumption_beyond_the_deposit_does_nothing():
    assert states([INTO], assumed("0.4", "1", about=INTO), assumed("0.2", "1", about=INTO)) == [
        State.APPLIED,
        State.EXCEEDED,
    ]
    assert sum(lot.quantity for lot in lots_under([INTO], assumed("0.7", "1", about=INTO)).lots) == Decimal("0.5")


def test_what_points_at_nothing_is_kept_and_says_so():
    decisions = [
        said("confirm", OUT, INTO),
        said("external", OUT),
        assumed("0.5", "1", about=INTO),
        assumed("3.5", "1", about=SOLD),
    ]
    assert states([BOUGHT], *decisions) == [State.EVENT_GONE] * 4
    assert states([], *decisions, accounts=[]) == [
        State.EVENT_GONE,
        State.EVENT_GONE,
        State.ACCOUNT_GONE,
        State.ACCOUNT_GONE,
    ]
    assert lots_under([BOUGHT], *decisions) == match([BOUGHT], zone=UTC_ZONE)


def test_an_event_that_has_the_id_already_keeps_it():
    taken = buy("assumed-1", 1, 1, "BTC", 50, account="w2")
    applied = apply_decisions([taken], ACCOUNTS, decided(assumed("2", "9")), UTC_ZONE)
    assert [event.event_id for event in applied.events] == ["w2:assumed-1", "w2:assumed-1'"]
    match(applied.events, zone=UTC_ZONE)


def test_nothing_decided_changes_nothing():
    history = [BOUGHT, OUT, INTO, SOLD]
    applied = apply_decisions(history, ACCOUNTS, [], UTC_ZONE)
    assert (applied.events, applied.choices, applied.states) == (history, PairChoices(), {})


# How moves are told.


def loose(*events: Event) -> list[LooseEnd]:
    return [LooseEnd(one, False) for one in events]


def test_pairs_say_why_and_loose_ends_what_they_may_be():
    out = event("o3", "withdrawal", 20, sent=("0.5", "BTC"), fee=("0.001", "BTC"), txid="0xAB")
    into = event("i4", "deposit", 20.125, received=("0.499", "BTC"), account="w2", txid="ab")
    moves = moves_of([BOUGHT, OUT, LATER, out, into], choices_of(decided(said("confirm", OUT, LATER))))
    first, second = moves.pairs
    assert (first.is_confirmed, second.is_confirmed) == (True, False)
    assert (second.likeness.txid, second.likeness.hours) == (Txid.EQUAL, Decimal("3.00"))
    assert second.likeness.words == "0.001 less arrived, fee 0.001 BTC, 3 h later, txid equal"
    assert first.likeness.words == "0.02 less arrived, 720 h later, txid not told by both"
    assert moves.loose == ()


def test_the_likeliest_other_ends_come_first_and_impossible_ones_not_at_all():
    moved = event("o1", "withdrawal", 10, sent=(1, "BTC"), txid="aa")
    near = event("near", "deposit", 30, received=("0.99", "BTC"), account="w2")
    far = event("far", "deposit", 11, received=("0.85", "BTC"), account="w2")
    told_so = event("told", "deposit", 60, received=("0.5", "BTC"), account="w2", txid="0xAA")
    no = [
        event("early", "deposit", 7, received=(1, "BTC"), account="w2"),
        event("late", "deposit", 101, received=(1, "BTC"), account="w2"),
        event("little", "deposit", 11, received=("0.79", "BTC"), account="w2"),
        event("ether", "deposit", 11, received=(1, "ETH"), account="w2"),
        event("out", "withdrawal", 11, sent=(1, "BTC"), account="w2"),
    ]
    ends = loose(*sorted([moved, near, far, told_so, *no], key=lambda one: one.executed_at))
    found = Candidates(ends).of(LooseEnd(moved, False))
    assert [one.deposit.event_id for one in found] == ["w2:told", "w2:near", "w2:far"]
    back = Candidates(ends).of(LooseEnd(far, False))
    assert [one.withdrawal.event_id for one in back] == ["w1:o1", "w2:out"]
    assert Candidates([LooseEnd(near, True), *loose(moved)]).of(LooseEnd(moved, False)) == []


def test_dollars_and_what_an_assumption_explained_are_no_loose_ends():
    dollars = event("usd", "deposit", 5, received=(700, "USD"), account="w2")
    applied = apply_decisions([dollars, INTO], ACCOUNTS, decided(assumed("0.5", "1", about=INTO)), UTC_ZONE)
    assert moves_of(applied.events, applied.choices) == ((), ())
    half = apply_decisions([dollars, INTO], ACCOUNTS, decided(assumed("0.2", "1", about=INTO)), UTC_ZONE)
    (end,) = moves_of(half.events, half.choices).loose
    assert (end.event.event_id, end.amount.quantity) == (EventId("w2:i1"), Decimal("0.3"))
