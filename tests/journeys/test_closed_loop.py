"""The closed loop with keys alone: dip, alert, planner, mark, record, a sale at the venue, its verdict, the rebuy."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harvest_tui.core.harvest.alert_rules import AlertKind
from harvest_tui.core.identification.rebuy import Rebuy
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.lots.matching import Scope, ledger_of, match_books
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.money import EXACT
from harvest_tui.core.records import Event, EventKind, LotId, NamedLot
from harvest_tui.core.tax.federal import federal_return
from harvest_tui.core.tax.taxpayer import FederalReturn, FilingStatus, TaxInputs
from harvest_tui.core.tax.year_so_far import YearSoFar
from harvest_tui.session import SyncPhase
from harvest_tui.session.facts import load_prices
from harvest_tui.session.run import Session
from harvest_tui.simulator.customer import Customer
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.store.alert_book import Announced
from harvest_tui.ui.app import HarvestApp
from support.journey import until, until_told
from support.seat import TAXPAYER, VENUES, ZONE, Seat, opened


@dataclass(frozen=True)
class Told:
    """What the run left to look at."""

    alerts: list[Announced]
    alerts_screen: str
    crashed_at: datetime
    best_set: tuple[frozenset[LotId], set[frozenset[LotId]]]
    identified: Verdict
    verdicts_screen: str
    first_hash: str
    rebuy: Rebuy
    new_lot: Lot
    partly: Verdict
    finished: Verdict
    before: Verdict
    eaten: Verdict
    beyond: Verdict
    shown_year: YearSoFar
    engine: FederalReturn
    unknown: set[tuple[str, Decimal]]
    by_hand: Decimal
    obtained: Decimal
    whole: bool


async def run_it(home: Path) -> Told:
    async with (
        SimulatorProcess(seed=21, venues=VENUES, rows=60, limits="off", tick_rate=1, scenario="turning-long") as venues,
        opened(venues, home) as session,
    ):
        app = HarvestApp(session)
        async with app.run_test(size=(160, 45)) as pilot:
            seat = Seat(app, pilot, session)
            customer = Customer(venues)
            await until(lambda: all(s.phase is SyncPhase.DONE for s in session.sync_states().values()), "synced", 120)
            await until(lambda: {"AVAX", "DOGE"} <= {key[1] for key in session.portfolio().quotes}, "priced")
            told = await _loop(seat, venues, customer)
            await pilot.press("q")
            return told


async def _loop(seat: Seat, venues: SimulatorProcess, customer: Customer) -> Told:
    session = seat.session
    (avax,), (doge,) = seat.lots("kraken", "AVAX"), seat.lots("kraken", "DOGE")
    crashed_at = datetime.now(UTC)
    await venues.crash(38)
    await until(lambda: _lost(session, doge) > 800, "the dip")
    await until_told(lambda: _is_told(session, crashed_at), "an alert of the dip")
    alerts = await seat.look("3", "alerts", "worth")

    await seat.press("p")
    await seat.see("Year 2")
    best_set = await seat.mark_best()
    await seat.press("u")
    await until(lambda: not session.harvesting.plans.current.marks, "no mark left")

    # As identified, in two fills, then bought back.
    record = await seat.write_down(avax)
    fetched = await customer.sell("kraken", "AVAX", Decimal("400.5"))
    fetched += await customer.sell("kraken", "AVAX", EXACT.subtract(avax.quantity, Decimal("400.5")))
    await seat.sync()
    identified = await seat.verdict(record)
    first_hash = (await session.harvesting.records())[0].sha256
    verdicts = await seat.look("2", "harvests", "as identified")
    await customer.buy("kraken", "AVAX", avax.quantity)
    await seat.sync()
    (rebuy,) = [one for one in (await session.harvesting.judged()).rebuys if one.asset == "AVAX"]
    (new_lot,) = seat.lots("kraken", "AVAX")

    # In part.
    record_in_part = await seat.write_down(doge)
    await customer.sell("kraken", "DOGE", Decimal(20_000))
    await seat.sync()
    partly = await seat.verdict(record_in_part)

    # Before the record: nobody knew of the sale when the lot was marked.
    early = seat.lots("coinbase", "SOL")[-1]
    await customer.sell("coinbase", "SOL", early.quantity)
    sold_at = session.now()
    await until(lambda: session.now() - sold_at > timedelta(seconds=2), "a sale that no clock takes for a later one")
    record_too_late = await seat.write_down(early)
    await seat.sync()
    before = await seat.verdict(record_too_late)

    # A withdrawal takes a part of the oldest lot after the record, then all of it is sold.
    oldest = seat.lots("coinbase", "LINK")[0]
    gone = _rounded(EXACT.multiply(oldest.quantity, Decimal("0.375")))
    record_eaten = await seat.write_down(oldest)
    away = {"kind": "withdrawal", "sent": [str(gone), "LINK"], "txid": "ab" * 32, "peer": "outside"}
    await venues.happen("coinbase", away)
    await customer.sell("coinbase", "LINK", oldest.quantity)
    await seat.sync()
    eaten = await seat.verdict(record_eaten)

    # Another order for the same coin fills besides the one that was meant.
    wanted = seat.lots("coinbase", "BTC")[-1]
    other = _rounded(EXACT.multiply(wanted.quantity, Decimal("0.25")))
    record_beyond = await seat.write_down(wanted)
    await customer.sell("coinbase", "BTC", other)
    await customer.sell("coinbase", "BTC", wanted.quantity)
    await seat.sync()
    beyond = await seat.verdict(record_beyond)

    # The rest of the part.
    await customer.sell("kraken", "DOGE", EXACT.subtract(doge.quantity, Decimal(20_000)))
    await seat.sync()
    finished = await seat.verdict(record_in_part)

    left = EXACT.subtract(oldest.quantity, gone)
    marked = {"AVAX": avax, "DOGE": doge, "LINK": oldest, "BTC": wanted}
    most = {"AVAX": avax.quantity, "DOGE": doge.quantity, "LINK": left, "BTC": wanted.quantity}
    events = await _named_by_hand(session, marked, most, crashed_at)
    engine, unknown = await _year_of(session, events)
    await until(lambda: _year_shown(seat).federal == engine, f"the year as {engine}; it is {_year_shown(seat).federal}")
    return Told(
        await session.alerting.journal(),
        alerts,
        crashed_at,
        best_set,
        identified,
        verdicts,
        first_hash,
        rebuy,
        new_lot,
        partly,
        finished,
        before,
        eaten,
        beyond,
        _year_shown(seat),
        engine,
        unknown,
        EXACT.subtract(fetched, avax.cost_basis or Decimal(0)),
        EXACT.add(identified.obtained or Decimal(0), identified.fees or Decimal(0)),
        (await session.harvesting.verify()).is_whole,
    )


def _lost(session: Session, lot: Lot) -> Decimal:
    return -(session.portfolio().value_of(lot).unrealized or Decimal(0))


def _rounded(quantity: Decimal) -> Decimal:
    return quantity.quantize(Decimal("1e-8"))


def _year_shown(seat: Seat) -> Any:
    view = seat.app.frame.planner
    assert view is not None and view.outlook is not None
    return view.outlook.so_far


async def _is_told(session: Session, since: datetime) -> bool:
    return any(_is_of_the_dip(one, since) for one in await session.alerting.journal())


def _is_of_the_dip(one: Announced, since: datetime) -> bool:
    return one.alert.kind is AlertKind.NET_BENEFIT and one.alert.at >= since


async def _named_by_hand(
    session: Session, lots: Mapping[str, Lot], most: Mapping[str, Decimal], since: datetime
) -> list[Event]:
    """The history without any record, where the sales of this run name the lots they were meant for, as far as those
    go: what the owner's books would say if they were kept with a pencil."""
    left = dict(most)
    events = []
    for event in sorted(await session.store.events(), key=lambda one: (one.executed_at, one.sequence)):
        sent = event.sent
        lot = None if sent is None or event.kind is not EventKind.TRADE else lots.get(sent.asset)
        if lot is not None and sent is not None and event.executed_at >= since and event.account == lot.account:
            units = min(sent.quantity, left[sent.asset])
            left[sent.asset] -= units
            event = replace(event, lots=(NamedLot(lot.origin_id, units),)) if units else event
        events.append(event)
    return events


