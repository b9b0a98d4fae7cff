"""The traps of loss harvesting, each with the figure a wrong rule would get wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from harvest_tui.core.harvest.deferral import cost_if_regained, kept_if_sold_early, rebought
from harvest_tui.core.harvest.ladder import ladder
from harvest_tui.core.harvest.later import LaterRates, discount
from harvest_tui.core.harvest.tiers import Tier
from harvest_tui.core.harvest.value import lost_by_turning_long
from harvest_tui.core.harvest.year_picture import YearPicture
from harvest_tui.core.lots.ledger import Term
from support.harvest_words import bill_of, dec, loss_of, person, saved, worth

DAY = date(2026, 11, 22)


def spread(value):
    return [(part.tier, part.loss) for part in value.parts]


@pytest.mark.trap(1)
def test_600_000_of_losses_without_gains_save_1_110_and_not_222_000():
    value = worth(person(wages=600_000), 2023, loss_of(600_000, "short"))
    assert value.saved_now == 1110
    assert spread(value) == [(Tier.DEDUCTION, 3000), (Tier.CARRIED, 597_000)]
    assert value.wasted == 597_000


@pytest.mark.worked_example("Brian")
@pytest.mark.parametrize(("wages", "year", "now"), [(600_000, 2023, 1110), (200_000, 2026, 720), (50_000, 2026, 360)])
def test_without_gains_only_the_yearly_deduction_is_saved(wages, year, now):
    assert saved(person(wages=wages), year, 600_000, "long") == now


@pytest.mark.worked_example("Jane")
@pytest.mark.parametrize(("kind", "now"), [("short_gain", 5190), ("long_gain", 3490)])
@pytest.mark.parametrize(
    ("status", "wages"), [("single", 700_000), ("head_of_household", 700_000), ("married_joint", 800_000)]
)
def test_jane_in_the_top_bracket_saves_thousands_and_carries_274_000(status, wages, kind, now):
    jane = person(status, wages=wages, **{kind: 10_000})
    value = worth(jane, 2023, loss_of(287_000, "long"))
    assert value.saved_now == now
    assert spread(value) == [(Tier.GAINS, 10_000), (Tier.DEDUCTION, 3000), (Tier.CARRIED, 274_000)]
    bill, short, long = bill_of(jane, 2023)
    settled = bill.this_year.settle(short, long - 287_000)
    assert settled.carry_short + settled.carry_long == 274_000


@pytest.mark.worked_example("Jane")
@pytest.mark.parametrize(("kind", "now"), [("short_gain", 5190), ("long_gain", 3490)])
def test_the_ladder_of_jane_ends_after_13_000(kind, now):
    steps = ladder(*bill_of(person(wages=700_000, **{kind: 10_000}), 2023), Term.LONG)
    assert [(step.from_loss, step.to_loss) for step in steps] == [(0, 10_000), (10_000, 13_000), (13_000, None)]
    assert steps[0].saved + steps[1].saved == now
    assert steps[-1].saved_per_dollar == 0
    assert steps[-1].offsets == "nothing this year: it is carried forward"


@pytest.mark.trap(2)
def test_married_separately_half_the_limit_counts():
    value = worth(person("married_separate", wages=80_000), 2026, loss_of(8000, "short"))
    assert (value.saved_now, value.wasted) == (330, 6500)


@pytest.mark.trap(3)
def test_losses_cross_over_to_the_other_term():
    assert saved(person(wages=120_000, short_gain=25_000), 2025, 30_000, "long") == 6678
    assert saved(person(wages=120_000, long_gain=25_000), 2025, 30_000, "short") == 4428


@pytest.mark.trap(4)
def test_a_loss_into_the_untaxed_band_is_destroyed():
    value = worth(person(wages=40_000, long_gain=15_000), 2026, loss_of(15_000, "long"))
    assert (value.saved_now, value.net, value.tier) == (0, -value.owed_later, Tier.GAINS)
    assert value.verdict == "Saves nothing: the gains it would offset are not taxed."
    steps = ladder(*bill_of(person(wages=40_000, long_gain=15_000), 2026), Term.LONG)
    assert steps[0].to_loss == 15_000
    assert steps[0].offsets == "long-term gains of this year, which are not taxed: it saves nothing"
    assert (steps[1].to_loss, steps[1].saved_per_dollar) == (18_000, Decimal("0.12"))


@pytest.mark.trap(5)
def test_a_gain_across_the_threshold_is_not_taxed_flat():
    straddling = person(wages=50_000, long_gain=30_000)
    assert saved(straddling, 2024, 20_000, "long") == Decimal("2756.25")
    steps = ladder(*bill_of(straddling, 2024), Term.LONG)
    assert [(step.to_loss, step.saved_per_dollar) for step in steps[:2]] == [
        (18_375, Decimal("0.15")),
        (30_000, 0),
    ]


@pytest.mark.trap(6)
def test_in_the_27_percent_zone_a_short_loss_saves_more_than_the_bracket():
    assert saved(person(wages=44_000, short_gain=6000, long_gain=30_000), 2026, 6000, "short") == 1620


@pytest.mark.trap(7)
def test_qualified_dividends_are_never_offset():
    value = worth(person(wages=120_000, qualified_dividends=30_000, long_gain=10_000), 2026, loss_of(18_000, "long"))
    assert spread(value) == [(Tier.GAINS, 10_000), (Tier.DEDUCTION, 3000), (Tier.CARRIED, 5000)]
    rate_on_wages = Decimal("0.22")
    assert value.saved_now == 10_000 * Decimal("0.15") + 3000 * rate_on_wages


@pytest.mark.trap(8)
def test_thresholds_are_taxable_income_so_this_gain_was_free():
    assert saved(person(wages=60_000, long_gain=5000), 2026, 5000, "long") == 0


@pytest.mark.trap(9)
def test_investment_tax_is_capped_by_income_and_lowered_by_the_deduction():
    assert saved(person(wages=190_000, long_gain=25_000), 2026, 12_000, "long") == 12_000 * Decimal("0.15") + 456
    assert saved(person("married_joint", wages=300_000, interest=20_000), 2026, 3000, "short") == 834


@pytest.mark.trap(10)
@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025, 2026])
def test_neither_the_limit_nor_the_investment_tax_threshold_is_indexed(year):
    value = worth(person(wages=190_000, long_gain=25_000), year, loss_of(40_000, "long"))
    assert value.parts[1] == (Tier.DEDUCTION, 3000)
    assert saved(person(wages=190_000, long_gain=25_000), year, 12_000, "long") == 12_000 * Decimal("0.15") + 456


@pytest.mark.trap(11)
@pytest.mark.parametrize(("wages", "loss", "carried"), [(5000, 10_000, 10_000), (17_000, 8000, 6750)])
def test_low_income_uses_up_less_of_the_loss(wages, loss, carried):
    bill, short, long = bill_of(person(wages=wages), 2025)
    settled = bill.this_year.settle(short - loss, long)
    assert settled.carry_short + settled.carry_long == carried


@pytest.mark.trap(12)
def test_the_deduction_takes_short_losses_first_and_the_rest_keeps_its_term():
    bill, short, long = bill_of(person(wages=100_000), 2026)
    settled = bill.this_year.settle(short - 2000, long - 9000)
    assert (settled.carry_short, settled.carry_long) == (0, 8000)


@pytest.mark.trap(13)
def test_losses_carried_in_come_first():
    told = person(wages=120_000, short_gain=20_000, carry_short=50_000, carry_long=20_000)
    value = worth(told, 2026, loss_of(10_000, "short"))
    assert (value.saved_now, value.benefit, spread(value)) == (0, 0, [(Tier.CARRIED, 10_000)])
    assert value.verdict == "Saves nothing: there are no gains left to offset, it would only be carried forward."


@pytest.mark.trap(22)
def test_a_long_term_lot_that_restarts_pays_back_more_than_it_saved():
    told = person(wages=230_000, long_gain=10_000)
    sale = loss_of(10_000, "long", value=40_000)
    now = worth(told, 2025, sale).saved_now
    later = cost_if_regained(YearPicture(person(wages=230_000).inputs(2025)), dec(10_000))
    assert (now, later, now - later) == (1880, 3580, -1700)
    rates = LaterRates(dec("0.358"), dec("0.188"), dec(1))
    assert kept_if_sold_early(sale, dec(40_000), now, rates, dec(50_000)) == -1700


@pytest.mark.trap(27)
def test_two_trades_cost_more_than_a_small_loss_saves():
    told = person(wages=150_000, short_gain=5000, later_rate=0)
    value = worth(told, 2026, loss_of(400, "short", value=20_000, round_trip=dec("0.006")))
    assert (value.saved_now, value.fees, value.net) == (96, 120, -24)
    assert value.verdict == "Fees are more than it saves."


@pytest.mark.trap(21)
def test_buying_back_lowers_the_basis_and_the_tax_comes_back():
    sale = loss_of(20_000, "short", value=30_000)
    lot = rebought(sale, DAY, DAY, 0, dec(5000), LaterRates(dec("0.24"), dec("0.15"), dec(1)))
    assert (sale.basis, lot.cost_basis, lot.gain_at(dec(60_000)), lot.gain_added) == (50_000, 30_000, 30_000, 20_000)


DELTA_ROWS = [
    ({"wages": 150_000, "short_gain": 20_000}, "short", "0.15", "0.107"),
    ({"wages": 80_000, "short_gain": 10_000}, "short", "0.15", "0.087"),
    ({"wages": 230_000}, "short", "0.15", "0.187"),
    ({"wages": 700_000, "short_gain": 10_000}, "short", "0.238", "0.197"),
    ({"wages": 40_000, "short_gain": 5000}, "short", "0", "0.120"),
    ({"wages": 150_000, "short_gain": 20_000}, "short", "0.24", "0.027"),
    ({"wages": 150_000, "long_gain": 20_000}, "long", "0.15", "0.017"),
]


@pytest.mark.parametrize(("told", "term", "later", "delta"), DELTA_ROWS)
def test_a_dollar_of_loss_is_worth_its_saving_less_what_comes_back(told, term, later, delta):
    value = worth(person(later_rate=later, **told), 2026, loss_of(3000, term))
    assert round(value.benefit / value.loss, 3) == Decimal(delta)


def test_a_loss_that_will_only_meet_its_own_gain_is_worth_nothing():
    told = person(wages=150_000, short_gain=-3000, later_rate="0.15")
    value = worth(told, 2026, loss_of(10_000, "short", round_trip=dec("0.005")))
    assert (value.saved_now, value.saved_hoped, value.owed_later, value.benefit) == (0, 0, 0, 0)
    assert value.net == -value.fees == -250


def test_the_discount_is_that_of_the_table():
    assert discount(dec("0.04"), dec(3)) == Decimal("0.88692044")


def test_a_short_loss_about_to_turn_long_matters_only_where_long_gains_wait_for_it():
    sale = loss_of(10_000, "short")
    assert lost_by_turning_long(*bill_of(person(wages=150_000, short_gain=20_000), 2026), sale) == 0
    both = person(wages=150_000, short_gain=20_000, long_gain=20_000)
    assert lost_by_turning_long(*bill_of(both, 2026), sale) == 10_000 * (Decimal("0.24") - Decimal("0.15"))
