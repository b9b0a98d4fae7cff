"""Commands that talk to an exchange, each a process of its own: connect, accounts, sync, lots, doctor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.simulator.process import SimulatorProcess
from support.journey import files_of
from support.journey_commands import Program


@pytest.fixture
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=9, venues=("kraken",), rows=60, limits="off") as running:
        yield running


@pytest.fixture
def program(simulator: SimulatorProcess, tmp_path: Path) -> Program:
    program = Program(tmp_path / "home")
    program.use(simulator, tmp_path)
    account = simulator.accounts["kraken"]
    program.hold_key("kraken", account["key"], account["secret"])
    return program


def facts_in(program: Program) -> list[str]:
    return [account["account"] for account in program.run("accounts", "--json").body["accounts"]]


def findings_of(program: Program) -> list[dict[str, str]]:
    done = program.run("doctor", "--json")
    assert done.status == 1, done.out
    findings: list[dict[str, str]] = done.body["findings"]
    return findings


async def test_a_key_that_may_do_more_than_read_is_refused_and_nothing_is_kept(
    simulator: SimulatorProcess, program: Program
) -> None:
    await simulator.set_key_rights("kraken", can_trade=True, can_withdraw=True)
    told = program.run("connect", "kraken", "--json").refused(2)
    assert "withdraw" in told
    assert facts_in(program) == []
    told = program.run("connect", "kraken", "--allow-trade-key", "--json").refused(2)
    assert "withdraw" in told
    assert facts_in(program) == []

    await simulator.set_key_rights("kraken", can_trade=True, can_withdraw=False)
    told = program.run("connect", "kraken", "--json").refused(2)
    assert "trade" in told and "--allow-trade-key" in told
    assert facts_in(program) == []
    done = program.run("connect", "kraken", "--allow-trade-key", "--json")
    assert done.status == 0
    assert done.body == {"schema": 1, "account": "kraken", "exchange": "kraken", "rights": "trade"}
    assert facts_in(program) == ["kraken"]


async def test_a_key_that_became_too_powerful_is_refused_at_the_next_sync(
    simulator: SimulatorProcess, program: Program
) -> None:
    assert program.run("connect", "kraken", "--tier", "pro").status == 0
    await simulator.set_key_rights("kraken", can_withdraw=True)
    done = program.run("sync", "--json")
    assert done.status == 3
    row = done.body["accounts"][0]
    assert (row["phase"], row["new"]) == ("needs key", 0)
    assert "withdraw" in row["message"] and "withdraw" in done.err


async def test_a_wrong_secret_is_told_as_such_and_nothing_is_kept(program: Program) -> None:
    right = program.environment["HARVEST_TUI_SECRET_KRAKEN"]
    wrong = right.translate(str.maketrans("ABCDEFGHabcdefgh", "BADCFEHGbadcfehg"))
    program.hold_key("kraken", program.environment["HARVEST_TUI_KEY_KRAKEN"], wrong)
    told = program.run("connect", "kraken").refused(3)
    assert "Kraken" in told
    assert facts_in(program) == []
    assert program.traces_of([right, wrong, program.environment["HARVEST_TUI_KEY_KRAKEN"]]) == []


async def test_words_that_make_no_sense_are_refused_with_one_line(program: Program) -> None:
    for words in (
        ("connect", "mtgox"),
        ("connect", "kraken", "--account", ""),
        ("connect",),
        ("lots", "--method", "best"),
        ("lots", "--as-of", "yesterday"),
        ("lots", "--prices", "/nowhere/prices.csv"),
        ("import", "/nowhere/ledger.csv"),
        ("accounts", "--remove", "nobody"),
        ("sync",),
        ("nonsense",),
    ):
        program.run(*words).refused(2)


async def test_from_the_first_connect_to_lots_that_are_checked(
    simulator: SimulatorProcess, program: Program, tmp_path: Path
) -> None:
    done = program.run("connect", "kraken", "--tier", "pro", "--json")
    assert (done.status, done.body["rights"]) == (0, "read")
    told = program.run("connect", "kraken").refused(2)
    assert "already" in told
    program.run("sync", "--account", "nobody").refused(2)

    done = program.run("sync", "--json")
    assert done.status == 0, done.err
    synced = done.body
    rows = sum(len(found) for stream, found in (await simulator.truth("kraken")).items() if stream != "trades")
    first = synced["accounts"][0]
    assert (first["account"], first["phase"], first["new"], first["known"]) == ("kraken", "done", rows, 0)
    assert (synced["gaps"], synced["mismatches"]) == ([], [])
    again = program.run("sync", "--json").body["accounts"][0]
    assert (again["new"], again["changed"]) == (0, 0)
    assert again["requests"] < first["requests"]

    listed = program.run("accounts", "--json").body["accounts"]
    assert [(row["account"], row["rights"], row["rows"]) for row in listed] == [("kraken", "read", rows)]
    assert listed[0]["synced_at"].endswith("Z")

    lots = program.run("lots", "--json").body["lots"]
    held: dict[str, Decimal] = {}
    for lot in lots:
        held[lot["asset"]] = held.get(lot["asset"], Decimal(0)) + Decimal(lot["quantity"])
        assert lot["price"] is not None and lot["price_at"].endswith("Z")
    balances = {asset: Decimal(text) for asset, text in (await simulator.balances("kraken")).items() if asset != "USD"}
    assert held == balances

    done = program.run("doctor", "--json")
    states = {(finding["check"], finding["state"]) for finding in done.body["findings"]}
    assert done.status == 0, done.out
    assert {("database", "ok"), ("lots", "ok"), ("key kraken", "ok"), ("clock kraken", "ok")} <= states

    await simulator.skew(-45)
    clock = next(found for found in findings_of(program) if found["check"] == "clock kraken")
    assert clock["state"] == "attention"
    assert 43 <= float(clock["found"].removesuffix(" s")) <= 47
    await simulator.skew(0)
    await simulator.set_key_rights("kraken", can_trade=True)
    checks = {found["check"]: found for found in findings_of(program)}
    key = checks["account kraken"]
    assert key["state"] == "attention" and "trade" in key["found"]
    assert checks["clock kraken"]["state"] == "ok", "the clock was asked although the key is not used"
    await simulator.set_key_rights("kraken", can_trade=False)
    right = dict(program.environment)
    for names in (("HARVEST_TUI_KEY_KRAKEN",), ("HARVEST_TUI_KEY_KRAKEN", "HARVEST_TUI_SECRET_KRAKEN")):
        for name in names:
            del program.environment[name]
        await simulator.skew(-45)
        checks = {found["check"]: found for found in findings_of(program)}
        assert (checks["account kraken"]["state"], checks["clock kraken"]["state"]) == ("attention", "attention")
        await simulator.skew(0)
        program.environment.update(right)

    await simulator.fault("kraken", "unavailable_503")
    assert program.run("sync", "--json").status == 3
    assert [lot["quantity"] for lot in program.run("lots", "--json").body["lots"]] == [lot["quantity"] for lot in lots]
    await simulator.clear_faults()

    secrets = [program.environment["HARVEST_TUI_KEY_KRAKEN"], program.environment["HARVEST_TUI_SECRET_KRAKEN"]]
    assert len(files_of(program.home)) >= 3
    assert any(name.endswith(".log") for name in files_of(program.home))
    assert program.traces_of(secrets) == []
    # The search itself finds what is there.
    (program.home / "planted").write_text(f"note {secrets[1]}")
    assert program.traces_of(secrets) == [str(program.home / "planted")]
