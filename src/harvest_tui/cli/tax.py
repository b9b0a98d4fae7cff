"""`tax`: the federal calculator. It reads no home and keeps nothing."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Never

from harvest_tui.cli.output import amount, dollars, say, write_json, write_table
from harvest_tui.core.money import parse_decimal
from harvest_tui.core.tax.answers import Kind, read_answer, read_money
from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.taxpayer import FederalReturn, FilingStatus, TaxInputs
from harvest_tui.core.tax.year_table import known_years, year_table
from harvest_tui.errors import InputError

INCOME = ("wages", "interest", "qualified_dividends")
RESULTS = ("short_gain", "long_gain", "collectibles_gain")
CARRYOVERS = ("carry_short", "carry_long")
AMOUNTS = INCOME + RESULTS + CARRYOVERS
KEYS = ("year", "status", *AMOUNTS)

_ROWS = (
    ("Adjusted gross income", "adjusted_gross_income"),
    ("Taxable income", "taxable_income"),
    ("Net short-term, carryover included", "net_short"),
    ("Net long-term, carryover included", "net_long"),
    ("Capital gain or loss in income", "capital_gain_or_loss"),
    ("Allowed loss", "allowed_loss"),
    ("Regular tax", "regular_tax"),
    ("Alternative minimum tax", "alternative_minimum_tax"),
    ("Net investment income tax", "net_investment_income_tax"),
    ("Total tax", "total_tax"),
    ("Short-term loss carried forward", "carry_short_out"),
    ("Long-term loss carried forward", "carry_long_out"),
)


def run(arguments: Namespace) -> int:
    """Answer one return, or every one of a batch; nothing is answered where one of them is off."""
    given = {key: value for key in KEYS if (value := getattr(arguments, key)) is not None}
    if arguments.batch is None:
        answers = [federal_return(_inputs(given, ""))]
    else:
        rows = _batch(Path(arguments.batch))
        answers = [federal_return(one) for one in [_inputs({**given, **row}, where) for where, row in rows]]
    for year in sorted({answer.year for answer in answers}):
        for note in year_table(year).notes:
            say(f"note: {note}")
    if arguments.json and arguments.batch is None:
        write_json({"schema": 1, **fields(answers[0])})
    elif arguments.json:
        write_json({"schema": 1, "answers": [fields(answer) for answer in answers]})
    elif arguments.batch is None:
        _show(answers[0])
    else:
        _show_batch(answers)
    return 0


def fields(answer: FederalReturn) -> dict[str, object]:
    """A return as the contract's fields."""
    figures: dict[str, object] = {key: amount(getattr(answer, key)) for _, key in _ROWS}
    return {"year": answer.year, "status": answer.status.value, **figures}


def _inputs(given: Mapping[str, object], where: str) -> TaxInputs:
    for key in given:
        if key not in KEYS:
            raise InputError(f"{where}unknown key {key[:40]!r}", f"known are {', '.join(KEYS)}")
    year = _year(given, where)
    status = _status(given, where)
    amounts = {key: _amount(key, given[key], where) for key in AMOUNTS if key in given}
    return TaxInputs(year=year, status=status, **amounts)


def _year(given: Mapping[str, object], where: str) -> int:
    known = f"use a year from {known_years()[0]} to {known_years()[-1]}"
    told = given.get("year")
    if told is None:
        raise InputError(f"{where}no year is given", known)
    text = str(told)
    if isinstance(told, bool) or not (text.isascii() and text.isdecimal()) or int(text[:9]) not in known_years():
        raise InputError(f"{where}no tax parameters for year {text[:40]!r}", known)
    return int(text)


def _status(given: Mapping[str, object], where: str) -> FilingStatus:
    told = given.get("status")
    if told is None:
        raise InputError(f"{where}no status is given", f"use one of {', '.join(FilingStatus)}")
    try:
        return FilingStatus(str(read_answer(Kind.STATUS, str(told))))
    except InputError as error:
        raise InputError(f"{where}{error.happened}", error.hint) from error


def _amount(key: str, told: object, where: str) -> Decimal:
    name = f"{where}{key}"
    if isinstance(told, bool) or not isinstance(told, str | Decimal):
        raise InputError(f"{name} is not an amount", "write dollars, such as 1234.50")
    value = _dollars(name, str(told))
    if value < 0 and key not in RESULTS:
        hint = "carryovers are positive losses" if key in CARRYOVERS else "only gains may be negative"
        raise InputError(f"{name} is below zero: {str(told)[:40]}", hint)
    return value


def _dollars(name: str, told: str) -> Decimal:
    """A plain decimal of any precision, or dollars as people write them."""
    try:
        return parse_decimal(told)
    except ValueError:
        pass
    try:
        return read_money(told)
    except InputError as error:
        raise InputError(f"{name}: {error.happened}", error.hint) from error


def _batch(file: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """The rows of a batch, each with the words that name it in an error."""
    try:
        told = json.loads(
            file.read_text("utf-8-sig"),
            parse_int=Decimal,
            parse_float=Decimal,
            parse_constant=_refuse,
            object_pairs_hook=_once,
        )
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror or type(error).__name__}", "name a JSON file") from error
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise InputError(f"{file} is not the JSON that is needed: {error}", "give an array of objects") from error
    if not isinstance(told, list):
        raise InputError(f"{file} holds no array", "give an array of objects, one a return")
    for number, row in enumerate(told, start=1):
        if not isinstance(row, dict):
            raise InputError(f"row {number} of {file} is no object", f"give its figures as {', '.join(KEYS[:4])} ...")
        yield f"row {number} of {file}: ", row


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is no amount")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    told = dict(pairs)
    if len(told) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in told if keys.count(key) > 1)
        raise ValueError(f"key {twice[:40]!r} is there twice")
    return told


def _show(answer: FederalReturn) -> None:
    title = f"Federal tax {answer.year}, {answer.status.value.replace('_', ' ')}"
    rows = [(label, dollars(getattr(answer, key))) for label, key in _ROWS]
    write_table(title, ("Standard deduction, no credits", "US dollars"), rows, right=(1,))


def _show_batch(answers: list[FederalReturn]) -> None:
    shown = ("taxable_income", "total_tax", "allowed_loss", "carry_short_out", "carry_long_out")
    columns = ("Row", "Year", "Status", *(label for key in shown for label, name in _ROWS if name == key))
    rows = [
        (str(number), str(one.year), one.status.value, *(dollars(getattr(one, key)) for key in shown))
        for number, one in enumerate(answers, start=1)
    ]
    write_table("Federal tax", columns, rows, right=(0, *range(3, 3 + len(shown))))
