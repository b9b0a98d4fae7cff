"""What holds for the whole suite."""

from __future__ import annotations

import gc

import textual._wait
import textual.screen

HASTE = 2
"""Frames of the tested screen come twice as often as on a person's, and a press waits half as long for the process to
be idle: that wait, not the work, is most of what the tests of the screens last."""

textual.screen.UPDATE_PERIOD /= HASTE  # type: ignore[misc]
textual._wait.SLEEP_GRANULARITY /= HASTE
textual._wait.SLEEP_IDLE /= HASTE


def pytest_collection_finish() -> None:
    """The imported program and thousands of collected tests stay until the end: the collector need not walk them."""
    gc.collect()
    gc.freeze()
