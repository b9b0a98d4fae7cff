"""The app: reads frames on a timer, hands them to the screen on top, and turns keys into wishes."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import ActiveBinding, Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from harvest_tui.core.records import AccountId
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session import SessionView
from harvest_tui.table_settings import UNTOUCHED
from harvest_tui.ui import places
from harvest_tui.ui.format import clean
from harvest_tui.ui.frame import Frame, FrameReader
from harvest_tui.ui.looks import Looks
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.screens.monitor import MonitorScreen
from harvest_tui.ui.table_actions import TableActions
from harvest_tui.ui.table_memory import TableMemory
from harvest_tui.ui.terminal import TerminalGuard, is_backed_up
from harvest_tui.ui.theme import (
    BLUE_ORANGE,
    DARK,
    LIGHT,
    NO_COLOUR,
    SIXTEEN,
    SIXTEEN_THEMES,
    THEMES,
    roles_of,
)
from harvest_tui.ui.verdict_news import verdict_news
from harvest_tui.ui.widgets.lot_table import LotTable
from harvest_tui.ui.widgets.row_view import RowView
from harvest_tui.ui.widgets.sync_panel import sync_under_way

BEATS_A_SECOND = 4
"""Sums and words are drawn about so often, however many frames there are: figures in a line nobody reads faster."""
SWITCH_SECONDS = 0.0005
"""So long a thread that weighs or sorts may keep the screen waiting, each time the loop has waited for anything."""
CLOSE_SECONDS = 5
"""So long may ending feeds and syncs take before the screen goes anyway."""


class HarvestApp(TableActions):
    """Draws one session. Screens are made once and kept: Textual holds on to those it has removed."""

    TITLE = "harvest"
    CSS_PATH = "styles/app.tcss"
    SCREENS: ClassVar = places.screens()
    ESCAPE_TO_MINIMIZE: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="app.quit"),
        Binding("s", "sync", "Sync all accounts", id="app.sync"),
        Binding("S", "stop_sync", "Stop the sync: what came is kept", id="app.stop_sync"),
        Binding("exclamation_mark", "open('problems')", "Problems and what to do", key_display="!", id="app.problems"),
        Binding("c", "open('accounts')", "Accounts", id="app.accounts"),
        Binding("a", "open('add_account')", "Connect an exchange", id="app.add_account"),
        Binding("e", "explain", "Why this lot: its whole story", id="app.explain"),
        Binding("v", "charts", "Charts: price, losses of the year, ladder, calendar", id="app.charts"),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="app.help"),
        Binding("ctrl+p,colon", "command_palette", "Every command, by name", key_display="^p", id="app.commands"),
        Binding("t", "next_theme", "Next theme: dark, light, blue and orange", id="app.theme"),
        Binding("escape", "back", "Back", key_display="esc", id="app.back"),
        *places.bindings(),
    ]

    def __init__(
        self,
        session: SessionView,
        memory: TableMemory | None = None,
        *,
        is_first_run: bool = False,
        looks: Looks | None = None,
    ) -> None:
        is_colourless = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if is_colourless else None)
        self.looks = looks or Looks((memory.theme if memory else "") or DARK)
        self.session = session
        self.memory = memory
        self._is_first_run = is_first_run
        frames = memory.choices.frames if memory else UNTOUCHED.frames
        self._reader = FrameReader(session, max(1, frames // BEATS_A_SECOND))
        self.frame: Frame = self._reader.read()
        self._guard = TerminalGuard(lambda code: self.exit(return_code=code))
        self._is_suspended = False
        for theme in (*THEMES, *SIXTEEN_THEMES) if self.looks.theme in SIXTEEN else THEMES:
            self.register_theme(theme)
        self.theme = NO_COLOUR if is_colourless else self.looks.theme
        if self.looks.keys:
            self.set_keymap(dict(self.looks.keys))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colour roles, for themes that do not bring their own."""
        return roles_of(self.current_theme)

    def get_default_screen(self) -> Screen[None]:
        """The monitor, with its lots in the first paint."""
        return MonitorScreen(self.frame, self.memory.choices if self.memory else UNTOUCHED)

    def on_mount(self) -> None:
        """Lots are painted from the cache first; the network starts behind them."""
        if not self.is_headless:
            self._guard.install()
        sys.setswitchinterval(SWITCH_SECONDS)
        self.app_suspend_signal.subscribe(self, self._suspended)
        self.app_resume_signal.subscribe(self, self._resumed)
        choices = self.memory.choices if self.memory else UNTOUCHED
        self.set_interval(1 / choices.frames, self.tick, name="frames")
        self.call_after_refresh(self._begin)

    def on_app_focus(self) -> None:
        """A window that shows what it did not show when it was left, as a browser's does at first, has no cursor."""
        self.call_later(self._focus_first)

    def _focus_first(self) -> None:
        screen = self.screen
        selector = self.AUTO_FOCUS if screen.AUTO_FOCUS is None else screen.AUTO_FOCUS
        if selector and screen.focused is None:
            screen.set_focus(next((widget for widget in screen.query(selector) if widget.focusable), None))

    async def on_unmount(self) -> None:
        """Feeds and syncs end with the screen."""
        self.remember_now()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.session.close()

    async def _shutdown(self) -> None:
        try:
            await super()._shutdown()
        finally:
            self._guard.over()

    def _begin(self) -> None:
        if not self.is_headless:
            gc.freeze()  # what start-up made lives as long as the app: no collection need walk it again
            gc.enable()
        self._start()
        if self._is_first_run and not (self.frame.accounts or self.frame.is_read_only):
            self.push_screen("welcome")

    @work(name="start", exit_on_error=False)
    async def _start(self) -> None:
        try:
            await self.session.start()
        except HarvestError:
            # The cache cannot be opened: the command line says why once the terminal is back.
            self.exit(return_code=HarvestError.exit_code)

    def _suspended(self, _: object) -> None:
        self._is_suspended = True

    def _resumed(self, _: object) -> None:
        self._is_suspended = False

    # Frames.

    def tick(self) -> None:
        """Reads a frame and draws what changed, unless the terminal cannot take it just now."""
        if self._is_suspended or is_backed_up(self) or not self.is_running:
            return
        self.frame = self._reader.read()
        self._announce()
        for words in verdict_news(self.session):
            self._tell(words)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LiveScreen):
                if screen.is_mounted:
                    screen.draw(self.frame)
                return

    def _announce(self) -> None:
        with suppress(InputError):
            alerting = self.session.alerting
            if news := alerting.news():
                from harvest_tui.ui.announcing import announce

                announce(self, news, alerting.rules, is_private=self._are_figures_hidden)
        if self._notifications:
            from harvest_tui.ui.announcing import place_toasts

            place_toasts(self.screen)

    # Wishes.

    def action_sync(self) -> None:
        """Syncs every account beside the screen."""
        self._sync(None)

    def action_sync_chosen(self) -> None:
        """Syncs the account under the cursor of the accounts screen."""
        from harvest_tui.ui.screens.accounts import AccountsScreen

        chosen = self.screen.chosen() if isinstance(self.screen, AccountsScreen) else None
        if chosen is not None and chosen.exchange:
            self._sync(chosen.account)

    def _sync(self, account: AccountId | None) -> None:
        if self.frame.is_read_only:
            self._tell("Another harvest-tui holds the cache: this one only reads.")
        elif not self.frame.sync_states:
            self._tell("No exchange is connected: a connects one.")
        elif any(worker.group == "sync" and worker.is_running for worker in self.workers):
            self._tell(sync_under_way(self.session.sync_states().values()))
        else:
            self._sync_beside(account)

    @work(group="sync", exit_on_error=False)
    async def _sync_beside(self, account: AccountId | None) -> None:
        await self.session.sync(account)

    def action_stop_sync(self) -> None:
        """Ends every sync and search for past prices under way."""
        is_stopped = self.session.stop_sync()
        self._tell("Stopped. What came is kept; s goes on." if is_stopped else "No sync is under way.")

    def _tell(self, text: str) -> None:
        self.notify(clean(text, 300), markup=False, timeout=4)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a worker could not do is told, never fatal."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            words = f"{error.happened}. {error.hint}" if isinstance(error, HarvestError) else type(error).__name__
            self.notify(clean(words, 300), severity="error", markup=False, timeout=10)

    # Screens.

    def action_open(self, name: str) -> None:
        """Opens a screen, or goes back to it where it lies below."""
        screen = self.screen_stack[0] if name == places.LOTS else self.get_screen(name)
        if screen in self.screen_stack:
            while self.screen is not screen:
                self.pop_screen()
        else:
            self.push_screen(name)

    def plan_commands(self) -> Iterable[SystemCommand]:
        """Planner and marks by name, on the monitor."""
        monitor = self.screen_stack[0]
        if isinstance(monitor, MonitorScreen):
            yield SystemCommand("Planner", "The year, candidates and the best set (p)", monitor.action_planner)
            yield SystemCommand("Mark lot", "For sale, or take its mark off (space)", monitor.action_mark)
            yield SystemCommand("Mark part", "Units, dollars of loss, max (m)", monitor.action_mark_part)
            yield SystemCommand("Mark asset", "Every losing lot of it (M)", monitor.action_mark_asset)
            yield SystemCommand("Mark best set", "And nothing else (A)", monitor.action_apply_best)
            yield SystemCommand("Next target", "Of the best set (T)", monitor.action_next_target)
            yield SystemCommand("Type a target", "So much loss, or so much gain (^t)", monitor.action_ask_target)
            yield SystemCommand("Plans", "Switch, duplicate, compare (P)", monitor.action_plans)
            yield SystemCommand("Commit plan", "Write the marked lots down (C)", monitor.action_commit)

    async def action_back(self) -> None:
        """The screen before this one."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_help(self) -> None:
        """Help for the screen one is on."""
        from harvest_tui.ui.screens.help import HelpScreen

        screen = self.get_screen("help")
        if screen in self.screen_stack or not isinstance(screen, HelpScreen):
            return
        screen.place = self.screen.title or self.screen.TITLE or ""
        screen.keys = tuple(
            (" ".join(keys), words)
            for words, keys in self._keys_of(screen_keys=self.screen.active_bindings.values()).items()
        )
        self.push_screen("help")

    def _keys_of(self, screen_keys: Iterable[ActiveBinding]) -> dict[str, list[str]]:
        """Our own bindings (those with an id) by what they do, the screen's before the app's and the list's."""
        ranked = sorted(
            (active for active in screen_keys if active.binding.id and active.enabled),
            key=lambda active: (active.binding.id or "").startswith("rows."),
        )
        keys: dict[str, list[str]] = {}
        for active in ranked:
            display = active.binding.key_display or self.get_key_display(active.binding)
            known = keys.setdefault(active.binding.description, [])
            if display not in known:
                known.append(display)
        return keys

    def on_lot_table_opened(self, event: LotTable.Opened) -> None:
        """Shows one lot."""
        from harvest_tui.ui.screens.lot_details import LotDetailsScreen

        screen = self.get_screen("lot_details")
        if isinstance(screen, LotDetailsScreen):
            screen.lot = event.lot
            self.push_screen("lot_details")

    def action_explain(self) -> None:
        """Tells the story of the lot on screen, or of the one under the cursor of the monitor."""
        from harvest_tui.ui.screens.explanation import ExplanationScreen
        from harvest_tui.ui.screens.lot_details import LotDetailsScreen

        here, screen = self.screen, self.get_screen("explanation")
        if isinstance(here, LotDetailsScreen):
            lot = here.lot
        else:
            lot = self.table.lot_at(self.table.cursor) if isinstance(here, MonitorScreen) else None
        if lot is not None and isinstance(screen, ExplanationScreen):
            screen.lot = lot
            self.push_screen("explanation")

    def action_charts(self, tab: int | None = None) -> None:
        """Opens the charts, the price of the asset on screen or under the cursor first."""
        from harvest_tui.ui.screens.charts import ChartsScreen
        from harvest_tui.ui.screens.lot_details import LotDetailsScreen

        here, screen = self.screen, self.get_screen("charts")
        assert isinstance(screen, ChartsScreen)
        lot = here.lot if isinstance(here, LotDetailsScreen) else self.table.lot_at(self.table.cursor)
        screen.position = screen.position if lot is None else (lot.account, lot.asset)
        screen.tab = screen.tab if tab is None else tab
        self.action_open("charts")

    def action_next_theme(self) -> None:
        """Dark, light, then blue and orange."""
        ours = SIXTEEN if self.theme in SIXTEEN else (DARK, LIGHT, BLUE_ORANGE)
        self.theme = ours[(ours.index(self.theme) + 1) % len(ours)] if self.theme in ours else DARK
        if self.memory is not None and self.theme not in SIXTEEN:
            self.memory.keep_theme(self.theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action by name."""
        yield SystemCommand("Sync", "Sync all accounts (s)", self.action_sync)
        yield SystemCommand("Stop sync", "What came is kept; s goes on (S)", self.action_stop_sync)
        for place in places.PLACES:
            if place.key:
                yield SystemCommand(place.title, place.help, partial(self.action_open, place.name))
        yield from self.plan_commands()
        yield SystemCommand("Add account", "Connect an exchange (a)", partial(self.action_open, "add_account"))
        yield SystemCommand("Explain lot", "Why the lot under the cursor is what it is (e)", self.action_explain)
        for tab, chart in enumerate(("Price of the asset", "Losses of the year", "Marginal ladder", "Calendar")):
            yield SystemCommand(
                f"Chart: {chart}", f"Look rather than read (v {tab + 1})", partial(self.action_charts, tab)
            )
        if isinstance(screen.focused, RowView):
            yield SystemCommand("Jump", "Letters at the rows lead there (,)", screen.focused.action_label)
        yield SystemCommand("Help", "The keys of this screen (?)", self.action_help)
        yield from self.table_commands()
        yield SystemCommand("Next theme", "Dark, light, blue and orange (t)", self.action_next_theme)
        yield SystemCommand("Theme", "Choose among all themes", self.action_change_theme)
        yield SystemCommand("Quit", "Leave (q)", self.action_quit)

    # The program's own faults.

    def _fatal_error(self) -> None:
        """In place of Textual's report, which prints local variables."""
        from rich.text import Text

        from harvest_tui.ui.crash import crash_report, log_crash

        error = self._exception
        if error is not None:
            log_crash(error)
            self._exit_renderables.append(Text(crash_report(error)))
        self._close_messages_no_wait()
