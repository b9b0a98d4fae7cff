"""What a session is made with: files, settings, keys, clock, and where the exchanges are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from harvest_tui.exchanges.retry import Pacing
    from harvest_tui.keys import KeySource
    from harvest_tui.settings import Locations, Settings


class Loopback(NamedTuple):
    """Where the simulator answers for the exchanges' host names; empty `hosts` means the real world."""

    hosts: Mapping[str, int]
    ca_file: Path | None = None


REAL_WORLD = Loopback({})


def utc_now() -> datetime:
    """The machine's clock, aware UTC."""
    return datetime.now(UTC)


class Choices(NamedTuple):
    """The user's settings, keys and files, and the world the session meets."""

    locations: Locations
    settings: Settings
    keys: KeySource
    loopback: Loopback = REAL_WORLD
    clock: Callable[[], datetime] = utc_now
    pacing: Pacing | None = None
