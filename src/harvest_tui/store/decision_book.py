"""The user's decisions: added one by one, never altered, taken back only by a further one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind
from harvest_tui.core.records import AccountId, Asset, EventId
from harvest_tui.errors import InputError
from harvest_tui.store.columns import marks, microseconds, moment, number_text
from harvest_tui.store.engine import Rows, Transaction, Value

_COLUMNS = (
    "kind, made_us, withdrawal, deposit, account, asset, quantity, acquired_on, cost_basis, about, undoes, reason"
)
_COLUMN_COUNT = 12


async def decisions(source: Rows) -> list[Decision]:
    """Every decision in the order in which they were made, those taken back and the taking back included."""
    return [_decision(row) for row in await source.rows(f"SELECT number, {_COLUMNS} FROM decisions ORDER BY number")]


async def add(transaction: Transaction, decision: Decision) -> int:
    """Keeps the decision under the next number, which is the answer.

    Raises InputError where it takes back what is not there, or is taken back already.
    """
    if decision.kind is DecisionKind.UNDO:
        await _require_standing(transaction, decision.undoes)
    [(number,)] = await transaction.rows(
        f"INSERT INTO decisions ({_COLUMNS}) VALUES ({marks(_COLUMN_COUNT)}) RETURNING number", _row(decision)
    )
    transaction.touch_facts()
    return int(number)


async def _require_standing(transaction: Transaction, number: int | None) -> None:
    found = await transaction.rows("SELECT kind FROM decisions WHERE number = ?", (number,))
    if not found or found[0][0] == DecisionKind.UNDO:
        raise InputError(f"there is no decision {number}", "`harvest-tui transfers` and `assume` list them")
    if await transaction.rows("SELECT 1 FROM decisions WHERE undoes = ?", (number,)):
        raise InputError(f"decision {number} was taken back already", "make it anew where you want it again")


def _row(decision: Decision) -> tuple[Value, ...]:
    what = decision.assumption
    assumed: tuple[Value, ...] = (None,) * 6
    if what is not None:
        quantity, cost_basis = number_text(what.quantity), number_text(what.cost_basis)
        assumed = (what.account, what.asset, quantity, what.acquired_on.isoformat(), cost_basis, what.about)
    return (
        decision.kind.value,
        microseconds(decision.made_at),
        decision.withdrawal,
        decision.deposit,
        *assumed,
        decision.undoes,
        decision.reason,
    )


def _decision(row: tuple[Any, ...]) -> Decision:
    number, kind, made_us, withdrawal, deposit, account, asset, quantity, acquired_on, cost_basis, about, *rest = row
    undoes, reason = rest
    assumption = None
    if account is not None:
        assumption = Assumption(
            AccountId(account),
            Asset(asset),
            Decimal(quantity),
            date.fromisoformat(acquired_on),
            Decimal(cost_basis),
            None if about is None else EventId(about),
        )
    return Decision(number, DecisionKind(kind), moment(made_us), withdrawal, deposit, assumption, undoes, reason)
