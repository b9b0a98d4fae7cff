"""The monitor on a real session: the first sync, prices that move, and the same lots again at the next start."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from textual.pilot import Pilot

from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Account, AccountId, Asset
from harvest_tui.session import FeedStatus, SyncPhase
from harvest_tui.session.choices import utc_now
from harvest_tui.session.run import Session
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.format import money, signed
from support.journey import Gate, opened_again, true_holdings, until
from support.on_screen import lot_table, shown
from support.simulated import connected, impatient

VENUES = ("kraken", "coinbase")
WIDE = (160, 40)
KRAKEN = AccountId("kraken")


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


def lots_of(app: HarvestApp) -> list[Lot]:
    """The lots of the table, in no order."""
    table = lot_table(app)
    lots = [lot for row in range(table.row_count) if (lot := table.lot_at(row)) is not None]
    return sorted(lots, key=lambda lot: lot.lot_id)


def all_live(session: Session) -> bool:
    feeds = session.feeds()
    return len(feeds) == len(VENUES) and all(feed.status is FeedStatus.LIVE for feed in feeds.values())


def is_priced(portfolio: Portfolio) -> bool:
    return bool(portfolio.positions) and portfolio.quotes.keys() >= portfolio.positions.keys()


async def leave(pilot: Pilot[None]) -> None:
    await pilot.press("q")


async def first_run(simulator: SimulatorProcess, home: Path) -> tuple[Portfolio, list[Lot]]:
    """Syncs two accounts, sees their prices and quits; what was on the screen last."""
    async with connected(simulator, home, VENUES, impatient(20)) as session:
        app = HarvestApp(session)
        async with app.run_test(size=WIDE) as pilot:
            await until(lambda: all(s.phase is SyncPhase.DONE for s in session.sync_states().values()), "synced")
            await until(lambda: is_priced(session.portfolio()) and not session.portfolio().ledger.unpriced, "priced")
            await until(lambda: app.frame.portfolio is session.portfolio() and lots_of(app), "drawn")
            await leave(pilot)
            return session.portfolio(), lots_of(app)


async def test_the_progress_of_the_first_sync_is_seen_and_then_its_lots(tmp_path: Path) -> None:
    gate = Gate()
    async with (
        SimulatorProcess(seed=8, venues=("kraken",), rows=900, limits="off") as simulator,
        connected(simulator, tmp_path, ("kraken",), gate.pacing()) as session,
    ):
        app = HarvestApp(session)
        async with app.run_test(size=WIDE) as pilot:
            await until(lambda: "No lots yet" in text_of(app), "told that there is nothing yet")
            expected = len((await simulator.truth("kraken"))["ledger"])

            def is_shown() -> bool:
                rows = session.sync_states()[KRAKEN].rows
                return rows > 0 and f"{rows * 100 // expected}%  {rows:,} of {expected:,} rows" in text_of(app)

            await until(is_shown, "progress on the screen")
            state = session.sync_states()[KRAKEN]
            assert (state.phase, state.is_first) == (SyncPhase.SYNCING, True)
            assert (state.stream, state.expected_rows) == ("ledger", expected)
            assert 0 < state.rows < expected
            assert not lots_of(app)
            gate.open()
            await until(lambda: session.sync_states()[KRAKEN].phase is SyncPhase.DONE, "done")
            await until(lambda: lots_of(app) and "✓ synced" in text_of(app), "lots on the screen")
            held: dict[tuple[AccountId, Asset], Decimal] = {}
            for lot in lots_of(app):
                key = (lot.account, lot.asset)
                held[key] = EXACT.add(held.get(key, ZERO), lot.quantity)
            truth = {"kraken": await simulator.balances("kraken")}
            assert held == true_holdings(truth, with_dollars=False)
            await leave(pilot)


async def test_a_price_that_moves_changes_its_row_and_the_totals_and_a_crash_all_of_them(tmp_path: Path) -> None:
    async with (
        SimulatorProcess(seed=8, venues=VENUES, rows=70, limits="off", tick_rate=5) as simulator,
        connected(simulator, tmp_path, VENUES, impatient(20)) as session,
    ):
        app = HarvestApp(session)
        async with app.run_test(size=WIDE) as pilot:
            await until(lambda: is_priced(session.portfolio()) and all_live(session), "live prices")
            before = session.portfolio()
            price = before.quotes[KRAKEN, Asset("BTC")].price
            higher = (price * Decimal("1.08")).quantize(Decimal(1))
            await simulator.set_price("BTC", str(higher))

            def is_near(account: str) -> bool:
                quote = session.portfolio().quotes[AccountId(account), Asset("BTC")]
                return abs(quote.price - higher) < higher / 200

            await until(lambda: is_near("kraken") and is_near("coinbase"), "the new price in both accounts")
            await simulator.tick_rate(0)
            await drawn_at_rest(app, session)
            await check_screen(app, pilot, session.portfolio())
            after = session.portfolio()
            bitcoin = sum(
                (lot.quantity for lot in after.ledger.lots if lot.asset == "BTC" and lot.cost_basis is not None),
                ZERO,
            )
            gained = after.totals().unrealized - before.totals().unrealized
            assert bitcoin > 0
            # Other coins walk a little while Bitcoin jumps by eight percent.
            assert abs(gained - bitcoin * (higher - price)) < after.totals().value / 50

            await simulator.tick_rate(5)
            await simulator.crash(15)
            low = before.quotes[KRAKEN, Asset("ETH")].price * Decimal("0.88")
            await until(lambda: session.portfolio().quotes[KRAKEN, Asset("ETH")].price < low, "fallen")
            await simulator.tick_rate(0)
            await drawn_at_rest(app, session)
            await check_screen(app, pilot, session.portfolio())
            totals = session.portfolio().totals()
            assert totals.value < before.totals().value * Decimal("0.92")
            assert totals.harvestable_short + totals.harvestable_long < (
                before.totals().harvestable_short + before.totals().harvestable_long
            )
            await leave(pilot)


async def drawn_at_rest(app: HarvestApp, session: Session, seconds: float = 0.7) -> None:
    """Waits until no price has come for so long, those under way having arrived, and the last ones are drawn."""
    latest, since = session.portfolio(), time.monotonic()

    def is_at_rest() -> bool:
        nonlocal latest, since
        if session.portfolio() is not latest:
            latest, since = session.portfolio(), time.monotonic()
        return app.frame.portfolio is latest and time.monotonic() - since > seconds

    await until(is_at_rest, "prices at rest and drawn")


async def check_screen(app: HarvestApp, pilot: Pilot[None], portfolio: Portfolio) -> None:
    """The header's totals and the rows in view, each against sums made here."""
    await pilot.press("r")
    await pilot.pause()
    value = unrealized = short = long = ZERO
    for lot in portfolio.ledger.lots:
        worth = EXACT.multiply(lot.quantity, portfolio.quotes[lot.account, lot.asset].price)
        value = EXACT.add(value, worth)
        if lot.cost_basis is None:
            continue
        result = EXACT.subtract(worth, lot.cost_basis)
        unrealized = EXACT.add(unrealized, result)
        if result < 0 and portfolio.tax_day < lot.long_term_on:
            short = EXACT.add(short, result)
        elif result < 0:
            long = EXACT.add(long, result)
    lines = shown(app)
    header = lines[1]
    assert f"Unrealized {signed(unrealized)}" in header
    assert f"Harvestable now short {signed(short, 0)} long {signed(long, 0)}" in lines[2]
    assert f"Value {money(value)}" in header
    table = lot_table(app)
    rows = [line for line in lines if line.lstrip(" ▶>›").startswith(("kraken", "coinbase"))]
    assert len(rows) > 10
    for row, line in enumerate(rows[:10]):
        lot = table.lot_at(row + table.scroll_offset.y)
        assert lot is not None and lot.asset in line
        quote = portfolio.quotes[lot.account, lot.asset]
        worth = EXACT.multiply(lot.quantity, quote.price)
        assert money(worth) in line, (line, worth)


