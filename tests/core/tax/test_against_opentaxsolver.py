"""400 taxpayers with a net loss as OpenTaxSolver computed them: netting, limit and both carryovers out, to the cent.

`oracle/make_carryover_set.py` made the set. The program hands a taxable income of at least zero to next year's Capital
Loss Carryover Worksheet, whose line 1 wants the negative amount: so it is wrong for everybody whose deduction is larger
than the income, and right for all others.
"""

from support.other_programs import LOSSES, agree, by_forms, figures_of, filer_of, ours, rows_of
from support.printed_forms import Filer, Misprints

RECORDED = [(filer_of(row), figures_of(row, LOSSES)) for row in rows_of("opentaxsolver_carryovers.csv")]


def has_a_negative_taxable_income(filer: Filer) -> bool:
    """Whether the standard deduction is more than the income."""
    return by_forms(filer)["adjusted_gross_income"] < filer.printed.standard_deduction[filer.column]


def test_the_set_has_both_kinds_of_loss_carried_out():
    ours_out = [ours(filer) for filer, _ in RECORDED]
    assert len(RECORDED) == 400
    assert sum(answer["carry_short_out"] > 0 for answer in ours_out) > 150
    assert sum(answer["carry_long_out"] > 0 for answer in ours_out) > 150
    assert sum(answer["net_short"] * answer["net_long"] < 0 for answer in ours_out) > 40


def test_with_any_taxable_income_every_figure_agrees_to_the_cent():
    rest = [(filer, theirs) for filer, theirs in RECORDED if not has_a_negative_taxable_income(filer)]
    assert [filer for filer, theirs in rest if not agree(ours(filer), theirs)] == []
    assert len(rest) == 246


def test_with_a_negative_taxable_income_its_carryover_is_the_worksheet_with_line_1_at_zero():
    poor = [(filer, theirs) for filer, theirs in RECORDED if has_a_negative_taxable_income(filer)]
    for filer, theirs in poor:
        assert agree(by_forms(filer, Misprints(clipped_income=True)), theirs), filer
        assert agree(ours(filer), by_forms(filer)), filer
    assert sum(not agree(ours(filer), theirs) for filer, theirs in poor) == len(poor) == 154
