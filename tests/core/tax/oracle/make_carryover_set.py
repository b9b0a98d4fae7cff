"""Records 400 taxpayers with a net loss in OpenTaxSolver: `opentaxsolver_carryovers.csv`, the losses carried out.

Run by hand, in an environment of its own (`pip install tenforty`, which carries OpenTaxSolver), never by the tests:

    python tests/core/tax/oracle/make_carryover_set.py

Tax-Calculator and PolicyEngine know no carryover out. OpenTaxSolver fills in the Capital Loss Carryover Worksheet when
a return is told which return was last year's: each taxpayer is computed for the year, and that return handed to the
next year's form, whose worksheet is kept. Years 2022 to 2024, since the form of the next year must exist.

The taxpayers come from a fixed seed; half have an income near or below the standard deduction, where less than the
yearly limit is used up. Results are entered as Schedule D lines 5 and 12, carryovers in as lines 6 and 14. Its tax is
not kept: it follows the printed Tax Table below 100,000, in steps of 50 dollars.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import random
from importlib.metadata import version
from pathlib import Path

from tenforty import otslib
from tenforty.core import generate_ots_return, parse_ots_return
from tenforty.models import OTS_FORM_CONFIG

HERE = Path(__file__).parent
SEED = 20_261_123
COUNT = 400
YEARS = (2022, 2023, 2024)
STATUSES = {
    "single": "Single",
    "married_joint": "Married/Joint",
    "married_separate": "Married/Sep",
    "head_of_household": "Head_of_House",
    "qualifying_surviving_spouse": "Widow(er)",
}
AMOUNTS = ("wages", "interest", "qualified_dividends", "short_gain", "long_gain", "carry_short", "carry_long")
LINES = {
    "adjusted_gross_income": "L11",
    "taxable_income": "L15",
    "net_short": "D7",
    "net_long": "D15",
    "allowed_loss": "D21",
}
Person = dict[str, str | int]


def drawn(dice: random.Random) -> Person:
    """A random taxpayer of any kind, in whole dollars; low incomes half of the time."""
    is_poor = dice.random() < 0.5

    def size(largest: float) -> int:
        return int(10 ** dice.uniform(1.5, largest))

    def signed(largest: float) -> int:
        return 0 if dice.random() < 0.2 else size(largest) * dice.choice((1, -1, -1))

    return {
        "year": dice.choice(YEARS),
        "status": dice.choice(tuple(STATUSES)),
        "wages": dice.randint(0, 30_000) if is_poor else dice.randint(0, 900_000),
        "interest": 0 if dice.random() < 0.6 else size(3 if is_poor else 5),
        "qualified_dividends": 0 if dice.random() < 0.6 else size(3 if is_poor else 5),
        "short_gain": signed(3.9 if is_poor else 5.5),
        "long_gain": signed(3.9 if is_poor else 5.5),
        "carry_short": size(4.5) if dice.random() < 0.25 else 0,
        "carry_long": size(4.5) if dice.random() < 0.25 else 0,
    }


def is_net_loss(person: Person) -> bool:
    """Whether Schedule D line 16 is a loss."""
    amount = {name: int(person[name]) for name in AMOUNTS}
    return amount["short_gain"] + amount["long_gain"] < amount["carry_short"] + amount["carry_long"]


def form_1040(year: int, values: dict[str, str | int], last_year: str | None = None) -> str:
    """The filled-in form as the program prints it."""
    text = generate_ots_return(values, OTS_FORM_CONFIG[(year, "US_1040")])
    return str(otslib._evaluate_form(year, "US_1040", text, fed_form_text=last_year))


def computed(person: Person) -> list[str]:
    """The kept lines of the year, and lines 8 and 13 of the worksheet that the next year's form begins with."""
    status = STATUSES[str(person["status"])]
    this_year = form_1040(
        int(person["year"]),
        {
            "Status": status,
            "Dependents": 0,
            "L1a": person["wages"],
            "L2b": person["interest"],
            "L3a": person["qualified_dividends"],
            "L3b": person["qualified_dividends"],
            "D5": person["short_gain"],
            "D6": -int(person["carry_short"]),
            "D12": person["long_gain"],
            "D14": -int(person["carry_long"]),
        },
    )
    lines = parse_ots_return(this_year)
    next_year = form_1040(
        int(person["year"]) + 1, {"Status": status, "Dependents": 0, "D6": "__FED_FILENAME__ "}, this_year
    )
    worksheet = parse_ots_return(next_year)
    kept = [float(lines[label]) * (-1 if name == "allowed_loss" else 1) for name, label in LINES.items()]
    kept += [float(worksheet.get(label, 0)) for label in ("CarryOverWs8", "CarryOverWs13")]
    return [f"{amount + 0.0:.2f}".rstrip("0").rstrip(".") for amount in kept]


def main() -> None:
    """Writes the set; each return in a process of its own, since the program keeps state between calls."""
    dice = random.Random(SEED)
    people: list[Person] = []
    while len(people) < COUNT:
        person = drawn(dice)
        if is_net_loss(person):
            people.append(person)
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        answers = pool.map(computed, people, chunksize=1)
    with (HERE / "opentaxsolver_carryovers.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["year", "status", *AMOUNTS, *LINES, "carry_short_out", "carry_long_out"])
        for person, answer in zip(people, answers, strict=True):
            out.writerow([*person.values(), *answer])
    text = json.dumps({"program": "OpenTaxSolver in tenforty", "version": version("tenforty"), "seed": SEED})
    (HERE / "opentaxsolver_release.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
