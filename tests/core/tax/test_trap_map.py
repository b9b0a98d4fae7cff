"""The traps of loss harvesting and the worked examples, and that each is shown by a test with the figures given here.

A test claims a trap with `@pytest.mark.trap(7)` and an example with `@pytest.mark.worked_example("Jane")`. The figures
must stand in the tests that claim it, as numbers or in what they feed and compare; words in docstrings do not count.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parents[2]

TRAPS = {
    1: ("The saving is not the loss times a rate.", "600000 1110 222000"),
    2: ("Married filing separately deducts half.", "8000 330 1500 6500"),
    3: ("A loss of one term crosses over to gains of the other.", "30000 25000 6678 4428"),
    4: ("A loss against gains in the 0 % band saves nothing and is gone.", "15000 0"),
    5: ("A gain across the threshold is not taxed flat.", "20000 2756.25 3000 1625"),
    6: ("Ordinary income that pushes gains out of the 0 % band costs 27 %.", "6000 1620 720"),
    7: ("Losses never reduce qualified dividends.", "30000 0.15 18000 10000 3000 5000"),
    8: ("Thresholds are taxable income, not gross income.", "60000 5000 65000 48900 0"),
    9: ("Net investment income tax is capped by income, and the allowed loss lowers it.", "456 570 114 3000 834 720"),
    10: ("The loss limit and the thresholds of that tax are never indexed.", "3000 1500 200000 250000 125000"),
    11: ("Not always 3,000 of the loss is used up.", "5000 10000 17000 8000 6750"),
    12: ("The deduction takes short-term loss first; the rest keeps its term.", "2000 9000 0 8000"),
    13: ("Carryovers net with this year first, once.", "50000 20000 10000 0"),
    14: ("A year is counted by the calendar, not as 365 days.", "366 2024-01-10 2025-01-10 2023-02-28 2024-02-29"),
    15: ("The day is the one on the taxpayer's wall.", "2027-01-01T05:30:00Z 2026-12-31 2026 2027"),
    16: ("From 2025 each account sells its own lots.", "20000 60000 50000 10000 30000"),
    17: ("Without identification the oldest lot goes.", "20000 60000 50000 30000 10000"),
    18: ("Lots of one asset are not netted before they are chosen.", "60000 20000 40000 0"),
    19: ("The fee of a swap is wholly on the side that is given.", "1 3000 30 2970"),
    20: ("Gas is a disposal.", "0.01 1500 30 15"),
    21: ("A harvest defers: the lower basis comes back as gain.", "30000 50000 60000 10000"),
    22: ("A restarted holding period can cost more than was saved.", "10000 1880 3580 -1700 230000"),
    23: ("A fund is under the wash sale rule.", "5000 0 2025-06-02 2025-06-12"),
    24: ("28 % on collectibles is a ceiling.", "5000 1100 1400 15000 4770"),
    25: ("The standard deduction of 2025 was raised.", "15750 750 165"),
    26: ("Thresholds copied wrongly.", "64 346875 578125 0.02 4625"),
    27: ("Two trades can cost more than a small loss saves.", "400 96 20000 0.006 120"),
    28: ("A dead coin that is held deducts nothing.", "5000 0"),
    29: ("The day of the fill counts.", "2026-12-31T20:00:00Z 2027-01-04T15:00:00Z 2027-01-01T15:00:00Z 2026 2027"),
}

EXAMPLES = {
    "Jane": ("10,000 of gain and 287,000 of losses in 2023.", "10000 287000 277000 274000 5190 3490 4930 3430 91"),
    "Brian": ("600,000 of losses, with and without gains.", "600000 120000 142800 244800 1110 720 360 50000"),
    "minimum tax": ("900,000 of long-term gain alone.", "900000 3220 500000 1000000 626350 1252700"),
    "holding period": (
        "First long-term days.",
        "2024-01-10 2025-01-11 2023-02-28 2024-03-01 2024-02-28 2024-02-29 2025-03-01 2025-12-31 2027-01-01"
        " 2026-11-22 2027-11-23",
    ),
    "table of 2026": ("Thresholds, deductions, limits.", "12400 100800 105700 201750 512450 384350 24150 98900 579600"),
    "top of the 0 % bracket": ("Taxable income.", "44625 89250 59750 49450 98900 66200"),
    "gross income of the 0 % bracket": ("With the standard deduction alone.", "65550 131100 90350"),
}

_TOKEN = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+Z)?|\d+(?:\.\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Claim(NamedTuple):
    """A test function, the mark it carries, and the figures in its code."""

    marker: str
    what: object
    test: str
    figures: frozenset[str]


def figure(text: str) -> str:
    """One spelling for every figure, its sign left out: 5190.00 and 5190 are one. Days and instants stay."""
    return text if _DAY.match(text) else f"{abs(Decimal(text)).normalize():f}"


def figures_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The figures in code and decorators; a docstring is no code."""
    has_docstring = ast.get_docstring(function) is not None
    parts = [*function.decorator_list, *(function.body[1:] if has_docstring else function.body)]
    found: set[str] = set()
    for node in (node for part in parts for node in ast.walk(part)):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            found.add(figure(str(node.value)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(figure(token) for token in _TOKEN.findall(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("date", "datetime"):
            found.add("-".join(f"{one.value:02d}" for one in node.args[:3] if isinstance(one, ast.Constant)))
    return frozenset(found)


def claims_in(path: Path) -> Iterator[Claim]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) in (
                "pytest.mark.trap",
                "pytest.mark.worked_example",
            ):
                (what,) = mark.args
                assert isinstance(what, ast.Constant), f"{path.name}: {node.name} claims no constant"
                test = f"{path.relative_to(TESTS)}::{node.name}"
                yield Claim(mark.func.attr, what.value, test, figures_of(node))  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def claims() -> dict[tuple[str, object], list[Claim]]:
    """All claims of the tests, by marker and what is claimed."""
    found: dict[tuple[str, object], list[Claim]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        if "pytest.mark.trap" in path.read_text("utf-8") or "pytest.mark.worked_example" in path.read_text("utf-8"):
            for claim in claims_in(path):
                found[claim.marker, claim.what].append(claim)
    return found


WANTED = [("trap", number, *said) for number, said in TRAPS.items()]
WANTED += [("worked_example", name, *said) for name, said in EXAMPLES.items()]


@pytest.mark.parametrize(("marker", "what", "words", "wanted"), WANTED)
def test_each_is_shown_by_a_test_with_its_figures(
    claims: dict[tuple[str, object], list[Claim]], marker: str, what: object, words: str, wanted: str
) -> None:
    shown = claims[marker, what]
    assert shown, f"no test shows: {words}"
    figures = frozenset[str]().union(*(claim.figures for claim in shown))
    assert [one for one in map(figure, wanted.split()) if one not in figures] == [], [claim.test for claim in shown]


def test_what_tests_claim_is_on_the_map(claims: dict[tuple[str, object], list[Claim]]) -> None:
    assert len(TRAPS) == 29
    known = {(marker, what) for marker, what, _, _ in WANTED}
    assert sorted(map(str, set(claims) - known)) == []


def test_a_figure_in_a_docstring_shows_nothing() -> None:
    (function,) = ast.parse('def test_a():\n    """Saves 222,000."""\n    assert saved("5190.00") == -3_490').body
    assert isinstance(function, ast.FunctionDef)
    assert figures_of(function) == {"5190", "3490"}
