"""Lots and disposals as a spreadsheet takes them: every digit, no formula, nothing a terminal obeys."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from harvest_tui.core.lot_frame import DISPOSAL_COLUMNS, LOT_COLUMNS, disposal_frame, disposals_csv, lot_frame, lots_csv
from harvest_tui.core.lots.ledger import BasisGap, Disposal, Provenance, Term
from harvest_tui.core.records import AccountId, Asset, EventId, LotId
from support.sample_portfolio import make_lot, make_portfolio

NEW_YORK = ZoneInfo("America/New_York")
SOLD = Disposal(
    EventId("kraken:S1"),
    LotId("kraken:B1"),
    EventId("kraken:B1"),
    AccountId("kraken"),
    Asset("BTC"),
    datetime(2024, 1, 1, 2, tzinfo=UTC),
    datetime(2026, 1, 1, 4, 30, 15, tzinfo=UTC),
    Decimal("0.100000000000000001"),
    Decimal("9000.10"),
    Decimal("12345678901234567890.123456789012345678"),
    Term.LONG,
    Provenance.TRANSFERRED,
)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_disposal_has_every_digit_and_days_of_the_taxpayer() -> None:
    [row] = rows_of(disposals_csv([(SOLD, "L")], NEW_YORK))
    assert tuple(row) == DISPOSAL_COLUMNS
    assert row["quantity"] == "0.100000000000000001"
    assert row["cost_basis"] == "12345678901234567890.123456789012345678"
    assert row["gain"] == "-12345678901234558890.023456789012345678"
    assert (row["disposed_at"], row["disposed_on"]) == ("2026-01-01T04:30:15Z", "2025-12-31")
    assert (row["acquired_on"], row["term"], row["form_8949_box"]) == ("2023-12-31", "long", "L")
    assert row["provenance"] == "transferred"


def test_unknown_is_an_empty_cell_and_a_gap_is_a_row_without_a_basis() -> None:
    gap = BasisGap(AccountId("kraken"), Asset("ETH"), Decimal("7.6"), SOLD.disposed_at, EventId("kraken:S4"))
    unknown = SOLD._replace(cost_basis=None, provenance=Provenance.UNKNOWN)
    first, second = rows_of(disposals_csv([(unknown, "I"), (gap, "")], NEW_YORK))
    assert (first["cost_basis"], first["gain"], first["proceeds"]) == ("", "", "9000.1")
    assert (second["quantity"], second["cost_basis"], second["gain"], second["term"]) == ("7.6", "", "", "")
    assert (second["provenance"], second["disposed_on"]) == ("gap", "2025-12-31")


def test_lots_carry_value_and_result_at_the_latest_price_and_nothing_where_there_is_none() -> None:
    lots = (make_lot(1, "BTC", "kraken", "0.5", "36110", 291), make_lot(2, "NEVER", "kraken", "3", "100", 12))
    portfolio = make_portfolio(lots)
    first, second = rows_of(lots_csv(portfolio, NEW_YORK))
    assert tuple(first) == LOT_COLUMNS
    assert (first["price"], first["value"], first["unrealized"]) == ("61240", "30620", "-5490")
    assert (second["price"], second["price_at"], second["value"], second["unrealized"]) == ("", "", "", "")
    assert first["acquired_at"].endswith("Z") and first["long_term_on"] == lots[0].long_term_on.isoformat()


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", "\ufffd=1"),
        ("\x1b]0;x\x07", "\ufffd]0;x\ufffd"),
        ("a\r\nb", "a\ufffd\ufffdb"),
        ("\u202egnp", "\ufffdgnp"),
        ('a,"b"', 'a,"b"'),
        ("Ünïcode", "Ünïcode"),
        ("'quoted", "''quoted"),
    ],
)
def test_a_name_from_outside_is_text_in_its_cell(name: str, cell: str) -> None:
    [row] = rows_of(disposals_csv([(SOLD._replace(asset=Asset(name), event_id=EventId(name)), "L")], NEW_YORK))
    assert (row["asset"], row["event_id"]) == (cell, cell)
    [lot] = rows_of(lots_csv(make_portfolio((make_lot(1, name, name, "2", "10", 3),)), NEW_YORK))
    assert (lot["asset"], lot["account"]) == (cell, cell)
    assert row["gain"].startswith("-"), "a figure keeps its minus"


def test_frames_sort_and_filter_in_pandas_and_an_empty_one_has_its_titles() -> None:
    frame = disposal_frame([(SOLD, "L"), (SOLD._replace(asset=Asset("ETH"), term=Term.SHORT), "I")], NEW_YORK)
    assert list(frame[frame.term == "short"].asset) == ["ETH"]
    assert list(frame.sort_values("asset", ascending=False).asset) == ["ETH", "BTC"]
    assert list(lot_frame(make_portfolio(()), NEW_YORK).columns) == list(LOT_COLUMNS)
    assert lots_csv(make_portfolio(()), NEW_YORK) == ",".join(LOT_COLUMNS) + "\n"


def test_a_lot_frame_follows_the_portfolio() -> None:
    portfolio = make_portfolio((make_lot(1, "BTC", "kraken", "0.5", "36110", 291),))
    dearer = replace(
        portfolio, quotes={key: one._replace(price=Decimal(80_000)) for key, one in portfolio.quotes.items()}
    )
    assert list(lot_frame(dearer, NEW_YORK).unrealized) == ["3890"]
