"""How an answer is written: dollars, percent, years, words. One reader for the command line, the file and screens."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError

Answer = Decimal | int | bool | FilingStatus

_MONEY = re.compile(r"([-+]?)\s?\$?\s?([-+]?)((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,2})?)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,8})?|\.[0-9]{1,8}", re.ASCII)
_SWITCH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_MOST = Decimal("999999999999.99")


class Kind(StrEnum):
    """What an answer is made of."""

    MONEY = "dollars"
    SIGNED_MONEY = "dollars, a loss with a minus"
    RATE = "percent"
    NUMBER = "a number"
    DAYS = "whole days"
    STATUS = "a filing status"
    SWITCH = "yes or no"


def read_money(text: str) -> Decimal:
    """US dollars and cents as people write them: `120000`, `120,000`, `$120,000.50`, `-$500`, `(500)`.

    Raises InputError where it is anything else.
    """
    stripped = text.strip()
    in_brackets = stripped.startswith("(") and stripped.endswith(")")
    match = _MONEY.fullmatch(stripped[1:-1].strip() if in_brackets else stripped)
    if not match or (match[1] and match[2]) or (in_brackets and (match[1] or match[2])):
        raise InputError(f"not an amount in dollars: {text[:40]!r}", "write it like 120000 or $120,000.50")
    value = Decimal(match[3].replace(",", ""))
    if value > _MOST:
        raise InputError(f"more than anybody's dollars: {text[:40]!r}", "write it like 120000 or $120,000.50")
    return value.copy_negate() if value and (in_brackets or "-" in (match[1], match[2])) else value


def read_rate(text: str, most: Decimal = Decimal(1)) -> Decimal:
    """A part of one from `5%`, `5 %` or `0.05`, at most `most`. Raises InputError otherwise.

    A bare 5 is refused where `most` is below it: it could be five percent or five hundred.
    """
    stripped = text.strip()
    is_percent = stripped.endswith("%")
    digits = stripped[:-1].strip() if is_percent else stripped
    if not _NUMBER.fullmatch(digits):
        raise InputError(f"not a rate: {text[:40]!r}", "write it like 5% or 0.05")
    value = EXACT.scaleb(Decimal(digits), -2) if is_percent else Decimal(digits)
    if value > most:
        hint = f"write {plain(Decimal(digits))}%" if not is_percent else f"at most {percent(most)} makes sense here"
        raise InputError(f"too high a rate: {text[:40]!r}", hint)
    return value


def percent(value: Decimal) -> str:
    """A part of one as percent: `0.25%`."""
    return plain(EXACT.scaleb(value, 2)) + "%"


def read_answer(kind: Kind, text: str, most: Decimal | None = None) -> Answer:
    """The answer in `text`. Raises InputError saying how it is written."""
    if kind in (Kind.MONEY, Kind.SIGNED_MONEY):
        return _money(kind, text)
    if kind is Kind.RATE:
        return read_rate(text, Decimal(1) if most is None else most)
    if kind is Kind.STATUS:
        return _status(text)
    if kind is Kind.SWITCH:
        return _switch(text)
    return _number(kind, text, most)


def _money(kind: Kind, text: str) -> Decimal:
    value = read_money(text)
    if value < 0 and kind is Kind.MONEY:
        raise InputError(f"cannot be negative here: {text[:40]!r}", "write the amount without a minus")
    return value


def _number(kind: Kind, text: str, most: Decimal | None) -> Decimal | int:
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped) or (kind is Kind.DAYS and not stripped.isdigit()):
        raise InputError(f"not {kind.value}: {text[:40]!r}", "write it like 3")
    value = Decimal(stripped)
    if most is not None and value > most:
        raise InputError(f"too large: {text[:40]!r}", f"at most {plain(most)} makes sense here")
    return int(value) if kind is Kind.DAYS else value


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word not in _SWITCH:
        raise InputError(f"neither yes nor no: {text[:40]!r}", "write yes or no")
    return _SWITCH[word]


def _status(text: str) -> FilingStatus:
    from difflib import get_close_matches

    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    known = [status.value for status in FilingStatus]
    if word in known:
        return FilingStatus(word)
    near = get_close_matches(word, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
    raise InputError(f"no filing status: {text[:40]!r}", hint)


def written(kind: Kind, answer: Answer) -> str:
    """The answer as a person reads it, and as `read_answer` takes it back."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, FilingStatus):
        return answer.value
    if isinstance(answer, int):
        return str(answer)
    if kind is Kind.RATE:
        return percent(answer)
    return plain(answer)
