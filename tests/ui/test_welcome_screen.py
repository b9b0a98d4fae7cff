"""The first run: three questions, each kept as it is answered or skipped, and asked only once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from harvest_tui.core.records import Account, AccountId
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.errors import InputError
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.run import Session
from harvest_tui.settings import AccountSettings, Settings, load_settings, locate
from harvest_tui.settings_file import set_choice
from harvest_tui.store import Store
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.add_account import AddAccountScreen
from harvest_tui.ui.screens.monitor import MonitorScreen
from harvest_tui.ui.screens.welcome import WelcomeScreen
from support.journey_commands import Program
from support.journey_terminal import ProgramInTerminal
from support.on_screen import shown, until

LEDGER = """id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset
1,2025-01-05T10:00:00Z,vault,trade,50000,USD,1,BTC
2,2025-02-05T10:00:00Z,vault,trade,30000,USD,10,ETH
"""


@asynccontextmanager
async def first_run(home: Path, *accounts: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The app as the monitor opens it on a home that nobody has told anything."""
    locations = locate(str(home))
    locations.create()
    settings = load_settings(locations.config_file)
    session = await Session.open(Choices(locations, settings, GivenKeys({})))
    for name in accounts:
        await session.store.add_account(Account(AccountId(name), "", datetime.now(UTC)))
    await session.accounts_changed()
    app = HarvestApp(session, is_first_run=settings.is_untouched)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot


def kept(home: Path) -> Settings:
    return load_settings(home / "config.toml")


async def says(pilot: Pilot[None], words: str) -> None:
    await until(pilot, lambda: words in " ".join(" ".join(shown(pilot.app)).split()))


async def is_welcomed(pilot: Pilot[None], home: Path) -> None:
    """Waits for the way back to the lots, and for the word that nobody need ask again."""
    await until(pilot, lambda: isinstance(pilot.app.screen, MonitorScreen) and kept(home).welcomed)


async def test_answers_are_kept_as_they_are_given_and_it_never_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Chicago")
    async with first_run(tmp_path) as pilot:
        await says(pilot, "Three questions")
        await says(pilot, "America/Chicago")
        await says(pilot, "the yearly loss limit")
        await pilot.press("down", "enter")
        await says(pilot, "✓ married, filing jointly")
        await pilot.press(*"85,0000", "enter")
        await says(pilot, "not an amount in dollars: '85,0000'")
        await pilot.press("backspace", "enter")
        await says(pilot, "a sale late on 31 December")
        await until(pilot, lambda: kept(tmp_path).taxpayer.wages == Decimal(85_000))
        assert kept(tmp_path).timezone == "", "what is only proposed is no answer"
        await pilot.press("enter")
        await until(pilot, lambda: kept(tmp_path).timezone == "America/Chicago")
        assert not kept(tmp_path).welcomed
        await pilot.press("escape")
        await is_welcomed(pilot, tmp_path)
        session = pilot.app.session  # type: ignore[attr-defined]
        assert session.profile_watch.settings.taxpayer.status is FilingStatus.MARRIED_JOINT
    async with first_run(tmp_path) as pilot:
        assert isinstance(pilot.app.screen, MonitorScreen)


async def test_skipped_at_once_it_keeps_nothing_but_that_it_was_seen(tmp_path: Path) -> None:
    async with first_run(tmp_path) as pilot:
        await pilot.press("escape")
        await is_welcomed(pilot, tmp_path)
    assert (tmp_path / "config.toml").read_text() == "welcomed = true\n"


async def test_what_is_typed_when_one_leaves_counts_where_it_is_an_answer(tmp_path: Path) -> None:
    async with first_run(tmp_path) as pilot:
        await pilot.press("tab", *"72000", "tab", "ctrl+u", *"Mars/Base", "escape")
        await says(pilot, "Not kept: Mars/Base")
        await is_welcomed(pilot, tmp_path)
    assert (kept(tmp_path).taxpayer.wages, kept(tmp_path).timezone) == (Decimal(72_000), "")


