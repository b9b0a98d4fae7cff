"""`harvest-tui assume`: a basis for units that nothing proves, recorded with its reason, and what asks for one."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention
from harvest_tui.cli.output import say, write_json, write_table
from harvest_tui.cli.transfers import decided_row, decision_row, tell, write_decisions
from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind, State, assumption_id
from harvest_tui.core.money import plain
from harvest_tui.errors import InputError
from harvest_tui.session.assuming import read_assumption
from harvest_tui.session.deciding import Decided, Overview
from harvest_tui.session.run import Session

_NEEDED = ("account", "asset", "quantity", "acquired", "reason")


def run(arguments: Namespace) -> int:
    """Record or take back an assumption where asked to, then list what asks for one and what is assumed."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    told = assumption_of(arguments)
    async with opened(choices_for(arguments)) as session:
        decided = await _decide(session, arguments, told)
        overview = await session.decisions.overview()
        problems = attention(session.portfolio())
    if arguments.json:
        write_json(_body(overview, decided, problems))
    else:
        _tables(overview)
    tell(decided)
    for account, asset, more in overview.surplus:
        say(f"look again: {plain(more)} {asset} more are assumed in {account} than are missing: take some back")
    return 1 if any(problems.values()) or overview.unexplained or overview.surplus else 0


async def _decide(session: Session, arguments: Namespace, told: Assumption | None) -> Decided | None:
    if arguments.undo is not None:
        return await session.decisions.undo(arguments.undo)
    return None if told is None else await session.decisions.assume(told, arguments.reason)


def assumption_of(arguments: Namespace) -> Assumption | None:
    """What was typed; None where nothing was. Raises InputError where a part is missing or is not what it should be."""
    given = [name for name in (*_NEEDED, "cost_basis", "unit_cost", "about") if getattr(arguments, name) is not None]
    if not given:
        return None
    if arguments.undo is not None:
        raise InputError("--undo takes one decision back and nothing else", "leave the rest out")
    missing = [name for name in _NEEDED if getattr(arguments, name) is None]
    if missing:
        names = ", ".join(name if name in ("account", "asset", "quantity") else f"--{name}" for name in missing)
        raise InputError(f"an assumption also needs {names}", "see: harvest-tui assume --help")
    if (arguments.cost_basis is None) == (arguments.unit_cost is None):
        raise InputError("give --cost-basis, in all, or --unit-cost, for one unit", "one of the two, in US dollars")
    return read_assumption(
        arguments.account,
        arguments.asset,
        arguments.quantity,
        arguments.acquired,
        cost_basis=arguments.cost_basis,
        unit_cost=arguments.unit_cost,
        about=arguments.about,
    )


def _body(
    overview: Overview, decided: Decided | None, problems: dict[str, list[dict[str, object]]]
) -> dict[str, object]:
    assumed = [(one, state) for one, state in overview.decisions if one.kind is DecisionKind.ASSUME]
    return {
        "schema": 1,
        "assumptions": [_assumption_row(one, state) for one, state in assumed],
        **problems,
        "unknown_deposits": [
            {
                "account": end.event.account,
                "asset": end.amount.asset,
                "quantity": plain(end.amount.quantity),
                "event_id": end.event.event_id,
            }
            for end in overview.unexplained
        ],
        "surplus": [
            {"account": account, "asset": asset, "quantity": plain(more)} for account, asset, more in overview.surplus
        ],
        "decided": decided_row(decided),
    }


def _assumption_row(decision: Decision, state: State) -> dict[str, object]:
    what = decision.assumption
    assert what is not None
    return {
        **decision_row(decision, state),
        "account": what.account,
        "asset": what.asset,
        "quantity": plain(what.quantity),
        "acquired": what.acquired_on.isoformat(),
        "cost_basis": plain(what.cost_basis),
        "about": what.about,
        "event_id": assumption_id(what.account, decision.number),
    }


def _tables(overview: Overview) -> None:
    rows = [
        ("left without a lot", gap.account, gap.asset, plain(gap.quantity), gap.at.date().isoformat(), gap.event_id)
        for gap in overview.gaps
    ]
    rows += [
        (
            "came without a basis",
            end.event.account,
            end.amount.asset,
            plain(end.amount.quantity),
            end.event.executed_at.date().isoformat(),
            end.event.event_id,
        )
        for end in overview.unexplained
    ]
    columns = ("What", "Account", "Asset", "Quantity", "Day", "Id")
    write_table(f"Without a basis: {len(rows)}", columns, rows, right=(3,))
    write_decisions([(one, state) for one, state in overview.decisions if one.kind is DecisionKind.ASSUME])