def told(lots: Sequence[Lot]) -> list[tuple[object, ...]]:
    return [(lot.lot_id, lot.account, lot.asset, lot.acquired_at, lot.quantity, lot.cost_basis) for lot in lots]


async def test_the_next_start_without_a_network_shows_the_same_lots_and_heals_by_itself(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=8, venues=VENUES, rows=70, limits="off", tick_rate=5) as simulator:
        last, lots = await first_run(simulator, tmp_path)
        await simulator.set_price("BTC", "61234.5")
        for venue in VENUES:
            await simulator.fault(venue, "dns_failure")
        await simulator.reset_stats()
        async with opened_again(simulator, tmp_path) as session:
            app = HarvestApp(session)
            async with app.run_test(size=WIDE) as pilot:
                assert told(lots_of(app)) == told(lots)
                assert session.portfolio().quotes.keys() == last.quotes.keys()
                assert sum([(await simulator.stats(venue))["total"] for venue in VENUES]) == 0
                await until(
                    lambda: [feed.status for feed in session.feeds().values()] == [FeedStatus.OFFLINE] * len(VENUES),
                    "both feeds offline",
                )
                failed = [SyncPhase.FAILED] * len(VENUES)
                await until(lambda: [s.phase for s in session.sync_states().values()] == failed, "syncs failed")
                await until(lambda: text_of(app).splitlines()[0].count("offline") == len(VENUES), "shown offline")
                assert told(lots_of(app)) == told(lots)
                await pilot.press("exclamation_mark")
                await until(lambda: "problem" in shown(app)[0], "the problems screen opens")
                await pilot.press("escape")
                assert sum([(await simulator.stats(venue))["total"] for venue in VENUES]) == 0

                await simulator.clear_faults()
                await until(lambda: all_live(session), "live again by itself", 90)
                new = session.portfolio().quotes
                await until(
                    lambda: abs(session.portfolio().quotes[KRAKEN, Asset("BTC")].price - Decimal("61234.5")) < 700,
                    "the new price",
                )
                assert all(utc_now() - quote.at < timedelta(minutes=5) for quote in new.values())
                await pilot.press("s")
                done = [SyncPhase.DONE] * len(VENUES)
                await until(lambda: [s.phase for s in session.sync_states().values()] == done, "synced again")
                assert told(lots_of(app)) == told(lots)
                await leave(pilot)


