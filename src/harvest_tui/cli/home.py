"""Opening the user's home: files, settings, keys, log and the session built from them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harvest_tui.errors import InputError
from harvest_tui.session.choices import REAL_WORLD, Choices, Loopback
from harvest_tui.session.profile_watch import read_choices
from harvest_tui.settings import Locations, Settings, locate

if TYPE_CHECKING:
    from argparse import Namespace

    from harvest_tui.session.run import Session

_LOOPBACK = "HARVEST_TUI_SIMULATOR"
_QUIET = ("ccxt", "aiosqlite", "aiohttp", "asyncio", "keyring")


def choices_for(arguments: Namespace) -> Choices:
    """Settings, keys and places of the home named on the command line."""
    return choices_of(*settled(arguments.home))


def settled(home: str | None) -> tuple[Locations, Settings]:
    """Places and settings of that home, or of the platform's, its folders made."""
    locations = locate(home)
    locations.create()
    return locations, read_choices(locations)


def choices_of(locations: Locations, settings: Settings) -> Choices:
    """What a session of that home is made with; the log is opened."""
    from harvest_tui.keys import UserKeys

    commands = {name: account.key_command for name, account in settings.accounts.items()}
    start_log(locations)
    return Choices(locations, settings, UserKeys(locations.data, commands), loopback_from_environment())


def loopback_from_environment() -> Loopback:
    """The simulator named by HARVEST_TUI_SIMULATOR (its ready line as a file), else the real world."""
    name = os.environ.get(_LOOPBACK)
    if not name:
        return REAL_WORLD
    try:
        ready = json.loads(Path(name).read_text())
        return Loopback({host: int(ready["port"]) for host in ready["hosts"]}, Path(ready["ca_file"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{_LOOPBACK} names no simulator ({type(error).__name__})", "unset it") from error


def start_log(locations: Locations) -> None:
    """One line an exchange call into the home's log; libraries that print secrets at DEBUG are held at WARNING."""
    from logging.handlers import RotatingFileHandler

    handler = RotatingFileHandler(locations.log_file, maxBytes=1_000_000, backupCount=3, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("harvest_tui")
    logger.setLevel(logging.INFO)
    for earlier in [one for one in logger.handlers if isinstance(one, RotatingFileHandler)]:
        logger.removeHandler(earlier)
        earlier.close()
    logger.addHandler(handler)
    logger.propagate = False
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


@asynccontextmanager
async def opened(choices: Choices) -> AsyncIterator[Session]:
    """A session that is closed whatever happens."""
    from harvest_tui.session.run import Session

    session = await Session.open(choices)
    try:
        yield session
    finally:
        await session.close()
