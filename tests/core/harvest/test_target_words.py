"""Targets as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harvest_tui.core.harvest.target_words import UNBOUNDED, read_target
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.errors import InputError


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("loss 5000", (Aim.LOSS, Decimal(5000))),
        ("Loss: $5,000.50", (Aim.LOSS, Decimal("5000.50"))),
        ("loss:3000", (Aim.LOSS, Decimal(3000))),
        ("loss3000", (Aim.LOSS, Decimal(3000))),
        ("gain 3000", (Aim.GAIN, Decimal(3000))),
        ("gain", (Aim.GAIN, UNBOUNDED)),
        (" best ", (Aim.BEST, Decimal(0))),
        ("offset gains", (Aim.OFFSET_GAINS, Decimal(0))),
        ("max-deduction", (Aim.MAX_DEDUCTION, Decimal(0))),
    ],
)
def test_a_target_is_read(text: str, target: tuple[Aim, Decimal]) -> None:
    assert read_target(text) == target


@pytest.mark.parametrize(
    "text", ["", "5000", "loss", "loss 0", "loss -5", "gain x", "best 5", "less 5", "max", "gain:"]
)
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_target(text)
