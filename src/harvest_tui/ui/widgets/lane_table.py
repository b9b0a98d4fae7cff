"""Columns that give way: on a narrow screen the least important go first, and a figure is never cut."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.ui.format import UNKNOWN, aligned, clip, number, result_role, signed, trimmed
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.row_view import Piece

_PLACES = 8


class Column(NamedTuple):
    """A column of so many cells, the gap before it included; of two the one with the higher `rank` goes first."""

    title: str
    width: int
    rank: int
    is_left: bool = False


def fitting(columns: Sequence[Column], width: int) -> tuple[int, ...]:
    """The places of the columns that fit into `width` cells beside each other."""
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(columns[place].width for place in kept) > width:
        kept.remove(max(kept, key=lambda place: columns[place].rank))
    return tuple(kept)


def header_of(columns: Sequence[Column], kept: Sequence[int]) -> Line:
    """The titles of the columns that are kept."""
    return tuple((_set(columns[place], columns[place].title), "header") for place in kept)


def row_of(columns: Sequence[Column], kept: Sequence[int], cells: Sequence[Piece]) -> Line:
    """The cells of the columns that are kept."""
    return tuple((_set(columns[place], cells[place][0]), cells[place][1]) for place in kept)


def _set(column: Column, text: str) -> str:
    room = column.width - 1
    return " " + (clip(text, room) if column.is_left else text.rjust(room))


def units(value: Decimal | None, cells: int) -> str:
    """Units with as many decimals as fit."""
    if value is None:
        return UNKNOWN
    for places in range(_PLACES, -1, -1):
        text = trimmed(value, places)
        if len(text) <= cells and (places or value == value.to_integral_value()):
            return text
    return aligned(value, cells, 0, 0).strip()


def dollars(value: Decimal | None, cells: int, *, has_sign: bool = False) -> str:
    """Dollars to the cent, or whole ones where those are too wide; an exponent before anything is cut."""
    if value is None:
        return UNKNOWN
    for places in (2, 0):
        text = signed(value, places) if has_sign else number(value, places)
        if len(text) <= cells:
            return text
    return aligned(value, cells, 0, 0, has_sign).strip()


def role_of(value: Decimal | None) -> str:
    """How a result is drawn; its sign is written as well."""
    return "muted" if value is None else result_role(value)
