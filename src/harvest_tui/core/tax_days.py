"""Tax days, years and holding periods, read in the taxpayer's own time zone.

No statute names the zone of a trade; the close of the taxpayer's own day is what Rev. Proc. 2024-28 speaks of, so
instants are kept in UTC and classified by local date.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Term

ONE_DAY = timedelta(days=1)


def tax_day(at: datetime, zone: ZoneInfo) -> date:
    """The taxpayer's calendar day of the instant `at`."""
    return at.astimezone(zone).date()


def tax_year(at: datetime, zone: ZoneInfo) -> int:
    """The taxpayer's calendar year of the instant `at`."""
    return at.astimezone(zone).year


def first_long_term_day(acquired: date) -> date:
    """First day on which a sale of units acquired on that day is long-term.

    The day of acquisition does not count and the day of sale does, by calendar months (IRC 1222, Rev. Rul. 66-7 and
    66-97): a year from the day after, where 29 February becomes 1 March.
    """
    counted_from = acquired + ONE_DAY
    if counted_from.month == 2 and counted_from.day == 29:
        return date(counted_from.year + 1, 3, 1)
    return counted_from.replace(year=counted_from.year + 1)


def long_term_on(acquired_at: datetime, zone: ZoneInfo) -> date:
    """First tax day on which a sale of units acquired at that instant is long-term."""
    return first_long_term_day(tax_day(acquired_at, zone))


def term_of(acquired_at: datetime, disposed_at: datetime, zone: ZoneInfo) -> Term:
    """The term of units held between the two instants."""
    return Term.LONG if tax_day(disposed_at, zone) >= long_term_on(acquired_at, zone) else Term.SHORT


def days_to_long_term(first_day: date, today: date) -> int:
    """Days until a sale is long-term, 0 from the first such day on."""
    return max(0, (first_day - today).days)


def days_left_in_year(today: date) -> int:
    """Days until 31 December, 0 on that day, on which a sale still counts (the trade date decides)."""
    return (date(today.year, 12, 31) - today).days


def year_window(year: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First instant of the tax year and of the one after, in UTC."""
    return (
        datetime(year, 1, 1, tzinfo=zone).astimezone(UTC),
        datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC),
    )


def year_differs_from_utc(at: datetime, zone: ZoneInfo) -> bool:
    """Whether a form made in UTC puts this instant into another tax year than the taxpayer's own zone does."""
    return tax_year(at, zone) != at.astimezone(UTC).year


def term_differs_from_utc(acquired_at: datetime, disposed_at: datetime, zone: ZoneInfo) -> bool:
    """Whether a form made in UTC gives this sale another term than the taxpayer's own zone does."""
    return term_of(acquired_at, disposed_at, zone) is not term_of(acquired_at, disposed_at, ZoneInfo("UTC"))
