"""The simulator's own process: how it starts, what it tells, and that it never outlives its owner."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import sys
from pathlib import Path

import aiohttp
import pytest

from harvest_tui.simulator.__main__ import crash_plan
from harvest_tui.simulator.process import SimulatorProcess
from simulator.genuine_client import until

COMMAND = [sys.executable, "-m", "harvest_tui.simulator", "--venues", "kraken", "--rows", "60"]


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_it_ends_with_the_block_and_leaves_no_file_behind() -> None:
    async with SimulatorProcess(venues=["kraken"], rows=60) as simulator:
        assert await listens(simulator.port)
        port, pid, ca_file = simulator.port, simulator.pid, Path(simulator.ca_file)
        assert b"BEGIN CERTIFICATE" in await asyncio.to_thread(ca_file.read_bytes)

    assert not await listens(port)
    assert not await asyncio.to_thread(ca_file.parent.exists)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_it_ends_when_its_owner_is_killed() -> None:
    owner = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "sys.stdout.write(child.stdout.readline().decode()); sys.stdout.flush(); time.sleep(600)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", owner, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = json.loads(await process.stdout.readline())["port"]
    assert await listens(port)

    process.send_signal(signal.SIGKILL)
    await process.wait()

    async def gone() -> bool:
        return not await listens(port)

    await until(gone)


async def test_unknown_hosts_do_not_resolve_and_other_authorities_are_not_trusted() -> None:
    async with SimulatorProcess(venues=["kraken"], rows=60) as simulator, simulator.session() as web:
        with pytest.raises(aiohttp.ClientConnectorDNSError):
            await web.get("https://api.binance.com/api/v3/time")
        plain = socket.create_connection(("127.0.0.1", simulator.port))
        with pytest.raises(ssl.SSLCertVerificationError), plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname="api.kraken.com")


async def test_the_control_port_wants_its_token() -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None and process.stdin is not None
    control = json.loads(await process.stdout.readline())["control"]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{control['port']}") as web:
        statuses = []
        for token in ("", "guess", control["token"]):
            async with web.post("/stats", json={"venue": "kraken"}, headers={"X-Token": token}) as response:
                statuses.append(response.status)
    process.stdin.close()

    assert statuses == [403, 403, 200]
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_start_that_fails_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"status 1 .*not mtgox"):
        async with SimulatorProcess(venues=["mtgox"], rows=60):
            pass


async def test_a_crash_from_outside_is_seen_in_the_price() -> None:
    async with SimulatorProcess(venues=["kraken"], rows=60) as simulator:
        before = float(await simulator.price("BTC"))
        await simulator.crash(30)

        async def has_fallen() -> bool:
            return float(await simulator.price("BTC")) < before * 0.75

        await until(has_fallen, 20)


@pytest.mark.parametrize(("text", "plan"), [("calm", None), ("crash:12@30", (12.0, 30.0)), ("crash:9.5", (9.5, 0.0))])
def test_scenarios_are_read(text: str, plan: tuple[float, float] | None) -> None:
    assert crash_plan(text) == plan


@pytest.mark.parametrize("text", ["flood", "crash:", "crash:ten@3"])
def test_other_scenarios_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        crash_plan(text)
