"""How long to be silent, as it is typed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from harvest_tui.core.harvest.silence import read_silence
from harvest_tui.errors import InputError


@pytest.mark.parametrize(
    ("text", "span"),
    [("90min", timedelta(minutes=90)), ("12 h", timedelta(hours=12)), (" 7d ", timedelta(days=7)),
     ("2w", timedelta(days=14)), ("45m", timedelta(minutes=45))],
)  # fmt: skip
def test_a_time_is_read(text: str, span: timedelta) -> None:
    assert read_silence(text) == (span, None)


def test_dollars_are_read_exactly() -> None:
    assert read_silence("$1,250.50") == (None, Decimal("1250.50"))


@pytest.mark.parametrize("text", ["", "0d", "7", "d", "-3d", "$0", "$-5", "$x", "4000d", "7days", "٧d"])
def test_what_is_neither_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="not a time to be silent") as refused:
        read_silence(text)
    assert "7d" in refused.value.hint and "$200" in refused.value.hint
