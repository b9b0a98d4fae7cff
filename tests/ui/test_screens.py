"""Every screen: opened by its key, told by its lines, left by escape."""

from __future__ import annotations

import pytest

from harvest_tui.core.records import AccountId
from harvest_tui.errors import ExchangeUnreachable, KeyRefused, KeyTooPowerful
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.theme import BLUE_ORANGE, DARK, LIGHT
from support.hostile_names import HOSTILE_NAMES, hostile_session, is_harmless
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import (
    EXCHANGES,
    SampleSession,
    empty_session,
    first_sync,
    troubled_session,
)


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


@pytest.mark.parametrize(
    ("key", "words"),
    [("exclamation_mark", "harvest › 11 problems"), ("c", "harvest › 4 accounts"), ("a", "harvest › add account")],
)
async def test_each_screen_has_a_key_and_escape_goes_back(key: str, words: str) -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await until(pilot, lambda: words in text_of(app))
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_a_screen_that_lies_below_is_gone_back_to_not_opened_twice() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c", "exclamation_mark", "question_mark", "c")
        assert [screen.TITLE for screen in app.screen_stack] == ["lots", "accounts"]


async def test_the_problem_under_the_cursor_is_told_in_full() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("exclamation_mark", "G", "k", "k")
        await until(pilot, lambda: "0.125 left on 2024-03-05 with no lot to cover it" in text_of(app))
        assert "→ import what brought these units in: earlier trades" in text_of(app)


async def test_the_header_counts_problems_and_says_what_the_totals_are() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(140, 40)):
        first, second, third = shown(app)[:3]
        assert "tax year 2026  USD HIFO  17 lots 13 assets" in first
        assert "SIMULATOR" in first
        assert "● kraken ◐ coinbase 4s ◌ binance stale 12m" in first
        assert "Unrealized −27,988.19▼" in second
        assert "! 11 problems" in second
        assert "Harvestable now short −28,938 long −7,801   best set saves -   room: gains - deduction -" in third
        assert "78 days to 31 Dec" in third


async def test_a_first_sync_shows_how_far_it_is_and_a_failure_says_what_to_do() -> None:
    app = HarvestApp(SampleSession(states=first_sync()))
    async with app.run_test(size=(100, 24)) as pilot:
        assert " 63%  6,350 of 10,000 rows" in text_of(app)
        assert "1,200 rows so far, first sync" in text_of(app)
        assert "the key is not accepted; make a new read-only key" in text_of(app)
        assert isinstance(app.session, SampleSession)
        app.session.states = SampleSession().states
        app.session.status_version += 1
        app.tick()
        await until(pilot, lambda: "✓ synced 2m ago  kraken, coinbase, binance" in text_of(app))
        assert "rows" not in text_of(app)


async def test_without_any_account_the_screen_says_how_to_begin() -> None:
    app = HarvestApp(empty_session())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for words in ("connects an exchange", "harvest-tui import FILE", "harvest-tui demo"):
            assert words in text_of(app)
        await pilot.press("s")
        await until(pilot, lambda: "No exchange is connected" in text_of(app))
        await pilot.press("c")
        await until(pilot, lambda: "No account yet." in text_of(app))


async def test_s_syncs_all_and_enter_on_an_account_syncs_that_one() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: session.started == 1)
        await pilot.press("s")
        await until(pilot, lambda: session.synced == [None])
        await pilot.press("c", "j", "enter")
        await until(pilot, lambda: session.synced == [None, AccountId("coinbase")])
        await pilot.press("G", "enter")  # an imported book has nothing to sync
        await pilot.pause(0.1)
        assert len(session.synced) == 2
    assert session.closed == 1


async def test_a_read_only_instance_says_so_and_neither_syncs_nor_connects() -> None:
    session = SampleSession(is_read_only=True)
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        assert "READ-ONLY" in text_of(app)
        await pilot.press("s", "a")
        await until(pilot, lambda: "Another harvest-tui holds the cache: close it" in text_of(app))
        await fill_form(pilot, "mine", "KEY", "SECRET")
        await pilot.pause(0.1)
        assert session.connected == [] and session.synced == []


async def test_a_lot_is_told_with_every_digit_and_stays_live() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "j", "enter")
        await until(pilot, lambda: "6.00250125" in text_of(app))
        assert "2,388.4 USD" in text_of(app)
        assert "long-term today (long 401d)" in text_of(app)
        session.price("ETH", "2500.125")
        app.tick()
        await until(pilot, lambda: "2,500.125 USD" in text_of(app))


async def test_help_lists_the_keys_of_the_screen_it_was_asked_on() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 80)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "help: lots" in text_of(app))
        assert "Sort now" in text_of(app) and "↓ j" in text_of(app)
        await pilot.press("escape", "a", "tab", "question_mark", "f1")
        await until(pilot, lambda: "help: add account" in text_of(app))
        assert "Sort now" not in text_of(app) and "Connect" in text_of(app)


async def test_the_palette_holds_every_action() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(100, 40)) as pilot:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Sync", "Problems", "Accounts", "Add account", "Help", "Re-sort", "Sort by Held", "Theme"} <= titles
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*"sort by held")
        await until(pilot, lambda: "Sort by Held" in text_of(app))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: lot_table(app).sorting.column == "held")


async def test_the_key_bar_can_be_clicked() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        bar = shown(app)[-1]
        await pilot.click(offset=(bar.index("! problems"), 39))
        await until(pilot, lambda: "no problems" in text_of(app))