async def test_old_prices_are_shown_with_their_age(tmp_path: Path) -> None:
    async with SimulatorProcess(seed=8, venues=("kraken",), rows=70, limits="off", tick_rate=5) as simulator:
        async with opened_again(simulator, tmp_path, clock=lambda: utc_now() - timedelta(hours=5)) as session:
            await session.store.add_account(Account(KRAKEN, "kraken", session.now(), "read"))
            await session.accounts_changed()
            await session.sync()
            await session.refresh_prices()
        await simulator.fault("kraken", "dns_failure")
        async with opened_again(simulator, tmp_path) as session:
            app = HarvestApp(session)
            async with app.run_test(size=WIDE) as pilot:
                portfolio = session.portfolio()
                assert portfolio.positions.keys() == portfolio.quotes.keys()
                await until(lambda: app.frame.stale.keys() == portfolio.positions.keys(), "all prices are old")
                assert set(app.frame.stale.values()) == {"5h"}
                await until(lambda: text_of(app).count("5h") >= min(20, len(portfolio.ledger.lots)), "ages in the rows")
                await leave(pilot)


async def test_an_account_added_while_the_monitor_runs_is_priced_too(tmp_path: Path) -> None:
    async with (
        SimulatorProcess(seed=8, venues=VENUES, rows=40, limits="off", tick_rate=5) as simulator,
        connected(simulator, tmp_path, ("kraken",), impatient(20)) as session,
    ):
        app = HarvestApp(session)
        async with app.run_test(size=WIDE) as pilot:
            await until(lambda: session.sync_states()[KRAKEN].phase is SyncPhase.DONE, "synced")
            secret = simulator.credentials("coinbase")
            added = await session.connect("coinbase", "second", secret.key.reveal(), secret.secret.reveal())
            assert added == Account(AccountId("second"), "coinbase", added.added_at, "read")
            await pilot.press("s")
            await until(lambda: any(lot.account == "second" for lot in lots_of(app)), "its lots on the screen")
            await until(lambda: is_priced(session.portfolio()) and all_live(session), "its prices")
            await leave(pilot)
