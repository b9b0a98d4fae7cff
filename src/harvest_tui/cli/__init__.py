"""The command line: the only place that builds a session. Each command is a file of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from harvest_tui.errors import HarvestError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (0 done, 1 attention, 2 bad input, 3 the world failed)."""
    os.umask(0o077)
    logging.getLogger("harvest_tui").addHandler(logging.NullHandler())
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except HarvestError as error:
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        return 3
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _say("stopped; what was stored is kept", 130)
    except Exception as error:  # the last door: a defect of ours is a line and a log entry, never a traceback
        logging.getLogger("harvest_tui").exception("unexpected")
        return _say(f"unexpected {type(error).__name__}; nothing was lost, please report the end of the log file", 3)


def _run(argv: Sequence[str]) -> int:
    """The monitor needs no parser for its one option, and its first paint does not wait for one."""
    home = _home_of_monitor(argv)
    if home is not None:
        from harvest_tui.cli.monitor import open_monitor

        return open_monitor(home[0])
    from harvest_tui.cli.arguments import parse

    arguments = parse(argv)
    return int(arguments.run(arguments))


def _home_of_monitor(argv: Sequence[str]) -> tuple[str | None] | None:
    """The home of `harvest-tui` or `harvest-tui --home DIR`; None for any other words."""
    match list(argv):
        case []:
            return (None,)
        case ["--home", folder] if folder and not folder.startswith("-"):
            return (folder,)
    return None


def _say(text: str, status: int) -> int:
    from harvest_tui.cli.output import one_line

    print(f"harvest-tui: {one_line(text)}", file=sys.stderr)  # noqa: T201
    return status
