"""Realized results out of the facts on screen are those that the whole history comes to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.money import rounded
from harvest_tui.session.realized import load_realized
from harvest_tui.session.run import Session
from support.planner_home import tick
from support.sold_home import sold_home


async def test_a_year_is_what_the_command_prints_and_is_kept_until_the_facts_change(tmp_path: Path) -> None:
    home = await sold_home(tmp_path)
    async with home.session() as session:
        assert await session.results.years() == (2025, 2026)
        for year in (2025, 2026):
            found = await session.results.of(year)
            told = await load_realized(session.store, home.choices.settings, session.rules(), year)
            assert found == told
            assert await session.results.of(year) is found
        first = await session.results.of(2026)
        assert first is not None
        assert (rounded(first.short, 2), first.long) == (Decimal("-14481.41"), 2590)
        tick(session, "ETH", "1")
        assert await session.results.of(2026) is first, "prices realize nothing"
        await session.reload_facts()
        again = await session.results.of(2026)
        assert again == first and again is not first


async def test_a_sale_says_where_its_basis_comes_from(tmp_path: Path) -> None:
    home = await sold_home(
        tmp_path,
        more=(
            "W1,2026-08-01T10:00:00Z,kraken,withdrawal,50,SOL,,,,,",
            "D1,2026-08-01T10:20:00Z,coinbase,deposit,,,50,SOL,,,",
            "S6,2026-08-02T10:00:00Z,coinbase,trade,50,SOL,7000,USD,,,",
            "D2,2026-08-03T10:00:00Z,binance,deposit,,,5,LTC,,,",
            "S7,2026-08-04T10:00:00Z,binance,trade,5,LTC,300,USD,,,",
        ),
    )
    async with home.session() as session:
        found = await session.results.of(2026)
        assert found is not None
        proofs = {str(one.event_id): one.provenance for one in found.disposals}
        assert proofs["kraken:S3"] is Provenance.PROVEN
        assert proofs["coinbase:S6"] is Provenance.TRANSFERRED
        assert proofs["binance:S7"] is Provenance.UNKNOWN


async def test_before_the_sales_are_read_there_are_no_results_rather_than_none(tmp_path: Path) -> None:
    home = await sold_home(tmp_path)
    async with home.session():
        pass
    session = await Session.open(home.choices)
    try:
        assert isinstance(session.facts().ledger.lots, KeptLots)
        assert await session.results.of(2026) is None
        await session.reload_facts()
        found = await session.results.of(2026)
        assert found is not None and len(found.disposals) == 5
    finally:
        await session.close()
