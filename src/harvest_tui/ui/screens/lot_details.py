"""One lot with every digit, where its basis comes from, and what its term means."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from textual.app import ComposeResult

from harvest_tui.core.lots.cautions import utc_words, year_words
from harvest_tui.core.lots.ledger import Lot, Provenance
from harvest_tui.core.portfolio import LotValue
from harvest_tui.ui.format import UNKNOWN, age, clean, clip, count, day, exact, signed, trimmed
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.screens.live import LiveScreen
from harvest_tui.ui.widgets.clock_words import turning_words, year_end_words
from harvest_tui.ui.widgets.key_bar import Key, KeyBar
from harvest_tui.ui.widgets.line_list import Line, LineList
from harvest_tui.ui.widgets.lot_cells import LotRow, acquired_on, direction, held_text, term_word
from harvest_tui.ui.widgets.paragraph import Paragraph

_BASIS = {
    Provenance.PROVEN: "proven by the purchase",
    Provenance.TRANSFERRED: "carried over from another own account",
    Provenance.ASSUMED: "assumed: nothing proves it",
    Provenance.UNKNOWN: "unknown: import what brought these units in",
}


class LotDetailsScreen(LiveScreen):
    """Label and figure, line by line; prices stay live."""

    TITLE = "lot"

    def __init__(self) -> None:
        super().__init__()
        self.lot: Lot | None = None

    def compose(self) -> ComposeResult:
        """Title, figures, keys."""
        yield Paragraph(classes="title-line")
        yield LineList(id="lot-lines", header=((" ", "header"),))
        yield KeyBar(
            Key("esc", "back", "app.back"),
            Key("e", "explain", "app.explain"),
            Key("?", "help", "app.help"),
            Key("q", "quit", "app.quit"),
        )

    def draw(self, frame: Frame) -> None:
        """Takes the lot's figures of the frame; a lot that is gone says so."""
        lot = self.lot
        if lot is None:
            return
        self.lot = next((each for each in frame.portfolio.ledger.lots if each is lot), None) or next(
            (each for each in frame.portfolio.ledger.lots if each.lot_id == lot.lot_id), lot
        )
        self.query_one(".title-line", Paragraph).show(
            f"harvest › {clean(lot.asset, 30)} in {clean(lot.account, 30)}, acquired {day(acquired_on(lot))}"
        )
        self.query_one(LineList).show(lines_of(self.lot, frame))


def lines_of(lot: Lot, frame: Frame) -> list[Line]:
    """Every figure of the lot with its name."""
    value = frame.portfolio.value_of(lot)
    row = LotRow(lot, value, frame.portfolio.tax_day, frame.stale.get((lot.account, lot.asset), ""))
    lines = [
        _line("asset", clean(lot.asset, 80), "title"),
        _line("account", clean(lot.account, 80)),
        _line("quantity", exact(lot.quantity)),
        _line("acquired", f"{lot.acquired_at:%Y-%m-%d %H:%M:%S} UTC, tax day {day(acquired_on(lot))}"),
        _line("term", f"{term_word(row)}-term today ({held_text(row)}); long-term from {day(lot.long_term_on)}"),
        *_utc_lines(lot, frame),
        _line("cost basis", _dollars(lot.cost_basis)),
        _line("unit cost", "-" if value.unit_cost is None else f"{trimmed(value.unit_cost, 12, 2)} USD (break-even)"),
        _line("basis is", _BASIS[lot.provenance], "plain" if lot.provenance is Provenance.PROVEN else "soon"),
    ]
    if lot.loss_basis is not None:
        lines.append(_line("loss basis", f"{_dollars(lot.loss_basis)} (a gift: losses are measured from here)"))
    return lines + _live_lines(row, value, frame) + _clock_lines(lot, value, frame) + _identity(lot)


def _utc_lines(lot: Lot, frame: Frame) -> list[Line]:
    """What a broker's form, made in UTC, may show otherwise."""
    at, day = frame.portfolio.as_of, frame.portfolio.tax_day
    words = "; ".join(one for one in (utc_words(lot, at, day), year_words(at, day)) if one)
    return [_line("in UTC", words, "soon")] if words else []


def _live_lines(row: LotRow, value: LotValue, frame: Frame) -> list[Line]:
    quote = value.quote
    if quote is None:
        return [_line("price", f"{UNKNOWN}  no price is known", "soon")]
    since = age(frame.now - quote.at)
    percent = UNKNOWN if value.unrealized_percent is None else f"{signed(value.unrealized_percent, 2)} %"
    arrow = "" if not value.unrealized else "▲ +" if value.unrealized > 0 else "▼ "
    old = f"  STALE, {row.old} old" if row.old else ""
    return [
        _line("", ""),
        _line("price", f"{exact(quote.price)} USD{old}", "stale" if row.old else "plain"),
        _line("from", f"{clean(quote.source, 60)}, {since} ago", "muted"),
        _line("value", _dollars(value.value)),
        _line("unrealized", f"{arrow}{_dollars(value.unrealized)}", direction(row)),
        _line("", percent, direction(row)),
    ]


def _clock_lines(lot: Lot, value: LotValue, frame: Frame) -> list[Line]:
    """What time does to a sale of the lot at the latest price, once the year's tax is known."""
    outlook = None if frame.planner is None else frame.planner.outlook
    if outlook is None or value.quote is None:
        return []
    from harvest_tui.core.harvest.clocks import clocks_of

    zone = outlook.deadline.tzinfo
    assert isinstance(zone, ZoneInfo)
    clocks = clocks_of(lot, lot.quantity, value.quote.price, outlook.bill, outlook.profile, frame.now, zone)
    if clocks is None:
        return []
    turns, role = turning_words(clocks)
    ends = year_end_words(clocks.saved_now, clocks.saved_next)
    return [
        _line("", ""),
        _line("two clocks", "what waiting does to a sale at this price, by this year's tax", "muted"),
        _line("long-term", turns, role),
        _line(
            "after 31 Dec",
            f"{count(clocks.days_left, 'day')} left: {ends}",
            "soon" if clocks.saved_now > 0 else "plain",
        ),
    ]


def _identity(lot: Lot) -> list[Line]:
    return [
        _line("", ""),
        _line("lot id", clean(lot.lot_id, 160), "muted"),
        _line("opened by", clean(lot.origin_id, 160), "muted"),
    ]


def _dollars(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{exact(value)} USD"


def _line(label: str, text: str, role: str = "plain") -> Line:
    return ((" " + clip(label, 14), "muted"), (text, role))
