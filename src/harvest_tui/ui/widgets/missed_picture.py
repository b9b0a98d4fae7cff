"""The year's losses day by day: what could have been taken at each close, what was, and the best day missed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from harvest_tui.core.harvest.missed import DayLoss, MissedLosses, TakenLoss
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.session.charting import LossYear
from harvest_tui.ui.format import clean, count, money
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.chart import Canvas, Curve, Drawing, Label, Mark, Painter
from harvest_tui.ui.widgets.chart_scale import month_ticks, ticks
from harvest_tui.ui.widgets.paragraph import Part
from harvest_tui.ui.widgets.picture import Picture, listed


def missed_picture(year: LossYear, frame: Frame) -> Picture:
    """The picture up to the latest prices."""
    missed = year.missed
    totals = frame.totals
    now = EXACT.minus(EXACT.add(totals.harvestable_short, totals.harvestable_long))
    if not missed.days or not year.sources:
        return Picture(("missed", None), None, (_now_words(now),), (), empty=_what_to_do(missed, frame))
    today = frame.portfolio.tax_day
    return Picture(
        ("missed", missed.days, missed.taken, now, today),
        _painter(missed, now, today),
        _sentence(missed, now),
        tuple(_notes(year, frame)),
    )


def _what_to_do(missed: MissedLosses, frame: Frame) -> tuple[str, ...]:
    if not missed.days:
        return ("The tax year has no finished day yet: come back tomorrow.",)
    if not missed.unpriced:
        return ("No lot with a known basis was held this year.", "", "a   connects an exchange    !   problems")
    words = f"No past price of {count(len(missed.unpriced), 'asset')} held this year is kept."
    if any(account.exchange for account in frame.accounts):
        return (words, "", "f   asks your exchanges for a year of daily prices and keeps them")
    return (words, "", "a   connects an exchange, which tells prices; then f asks it for a year of daily ones")


def _now_words(now: Decimal) -> str:
    return f"{money(now)} of losses stand open at the latest prices."


def _sentence(missed: MissedLosses, now: Decimal) -> tuple[Part, ...]:
    best = missed.best
    if best is None:
        return ("On no day of this year so far did a lot lose at the close. ", _now_words(now))
    later = missed.taken_after(best.day)
    return (
        "Best day missed: ",
        (f"{best.day}", "bold $soon"),
        f" closed with {money(best.loss)} of losses in {count(best.lots, 'lot')}{_but(best)}; since then ",
        (f"{money(later) if later else 'nothing'} was taken", "$gain"),
        f" ({money(missed.taken_in_all)} all year), ",
        (f"{money(now)} stand open now.", "$loss"),
    )


def _but(best: DayLoss) -> str:
    return f" (not counting {count(best.unpriced, 'asset')} without a price that day)" if best.unpriced else ""


def _notes(year: LossYear, frame: Frame) -> list[str]:
    missed = year.missed
    first, last = missed.days[0].day, missed.days[-1].day
    sources = listed([clean(source, 40) for source in year.sources])
    notes = [
        f"US dollars of loss (not of tax), {first} to {last}: lots held at each close (UTC), then at the latest prices."
        f" Closes: {sources}.",
        "Line: not taken. ╌ taken this year, added up. ▼ best day missed.",
    ]
    days = len(missed.days)
    if missed.unpriced:
        names = [
            f"{clean(asset, 20)} ({count(number, 'day')})"
            for asset, number in sorted(missed.unpriced.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        notes.append(f"Left out for want of a price, of {count(days, 'day')}: {listed(names)}. f asks the exchanges.")
    if missed.unknown:
        names = [clean(asset, 20) for asset in sorted(missed.unknown)]
        notes.append(f"Left out, their basis is unknown: lots of {listed(names)}.")
    return notes


def _painter(missed: MissedLosses, now: Decimal, today: date) -> Painter:
    days = missed.days
    taken = _added_up(missed.taken, days[0].day, today)
    most = max(now, missed.taken_in_all, max(day.loss for day in days)) or Decimal(1)
    x_range = (days[0].day.toordinal(), max(today, days[-1].day + timedelta(days=1)).toordinal())
    y_range = (ZERO, EXACT.multiply(most, Decimal("1.12")))

    def paint(canvas: Canvas) -> Drawing:
        y_ticks = ticks(*y_range, max(3, canvas.rows // 4))
        inner = canvas.inner(y_ticks)
        line = Curve(
            [*(day.day.toordinal() for day in days), x_range[1]],
            [*(day.loss for day in days), now],
            Mark.LINE,
            "loss",
            is_joined=True,
        )
        curves = [line, Curve([x_range[1]], [now], Mark.POINT, "loss")]
        if taken is not None:
            curves.insert(0, taken)
        labels = [] if missed.best is None else [_label(missed.best, y_range[1], x_range)]
        first, last = date.fromordinal(x_range[0]), date.fromordinal(x_range[1])
        return Drawing(x_range, y_range, month_ticks(first, last, max(2, inner.columns // 12)), y_ticks, curves, labels)

    return paint


def _label(best: DayLoss, top: Decimal, x_range: tuple[int, int]) -> Label:
    """A mark above the day with words on the side that has more room."""
    x, mark = best.day.toordinal(), Mark.BEST.value[0]
    if 2 * x > x_range[0] + x_range[1]:
        return Label(f"best missed {best.day} {mark}", x, top, "soon", "right")
    return Label(f"{mark} best missed {best.day}", x, top, "soon", "left")


def _added_up(taken: tuple[TakenLoss, ...], first: date, today: date) -> Curve | None:
    """Losses taken as steps that only rise; None where none was."""
    if not taken:
        return None
    xs, ys, total = [first.toordinal()], [ZERO], ZERO
    for one in taken:
        xs += [one.day.toordinal()] * 2
        ys += [total, total := EXACT.add(total, one.loss)]
    return Curve([*xs, today.toordinal()], [*ys, total], Mark.DASH, "gain", is_joined=True)
