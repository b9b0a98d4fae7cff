"""Decisions over accounts that sync: they hold from one sync to the next, and lots keep their ids."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.lots.decisions import Assumption, State
from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.errors import InputError, ReadOnlyStore
from harvest_tui.session.run import Session
from harvest_tui.simulator.process import SimulatorProcess
from support.journey import opened_again, synced
from support.simulated import connected, impatient

VENUES = ("kraken", "coinbase")


def ids(session: Session) -> list[tuple[str, Decimal, Decimal | None]]:
    return [(lot.lot_id, lot.quantity, lot.cost_basis) for lot in session.facts().ledger.lots]


async def test_decisions_hold_over_syncs_and_starts_and_give_the_same_ids(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=11, venues=VENUES, rows=160, limits="off") as simulator:
        async with connected(simulator, tmp_path, VENUES, impatient(20)) as session:
            await synced(session)
            found = ids(session)
            now = await session.decisions.overview()
            assert now.moves.pairs and now.unexplained, "the history has both"
            pair, deposit = now.moves.pairs[0].likeness, now.unexplained[0]
            version = session.store.facts_version
            await session.decisions.split(pair.withdrawal.event_id)
            event, amount = deposit.event, deposit.amount
            what = Assumption(
                event.account, amount.asset, amount.quantity, date(2019, 5, 1), Decimal(321), event.event_id
            )
            await session.decisions.assume(what, "an old mail")
            assert session.store.facts_version == version + 2
            decided = ids(session)
            assert decided != found
            lots = session.facts().ledger.lots
            assert {move.event_id for move in session.facts().ledger.unmatched} >= {
                pair.withdrawal.event_id,
                pair.deposit.event_id,
            }
            assert any(lot.provenance is Provenance.ASSUMED for lot in lots)
            await synced(session)
            await session.reload_facts()
            assert ids(session) == decided
        async with opened_again(simulator, tmp_path) as session:
            assert ids(session) == decided, "the picture of the last run is one of these decisions"
            await session.reload_facts()
            assert ids(session) == decided
            await session.decisions.undo()
            await session.decisions.undo()
            assert ids(session) == found
            with pytest.raises(InputError, match="no decision to take back"):
                await session.decisions.undo()


async def test_a_decision_made_here_is_seen_by_the_instance_that_only_reads(tmp_path: Path) -> None:
    async with (
        SimulatorProcess(seed=11, venues=("kraken",), rows=60, limits="off") as simulator,
        connected(simulator, tmp_path, ("kraken",), impatient(20)) as first,
    ):
        await synced(first)
        event_id = (await first.decisions.overview()).moves.loose[0].event.event_id
        async with opened_again(simulator, tmp_path) as second:
            with pytest.raises(ReadOnlyStore):
                await second.decisions.set_external(event_id)
            await first.decisions.set_external(event_id)
            await second.store.refresh_version()
            await second.reload_facts()
            assert second.facts().ledger.unmatched == first.facts().ledger.unmatched
            ((decision, state),) = (await second.decisions.overview()).decisions
            assert (decision.event_ids, state) == ((event_id,), State.APPLIED)