async def test_three_themes_follow_each_other() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test() as pilot:
        seen = []
        for _ in range(4):
            seen.append(app.theme)
            await pilot.press("t")
        assert seen == [DARK, LIGHT, BLUE_ORANGE, DARK]


PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIabc\ndef==\n-----END EC PRIVATE KEY-----"


async def fill_form(pilot, name: str, key: str, secret: str) -> None:  # type: ignore[no-untyped-def]
    from textual import events
    from textual.widgets import Input

    screen = pilot.app.screen
    screen.query_one("#name", Input).value = name
    for field, text in (("#key", key), ("#secret", secret)):
        screen.query_one(field).focus()
        await pilot.pause()
        screen.query_one(field).post_message(events.Paste(text))
        await pilot.pause()
    await pilot.press("enter")


async def test_an_exchange_is_connected_with_a_pasted_pem_that_is_never_shown() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "down", "enter")
        await until(pilot, lambda: "View alone" in text_of(app))
        await fill_form(pilot, "cb", "organizations/1/apiKeys/2", PEM)
        await until(pilot, lambda: bool(session.connected))
        assert session.connected == [("coinbase", "cb", "organizations/1/apiKeys/2", PEM, False)]
        await until(pilot, lambda: "cb is connected; its key may read" in text_of(app))
        await until(pilot, lambda: session.synced == [AccountId("cb")])
        assert "MHc" not in text_of(app) and "organizations" not in text_of(app)


async def test_a_pem_typed_line_by_line_is_not_sent_before_its_end() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "enter")
        await fill_form(pilot, "k", "KEY", "-----BEGIN EC PRIVATE KEY-----\nMHc")
        await pilot.pause(0.05)
        assert session.connected == []
        await pilot.press(*"def", "enter", *["minus"] * 5, *"END", "enter")
        await until(pilot, lambda: bool(session.connected))
        assert session.connected[0][3] == "-----BEGIN EC PRIVATE KEY-----\nMHc\ndef\n-----END"


@pytest.mark.parametrize(
    "refusal", [KeyRefused("the key is not accepted", "make a new one"), ExchangeUnreachable("no answer", "try again")]
)
async def test_a_refusal_is_told_in_its_own_words(refusal: Exception) -> None:
    session = SampleSession(refusal=refusal)  # type: ignore[arg-type]
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "enter")
        await fill_form(pilot, "k", "KEY", "SECRET")
        await until(pilot, lambda: f"{refusal.happened}. {refusal.hint}" in text_of(app))  # type: ignore[attr-defined]
        assert "although it can trade" not in text_of(app)


async def test_a_key_that_can_trade_is_taken_only_when_the_user_insists() -> None:
    session = SampleSession(refusal=KeyTooPowerful("this key can trade", "make one that only reads"))
    app = HarvestApp(session)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("a", "enter")
        await fill_form(pilot, "k", "KEY", "SECRET")
        await until(pilot, lambda: "although it can trade" in text_of(app))
        await pilot.click("#insist")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "its key may trade" in text_of(app))
        assert [call[4] for call in session.connected] == [False, True]


@pytest.mark.parametrize(
    ("name", "words"),
    [("kraken", "There is an account called kraken"), ("", "Give the account a name"), ("a\u202eb", "cannot be shown")],
)
async def test_a_name_must_be_new_and_showable(name: str, words: str) -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "enter")
        await fill_form(pilot, name, "KEY", "SECRET")
        await until(pilot, lambda: words in text_of(app))
        assert session.connected == []


async def test_leaving_the_form_forgets_the_secret() -> None:
    from textual.widgets import Input

    app = HarvestApp(SampleSession(refusal=KeyRefused("the key is not accepted", "make a new one")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "enter")
        await fill_form(pilot, "k", "KEY", "SECRET")
        await pilot.press("escape")
        screen = app.get_screen("add_account")
        assert [field.value for field in screen.query(Input)] == ["k", "", ""]


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hostile_names_are_literal_and_harmless_on_every_screen(size: tuple[int, int]) -> None:
    assert len(EXCHANGES) == 3
    app = HarvestApp(hostile_session())
    async with app.run_test(size=size) as pilot:
        for key, rows in (
            ("exclamation_mark", len(HOSTILE_NAMES)),
            ("c", len(HOSTILE_NAMES)),
            ("question_mark", 1),
            ("a", 1),
        ):
            await pilot.press(key)
            for _ in range(rows):
                await pilot.press("down")
                for line in shown(app):
                    assert is_harmless(line), line
            await pilot.press("escape")
        seen = ""
        for _ in range(len(HOSTILE_NAMES)):
            await pilot.press("enter")
            await until(pilot, lambda: len(app.screen_stack) == 2)
            await pilot.pause()
            assert all(is_harmless(line) for line in shown(app))
            seen += text_of(app)
            await pilot.press("escape", "down")
        for literal in ("[red]RED[/red]", "[@click=app.quit]claim[/]", "X[/]Y", "[[/]]"):
            assert literal in seen


async def test_many_openings_of_screens_leave_no_widget_behind() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("exclamation_mark", "escape", "c", "escape", "question_mark", "escape", "enter", "escape")
        before = len(app._registry)
        for _ in range(10):
            for key in ("exclamation_mark", "c", "question_mark", "enter"):
                await pilot.press(key)
                assert len(app.screen_stack) == 2
                await pilot.press("escape")
        await until(pilot, lambda: len(app._registry) == before)
