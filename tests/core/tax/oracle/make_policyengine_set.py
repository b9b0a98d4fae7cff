"""Records the same 1,000 taxpayers with PolicyEngine US: `policyengine_1000.csv`, row by row beside `taxcalc_1000.csv`.

Run by hand, in an environment of its own (`pip install policyengine-us`, Python 3.11), never by the tests:

    python tests/core/tax/oracle/make_policyengine_set.py

A second opinion by people who share no code with the first: it has the present Schedule D Tax Worksheet and, for
married filing separately, the addition to minimum-tax income, which are what Tax-Calculator lacks.

What the program is told: `short_term_capital_gains` and `long_term_capital_gains` are Schedule D lines 7 and 15, so
carryovers are netted here first; `collectibles_gain_or_loss` and `long_term_capital_loss_carryover` are memo items of
those, from which it fills in the 28% Rate Gain Worksheet. Nobody itemizes, and everybody is 45 and lives in a state
without an income tax. What is kept: `adjusted_gross_income`, `taxable_income`, `loss_limited_net_capital_gains`,
`regular_tax_before_credits`, `alternative_minimum_tax`, `net_investment_income_tax`.

It stores numbers in single precision, which is a few cents off from 300,000 dollars on; here it is set to double before
it is loaded. Its formulas and parameters are as published.
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
from decimal import Decimal
from pathlib import Path

import numpy
from policyengine_core.variables import config

config.VALUE_TYPES[float]["dtype"] = numpy.float64

from policyengine_us import Simulation  # noqa: E402  (after the precision is set)

HERE = Path(__file__).parent
STATUSES = {
    "single": "SINGLE",
    "married_joint": "JOINT",
    "married_separate": "SEPARATE",
    "head_of_household": "HEAD_OF_HOUSEHOLD",
    "qualifying_surviving_spouse": "SURVIVING_SPOUSE",
}
KEPT = {
    "adjusted_gross_income": "adjusted_gross_income",
    "taxable_income": "taxable_income",
    "capital_gain_or_loss": "loss_limited_net_capital_gains",
    "regular_tax": "regular_tax_before_credits",
    "alternative_minimum_tax": "alternative_minimum_tax",
    "net_investment_income_tax": "net_investment_income_tax",
}
Situation = dict[str, dict[str, dict[str, object]]]


def told_to_the_program(row: dict[str, str]) -> dict[str, float]:
    """The taxpayer in the program's input variables."""
    amount = {name: Decimal(row[name]) for name in row if name not in {"year", "status"} and row[name]}
    line_7 = amount["short_gain"] - amount["carry_short"]
    line_15 = amount["long_gain"] + amount["collectibles_gain"] - amount["carry_long"]
    return {
        "age": 45,
        "employment_income": float(amount["wages"]),
        "taxable_interest_income": float(amount["interest"]),
        "qualified_dividend_income": float(amount["qualified_dividends"]),
        "short_term_capital_gains": float(line_7),
        "long_term_capital_gains": float(line_15),
        "collectibles_gain_or_loss": float(amount["collectibles_gain"]),
        "long_term_capital_loss_carryover": float(amount["carry_long"]),
    }


def situation(rows: list[dict[str, str]], year: str) -> Situation:
    """Every taxpayer as a household of its own."""
    groups = ("people", "tax_units", "households", "families", "spm_units", "marital_units")
    whole: Situation = {group: {} for group in groups}
    for number, row in enumerate(rows):
        members = [f"filer {number}"]
        told = told_to_the_program(row)
        whole["people"][members[0]] = {name: {year: value} for name, value in told.items()}
        if row["status"] == "married_joint":
            members.append(f"spouse {number}")
            whole["people"][members[1]] = {"age": {year: 45}}
        for group in groups[1:]:
            whole[group][f"{group} {number}"] = {"members": members}
        unit = whole["tax_units"][f"tax_units {number}"]
        unit["filing_status"] = {year: STATUSES[row["status"]]}
        unit["tax_unit_itemizes"] = {year: False}
        whole["households"][f"households {number}"]["state_name"] = {year: "TX"}
    return whole


def plain(value: float) -> str:
    """To six decimals without trailing zeros; what whole cents lead to has no more."""
    return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def main() -> None:
    """Writes the figures, and which release computed them."""
    with (HERE / "taxcalc_1000.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers: list[list[str]] = [[] for _ in rows]
    for year in sorted({row["year"] for row in rows}):
        chosen = [number for number, row in enumerate(rows) if row["year"] == year]
        simulation = Simulation(situation=situation([rows[number] for number in chosen], year))
        for variable in KEPT.values():
            for number, value in zip(chosen, simulation.calculate(variable, int(year)), strict=True):
                answers[number].append(plain(float(value)))
    with (HERE / "policyengine_1000.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(KEPT)
        out.writerows(answers)
    version = importlib.metadata.version("policyengine-us")
    text = json.dumps({"program": "PolicyEngine US", "version": version})
    (HERE / "policyengine_release.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
