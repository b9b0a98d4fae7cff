"""Dots for figures: nothing of what one owns is left, and nothing else is touched."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from harvest_tui.ui.figure_filter import hidden


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("   38,440.00", "       •••••"),
        ("  −8,823.84▼", "     −•••••▼"),
        ("+104.00▲", " +•••••▲"),
        ("6.00250125 ETH", "     ••••• ETH"),
        ("0.5", "•••"),
        ("  7", " ••"),
        ("~0", "~•"),
        ("1.5e-8 BTC", " ••••• BTC"),
        (">9,999%", ">•••••%"),
        ("12 of 340 lots, unrealized −1,204.10", "•• of ••• lots, unrealized    −•••••"),
        ("basis 1,234.56, paid", "basis    •••••, paid"),
    ],
)
def test_a_figure_becomes_at_most_five_dots_in_as_many_cells(text: str, shown: str) -> None:
    assert hidden(text) == shown
    assert cell_len(hidden(text)) == cell_len(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-14", "short 122d", "LT in 22d", "  12m", "at 09:30:15 UTC", "  78 days left", "2026", "to 31 Dec",
        "C042", "D4", "✓ synced 2m ago", "tax year 2026",
    ],
)  # fmt: skip
def test_days_times_ages_and_names_stay(text: str) -> None:
    assert hidden(text) == text


def test_a_large_and_a_small_amount_look_the_same_in_their_column() -> None:
    assert hidden("  1,234,567.89") == hidden("        900.10") == "         •••••"


@pytest.mark.parametrize("text", ["١٢٣٤٥", "２０２６", "1.2M", "5k", "$8,823", "(38,440)", "2026 BTC"])
def test_other_ways_to_write_a_figure_are_no_way_around(text: str) -> None:
    assert not any(character.isdigit() for character in hidden(text))
