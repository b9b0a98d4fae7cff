"""The closed loop over a home: mark, commit, sell, judge, buy back, and what survives a restart."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.identification.chain import check_file
from harvest_tui.core.records import Account, AccountId, Asset, Event, EventId, LotId, Quote
from harvest_tui.errors import InputError, ReadOnlyStore
from harvest_tui.keys import UserKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.harvesting import Harvesting
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.store import Store
from support.lot_events import at, buy, event, sell

W1, BTC = AccountId("w1"), Asset("BTC")
OLD, DEAR = LotId("w1:old"), LotId("w1:dear")
BOUGHT = [
    buy("old", 0, 1, "BTC", 20000),
    buy("dear", 10, 2, "BTC", 120000),
    event("gone", "deposit", 11, received=("0.5", "BTC")),
]
SETTINGS = Settings(timezone="America/New_York")


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = at(20)

    def __call__(self) -> datetime:
        return self.now


class Home:
    """A home on disk with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.locations = locate(str(folder))
        self.locations.create()
        self.clock = Clock()

    async def tell(self, *events: Event) -> None:
        """What a sync would have stored."""
        async with await Store.open(self.locations.database) as store:
            await store.import_events(events, "test", f"{len(events)}{events[0].event_id}")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Harvesting]:
        """A run of the program."""
        keys = UserKeys(self.locations.data, {})
        session = await Session.open(Choices(self.locations, SETTINGS, keys, clock=self.clock))
        try:
            harvesting = Harvesting(session, SETTINGS)
            await harvesting.load()
            yield harvesting
        finally:
            await session.close()


@pytest.fixture
async def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    async with await Store.open(made.locations.database) as store:
        await store.add_account(Account(AccountId("kraken"), "kraken", at(0)))
        await store.save_quotes({("kraken", BTC): Quote(BTC, Decimal(30000), at(19.9), "kraken BTC/USD")})
    await made.tell(*BOUGHT)
    return made


