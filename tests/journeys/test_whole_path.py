"""Four exchanges side by side: from their rows to lots that add up, with every difference listed and explained."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harvest_tui.core.lots.ledger import Lot, Provenance
from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Event
from harvest_tui.session.syncing import SyncResult
from harvest_tui.simulator.process import SimulatorProcess
from support.journey import Holdings, events_held, lots_held, true_holdings
from support.simulated import connected, impatient

VENUES = ("kraken", "coinbase", "binance", "binanceus")
ROWS = 200
Truth = dict[str, list[dict[str, Any]]]
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Told:
    """One whole run: what truly happened, and what the program made of it."""

    balances: dict[str, dict[str, str]]
    truth: dict[str, Truth]
    first: list[SyncResult]
    second: list[SyncResult]
    most_at_once: int
    portfolio: Portfolio
    events: list[Event]
    digests: tuple[str, str]


async def run_it(home: Path) -> Told:
    async with (
        SimulatorProcess(seed=5, venues=VENUES, rows=ROWS, limits="off") as simulator,
        connected(simulator, home, VENUES, impatient(20)) as session,
    ):
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, sum(state.phase == "syncing" for state in session.sync_states().values()))
                await asyncio.sleep(0.005)

        watching = asyncio.create_task(watch())
        first = await session.sync_results()
        watching.cancel()
        before = await session.store.content_digest()
        second = await session.sync_results()
        return Told(
            {venue: await simulator.balances(venue) for venue in VENUES},
            {venue: await simulator.truth(venue) for venue in VENUES},
            first,
            second,
            most,
            session.portfolio(),
            await session.store.events(),
            (before, await session.store.content_digest()),
        )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return asyncio.run(run_it(tmp_path_factory.mktemp("home")))


def test_four_accounts_sync_side_by_side(told: Told) -> None:
    assert [result.error for result in told.first] == [None] * 4
    assert told.most_at_once == 4
    assert all(result.new > ROWS / 2 for result in told.first)


def test_the_sum_of_lots_is_the_balance_of_every_coin_in_every_account(told: Told) -> None:
    held = true_holdings(told.balances, with_dollars=False)
    assert len(held) > 25
    assert lots_held(told.portfolio) == held
    assert told.portfolio.mismatches == ()
    assert told.portfolio.ledger.gaps == ()


def test_the_events_of_every_account_add_up_to_its_balances_dollars_too(told: Told) -> None:
    held = true_holdings(told.balances, with_dollars=True)
    assert ("kraken", "USD") in held
    assert events_held(told.events) == held


def test_the_balances_themselves_are_the_exchanges(told: Told) -> None:
    said: Holdings = defaultdict(Decimal)
    for balance in told.portfolio.balances:
        said[balance.account, balance.asset] += balance.quantity
    assert {key: held for key, held in said.items() if held} == true_holdings(told.balances, with_dollars=True)


def test_coins_from_an_unknown_wallet_are_listed_and_their_basis_is_unknown_not_zero(told: Told) -> None:
    deposits = [move for move in told.portfolio.ledger.unmatched if move.is_deposit]
    assert [(move.account, move.asset, move.quantity) for move in deposits] == [
        ("kraken", "ETH", Decimal("0.41825137"))
    ]
    origin = deposits[0].event_id
    lots = [lot for lot in told.portfolio.ledger.lots if lot.origin_id == origin]
    assert lots
    assert {(lot.cost_basis, lot.provenance) for lot in lots} == {(None, Provenance.UNKNOWN)}
    sold = [part for part in told.portfolio.ledger.disposals if part.origin_id == origin]
    assert all(part.cost_basis is None and part.gain is None for part in sold)


def test_a_withdrawal_to_a_wallet_outside_is_listed(told: Told) -> None:
    outside = [move for move in told.portfolio.ledger.unmatched if not move.is_deposit]
    assert [(move.account, move.asset) for move in outside] == [("binanceus", "BTC")]


def test_no_lot_has_a_basis_of_zero(told: Told) -> None:
    known = [lot for lot in told.portfolio.ledger.lots if lot.cost_basis is not None]
    assert len(known) > 200
    assert min(lot.cost_basis for lot in known if lot.cost_basis is not None) > 0


def kraken_purchase(rows: Truth, lot: Lot) -> tuple[datetime, Decimal, Decimal] | None:
    """When, how many units for how many dollars, fee included, as Kraken's ledger has it; None for a swap or income."""
    legs = [row for row in rows["ledger"] if row["refid"] == lot.origin_id.removeprefix("kraken:")]
    paid = [row for row in legs if row["asset"] in ("ZUSD", "USD")]
    got = [row for row in legs if Decimal(row["amount"]) > 0]
    if len(paid) != 1 or len(got) != 1 or Decimal(got[0]["fee"]):
        return None
    dollars = EXACT.subtract(Decimal(paid[0]["fee"]), Decimal(paid[0]["amount"]))
    return datetime.fromtimestamp(float(got[0]["time"]), UTC), Decimal(got[0]["amount"]), dollars


