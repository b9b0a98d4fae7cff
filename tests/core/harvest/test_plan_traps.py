"""Traps that a plan must not fall into: what it leaves where a loss helps nobody, and what it takes instead."""

from __future__ import annotations

from datetime import date

import pytest

from harvest_tui.core.harvest.targets import Aim
from support.harvest_words import person
from support.plan_words import lot, occasion, plan_of, reasons, sold


@pytest.mark.trap(4)
def test_where_gains_are_not_taxed_no_loss_is_proposed_and_more_gains_are() -> None:
    """15,000 of untaxed long-term gain: a loss of 15,000 would save 0 and be gone, a gain costs nothing either."""
    two = [lot("b1", 65_000), lot("w1", 20_000, asset="ETH", acquired=date(2024, 6, 1))]
    told = occasion(two, {"BTC": 50_000, "ETH": 40_000}, person(wages=30_000, long_gain=15_000))
    best = plan_of(told)
    assert (sold(best), best.totals.saved_now) == ({}, 0)
    assert reasons(best)["b1"] == "enough: the gains that are left are not taxed, a further loss would save nothing"
    forced = plan_of(told, Aim.LOSS, 15_000)
    assert (forced.totals.loss, forced.totals.saved_now) == (15_000, 0)
    assert (forced.after.carry_short_out, forced.after.carry_long_out) == (0, 0)
    gains = plan_of(told, Aim.GAIN, 1_000_000)
    assert sold(gains) == {"w1": "1"}
    assert gains.after.total_tax == gains.before.total_tax


@pytest.mark.trap(18)
def test_lots_of_one_asset_are_not_netted_before_they_are_chosen() -> None:
    """60,000 and 20,000 at a price of 40,000: together nothing is lost, alone the first loses 20,000."""
    two = [lot("dear", 60_000), lot("cheap", 20_000)]
    made = plan_of(occasion(two, {"BTC": 40_000}, person(wages=90_000, short_gain=20_000)))
    assert (sold(made), made.totals.loss) == ({"dear": "1"}, 20_000)
    assert reasons(made) == {"cheap": "no loss to harvest"}


@pytest.mark.trap(28)
def test_a_dead_coin_that_is_still_held_deducts_nothing() -> None:
    """5,000 of basis at a price of 0."""
    told = occasion([lot("b1", 5_000, asset="LUNA")], {"LUNA": 0}, person(wages=90_000, short_gain=7_000))
    for aim in (Aim.BEST, Aim.OFFSET_GAINS, Aim.MAX_DEDUCTION, Aim.LOSS):
        made = plan_of(told, aim, 5_000)
        assert (sold(made), made.totals.loss, made.after) == ({}, 0, made.before), aim
    assert reasons(made)["b1"].startswith("the price is zero")
