"""The genuine ccxt client on the simulator: real host names, real TLS, real signatures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro

from harvest_tui.simulator.process import SimulatorProcess


@asynccontextmanager
async def genuine(simulator: SimulatorProcess, venue: str, **config: Any) -> AsyncIterator[Any]:
    """An unmodified ccxt.pro client with the account's key, exact numbers and no throttle."""
    session = simulator.session()
    account = simulator.accounts[venue]
    settings = {"apiKey": account["key"], "secret": account["secret"], "session": session, "enableRateLimit": False}
    client = getattr(ccxt.pro, venue)({**settings, "timeout": 3000, **config})
    client.number = str
    client.ssl_context = simulator.ssl_context()
    client.timeout_on_exit = 0
    try:
        yield client
    finally:
        await client.close()
        await session.close()


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Returns once the state is there; fails the test where it does not come."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - the state is in another process
            await asyncio.sleep(0.02)
