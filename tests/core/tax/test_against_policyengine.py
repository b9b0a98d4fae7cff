"""The same 1,000 taxpayers as PolicyEngine US computed them: all of them to the cent, without exception.

`oracle/make_policyengine_set.py` made the set. It settles who is right where Tax-Calculator differs: collectibles, and
the minimum tax of those married filing separately.
"""

from support.other_programs import INCOME_AND_TAXES, agree, figures_of, filer_of, ours, rows_of

TAXPAYERS = [filer_of(row) for row in rows_of("taxcalc_1000.csv")]
POLICYENGINE = [figures_of(row, INCOME_AND_TAXES) for row in rows_of("policyengine_1000.csv")]
TAX_CALCULATOR = [figures_of(row, INCOME_AND_TAXES) for row in rows_of("taxcalc_1000.csv")]


def test_all_thousand_returns_agree_to_the_cent():
    pairs = list(zip(TAXPAYERS, POLICYENGINE, strict=True))
    assert len(pairs) == 1_000
    assert [filer for filer, theirs in pairs if not agree(ours(filer), theirs)] == []


def test_wherever_the_other_two_programs_differ_it_takes_our_side():
    differing = [
        number for number, pair in enumerate(zip(POLICYENGINE, TAX_CALCULATOR, strict=True)) if not agree(*pair)
    ]
    assert len(differing) == 45
    assert all(agree(ours(TAXPAYERS[number]), POLICYENGINE[number]) for number in differing)
