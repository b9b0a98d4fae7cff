"""Choices as a screen changes them: read as the command line reads them, kept in the file, counting at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.harvest.alert_rules import AlertRules
from harvest_tui.core.records import Account, AccountId
from harvest_tui.core.tax.questions import QUESTIONS
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session.adjusting import Adjustable, adjustables, answer
from harvest_tui.session.profile_watch import ProfileWatch
from harvest_tui.settings import Settings, load_settings, locate
from harvest_tui.settings_file import set_choice
from support.planner_home import TAXPAYER
from support.sample_portfolio import NOW
from support.sold_home import sold_home

KRAKEN = Account(AccountId("kraken"), "kraken", NOW)


def named(settings: Settings, name: str, group: str = "") -> Adjustable:
    found = [one for one in adjustables(settings, [KRAKEN]) if one.name == name and group in one.group]
    assert len(found) == 1
    return found[0]


def test_every_question_of_the_profile_and_every_threshold_is_there_with_what_is_assumed() -> None:
    found = adjustables(Settings(), [KRAKEN])
    assert len({one.place for one in found}) == len(found)
    asked = {one.place[1]: one for one in found if one.place[0] == "profile" and len(one.place) == 2}
    assert set(asked) == {question.field for question in QUESTIONS}
    assert all(one.why and one.assumed and not one.is_told for one in found)
    rules = {one.place[1] for one in found if one.place[0] == "alerts"}
    assert rules == {name for name in AlertRules.__dataclass_fields__ if name != "losses_asked"}
    assert (asked["wages"].shown, asked["wages"].assumed[:4]) == ("", "none")
    assert (asked["status"].assumed, asked["planned_probability"].assumed) == ("single", "80%")


@pytest.mark.parametrize(
    ("name", "typed", "kept", "shown"),
    [
        ("status", "married joint", "married_joint", "married_joint"),
        ("wages", "$120,000.50", Decimal("120000.50"), "120,000.50"),
        ("short-gain", "(2500)", Decimal(-2500), "-2,500"),
        ("state-rate", "5", None, ""),
        ("state-rate", "5%", "5%", "5%"),
        ("state-allows-carryover", "no", False, "no"),
        ("wait-days", "31", 31, "31"),
        ("kraken", "0.26%", "0.26%", "0.26%"),
        ("method", "HIFO", "hifo", "hifo"),
        ("scope", "us", "us", "us"),
        ("timezone", "Europe/Berlin", "Europe/Berlin", "Europe/Berlin"),
        ("timezone", "Mars/Base", None, ""),
        ("kraken: lot order", "lifo", "lifo", "lifo"),
        ("kraken: custody", "bank", None, ""),
        ("theme", "harvest-light", "harvest-light", "harvest-light"),
        ("frames", "10", 10, "10"),
        ("frames", "31", None, ""),
        ("net-benefit", "$1,500", Decimal(1500), "1,500"),
        ("net-benefit", "off", False, "off"),
        ("loss-percent", "25", "25%", "25%"),
        ("stale-hours", "48", 48, "48"),
        ("year-end", "no", False, "no"),
        ("bell", "maybe", None, ""),
    ],
)
def test_an_answer_is_kept_as_the_file_holds_it_and_read_back_as_it_was_meant(
    name: str, typed: str, kept: object, shown: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    one = named(Settings(), name)
    if kept is None:
        with pytest.raises(InputError) as refused:
            answer(one, typed)
        assert refused.value.hint
        return
    assert answer(one, typed) == kept
    set_choice(path, one.place, answer(one, typed))
    again = named(load_settings(path), name)
    assert (again.shown, again.is_told) == (shown, True)
    assert answer(again, again.shown) == kept
    set_choice(path, one.place, answer(again, ""))
    back = named(load_settings(path), name)
    assert (back.shown, back.is_told) == (one.shown, False)


def test_a_threshold_that_makes_no_sense_is_refused_by_the_files_own_reader(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    for name, typed in (("shrinking", "150%"), ("long-term-days", "0"), ("net-benefit", "0")):
        one = named(Settings(), name)
        with pytest.raises(InputError, match=r"alerts\."):
            set_choice(path, one.place, answer(one, typed))
    assert not path.exists()
    with pytest.raises(InputError, match="control"):
        answer(named(Settings(), "wages"), "12\x1b[0m")


async def test_a_kept_answer_counts_at_once_and_choices_no_file_told_are_written_down_with_it(tmp_path: Path) -> None:
    # Made by a program, which need not say that it was told.
    home = await sold_home(tmp_path, replace(TAXPAYER, stated=frozenset()))
    async with home.session() as session:
        watch = session.profile_watch
        assert not watch.path.exists() and watch.settings.taxpayer.wages == TAXPAYER.wages
        version = session.facts_version
        await watch.keep(("profile", "wages"), Decimal(90_000))
        assert watch.settings.taxpayer.wages == session.planner.settings.taxpayer.wages == 90_000
        assert watch.settings.taxpayer.carry_long == TAXPAYER.carry_long
        assert watch.settings.timezone == "America/New_York"
        assert session.facts_version > version
        await watch.keep(("method",), "hifo")
        assert session.rules().method == "hifo"
        await watch.keep(("profile", "wages"), None)
        assert watch.settings.taxpayer.wages is None


async def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    locations = locate(str(tmp_path))
    locations.config_file.write_text('[profile]\nwages = "a lot"\n')

    async def take(_: Settings) -> None:
        await asyncio.sleep(0)

    watch = ProfileWatch(locations, Settings(), take)
    await watch.look()
    assert "profile.wages is not an amount" in watch.trouble
    with pytest.raises(HarvestError, match=r"profile\.wages"):
        await watch.keep(("method",), "lifo")
    assert locations.config_file.read_text() == '[profile]\nwages = "a lot"\n'
