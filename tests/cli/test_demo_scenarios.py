"""The demo's scenarios: what is planted in the past, how the market runs, and what the simulated user does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest

from harvest_tui.cli.demo import demo_session
from harvest_tui.cli.demo_story import Story
from harvest_tui.core.identification.rebuy import Rebuy
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.session.run import Session
from harvest_tui.simulator.live import LiveMarket
from harvest_tui.simulator.prices import PriceHistory
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.simulator.scenarios import SCENARIOS
from harvest_tui.simulator.venue import Happening, HappeningKind
from harvest_tui.simulator.world import World
from support.journey import synced, until, until_told
from support.journey_commands import Done

RunHere = Callable[..., Done]
NAMES = (
    "crash",
    "turning-long",
    "oldest-first",
    "missing-deposit",
    "dead-coin",
    "nft",
    "as-planned",
    "against-plan",
)


def world_of(name: str, seed: int = 7) -> World:
    return World.generate(seed, ("kraken",), 60, time.time_ns() // 1000, SCENARIOS[name])


def of_coin(world: World, coin: str) -> list[Happening]:
    return [
        one
        for one in world.history("kraken")
        if any(leg is not None and leg.asset == coin for leg in (one.sent, one.received))
    ]


def paid(purchase: Happening) -> Decimal:
    """US dollars a unit."""
    assert purchase.sent is not None and purchase.received is not None
    return purchase.sent.quantity / purchase.received.quantity


def at(happening: Happening) -> datetime:
    return datetime.fromtimestamp(happening.at_us / 1_000_000, UTC)


# Choosing.


def test_the_list_tells_every_scenario_in_a_paragraph(run_here: RunHere) -> None:
    done = run_here("demo", "--list")
    assert (done.status, done.err) == (0, "")
    paragraphs = done.out.rstrip("\n").split("\n\n")
    assert [words.split("\n")[0] for words in paragraphs] == list(NAMES)
    for name, words in zip(NAMES, paragraphs, strict=True):
        assert " ".join(line.strip() for line in words.split("\n")[1:]) == SCENARIOS[name].words
        assert max(map(len, words.split("\n"))) < 100


def test_a_scenario_that_there_is_not_and_a_speed_that_cannot_be_are_refused(run_here: RunHere) -> None:
    assert "did you mean turning-long?" in run_here("demo", "--scenario", "turning-lon").refused(2)
    assert "demo --list" in run_here("demo", "--scenario", "zzz").refused(2)
    for speed in ("0", "-1", "101", "nan", "inf"):
        assert "its pace" in run_here("demo", "--speed", speed).refused(2)


# The planted past.


def test_a_loss_and_a_gain_turn_long_term_within_days() -> None:
    world, now = world_of("turning-long"), datetime.now(UTC)
    (loss,) = [one for one in of_coin(world, "AVAX") if one.kind is HappeningKind.BUY]
    (gain,) = [one for one in of_coin(world, "DOGE") if one.kind is HappeningKind.BUY]
    for purchase in (loss, gain):
        assert timedelta(days=1) < at(purchase) + timedelta(days=366) - now < timedelta(days=5)
    assert world.live_price("AVAX") < paid(loss) * Decimal("0.72")
    assert world.live_price("DOGE") > paid(gain) * Decimal("1.33")


@pytest.mark.parametrize("seed", [7, 1])
def test_a_cheap_lot_lies_before_the_dear_one(seed: int) -> None:
    cheap, dear = of_coin(world_of("oldest-first", seed), "DOGE")
    assert at(cheap) < at(dear) - timedelta(days=60)
    assert paid(cheap) * 2 < paid(dear)


def test_a_dead_coin_is_held_and_has_no_market() -> None:
    world = world_of("dead-coin")
    assert world.balances("kraken")["DEADX"] == Decimal("5250.5")
    assert not any("DEADX" in market for market in world.markets("kraken"))


def test_without_a_scenario_the_accounts_are_as_ever() -> None:
    now = time.time_ns() // 1000
    usual, crash = (World.generate(7, ("kraken",), 60, now, *more) for more in ((), (SCENARIOS["crash"],)))
    assert usual.history("kraken") == crash.history("kraken")
    assert usual.markets("kraken") == crash.markets("kraken")


# The market's time.


def fallen(speed: float, seconds: float) -> float:
    """By which part a coin has fallen so long after a crash of half its price begins."""
    clock = [1_760_000_000_000_000]
    market = LiveMarket(PriceHistory(3), 3, lambda: clock[0])
    market.speed = speed
    before = market.price("BTC")
    market.crash(50)
    for _ in range(round(seconds * 10)):
        clock[0] += 100_000
        market.price("BTC")
    return 1 - float(market.price("BTC") / before)


def test_a_faster_market_falls_sooner() -> None:
    assert 0.05 < fallen(1, 1) < 0.3
    assert fallen(10, 1) > 0.42
    assert fallen(0.2, 1) < 0.06


# What the program makes of it.


async def test_a_deposit_that_is_not_told_is_a_gap_and_a_difference_and_nothing_else(tmp_path: Path) -> None:
    scenario = SCENARIOS["missing-deposit"]
    async with (
        SimulatorProcess(seed=7, venues=("kraken",), rows=60, scenario=scenario.name, limits="off") as simulator,
        demo_session(simulator, tmp_path, scenario) as session,
    ):
        await synced(session)
        portfolio = session.portfolio()
    (gap,) = portfolio.ledger.gaps
    (mismatch,) = portfolio.mismatches
    (bought,) = lots_of(portfolio, "AVAX")
    assert (gap.asset, mismatch.asset) == ("AVAX", "AVAX")
    assert gap.quantity == Decimal("44.325")
    assert mismatch.held - mismatch.in_lots == 160 - gap.quantity
    assert bought.quantity == mismatch.in_lots


def lots_of(portfolio: Portfolio, asset: str) -> list[Lot]:
    return [lot for lot in portfolio.ledger.lots if lot.asset == asset]


async def test_nfts_come_from_a_ledger_file_into_a_wallet_of_their_own(tmp_path: Path, run_here: RunHere) -> None:
    file = tmp_path / "wallet.csv"
    file.write_text(SCENARIOS["nft"].ledger, "utf-8")
    done = await asyncio.to_thread(run_here, "--home", str(tmp_path / "home"), "import", str(file), "--json")
    assert (done.status, done.body["new"], done.body["gaps"]) == (0, 4, [])
    lots = (await asyncio.to_thread(run_here, "--home", str(tmp_path / "home"), "lots", "--json")).body["lots"]
    held = {lot["asset"]: (lot["quantity"], lot["cost_basis"], lot["value"]) for lot in lots}
    assert held["Glyphs#204"] == ("1", "11100", None)
    assert [lot["account"] for lot in lots] == ["metamask"] * 4
    assert held["ETH"][0] == "1.685"


# The simulated user.


@dataclass(frozen=True)
class Played:
    """What came of a record in each conduct."""

    as_planned: tuple[Verdict, ...]
    rebuys: tuple[Rebuy, ...]
    early: Verdict
    otherwise: tuple[Verdict, ...]


async def play(home: Path) -> Played:
    async with (
        SimulatorProcess(seed=7, venues=("kraken", "coinbase"), rows=60, limits="off") as simulator,
        demo_session(simulator, home) as session,
    ):
        await synced(session)
        await session.refresh_prices()
        story = asyncio.create_task(Story(SCENARIOS["as-planned"], session, simulator, speed=50).play())
        await session.harvesting.mark(free_lot(session, "kraken", "LINK").lot_id)
        await session.harvesting.mark(free_lot(session, "coinbase", "AVAX").lot_id)
        await session.harvesting.commit()

        async def is_restored() -> bool:
            rebuys = (await session.harvesting.judged()).rebuys
            return len(rebuys) == 2 and all(one.is_restored for one in rebuys)

        await until_told(is_restored, "sold as planned and bought back")
        planned = await session.harvesting.judged()
        await end(story)

        story = asyncio.create_task(Story(SCENARIOS["against-plan"], session, simulator, speed=50).play())
        early = free_lot(session, "coinbase", "DOGE")
        before = Decimal((await simulator.free("coinbase"))["DOGE"])
        await session.harvesting.mark(early.lot_id)

        async def is_sold() -> bool:
            return Decimal((await simulator.free("coinbase")).get("DOGE", "0")) == before - early.quantity

        await until_told(is_sold, "sold before the record")
        sold_at = session.now()
        await until(
            lambda: session.now() - sold_at > timedelta(seconds=2), "a sale that no clock takes for a later one"
        )
        for account, asset in (("coinbase", "LINK"), ("kraken", "BTC"), ("kraken", "LINK")):
            await session.harvesting.mark(free_lot(session, account, asset).lot_id)
        record = (await session.harvesting.commit()).record

        async def is_judged() -> bool:
            found = [one for one in (await session.harvesting.judged()).verdicts if one.record == record.number]
            return all(one.outcome != "waiting" for one in found)

        await until_told(is_judged, "sold against the plan")
        await synced(session)  # a fill is known before its wallet row, which tells the units exactly
        judged = (await session.harvesting.judged()).verdicts
        await end(story)
        found = {(one.lot.account, one.lot.asset): one for one in judged if one.record == record.number}
        in_turn = (("coinbase", "LINK"), ("kraken", "BTC"), ("kraken", "LINK"))
        otherwise = tuple(found[AccountId(account), Asset(asset)] for account, asset in in_turn)
        return Played(planned.verdicts, planned.rebuys, found[early.account, early.asset], otherwise)


async def end(story: asyncio.Task[None]) -> None:
    story.cancel()
    with pytest.raises(asyncio.CancelledError):
        await story


def free_lot(session: Session, account: str, asset: str) -> Lot:
    """The newest lot of the position; none of these coins is staked."""
    held = [lot for lot in lots_of(session.portfolio(), asset) if lot.account == AccountId(account)]
    return max(held, key=lambda lot: lot.acquired_at)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(play(tmp_path_factory.mktemp("home")))


def test_who_keeps_to_the_plan_sells_in_two_fills_and_buys_back(played: Played) -> None:
    assert [(one.outcome, one.left, len(one.parts)) for one in played.as_planned] == [("as identified", 0, 2)] * 2
    assert all(one.is_restored for one in played.rebuys)


def test_who_goes_against_it_sells_too_early_in_part_elsewhere_and_too_much(played: Played) -> None:
    assert played.early.outcome == "sold before the record"
    in_part, elsewhere, too_much = played.otherwise
    assert (in_part.outcome, in_part.identified) == (
        "partly sold",
        (in_part.lot.quantity * 2 / 5).quantize(Decimal("1e-8"), ROUND_DOWN),
    )
    assert elsewhere.outcome == "sold in another account"
    assert (too_much.outcome, too_much.left) == ("sold more than recorded", 0)
