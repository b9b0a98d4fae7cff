"""The pandas view of lots and of disposals, and the CSV text of it: the one place that knows pandas.

Nobody imports this module before a file is asked for. Every cell is text: amounts with all their digits, times in ISO
8601 with a zone, unknown as an empty cell. A name from outside that a spreadsheet would take for a formula is led by an
apostrophe, and what a terminal would obey is replaced; figures are left as they are, a loss with its minus.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd

from harvest_tui.core.lots.ledger import BasisGap, Disposal
from harvest_tui.core.money import plain
from harvest_tui.core.portfolio import Portfolio, term_on
from harvest_tui.core.tax_days import tax_day

Cells = Mapping[str, str]
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\u2212'")
"""Beginnings that a spreadsheet reads as a formula, in both widths, and the apostrophe that would hide one."""
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

LOT_COLUMNS = (
    "account",
    "asset",
    "acquired_at",
    "acquired_on",
    "quantity",
    "cost_basis",
    "provenance",
    "term",
    "long_term_on",
    "price",
    "price_at",
    "value",
    "unrealized",
    "lot_id",
    "origin_id",
)
DISPOSAL_COLUMNS = (
    "account",
    "asset",
    "acquired_at",
    "acquired_on",
    "disposed_at",
    "disposed_on",
    "quantity",
    "proceeds",
    "cost_basis",
    "gain",
    "term",
    "form_8949_box",
    "provenance",
    "event_id",
    "lot_id",
    "origin_id",
)
GAP = "gap"
"""The provenance of units that no lot covers; their basis, gain, term and box are empty."""


def lot_frame(portfolio: Portfolio, zone: ZoneInfo) -> pd.DataFrame:
    """One row a lot, in the portfolio's order; money in US dollars, days in the taxpayer's zone."""
    return _frame((_lot_cells(portfolio, number, zone) for number in range(len(portfolio.ledger.lots))), LOT_COLUMNS)


def disposal_frame(rows: Iterable[tuple[Disposal | BasisGap, str]], zone: ZoneInfo) -> pd.DataFrame:
    """One row a part of a lot that went, with its box of Form 8949, and one for units that no lot covers."""
    return _frame((_disposal_cells(one, box, zone) for one, box in rows), DISPOSAL_COLUMNS)


def lots_csv(portfolio: Portfolio, zone: ZoneInfo) -> str:
    """The lots as a spreadsheet takes them."""
    return csv_text(lot_frame(portfolio, zone))


def disposals_csv(rows: Iterable[tuple[Disposal | BasisGap, str]], zone: ZoneInfo) -> str:
    """The disposals as a spreadsheet takes them."""
    return csv_text(disposal_frame(rows, zone))


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV: titles, then a line a row; no index."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _frame(rows: Iterable[Cells], columns: Sequence[str]) -> pd.DataFrame:
    cells = [tuple(map(row.__getitem__, columns)) for row in rows]
    return pd.DataFrame.from_records(cells, columns=list(columns)).astype(object)


def _lot_cells(portfolio: Portfolio, number: int, zone: ZoneInfo) -> Cells:
    lot = portfolio.ledger.lots[number]
    value = portfolio.value_of(lot)
    quote = value.quote
    return {
        "account": _name(lot.account),
        "asset": _name(lot.asset),
        "acquired_at": _time(lot.acquired_at),
        "acquired_on": tax_day(lot.acquired_at, zone).isoformat(),
        "quantity": plain(lot.quantity),
        "cost_basis": _figure(lot.cost_basis),
        "provenance": lot.provenance.value,
        "term": term_on(lot, portfolio.tax_day).value,
        "long_term_on": lot.long_term_on.isoformat(),
        "price": "" if quote is None else plain(quote.price),
        "price_at": "" if quote is None else _time(quote.at),
        "value": _figure(value.value),
        "unrealized": _figure(value.unrealized),
        "lot_id": _name(lot.lot_id),
        "origin_id": _name(lot.origin_id),
    }


def _disposal_cells(one: Disposal | BasisGap, box: str, zone: ZoneInfo) -> Cells:
    if isinstance(one, BasisGap):
        return dict.fromkeys(DISPOSAL_COLUMNS, "") | {
            "account": _name(one.account),
            "asset": _name(one.asset),
            "disposed_at": _time(one.at),
            "disposed_on": tax_day(one.at, zone).isoformat(),
            "quantity": plain(one.quantity),
            "provenance": GAP,
            "event_id": _name(one.event_id),
        }
    return {
        "account": _name(one.account),
        "asset": _name(one.asset),
        "acquired_at": _time(one.acquired_at),
        "acquired_on": tax_day(one.acquired_at, zone).isoformat(),
        "disposed_at": _time(one.disposed_at),
        "disposed_on": tax_day(one.disposed_at, zone).isoformat(),
        "quantity": plain(one.quantity),
        "proceeds": _figure(one.proceeds),
        "cost_basis": _figure(one.cost_basis),
        "gain": _figure(one.gain),
        "term": one.term.value,
        "form_8949_box": box,
        "provenance": one.provenance.value,
        "event_id": _name(one.event_id),
        "lot_id": _name(one.lot_id),
        "origin_id": _name(one.origin_id),
    }


def _figure(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _name(text: str) -> str:
    """Outside text as one cell: on one line, nothing to obey, no formula."""
    if not (text.isascii() and text.isprintable()):
        text = "".join("\ufffd" if unicodedata.category(one) in _REFUSED else one for one in text)
    return f"'{text}" if text.lstrip()[:1] in _FORMULA and text.strip() else text
