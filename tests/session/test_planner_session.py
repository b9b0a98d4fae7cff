"""The planner behind the screen: its figures are the plan's, and what it costs follows what has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.harvest.plan import make_plan, target_of
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import rounded
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.year_so_far import Room
from harvest_tui.errors import InputError
from harvest_tui.session.order_limits import OrderLimitBook
from harvest_tui.session.planner import REST_SECONDS, WATCHED_SECONDS, Planner, untold
from harvest_tui.session.planning import Home, load_occasion
from harvest_tui.session.run import Session
from support.planner_home import TAXPAYER, PlannerHome, tick


@pytest.fixture
async def home(tmp_path: Path) -> PlannerHome:
    made = PlannerHome(tmp_path / "home")
    await made.fill()
    return made


@pytest.fixture
async def session(home: PlannerHome) -> AsyncIterator[Session]:
    async with home.session() as opened:
        yield opened


async def occasion_of(home: PlannerHome, session: Session):  # type: ignore[no-untyped-def]
    sources = Home(session.store, home.choices.settings, session.rules(), OrderLimitBook(session.store))
    return await load_occasion(sources, session.facts(), session.portfolio())


async def test_the_year_is_the_ledgers_and_the_profiles(session: Session) -> None:
    outlook = (await session.planner.weighed()).outlook
    assert outlook is not None
    so_far = outlook.so_far
    # 2 of 4 PAXG for 9,000: sold for 9,250.40, the other 2 for 4,100.10
    assert so_far.from_lots.short == Decimal("9250.40") - 4500 + Decimal("4100.10") - 4500
    assert so_far.federal.net_short == so_far.from_lots.short + 6500
    assert so_far.federal.net_long == Decimal("-1200.50")
    assert so_far.room(Room.GAINS) == so_far.federal.net_short + so_far.federal.net_long
    assert so_far.room(Room.DEDUCTION) == 3000


async def test_the_best_set_and_every_figure_are_those_of_the_plan(home: PlannerHome, session: Session) -> None:
    occasion = await occasion_of(home, session)
    for aim, amount in ((Aim.BEST, 0), (Aim.OFFSET_GAINS, 0), (Aim.MAX_DEDUCTION, 0), (Aim.LOSS, 4321)):
        session.planner.aim_at(aim, Decimal(amount))
        outlook = (await session.planner.weighed()).outlook
        assert outlook is not None
        plan = make_plan(occasion, target_of(aim, Decimal(amount), occasion))
        assert outlook.plan == replace(plan, as_of=outlook.plan.as_of)
        assert plan.marks, aim
        in_best = {one.lot.lot_id: one.in_best for one in outlook.proposals if one.in_best}
        assert in_best == {mark.lot.lot_id: mark.quantity for mark in plan.marks}


async def test_candidates_come_by_what_each_is_worth_alone(session: Session) -> None:
    outlook = (await session.planner.weighed()).outlook
    assert outlook is not None
    nets = [one.value.net for one in outlook.proposals]
    assert len(nets) == outlook.found == 12
    assert nets == sorted(nets, reverse=True) and len(set(nets)) > 5
    eth = outlook.proposals[0]
    assert (eth.lot.asset, eth.lot.account, eth.term) == ("ETH", "coinbase", Term.SHORT)
    # 12.4 x 2,388.40 less the fee of 0.4 %, against a basis of 38,440
    assert eth.value.loss == 38440 - Decimal("12.4") * Decimal("2388.4") * Decimal("0.996")
    assert outlook.harvestable[Term.SHORT] == sum(one.value.loss for one in outlook.proposals if one.term is Term.SHORT)
    assert sum(number for _, number in outlook.reasons) == 16 - len(outlook.plan.marks)


async def test_marked_lots_come_to_what_the_plan_says_of_them(session: Session) -> None:
    outlook = (await session.planner.weighed()).outlook
    assert outlook is not None
    await session.harvesting.mark_only({mark.lot.lot_id: mark.quantity for mark in outlook.plan.marks})
    known = session.planner.sum_marked(session.harvesting.marked())
    assert known is not None
    assert known.after == outlook.plan.after
    told, plan = known.totals, outlook.plan.totals
    for name in ("loss", "saved_now", "saved_hoped", "owed_later", "fees", "risks", "net"):
        assert rounded(getattr(told, name), 8) == rounded(getattr(plan, name), 8), name
    assert known.left_out == 0
    await session.harvesting.undo()
    assert session.harvesting.marked() == ()


async def test_marks_follow_the_price_without_a_weighing(session: Session) -> None:
    view = await session.planner.weighed()
    await session.harvesting.mark(next(lot.lot_id for lot in session.facts().ledger.lots if lot.asset == "SOL"))
    marked = session.harvesting.marked()
    before = session.planner.sum_marked(marked)
    assert session.planner.sum_marked(marked) is before, "nothing moved: nothing is reckoned again"
    tick(session, "SOL", "100.5")
    after = session.planner.sum_marked(marked)
    assert before is not None and after is not None
    assert after.totals.loss - before.totals.loss == (Decimal("141.22") - Decimal("100.5")) * 180 * Decimal("0.996")
    assert session.planner.view().version == view.version


async def test_prices_alone_are_weighed_after_a_while_and_lots_at_once(home: PlannerHome, session: Session) -> None:
    seconds = 0.0
    spawned: list[str] = []

    def spawn(work, name: str) -> None:  # type: ignore[no-untyped-def]
        spawned.append(name)
        tasks.append(asyncio.ensure_future(work))

    tasks: list[asyncio.Future[None]] = []
    planner = Planner(session, home.choices.settings, spawn, clock=lambda: seconds)
    planner.view()
    assert spawned == [], "asleep: the first paint comes first"
    planner.is_awake = True
    for _ in range(3):
        planner.view()
    await asyncio.gather(*tasks)
    assert len(spawned) == 1, "one weighing at a time, and none where nothing changed"
    first = planner.view()
    assert first.version == 1 and first.outlook is not None
    tick(session, "ETH", "2000")
    planner.view()
    seconds += REST_SECONDS - 0.1
    planner.view()
    assert len(spawned) == 1
    seconds += 0.2
    planner.view()
    await asyncio.gather(*tasks)
    assert len(spawned) == 2
    changed = planner.view().outlook
    assert changed is not None and changed.proposals[0].value.loss > first.outlook.proposals[0].value.loss
    tick(session, "ETH", "2100")
    planner.is_watched = True
    planner.refresh()
    planner.view()
    await asyncio.gather(*tasks)
    assert len(spawned) == 3, "asked for: at once"
    await session.reload_facts()
    planner.view()
    await asyncio.gather(*tasks)
    assert len(spawned) == 4, "other lots: at once"
    tick(session, "ETH", "2200")
    seconds += WATCHED_SECONDS + 0.1
    planner.view()
    await asyncio.gather(*tasks)
    assert len(spawned) == 5, "watched: sooner"


async def test_a_view_asks_nothing_of_the_lots(session: Session) -> None:
    await session.planner.weighed()

    class Counted(tuple):  # type: ignore[type-arg]
        looked = 0

        def __iter__(self):  # type: ignore[no-untyped-def]
            Counted.looked += 1
            return super().__iter__()

    facts = session.facts()
    session._facts = facts._replace(ledger=replace(facts.ledger, lots=Counted(facts.ledger.lots)))
    for price in ("2001", "2002", "2003"):
        tick(session, "ETH", price)
        session.planner.is_awake = False
        session.planner.view()
        session.planner.sum_marked(())
    assert Counted.looked == 0


async def test_the_time_left_runs_in_the_taxpayers_zone(home: PlannerHome, session: Session) -> None:
    view = await session.planner.weighed()
    assert view.outlook is not None and view.outlook.deadline.tzname() == "EST"
    assert view.left == view.outlook.deadline - home.clock.at
    home.clock.pass_by(hours=5)
    again = session.planner.view()
    assert view.left is not None and again.left == view.left - timedelta(hours=5)


async def test_a_year_without_tables_is_told_and_nothing_breaks(home: PlannerHome, session: Session) -> None:
    home.clock.pass_by(days=366 * 5)
    view = await session.planner.weighed()
    assert view.outlook is None and "2031" in view.trouble
    home.clock.pass_by(days=-366 * 5)
    assert (await session.planner.weighed()).outlook is not None


def test_every_missing_answer_is_named_with_the_command_that_tells_it() -> None:
    assert len(untold(Profile())) == len(Profile().limits()) == 5
    assert len(untold(TAXPAYER)) == len(TAXPAYER.limits()) == 1
    for told in untold(Profile()):
        assert told.command.startswith("harvest-tui profile set ")


async def test_a_part_is_read_as_a_person_writes_it(session: Session) -> None:
    await session.planner.weighed()
    planner = session.planner
    eth = next(lot for lot in session.facts().ledger.lots if lot.asset == "ETH" and lot.account == "coinbase")
    assert planner.part_of(eth, "0.5") == Decimal("0.5")
    assert planner.part_of(eth, "25%") == Decimal("3.1")
    price = Decimal("2388.4") * Decimal("0.996")
    for_loss = planner.part_of(eth, "$1200")
    lost = for_loss * (eth.cost_basis / eth.quantity - price)
    assert 0 <= 1200 - lost < Decimal("0.00001")
    for text in ("0", "13", "$99999", "half", "-1", "", "101%"):
        with pytest.raises(InputError):
            planner.part_of(eth, text)


async def test_max_marks_until_the_saving_stops(session: Session) -> None:
    outlook = (await session.planner.weighed()).outlook
    assert outlook is not None
    lots = session.facts().ledger.lots
    eth = next(lot for lot in lots if lot.asset == "ETH" and lot.account == "coinbase")
    sol = next(lot for lot in lots if lot.asset == "SOL")
    assert session.planner.part_of(eth, "max") == eth.quantity, "all of it still helps"
    await session.harvesting.mark(eth.lot_id)
    session.planner.sum_marked(session.harvesting.marked())
    part = session.planner.part_of(sol, "max")
    assert 0 < part < sol.quantity
    await session.harvesting.mark(sol.lot_id, part)
    known = session.planner.sum_marked(session.harvesting.marked())
    assert known is not None
    net = known.after.net_short + known.after.net_long
    assert 0 <= net + 3000 < Decimal("0.01"), "gains and the deduction are used up, and nothing more"
    btc = next(lot for lot in lots if lot.asset == "BTC" and lot.account == "kraken")
    with pytest.raises(InputError, match="saves less than it costs"):
        session.planner.part_of(btc, "max")


async def test_before_the_session_is_open_the_planner_says_so(home: PlannerHome) -> None:
    opening = home.opening()
    with pytest.raises(InputError):
        _ = opening.planner
    with pytest.raises(InputError):
        _ = opening.harvesting
    try:
        await opening.opened()
        assert opening.planner.view().outlook is None
    finally:
        await opening.close()


async def test_the_picture_of_the_last_run_is_no_year(home: PlannerHome) -> None:
    session = await Session.open(home.choices)
    try:
        assert (await session.planner.weighed()).outlook is None, "its lots are kept, its sales are not"
        await session.reload_facts()
        assert (await session.planner.weighed()).outlook is not None
    finally:
        await session.close()