def test_a_coin_sent_to_another_exchange_keeps_its_date_and_its_basis(told: Told) -> None:
    moved = [lot for lot in told.portfolio.ledger.lots if lot.provenance is Provenance.TRANSFERRED]
    assert {lot.account for lot in moved} & {"coinbase", "binance", "binanceus"}
    followed = 0
    for lot in moved:
        bought = kraken_purchase(told.truth["kraken"], lot) if lot.origin_id.startswith("kraken:") else None
        if bought is None or lot.account == "kraken":
            continue
        at, units, dollars = bought
        assert abs((lot.acquired_at - at).total_seconds()) < 0.001
        assert lot.quantity <= units
        assert lot.cost_basis is not None
        share = ROUNDED.divide(EXACT.multiply(dollars, lot.quantity), units)
        assert abs(EXACT.subtract(lot.cost_basis, share)) < CENT, (lot, dollars, units)
        followed += 1
    assert followed >= 1


def test_what_left_by_transfer_is_no_sale(told: Told) -> None:
    withdrawals = {event.event_id: event for event in told.events if event.kind == "withdrawal" and event.sent}
    for part in told.portfolio.ledger.disposals:
        event = withdrawals.get(part.event_id)
        # Only the network fee of a withdrawal is disposed of.
        assert event is None or (event.fee is not None and part.quantity <= event.fee.quantity)


def test_a_second_sync_adds_nothing(told: Told) -> None:
    assert [(result.new, result.changed, result.error) for result in told.second] == [(0, 0, None)] * 4
    assert told.digests[0] == told.digests[1]


async def test_what_the_exchange_holds_back_is_a_listed_mismatch_with_its_cause_until_it_is_told(
    tmp_path: Path,
) -> None:
    deposit = {"kind": "deposit", "received": ["0.0731", "BTC"], "txid": "a1", "peer": "x"}
    async with (
        SimulatorProcess(seed=3, venues=("kraken",), rows=90, limits="off") as simulator,
        connected(simulator, tmp_path, ("kraken",), impatient(20)) as session,
    ):
        await session.sync_results()
        assert session.portfolio().mismatches == ()
        await simulator.fault("kraken", "page_shift")
        await simulator.happen("kraken", deposit)
        await session.sync_results()
        portfolio = session.portfolio()
        [mismatch] = portfolio.mismatches
        assert (mismatch.account, mismatch.asset) == ("kraken", "BTC")
        assert str(mismatch.held) == (await simulator.balances("kraken"))["BTC"]
        assert mismatch.in_lots == lots_held(portfolio).get((mismatch.account, mismatch.asset), 0)
        assert EXACT.subtract(mismatch.held, mismatch.in_lots) == Decimal("0.0731")
        assert mismatch.causes[-1] == "a deposit or purchase not in the history"
        await simulator.clear_faults()
        await session.sync_results()
        assert session.portfolio().mismatches == ()
