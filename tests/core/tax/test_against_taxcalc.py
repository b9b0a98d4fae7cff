"""1,000 random taxpayers as PSL Tax-Calculator computed them, against ours: to the cent, every difference explained.

`oracle/make_taxcalc_set.py` made the set and says how. Where the program is wrong, the taxpayer belongs to a class
named here with its reason. Its figure must then be what the printed forms give with just that line filled in wrongly,
and ours what they give filled in rightly: a difference that is not fully explained fails.
"""

import json
from fractions import Fraction
from typing import NamedTuple

import pytest

from support.other_programs import (
    HALF_A_CENT,
    INCOME_AND_TAXES,
    ORACLE,
    Figures,
    agree,
    by_forms,
    figures_of,
    filer_of,
    ours,
    rows_of,
)
from support.printed_forms import Filer, Misprints, file_return, schedule_d
from support.printed_tables import COLUMNS, LOSS_LIMIT, NIIT_THRESHOLD, PERCENT, PRINTED, Column


class Recorded(NamedTuple):
    """A row of the set; `published_total` is set where the program's own parameters give another total."""

    filer: Filer
    figures: Figures
    published_total: Fraction | None


RECORDED = [
    Recorded(
        filer_of(row),
        figures_of(row, INCOME_AND_TAXES),
        Fraction(row["published_total"]) if row["published_total"] else None,
    )
    for row in rows_of("taxcalc_1000.csv")
]


def uses_the_worksheet_of_before_2018(filer: Filer) -> bool:
    """A 28 % group that reaches above the 0 % band of gains.

    The program's `GainsTax` has no lines 19 and 20 of the Schedule D Tax Worksheet ("dwks18 = max(dwks16, dwks17)"):
    it taxes collectibles at 28 % as soon as the 0 % band of gains is full, also where the taxpayer's own brackets are
    cheaper, at 22 and 24 % (IRC 1(h)(1)(A) with 1(j)(5)).
    """
    d = schedule_d(filer)
    return d.line_18 > 0 and file_return(filer).taxable_income > filer.printed.zero_rate_up_to[filer.column]


def forgets_the_claw_back(filer: Filer) -> bool:
    """Married filing separately with minimum-tax income above the end of the exemption.

    The program's `AMT` stops at an exemption of zero; IRC 55(d)(3) goes on adding to the income, up to one exemption.
    """
    if filer.status != "married_separate":
        return False
    printed = filer.printed
    span = Fraction(printed.exemption[filer.column] * 100, printed.exemption_shrinks_percent)
    return file_return(filer).adjusted_gross_income > printed.exemption_shrinks_over[filer.column] + span


CLASSES = {
    uses_the_worksheet_of_before_2018: Misprints(old_schedule_d_tax=True),
    forgets_the_claw_back: Misprints(no_claw_back=True),
}


def disagreeing() -> list[Recorded]:
    return [row for row in RECORDED if not agree(ours(row.filer), row.figures)]


def test_the_set_is_a_thousand_taxpayers_of_every_kind():
    filed = [file_return(row.filer) for row in RECORDED]
    assert len({row.filer for row in RECORDED}) == 1_000
    assert {(row.filer.year, row.filer.status) for row in RECORDED} == {(y, s) for y in PRINTED for s in COLUMNS}
    assert sum(answer.allowed_loss > 0 for answer in filed) > 400
    assert sum(answer.net_investment_income_tax > 0 for answer in filed) > 400
    assert sum(answer.alternative_minimum_tax > 0 for answer in filed) > 90
    assert sum(answer.carry_short_out > 0 and answer.carry_long_out > 0 for answer in filed) > 100
    assert sum(row.filer.carry_short > 0 or row.filer.carry_long > 0 for row in RECORDED) > 300
    assert sum(row.filer.short_gain * row.filer.long_gain < 0 for row in RECORDED) > 200
    assert sum(schedule_d(row.filer).line_18 > 0 for row in RECORDED) > 50


def test_outside_the_listed_classes_all_agree_to_the_cent():
    strange = [row.filer for row in disagreeing() if not any(belongs(row.filer) for belongs in CLASSES)]
    assert strange == []


