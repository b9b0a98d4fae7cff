"""Verdicts in the list and at the edge of the screen: a sale within a second of its record is told in both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.identification.verdict import Outcome, Verdict
from harvest_tui.core.records import EventId
from harvest_tui.ui.verdict_news import verdict_news
from harvest_tui.ui.widgets.verdict_lines import SIGNS, news_words, verdict_rows
from support.identification import lot

UTC_ZONE = ZoneInfo("UTC")
SOLD = Verdict(3, 0, lot("a", "0.25", 15000), Outcome.AS_IDENTIFIED, identified=Decimal("0.25"))
CLOSE = replace(SOLD, too_close=(EventId("w1:near"),))


def outcome_cell(one: Verdict, width: int = 140) -> str:
    """The words of the outcome as the list has them."""
    _, (row,) = verdict_rows([one], {}, UTC_ZONE, width)
    sign = SIGNS[one.outcome][0]
    return next(text.strip() for text, _ in row if text.strip().startswith(f"{sign} "))


@pytest.mark.parametrize("width", [140, 80])
def test_the_list_marks_a_sale_within_a_second_of_its_record_and_no_other(width: int) -> None:
    assert outcome_cell(SOLD, width) == "✓ as identified"
    assert outcome_cell(CLOSE, width) == "✓ as identified ±1s"


@pytest.mark.parametrize("outcome", Outcome)
def test_the_mark_is_cut_off_no_outcome(outcome: Outcome) -> None:
    cell = outcome_cell(replace(CLOSE, outcome=outcome))
    assert cell.endswith(" ±1s") and "…" not in cell


def test_the_note_tells_it_too() -> None:
    assert news_words(SOLD) == "✓ as identified: BTC 0.25 in w1 (record 3)"
    assert news_words(CLOSE) == "✓ as identified: BTC 0.25 in w1 (record 3, within a second of the sale)"


class Watch:
    """Has these news, once asked."""

    def __init__(self, news: Iterable[Verdict]) -> None:
        self._news = list(news)

    def view(self) -> None:
        return None

    def news(self) -> list[Verdict]:
        return self._news


class Told:
    """As much of a session as the news are read from."""

    def __init__(self, *news: Verdict) -> None:
        self.harvesting, self.watch = self, Watch(news)


def test_of_many_news_those_are_counted() -> None:
    told = "5 verdicts changed: 5 as identified"
    assert verdict_news(Told(*[SOLD] * 5)) == [f"{told}. 2 shows them."]  # type: ignore[arg-type]
    assert verdict_news(Told(*[SOLD] * 3, *[CLOSE] * 2)) == [  # type: ignore[arg-type]
        f"{told}, 2 within a second of the record. 2 shows them."
    ]
