"""Verdicts beside the screen: a look never waits, one judging at a time, and each change is told once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.identification.verdict import Outcome, Verdict
from harvest_tui.core.records import Asset
from harvest_tui.errors import WorldError
from harvest_tui.session.judging_watch import JudgingWatch
from harvest_tui.session.run import Session
from harvest_tui.session.verdicts import Judged
from support.identification import lot
from support.journey import until
from support.planner_home import PlannerHome


class Judge:
    """Judges when it is let, as it is told to."""

    def __init__(self) -> None:
        self.verdicts: tuple[Verdict, ...] = ()
        self.error: WorldError | None = None
        self.gate = asyncio.Event()
        self.began = 0

    async def judge(self) -> Judged:
        self.began += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return Judged((), self.verdicts, (), {})

    async def moves(self, assets: set[Asset]) -> Mapping[Asset, Volatility]:
        return {}

    def watch(self, session: Session) -> JudgingWatch:
        return JudgingWatch(session, self.judge, self.moves)


@pytest.fixture
async def home(tmp_path: Path) -> PlannerHome:
    made = PlannerHome(tmp_path / "home")
    await made.fill()
    return made


WAITING = Verdict(1, 0, lot("a", 2, 60000), Outcome.WAITING)
SOLD = replace(WAITING, outcome=Outcome.AS_IDENTIFIED, identified=WAITING.lot.quantity)


async def settle(watch: JudgingWatch) -> None:
    await until(lambda: not watch.view().is_judging, "judged")


async def test_a_look_never_waits_and_one_judging_runs_at_a_time(home: PlannerHome) -> None:
    async with home.session() as session:
        judge = Judge()
        watch = judge.watch(session)
        assert watch.view().is_judging
        for _ in range(5):
            session.facts_version += 1
            assert watch.view().judged is None
            await asyncio.sleep(0)
        assert judge.began == 1
        judge.gate.set()
        await until(lambda: not watch.view().is_judging and judge.began > 1, "judged anew")
        assert judge.began == 2
        version = watch.view().version
        await asyncio.sleep(0)
        assert watch.view().version == version and judge.began == 2
        watch.refresh()
        await settle(watch)
        assert judge.began == 3


async def test_what_was_known_at_first_is_no_news_and_each_change_is_told_once(home: PlannerHome) -> None:
    async with home.session() as session:
        judge = Judge()
        judge.gate.set()
        judge.verdicts = (SOLD,)
        watch = judge.watch(session)
        await settle(watch)
        assert watch.news() == ()
        new = replace(WAITING, record=2)
        judge.verdicts = (SOLD, new)
        watch.refresh()
        await settle(watch)
        assert watch.news() == ()  # a record that only waits needs no note
        judge.verdicts = (SOLD, replace(SOLD, record=2))
        watch.refresh()
        await settle(watch)
        assert [one.record for one in watch.news()] == [2]
        assert watch.news() == ()
        watch.refresh()
        await settle(watch)
        assert watch.news() == ()
    async with home.session() as session:
        judge.verdicts = (replace(SOLD, outcome=Outcome.EATEN), replace(SOLD, record=2))
        again = judge.watch(session)
        await settle(again)
        assert [(one.record, one.outcome) for one in again.news()] == [(1, Outcome.EATEN)]


async def test_what_cannot_be_judged_keeps_what_was_known_and_says_why(home: PlannerHome) -> None:
    async with home.session() as session:
        judge = Judge()
        judge.gate.set()
        judge.verdicts = (SOLD,)
        watch = judge.watch(session)
        await settle(watch)
        judge.error = WorldError("the cache cannot be read", "look at the disk")
        session.facts_version += 1
        await settle(watch)
        view = watch.view()
        assert view.trouble == "the cache cannot be read. look at the disk"
        assert view.judged is not None and view.judged.verdicts == (SOLD,)
        assert judge.began == 2
