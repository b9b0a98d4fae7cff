"""Records 1,000 random taxpayers with PSL Tax-Calculator: `taxcalc_1000.csv` and `taxcalc_parameters.json`.

Run by hand, in an environment of its own (`pip install taxcalc`; 6.8.5 needs Python 3.12), never by the tests:

    python tests/core/tax/oracle/make_taxcalc_set.py

The taxpayers come from a fixed seed: the five filing statuses, tax years 2022 to 2026, wages from nothing to 1,200,000
with many within 2,000 dollars of a threshold, interest, qualified dividends, gains and losses of both terms, carryovers
in, very large long-term gains in 15 % (where the alternative minimum tax bites) and collectibles in 25 %. All are under
65, without dependents, with the standard deduction; one in ten has cents.

What the program is told: `p22250` and `p23250` are Schedule D lines 7 and 15, so carryovers are netted here first;
`e24518` is Schedule D line 18, so the 28% Rate Gain Worksheet is filled in here; `e00600` holds the qualified dividends
as well as `e00650`. What is kept: adjusted gross income `c00100`, taxable income `c04800`, capital gain or loss after
the limit `c01000`, regular tax before credits `taxbc`, alternative minimum tax `c09600`, net investment income tax
`niit`. Credits and payroll taxes are computed by the program but are in none of these.

Each taxpayer is computed twice: with the program's parameters as published, and with the two corrected that it has
wrong (`CORRECTIONS`). The CSV has the corrected figures, and the published total where it differs. Every parameter used
goes into the JSON as published, so that each can be checked on its own.
"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pandas as pd
import taxcalc

HERE = Path(__file__).parent
SEED = 20_261_122
COUNT = 1_000
YEARS = (2022, 2023, 2024, 2025, 2026)
STATUSES = (
    "single",
    "married_joint",
    "married_separate",
    "head_of_household",
    "qualifying_surviving_spouse",
)

CORRECTIONS: dict[str, dict[str, object]] = {
    "II_brk6": {"2023": [578125.0, 693750.0, 346875.0, 578100.0, 693750.0]},
    "AMT_em_pe": {"2026": 640200.0},
}
"""Half of the joint 693,750 (Rev. Proc. 2022-38); 500,000 + 70,100 / 50 % (Rev. Proc. 2025-32)."""

BY_STATUS = (
    *(f"II_brk{number}" for number in range(1, 7)),
    *("CG_brk1", "CG_brk2", "AMT_CG_brk1", "AMT_CG_brk2", "STD", "AMT_em", "AMT_em_ps", "AMT_brk1"),
    *("NIIT_thd", "Capital_loss_limitation"),
)
PLAIN = (
    *(f"II_rt{number}" for number in range(1, 8)),
    *("CG_rt1", "CG_rt2", "CG_rt3", "AMT_CG_rt1", "AMT_CG_rt2", "AMT_CG_rt3", "AMT_rt1", "AMT_rt2_addon"),
    *("AMT_prt", "AMT_em_pe", "NIIT_rt"),
)
AMOUNTS = (
    *("wages", "interest", "qualified_dividends", "short_gain", "long_gain", "collectibles_gain"),
    *("carry_short", "carry_long"),
)
KEPT = {
    "adjusted_gross_income": "c00100",
    "taxable_income": "c04800",
    "capital_gain_or_loss": "c01000",
    "regular_tax": "taxbc",
    "alternative_minimum_tax": "c09600",
    "net_investment_income_tax": "niit",
}


def parameters() -> dict[str, dict[str, object]]:
    """The program's parameters of each year, as published."""
    policy = taxcalc.Policy()
    found: dict[str, dict[str, object]] = {}
    for year in YEARS:
        policy.set_year(year)
        values: dict[str, object] = {name: [float(v) for v in getattr(policy, name)[0]][:5] for name in BY_STATUS}
        values |= {name: float(getattr(policy, name)[0]) for name in PLAIN}
        found[str(year)] = values
    return found


def corrected_reform(table: dict[str, dict[str, list[float]]]) -> dict[str, object]:
    """The corrections; later years are pinned, since the program would index them from a corrected one."""
    reform: dict[str, dict[str, object]] = {name: dict(by_year) for name, by_year in CORRECTIONS.items()}
    for name, by_year in reform.items():
        for year in YEARS:
            if year > int(min(by_year)):
                by_year[str(year)] = table[str(year)][name]
    return dict(reform)


def near_a_threshold(dice: random.Random, values: dict[str, list[float]], column: int) -> int:
    """Gross income within 2,000 dollars of a bracket edge, a gain threshold, an exemption or the 3.8 % line."""
    deduction = int(values["STD"][column])
    name = dice.choice([name for name in BY_STATUS if name not in {"STD", "Capital_loss_limitation"}])
    is_gross = name in {"NIIT_thd", "AMT_em_ps", "AMT_em"}
    return max(0, int(values[name][column]) + (0 if is_gross else deduction) + dice.randint(-2_000, 2_000))


def size(dice: random.Random, largest: float) -> int:
    """An amount of any size up to about so much, small ones as likely as large ones."""
    return int(10 ** dice.uniform(1.5, largest))


def signed(dice: random.Random, largest: float) -> int:
    """A gain or a loss, or nothing one time in five."""
    return 0 if dice.random() < 0.2 else size(dice, largest) * dice.choice((1, -1))


