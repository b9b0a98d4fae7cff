"""The marginal ladder: each step, what it meets, and the end where a further loss saves nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harvest_tui.core.harvest.ladder import ladder
from harvest_tui.core.harvest.value import value_of
from harvest_tui.core.lots.ledger import Term
from support.harvest_words import bill_of, loss_of, person


def told(steps):
    return [(str(step.from_loss), step.to_loss and str(step.to_loss), str(step.saved_per_dollar)) for step in steps]


def test_a_short_loss_meets_short_gains_then_long_gains_then_wages_then_nothing():
    steps = ladder(*bill_of(person(wages=150_000, short_gain=6000, long_gain=9000), 2026), Term.SHORT)
    assert [(int(step.from_loss), step.to_loss, step.saved_per_dollar) for step in steps] == [
        (0, 6000, Decimal("0.24")),
        (6000, 15_000, Decimal("0.15")),
        (15_000, 18_000, Decimal("0.24")),
        (18_000, None, 0),
    ]
    assert [step.offsets for step in steps] == [
        "short-term gains of this year",
        "long-term gains of this year",
        "other income, up to the yearly limit",
        "nothing this year: it is carried forward",
    ]
    assert steps[1].saved == 1350


def test_a_long_loss_meets_long_gains_first():
    steps = ladder(*bill_of(person(wages=150_000, short_gain=6000, long_gain=9000), 2026), Term.LONG)
    assert [step.saved_per_dollar for step in steps] == [Decimal("0.15"), Decimal("0.24"), Decimal("0.24"), 0]
    assert [step.to_loss for step in steps] == [9000, 15_000, 18_000, None]
    assert steps[1].offsets == "short-term gains of this year"


def test_the_bracket_edge_inside_the_deduction_is_a_step():
    steps = ladder(*bill_of(person(wages=122_000), 2026), Term.SHORT)
    assert [(step.to_loss, step.saved_per_dollar) for step in steps] == [
        (200, Decimal("0.24")),
        (3000, Decimal("0.22")),
        (None, 0),
    ]


def test_without_taxed_income_the_deduction_saves_nothing_and_says_so():
    steps = ladder(*bill_of(person(wages=10_000), 2026), Term.SHORT)
    assert steps[0].offsets == "other income, up to the yearly limit: no taxed income is left, it saves nothing"
    assert {step.saved_per_dollar for step in steps} == {0}


def test_planned_gains_and_next_year_are_steps_of_expectation_only():
    profile = person(wages=150_000, short_gain=0, planned_short_gain=5000, next_long_gain=4000, next_probability="0.5")
    steps = ladder(*bill_of(profile, 2026), Term.SHORT)
    by_words = {step.offsets: step for step in steps}
    planned = by_words["gains planned this year, if they come"]
    assert (planned.saved_per_dollar, planned.to_loss) == (0, 8000)
    assert planned.expected_per_dollar > Decimal("0.8") * Decimal("0.24")
    assert by_words["nothing this year; what is expected next year"].saved_per_dollar == 0
    assert steps[-1].expected_per_dollar == 0


@pytest.mark.parametrize("term", ["short", "long"])
@pytest.mark.parametrize(
    "figures",
    [
        {"wages": 44_000, "short_gain": 6000, "long_gain": 30_000},
        {"wages": 190_000, "long_gain": 25_000, "interest": 3000},
        {"wages": 95_000, "short_gain": 12_345, "long_gain": 23_456, "carry_long": 4000},
        {"wages": 600_000, "short_gain": 90_000, "collectibles_gain": 40_000, "state_rate": "0.06"},
    ],
)
def test_the_steps_add_up_to_what_the_loss_saves(figures, term):
    profile = person(**figures)
    bill, short, long = bill_of(profile, 2026)
    steps = ladder(bill, short, long, Term(term))
    assert [step.from_loss for step in steps[1:]] == [step.to_loss for step in steps[:-1]]
    end = steps[-1].from_loss
    everything = value_of(bill, short, long, loss_of(end, term), profile).saved_now
    assert abs(sum(step.saved for step in steps[:-1]) - everything) < Decimal("0.01")
    beyond = value_of(bill, short, long, loss_of(end + 50_000, term), profile).saved_now
    assert beyond == everything
    assert (steps[-1].to_loss, steps[-1].saved_per_dollar) == (None, 0)


def test_the_ladder_begins_where_the_year_stands():
    full = person(wages=150_000, short_gain=-9000)
    assert told(ladder(*bill_of(full, 2026), Term.LONG)) == [("0", None, "0")]
