"""What filter, groups, columns and hidden figures look like, at both sizes the README promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvest_tui.ui.app import HarvestApp
from support.sample_portfolio import SampleSession, troubled_session

SIZES = [(80, 24), (140, 40)]
SCREENS: dict[str, tuple[Callable[[], SampleSession], list[str]]] = {
    "typing": (SampleSession, ["slash", *"eth loss"]),
    "unreadable": (SampleSession, ["slash", *"foo>5 eth"]),
    "filtered": (SampleSession, ["slash", *"loss>2000", "enter", "j"]),
    "nothing": (SampleSession, ["slash", *"zzz", "enter"]),
    "by asset": (SampleSession, ["g", "enter", "j"]),
    "by account": (troubled_session, ["g", "g", "plus", "j"]),
    "finding": (SampleSession, ["f", *"ad"]),
    "columns": (SampleSession, ["W", "j", "space"]),
    "hidden": (SampleSession, ["H"]),
}


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and themes as nobody set them."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_table_looks_as_it_did(screen: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    make, keys = SCREENS[screen]
    assert snap_compare(HarvestApp(make()), press=keys, terminal_size=size)