async def _year_of(session: Session, events: list[Event]) -> tuple[FederalReturn, set[tuple[str, Decimal]]]:
    """The federal return of the events under FIFO: sums of gains by term, and the calculator; and what of unknown basis
    was sold, which stands in no sum."""
    prices = await load_prices(session.store, events)
    matched = match_books(events, methods=MethodTable(Method.FIFO), scope=Scope.ACCOUNT, zone=ZONE, values=prices)
    year = datetime.now(ZONE).year
    sums = {False: TAXPAYER.short_gain or Decimal(0), True: Decimal(0)}
    unknown = set()
    for sold in ledger_of(matched, ZONE).disposals:
        if sold.disposed_at.astimezone(ZONE).year == year:
            if sold.gain is None:
                unknown.add((sold.event_id, sold.quantity))
                continue
            is_long = sold.disposed_at.astimezone(ZONE).date() >= _anniversary(sold.acquired_at.astimezone(ZONE))
            sums[is_long] = EXACT.add(sums[is_long], sold.gain)
    told = TaxInputs(year, FilingStatus.SINGLE, Decimal(140_000), short_gain=sums[False], long_gain=sums[True])
    return federal_return(told), unknown


def _anniversary(acquired: datetime) -> Any:
    """The first day of a long-term sale: the day after a whole year."""
    return acquired.date().replace(year=acquired.year + 1) + timedelta(days=1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return asyncio.run(run_it(tmp_path_factory.mktemp("home")))


def test_the_dip_is_announced_and_kept(told: Told) -> None:
    fresh = [one for one in told.alerts if _is_of_the_dip(one, told.crashed_at)]
    assert fresh
    assert len({one.alert.key for one in fresh}) == len(fresh)
    dip = next(one for one in fresh if one.alert.asset == "AVAX")
    assert "Worth harvesting" in told.alerts_screen
    assert dip.alert.words in told.alerts_screen


def test_one_key_marks_the_best_set_and_another_takes_it_back(told: Told) -> None:
    marked, best = told.best_set
    assert marked in best
    assert len(marked) > 3


def test_two_fills_after_the_record_are_as_identified(told: Told) -> None:
    verdict = told.identified
    assert (verdict.outcome, verdict.identified, verdict.left) == ("as identified", verdict.lot.quantity, 0)
    assert len(verdict.parts) == 2
    assert {part.lot_id for part in verdict.parts} == {verdict.lot.lot_id}
    assert verdict.culprits == ()
    assert "✓ as identified" in told.verdicts_screen
    assert told.first_hash[:16] in told.verdicts_screen


def test_the_loss_obtained_is_the_fills_less_basis_and_fees_to_the_last_digit(told: Told) -> None:
    assert told.obtained == told.by_hand < -2000
    assert told.identified.fees is not None and told.identified.fees > 5


def test_what_is_bought_back_is_recognized_and_starts_a_new_clock(told: Told) -> None:
    assert told.rebuy.is_restored
    assert [lot.lot_id for lot in told.rebuy.new_lots] == [told.new_lot.lot_id]
    assert told.new_lot.lot_id != told.identified.lot.lot_id
    assert told.new_lot.quantity == told.identified.lot.quantity
    assert told.new_lot.acquired_at >= told.crashed_at
    assert told.new_lot.long_term_on == _anniversary(told.new_lot.acquired_at.astimezone(ZONE))
    assert told.identified.lot.long_term_on < told.new_lot.long_term_on


def test_a_partial_fill_waits_for_the_rest_and_is_then_as_identified(told: Told) -> None:
    partly, lot = told.partly, told.partly.lot
    assert (partly.outcome, partly.identified) == ("partly sold", 20_000)
    assert partly.left == EXACT.subtract(lot.quantity, Decimal(20_000))
    assert (told.finished.outcome, told.finished.identified, told.finished.left) == ("as identified", lot.quantity, 0)


def test_a_fill_that_is_older_than_the_record_is_not_covered_by_it(told: Told) -> None:
    verdict = told.before
    assert verdict.outcome == "sold before the record"
    assert (verdict.identified, verdict.strayed) == (0, 0)
    assert [culprit.quantity for culprit in verdict.culprits] == [verdict.lot.quantity]


def test_units_that_a_withdrawal_took_are_missing_in_the_sale_and_it_is_named(told: Told) -> None:
    verdict = told.eaten
    gone = _rounded(EXACT.multiply(verdict.lot.quantity, Decimal("0.375")))
    assert verdict.outcome == "eaten by another order"
    assert (verdict.strayed, verdict.identified) == (gone, EXACT.subtract(verdict.lot.quantity, gone))
    assert [culprit.quantity for culprit in verdict.culprits] == [gone]
    assert {part.lot_id for part in verdict.parts} > {verdict.lot.lot_id}


def test_another_order_for_the_coin_sells_more_than_was_recorded(told: Told) -> None:
    verdict = told.beyond
    assert (verdict.outcome, verdict.identified) == ("sold more than recorded", verdict.lot.quantity)
    assert verdict.beyond == _rounded(EXACT.multiply(verdict.lot.quantity, Decimal("0.25")))
    assert verdict.lot.lot_id not in {part.lot_id for part in verdict.beyond_parts}


def test_the_tax_on_screen_is_that_of_the_final_ledger_to_the_cent(told: Told) -> None:
    assert told.shown_year.federal == told.engine
    assert told.engine.total_tax > 10_000
    assert {(sold.event_id, sold.quantity) for sold in told.shown_year.unknown} == told.unknown


def test_the_records_of_the_run_are_whole(told: Told) -> None:
    assert told.whole
