"""The last lot table as a file, so that the first paint waits for no replay. Derived: dropped when it does not fit."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import Any

from harvest_tui import __version__
from harvest_tui.core.lots.ledger import BasisGap, Ledger, Lot, Mismatch, Provenance, UnmatchedMove, Unpriced
from harvest_tui.core.portfolio import positions_of
from harvest_tui.session.facts import Facts

_SCHEMA = 2


def _key(facts_version: int, rules: str) -> list[object]:
    return [_SCHEMA, __version__, facts_version, rules]


def save_snapshot(path: Path, facts: Facts, facts_version: int, rules: str) -> None:
    """Write the lots and problems of `facts` (disposals are left out). A full disk only costs the snapshot."""
    ledger = facts.ledger
    body = {
        "key": _key(facts_version, rules),
        "exchanges": dict(facts.exchanges),
        "lots": _columns(ledger.lots),
        "gaps": [[g.account, g.asset, str(g.quantity), g.at.timestamp(), g.event_id] for g in ledger.gaps],
        "unpriced": [[u.event_id, u.account, u.asset, u.at.timestamp()] for u in ledger.unpriced],
        "unmatched": [
            [m.event_id, m.account, m.asset, str(m.quantity), m.at.timestamp(), m.is_deposit] for m in ledger.unmatched
        ],
        "mismatches": [[m.account, m.asset, str(m.held), str(m.in_lots), list(m.causes)] for m in facts.mismatches],
    }
    scratch = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
            json.dump(body, file, separators=(",", ":"))
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)


def load_snapshot(path: Path, facts_version: int, rules: str, tax_day: date) -> Facts | None:
    """The facts as last drawn; None where the file is missing, damaged, or of other facts or rules."""
    try:
        body = json.loads(path.read_bytes())
        if body["key"] != _key(facts_version, rules):
            return None
        return _facts(body, tax_day)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _columns(lots: Sequence[Lot]) -> list[list[Any]]:
    """The lots column by column, which loads faster than row by row; an origin that is the lot itself is left out."""
    return [
        [lot.lot_id for lot in lots],
        [None if str(lot.origin_id) == str(lot.lot_id) else lot.origin_id for lot in lots],
        [lot.account for lot in lots],
        [lot.asset for lot in lots],
        [lot.acquired_at.timestamp() for lot in lots],
        [lot.long_term_on.toordinal() for lot in lots],
        [str(lot.quantity) for lot in lots],
        [_text(lot.cost_basis) for lot in lots],
        [lot.provenance.value for lot in lots],
        [_text(lot.loss_basis) for lot in lots],
        [lot.loss_acquired_at and lot.loss_acquired_at.timestamp() for lot in lots],
    ]


def _lots(columns: list[list[Any]]) -> tuple[Lot, ...]:
    """The lots, with as little work for each as can be: ten thousand of them come before the first paint."""
    ids, origins, accounts, assets, acquired, long_on, quantities, costs, kinds, losses, gifts = columns
    provenances = {kind.value: kind for kind in Provenance}
    days = {ordinal: date.fromordinal(ordinal) for ordinal in set(long_on)}
    rows = zip(
        ids,
        (origin or lot_id for origin, lot_id in zip(origins, ids, strict=True)),
        accounts,
        assets,
        map(datetime.fromtimestamp, acquired, repeat(UTC)),
        map(days.__getitem__, long_on),
        map(Decimal, quantities),
        (None if cost is None else Decimal(cost) for cost in costs),
        map(provenances.__getitem__, kinds),
        (None if loss is None else Decimal(loss) for loss in losses),
        (None if gift is None else _at(gift) for gift in gifts),
        strict=False,
    )
    return tuple(map(Lot._make, rows))


def _facts(body: dict[str, Any], tax_day: date) -> Facts:
    ledger = Ledger(
        lots=_lots(body["lots"]),
        gaps=tuple(BasisGap(a, s, Decimal(q), _at(t), e) for a, s, q, t, e in body["gaps"]),
        unpriced=tuple(Unpriced(e, a, s, _at(t)) for e, a, s, t in body["unpriced"]),
        unmatched=tuple(UnmatchedMove(e, a, s, Decimal(q), _at(t), d) for e, a, s, q, t, d in body["unmatched"]),
    )
    return Facts(
        ledger=ledger,
        positions=positions_of(ledger, tax_day),
        mismatches=tuple(Mismatch(a, s, Decimal(h), Decimal(i), tuple(c)) for a, s, h, i, c in body["mismatches"]),
        balances=(),
        tax_day=tax_day,
        exchanges=body["exchanges"],
    )
