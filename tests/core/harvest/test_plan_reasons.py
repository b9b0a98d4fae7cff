"""Each reason for which a lot is left, by an example; and what targets take and leave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from harvest_tui.core.harvest.circumstances import PLAIN, Circumstances, Reach
from harvest_tui.core.harvest.order_limits import OrderLimits
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.lots.ledger import Lot
from support.harvest_words import dec, person
from support.plan_words import NOW, key, lot, occasion, plan_of, reasons, sold

RICH = person(wages=200_000, short_gain=50_000)
IN_ORDER = Circumstances(reach=Reach.IN_ORDER)
LIMITS = OrderLimits(step=dec("0.0001"), least_quantity=dec("0.001"), least_cost=dec(10))


def left(one: Lot, price: object | None, around: Circumstances = PLAIN, aim: Aim = Aim.BEST, **told: object) -> str:
    """Why the only lot of a home is left, "" where it is sold."""
    profile = person(**({"wages": 200_000, "short_gain": 50_000} | told))
    prices = {} if price is None else {one.asset: price}
    made = plan_of(occasion([one], prices, profile, {(one.account, one.asset): around}), aim, 10_000_000)
    assert (len(made.marks), len(made.skipped)) in ((1, 0), (0, 1))
    return reasons(made).get(one.lot_id, "")


def test_a_plain_loss_is_sold() -> None:
    assert left(lot("b1", 60_000), 40_000) == ""


@pytest.mark.parametrize(
    ("one", "price", "around", "why"),
    [
        (lot("b1", 900, asset="apes#7"), 40, PLAIN, "real sale to an unrelated buyer"),
        (lot("b1", 60_000), None, PLAIN, "no price is known"),
        (lot("b1", 60_000, asset="LUNA"), 0, PLAIN, "the price is zero"),
        (lot("b1", 60_000), 40_000, PLAIN._replace(is_sellable=False), "no market against dollars"),
        (lot("b1", 60_000), 40_000, PLAIN._replace(is_mismatched=True), "does not match its lots"),
        (lot("b1", None), 40_000, PLAIN, "basis is unknown"),
        (lot("b1", 9, "0.0002"), 40_000, PLAIN._replace(limits=LIMITS), "dust"),
        (lot("b1", 60_000), 40_000, PLAIN._replace(locked=dec(1)), "staked or locked: 1 of the position"),
        (lot("b1", 60_000), 40_000, PLAIN._replace(locked=dec("0.99995"), limits=LIMITS), "staked or locked"),
        (lot("b1", 30_000), 40_000, PLAIN, "no loss to harvest"),
        (lot("b1", 40_000), 40_000, PLAIN, "no loss to harvest"),
    ],
)
def test_what_cannot_be_sold_is_left_with_its_reason(one: Lot, price: object, around: Circumstances, why: str) -> None:
    assert why in left(one, price, around)


def test_a_gift_between_its_two_bases_has_neither_gain_nor_loss() -> None:
    given = lot("g1", 60_000, loss_basis=dec(30_000), loss_acquired_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert "neither gain nor loss" in left(given, 40_000)
    assert left(given, 20_000) == ""


def test_a_gain_target_takes_long_term_gains_alone() -> None:
    assert left(lot("b1", 60_000), 40_000, aim=Aim.GAIN) == "no gain to harvest"
    young = lot("b1", 30_000, acquired=date(2026, 6, 1))
    why = left(young, 40_000, aim=Aim.GAIN, wages=20_000, short_gain=0)
    assert why == "a short-term gain, taxed as ordinary income: long-term from 2027-06-02"


def test_shares_of_a_fund_under_the_wash_sale_rule_wait_31_days_or_are_left() -> None:
    fund, rule = lot("i1", 60_000, asset="IBIT"), PLAIN._replace(wash_sale_rule=True)
    assert "bought within 30 days" in left(fund, 40_000, rule._replace(bought_lately=dec("0.1")), wait_days=31)
    assert "bought back within 30 days" in left(fund, 40_000, rule)
    assert "bought back within 30 days" in left(fund, 40_000, rule, wait_days=30)
    assert left(fund, 40_000, rule, wait_days=31) == ""
    old = lot("i1", 20_000, asset="IBIT", acquired=date(2024, 6, 1))
    assert left(old, 40_000, rule, Aim.GAIN, wages=20_000, short_gain=0) == ""


def test_a_loss_that_would_only_be_carried_forward_is_enough() -> None:
    two = [lot("b1", 60_000), lot("b2", 61_000, asset="ETH")]
    made = plan_of(occasion(two, {"BTC": 57_000, "ETH": 40_000}, person(wages=100_000, short_gain=18_000)))
    assert sold(made) == {"b2": "1"}
    assert reasons(made) == {
        "b1": "enough: a further loss would save nothing this year, it would only be carried forward"
    }


def test_untaxed_gains_are_worth_no_loss() -> None:
    why = left(lot("b1", 60_000), 40_000, wages=30_000, short_gain=0, long_gain=25_000)
    assert why == "enough: the gains that are left are not taxed, a further loss would save nothing"


def test_without_taxed_income_the_deduction_saves_nothing() -> None:
    why = left(lot("b1", 60_000), 40_000, wages=9_000, short_gain=0)
    assert why == "enough: no taxed income is left that a further loss could be deducted from"


def test_fees_that_eat_the_saving_leave_the_lot() -> None:
    why = left(lot("b1", 40_100), 40_000, fee="0.005", wages=80_000)
    assert why == "costs more, tax later included, than the 24.0 cents that a dollar of its loss would still save"


def test_room_for_less_than_a_cent_is_no_room() -> None:
    # The part of the deep lot that fills gains and deduction is cut to eight decimals of a coin.
    two = [lot("deep", 60_000), lot("thin", 40_150, asset="ETH")]
    told = person(wages=80_000, short_gain=9_000, fee="0.005")
    made = plan_of(occasion(two, {"BTC": 41_237, "ETH": 40_000}, told))
    assert sold(made) == {"deep": "0.63260493"}
    assert reasons(made) == {
        "thin": "enough: a further loss would save nothing this year, it would only be carried forward"
    }


def test_a_proposed_lot_pays_today_and_says_from_what_depth_waiting_no_longer_pays_more() -> None:
    told = person(wages=80_000, short_gain=9_000, fee="0.005")
    (mark,) = plan_of(occasion([lot("deep", 60_000)], {"BTC": 41_237}, told)).marks
    assert mark.why.endswith("31.3 % below its basis: pays today, waiting for 34.2 % may pay more")
    (mark,) = plan_of(occasion([lot("deep", 60_000)], {"BTC": "33333.33"}, told)).marks
    assert mark.why.endswith("44.4 % below its basis, deep enough today (from 34.2 %)")


def test_a_cheaper_lot_serves_the_target() -> None:
    two = [lot("near", 60_000, acquired=date(2025, 1, 5)), lot("deep", 300_000, 1, "ETH")]
    made = plan_of(occasion(two, {"BTC": 50_000, "ETH": 20_000}, person(wages=80_000, fee="0.004")), Aim.LOSS, 9_000)
    assert list(sold(made)) == ["deep"]
    assert "reach the target" in reasons(made)["near"] or "enough" in reasons(made)["near"]


def test_the_venues_order_blocks_a_loss_behind_a_large_gain() -> None:
    chain = [lot("old", 5_000, acquired=date(2026, 1, 5)), lot("new", 60_000, acquired=date(2026, 6, 1))]
    told = occasion(chain, {"BTC": 40_000}, RICH, {key(): IN_ORDER})
    made = plan_of(told)
    assert sold(made) == {}
    assert reasons(made) == {
        "old": "its venue would sell it before the losses behind it, which do not make up for that",
        "new": "its venue would first sell the lots before it, and that does not pay",
    }
    free = plan_of(occasion(chain, {"BTC": 40_000}, RICH))
    assert sold(free) == {"new": "1"}


def test_the_venues_order_is_gone_through_where_the_loss_behind_makes_up_for_it() -> None:
    chain = [lot("old", 39_500, acquired=date(2026, 1, 5)), lot("new", 60_000, acquired=date(2026, 6, 1))]
    made = plan_of(occasion(chain, {"BTC": 40_000}, RICH, {key(): IN_ORDER}))
    assert sold(made) == {"old": "1", "new": "1"}
    assert made.marks[0].why == "the venue sells it before the lots behind it"
    assert made.marks[1].why.endswith("next in its venue's own order")


@pytest.mark.parametrize(("order", "first"), [("fifo", "a"), ("lifo", "c"), ("hifo", "b"), ("lofo", "a")])
def test_each_standing_order_starts_with_its_own_lot(order: str, first: str) -> None:
    lots = [
        lot("a", 50_000, acquired=date(2026, 1, 5)),
        lot("b", 70_000, acquired=date(2026, 2, 5)),
        lot("c", 60_000, acquired=date(2026, 3, 5)),
    ]
    around = {key(): IN_ORDER._replace(lot_order=order)}
    made = plan_of(occasion(lots, {"BTC": 40_000}, person(wages=200_000, short_gain=7_000)), Aim.LOSS, 1)
    assert len(made.marks) == 1
    chained = plan_of(occasion(lots, {"BTC": 40_000}, RICH, around), Aim.LOSS, 1)
    assert list(sold(chained)) == [first]


@pytest.mark.parametrize("order", ["hifo", "lofo"])
def test_a_lot_of_unknown_basis_comes_last_by_cost_and_first_by_age(order: str) -> None:
    lots = [lot("lost", None, acquired=date(2026, 1, 5)), lot("b", 70_000, acquired=date(2026, 2, 5))]
    by_cost = plan_of(occasion(lots, {"BTC": 40_000}, RICH, {key(): IN_ORDER._replace(lot_order=order)}))
    assert sold(by_cost) == {"b": "1"}
    by_age = plan_of(occasion(lots, {"BTC": 40_000}, RICH, {key(): IN_ORDER}))
    assert sold(by_age) == {}
    assert reasons(by_age)["b"] == "its venue would sell a lot of unknown basis before it"


def test_equal_unit_costs_go_by_age_even_where_a_part_was_cut_off_before() -> None:
    """100 dollars for 3 units; of the older lot one is gone, and what is left has a remainder in its last place."""
    third = Decimal("66.666666666666666667")
    lots = [lot("old", third, 2, acquired=date(2026, 1, 5)), lot("new", 100, 3, acquired=date(2026, 2, 5))]
    around = {key(): IN_ORDER._replace(lot_order="lofo")}
    made = plan_of(occasion(lots, {"BTC": 30}, RICH, around), Aim.LOSS, 1)
    assert list(sold(made)) == ["old"]


def test_locked_units_leave_the_deepest_losses_to_be_sold() -> None:
    lots = [lot("deep", 90_000), lot("flat", 45_000, acquired=date(2026, 7, 1))]
    made = plan_of(occasion(lots, {"BTC": 40_000}, RICH, {key(): PLAIN._replace(locked=dec("1.25"))}))
    assert sold(made) == {"deep": "0.75"}
    assert reasons(made) == {"flat": "staked or locked: 1.25 of the position cannot be sold now"}


def test_an_order_that_would_be_too_small_is_left_and_the_gap_is_told() -> None:
    big = OrderLimits(step=None, least_quantity=None, least_cost=dec(20_000))
    told = occasion(
        [lot("b1", 60_000)], {"BTC": 40_000}, person(wages=80_000, short_gain=500), {key(): PLAIN._replace(limits=big)}
    )
    made = plan_of(told, Aim.OFFSET_GAINS)
    assert sold(made) == {}
    assert reasons(made) == {"b1": "the part that would help is less than the smallest order its exchange takes"}
    assert not made.is_exact
    alone = plan_of(
        occasion([lot("b1", 60_000)], {"BTC": 40_000}, person(wages=80_000, short_gain=500)), Aim.OFFSET_GAINS
    )
    assert made.gap == alone.totals.net > 40


def test_parts_are_cut_to_the_steps_of_the_venue() -> None:
    coarse = OrderLimits(step=dec("0.1"), least_quantity=None, least_cost=None)
    told = occasion([lot("b1", 60_000)], {"BTC": 40_000}, RICH, {key(): PLAIN._replace(limits=coarse)})
    assert sold(plan_of(told, Aim.LOSS, 7_000)) == {"b1": "0.3"}


def test_gains_are_harvested_exactly_up_to_the_top_of_the_0_percent_bracket() -> None:
    winner = lot("w1", 10_000, 2, acquired=date(2024, 6, 1))
    made = plan_of(occasion([winner], {"BTC": 60_000}, person(wages=40_000)), Aim.GAIN, 1_000_000)
    assert made.after.taxable_income == 49_450
    assert made.after.total_tax == made.before.total_tax
    assert made.totals.loss.quantize(Decimal("0.01")) == -(49_450 - (40_000 - 16_100))
    less = plan_of(occasion([winner], {"BTC": 60_000}, person(wages=40_000)), Aim.GAIN, 5_500)
    assert less.totals.loss.quantize(Decimal("0.01")) == -5_500
    full = plan_of(occasion([winner], {"BTC": 60_000}, person(wages=80_000)), Aim.GAIN, 5_500)
    assert sold(full) == {}
    assert reasons(full) == {"w1": "beyond the 0 % bracket: a further gain would be taxed"}


def test_gains_stop_at_the_bracket_with_dividends_and_use_up_the_losses_in_between() -> None:
    winner = lot("w1", 10_000, 2, acquired=date(2024, 6, 1))
    told = person(wages=40_000, qualified_dividends=5_000, carry_long=2_000, long_gain=1_500)
    made = plan_of(occasion([winner], {"BTC": 60_000}, told), Aim.GAIN, 1_000_000)
    assert made.after.taxable_income == 49_450
    assert made.after.total_tax - made.before.total_tax == 500 * dec("0.12")
    assert made.marks[0].why == "a gain that uses up losses of this year and raises the basis"
    against_short = person(wages=40_000, short_gain=5_000, long_gain=-8_000)
    made = plan_of(occasion([winner], {"BTC": 60_000}, against_short), Aim.GAIN, 1_000_000)
    assert made.after.taxable_income == 49_450
    assert made.after.total_tax - made.before.total_tax == (3_000 + 5_000) * dec("0.12")


def test_a_large_loss_carried_in_is_not_thrown_away_for_a_little_room() -> None:
    winner = lot("w1", 10_000, 2, acquired=date(2024, 6, 1))
    told = person(wages=65_000, carry_long=60_000, fee="0.004")
    made = plan_of(occasion([winner], {"BTC": 60_000}, told), Aim.GAIN, 1_000_000)
    assert sold(made) == {}


def test_losses_carried_in_offset_the_gains_before_a_harvest_does() -> None:
    told = person(wages=100_000, short_gain=10_000, carry_long=4_000, collectibles_gain=1_000)
    offset = plan_of(occasion([lot("b1", 60_000)], {"BTC": 40_000}, told), Aim.OFFSET_GAINS)
    assert offset.totals.loss.quantize(Decimal("0.01")) == 10_000 + 1_000 - 4_000
    full = plan_of(occasion([lot("b1", 60_000)], {"BTC": 40_000}, told), Aim.MAX_DEDUCTION)
    assert full.after.allowed_loss == 3_000
    assert full.after.carry_short_out == full.after.carry_long_out == 0


def test_small_steps_first_would_stop_at_nothing_where_all_of_it_pays() -> None:
    """Long-term losses first meet the long-term gain at 15 %, then the short-term gain at 24 %, at 18 cents each."""
    fee = dec("0.18") * 23 / 200
    told = person(wages=150_000, short_gain=10_000, long_gain=10_000, spread=fee, later_rate=0, early_sales=0)
    losing = lot("b1", 223_000, acquired=date(2025, 1, 5))
    made = plan_of(occasion([losing], {"BTC": 200_000}, told))
    assert sold(made) == {"b1": "1"}
    assert made.totals.saved_now == 10_000 * dec("0.15") + 13_000 * dec("0.24")
    assert made.totals.fees == 4_140
    assert made.totals.net == 480
    half = plan_of(occasion([losing], {"BTC": 200_000}, told), Aim.LOSS, 10_000)
    assert half.totals.net.quantize(Decimal("0.01")) == -300


def test_a_short_lot_about_to_turn_long_says_what_that_would_cost() -> None:
    told = person(wages=150_000, short_gain=20_000, long_gain=20_000)
    made = plan_of(occasion([lot("b1", 60_000, acquired=date(2025, 12, 1))], {"BTC": 50_000}, told))
    assert "turns long-term in 10 days, which would cost 900.00" in made.marks[0].why
    later = plan_of(occasion([lot("b1", 60_000, acquired=date(2026, 1, 15))], {"BTC": 50_000}, told))
    assert "turns long-term" not in later.marks[0].why


def test_the_deadline_is_the_end_of_the_year_on_the_taxpayers_clock() -> None:
    made = plan_of(occasion([lot("b1", 60_000)], {"BTC": 40_000}, RICH))
    assert made.deadline.isoformat() == "2026-12-31T23:59:59-05:00"
    assert (made.days_left, made.year, made.as_of) == (39, 2026, NOW)
