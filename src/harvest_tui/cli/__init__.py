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
    from harvest_tui.cli.arguments import parse

    os.umask(0o077)
    logging.getLogger("harvest_tui").addHandler(logging.NullHandler())
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        return int(arguments.run(arguments))
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


def _say(text: str, status: int) -> int:
    from harvest_tui.cli.output import one_line

    print(f"harvest-tui: {one_line(text)}", file=sys.stderr)  # noqa: T201
    return status
