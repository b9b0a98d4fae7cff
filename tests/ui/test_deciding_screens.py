"""Deciding in the monitor: the real app on a home of its own, from the key to the lots."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from textual.widgets import Input

from harvest_tui.core.records import Event
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.store import Store
from harvest_tui.ui.app import HarvestApp
from support.hostile_names import is_harmless
from support.lot_events import buy, event, sell
from support.on_screen import shown, until

NOW = datetime(2026, 10, 14, 15, 30, tzinfo=UTC)
HISTORY = (
    buy("b1", 0, 2, "BTC", 80000),
    event("o1", "withdrawal", 10, sent=("0.5", "BTC")),
    event("i1", "deposit", 30, received=("0.48", "BTC"), account="w2"),
    event("i2", "deposit", 60, received=("0.3", "ETH"), account="w2"),
    sell("s1", 400, "3.5", "SOL", 700, account="w2"),
)


def choices(home: Path) -> Choices:
    locations = locate(str(home))
    locations.create()
    return Choices(locations, Settings(timezone="America/New_York"), GivenKeys({}), clock=lambda: NOW)


async def opened(home: Path, *events: Event) -> Session:
    session = await Session.open(choices(home))
    await session.import_events(events or HISTORY, "ledger.csv", "00")
    return session


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    made = await opened(tmp_path)
    yield made
    await made.close()


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


def lots(session: Session) -> list[tuple[str, str, str | None, str]]:
    return [
        (lot.account, f"{lot.quantity.normalize():f} {lot.asset}", lot.origin_id, lot.provenance.value)
        for lot in session.facts().ledger.lots
    ]


async def on_problem(pilot, words: str) -> None:  # type: ignore[no-untyped-def]
    """Opens the problems and puts the cursor on the first that says `words`."""
    app = pilot.app
    await pilot.press("exclamation_mark")
    await until(pilot, lambda: "problem" in shown(app)[0])
    for _ in range(20):
        detail = app.screen.query_one(".detail").render().plain
        if words in detail:
            return
        await pilot.press("j")
    raise AssertionError(f"no problem says {words!r}:\n" + text_of(app))


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_an_unmatched_move_is_joined_with_its_other_end_and_taken_apart_again(
    session: Session, size: tuple[int, int]
) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=size, notifications=True) as pilot:
        await on_problem(pilot, "withdrawal of 0.5 on 2024-01-11")
        await pilot.press("x")
        await until(pilot, lambda: "0.02 less arrived, 480 h later" in text_of(app))
        assert "other end of the withdrawal of 0.5 BTC on 2024-01-11" in shown(app)[0]
        assert "It went to somebody else" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: "decision 1: w1:o1 and w2:i1 are one" in text_of(app))
        await until(pilot, lambda: app.screen.TITLE == "problems")
        assert ("w2", "0.48 BTC", "w1:b1", "transferred") in lots(session)
        await until(pilot, lambda: "withdrawal of 0.5" not in text_of(app))
        await pilot.press("u")
        await until(pilot, lambda: "u again takes back decision 1" in text_of(app))
        await pilot.press("u")
        await until(pilot, lambda: len(session.facts().ledger.unmatched) == 3)
        assert ("w2", "0.48 BTC", "w2:i1", "unknown") in lots(session)


async def test_a_move_to_somebody_else_is_missed_no_more(session: Session) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_problem(pilot, "withdrawal of 0.5 on 2024-01-11")
        await pilot.press("x")
        await until(pilot, lambda: "It went to somebody else" in text_of(app))
        await pilot.press("G")
        await until(pilot, lambda: "The units leave without a gain" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(session.facts().ledger.unmatched) == 2)
        assert [(one.kind, one.event_ids) for one in await session.store.decisions()] == [("external", ("w1:o1",))]


async def fill(pilot, **values: str) -> None:  # type: ignore[no-untyped-def]
    for name, value in values.items():
        pilot.app.screen.query_one(f"#{name}", Input).value = value
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_gap_is_closed_by_an_assumption_typed_into_the_form(session: Session, size: tuple[int, int]) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=size, notifications=True) as pilot:
        await on_problem(pilot, "3.5 left on 2025-02-04 with no lot")
        await pilot.press("o")
        await until(pilot, lambda: "3.5 SOL left without a lot on 2025-02-04" in text_of(app))
        assert pilot.app.screen.query_one("#quantity", Input).value == "3.5"
        await pilot.press(*"2021-04-05", "enter", *"80", "enter", *"a shop", "enter")
        await until(pilot, lambda: session.facts().ledger.gaps == ())
        (part,) = session.facts().ledger.disposals
        assert (part.origin_id, part.cost_basis, part.quantity) == ("w2:assumed-1", 80, part.quantity)
        await until(pilot, lambda: "with no lot to cover it" not in text_of(app))
        (kept,) = await session.store.decisions()
        assert (kept.reason, kept.made_at) == ("a shop", NOW)


async def test_a_deposit_that_nothing_explains_is_given_a_basis(session: Session) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_problem(pilot, "deposit of 0.3")
        await pilot.press("o")
        await until(pilot, lambda: "0.3 ETH came without a basis" in text_of(app))
        await fill(pilot, acquired="2023-02-01", cost="450.25", reason="an old mail")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: ("w2", "0.3 ETH", "w2:assumed-1", "assumed") in lots(session))
        assert len(session.facts().ledger.unmatched) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"acquired": "5.4.2021", "cost": "80", "reason": "x"}, "'5.4.2021' is not a day. write it like 2021-04-05"),
        ({"acquired": "2021-04-05", "cost": "lots", "reason": "x"}, "the cost basis 'lots' is not a number"),
        ({"acquired": "2027-04-05", "cost": "80", "reason": "x"}, "2027-04-05 is in the future"),
        ({"acquired": "2025-02-05", "cost": "80", "reason": "x"}, "the units left on 2025-02-03"),
        ({"acquired": "2021-04-05", "cost": "80", "reason": " "}, "an assumption needs a reason"),
        ({"acquired": "2021-04-05", "cost": "80", "reason": "x", "quantity": "0"}, "0 is no quantity"),
    ],
)
async def test_what_cannot_be_is_told_under_the_form_which_stays(
    session: Session, values: dict[str, str], words: str
) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_problem(pilot, "3.5 left on")
        await pilot.press("o")
        await until(pilot, lambda: "without a lot on" in text_of(app))
        await fill(pilot, **values)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: words in text_of(app))
        assert app.screen.query_one("#acquired", Input).value == values["acquired"]
        assert await session.store.decisions() == []


async def test_keys_say_what_they_are_for_where_they_do_nothing(session: Session) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await on_problem(pilot, "3.5 left on")
        await pilot.press("x")
        await until(pilot, lambda: "x is for a line that says unmatched move" in text_of(app))
        await on_problem(pilot, "withdrawal of 0.5")
        await pilot.press("o")
        await until(pilot, lambda: "o is for a line that says missing basis" in text_of(app))
        await pilot.press("u")
        await until(pilot, lambda: "Nothing was decided yet" in text_of(app))
        assert len(app.screen_stack) == 2


async def test_the_form_of_another_problem_is_a_fresh_one(session: Session) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_problem(pilot, "3.5 left on")
        await pilot.press("o")
        await until(pilot, lambda: "without a lot on" in text_of(app))
        await fill(pilot, acquired="2021-04-05", cost="80")
        await pilot.press("escape")
        await on_problem(pilot, "deposit of 0.3")
        await pilot.press("o")
        await until(pilot, lambda: "0.3 ETH came without a basis" in text_of(app))
        assert [field.value for field in app.screen.query(Input)] == ["0.3", "", "", ""]


async def test_a_second_instance_decides_nothing(tmp_path: Path, session: Session) -> None:
    viewer = await Session.open(choices(tmp_path))
    app = HarvestApp(viewer)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await on_problem(pilot, "withdrawal of 0.5")
        await pilot.press("x")
        await until(pilot, lambda: "Another harvest-tui holds the cache: decide there." in text_of(app))
        assert len(app.screen_stack) == 2
    assert await session.store.decisions() == []


async def test_names_from_outside_are_literal_on_both_screens(tmp_path: Path) -> None:
    name = "[red]X[/red]\x1b[31m"
    session = await opened(
        tmp_path,
        event("[@click=app.quit]o[/]", "withdrawal", 10, sent=("0.5", name), account="[b]w[/b]"),
        event("[blink]i[/]", "deposit", 30, received=("0.48", name), account="v\u202e"),
    )
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        await on_problem(pilot, "deposit of 0.48")
        await pilot.press("x")
        await until(pilot, lambda: "0.02 less arrived" in text_of(app))
        assert "[@click=app.quit]o[/]" in text_of(app) and "[red]X[/red]" in text_of(app)
        assert all(map(is_harmless, shown(app)))
        await pilot.press("escape", "o")
        await until(pilot, lambda: "came without a basis" in text_of(app))
        assert "[red]X[/red]" in text_of(app)
        assert all(map(is_harmless, shown(app)))
    await session.close()


async def test_a_hundred_openings_leave_no_widget_behind(session: Session) -> None:
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_problem(pilot, "deposit of 0.3")
        await pilot.press("x", "escape", "o", "escape")
        before = len(app._registry)
        for _ in range(25):
            await pilot.press("x", "escape", "o", "escape")
            assert len(app.screen_stack) == 2
        await until(pilot, lambda: len(app._registry) == before)


async def test_the_next_start_shows_the_lots_as_decided(tmp_path: Path, session: Session) -> None:
    await session.decisions.confirm("w1:o1", "w2:i1")
    before = lots(session)
    await session.close()
    async with await Store.open(choices(tmp_path).locations.database) as store:
        assert len(await store.decisions()) == 1
    again = await Session.open(choices(tmp_path))
    assert lots(again) == before
    await again.close()
