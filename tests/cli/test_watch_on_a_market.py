"""`watch` on a live market: a crash is told once, and where nothing can be reached the age of the prices is told."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.simulator.process import SimulatorProcess
from support.journey_commands import Program

CONFIG = "[alerts]\nloss = 40\nnet_benefit = false\nyear_end = false\nrule_change_days = false\n"


@pytest.fixture
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=9, venues=("kraken",), rows=60, limits="off") as running:
        await running.tick_rate(0)
        yield running


@pytest.fixture
def program(simulator: SimulatorProcess, tmp_path: Path) -> Program:
    program = Program(tmp_path / "home")
    program.use(simulator, tmp_path)
    account = simulator.accounts["kraken"]
    program.hold_key("kraken", account["key"], account["secret"])
    program.home.mkdir()
    (program.home / "config.toml").write_text(CONFIG)
    assert program.run("connect", "kraken").status == 0
    assert program.run("sync").status == 0
    return program


def move_to_port(ready: Path, port: int) -> None:
    """From now on the exchanges are said to be at another port."""
    ready.write_text(json.dumps(json.loads(ready.read_text()) | {"port": port}))


async def test_a_crash_is_told_once_however_often_cron_looks(simulator: SimulatorProcess, program: Program) -> None:
    basis: dict[str, Decimal] = {}
    for lot in program.run("lots", "--json").body["lots"]:
        basis[lot["asset"]] = basis.get(lot["asset"], Decimal(0)) + Decimal(lot["cost_basis"] or 0)
    for asset in basis:
        await simulator.set_price(asset, "900000")
    calm = program.run("watch", "--once", "--json")
    assert (calm.status, calm.body["alerts"]) == (0, [])
    assert {row["asset"] for row in calm.body["prices"]} == set(basis)
    assert calm.body["oldest_price_seconds"] < 60

    for asset in basis:
        await simulator.set_price(asset, "0.002")
    crash = program.run("watch", "--once", "--json")
    assert crash.status == 1
    told = [alert["asset"] for alert in crash.body["alerts"]]
    assert sorted(told) == sorted(asset for asset, cost in basis.items() if cost > 41)
    assert len(told) > 3
    assert all(Decimal(row["price"]) < Decimal("0.01") for row in crash.body["prices"])
    again = program.run("watch", "--once", "--sync", "--json")
    assert (again.status, again.body["alerts"]) == (0, [])
    assert len(program.run("alerts", "--json").body["alerts"]) == len(told)
    assert [order for order in await simulator.astray() if "order" in json.dumps(order).lower()] == []


async def test_without_a_network_the_age_of_the_last_prices_is_told(program: Program) -> None:
    ready = Path(program.environment["HARVEST_TUI_SIMULATOR"])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else can
        move_to_port(ready, nobody.getsockname()[1])
        done = program.run("watch", "--once", "--json")
    assert done.status in (0, 1), done.err
    assert 0 <= done.body["oldest_price_seconds"] < 120
    assert done.err.startswith("kraken: "), "what failed is said too"
    assert done.err.splitlines()[-1].startswith("prices: all are ")
