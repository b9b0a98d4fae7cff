"""`harvest-tui transfers`: which withdrawals became which deposits and why, and the user's word on them."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import amount, instant, say, write_json, write_table
from harvest_tui.core.lots.decisions import Decision, DecisionKind, State
from harvest_tui.core.lots.moves import Candidates, Likeness, LooseEnd, Pair
from harvest_tui.core.money import plain
from harvest_tui.session.deciding import Decided, Overview
from harvest_tui.session.run import Session

PAIRING = frozenset({DecisionKind.CONFIRM, DecisionKind.SPLIT, DecisionKind.EXTERNAL})


def run(arguments: Namespace) -> int:
    """Decide where asked to, then list pairs, loose ends and decisions."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    async with opened(choices_for(arguments)) as session:
        decided = await _decide(session, arguments)
        overview = await session.decisions.overview()
    if arguments.json:
        write_json(_body(overview, decided))
    else:
        _tables(overview)
    tell(decided)
    return 1 if any(not end.is_external for end in overview.moves.loose) else 0


async def _decide(session: Session, arguments: Namespace) -> Decided | None:
    if arguments.confirm:
        return await session.decisions.confirm(*arguments.confirm)
    if arguments.split:
        return await session.decisions.split(arguments.split)
    if arguments.external:
        return await session.decisions.set_external(arguments.external)
    if arguments.undo is not None:
        return await session.decisions.undo(arguments.undo)
    return None


def tell(decided: Decided | None) -> None:
    """What was decided and what to look at twice, on standard error."""
    if decided is not None:
        say(decided.said)
        for warning in decided.warnings:
            say(f"look again: {warning}")


def decided_row(decided: Decided | None) -> dict[str, object] | None:
    """The decision just made; None where none was."""
    if decided is None:
        return None
    return {"number": decided.decision.number, "said": decided.said, "warnings": list(decided.warnings)}


def decision_row(decision: Decision, state: State) -> dict[str, object]:
    """A decision and what it does today."""
    return {
        "number": decision.number,
        "kind": decision.kind.value,
        "made_at": instant(decision.made_at),
        "event_ids": list(decision.event_ids),
        "reason": decision.reason or None,
        "state": state.name.lower(),
        "said": decision.words,
    }


def _body(overview: Overview, decided: Decided | None) -> dict[str, object]:
    candidates = Candidates(overview.moves.loose)
    told = [(one, state) for one, state in overview.decisions if one.kind in PAIRING]
    return {
        "schema": 1,
        "pairs": [_pair_row(pair) for pair in overview.moves.pairs],
        "unmatched": [_loose_row(end, candidates) for end in overview.moves.loose],
        "decisions": [decision_row(one, state) for one, state in told],
        "decided": decided_row(decided),
    }


def _likeness_row(one: Likeness) -> dict[str, object]:
    fee = one.withdrawal.fee
    return {
        "withdrawal": one.withdrawal.event_id,
        "deposit": one.deposit.event_id,
        "asset": one.sent.asset,
        "from_account": one.withdrawal.account,
        "to_account": one.deposit.account,
        "sent": plain(one.sent.quantity),
        "arrived": plain(one.arrived.quantity),
        "fee": None if fee is None else amount(fee.quantity),
        "fee_asset": None if fee is None else fee.asset,
        "sent_at": instant(one.withdrawal.executed_at),
        "arrived_at": instant(one.deposit.executed_at),
        "hours_apart": plain(one.hours),
        "txid": one.txid.name.lower(),
    }


def _pair_row(pair: Pair) -> dict[str, object]:
    return {**_likeness_row(pair.likeness), "confirmed": pair.is_confirmed}


def _loose_row(end: LooseEnd, candidates: Candidates) -> dict[str, object]:
    return {
        "event_id": end.event.event_id,
        "kind": end.event.kind.value,
        "account": end.event.account,
        "asset": end.amount.asset,
        "quantity": plain(end.amount.quantity),
        "at": instant(end.event.executed_at),
        "external": end.is_external,
        "candidates": [_likeness_row(one) for one in ([] if end.is_external else candidates.of(end))],
    }


def _tables(overview: Overview) -> None:
    moves = overview.moves
    rows = [
        (
            pair.likeness.withdrawal.event_id,
            pair.likeness.deposit.event_id,
            f"{plain(pair.likeness.sent.quantity)} {pair.likeness.sent.asset}",
            pair.likeness.withdrawal.executed_at.date().isoformat(),
            ("you said so; " if pair.is_confirmed else "") + pair.likeness.words,
        )
        for pair in moves.pairs
    ]
    write_table(f"Moves between your accounts: {len(rows)}", ("Withdrawal", "Deposit", "Amount", "Day", "Why"), rows)
    candidates = Candidates(moves.loose)
    loose = [_loose_cells(end, candidates) for end in moves.loose]
    write_table(
        f"Without the other end: {len(loose)}", ("Id", "Kind", "Amount", "Day", "Perhaps, or what you said"), loose
    )
    write_decisions([(one, state) for one, state in overview.decisions if one.kind in PAIRING])


def write_decisions(told: list[tuple[Decision, State]]) -> None:
    """A table of decisions, where there are any."""
    if told:
        rows = [
            (str(one.number), one.made_at.date().isoformat(), one.words, one.reason or "-", state.value)
            for one, state in told
        ]
        write_table("Decisions", ("No.", "Made", "What", "Why", "Today"), rows, right=(0,))


def _loose_cells(end: LooseEnd, candidates: Candidates) -> tuple[str, ...]:
    event = end.event
    perhaps = "not in an own account: you said so"
    if not end.is_external:
        best = next(iter(candidates.of(end)), None)
        perhaps = "-"
        if best is not None:
            other = best.withdrawal if end.is_deposit else best.deposit
            perhaps = f"{other.event_id}: {best.words}"
    return (
        event.event_id,
        event.kind.value,
        f"{plain(end.amount.quantity)} {end.amount.asset}",
        event.executed_at.date().isoformat(),
        perhaps,
    )
