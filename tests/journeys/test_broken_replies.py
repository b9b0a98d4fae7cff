"""24 broken replies on each exchange's balances, trades and ledger: none is taken for facts; the next sync is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from harvest_tui.core.records import AccountId
from harvest_tui.errors import (
    BadReply,
    ClockSkewed,
    ExchangeUnreachable,
    HarvestError,
    KeyRefused,
    RateLimited,
    RightMissing,
)
from harvest_tui.session import SyncPhase
from harvest_tui.session.run import Session
from harvest_tui.simulator.faults import REST_FAULTS, ROUTE_FAULTS
from harvest_tui.simulator.process import SimulatorProcess
from support.simulated import connected, impatient

ROWS = 120
WAITS: tuple[type[HarvestError], ...] = (RateLimited,)
GARBAGE: tuple[type[HarvestError], ...] = (BadReply,)
AWAY: tuple[type[HarvestError], ...] = (ExchangeUnreachable, BadReply)

MEANING: dict[str, tuple[type[HarvestError], ...]] = {
    "too_many_requests": WAITS,
    "banned_418": WAITS,
    "rate_limit": WAITS,
    "forbidden_html": (ExchangeUnreachable, BadReply, RateLimited, KeyRefused),
    "unavailable_503": AWAY,
    "captcha_200": GARBAGE,
    "cut_json": GARBAGE,
    "empty_body": GARBAGE,
    "null": GARBAGE,
    "bare_string": GARBAGE,
    "list_body": GARBAGE,
    "wrong_types": GARBAGE,
    "nan": GARBAGE,
    "invalid_nonce": (ClockSkewed, KeyRefused),
    "bad_key": (KeyRefused,),
    "permission": (RightMissing, KeyRefused),  # Binance has one code for a wrong key and a missing right
    "reset": AWAY,
    "short_body": AWAY,
    "redirect": AWAY,
    "timeout": AWAY,
    "slow_loris": AWAY,
    "huge_reply": GARBAGE,
    "tls_failure": AWAY,
    "dns_failure": AWAY,
}


@dataclass(frozen=True)
class Call:
    """Requests whose path holds `path` fail; the rows of `streams` come by them."""

    path: str
    streams: tuple[str, ...]


CALLS = {
    ("kraken", "balances"): Call("/BalanceEx", ()),
    ("kraken", "trades"): Call("/Ledgers", ("ledger",)),
    ("kraken", "ledger"): Call("/DepositStatus", ("deposits",)),
    ("coinbase", "balances"): Call("/v2/accounts", ("accounts", "transactions")),
    ("coinbase", "trades"): Call("/orders/historical/fills", ("fills",)),
    ("coinbase", "ledger"): Call("/transactions", ("transactions",)),
    ("binance", "balances"): Call("/api/v3/account", ()),
    ("binance", "trades"): Call("/api/v3/myTrades", ("trades",)),
    ("binance", "ledger"): Call("/capital/deposit/hisrec", ("deposits",)),
    ("binanceus", "balances"): Call("/api/v3/account", ()),
    ("binanceus", "trades"): Call("/api/v3/myTrades", ("trades",)),
    ("binanceus", "ledger"): Call("/capital/deposit/hisrec", ("deposits",)),
}


async def facts(session: Session, exchange: str, call: str) -> object:
    """What is stored of the faulty call: its rows and cursors, or the balances."""
    account, streams = AccountId(exchange), CALLS[exchange, call].streams
    cursors = await session.store.cursors(account)
    rows = [await session.store.raw_rows(account, stream) for stream in streams]
    balances = await session.store.balances() if call == "balances" else None
    return balances, rows, [cursors.get(stream) for stream in streams]


async def live_a_little(simulator: SimulatorProcess, exchange: str, number: int) -> None:
    """A deposit and a purchase that the next sync must bring."""
    await simulator.happen(
        exchange, {"kind": "deposit", "received": [f"0.0{100 + number}", "BTC"], "txid": f"{number:064x}", "peer": "x"}
    )
    buy = {
        "kind": "buy",
        "market": "BTC/USD",
        "sent": [f"1.{10 + number}", "USD"],
        "received": [f"0.00{number}1", "BTC"],
    }
    if exchange == "binance":
        buy = {**buy, "market": "BTC/USDT", "sent": [f"1.{10 + number}", "USDT"]}
    await simulator.happen(exchange, {**buy, "fee": None})


@pytest.mark.parametrize(("exchange", "call"), sorted(CALLS))
async def test_no_broken_reply_is_taken_for_facts(exchange: str, call: str, tmp_path: Path) -> None:
    faulty = CALLS[exchange, call]
    violations: list[str] = []
    async with (
        SimulatorProcess(seed=11, venues=(exchange,), rows=ROWS, limits="off") as simulator,
        connected(simulator, tmp_path, (exchange,), impatient(0.7)) as session,
    ):
        first = await session.sync_results()
        assert first[0].error is None, first[0].state.message
        for number, fault in enumerate([*REST_FAULTS, *ROUTE_FAULTS], start=1):
            await live_a_little(simulator, exchange, number)
            before = await facts(session, exchange, call)
            await simulator.fault(exchange, fault, faulty.path)
            broken = (await session.sync_results())[0]
            if await facts(session, exchange, call) != before:
                violations.append(f"{fault}: facts or a cursor changed")
            if not isinstance(broken.error, MEANING[fault]):
                violations.append(f"{fault}: {broken.error!r} is the wrong message")
            if not broken.state.message or broken.state.phase not in (SyncPhase.FAILED, SyncPhase.NEEDS_KEY):
                violations.append(f"{fault}: the screen says {broken.state.phase} {broken.state.message!r}")
            await simulator.clear_faults()
            whole = (await session.sync_results())[0]
            if whole.error is not None or session.portfolio().mismatches:
                violations.append(f"{fault}: the next sync ended with {whole.error!r}")
        assert await simulator.astray() == [] or not any(a["signed"] for a in await simulator.astray())
    assert not violations, "\n".join(violations)
