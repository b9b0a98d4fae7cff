"""What holds for the whole suite."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """The imported program and thousands of collected tests stay until the end: the collector need not walk them."""
    gc.collect()
    gc.freeze()
