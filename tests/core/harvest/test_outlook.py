"""The outlook weighs lots by the bill of the plan it shows, whatever the aim."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from harvest_tui.core.harvest.outlook import look_out
from harvest_tui.core.harvest.plan import bill_for
from harvest_tui.core.harvest.targets import Aim
from support.harvest_words import person
from support.plan_words import lot, occasion

TOLD = person(wages=40_000)


@pytest.mark.parametrize("aim", list(Aim))
def test_the_outlook_has_the_bill_of_its_aim(aim: Aim) -> None:
    told = occasion([lot("b1", 60_000), lot("w1", 20_000, acquired=date(2024, 6, 1))], {"BTC": 40_000}, TOLD)
    assert look_out(told, aim).bill == bill_for(aim, TOLD, told.so_far.inputs)


def test_a_gain_is_proposed_at_what_the_plan_says_it_brings() -> None:
    """15 % is saved later on each of the 20,000 by the raised basis; without that footing it would be nothing."""
    told = occasion([lot("w1", 20_000, acquired=date(2024, 6, 1))], {"BTC": 40_000}, TOLD)
    outlook = look_out(told, Aim.GAIN, Decimal(40_000))
    (mark,), (proposal,) = outlook.plan.marks, outlook.proposals
    assert (mark.quantity, proposal.in_best, proposal.quantity) == (1, 1, 1)
    assert proposal.value.owed_later == mark.value.owed_later < 0
    assert proposal.value.net == mark.value.net > 0
    ordinary = bill_for(Aim.BEST, TOLD, told.so_far.inputs)
    assert outlook.bill.rates != ordinary.rates
