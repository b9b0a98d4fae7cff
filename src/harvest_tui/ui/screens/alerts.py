"""The journal of alerts: what was told, what to do about it, and what to be silent about."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from harvest_tui.core.harvest.alert_rules import AlertKind, AlertRules
from harvest_tui.core.harvest.rule_words import quiet_words, rule_lines
from harvest_tui.core.harvest.silence import HOW, read_silence
from harvest_tui.core.records import Asset
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.ui.format import clean, clip, count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.alert_lines import (
    NEXT,
    ROLES,
    TITLES,
    header,
    journal_line,
    sentence,
    silence_words,
    when,
)
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.paragraph import Paragraph
from harvest_tui.ui.widgets.prompt_line import PromptLine
from harvest_tui.ui.widgets.row_view import RowView

if TYPE_CHECKING:
    from harvest_tui.session.alerting import Alerting, Told
    from harvest_tui.store.alert_book import Announced

ONE_DAY, ONE_WEEK = timedelta(hours=24), timedelta(days=7)
_SETTING = 27
RULE_HEADER: Line = ((clip("  config.toml [alerts]", _SETTING), "header"), ("What is told", "header"))


class AlertsScreen(LiveScreen):
    """One line an alert, the newest on top, then the muted assets; the one under the cursor is told in full below."""

    TITLE = "alerts"
    DEFAULT_CSS = "AlertsScreen .detail { max-height: 9; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "snooze", "Snooze 24 hours; again: 7 days; again: wake it", id="alerts.snooze"),
        Binding("Z", "snooze_for", "Snooze for a time, or until it changes by dollars", id="alerts.snooze_for"),
        Binding("x", "mute", "Mute the asset, or tell of it again", id="alerts.mute"),
        Binding("r", "rules", "What is told and from where on", id="alerts.rules"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._told: Told | None = None
        self._version = -1
        self._new_after: int | None = None
        """Alerts with a higher number were not seen before the screen was opened."""
        self._shows_rules = False

    def compose(self) -> ComposeResult:
        """Title, journal, the whole alert, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="alert-list", header=header())
        yield LineList(id="rule-list", header=RULE_HEADER)
        yield Paragraph(classes="detail")
        yield PromptLine()
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("enter", "its lots", "screen.open_lots"),
            Key("z", "snooze", "screen.snooze"),
            Key("Z", "for how long", "screen.snooze_for"),
            Key("x", "mute asset", "screen.mute"),
            Key("r", "rules", "screen.rules"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    # What is there.

    @property
    def _alerting(self) -> Alerting | None:
        try:
            return self.owner.session.alerting
        except InputError:
            return None

    @property
    def _journal(self) -> tuple[Announced, ...]:
        return () if self._told is None else self._told.journal

    @property
    def _muted(self) -> list[Asset]:
        return [] if self._told is None else sorted(self._told.muted)

    @property
    def _rows(self) -> LineList:
        return self.query_one("#alert-list", LineList)

    @property
    def _is_about_rules(self) -> bool:
        return self._shows_rules or (self._told is not None and not self._journal and not self._muted)

    def chosen(self) -> Announced | None:
        """The alert under the cursor."""
        row = self._rows.cursor
        return self._journal[row] if row < len(self._journal) and not self._is_about_rules else None

    def _asset_here(self) -> Asset | None:
        """That of the alert, or the muted one, under the cursor."""
        found = self.chosen()
        if found is not None:
            return found.alert.asset
        row = self._rows.cursor - len(self._journal)
        return self._muted[row] if 0 <= row < len(self._muted) and not self._is_about_rules else None

    # Drawing.

    def on_screen_resume(self) -> None:
        """What was told until now counts as seen, and keeps its mark until the screen is left."""
        self._new_after = None
        self._version = -1
        self._shows_rules = False
        self.app.clear_notifications()
        super().on_screen_resume()

    def draw(self, frame: Frame) -> None:
        """Reads the journal where it has changed."""
        alerting = self._alerting
        if alerting is not None and (self._version != alerting.version or alerting.unseen.alerts):
            self._version = alerting.version
            self._read(alerting)
        elif alerting is None:
            self._show()

    @work(group="journal", exclusive=True, exit_on_error=False)
    async def _read(self, alerting: Alerting) -> None:
        told = await alerting.told()
        self._new_after = told.seen_until if self._new_after is None else self._new_after
        self._told = told
        await alerting.mark_seen()
        self._version = alerting.version
        self._show()

    def _show(self) -> None:
        told, rows, rules = self._told, self._rows, self.query_one("#rule-list", LineList)
        muted = f"  muted: {', '.join(clean(asset, 12) for asset in self._muted[:6])}" if self._muted else ""
        title = "alerts" if told is None else count(len(told.journal), "alert")
        self.query_one(".title-line", Paragraph).show(f"harvest › {title}", (clip(muted, 60).rstrip(), "$muted"))
        if told is None:
            rows.show((), empty=("", "The journal is being read."))
        else:
            is_empty = not told.journal and not told.muted
            rows.show(self._lines(told))
            rules.show(rule_list(told.rules, self.size.width, is_empty))
            rows.display, rules.display = not self._is_about_rules, self._is_about_rules
            if not self.query_one(PromptLine).is_asking:
                (rules if self._is_about_rules else rows).focus()
        self._tell()

    def _lines(self, told: Told) -> list[Line]:
        now, after = self.owner.session.now(), self._new_after or 0
        lines = []
        for one in told.journal:
            alert = one.alert
            silence = "muted" if alert.asset in told.muted else "snoozed" if alert.key in told.snoozes else ""
            is_new = one.number > after or not one.number
            lines.append(journal_line(alert, when(alert.at, told.zone, now), is_new, silence))
        return lines + [_muted_line(asset) for asset in self._muted]

    def _tell(self) -> None:
        detail, told, found = self.query_one(".detail", Paragraph), self._told, self.chosen()
        asset = self._asset_here()
        detail.display = found is not None or asset is not None
        if told is None or not detail.display:
            return
        if found is None:
            detail.show((f"{clean(asset or '', 40)} is muted\n", "bold"), "Nothing is told of it. x tells of it again.")
            return
        alert = found.alert
        silence = silence_words(told.snoozes.get(alert.key), told.zone)
        if alert.asset in told.muted:
            silence = f"{clean(alert.asset or '', 40)} is muted"
        where = " ".join(clean(part, 40) for part in (alert.account, alert.asset) if part)
        detail.show(
            (TITLES[alert.kind], f"bold ${ROLES[alert.severity]}"),
            (f"  {where}" if where else "", "bold"),
            (f"  {alert.at.astimezone(told.zone):%Y-%m-%d %H:%M %Z}", "$muted"),
            (f"  {silence}\n" if silence else "\n", "$soon"),
            f"{sentence(alert)}\n",
            ("→ ", "bold $soon"),
            NEXT[alert.kind],
        )

    def on_row_view_moved(self, _: RowView.Moved) -> None:
        """Tells the next alert in full."""
        self._tell()

    # Wishes.

    def on_row_view_chosen(self, _: RowView.Chosen) -> None:
        """Goes to the lots it speaks of."""
        self.action_open_lots()

    def action_open_lots(self) -> None:
        """The monitor, with nothing but the lots that the alert speaks of."""
        from harvest_tui.ui.screens.monitor import MonitorScreen

        found, asset = self.chosen(), self._asset_here()
        words = filter_for(found) if found is not None else f'asset:"{clean(asset, 40)}"' if asset else ""
        monitor = self.app.screen_stack[0]
        if not words or not isinstance(monitor, MonitorScreen):
            self._say("It speaks of no lots.")
            return
        self.app.call_later(self._go, monitor, words)

    async def _go(self, monitor: Any, words: str) -> None:
        await self.run_action("app.open('lots')")
        monitor.table.filter_by(words)

    def action_rules(self) -> None:
        """The rules in the place of the journal, or the journal again."""
        self._shows_rules = not self._shows_rules
        self._show()

    def action_snooze(self) -> None:
        """A day of silence, then a week, then none."""
        found, told, alerting = self._may_silence()
        if found is None or told is None or alerting is None:
            return
        snooze, now = told.snoozes.get(found.alert.key), self.owner.session.now()
        if snooze is None:
            self._keep(alerting.snooze(found.number, now + ONE_DAY))
        elif snooze.until is not None and snooze.until - now <= ONE_DAY:
            self._keep(alerting.snooze(found.number, now + ONE_WEEK))
        else:
            self._keep(alerting.wake(found.number))

    def action_snooze_for(self) -> None:
        """Asks for how long."""
        found, _, _ = self._may_silence()
        if found is not None:
            words = f"Be silent about {TITLES[found.alert.kind].lower()} {clean(found.alert.asset or '', 20)} for"
            self.query_one(PromptLine).ask(words.strip(), found, hint=HOW)

    def on_prompt_line_answered(self, event: PromptLine.Answered) -> None:
        """Snoozes as it was typed; what cannot be read stays to be mended."""
        from harvest_tui.store.alert_book import Announced

        prompt, found, alerting = self.query_one(PromptLine), event.about, self._alerting
        if alerting is None or not isinstance(found, Announced):
            return
        try:
            silence = read_silence(event.text)
            if silence.change is not None and not found.alert.kind.is_in_dollars:
                raise InputError("that alert is not about dollars", "write a time like 7d")
        except InputError as error:
            prompt.refuse(f"{error.happened}. {error.hint}")
            return
        prompt.close()
        self._rows.focus()
        until = None if silence.span is None else self.owner.session.now() + silence.span
        self._keep(alerting.snooze(found.number, until, silence.change))

    def on_prompt_line_left(self) -> None:
        """Back to the journal."""
        self._rows.focus()

    def action_mute(self) -> None:
        """No alerts about the asset, or alerts again."""
        asset, alerting, told = self._asset_here(), self._alerting, self._told
        if asset is None or alerting is None or told is None:
            self._say("x is for an alert about one asset.")
        elif asset in told.muted:
            self._keep(alerting.unmute(asset))
        else:
            self._keep(alerting.mute(asset))

    def _may_silence(self) -> tuple[Announced | None, Told | None, Alerting | None]:
        found = self.chosen()
        if found is None:
            self._say("Put the cursor on an alert.")
        elif not found.number:
            self._say("Another harvest-tui keeps the journal: snooze there.")
            found = None
        return found, self._told, self._alerting

    @work(group="silence", exit_on_error=False)
    async def _keep(self, asked: Coroutine[Any, Any, object]) -> None:
        await asked

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What was kept is seen at once; what could not be is told."""
        if event.worker.group == "silence" and event.state is WorkerState.SUCCESS:
            self.draw(self.owner.frame)
        elif event.state is WorkerState.ERROR and isinstance(event.worker.error, HarvestError):
            error = event.worker.error
            self.notify(clean(f"{error.happened}. {error.hint}", 300), severity="error", markup=False, timeout=8)

    def _say(self, words: str) -> None:
        self.notify(clean(words, 200), markup=False, timeout=4)


def filter_for(found: Announced) -> str:
    """What the lots of the alert are found by; "" where it speaks of none."""
    alert = found.alert
    if alert.kind is AlertKind.YEAR_END:
        return "loss"
    if not alert.asset:
        return ""
    asset, account = (clean(name or "", 40).replace('"', "") for name in (alert.asset, alert.account))
    return f'asset:"{asset}"' + (f' account:"{account}"' if account else "")


def _muted_line(asset: Asset) -> Line:
    return (("   ", "muted"), (clip("muted", 30), "stale"), (clip(clean(asset), 7) + " ", "title"),
            ("  nothing is told of it: x tells of it again", "muted"))  # fmt: skip


def rule_list(rules: AlertRules, width: int, is_empty: bool) -> list[Line]:
    """The rules, one line each, and how to change them; where nothing was told yet, what will be."""
    lines: list[Line] = [(("  Nothing was told yet. You will be told of:", "title"),)] if is_empty else []
    for rule in rule_lines(rules):
        role = "plain" if rule.is_on else "muted"
        words = rule.words if rule.is_on else f"off: {rule.words}"
        for at, part in enumerate(wrap(words, max(30, width - _SETTING - 2))):
            lines.append(((clip(f"  {rule.setting}" if not at else "", _SETTING), "soon"), (part, role)))
    lines.append((("", "plain"),))
    words = f"{quiet_words(rules)} Each line is a setting of the [alerts] table in config.toml."
    return lines + [(("  " + part, "muted"),) for part in wrap(words, max(30, width - 4))]
