"""Marks in named plans: what is marked stays marked, and says so where its lot has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from harvest_tui.core.identification.marks import (
    Journal,
    Mark,
    Plan,
    Plans,
    compared,
    doubts_about,
    marked_lots,
    total_units,
)
from harvest_tui.core.lots.ledger import Lot, Mismatch, Provenance
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from support.lot_events import at

W1, BTC = AccountId("w1"), Asset("BTC")


def mark(name: str, quantity: object = None, reason: str = "") -> Mark:
    return Mark(LotId(name), W1, BTC, None if quantity is None else Decimal(str(quantity)), reason)


def held(name: str, quantity: object, cost: object = 100) -> Lot:
    basis = None if cost is None else Decimal(str(cost))
    provenance = Provenance.PROVEN if cost is not None else Provenance.UNKNOWN
    units = Decimal(str(quantity))
    return Lot(LotId(name), EventId(name), W1, BTC, at(1), date(2025, 1, 3), units, basis, provenance)


def test_a_plan_has_one_mark_a_lot_and_keeps_their_order() -> None:
    plan = Plan("p").with_marks([mark("a"), mark("b", 1)]).with_marks([mark("a", 2, "x"), mark("c")])
    assert plan.marks == (mark("a", 2, "x"), mark("b", 1), mark("c"))
    assert plan.without({LotId("b"), LotId("z")}).marks == (mark("a", 2, "x"), mark("c"))
    assert (plan.mark_of(LotId("b")), plan.mark_of(LotId("z"))) == (mark("b", 1), None)


def test_plans_are_made_copied_renamed_and_deleted_and_one_is_worked_on() -> None:
    plans = Plans().with_plan(Plan("plan", (mark("a"),))).created("deep", copy_of="plan")
    assert (plans.active, plans.current.marks) == ("deep", (mark("a"),))
    plans = plans.renamed("deep", " dip ").created("empty")
    assert ([plan.name for plan in plans.plans], plans.active) == (["plan", "dip", "empty"], "empty")
    assert plans.current.marks == ()
    assert plans.renamed("plan", "first").active == "empty"
    assert plans.deleted("empty").active == "dip"
    assert plans.deleted("plan").activated("dip").deleted("dip").active == "empty"


@pytest.mark.parametrize("name", ["", "  ", "plan", "x" * 41, "two\nlines", "esc\x1b]0;"])
def test_a_plan_needs_a_name_of_its_own(name: str) -> None:
    with pytest.raises(ValueError, match=r"name|called"):
        Plans().created(name)


def test_what_there_is_not_is_refused() -> None:
    for verb in (Plans().activated, Plans().named, Plans().deleted):
        with pytest.raises(ValueError, match="no plan called 'gone'"):
            verb("gone")
    with pytest.raises(ValueError, match="last plan"):
        Plans().deleted("plan")
    with pytest.raises(ValueError, match="no plan"):
        Plans().with_plan(Plan("gone"))


def test_a_mark_whose_lot_shrank_or_went_says_so_and_is_not_lost() -> None:
    plan = Plan("p", (mark("whole"), mark("part", "0.5"), mark("shrunk", 3), mark("gone", 1), mark("used")))
    lots = {one.lot_id: one for one in (held("whole", 2), held("part", 1), held("shrunk", "1.25"), held("used", 0))}
    found = marked_lots(plan, lots)
    assert [(one.mark.lot_id, str(one.quantity), one.state.name) for one in found] == [
        ("whole", "2", "FITS"),
        ("part", "0.5", "FITS"),
        ("shrunk", "1.25", "SHRUNK"),
        ("gone", "0", "GONE"),
        ("used", "0", "GONE"),
    ]
    assert [one.words for one in found[2:4]] == [
        "BTC in w1: 3 are marked, lot shrunk has 1.25",
        "BTC in w1: lot gone is no longer open",
    ]
    assert total_units(found) == {(W1, BTC): Decimal("3.75")}


def test_plans_are_compared_by_units_and_not_by_reason() -> None:
    one = Plan("a", (mark("same"), mark("less", 1), mark("mine"), mark("why", 1, "x")))
    other = Plan("b", (mark("theirs"), mark("less", 2), mark("same"), mark("why", "1.0", "y")))
    assert [(it.lot_id, it.here, it.there) for it in compared(one, other)] == [
        ("less", mark("less", 1), mark("less", 2)),
        ("mine", mark("mine"), None),
        ("theirs", None, mark("theirs")),
    ]


def test_doubtful_lots_ask_for_a_reason() -> None:
    sound = held("a", 1)
    short = Mismatch(W1, BTC, Decimal("0.5"), Decimal(1))
    assert doubts_about(sound, []) == ()
    assert doubts_about(sound, [replace_account(short)]) == ()
    assert doubts_about(sound, [short]) == ("w1 holds 0.5 BTC less than its lots say",)
    assert len(doubts_about(held("a", 1, None), [short], is_reachable=False)) == 3


def replace_account(mismatch: Mismatch) -> Mismatch:
    return mismatch._replace(account=AccountId("w2"))


def test_the_journal_goes_back_and_forth_and_forgets_the_future_on_a_change() -> None:
    first = Plans()
    second = first.with_plan(Plan("plan", (mark("a"),)))
    third = second.with_plan(Plan("plan", (mark("a"), mark("b"))))
    journal = Journal().changed(first).changed(second)
    back = journal.undone(third)
    assert back is not None
    assert back[0] == second
    again = back[1].redone(second)
    assert again is not None
    assert again[0] == third
    assert back[1].changed(second).redone(first) is None
    assert Journal().undone(first) is None
    assert len(replace(Journal(), depth=2).changed(first).changed(second).changed(third).past) == 2
