"""Realized results as lines: newest first, filtered by words and figures, grouped with subtotals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lots.ledger import BasisGap, Disposal, Provenance, Term
from harvest_tui.core.lots.realized import Realized
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from harvest_tui.ui.format import clean
from harvest_tui.ui.widgets.history_entries import Entry, Heading, Sums, arrange, entries_of
from harvest_tui.ui.widgets.history_words import copied_line, copied_table

ZONE = ZoneInfo("America/New_York")
FIRST = datetime(2026, 1, 15, 12, tzinfo=UTC)


def sold(number: int, asset: str, account: str, quantity: str, proceeds: str, basis: str | None, days: int) -> Disposal:
    name = EventId(f"{account}:{number}")
    return Disposal(
        name,
        LotId(f"{account}:L{number}"),
        name,
        AccountId(account),
        Asset(asset),
        FIRST - timedelta(days=400),
        FIRST + timedelta(days=days),
        Decimal(quantity),
        Decimal(proceeds),
        None if basis is None else Decimal(basis),
        Term.LONG if number % 2 else Term.SHORT,
        Provenance.UNKNOWN if basis is None else Provenance.PROVEN,
    )


DISPOSALS = (
    sold(1, "BTC", "kraken", "0.5", "31000", "20000.25", 0),
    sold(2, "ETH", "kraken", "2", "4800", "9000", 20),
    sold(3, "ETH", "coinbase", "1", "2500", "2600", 21),
    sold(4, "SOL", "coinbase", "10", "1500", None, 60),
)
GAP = BasisGap(AccountId("coinbase"), Asset("ETH"), Decimal("7.6"), FIRST + timedelta(days=30), EventId("coinbase:5"))
REALIZED = Realized(2026, DISPOSALS, ("J", "H", "K", "I"), (GAP,), (), Decimal(-4200), Decimal("10899.75"), ZONE)
ENTRIES = entries_of(REALIZED)


def names(typed: str) -> list[str]:
    return [one.what.event_id.partition(":")[2] for one in arrange(ENTRIES, typed).entries]


def test_the_newest_is_on_top_and_a_gap_stands_where_it_happened() -> None:
    assert names("") == ["4", "5", "3", "2", "1"]
    assert arrange(ENTRIES).sums == Sums(Decimal(-4200), Decimal("10899.75"), 1, 4, 1)
    assert arrange(ENTRIES).sums.net == Decimal("6699.75")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("eth", "532"),
        ("eth !coinbase", "2"),
        ("account:coin", "453"),
        ("short", "42"),
        ("long gain", "1"),
        ("loss", "32"),
        ("loss>100", "2"),
        ("loss>=100", "32"),
        ("gain>0 long", "1"),
        ("gain>10k", "1"),
        ("proceeds<=2,500", "43"),
        ("quantity>5", "45"),
        ("box:h", "2"),
        ("gap", "5"),
        ("unknown !gap", "4"),
        ("day:2026-02", "532"),
        ("basis:proven", "321"),
        ("nothing like it", ""),
    ],
)
def test_words_and_figures_leave_what_they_say(typed: str, found: str) -> None:
    assert names(typed) == list(found)
    assert arrange(ENTRIES, typed).remark == ""


def test_what_cannot_be_read_is_said_and_left_out() -> None:
    arranged = arrange(ENTRIES, "eth loss>much ?<3")
    assert len(arranged.entries) == 3
    assert arranged.remark == "not read: loss>much ?<3"


def test_groups_have_the_sums_of_what_is_known_of_them() -> None:
    by_asset = arrange(ENTRIES, "", "asset").rows
    headings = [row for row in by_asset if isinstance(row, Heading)]
    assert [(one.name, one.lines, one.gain, one.unknown) for one in headings] == [
        ("BTC", 1, Decimal("10999.75"), 0),
        ("ETH", 3, Decimal(-4300), 1),
        ("SOL", 1, ZERO, 1),
    ]
    assert [(one.proceeds, one.basis) for one in headings][1] == (7300, 11_600)
    months = [row.name for row in arrange(ENTRIES, "", "month").rows if isinstance(row, Heading)]
    assert months == ["2026-03", "2026-02", "2026-01"], "the newest first"
    accounts = arrange(ENTRIES, "loss", "account")
    assert [type(row) for row in accounts.rows] == [Heading, Entry, Heading, Entry]
    assert accounts.sums.net == -4300


def test_a_copy_has_every_digit_and_no_formula() -> None:
    evil = ENTRIES[4]._replace(what=DISPOSALS[0]._replace(asset=Asset("=1+1\x1b[31m"), account=AccountId("@home")))
    line = copied_line(evil, ZONE).split("\t")
    assert line[:5] == ["2026-01-15", "'@home", clean("'=1+1\x1b[31m"), "2024-12-11", "0.5"]
    assert line[5:8] == ["31000", "20000.25", "10999.75"]
    table = copied_table(ENTRIES, ZONE)
    assert table is not None and table.count("\n") == 6
    assert "gap" in table and len({row.count("\t") for row in table.splitlines()}) == 1
    assert copied_table(ENTRIES * 2000, ZONE) is None, "more than a terminal passes on"
