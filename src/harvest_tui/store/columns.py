"""How values stand in columns: time as integer microseconds, numbers as decimal text. Exact both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from harvest_tui.errors import StoreError

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
VALUES_AT_ONCE = 500
"""Values bound to one statement; SQLite's oldest limit is 999."""


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC. Raises TypeError where `moment` has no zone."""
    return (moment - EPOCH) // _MICROSECOND


def moment(microseconds_since_1970: int) -> datetime:
    """The aware UTC time."""
    return EPOCH + timedelta(microseconds=microseconds_since_1970)


def moment_or_none(microseconds_since_1970: int | None) -> datetime | None:
    """The aware UTC time, or None where the column is empty."""
    return None if microseconds_since_1970 is None else moment(microseconds_since_1970)


def number_text(value: Decimal) -> str:
    """The value digit for digit. Raises StoreError where it is no finite number."""
    if not value.is_finite():
        raise StoreError(f"{value} is no amount", "nothing of it was stored; please report this")
    return str(value)


def chunks(values: Sequence[T], size: int = VALUES_AT_ONCE) -> Iterator[Sequence[T]]:
    """The values in pieces that one statement can bind."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(count: int) -> str:
    """`?,?,?`"""
    return ",".join("?" * count)
