"""Named plans beside each other: what each makes of the year, and where two of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from harvest_tui.core.identification.marks import Difference, Mark
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import EXACT
from harvest_tui.core.records import LotId
from harvest_tui.core.tax.taxpayer import FederalReturn
from harvest_tui.session.plan_sums import Compared, PlanSum
from harvest_tui.ui.format import UNKNOWN, clean, count, exact, money, signed
from harvest_tui.ui.widgets.lane_table import Column, dollars, fitting, header_of, role_of, row_of
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part as Words
from harvest_tui.ui.widgets.row_view import Piece

COLUMNS = (
    Column("", 3, 0, True),
    Column("Plan", 20, 0, True),
    Column("Marks", 6, 3),
    Column("Loss", 13, 2),
    Column("Saved now", 13, 5),
    Column("Owed later", 13, 6),
    Column("Fees", 11, 7),
    Column("Net benefit", 13, 1),
    Column("Tax after", 14, 4),
    Column("Carried out", 13, 8),
)


def plan_rows(compared: Compared, width: int) -> tuple[Line, list[Line]]:
    """Titles and one line a plan, as many columns as fit."""
    kept = fitting(COLUMNS, width)
    lines = [row_of(COLUMNS, kept, _cells(one, compared)) for one in compared.plans]
    return header_of(COLUMNS, kept), lines


def _cells(one: PlanSum, compared: Compared) -> tuple[Piece, ...]:
    is_active = one.plan.name == compared.active
    known, after = one.sum, return_of(one, compared)
    totals = None if known is None else known.totals
    return (
        ("▸" if is_active else "", "soon"),
        (clean(one.plan.name), "title" if is_active else "plain"),
        (f"{len(one.marked):,}", "plain" if one.marked else "muted"),
        (UNKNOWN if totals is None else dollars(totals.loss, 12), "plain"),
        (UNKNOWN if totals is None else dollars(totals.saved_now, 12), "plain"),
        (UNKNOWN if totals is None else dollars(totals.owed_later, 12), "muted"),
        (UNKNOWN if totals is None else dollars(totals.fees, 10), "muted"),
        (
            UNKNOWN if totals is None else dollars(totals.net, 12, has_sign=True),
            role_of(None if totals is None else totals.net),
        ),
        (UNKNOWN if after is None else dollars(after.total_tax, 13), "plain"),
        (UNKNOWN if after is None else dollars(carried(after), 12), "muted"),
    )


def return_of(one: PlanSum, compared: Compared) -> FederalReturn | None:
    """The year's return with the plan; as it stands where nothing is marked."""
    if one.sum is not None:
        return one.sum.after
    return None if one.marked else compared.before


def carried(told: FederalReturn) -> Decimal:
    """Losses carried out of the year, both terms."""
    return EXACT.add(told.carry_short_out, told.carry_long_out)


def plan_words(
    one: PlanSum,
    other: PlanSum | None,
    compared: Compared,
    differences: Sequence[Difference],
    lots: Mapping[LotId, Lot],
) -> list[list[Words]]:
    """The plan before and after, and what it does otherwise than `other`; a list of parts for each line."""
    name = clean(one.plan.name, 40)
    lines: list[list[Words]] = [[(f"{name}: {count(len(one.marked), 'lot')} marked", "bold")]]
    before, after = compared.before, return_of(one, compared)
    if before is None or after is None:
        lines.append([("  the lots are being weighed", "$muted")])
    else:
        lines.append(
            [
                ("  federal tax ", "$muted"),
                f"{money(before.total_tax)} → {money(after.total_tax)}",
                ("   net short ", "$muted"),
                f"{signed(before.net_short)} → {signed(after.net_short)}",
                ("   net long ", "$muted"),
                f"{signed(before.net_long)} → {signed(after.net_long)}",
                ("   carried ", "$muted"),
                f"{money(carried(before))} → {money(carried(after))}",
            ]
        )
    if one.sum is not None and one.sum.left_out:
        lines.append([(f"  ! {count(one.sum.left_out, 'mark')} in no figure: no basis, no price or gone", "$soon")])
    if other is not None:
        lines += _against(one, other, compared, differences, lots)
    return lines


def _against(
    one: PlanSum, other: PlanSum, compared: Compared, differences: Sequence[Difference], lots: Mapping[LotId, Lot]
) -> list[list[Words]]:
    name = clean(other.plan.name, 40)
    mine, theirs = return_of(one, compared), return_of(other, compared)
    head: list[Words] = [(f"  against {name}: ", "bold"), count(len(differences), "lot") + " otherwise"]
    if mine is not None and theirs is not None:
        head.append(f", tax {signed(EXACT.subtract(mine.total_tax, theirs.total_tax))}")
    if one.sum is not None and other.sum is not None:
        change = EXACT.subtract(one.sum.totals.net, other.sum.totals.net)
        head += [", net benefit ", (signed(change), f"${role_of(change)}" if change else "")]
    lines: list[list[Words]] = [head]
    for one_lot in differences:
        mark = one_lot.here or one_lot.there
        if mark is not None:
            lot = lots.get(one_lot.lot_id)
            lines.append(
                [
                    f"    {clean(mark.asset, 12)} in {clean(mark.account, 20)}: ",
                    _units(one_lot.here, lot),
                    (" here, ", "$muted"),
                    _units(one_lot.there, lot),
                    (f" in {name}   {clean(one_lot.lot_id, 60)}", "$muted"),
                ]
            )
    return lines


def _units(mark: Mark | None, lot: Lot | None) -> str:
    if mark is None:
        return "not marked"
    if mark.quantity is not None:
        return exact(mark.quantity)
    return "all" if lot is None else f"all {exact(lot.quantity)}"
