"""Taxpayers as independent tax programs computed them, kept in `tests/core/tax/oracle`, and ours beside them."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.taxpayer import FilingStatus, TaxInputs
from support.printed_forms import AS_PRINTED, Filer, Misprints, file_return

ORACLE = Path(__file__).parents[1] / "core" / "tax" / "oracle"
HALF_A_CENT = Fraction(1, 200)
AMOUNTS = Filer._fields[2:]
INCOME_AND_TAXES = (
    *("adjusted_gross_income", "taxable_income", "capital_gain_or_loss"),
    *("regular_tax", "alternative_minimum_tax", "net_investment_income_tax"),
)
LOSSES = (
    *("adjusted_gross_income", "taxable_income", "net_short", "net_long", "allowed_loss"),
    *("carry_short_out", "carry_long_out"),
)

Figures = dict[str, Fraction]


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a recorded set."""
    with (ORACLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def filer_of(row: dict[str, str]) -> Filer:
    """The taxpayer of a row."""
    amounts = {name: Fraction(row[name]) for name in AMOUNTS if name in row}
    return Filer(int(row["year"]), row["status"], **amounts)


def figures_of(row: dict[str, str], names: Iterable[str]) -> Figures:
    """What the other program said; the total where all three taxes are there."""
    figures = {name: Fraction(row[name]) for name in names}
    if "regular_tax" in figures:
        taxes = ("regular_tax", "alternative_minimum_tax", "net_investment_income_tax")
        figures["total_tax"] = sum((figures[name] for name in taxes), Fraction(0))
    return figures


def inputs_of(filer: Filer) -> TaxInputs:
    """The taxpayer in our own words."""
    amounts = {name: Decimal(getattr(filer, name).numerator) / getattr(filer, name).denominator for name in AMOUNTS}
    return TaxInputs(filer.year, FilingStatus(filer.status), **amounts)


def ours(filer: Filer) -> Figures:
    """Every figure of our return."""
    answer = federal_return(inputs_of(filer))
    return {name: Fraction(getattr(answer, name)) for name in {*INCOME_AND_TAXES, *LOSSES, "total_tax"}}


def by_forms(filer: Filer, wrong: Misprints = AS_PRINTED) -> Figures:
    """Every figure of the printed forms, some lines filled in wrongly if asked for."""
    filed = file_return(filer, wrong)
    return {name: getattr(filed, name) for name in {*INCOME_AND_TAXES, *LOSSES, "total_tax"}}


def agree(mine: Figures, theirs: Figures) -> bool:
    """Whether each of their figures is ours to the cent."""
    return all(abs(mine[name] - amount) <= HALF_A_CENT for name, amount in theirs.items())
