"""What is changed in config.toml while the program runs counts without a restart."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.cli import main
from harvest_tui.session import profile_watch
from harvest_tui.session.profile_watch import ProfileWatch, read_choices
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.settings_file import set_choice
from support.planner_home import PlannerHome


def home_of(folder: Path) -> PlannerHome:
    """A home whose profile is told by its file, as a person's is."""
    folder.mkdir(parents=True, exist_ok=True)
    for words in (["timezone", "America/New_York"], ["status", "single"], ["wages", "120000"], ["short-gain", "6500"]):
        assert main(["--home", str(folder), "profile", "set", *words]) == 0
    home = PlannerHome(folder)
    told = read_choices(locate(str(folder)))
    home.profile, home.alerts = told.taxpayer, told.alerts  # type: ignore[assignment]
    return home


async def set_profile(folder: Path, *words: str) -> None:
    assert await asyncio.to_thread(main, ["--home", str(folder), "profile", *words]) == 0


async def test_a_changed_profile_counts_in_the_running_session(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home")
    await home.fill()
    async with home.session() as session:
        before = (await session.planner.weighed()).outlook
        assert before is not None and before.so_far.inputs.wages == 120_000
        assert not await session.profile_watch.look(), "nothing was changed"
        version, facts = session.facts_version, session.facts()

        await set_profile(home.folder, "set", "wages", "260000.50")
        assert await session.profile_watch.look()
        assert session.facts_version > version, "the screen draws anew"
        assert session.facts() is facts, "wages decide over no lot"
        view = await session.planner.weighed()
        assert view.outlook is not None
        assert view.outlook.so_far.inputs.wages == Decimal("260000.50")
        assert view.outlook.plan.before.total_tax > before.plan.before.total_tax
        assert "wages" not in [one.name for one in view.untold]

        await set_profile(home.folder, "unset", "wages")
        assert await session.profile_watch.look()
        assert "wages" in [one.name for one in (await session.planner.weighed()).untold]
        assert session.alerting.settings is session.charts.settings is session.harvesting.settings


async def test_a_lot_order_or_a_zone_derives_the_lots_anew(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home")
    await home.fill()
    async with home.session() as session:
        facts, day = session.facts(), session.portfolio().tax_day
        await set_profile(home.folder, "set", "method", "hifo")
        assert await session.profile_watch.look()
        assert session.facts() is not facts
        assert session.rules().method == "hifo"
        assert {account.lot_order for account in session.accounts()} == {"hifo"}
        home.clock.pass_by(hours=5)
        await set_profile(home.folder, "set", "timezone", "Pacific/Kiritimati")
        assert await session.profile_watch.look()
        assert (session.portfolio().tax_day - day).days == 1


async def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home")
    await home.fill()
    path = home.choices.locations.config_file
    right = path.read_text("utf-8")
    async with home.session() as session:
        await session.profile_watch.look()
        path.write_text(right.replace("wages", "wage"), "utf-8")
        assert not await session.profile_watch.look()
        assert "did you mean wages" in session.profile_watch.trouble
        assert session.planner.settings.taxpayer.wages == 120_000
        path.write_text(right.replace("120000", "90000"), "utf-8")
        assert await session.profile_watch.look()
        assert (session.profile_watch.trouble, session.planner.settings.taxpayer.wages) == ("", 90_000)


async def test_columns_and_theme_are_no_news(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home")
    await home.fill()
    async with home.session() as session:
        version = session.facts_version
        set_choice(home.choices.locations.config_file, ("table", "sort"), "asset")
        set_choice(home.choices.locations.config_file, ("theme",), "harvest-light")
        assert not await session.profile_watch.look()
        assert session.facts_version == version


async def test_choices_that_no_file_tells_stay_until_one_tells_others(tmp_path: Path) -> None:
    home = PlannerHome(tmp_path / "home")
    await home.fill()
    session = await Session.open(home.choices)
    try:
        set_choice(home.choices.locations.config_file, ("table", "sort"), "asset")
        assert not await session.profile_watch.look()
        assert session.planner.settings.taxpayer.wages == 120_000
    finally:
        await session.close()


async def test_a_file_of_the_same_size_put_in_its_place_is_noticed(tmp_path: Path) -> None:
    locations = locate(str(tmp_path))
    locations.config_file.write_text("[profile]\nwages = 100000\n")
    taken: list[Settings] = []

    async def take(settings: Settings) -> None:
        taken.append(settings)

    watch = ProfileWatch(locations, read_choices(locations), take)
    assert not await watch.look()
    stamp = locations.config_file.stat()
    other = tmp_path / "other"
    other.write_text("[profile]\nwages = 200000\n")
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(locations.config_file)
    assert await watch.look()
    assert [one.taxpayer.wages for one in taken] == [200_000]


async def test_it_looks_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_watch, "LOOK_SECONDS", 0.01)
    locations = locate(str(tmp_path))
    taken: asyncio.Queue[Settings] = asyncio.Queue()
    watch = ProfileWatch(locations, Settings(), taken.put)
    running = asyncio.create_task(watch.run())
    try:
        for method in ("hifo", "lofo"):
            set_choice(locations.config_file, ("method",), method)
            assert (await asyncio.wait_for(taken.get(), 20)).method == method
    finally:
        running.cancel()
