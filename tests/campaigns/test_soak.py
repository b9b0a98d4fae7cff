"""The monitor for long: price changes without end, screens opened and closed, a window pulled about; a tenth of what
`benchmarks/soak.py` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import live_table
import soak

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1800)]
LOTS, RATE = 10_000, 5_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("soak")
    live_table.make_home(folder, LOTS)
    return folder


@pytest.fixture
def program(home: Path) -> Iterator[soak.Soaked]:
    with soak.soaked(home, RATE) as running:
        yield running


def test_a_hundred_thousand_changes_leave_nothing_behind(program: soak.Soaked) -> None:
    grown, sent, _ = soak.feed(program, 100_000, RATE, settle_seconds=30)
    assert sent >= 90_000
    assert grown.total <= 15, grown
    assert grown.last_part <= 1, grown


def test_screens_are_made_once_and_kept(program: soak.Soaked) -> None:
    grown = soak.open_and_close(program, 90)
    assert grown.total <= 2, grown


def test_no_size_of_the_window_ends_it(program: soak.Soaked) -> None:
    pulled = soak.pull_about(program, 340)
    assert pulled == (340, True, 0)