async def test_the_whole_loop_from_the_mark_to_the_new_lot(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(DEAR, Decimal("1.5"))
        committed = await harvesting.commit(benefits={DEAR: Decimal(6000)})
        record = committed.record
        assert (record.number, record.recorded_at, record.zone) == (1, at(20), "America/New_York")
        (line,) = record.lots
        assert (line.lot_id, line.quantity, line.lot_quantity, line.cost_basis) == (DEAR, Decimal("1.5"), 2, 90000)
        assert line.quote == Quote(BTC, Decimal(30000), at(19.9), "kraken BTC/USD")
        assert line.promised == -45000
        assert dict(record.rule)["broker_held"] == "books_and_records_accepted"
        assert record.accounts[0].known_until == ((BTC, at(11)),)
        assert committed.ticket[0].worst_price == 60000
        assert committed.ticket[0].ahead == 1
        assert harvesting.plans.current.marks == ()
        assert [one.outcome for one in (await harvesting.judged()).verdicts] == ["waiting"]
        await harvesting.set_wait(BTC, timedelta(hours=24))
    fills = [sell("f1", 20.1, "0.5", "BTC", 14900), sell("f2", 20.2, 1, "BTC", 29900, fee=(75, "USD"))]
    await home.tell(*fills)
    home.clock.now = at(21.5)
    async with home.opened() as harvesting:
        judged = await harvesting.judged()
        (verdict,) = judged.verdicts
        assert (verdict.outcome, verdict.identified, verdict.fees) == ("as identified", Decimal("1.5"), 75)
        assert (verdict.promised, verdict.obtained, verdict.slippage) == (-45000, -45275, -200)
        (back,) = judged.rebuys
        assert (back.left, back.cash, back.ends_at) == (Decimal("1.5"), 44725, at(21.2))
        assert back.break_even is not None
        assert round(back.break_even, 6) == Decimal("33866.666667")
    await home.tell(buy("again", 21.4, 2, "BTC", 58000))
    async with home.opened() as harvesting:
        (back,) = (await harvesting.judged()).rebuys
        assert (back.is_restored, [lot.lot_id for lot in back.new_lots]) == (True, ["w1:again"])
        assert (await harvesting.verify()).is_whole


async def test_lots_and_disposals_of_the_home_follow_the_record(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(DEAR)
        await harvesting.commit()
    await home.tell(sell("s", 21, 2, "BTC", 60000))
    async with home.opened() as harvesting:
        facts = harvesting._home.facts()
        assert [(one.lot_id, one.gain) for one in facts.ledger.disposals] == [(DEAR, -60000)]
        assert [lot.lot_id for lot in facts.ledger.lots] == [OLD, "w1:gone"]


async def test_marks_survive_a_restart_and_the_sale_of_their_lot(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(DEAR, Decimal("1.5"), reason="dip")
        await harvesting.mark(OLD)
        await harvesting.duplicate_plan("plan", "deep")
        await harvesting.unmark([OLD])
    await home.tell(sell("s", 20.5, 2, "BTC", 60000))
    async with home.opened() as harvesting:
        assert harvesting.plans.active == "deep"
        assert [one.mark.reason for one in harvesting.marked()] == ["dip"]
        shown = [(one.state.name, one.quantity) for one in harvesting.marked("plan")]
        assert shown == [("SHRUNK", 1), ("GONE", 0)]
        assert [one.lot_id for one in harvesting.compare_plans("plan", "deep")] == [OLD]
        with pytest.raises(InputError, match="are marked, lot w1:dear has 1"):
            await harvesting.commit()
        assert await harvesting.records() == []


async def test_undo_and_redo_go_through_every_change_of_the_run(home: Home) -> None:
    async with home.opened() as harvesting:
        seen = [harvesting.plans]
        await harvesting.mark(OLD)
        seen.append(harvesting.plans)
        await harvesting.mark_all({DEAR: Decimal("0.5"), LotId("w1:gone"): None}, "deposit of a friend")
        seen.append(harvesting.plans)
        await harvesting.create_plan("other")
        seen.append(harvesting.plans)
        for before in seen[-2::-1]:
            assert await harvesting.undo()
            assert harvesting.plans == before
        assert not await harvesting.undo()
        for after in seen[1:]:
            assert await harvesting.redo()
            assert harvesting.plans == after
        assert not await harvesting.redo()
    async with home.opened() as harvesting:
        assert harvesting.plans == seen[-1]


async def test_what_makes_no_sense_is_refused_and_nothing_changes(home: Home) -> None:
    async with home.opened() as harvesting:
        for lot_id, quantity in (
            (LotId("w1:none"), None),
            (OLD, Decimal(2)),
            (OLD, Decimal(0)),
            (OLD, Decimal(-1)),
            (OLD, Decimal("NaN")),
            (OLD, Decimal("0.0000000000000000001")),
        ):
            with pytest.raises(InputError):
                await harvesting.mark(lot_id, quantity)
        with pytest.raises(InputError, match="asks for a reason: the balance differs"):
            await harvesting.mark(OLD, because="the balance differs", reason="  ")
        with pytest.raises(InputError, match="control characters"):
            await harvesting.mark(OLD, reason="a\x1b]0;b")
        with pytest.raises(InputError, match="no lot is marked"):
            await harvesting.commit()
        with pytest.raises(InputError, match="no plan called"):
            await harvesting.commit("gone")
        with pytest.raises(InputError, match="record 1 identifies no lots"):
            await harvesting.revoke(1)
        assert (harvesting.plans.current.marks, await harvesting.records()) == ((), [])


async def test_a_lot_without_basis_is_recorded_only_with_a_reason(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(LotId("w1:gone"))
        with pytest.raises(InputError, match="no known basis and no reason"):
            await harvesting.commit()
        await harvesting.mark(LotId("w1:gone"), reason="worth nothing any more")
        (line,) = (await harvesting.commit()).record.lots
        assert (line.cost_basis, line.promised, line.reason) == (None, None, "worth nothing any more")


async def test_units_that_a_record_waits_to_sell_are_recorded_only_once(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(DEAR, Decimal("1.5"))
        await harvesting.commit()
        await harvesting.mark(DEAR, Decimal("0.75"))
        with pytest.raises(InputError, match=r"record still waits to sell 1\.5 of lot w1:dear"):
            await harvesting.commit()
        await harvesting.mark(DEAR, Decimal("0.5"))
        await harvesting.commit()
        home.clock.now = at(20.5)
        await harvesting.revoke(1, "not today")
        await harvesting.mark(DEAR, Decimal("1.5"))
        assert (await harvesting.commit()).record.number == 4
        with pytest.raises(InputError, match="revoked already"):
            await harvesting.revoke(1)
        assert [one.outcome for one in (await harvesting.judged()).verdicts] == ["revoked", "waiting", "waiting"]


async def test_a_clock_that_is_wrong_makes_no_record(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(OLD)
        harvesting.clock_ahead[W1] = Decimal("-61.5")
        with pytest.raises(InputError, match=r"61\.5 s behind that of w1"):
            await harvesting.commit()
        harvesting.clock_ahead[W1] = Decimal("0.75")
        record = (await harvesting.commit()).record
        assert record.stands_from(W1) == at(20) - timedelta(seconds=0.75)
        home.clock.now = at(19)
        await harvesting.mark(DEAR)
        with pytest.raises(InputError, match="clock says"):
            await harvesting.commit()
        assert harvesting.plans.current.mark_of(DEAR) is not None


async def test_telling_a_venue_is_a_record_of_its_own(home: Home) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(OLD)
        await harvesting.commit()
        assert (await harvesting.tell(1, [W1])).told == (W1,)
        with pytest.raises(InputError, match="no lot in kraken"):
            await harvesting.tell(1, [AccountId("kraken")])
        assert len(await harvesting.records()) == 2


async def test_tickets_and_exports_are_files_of_the_owner_alone_and_never_overwrite(home: Home, tmp_path: Path) -> None:
    async with home.opened() as harvesting:
        await harvesting.mark(OLD)
        await harvesting.commit()
        text = await harvesting.ticket_text(1)
        assert text.startswith("w1: sell 1 BTC\n")
        assert "Identification of digital asset units" in text
        path = tmp_path / "records.jsonl"
        await harvesting.export(path)
        assert check_file(path.read_bytes()).sound == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(InputError, match="exists already"):
            await harvesting.export(path)


async def test_verdicts_are_worked_out_once_as_long_as_nothing_changes(home: Home) -> None:
    async with home.opened() as harvesting:
        assert (await harvesting.judged()).verdicts == ()
        await harvesting.mark(OLD)
        await harvesting.commit()
        first = await harvesting.judged()
        assert await harvesting.judged() is first
        await harvesting.set_wait(BTC, timedelta(days=31))
        assert (await harvesting.judged()).waits == {BTC: timedelta(days=31)}
        await harvesting.set_wait(BTC, timedelta(0))
        assert await harvesting.waits() == {}
        with pytest.raises(InputError, match="366 days"):
            await harvesting.set_wait(BTC, timedelta(days=400))


async def test_a_second_instance_shows_plans_and_changes_none(home: Home) -> None:
    async with home.opened() as writer:
        await writer.mark(OLD)
        async with home.opened() as viewer:
            assert [one.mark.lot_id for one in viewer.marked()] == [OLD]
            with pytest.raises(ReadOnlyStore):
                await viewer.mark(DEAR)
            assert [one.mark.lot_id for one in viewer.marked()] == [OLD]
            with pytest.raises(ReadOnlyStore):
                await viewer.commit()


async def test_an_assumed_lot_is_recorded_and_identified_as_any_other(home: Home) -> None:
    from datetime import date

    from harvest_tui.core.lots.decisions import Assumption

    async with home.opened() as harvesting:
        session = harvesting._home
        assert isinstance(session, Session)
        told = Assumption(W1, BTC, Decimal("0.5"), date(2024, 1, 5), Decimal(40000), EventId("w1:gone"))
        await session.decisions.assume(told, "a friend's word")
        (assumed,) = [lot.lot_id for lot in session.facts().ledger.lots if "assumed" in lot.lot_id]
        await harvesting.mark(assumed)
        await harvesting.commit()
    await home.tell(sell("s", 21, "0.5", "BTC", 15000))
    async with home.opened() as harvesting:
        (verdict,) = (await harvesting.judged()).verdicts
        assert (verdict.outcome, verdict.obtained) == ("as identified", -25000)
