"""What can be harvested now, in the one line of the header that says it."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.ui.format import UNKNOWN, count, number, signed, tint_of
from harvest_tui.ui.frame import Frame

Part = str | tuple[str, str]


def harvest_parts(frame: Frame, *, is_narrow: bool, is_unpriced: bool) -> list[Part]:
    """Losses there are, what the best set saves, the room that is left, and the days to the end of the year.

    What is not known yet is `-`.
    """
    totals = frame.totals
    outlook = None if frame.planner is None else frame.planner.outlook
    gap = "  " if is_narrow else "   "
    short, long = (_loss(loss, is_unpriced) for loss in (totals.harvestable_short, totals.harvestable_long))
    parts: list[Part] = [
        (" Losses " if is_narrow else " Harvestable now ", "$muted"),
        *(("short ", "$muted"), short, (" long ", "$muted"), long),
    ]
    saved = None if outlook is None else outlook.plan.totals.saved_now
    parts += [(f"{gap}saves " if is_narrow else f"{gap}best set saves ", "$muted"), _saved(saved)]
    gains, deduction = (None, None) if outlook is None else outlook.so_far.rooms
    parts += [(f"{gap}room " if is_narrow else f"{gap}room: gains ", "$muted"), _whole(gains)]
    if not is_narrow or outlook is not None:
        parts += [("+" if is_narrow else " deduction ", "$muted"), _whole(deduction)]
    if not is_narrow:
        left = (frame.year_end - frame.portfolio.tax_day).days
        parts += [(f"{gap}{count(left, 'day')} to 31 Dec", "$soon" if left <= 60 else "$muted")]
    return parts


def _loss(loss: Decimal, is_unpriced: bool) -> Part:
    return UNKNOWN if is_unpriced else (signed(loss, 0), tint_of(loss, 0, is_bold=True))


def _saved(saved: Decimal | None) -> Part:
    return UNKNOWN if saved is None else (signed(saved, 0), tint_of(max(saved, Decimal(0)), 0, is_bold=True))


def _whole(value: Decimal | None) -> Part:
    return UNKNOWN if value is None else number(value, 0)
