"""Plans and their marks, as the user left them. They point at lots by id and hold on to them whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from harvest_tui.core.identification.marks import Mark, Plan, Plans
from harvest_tui.core.records import AccountId, Asset, LotId
from harvest_tui.store.columns import marks as question_marks
from harvest_tui.store.columns import number_text
from harvest_tui.store.engine import Rows, Transaction, Value

_COLUMNS = "plan_id, lot_id, place, account, asset, quantity, reason"
_COLUMN_COUNT = 7


async def plans(source: Rows) -> Plans:
    """All plans with their marks, and the active one."""
    rows = await source.rows("SELECT plan_id, name, is_active FROM plans ORDER BY place")
    if not rows:
        return Plans()
    kept = tuple([Plan(name, tuple((await _marks(source, plan_id)).values())) for plan_id, name, _ in rows])
    active = next((name for _, name, is_active in rows if is_active), rows[0][1])
    return Plans(kept, active)


async def _marks(source: Rows, plan_id: int) -> dict[int, Mark]:
    """The marks of a plan by place, in order."""
    rows = await source.rows(
        "SELECT place, lot_id, account, asset, quantity, reason FROM marks WHERE plan_id = ? ORDER BY place",
        (plan_id,),
    )
    return {
        place: Mark(LotId(lot_id), AccountId(account), Asset(asset), None if units is None else Decimal(units), reason)
        for place, lot_id, account, asset, units, reason in rows
    }


async def save(transaction: Transaction, wanted: Plans) -> None:
    """Writes what differs from the plans that are kept."""
    rows = await transaction.rows("SELECT name, plan_id FROM plans")
    ids: dict[str, int] = dict(rows)
    names = {plan.name for plan in wanted.plans}
    await transaction.run("UPDATE plans SET is_active = 0 WHERE is_active = 1 AND name <> ?", (wanted.active,))
    await transaction.run_many("DELETE FROM plans WHERE name = ?", [(name,) for name in ids if name not in names])
    for place, plan in enumerate(wanted.plans):
        is_active = int(plan.name == wanted.active)
        if plan.name in ids:
            await transaction.run(
                "UPDATE plans SET place = ?1, is_active = ?2 WHERE name = ?3 AND (place, is_active) <> (?1, ?2)",
                (place, is_active, plan.name),
            )
        else:
            [(ids[plan.name],)] = await transaction.rows(
                "INSERT INTO plans (name, place, is_active) VALUES (?,?,?) RETURNING plan_id",
                (plan.name, place, is_active),
            )
        await _save_marks(transaction, ids[plan.name], plan.marks)


async def _save_marks(transaction: Transaction, plan_id: int, wanted: Sequence[Mark]) -> None:
    """A change of a few marks among thousands writes those few; only another order writes them all."""
    held = await _marks(transaction, plan_id)
    places = {mark.lot_id: place for place, mark in held.items()}
    new = [mark for mark in wanted if mark.lot_id not in places]
    staying = [places[mark.lot_id] for mark in wanted if mark.lot_id in places]
    is_in_order = staying == sorted(staying) and list(wanted[len(wanted) - len(new) :]) == new
    if not is_in_order:
        await transaction.run("DELETE FROM marks WHERE plan_id = ?", (plan_id,))
        held, places, new = {}, {}, list(wanted)
    after = max(held, default=-1) + 1
    places.update((mark.lot_id, after + number) for number, mark in enumerate(new))
    names = {mark.lot_id for mark in wanted}
    gone = [(plan_id, mark.lot_id) for mark in held.values() if mark.lot_id not in names]
    changed = [mark for mark in wanted if held.get(places[mark.lot_id]) != mark]
    await transaction.run_many("DELETE FROM marks WHERE plan_id = ? AND lot_id = ?", gone)
    await transaction.run_many(
        f"INSERT OR REPLACE INTO marks ({_COLUMNS}) VALUES ({question_marks(_COLUMN_COUNT)})",
        [_row(plan_id, places[mark.lot_id], mark) for mark in changed],
    )


def _row(plan_id: int, place: int, mark: Mark) -> tuple[Value, ...]:
    quantity = None if mark.quantity is None else number_text(mark.quantity)
    return plan_id, mark.lot_id, place, mark.account, mark.asset, quantity, mark.reason
