"""`explain` on a synced home: a lot moved twice, one from a coin-for-coin trade, one from staking, and their sums."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harvest_tui.core.lots.ledger import Disposal, Lot
from harvest_tui.core.records import USD, Event, EventKind
from harvest_tui.settings import locate
from harvest_tui.simulator.process import SimulatorProcess
from support.journey_commands import Program, ProgramHere
from support.simulated import connected, impatient

VENUES = ("kraken", "coinbase", "binanceus")
HEADER = "id,time,account,kind,sent_amount,sent_asset,counter_account,lots,txid\n"
D = Decimal


@dataclass(frozen=True)
class Home:
    """A synced demo whose user then moved one lot to a wallet of their own, and from there to another."""

    program: Program
    lots: tuple[Lot, ...]
    disposals: tuple[Disposal, ...]
    events: dict[str, Event]
    moved: Lot
    moved_id: str

    def explain(self, name: str) -> dict[str, Any]:
        done = self.program.run("explain", name, "--json")
        assert done.status in (0, 1), done.err
        return done.body

    def story(self, name: str) -> str:
        done = self.program.run("explain", name)
        assert done.status in (0, 1), done.err
        assert max(map(len, done.out.splitlines())) <= 100
        return " ".join(done.out.split())

    def open_lot(self, kind: EventKind, *, is_exchange: bool = False) -> Lot:
        """An open lot that such an event brought in and nobody moved."""
        for lot in self.lots:
            event = self.events[lot.origin_id]
            is_for_coins = event.sent is not None and event.sent.asset != USD
            is_such = event.kind is kind and event.value is None and is_for_coins is is_exchange
            if is_such and lot != self.moved and lot.lot_id == lot.origin_id:
                return lot
        raise AssertionError(f"no open lot came in by {kind}")


async def synced_home(folder: Path) -> tuple[tuple[Lot, ...], tuple[Disposal, ...], list[Event]]:
    async with (
        SimulatorProcess(seed=7, venues=VENUES, rows=200, limits="off") as simulator,
        connected(simulator, folder, VENUES, impatient(20)) as session,
    ):
        for result in await session.sync_results():
            assert result.error is None
        ledger = session.facts().ledger
        return tuple(ledger.lots), tuple(ledger.disposals), await session.store.events()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    lots, disposals, told = asyncio.run(synced_home(folder))
    locate(str(folder)).config_file.write_text('timezone = "America/New_York"\n')
    events = {str(event.event_id): event for event in told}
    moved = next(lot for lot in lots if events[lot.origin_id].sent is not None and lot.lot_id == lot.origin_id)
    at = datetime.now(UTC).replace(microsecond=0)
    units = format(moved.quantity, "f")
    file = folder.parent / "wallets.csv"
    file.write_text(
        HEADER
        + f"m1,{at:%Y-%m-%dT%H:%M:%SZ},{moved.account},transfer,{units},{moved.asset},cold,"
        + f"{moved.origin_id}={units},feed0001\n"
        + f"m2,{at + timedelta(seconds=90):%Y-%m-%dT%H:%M:%SZ},cold,transfer,{units},{moved.asset},vault,,feed0002\n"
    )
    program = ProgramHere(folder)
    assert program.run("import", str(file), "--json").body["new"] == 2
    listed = program.run("lots", "--json").body["lots"]
    [moved_id] = [lot["lot_id"] for lot in listed if lot["account"] == "vault"]
    return Home(program, lots, disposals, events, moved, moved_id)


def check_sums(lot: dict[str, Any]) -> None:
    """What each lot of the chain began with is what became of it and what is left, in units and in basis."""
    for chapter in lot["chain"]:
        for total, part, left in (("quantity", "quantity", "left"), ("cost_basis", "cost_basis", "cost_basis_left")):
            assert D(chapter[total]) == sum((D(use[part]) for use in chapter["uses"]), D(chapter[left]))
    assert (lot["acquired"]["quantity"], lot["acquired"]["cost_basis"]) == (
        lot["chain"][0]["quantity"],
        lot["chain"][0]["cost_basis"],
    )
    for move, parent, child in zip(lot["moves"], lot["chain"], lot["chain"][1:], strict=False):
        assert move["cost_basis"] == child["cost_basis"]
        assert move["arrived"] == {"quantity": child["quantity"], "asset": child["asset"]}
        assert D(move["quantity"]) <= D(parent["quantity"])
    assert (lot["chain"][-1]["left"], lot["chain"][-1]["cost_basis_left"]) == (lot["quantity"], lot["cost_basis"])


def test_a_lot_moved_twice_reads_from_its_purchase_to_the_vault(home: Home) -> None:
    told = home.explain(home.moved_id)
    assert Program(home.program.home).run("explain", home.moved_id, "--json").body == told
    [lot] = told["lots"]
    check_sums(lot)
    assert (lot["origin_id"], lot["provenance"]) == (home.moved.origin_id, "transferred")
    assert [chapter["account"] for chapter in lot["chain"]] == [home.moved.account, "cold", "vault"]
    assert [move["event"]["txid"] for move in lot["moves"]] == ["feed0001", "feed0002"]
    assert (D(lot["quantity"]), D(lot["cost_basis"])) == (home.moved.quantity, home.moved.cost_basis)
    [source] = lot["moves"][0]["event"]["sources"]
    assert source["file"].endswith("wallets.csv") and len(source["sha256"]) == 12
    [row] = lot["acquired"]["event"]["sources"][:1]
    assert row["exchange"] == home.moved.account and row["stream"] and row["row_id"] and row["fetched_at"]

    text = home.story(home.moved_id)
    for words in ("1. Bought ", "2. Moved ", "3. Moved ", " to cold", " from cold to vault", "transaction feed0002"):
        assert words in text
    assert "wallets.csv (SHA-256 " in text
    assert "Nothing. Every step is told by a source row" in text


def test_a_lot_from_a_coin_for_coin_trade_names_the_candle_and_the_disposal_beside_it(home: Home) -> None:
    picked = home.open_lot(EventKind.TRADE, is_exchange=True)
    event = home.events[picked.origin_id]
    told = home.explain(picked.lot_id)
    [lot] = told["lots"]
    check_sums(lot)
    assert (D(lot["quantity"]), D(lot["cost_basis"])) == (picked.quantity, picked.cost_basis)
    value = lot["acquired"]["value"]
    assert value["from"] == "price"
    units = lot["acquired"]["quantity"] if value["price"]["asset"] == picked.asset else event.sent.quantity  # type: ignore[union-attr]
    assert D(units) * D(value["price"]["price"]) == D(value["value"])
    assert lot["acquired"]["cost_basis"] == value["value"]
    began = datetime.fromisoformat(value["price"]["start"])
    assert began <= event.executed_at < began + timedelta(seconds=value["price"]["seconds"])
    assert value["price"]["source"].split(" ")[0] in VENUES

    given = told["taken"][0]
    assert given["what"] == "exchanged"
    expected = [
        (part.lot_id, part.quantity, part.proceeds, part.cost_basis)
        for part in home.disposals
        if part.event_id == event.event_id and part.asset == given["asset"] and part.quantity
    ]
    parts = [
        (part["lot"]["lot_id"], D(part["quantity"]), D(part["proceeds"]), D(part["cost_basis"]))
        for take in told["taken"]
        if take["asset"] == given["asset"]
        for part in take["parts"]
    ]
    assert sorted(parts) == sorted(expected)  # type: ignore[type-var]
    text = home.story(picked.lot_id)
    assert "Received in an exchange: " in text and "the close of the " in text and "Lots it used" in text


def test_a_lot_from_staking_is_income_at_a_named_price(home: Home) -> None:
    picked = home.open_lot(EventKind.INCOME)
    told = home.explain(picked.lot_id)
    [lot] = told["lots"]
    check_sums(lot)
    price = lot["acquired"]["value"]["price"]
    assert price["asset"] == picked.asset
    assert D(lot["acquired"]["quantity"]) * D(price["price"]) == D(lot["acquired"]["cost_basis"])
    year = picked.acquired_at.year
    text = home.story(picked.lot_id)
    assert "Received as income: " in text
    assert any(f"ordinary income of {one}" in text for one in (year, year - 1))


def test_every_lot_that_ever_moved_in_the_demo_adds_up(home: Home) -> None:
    moved = {lot.lot_id for lot in home.lots if "~" in lot.lot_id}
    moved |= {part.lot_id for part in home.disposals if "~" in part.lot_id}
    assert moved
    for name in sorted(moved)[:3]:
        [lot] = home.explain(name)["lots"]
        check_sums(lot)
        assert lot["moves"]
        assert all(move["common_txid"] for move in lot["moves"])


def test_a_sale_is_explained_by_its_event_id_and_by_the_beginning_of_a_lot_id(home: Home) -> None:
    sale = next(part for part in home.disposals if home.events[part.event_id].received is not None)
    told = home.explain(sale.event_id)
    assert any(part["lot"]["lot_id"] == sale.lot_id for take in told["taken"] for part in take["parts"])
    assert home.explain(home.moved_id[:-2])["id"] == home.moved_id


def test_a_name_that_means_nothing_or_several_is_refused_with_what_to_do(home: Home) -> None:
    assert "lots --json" in home.program.run("explain", "nobody:17", "--json").refused(2)
    assert "give more of the id" in home.program.run("explain", "kraken:").refused(2)
    home.program.run("explain").refused(2)
    home.program.run("explain", "").refused(2)


def test_holes_are_said_and_are_the_exit_status(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    (tmp_path / "gaps.csv").write_text(
        "id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,note\n"
        "d1,2025-03-01T00:00:00Z,w1,deposit,,,2,SOL,\x22[bold]from \\x1b nobody[/bold]\x22\n"
        "s1,2025-04-01T00:00:00Z,w1,trade,3,SOL,450,USD,\n"
    )
    assert program.run("import", str(tmp_path / "gaps.csv")).status == 1
    deposit, sale = program.run("explain", "w1:d1"), program.run("explain", "w1:s1", "--json")
    assert (deposit.status, sale.status) == (1, 1)
    assert "[bold]from" in deposit.out
    assert {(doubt["kind"], doubt["is_hole"]) for doubt in sale.body["not_proven"]} == {
        ("gap", True),
        ("no basis", True),
    }
    assert sale.body["taken"][0]["missing"] == "1"