def wages_of(dice: random.Random, values: dict[str, list[float]], column: int) -> int:
    """Wages: none, low, middling, up to 1,200,000, or close to a threshold."""
    return dice.choice(
        (
            lambda: 0,
            lambda: dice.randint(0, 40_000),
            lambda: dice.randint(0, 300_000),
            lambda: dice.randint(100_000, 1_200_000),
            lambda: near_a_threshold(dice, values, column),
            lambda: near_a_threshold(dice, values, column),
            lambda: near_a_threshold(dice, values, column),
        )
    )()


def taxpayer(dice: random.Random, number: int, table: dict[str, dict[str, list[float]]]) -> dict[str, object]:
    """One random taxpayer; a few in cents."""
    year, column = dice.choice(YEARS), dice.randrange(5)
    is_living_on_gains = dice.random() < 0.15
    amounts = {
        "wages": wages_of(dice, table[str(year)], column),
        "interest": 0 if dice.random() < 0.4 else size(dice, 5),
        "qualified_dividends": 0 if dice.random() < 0.4 else size(dice, 5.2),
        "short_gain": signed(dice, 5.7),
        "long_gain": dice.randint(200_000, 3_000_000) if is_living_on_gains else signed(dice, dice.choice((5.0, 5.7))),
        "collectibles_gain": signed(dice, 5.8) if number % 4 == 0 else 0,
        "carry_short": size(dice, 5.3) if dice.random() < 0.2 else 0,
        "carry_long": size(dice, 5.3) if dice.random() < 0.2 else 0,
    }
    cents = dice.random() < 0.1
    return {
        "year": year,
        "status": STATUSES[column],
        **{name: value * 100 + (dice.randrange(100) if cents and value else 0) for name, value in amounts.items()},
    }


def told_to_the_program(person: dict[str, object], number: int) -> dict[str, float]:
    """The taxpayer in the program's input variables; whole cents until the division."""
    cents = {name: int(str(person[name])) for name in AMOUNTS}
    line_7 = cents["short_gain"] - cents["carry_short"]
    line_15 = cents["long_gain"] + cents["collectibles_gain"] - cents["carry_long"]
    line_18 = max(0, cents["collectibles_gain"] - cents["carry_long"] + min(0, line_7))
    status = STATUSES.index(str(person["status"])) + 1
    return {
        "RECID": number + 1,
        "FLPDYR": int(str(person["year"])),
        "MARS": status,
        "XTOT": 2 if status == 2 else 1,
        "age_head": 45,
        "age_spouse": 45 if status == 2 else 0,
        "e00200": cents["wages"] / 100,
        "e00200p": cents["wages"] / 100,
        "e00300": cents["interest"] / 100,
        "e00600": cents["qualified_dividends"] / 100,
        "e00650": cents["qualified_dividends"] / 100,
        "p22250": line_7 / 100,
        "p23250": line_15 / 100,
        "e24518": line_18 / 100 if line_15 > 0 and line_7 + line_15 > 0 else 0.0,
    }


def computed(people: list[dict[str, object]], reform: dict[str, object]) -> list[dict[str, float]]:
    """The kept figures of everybody, in the order given."""
    answers: list[dict[str, float]] = [{} for _ in people]
    for year in YEARS:
        chosen = [number for number, person in enumerate(people) if person["year"] == year]
        frame = pd.DataFrame([told_to_the_program(people[number], number) for number in chosen])
        policy = taxcalc.Policy()
        policy.implement_reform(reform)
        records = taxcalc.Records(data=frame, start_year=year, gfactors=None, weights=None)
        calculator = taxcalc.Calculator(policy=policy, records=records, verbose=False)
        calculator.advance_to_year(year)
        calculator.calc_all()
        for name, variable in KEPT.items():
            for number, value in zip(chosen, calculator.array(variable), strict=True):
                answers[number][name] = float(value)
    return answers


def total(answer: dict[str, float]) -> float:
    """Regular tax, alternative minimum tax and net investment income tax."""
    return answer["regular_tax"] + answer["alternative_minimum_tax"] + answer["net_investment_income_tax"]


def plain(value: float) -> str:
    """To six decimals without trailing zeros; what whole cents lead to has no more."""
    return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def main() -> None:
    """Writes both files beside this script."""
    table = parameters()
    dice = random.Random(SEED)
    people = [taxpayer(dice, number, table) for number in range(COUNT)]  # type: ignore[arg-type]
    published = computed(people, {})
    corrected = computed(people, corrected_reform(table))
    with (HERE / "taxcalc_1000.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["year", "status", *AMOUNTS, *KEPT, "published_total"])
        for person, answer, as_is in zip(people, corrected, published, strict=True):
            amounts = [plain(int(str(person[name])) / 100) for name in AMOUNTS]
            differs = abs(total(answer) - total(as_is)) > 1e-6
            figures = [plain(answer[name]) for name in KEPT]
            rows.writerow(
                [person["year"], person["status"], *amounts, *figures, plain(total(as_is)) if differs else ""]
            )
    header = {"program": "PSL Tax-Calculator", "version": taxcalc.__version__, "seed": SEED}
    text = json.dumps({**header, "corrections": CORRECTIONS, "years": table}, indent=1)
    (HERE / "taxcalc_parameters.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
