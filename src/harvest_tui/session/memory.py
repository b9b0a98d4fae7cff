"""Memory that nobody uses any more, given back to the system: a monitor runs for weeks beside everything else."""

from __future__ import annotations

import sys

MANY = 20_000
"""Below so many lots there is little to give back."""


def give_back() -> None:
    """Lets the C library hand its free pages to the system, where it is glibc; elsewhere nothing happens.

    It keeps what a load or a plan has freed for the next one, which at 100,000 lots is a fifth of all memory.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
