"""`harvest-tui`: the monitor."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from harvest_tui.cli.home import choices_for
from harvest_tui.session.run import Choices, Session
from harvest_tui.ui.app import HarvestApp


def run(arguments: Namespace) -> int:
    """Open the monitor on the user's home and return its exit status."""
    return show(choices_for(arguments))


def show(choices: Choices) -> int:
    """The monitor until it is quit. Ends with the session closed and the terminal restored."""
    return asyncio.run(_show(choices))


async def _show(choices: Choices) -> int:
    session = await Session.open(choices)
    try:
        app = HarvestApp(session)
        await app.run_async()
        return app.return_code or 0
    finally:
        await session.close()