def test_every_disagreement_is_the_programs_own_line_filled_in_wrongly():
    rows = disagreeing()
    counted = dict.fromkeys(CLASSES, 0)
    for row in rows:
        reasons = [belongs for belongs in CLASSES if belongs(row.filer)]
        reproduced = [why for why in reasons if agree(by_forms(row.filer, CLASSES[why]), row.figures)]
        assert len(reproduced) == 1, row
        assert agree(ours(row.filer), by_forms(row.filer)), row
        counted[reproduced[0]] += 1
    assert counted == {uses_the_worksheet_of_before_2018: 22, forgets_the_claw_back: 23}


def test_its_published_2023_table_differs_only_for_those_married_filing_separately():
    differing = [row for row in RECORDED if row.published_total is not None]
    assert {(row.filer.year, row.filer.status) for row in differing} == {(2023, "married_separate")}
    for row in differing:
        wrong = by_forms(row.filer, Misprints(top_rate_over=578_125, no_claw_back=True))
        assert abs(wrong["total_tax"] - row.published_total) <= HALF_A_CENT
    assert len(differing) == 7


def printed_columns(year: int) -> dict[str, Column]:
    """The printed amounts under the program's names."""
    printed = PRINTED[year]
    return {
        **{f"II_brk{number}": line for number, line in enumerate(printed.over, 1)},
        "CG_brk1": printed.zero_rate_up_to,
        "CG_brk2": printed.fifteen_rate_up_to,
        "AMT_CG_brk1": printed.zero_rate_up_to,
        "AMT_CG_brk2": printed.fifteen_rate_up_to,
        "STD": printed.standard_deduction,
        "AMT_em": printed.exemption,
        "AMT_em_ps": printed.exemption_shrinks_over,
        "AMT_brk1": printed.rate_26_up_to,
        "NIIT_thd": NIIT_THRESHOLD,
        "Capital_loss_limitation": LOSS_LIMIT,
    }


RATES = {
    **{f"II_rt{number}": rate for number, rate in enumerate(PERCENT, 1)},
    **{"CG_rt1": 0, "CG_rt2": 15, "CG_rt3": 20, "AMT_CG_rt1": 0, "AMT_CG_rt2": 15, "AMT_CG_rt3": 20},
    **{"AMT_rt1": 26, "AMT_rt2_addon": 2, "NIIT_rt": Fraction("3.8")},
}
KNOWN_DIFFERENCES = {
    ("2023", "II_brk6", "married_separate"): (578_125, 346_875),
    ("2026", "AMT_em_pe", "married_separate"): (639_200, 640_200),
}


def separate_exemption_ends(year: int) -> Fraction:
    """Minimum-tax income at which nothing is left of the exemption of one married filing separately."""
    printed, column = PRINTED[year], COLUMNS["married_separate"]
    return printed.exemption_shrinks_over[column] + Fraction(
        printed.exemption[column] * 100, printed.exemption_shrinks_percent
    )


@pytest.mark.parametrize("year", sorted(PRINTED))
def test_each_of_its_parameters_is_the_printed_amount_but_for_two(year):
    text = (ORACLE / "taxcalc_parameters.json").read_text(encoding="utf-8")
    theirs = json.loads(text, parse_float=Fraction)["years"][str(year)]
    printed = {
        (name, status): column[COLUMNS[status]] for name, column in printed_columns(year).items() for status in COLUMNS
    }
    found = {
        (str(year), name, status): (amount, printed[name, status])
        for name in printed_columns(year)
        for status, amount in zip(COLUMNS, theirs[name], strict=True)
        if amount != printed[name, status]
    }
    ends = separate_exemption_ends(year)
    if theirs["AMT_em_pe"] != ends:
        found[str(year), "AMT_em_pe", "married_separate"] = (theirs["AMT_em_pe"], ends)
    assert found == {key: pair for key, pair in KNOWN_DIFFERENCES.items() if key[0] == str(year)}
    assert {name: theirs[name] * 100 for name in RATES} == RATES
    assert theirs["AMT_prt"] * 100 == PRINTED[year].exemption_shrinks_percent
