"""The lines on top: where one is, what it is worth, and how fresh it is."""

from __future__ import annotations

from decimal import Decimal

from rich.cells import cell_len

from harvest_tui.session import FeedState, FeedStatus
from harvest_tui.ui.format import age, arrow_of, clean, count, number, signed, tint_of
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.harvest_line import harvest_parts
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.line_view import LineView

Part = str | tuple[str, str]
_DOTS = {
    FeedStatus.LIVE: ("●", "$gain"),
    FeedStatus.POLLING: ("◐", "$soon"),
    FeedStatus.STALE: ("◌", "$loss"),
    FeedStatus.OFFLINE: ("○", "$loss"),
}
WIDE = 110
"""From so many cells on, feeds share the first line with the title."""


class StatusHeader(LineView):
    """Title, totals, feeds and badges, and what can be harvested: three lines, or four on a narrow screen."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(id="header")
        self._frame = frame

    def draw(self, frame: Frame) -> None:
        """Takes a frame; repaints the lines that read differently."""
        self._frame = frame
        self.take(self._told())

    def on_resize(self) -> None:
        """A narrow screen takes one more line."""
        self.styles.height = 3 if self.size.width >= WIDE else 4
        self.take(self._told())

    def _told(self) -> list[Line]:
        width = self.size.width
        title, feeds, totals = self._title(), self._feeds(), self._totals()
        harvest = harvest_parts(self._frame, is_narrow=width < WIDE, is_unpriced=self._is_unpriced())
        if width >= WIDE:
            room = width - _cells(title) - _cells(feeds)
            if room > 0:
                return [_line([*title, " " * room, *feeds]), _line(totals), _line(harvest)]
        if _cells(feeds) > width:
            feeds = [*self._badges(), (f" {count(len(self._frame.feeds), 'price feed')}", "$muted")]
        return [_line(title), _line(feeds), _line(totals), _line(harvest)]

    def _title(self) -> list[Part]:
        frame = self._frame
        orders = frame.lot_orders
        method = orders[0] if len(orders) == 1 else "mixed" if orders else "FIFO"
        left = (frame.year_end - frame.portfolio.tax_day).days
        assets = len({asset for _, asset in frame.portfolio.positions})
        lots = len(frame.portfolio.ledger.lots)
        return [
            (" harvest", "bold $primary"),
            ("  tax year ", "$muted"),
            (str(frame.portfolio.tax_day.year), "bold"),
            (f"  {count(left, 'day')} left" if self.size.width < WIDE else "", "$soon" if left <= 60 else ""),
            (f"  USD {method}", "$muted"),
            (f"  {count(lots, 'lot')} {count(assets, 'asset')}", ""),
        ]

    def _badges(self) -> list[Part]:
        badges: list[Part] = []
        if self._frame.is_simulated:
            badges += [" ", (" SIMULATOR ", "bold reverse $soon")]
        if self._frame.is_read_only:
            badges += [" ", (" READ-ONLY ", "bold reverse $primary")]
        return badges

    def _feeds(self) -> list[Part]:
        parts: list[Part] = []
        for feed in self._frame.feeds.values():
            dot, colour = _DOTS[feed.status]
            parts += [(f" {dot} ", colour), (clean(feed.exchange, 12), ""), (self._feed_words(feed), colour)]
        return [*self._badges(), *parts, " "]

    def _feed_words(self, feed: FeedState) -> str:
        if feed.status is FeedStatus.LIVE:
            return ""
        since = f" {age(self._frame.now - feed.last_at)}" if feed.last_at is not None else ""
        return since if feed.status is FeedStatus.POLLING else f" {feed.status.value}{since}"

    def _totals(self) -> list[Part]:
        frame, totals = self._frame, self._frame.totals
        is_narrow = self.size.width < WIDE
        gap = "  " if is_narrow else "   "
        places = 0 if is_narrow else 2
        parts: list[Part] = [
            (" Unrealized " if not is_narrow else " P&L ", "$muted"),
            self._result(totals.unrealized, places, arrow_of(totals.unrealized, places).strip()),
        ]
        parts += [(f"{gap}Value ", "$muted"), "-" if self._is_unpriced() else number(totals.value, places)]
        parts += [(f"{gap}Cost ", "$muted"), number(totals.cost_basis, places)]
        if frame.problems:
            parts += [gap, (f"! {count(len(frame.problems), 'problem')}", "bold $soon")]
        if frame.unseen is not None and frame.unseen.alerts:
            colour = "bold $loss" if frame.unseen.is_urgent else "bold $soon"
            parts += [gap, (f"{count(frame.unseen.alerts, 'alert')} · 3", colour)]
        return parts

    def _result(self, value: Decimal, places: int, arrow: str = "") -> Part:
        return "-" if self._is_unpriced() else (signed(value, places) + arrow, tint_of(value, places, is_bold=True))

    def _is_unpriced(self) -> bool:
        """There are lots, and no price of any is known yet: a sum over none of them would read as zero."""
        positions = len(self._frame.portfolio.positions)
        return 0 < positions == self._frame.totals.unpriced


def _cells(parts: list[Part]) -> int:
    return sum(cell_len(part if isinstance(part, str) else part[0]) for part in parts)


def _line(parts: list[Part]) -> Line:
    return tuple((part, "") if isinstance(part, str) else part for part in parts)
