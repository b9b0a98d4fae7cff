"""24 broken replies on each exchange's balances, trades and ledger: none is taken for facts; the next sync is whole."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
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

VENUES = ("kraken", "coinbase", "binance", "binanceus")
ROWS = 120
ALL_FAULTS = (*REST_FAULTS, *ROUTE_FAULTS)
UNANSWERED = ("timeout", "slow_loris")
"""Each try is waited for in real seconds, so a hurried session meets them."""
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
        "sent": [f"0.{10 + number}", "USD"],
        "received": [f"0.00{number}1", "BTC"],
    }
    if exchange == "binance":
        buy = {**buy, "market": "BTC/USDT", "sent": [f"0.{10 + number}", "USDT"]}
    await simulator.happen(exchange, {**buy, "fee": None})


@dataclass
class Drill:
    """Four accounts side by side on one home, one call of each exchange being broken; what was found wrong."""

    simulator: SimulatorProcess
    home: Path
    call: str
    violations: list[str] = field(default_factory=list)
    _number: int = 0

    async def break_with(self, fault: str, session: Session) -> None:
        """Syncs against the fault: no fact of the call may change, and the error has to be the right one."""
        self._number += 1
        for exchange in VENUES:
            await live_a_little(self.simulator, exchange, self._number)
        before = {exchange: await facts(session, exchange, self.call) for exchange in VENUES}
        for exchange in VENUES:
            await self.simulator.fault(exchange, fault, CALLS[exchange, self.call].path)
        results = {str(result.state.account): result for result in await session.sync_results()}
        assert results.keys() == set(VENUES)
        for exchange, broken in results.items():
            if await facts(session, exchange, self.call) != before[exchange]:
                self._wrong(exchange, fault, "facts or a cursor changed")
            if not isinstance(broken.error, MEANING[fault]):
                self._wrong(exchange, fault, f"{broken.error!r} is the wrong message")
            if not broken.state.message or broken.state.phase not in (SyncPhase.FAILED, SyncPhase.NEEDS_KEY):
                self._wrong(exchange, fault, f"the screen says {broken.state.phase} {broken.state.message!r}")
        await self.simulator.clear_faults()

    async def heal_from(self, fault: str, session: Session) -> None:
        """Syncs once more: whole, every balance covered by lots."""
        for whole in await session.sync_results():
            if whole.error is not None:
                self._wrong(whole.state.account, fault, f"the next sync ended with {whole.error!r}")
        for mismatch in session.portfolio().mismatches:
            self._wrong(mismatch.account, fault, f"the next sync left {mismatch}")

    def session(self, timeout_seconds: float = 20) -> AbstractAsyncContextManager[Session]:
        return connected(self.simulator, self.home, VENUES, impatient(timeout_seconds))

    def _wrong(self, exchange: str, fault: str, what: str) -> None:
        self.violations.append(f"{exchange}, {fault}: {what}")


@pytest.mark.parametrize("call", ["balances", "trades", "ledger"])
async def test_no_broken_reply_is_taken_for_facts(call: str, tmp_path: Path) -> None:
    async with SimulatorProcess(seed=11, venues=VENUES, rows=ROWS, limits="off") as simulator:
        drill = Drill(simulator, tmp_path, call)
        async with drill.session() as session:
            for first in await session.sync_results():
                assert first.error is None, first.state.message
            for fault in ALL_FAULTS:
                if fault not in UNANSWERED:
                    await drill.break_with(fault, session)
                    await drill.heal_from(fault, session)
        for fault in UNANSWERED:
            async with drill.session(0.4) as session:
                await drill.break_with(fault, session)
            async with drill.session() as session:
                await drill.heal_from(fault, session)
        assert not any(request["signed"] for request in await simulator.astray())
    assert not drill.violations, "\n".join(drill.violations)


def test_every_fault_is_broken_with_and_has_a_meaning() -> None:
    assert len(ALL_FAULTS) == 24
    assert MEANING.keys() == set(ALL_FAULTS)
    assert set(UNANSWERED) < set(ALL_FAULTS)
    assert len(CALLS) == 3 * len(VENUES)