async def test_a_file_is_looked_at_then_read(tmp_path: Path) -> None:
    file, home = tmp_path / "trades.csv", tmp_path / "home"
    file.write_text(LEDGER.replace("50000", "fifty"))
    async with first_run(home) as pilot:
        await pilot.press("tab", "tab", "tab", "down", "enter")
        await says(pilot, "Which file?")
        await pilot.press("enter")
        await says(pilot, "Type the path of a file.")
        field = pilot.app.screen.query_one("#prompt-field", Input)
        field.value = str(tmp_path / "missing.csv")
        await pilot.press("enter")
        await says(pilot, "missing.csv is not there")
        field.value = f"'{file}'"
        await pilot.press("enter")
        await says(pilot, "0 known, 1 rejected trades.csv line 2, column sent_amount:")
        file.write_text(LEDGER)
        await pilot.press("enter")
        await says(pilot, "trades.csv (ledger): 2 would be new, 0 known, 0 rejected. enter reads them.")
        assert not pilot.app.screen_stack[0].query_one("LotTable").row_count  # type: ignore[attr-defined]
        await pilot.press("enter")
        await is_welcomed(pilot, home)
        await says(pilot, "trades.csv (ledger): 2 new")
        await until(pilot, lambda: sum("vault" in line for line in shown(pilot.app)) == 2)


async def test_an_exchange_is_connected_from_here_and_the_demo_told_of(tmp_path: Path) -> None:
    async with first_run(tmp_path) as pilot:
        await pilot.press("tab", "tab", "tab", "down", "down", "enter")
        await says(pilot, "then type: harvest-tui demo")
        assert isinstance(pilot.app.screen, WelcomeScreen)
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddAccountScreen))
        await pilot.press("escape")
        await is_welcomed(pilot, tmp_path)


async def test_a_home_with_an_account_or_figures_of_its_own_is_not_asked(tmp_path: Path) -> None:
    async with first_run(tmp_path / "one", "vault") as pilot:
        assert isinstance(pilot.app.screen, MonitorScreen)
    locate(str(tmp_path / "two")).create()
    set_choice(tmp_path / "two" / "config.toml", ("profile", "wages"), 5)
    async with first_run(tmp_path / "two") as pilot:
        assert isinstance(pilot.app.screen, MonitorScreen)
    assert not Settings(accounts={"kraken": AccountSettings(lot_order="hifo")}).is_untouched
    assert Settings().is_untouched and Settings(theme="harvest-light").is_untouched


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_every_question_fits_on_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with first_run(tmp_path, size=size) as pilot:
        for words in ("you file as", "wages this year", "time zone", "your trades come", "later", "esc leave"):
            await says(pilot, words)


@pytest.mark.parametrize("text", ['welcomed = "yes"', "welcomed = 1"])
def test_the_word_that_it_was_seen_is_true_or_false(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="neither true nor false"):
        load_settings(path)


def test_the_first_paint_does_not_load_it() -> None:
    code = (
        "import sys, harvest_tui.ui.app, harvest_tui.cli.monitor, harvest_tui.session.run\n"
        "sys.exit(any(name in sys.modules for name in ('harvest_tui.ui.screens.welcome', 'harvest_tui.imports')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads processes from /proc")
def test_the_command_greets_once(tmp_path: Path) -> None:
    words = ["--home", str(tmp_path / "home")]
    for number, sight in enumerate(("Three questions", "No lots yet")):
        program: Any = ProgramInTerminal(words, tmp_path / f"tmp{number}", (80, 24))
        try:
            program.until_seen(lambda lines, sight=sight: any(sight in line for line in lines))
            if not number:
                program.press(b"\x1b")
                program.until_seen(lambda lines: any("No lots yet" in line for line in lines))
            program.press(b"q")
            assert program.wait(20) == 0
        finally:
            if program.processes():
                os.kill(program.pid, signal.SIGKILL)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads processes from /proc")
def test_a_home_that_got_its_account_after_its_last_picture_is_not_asked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert Program(home).run("lots").status == 0

    async def add() -> None:
        store = await Store.open(home / "facts.sqlite3")
        await store.add_account(Account(AccountId("vault"), "", datetime.now(UTC)))
        await store.close()

    asyncio.run(add())
    assert '"accounts":[]' in (home / "cache" / "lots.json").read_text()
    program: Any = ProgramInTerminal(["--home", str(home)], tmp_path / "tmp", (80, 24))
    try:
        program.until_seen(lambda lines: any("the first sync is under way, or brought none" in line for line in lines))
        program.press(b"q")
        assert program.wait(20) == 0
        assert b"Three questions" not in program.sent
    finally:
        if program.processes():
            os.kill(program.pid, signal.SIGKILL)
