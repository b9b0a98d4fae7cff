"""The marginal ladder: what the next dollar of loss saves, step by step down to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from harvest_tui.core.harvest.ladder import LadderStep
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.session.charting import Ladders
from harvest_tui.ui.format import clip, money, number, trimmed
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.chart import Canvas, Curve, Drawing, Label, Mark, Painter
from harvest_tui.ui.widgets.chart_scale import ticks
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part
from harvest_tui.ui.widgets.picture import Picture

_BEYOND = Decimal("1.25")


def ladder_picture(ladders: Ladders, frame: Frame) -> Picture:
    """Both terms over dollars of further loss, and where today's open losses would reach."""
    totals = frame.totals
    open_losses = (EXACT.minus(totals.harvestable_short), EXACT.minus(totals.harvestable_long))
    return Picture(
        ("ladder", ladders, open_losses),
        _painter(ladders, open_losses),
        _sentence(ladders),
        tuple(_notes(ladders, open_losses)),
        *_table(ladders),
    )


def _sentence(ladders: Ladders) -> tuple[Part, ...]:
    short, long = ladders.short[0].saved_per_dollar, ladders.long[0].saved_per_dollar
    return (
        "The next dollar of short-term loss saves ",
        (f"{_cents(short)} now", "bold $gain" if short else "bold $loss"),
        ", of long-term loss ",
        (f"{_cents(long)}", "bold $gain" if long else "bold $loss"),
        f". {_end(ladders)}",
    )


def _end(ladders: Ladders) -> str:
    ends = [_useless_from(steps) for steps in (ladders.short, ladders.long)]
    if None in ends:
        return ""
    if not any(ends):
        return f"No further loss saves tax of {ladders.year}."
    return f"From {trimmed(max(end or ZERO for end in ends), 2)} on it saves nothing in {ladders.year}."


def _useless_from(steps: Sequence[LadderStep]) -> Decimal | None:
    """The loss from which on nothing more is saved this year; None where the last step still saves."""
    start = None
    for step in reversed(steps):
        if step.saved_per_dollar:
            break
        start = step.from_loss
    return start


def _cents(rate: Decimal) -> str:
    return number(rate, 4 if ROUNDED.remainder(ROUNDED.scaleb(rate, 2), Decimal(1)) else 2)


def _table(ladders: Ladders) -> tuple[Line, tuple[Line, ...]]:
    """Titles and steps, each column as wide as its widest figure."""
    rows = [
        (word, step, _figures(step))
        for word, steps in zip(("short", "long"), ladders[1:3], strict=True)
        for step in steps
    ]
    titles = ("from", "to", "saves/$", "in all")
    widths = [max(map(len, column)) for column in zip(titles, *(figures for _, _, figures in rows), strict=True)]
    header = (
        " Loss  " + " ".join(title.rjust(width) for title, width in zip(titles, widths, strict=True)) + "  It meets"
    )
    lines = []
    for word, step, figures in rows:
        start, to, rate, saved = (text.rjust(width) for text, width in zip(figures, widths, strict=True))
        role = "gain" if step.saved_per_dollar else "muted"
        line = ((" " + clip(word, 6), "title"), (f"{start} {to} ", "plain"), (f"{rate} {saved}  ", role))
        lines.append((*line, (_words(step), "plain")))
    return ((header, "header"),), tuple(lines)


def _figures(step: LadderStep) -> tuple[str, str, str, str]:
    to = "on" if step.to_loss is None else trimmed(step.to_loss, 2)
    saved = "" if step.saved is None else trimmed(step.saved, 2)
    return trimmed(step.from_loss, 2), to, _cents(step.saved_per_dollar), saved


def _words(step: LadderStep) -> str:
    if step.expected_per_dollar == step.saved_per_dollar:
        return step.offsets
    return f"{step.offsets} (expected: {_cents(step.expected_per_dollar)})"


def _notes(ladders: Ladders, open_losses: tuple[Decimal, Decimal]) -> list[str]:
    short, long = open_losses
    notes = [
        f"US dollars of {ladders.year}'s tax saved by one of loss, from your lots and profile as of today; before fees,"
        " and the lower basis is taxed later.",
        f"Line: short-term. ╌ long-term. ┊ open at the latest prices: short {money(short)}, long {money(long)}.",
    ]
    if ladders.limits:
        advice = "! shows what to do." if ladders.gaps else "To tell: harvest-tui profile set."
        notes.append(f"{ladders.limits[0]} {advice}")
    return notes


def _painter(ladders: Ladders, open_losses: tuple[Decimal, Decimal]) -> Painter:
    steps = (*ladders.short, *ladders.long)
    widest = max([step.to_loss or step.from_loss for step in steps] + [Decimal(100)])
    # Today's losses are marked where they reach beyond the last step, but not so far out that the steps are lost.
    right = max(EXACT.multiply(widest, _BEYOND), min(max(open_losses), EXACT.multiply(widest, Decimal(2))))
    top = EXACT.multiply(max([step.saved_per_dollar for step in steps]) or Decimal("0.1"), Decimal("1.15"))
    x_range, y_range = (ZERO, right), (ZERO, top)

    def paint(canvas: Canvas) -> Drawing:
        y_ticks = ticks(*y_range, max(3, canvas.rows // 3))
        inner = canvas.inner(y_ticks)
        curves = [
            _steps(ladders.long, right, Mark.DASH, "soon"),
            _steps(ladders.short, right, Mark.LINE, "gain"),
        ]
        labels: list[Label] = []
        for word, loss in zip(("short", "long"), open_losses, strict=True):
            if ZERO < loss <= right:
                curves.insert(0, Curve([loss, loss], [ZERO, top], Mark.UPRIGHT, "loss", is_joined=True))
                is_right = EXACT.add(loss, loss) > right
                text = f"open {word} " if is_right else f" open {word}"
                labels.append(Label(text, loss, top, "loss", "right" if is_right else "left"))
        return Drawing(x_range, y_range, ticks(*x_range, max(2, inner.columns // 12)), y_ticks, curves, labels)

    return paint


def _steps(steps: Sequence[LadderStep], right: Decimal, mark: Mark, role: str) -> Curve:
    xs: list[Decimal] = []
    ys: list[Decimal] = []
    for step in steps:
        xs += [step.from_loss, right if step.to_loss is None else step.to_loss]
        ys += [step.saved_per_dollar] * 2
    return Curve(xs, ys, mark, role, is_joined=True)
