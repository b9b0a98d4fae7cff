"""Answers as people write them, and a profile that claims nothing it was not told."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from harvest_tui.core.tax.answers import Kind, percent, read_answer, read_money, read_rate, written
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.questions import BY_FIELD, QUESTIONS
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError


@pytest.mark.parametrize("text", ["120000", "120,000", "$120,000", " $ 120,000.00 ", "+120000"])
def test_money_is_read_as_people_write_it(text):
    assert read_money(text) == 120_000


@pytest.mark.parametrize("text", ["-5,000.50", "-$5,000.50", "$-5000.5", "(5,000.50)", "($5,000.50)"])
def test_a_loss_is_read_in_every_spelling(text):
    assert read_money(text) == Decimal("-5000.50")


@pytest.mark.parametrize(
    "text",
    ["", "120k", "1,20", "12,0000", "120.000,00", "1e5", "nan", "--5", "-$-5", "5 5", "1.234", "٣", "10000000000000"],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InputError, match="dollars"):
        read_money(text)


@pytest.mark.parametrize("text", ["5%", "5 %", "0.05", ".05", "5.00%"])
def test_a_rate_is_percent_or_a_part_of_one(text):
    assert read_rate(text, Decimal("0.2")) == Decimal("0.05")


def test_a_bare_five_is_no_rate():
    with pytest.raises(InputError, match="write 5%"):
        read_rate("5", Decimal("0.2"))
    with pytest.raises(InputError, match="at most 20%"):
        read_rate("50%", Decimal("0.2"))


@pytest.mark.parametrize("text", ["Married joint", "married_joint", "married-joint"])
def test_a_status_is_read_as_words(text):
    assert read_answer(Kind.STATUS, text) is FilingStatus.MARRIED_JOINT


def test_a_misspelt_status_names_the_nearest():
    with pytest.raises(InputError, match="did you mean head_of_household"):
        read_answer(Kind.STATUS, "head_of_houshold")


def test_days_are_whole_and_bounded():
    assert read_answer(Kind.DAYS, "31", Decimal(366)) == 31
    for text in ("1.5", "-1", "400", "x"):
        with pytest.raises(InputError):
            read_answer(Kind.DAYS, text, Decimal(366))


def test_a_negative_wage_is_refused_and_a_negative_gain_is_not():
    with pytest.raises(InputError, match="cannot be negative"):
        read_answer(Kind.MONEY, "-1")
    assert read_answer(Kind.SIGNED_MONEY, "-1") == -1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.MONEY, "120000.5"),
        (Kind.SIGNED_MONEY, "-77"),
        (Kind.RATE, "0.25%"),
        (Kind.NUMBER, "2.5"),
        (Kind.DAYS, "31"),
        (Kind.STATUS, "single"),
        (Kind.SWITCH, "no"),
    ],
)
def test_what_is_written_is_read_back(kind, text):
    assert written(kind, read_answer(kind, text)) == text


def test_percent_is_exact():
    assert percent(Decimal("0.0025")) == "0.25%"


def test_every_field_has_a_question_that_ends_in_one_and_a_reason():
    asked = {one.name for one in fields(Profile)} - {"fees", "stated"}
    assert asked == set(BY_FIELD)
    assert all(question.why.endswith(".") and "?" in question.asks for question in QUESTIONS)


def test_the_tax_options_have_the_same_words_here():
    options = ["wages", "interest", "qualified-dividends", "short-gain", "long-gain", "collectibles-gain"]
    assert {*options, "carry-short", "carry-long", "status"} <= {question.key for question in QUESTIONS}


def test_nothing_told_is_nothing_claimed():
    nobody = Profile()
    inputs = nobody.inputs(2026, Decimal(700), Decimal(-40))
    assert (inputs.wages, inputs.short_gain, inputs.long_gain, inputs.carry_long) == (0, 700, -40, 0)
    assert inputs.status is FilingStatus.SINGLE
    assert not nobody.knows_gains
    assert not nobody.knows_next_year
    assert len(nobody.limits()) == 5
    assert nobody.limits()[0].startswith("Wages are not told")


def test_zero_is_an_answer():
    told = Profile(wages=Decimal(0), short_gain=Decimal(0), next_long_gain=Decimal(0), carry_long=Decimal(0))
    assert told.knows_gains
    assert told.knows_next_year
    assert told.limits() == ("The filing status is not told: single is assumed.",)


def test_results_of_lots_are_added_to_those_from_elsewhere():
    told = Profile(short_gain=Decimal("100.10"), collectibles_gain=Decimal(5))
    inputs = told.inputs(2026, Decimal("0.90"), Decimal(3), Decimal(2))
    assert (inputs.short_gain, inputs.long_gain, inputs.collectibles_gain) == (101, 3, 7)


def test_next_year_has_this_years_wages_unless_told_otherwise():
    assert Profile(wages=Decimal(90_000)).next_inputs(2027).wages == 90_000
    assert Profile(wages=Decimal(90_000), next_wages=Decimal(0)).next_inputs(2027).wages == 0


def test_a_round_trip_is_two_fees_and_the_spread_of_that_account():
    told = Profile(fee=Decimal("0.004"), spread=Decimal("0.001"), fees={"kraken": Decimal("0.0025")})
    assert (told.round_trip("kraken"), told.round_trip("coinbase")) == (Decimal("0.006"), Decimal("0.009"))
