"""How the monitor tells of alerts: toasts that keep off the cursor, one ring of the bell, one desktop notification."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from harvest_tui.core.harvest.alert_rules import AlertRules, Severity
from harvest_tui.ui.desktop import notification
from harvest_tui.ui.figure_filter import hidden
from harvest_tui.ui.format import clean, count
from harvest_tui.ui.looks import Looks
from harvest_tui.ui.widgets.alert_lines import TITLES, sentence, value_of
from harvest_tui.ui.widgets.row_view import RowView

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from harvest_tui.core.harvest.alerts import Alert
    from harvest_tui.store.alert_book import Announced

ON_TOP = "-toasts-on-top"
TOAST_SECONDS = 12
_MOST_TOASTS = 2
_TIGHT = 30
"""On screens of fewer lines one toast is enough."""
_RANKS = {Severity.URGENT: 0, Severity.NOTICE: 1, Severity.INFO: 2}
_LOOKS: dict[Severity, Literal["information", "warning", "error"]] = {
    Severity.URGENT: "error",
    Severity.NOTICE: "warning",
    Severity.INFO: "information",
}


def announce(app: App[Any], news: Sequence[Announced], rules: AlertRules, *, is_private: bool) -> None:
    """Tells what is new: the weightiest alerts as toasts, all together by one bell and one desktop notification.

    Where `is_private`, figures are hidden as the screen is shared: no bell, and a notification without figures.
    """
    alerts = sorted((one.alert for one in news), key=_weight)
    most = 1 if app.size.height < _TIGHT else _MOST_TOASTS
    if len(alerts) > most:
        most = 1
    more = len(alerts) - most
    for alert in alerts[:most]:
        words = sentence(alert) + (f" And {count(more, 'alert')} more: 3 lists them." if more > 0 else "")
        app.notify(words, title=title_of(alert), severity=_LOOKS[alert.severity], timeout=TOAST_SECONDS, markup=False)
    place_toasts(app.screen)
    if rules.bell and not is_private:
        app.bell()
    if rules.desktop:
        _notify_desktop(app, alerts, is_private)


def _weight(alert: Alert) -> tuple[int, int, str]:
    value = value_of(alert)
    return _RANKS[alert.severity], -int(value or 0), alert.key


def title_of(alert: Alert) -> str:
    """What it is and of what: `Worth harvesting: kraken BTC`."""
    where = " ".join(clean(part, 30) for part in (alert.account, alert.asset) if part)
    return TITLES[alert.kind] + (f": {where}" if where else "")


def desktop_text(alerts: Sequence[Alert], is_private: bool) -> tuple[str, str]:
    """(title, text) for the desktop: the weightiest alert, and how many there are besides."""
    first, more = alerts[0], len(alerts) - 1
    title = f"harvest: {TITLES[first.kind]}"
    words = sentence(first) + (f" And {count(more, 'alert')} more." if more else "")
    return (hidden(title), hidden(words)) if is_private else (title, words)


def _notify_desktop(app: App[Any], alerts: Sequence[Alert], is_private: bool) -> None:
    driver, looks = app._driver, getattr(app, "looks", None)
    is_ascii = isinstance(looks, Looks) and looks.is_ascii
    sequence = notification(*desktop_text(alerts, is_private), os.environ, is_ascii=is_ascii)
    if sequence and driver is not None and not app.is_headless:
        driver.write(sequence)


def place_toasts(screen: Screen[Any]) -> None:
    """Toasts go to the half of the screen where the cursor is not."""
    view = screen.focused if isinstance(screen.focused, RowView) else next(iter(screen.query("RowView")), None)
    if not isinstance(view, RowView):
        return
    cursor = view.region.y + 1 + view.cursor - view.scroll_offset.y
    is_low = cursor >= screen.size.height // 2
    if screen.has_class(ON_TOP) is not is_low:
        screen.set_class(is_low, ON_TOP)
