"""The lower part of the planner: one lot and its two clocks, the ladder, the best set, and what was not told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from textwrap import wrap
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.clocks import clocks_of
from harvest_tui.core.harvest.ladder import LadderStep
from harvest_tui.core.harvest.outlook import Outlook, Proposal
from harvest_tui.core.harvest.targets import Aim, Target
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.session.planner import Untold
from harvest_tui.ui.format import clean, clip, count, day, exact, money, result_role, signed, trimmed
from harvest_tui.ui.widgets.clock_words import turning_words, year_end_words
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.lot_cells import acquired_on

AIMS = {
    Aim.BEST: "largest net benefit",
    Aim.OFFSET_GAINS: "offset this year's gains",
    Aim.MAX_DEDUCTION: "gains and the yearly deduction",
    Aim.LOSS: "so much loss",
    Aim.GAIN: "untaxed long-term gains",
}
_BLOCKS = " ▏▎▍▌▋▊▉█"
_LABEL = 15
_HUNDRED = Decimal(100)


def bar(part: Decimal, whole: Decimal, cells: int) -> str:
    """`part` of `whole` as a bar of eighths of a cell; anything above nothing shows."""
    if part <= 0 or whole <= 0:
        return " " * cells
    eighths = max(1, min(cells * 8, int(ROUNDED.divide(part * 8 * cells, whole))))
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_BLOCKS[rest] if rest else "")).ljust(cells)


def target_words(target: Target) -> str:
    """What the best set is chosen for."""
    words = AIMS[target.aim]
    return f"{words}: {money(target.amount)}" if target.aim in (Aim.LOSS, Aim.GAIN) else words


def lot_lines(
    lot: Lot, found: Proposal | None, price: Decimal | None, outlook: Outlook, width: int, most: int
) -> list[Line]:
    """Why the lot is proposed or not, its two clocks, and what buying it back comes to."""
    title: Line = (
        (f" {clean(lot.asset, 12)} ", "title"),
        (clip(f"{clean(lot.account, 16)}, {exact(lot.quantity)} bought {day(acquired_on(lot))}", width - 16), "muted"),
    )
    lines: list[Line] = [title]
    why = outlook.words.get(lot.lot_id, "not weighed yet")
    lines += [_said("why", text, at) for at, text in enumerate(wrap(clean(why, 400), max(20, width - _LABEL))[:2])]
    if price is not None:
        lines += _clocks(lot, lot.quantity if found is None else found.quantity, price, outlook)
    if found is not None:
        lines += _buying_back(found)
    return lines[:most]


def _said(label: str, text: str, line: int = 0, role: str = "plain") -> Line:
    return ((clip(f"  {label}" if not line else "", _LABEL), "muted"), (text, role))


def _clocks(lot: Lot, quantity: Decimal, price: Decimal, outlook: Outlook) -> list[Line]:
    zone = outlook.deadline.tzinfo
    if not isinstance(zone, ZoneInfo):
        return []
    clocks = clocks_of(lot, quantity, price, outlook.bill, outlook.profile, outlook.as_of, zone)
    if clocks is None:
        return []
    turns, role = turning_words(clocks)
    ends = year_end_words(clocks.saved_now, clocks.saved_next)
    return [_said("long-term", turns, 0, role), _said("after 31 Dec", ends)]


def _buying_back(found: Proposal) -> list[Line]:
    again = found.rebought
    basis = f"basis {money(again.cost_basis)}, long-term {day(again.long_term_on)}"
    delay = f" (+{again.delayed_days:,} d)" if again.delayed_days else ""
    parts = []
    if again.rise_while_out is not None:
        parts.append(f"{_percent(again.rise_while_out)} while out")
    if again.rise_if_sold_early is not None:
        parts.append(f"{_percent(again.rise_if_sold_early)} if sold within a year")
    lines = [_said("buy back", basis + delay)]
    return [*lines, _said("break-even", "a rise of " + ", ".join(parts))] if parts else lines


def _percent(part: Decimal) -> str:
    return f"{signed(EXACT.multiply(part, _HUNDRED), 1)} %"


def ladder_lines(steps: Sequence[LadderStep], term: Term, marked: Decimal, most: int) -> list[Line]:
    """What each further dollar of loss saves; `marked` are dollars of loss of that term that are marked already."""
    lines: list[Line] = [((f" Next dollar of {term.value}-term loss saves", "title"),)]
    shown = steps[:most]
    whole = max((step.saved_per_dollar for step in shown), default=ZERO)
    ends = ["beyond" if step.to_loss is None else f"to {trimmed(step.to_loss, 0)}" for step in shown]
    for step, end in zip(shown, ends, strict=True):
        is_here = marked >= step.from_loss and (step.to_loss is None or marked < step.to_loss)
        cents = trimmed(EXACT.multiply(step.saved_per_dollar, _HUNDRED), 1, 1)
        role = "soon" if is_here else "plain" if step.saved_per_dollar else "muted"
        lines.append(
            (
                (" " + bar(step.saved_per_dollar, whole, 7), "primary" if step.saved_per_dollar else "muted"),
                (f" {cents:>4}¢ ", role),
                (end.ljust(max(map(len, ends))), role),
                (" ◂ " if is_here else "   ", role),
                (step.offsets, role if is_here else "muted"),
            )
        )
    if len(steps) > len(shown):
        lines.append(((f"  and {count(len(steps) - len(shown), 'step')} more", "muted"),))
    return lines


def ladder_line(steps: Sequence[LadderStep], term: Term, width: int) -> Line:
    """The ladder in one line, for a low screen."""
    parts = []
    for step in steps:
        cents = trimmed(EXACT.multiply(step.saved_per_dollar, _HUNDRED), 1)
        parts.append(f"{cents}¢" + ("" if step.to_loss is None else f" to {trimmed(step.to_loss, 0)}"))
    return ((f" {term.value} $1 saves ", "muted"), (clip(" › ".join(parts), width - 18).rstrip(), "plain"))


def best_lines(outlook: Outlook, width: int) -> list[Line]:
    """The best set for the target in one line and what remains in another."""
    plan = outlook.plan
    totals = plan.totals
    what = count(len(plan.marks), "lot") if plan.marks else "nothing to sell"
    sure = "" if plan.is_exact else f", within {money(rounded(plan.gap, 2))} of the best"
    first: Line = (
        (" Best set ", "title"),
        (f"for {target_words(plan.target)}", "muted"),
        ("   A", "soon"),
        (" marks it  ", "muted"),
        ("T", "soon"),
        (" next target", "muted"),
    )
    second: Line = (
        (f"  {what}, loss {money(totals.loss)}, saves {money(totals.saved_now)}, net ", "plain"),
        (signed(totals.net), result_role(totals.net)),
        (sure, "muted"),
    )
    return [first, second]


def left_lines(outlook: Outlook, width: int, most: int) -> list[Line]:
    """How many lots are left, by reason."""
    said = "; ".join(f"{number:,} × {clean(why, 120)}" for why, number in outlook.reasons)
    nothing = "every open lot is in it" if outlook.plan.marks else "no lot is open"
    lines = wrap(f"left: {said}" if said else nothing, max(20, width - 3))
    if len(lines) > most > 0:
        lines = [*lines[: most - 1], clip(" ".join(lines[most - 1 :]), width - 3)]
    return [((f"  {line}", "muted"),) for line in lines[:most]]


def untold_lines(told: Sequence[Untold], width: int, most: int) -> list[Line]:
    """What was not told, what is assumed for it, and how to tell it, in `most` lines or fewer."""
    if not told or most < 1:
        return []
    command = f"→ {told[0].command}"
    names = ", ".join(one.name for one in told)
    short = f" not told: {names}"
    if len(short) + len(command) + 2 <= width:
        return [((short + "  ", "soon"), (command, "muted"))]
    if most == 1:
        room = max(10, width - len(command) - 3)
        return [((clip(short, room) + "  ", "soon"), (command, "muted"))]
    full = wrap("not told: " + "; ".join(f"{one.name} ({one.assumed})" for one in told), max(20, width - 2))
    lines = full if len(full) < most else wrap(f"not told: {names}", max(20, width - 2))[: most - 1]
    return [*(((f" {text}", "soon"),) for text in lines), ((f" {command}", "muted"),)]
