"""Random taxpayers, ours against the printed forms filled in line by line: every figure within half a cent.

`support/printed_forms.py` shares nothing with the program: its own tables, exact fractions, one variable a line.
"""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs
from support.printed_forms import FiledReturn, Filer, file_return
from support.printed_tables import COLUMNS, NIIT_THRESHOLD, PRINTED

HALF_A_CENT = Fraction(1, 200)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(MANY, max_examples=150)


def edges(year: int, status: str) -> list[int]:
    """Gross incomes at which some rule of that year changes."""
    column, printed = COLUMNS[status], PRINTED[year]
    taxable = [line[column] for line in printed.over]
    taxable += [printed.zero_rate_up_to[column], printed.fifteen_rate_up_to[column], printed.rate_26_up_to[column]]
    gross = [NIIT_THRESHOLD[column], printed.exemption_shrinks_over[column], printed.exemption[column]]
    deduction = printed.standard_deduction[column]
    return [0, deduction, *gross, *(amount + deduction for amount in taxable)]


def dollars(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Amounts in whole cents, half of them in whole dollars."""
    return st.one_of(
        st.integers(low, high).map(Decimal),
        st.integers(low * 100, high * 100).map(lambda cents: Decimal(cents).scaleb(-2)),
    )


GAINS = st.one_of(dollars(-5_000, 5_000), dollars(-60_000, 60_000), dollars(-900_000, 900_000))
LARGE_GAINS = st.one_of(GAINS, dollars(0, 4_000_000))
CARRYOVERS = st.one_of(st.just(Decimal(0)), dollars(0, 10_000), dollars(0, 300_000))


@st.composite
def taxpayers(draw: st.DrawFn) -> TaxInputs:
    """Any taxpayer of 2022 to 2026; wages often close to where a rule changes."""
    year = draw(st.sampled_from(sorted(PRINTED)))
    status = draw(st.sampled_from(sorted(COLUMNS)))
    near = st.sampled_from(edges(year, status)).flatmap(lambda edge: dollars(max(0, edge - 4_000), edge + 4_000))
    return TaxInputs(
        year,
        FilingStatus(status),
        wages=draw(st.one_of(st.just(Decimal(0)), near, dollars(0, 60_000), dollars(0, 1_500_000))),
        interest=draw(st.one_of(st.just(Decimal(0)), dollars(0, 2_000), dollars(0, 200_000))),
        qualified_dividends=draw(st.one_of(st.just(Decimal(0)), dollars(0, 5_000), dollars(0, 700_000))),
        short_gain=draw(GAINS),
        long_gain=draw(LARGE_GAINS),
        collectibles_gain=draw(st.one_of(st.just(Decimal(0)), GAINS)),
        carry_short=draw(CARRYOVERS),
        carry_long=draw(CARRYOVERS),
    )


def filled_in(inputs: TaxInputs) -> FiledReturn:
    """The same taxpayer on the printed forms."""
    amounts = {name: Fraction(getattr(inputs, name)) for name in Filer._fields[2:]}
    return file_return(Filer(inputs.year, inputs.status.value, **amounts))


def assert_as_printed(inputs: TaxInputs) -> None:
    ours, printed = federal_return(inputs), filled_in(inputs)
    off = {
        name: (str(getattr(ours, name)), float(exact))
        for name, exact in printed._asdict().items()
        if abs(Fraction(getattr(ours, name)) - exact) > HALF_A_CENT
    }
    assert off == {}, inputs


@MANY
@given(taxpayers())
def test_any_return_is_what_the_printed_forms_say(inputs: TaxInputs) -> None:
    assert_as_printed(inputs)


@SOME
@given(taxpayers(), dollars(400_000, 6_000_000), st.booleans())
@example(TaxInputs(2026, FilingStatus.SINGLE), Decimal(900_000), False)
def test_great_long_term_gains_are_taxed_as_forms_1040_and_6251_say(
    inputs: TaxInputs, gain: Decimal, is_collectible: bool
) -> None:
    other = {
        name: getattr(inputs, name)
        for name in ("interest", "qualified_dividends", "short_gain", "carry_short", "wages")
    }
    gains = {"collectibles_gain": gain} if is_collectible else {"long_gain": gain}
    assert_as_printed(TaxInputs(inputs.year, inputs.status, **other, **gains))


@SOME
@given(taxpayers(), dollars(0, 30_000), dollars(0, 12_000), dollars(0, 12_000))
def test_low_incomes_use_up_as_little_of_a_loss_as_the_carryover_worksheet_says(
    inputs: TaxInputs, wages: Decimal, short_loss: Decimal, long_loss: Decimal
) -> None:
    assert_as_printed(TaxInputs(inputs.year, inputs.status, wages=wages, short_gain=-short_loss, long_gain=-long_loss))


def thrown(dice: random.Random) -> TaxInputs:
    """A taxpayer by dice, in cents: every amount is often nothing, and of any size up to some millions."""

    def cents(largest: float) -> Decimal:
        return Decimal(0) if dice.random() < 0.3 else Decimal(int(10 ** dice.uniform(2, largest))).scaleb(-2)

    def result(largest: float) -> Decimal:
        return cents(largest) * dice.choice((1, -1))

    year, status = dice.choice(sorted(PRINTED)), dice.choice(sorted(COLUMNS))
    near = dice.choice(edges(year, status)) + result(5.3)
    return TaxInputs(
        year,
        FilingStatus(status),
        wages=max(Decimal(0), dice.choice((Decimal(0), near, near, cents(8.2)))),
        interest=cents(7),
        qualified_dividends=cents(7.5),
        short_gain=result(8),
        long_gain=dice.choice((result(7), result(8), abs(result(8.8)))),
        collectibles_gain=dice.choice((Decimal(0), result(8))),
        carry_short=cents(7.3),
        carry_long=cents(7.3),
    )


def test_five_thousand_thrown_returns_are_what_the_printed_forms_say() -> None:
    dice = random.Random(1040)
    for _ in range(5_000):
        assert_as_printed(thrown(dice))


@pytest.mark.parametrize("status", sorted(COLUMNS))
@pytest.mark.parametrize("year", sorted(PRINTED))
def test_at_each_threshold_and_a_cent_around_it_the_forms_agree(year: int, status: str) -> None:
    for edge in edges(year, status):
        for cents in (-1, 0, 1):
            wages = max(Decimal(0), Decimal(edge) + Decimal(cents).scaleb(-2))
            assert_as_printed(TaxInputs(year, FilingStatus(status), wages=wages))
            assert_as_printed(TaxInputs(year, FilingStatus(status), long_gain=wages))
            assert_as_printed(TaxInputs(year, FilingStatus(status), collectibles_gain=wages))
            assert_as_printed(TaxInputs(year, FilingStatus(status), wages=wages, long_gain=Decimal("5000.37")))


def test_the_forms_give_the_minimum_tax_of_a_great_gain_with_nothing_else() -> None:
    filed = file_return(Filer(2026, "single", long_gain=Fraction(900_000)))
    assert filed.alternative_minimum_tax == 3_220


def test_the_forms_carry_a_whole_loss_forward_where_there_is_no_income_to_use_it_on() -> None:
    poor = file_return(Filer(2026, "single", wages=Fraction(5_000), short_gain=Fraction(-10_000)))
    modest = file_return(Filer(2026, "single", wages=Fraction(17_000), short_gain=Fraction(-8_000)))
    assert (poor.carry_short_out, modest.carry_short_out) == (10_000, 7_100)
