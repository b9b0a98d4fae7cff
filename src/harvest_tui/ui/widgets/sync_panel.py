"""How each account's sync stands: one quiet line when all is well, a line an account when not."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from textual.content import Content
from textual.widget import Widget

from harvest_tui.core.records import AccountId
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.past_prices import PAST_PRICES
from harvest_tui.ui.format import age, ago, clean, clip
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.quick_lines import QuickLines

Part = str | tuple[str, str]
_MOST_LINES = 6
_RATE_OVER = timedelta(seconds=20)
"""Rows of so long a time tell how fast a stream comes in; exchanges answer in bursts."""
_RATE_FROM = timedelta(seconds=3)
_LONGEST = timedelta(hours=24)


class Pace:
    """How fast the stream under way comes in, and how long the rest of it will take."""

    def __init__(self) -> None:
        self._stream = ""
        self._seen: deque[tuple[datetime, int]] = deque()

    def left(self, state: SyncState, now: datetime) -> timedelta | None:
        """The time to the last row at the pace of the last seconds; None where that cannot be told yet."""
        seen = self._seen
        if state.stream != self._stream or (seen and state.rows < seen[-1][1]):
            self._stream = state.stream
            seen.clear()
        if not seen or state.rows != seen[-1][1]:
            seen.append((now, state.rows))
        while len(seen) > 2 and now - seen[1][0] >= _RATE_OVER:
            seen.popleft()
        if not state.expected_rows or not seen:
            return None
        began, before = seen[0]
        came, passed = state.rows - before, now - began
        if came <= 0 or passed < _RATE_FROM:
            return None
        left = passed * max(0, state.expected_rows - state.rows) // came
        return left if left < _LONGEST else None


class SyncPanel(QuickLines, Widget):
    """Draws the sync states of the last frame."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(id="sync")
        self._frame = frame
        self._text = ""
        self._paces: dict[AccountId, Pace] = {}

    def on_mount(self) -> None:
        """The height is known before the first paint."""
        self.styles.height = len(self._lines())

    def draw(self, frame: Frame) -> None:
        """Takes a frame; repaints only if it reads differently."""
        self._frame = frame
        lines = self._lines()
        if self._join(lines).plain == self._text:
            return
        if self.styles.height is None or self.styles.height.value != len(lines):
            self.styles.height = len(lines)
        self.refresh()

    def render(self) -> Content:
        """The lines as they stand."""
        content = self._join(self._lines())
        self._text = content.plain
        return content

    @staticmethod
    def _join(lines: list[list[Part]]) -> Content:
        parts: list[Part] = []
        for line in lines:
            parts += [*line, "\n"]
        return Content.assemble(*parts[:-1])

    def _lines(self) -> list[list[Part]]:
        states = self._frame.sync_states
        loud = [state for state in states.values() if state.phase is not SyncPhase.DONE]
        if not loud:
            return [_quiet(states, self._frame.now)]
        width = max(20, self.size.width or 80)
        lines = [account_line(state, width, self._left(state)) for state in loud[:_MOST_LINES]]
        if len(loud) > _MOST_LINES:
            lines[-1] = [(f" and {len(loud) - _MOST_LINES + 1} more accounts: see accounts", "$muted")]
        return lines

    def _left(self, state: SyncState) -> timedelta | None:
        if state.phase is not SyncPhase.SYNCING:
            self._paces.pop(state.account, None)
            return None
        return self._paces.setdefault(state.account, Pace()).left(state, self._frame.now)


def _quiet(states: Mapping[AccountId, SyncState], now: datetime) -> list[Part]:
    if not states:
        return [(" no exchange connected: a connects one", "$muted")]
    oldest = min((state.finished_at for state in states.values() if state.finished_at is not None), default=None)
    names = ", ".join(clean(state.account, 16) for state in list(states.values())[:4])
    return [(" ✓", "$gain"), (f" synced {ago(oldest, now)}  {names}", "$muted")]


def sync_under_way(states: Iterable[SyncState]) -> str:
    """Why no other sync is begun just now, where one that was asked for is not done."""
    busy = [state for state in states if state.phase in {SyncPhase.CONNECTING, SyncPhase.SYNCING}]
    if any(state.stream != PAST_PRICES for state in busy):
        return "A sync is under way: S stops it."
    if not busy:
        return "The last sync is being finished: lots are derived anew. Press s again in a moment."
    rows, of = busy[0].rows, busy[0].expected_rows
    done = f" ({rows:,} of {of:,})" if of else ""
    return f"Past prices are still being fetched{done}. Press s again when they are there."


def account_line(state: SyncState, width: int, left: timedelta | None = None) -> list[Part]:
    """One account that is busy or in trouble; `left` is how long the stream will still take."""
    name = clip(clean(state.account, 14), 14)
    if state.phase in {SyncPhase.FAILED, SyncPhase.NEEDS_KEY}:
        words = clean(state.message, 400) or "failed: press s to try again"
        mark = "✗" if state.phase is SyncPhase.FAILED else "?"
        return [(f" {mark} ", "bold $loss"), name, " ", (clip(words, max(10, width - 19)).rstrip(), "$loss")]
    if state.phase is SyncPhase.STOPPED:
        return [(" □ ", "$soon"), name, " ", (clip(clean(state.message, 400), max(10, width - 19)).rstrip(), "$muted")]
    bar, room = (20, 18) if width >= 100 else (12, 12)
    stream = clip(clean(state.stream or state.phase.value, room), room)
    parts: list[Part] = [(" ⟳ ", "$soon"), name, " ", (stream, "$muted"), " "]
    if state.phase is not SyncPhase.SYNCING:
        return parts
    unit = "prices" if state.stream == PAST_PRICES else "rows"
    if state.expected_rows:
        done = min(state.rows, state.expected_rows)
        filled = done * bar // state.expected_rows
        parts += [("━" * filled, "$gain"), ("─" * (bar - filled), "$muted")]
        words = f" {done * 100 // state.expected_rows:3d}%  {state.rows:,} of {state.expected_rows:,} {unit}"
        return [*parts, words, ("" if left is None else f", {age(left)} left", "$muted")]
    return [*parts, f"{state.rows:,} {unit}" + (" so far, first sync" if state.is_first else "")]
