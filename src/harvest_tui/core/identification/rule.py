"""Which identification the law accepts at an instant: the owner's books, or only what the broker was told."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.tax.digital_assets import BrokerIdentification, DigitalAssetRules
from harvest_tui.core.tax.year_table import known_years, year_table
from harvest_tui.core.tax_days import tax_year


class IdentificationRule(NamedTuple):
    """The rule of a tax year (Reg. 1.1012-1(j), Notices 2025-7 and 2026-20).

    `own_books_until` is the last day on which own books are accepted for coins held by a broker, as far as is known.
    """

    year: int
    broker: BrokerIdentification
    when: str
    own_books_until: date | None
    law_status: str

    @property
    def words(self) -> str:
        """The rule for people."""
        first = f"Units must be identified {self.when}."
        if self.broker is BrokerIdentification.TELL_THE_BROKER:
            return f"{first} Of coins at a broker the broker must be told by then; own books alone are not enough."
        if self.own_books_until is None:
            return f"{first} Own books are accepted, at a broker too."
        last = self.own_books_until
        return (
            f"{first} Own books are accepted, at a broker too, until {last}; from {last.year + 1}-01-01 the broker "
            "must be told, as far as is known today."
        )


def _rules(year: int) -> DigitalAssetRules:
    """Those of the year, or of the nearest year that is known."""
    years = known_years()
    return year_table(min(max(year, years[0]), years[-1])).digital_assets


@cache
def rule_of(year: int) -> IdentificationRule:
    """The rule of a tax year; of a year beyond the tables the last one known."""
    rules = _rules(year)
    later = [one for one in known_years() if one > year and broker_must_be_told(one)]
    until = None
    if rules.broker_identification is BrokerIdentification.OWN_BOOKS and later:
        until = date(min(later) - 1, 12, 31)
    return IdentificationRule(year, rules.broker_identification, rules.specific_identification, until, rules.law_status)


def rule_at(at: datetime, zone: ZoneInfo) -> IdentificationRule:
    """The rule in force at the instant, by the taxpayer's own calendar."""
    return rule_of(tax_year(at, zone))


def broker_must_be_told(year: int) -> bool:
    """Whether own books alone do not identify units sold at a broker in that tax year."""
    return _rules(year).broker_identification is BrokerIdentification.TELL_THE_BROKER
