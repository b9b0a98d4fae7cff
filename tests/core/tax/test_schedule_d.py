"""Netting and carryover, against a second reading of the law itself: IRC 1211(b), 1212(b)(1) and (2)."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.core.tax.schedule_d import Results, carried_forward, net
from support.taxpayers import cents

LIMIT = Decimal(3_000)
NOTHING = Decimal(0)
results = st.builds(
    Results,
    short=cents(60_000, -60_000),
    long=cents(60_000, -60_000),
    collectibles=cents(20_000, -20_000),
    carry_short=cents(20_000),
    carry_long=cents(20_000),
)


def by_the_statute(short: Decimal, long: Decimal, taxable_income: Decimal) -> tuple[Decimal, Decimal]:
    """IRC 1212(b)(1): what is carried over, with the allowed loss as short-term gain under paragraph (2)."""
    allowed = max(NOTHING, min(LIMIT, -(short + long)))
    adjusted_taxable_income = taxable_income + allowed
    treated_as_gain = max(NOTHING, min(allowed, adjusted_taxable_income))
    net_short = short + treated_as_gain
    short_loss, short_gain = max(NOTHING, -net_short), max(NOTHING, net_short)
    long_loss, long_gain = max(NOTHING, -long), max(NOTHING, long)
    return max(NOTHING, short_loss - long_gain), max(NOTHING, long_loss - short_gain)


@settings(max_examples=500, deadline=None)
@given(results, cents(40_000, -40_000))
def test_the_carryover_is_that_of_the_statute(told: Results, income: Decimal) -> None:
    year = net(told, LIMIT)
    assert tuple(carried_forward(year, income)) == by_the_statute(year.net_short, year.net_long, income)


@settings(max_examples=250, deadline=None)
@given(results, cents(40_000, -40_000))
def test_no_loss_appears_or_vanishes(told: Results, income: Decimal) -> None:
    year, used = net(told, LIMIT), Decimal(0)
    if year.allowed_loss:
        used = max(NOTHING, min(year.allowed_loss, income + year.allowed_loss))
    assert sum(carried_forward(year, income)) == max(NOTHING, -year.both) - used
    assert year.both == told.short + told.long + told.collectibles - told.carry_short - told.carry_long


@settings(max_examples=200, deadline=None)
@given(results)
def test_what_enters_income_is_the_gain_or_at_most_the_limit(told: Results) -> None:
    year = net(told, LIMIT)
    assert year.in_income == max(year.both, -LIMIT)
    assert year.allowed_loss == max(NOTHING, -year.in_income)
    assert 0 <= year.preferred_gain <= max(NOTHING, year.both)


def test_carryovers_stay_with_their_own_kind() -> None:
    year = net(Results(Decimal(700), Decimal(900), Decimal(0), Decimal(1_000), Decimal(400)), LIMIT)
    assert (year.net_short, year.net_long, year.both) == (-300, 500, 200)
    assert (year.in_income, year.allowed_loss, year.preferred_gain) == (200, 0, 200)


def test_the_28_percent_group_loses_carryover_and_short_term_loss_first() -> None:
    def group(short: int, long: int, collectibles: int, carry_long: int) -> Decimal:
        return net(Results(*map(Decimal, (short, long, collectibles, 0, carry_long))), LIMIT).rate_28_gain

    assert group(0, 5_000, 9_000, 0) == 9_000
    assert group(-2_500, 5_000, 9_000, 1_200) == 5_300
    assert group(2_500, 5_000, 9_000, 1_200) == 7_800
    assert group(-2_500, 50_000, 3_000, 1_200) == 0
    assert group(2_500, 50_000, -3_000, 0) == 0
    assert group(-15_000, 5_000, 9_000, 0) == 0


def test_a_loss_too_small_for_the_limit_is_used_up() -> None:
    year = net(Results(Decimal(-1_800), Decimal(-700), Decimal(0), Decimal(0), Decimal(0)), LIMIT)
    assert year.allowed_loss == 2_500
    assert tuple(carried_forward(year, Decimal(50_000))) == (0, 0)
    assert tuple(carried_forward(year, Decimal(-2_000))) == (1_300, 700)
    assert tuple(carried_forward(year, Decimal(-400))) == (0, 400)
