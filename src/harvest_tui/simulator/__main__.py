"""`python -m harvest_tui.simulator`: serves until standard input closes; one JSON line says where."""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harvest_tui.simulator.control import Control
from harvest_tui.simulator.scenarios import SCENARIOS
from harvest_tui.simulator.server import VENUES, Server
from harvest_tui.simulator.venue import ApiKey
from harvest_tui.simulator.world import CALM, World


def new_key(venue: str, tier: str) -> ApiKey:
    """Read-only credentials in the venue's own form."""
    if venue == "kraken":
        return ApiKey(_base64(42), _base64(64), tier=tier)
    if venue == "coinbase":
        key = ec.generate_private_key(ec.SECP256R1())
        form = serialization.PrivateFormat.TraditionalOpenSSL
        pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        return ApiKey(f"organizations/{_uuid()}/apiKeys/{_uuid()}", pem, tier=tier)
    return ApiKey(secrets.token_hex(32), secrets.token_hex(32), tier=tier)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m harvest_tui.simulator", description="Exchanges on loopback.")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same accounts")
    parser.add_argument("--venues", default=",".join(VENUES), help="comma-separated ccxt ids")
    parser.add_argument("--rows", type=int, default=None, help="about so many raw rows a venue; default: weekly life")
    parser.add_argument("--tick-rate", type=float, default=1.0, help="batches of prices a second")
    parser.add_argument("--limits", choices=("real", "off"), default="real", help="rate limits of the venues")
    parser.add_argument("--scenario", default="calm", help="calm, crash:PERCENT@SECONDS after the start, or a name")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the market's time runs")
    return parser.parse_args(words)


def crash_plan(scenario: str) -> tuple[float, float] | None:
    """(percent, seconds after the start) of a `crash:PERCENT@SECONDS`, None when all stays calm or another plays it.

    Raises:
        ValueError: any other text.
    """
    if scenario == CALM.name or scenario in SCENARIOS:
        return None
    word, _, rest = scenario.partition(":")
    percent, _, seconds = rest.partition("@")
    if word != "crash" or not percent:
        raise ValueError(f"unknown scenario {scenario!r}")
    return float(percent), float(seconds or 0)


async def serve(options: argparse.Namespace) -> None:
    """Builds the world, says where it is, and serves until standard input ends."""
    venues = [venue for venue in options.venues.split(",") if venue]
    crash = crash_plan(options.scenario)
    gc.disable()  # tens of thousands of small values that all stay: there is nothing to collect
    scenario = SCENARIOS.get(options.scenario, CALM)
    world = World.generate(options.seed, venues, options.rows, time.time_ns() // 1000, scenario)
    gc.freeze()
    gc.enable()
    world.tick_rate = options.tick_rate
    world.run_at(options.speed)
    server = Server(world, {venue: new_key(venue, options.limits) for venue in venues})
    shut_down = asyncio.Event()
    control = Control(server, secrets.token_hex(16), shut_down)
    with tempfile.TemporaryDirectory(prefix="harvest-tui-simulator-") as folder:
        ca_file = Path(folder) / "ca.pem"
        ca_file.write_bytes(server.authority.pem)
        await server.start()
        await control.start()
        _watch_standard_input(asyncio.get_running_loop(), shut_down)
        if crash is not None:
            asyncio.get_running_loop().call_later(crash[1], world.crash, crash[0])
        sys.stdout.write(json.dumps(_ready_line(server, control, ca_file)) + "\n")
        sys.stdout.flush()
        await shut_down.wait()
        await control.stop()
        await server.stop()


def _ready_line(server: Server, control: Control, ca_file: Path) -> dict[str, object]:
    return {
        "port": server.port,
        "untrusted_port": server.untrusted_port,
        "ca_file": str(ca_file),
        "hosts": server.hosts,
        "venues": {name: list(site.venue.hosts) for name, site in server.sites.items()},
        "control": {"port": control.port, "token": control.token},
        "accounts": {venue: {"key": key.key, "secret": key.secret} for venue, key in server.keys.items()},
    }


def _watch_standard_input(loop: asyncio.AbstractEventLoop, shut_down: asyncio.Event) -> None:
    """Whoever started us holds the other end; when it dies, however it dies, the pipe ends and so do we."""

    def wait_for_end() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(shut_down.set)

    threading.Thread(target=wait_for_end, daemon=True).start()


def _base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _uuid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


if __name__ == "__main__":
    asyncio.run(serve(arguments()))
