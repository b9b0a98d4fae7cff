"""What is left to read when the program itself fails: no values, only places."""

from __future__ import annotations

import logging
import traceback

from harvest_tui.ui.format import clean

FAREWELL = "harvest-tui stopped on a fault of its own; nothing stored was lost. Start it again."
_log = logging.getLogger("harvest_tui.ui")


def crash_report(error: BaseException) -> str:
    """Where it failed, without any local variable: they may hold keys and holdings."""
    lines = []
    for chunk in traceback.format_exception(error):
        lines += [clean(line, 200) for line in chunk.splitlines()]
    return "\n".join([*lines, "", FAREWELL])


def log_crash(error: BaseException) -> None:
    """Keeps the places in the log file."""
    _log.error("the screen failed: %s", type(error).__name__, exc_info=error)
