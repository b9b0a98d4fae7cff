"""The details of a lot say where a form made in UTC may show another term or tax year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from harvest_tui.ui.app import HarvestApp
from support.on_screen import shown, until
from support.sample_portfolio import SampleSession, make_lot, make_portfolio

DAY = timedelta(days=1)


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


async def details_of(app: HarvestApp, words: str) -> list[str]:
    """The lines of the first lot's details that say so."""
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "break-even" in text_of(app))
        return [" ".join(line.split()) for line in shown(app) if words in line]


async def test_a_lot_of_an_evening_tells_both_first_long_term_days_in_one_line() -> None:
    plain = make_lot()
    evening = plain._replace(long_term_on=plain.long_term_on - DAY)
    assert await details_of(HarvestApp(SampleSession(held=make_portfolio([plain]))), "in UTC") == []
    assert await details_of(HarvestApp(SampleSession(held=make_portfolio([evening]))), "in UTC") == [
        f"in UTC long-term from {plain.long_term_on} by UTC days: a form may show that"
    ]


async def test_on_the_last_evening_of_the_year_the_two_years_are_told() -> None:
    at = datetime(2027, 1, 1, 3, tzinfo=UTC)
    held = replace(make_portfolio([make_lot()]), as_of=at, tax_day=date(2026, 12, 31))
    assert await details_of(HarvestApp(SampleSession(held=held, clock=at)), "sold now it") == [
        "in UTC sold now it counts for 2026, by UTC days for 2027"
    ]
