"""`harvest-tui serve`: the monitor in a browser on this machine."""

from __future__ import annotations

import asyncio
import signal
from argparse import Namespace
from functools import partial
from pathlib import Path

from harvest_tui.cli.home import settled
from harvest_tui.cli.output import say, write_line
from harvest_tui.cli.signals import on_signals
from harvest_tui.errors import InputError
from harvest_tui.web.program import monitor_command
from harvest_tui.web.server import serving

_HIGHEST_PORT = 65535
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def run(arguments: Namespace) -> int:
    """Serve until ctrl-c or SIGTERM; 0 after the one, 128 and the signal's number after the others."""
    if not 0 <= arguments.port <= _HIGHEST_PORT:
        raise InputError(
            f"{arguments.port} is no port", f"choose one from 1 to {_HIGHEST_PORT}, or none for a free one"
        )
    home = arguments.home and str(Path(arguments.home).expanduser().absolute())
    if not arguments.demo:
        # What is wrong with the home is said here, not to a browser.
        settled(home)
    return asyncio.run(_serve(monitor_command(home, arguments.demo), arguments.demo, arguments.port))


async def _serve(command: list[str], is_demo: bool, port: int) -> int:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    on_signals(_SIGNALS, partial(_end, ended))
    title = "harvest demo" if is_demo else "harvest"
    async with serving(command, title, say, port) as gate:
        write_line(gate.address)
        say("Open this address in a browser on this machine. Whoever has it can use the monitor: keep it to yourself.")
        say("One browser at a time: a window opened later takes over. ctrl-c ends it.")
        number = await ended
    return 0 if number == signal.SIGINT else 128 + number


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)
