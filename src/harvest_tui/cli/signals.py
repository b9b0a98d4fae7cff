"""Signals that end a command, where the platform has handlers for them."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable


def on_signals(names: tuple[str, ...], end: Callable[[int], None]) -> None:
    """Calls `end` with the number of each of these signals from now on.

    The loops of Windows take no handlers: ctrl-c is an exception there.
    """
    if sys.platform != "win32":
        for name in names:
            number = getattr(signal, name)
            asyncio.get_running_loop().add_signal_handler(number, end, number)
