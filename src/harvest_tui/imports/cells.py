"""Cells into values: amounts, assets, times, names. What is not right is noted in the row, with the right form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from harvest_tui.core.money import EXACT, parse_decimal
from harvest_tui.core.records import USD, AccountId, Amount, Asset
from harvest_tui.imports.rows import Row

MAX_DECIMALS = 18
MAX_NAME = 100
FIRST_YEAR, LAST_YEAR = 1990, 2100
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,30}))?)?)? ?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_ASSET = re.compile(r"[^\s,;]{1,100}")
_FORMULA_START = ("=", "+", "-", "@")
NOON = 12


def number(row: Row, column: str) -> Decimal | None:
    """The exact number in the cell, zero or more; None where it is empty or bad."""
    text = row.cells.get(column)
    if not text:
        return None
    try:
        value = parse_decimal(text)
    except ValueError:
        row.complain(column, "is not a number", "write digits with a point and nothing else, as 1234.5")
        return None
    if value.is_signed():
        if value:
            row.complain(column, "is negative", "write it without the sign; the column says which way it goes")
            return None
        value = value.copy_abs()
    if (len(text) > MAX_DECIMALS or "e" in text.lower()) and _decimals(value.normalize(EXACT)) > MAX_DECIMALS:
        row.complain(column, f"has more than {MAX_DECIMALS} decimals", f"round it to {MAX_DECIMALS}")
        return None
    return value


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


@lru_cache(4096)
def _asset(text: str) -> Asset | None:
    if not _ASSET.fullmatch(text):
        return None
    return Asset(text if "#" in text else text.upper())


def asset(row: Row, column: str) -> Asset | None:
    """The ticker in capitals, or `collection#token` as written; None where the cell is empty or bad."""
    text = row.cells.get(column)
    if not text:
        return None
    found = _asset(text)
    if found is None:
        row.complain(column, "is not an asset", "write a ticker such as BTC, or collection#token for an NFT")
    return found


def amount(row: Row, prefix: str) -> Amount | None:
    """The amount in `<prefix>_amount` and `<prefix>_asset`: both are filled or neither. None where empty or bad.

    Nothing can be worth nothing only in dollars: a coin's amount is more than zero.
    """
    quantity, what = number(row, f"{prefix}_amount"), asset(row, f"{prefix}_asset")
    if quantity is None or what is None:
        if quantity is not None and not row.is_bad(f"{prefix}_asset"):
            row.complain(f"{prefix}_asset", "empty beside an amount", "write the asset, as BTC or USD")
        if what is not None and not row.is_bad(f"{prefix}_amount"):
            row.complain(f"{prefix}_amount", f"empty beside {what}", "write how much of it")
        return None
    if prefix != "fee":
        if not quantity and what != USD:
            row.complain(f"{prefix}_amount", "is nothing", "write an amount above zero or leave both cells empty")
        elif "#" in what and quantity != 1:
            row.complain(f"{prefix}_amount", f"of {what} is not one token", "write 1; each NFT is a lot of its own")
    return Amount(quantity, what)


def time(row: Row, column: str, *, day_hour: int = 0) -> datetime | None:
    """The instant in UTC, to the microsecond; without a zone the cell is in UTC. None where it is empty or bad.

    A day alone is its `day_hour` in UTC: noon keeps it the same day in every zone of the United States.
    """
    text = row.cells.get(column)
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        row.complain(column, "is not a time", "write it as 2026-03-01T14:05:00Z")
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    try:
        at = datetime(
            int(year),
            int(month),
            int(day),
            day_hour if hour is None else int(hour),
            int(minute or 0),
            int(second or 0),
            micro,
            _zone(zone),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        row.complain(column, "is no day or hour there is", "write it as 2026-03-01T14:05:00Z")
        return None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        row.complain(column, f"is not between {FIRST_YEAR} and {LAST_YEAR}", "write the year with four digits")
    return at


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def text_of(row: Row, column: str) -> str:
    """The text as it was before a spreadsheet guard put an apostrophe before a formula sign."""
    text = row.cells.get(column, "")
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_START) else text


@lru_cache(4096)
def _account(text: str) -> AccountId | None:
    return None if len(text) > MAX_NAME or ":" in text else AccountId(text)


def account(row: Row, column: str) -> AccountId | None:
    """The account's name; None where the cell is empty or bad."""
    text = text_of(row, column)
    if not text:
        return None
    found = _account(text)
    if found is None:
        row.complain(column, "is not an account name", f"write up to {MAX_NAME} characters without a colon")
    return found


def one_of(row: Row, column: str, words: Mapping[str, object]) -> str:
    """The cell in lower case, which must be one of `words`; empty where it is not."""
    text = row.cells.get(column, "").lower()
    if text in words:
        return text
    row.complain(column, "is unknown" if text else "empty", f"write one of {', '.join(words)}")
    return ""
