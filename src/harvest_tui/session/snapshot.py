"""The last lot table as a file, so that the first paint waits for no replay. Derived: dropped when it does not fit."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import crc32

from harvest_tui import __version__
from harvest_tui.core.lots.kept import KeptLots, columns_of, sums_of
from harvest_tui.core.lots.ledger import BasisGap, Ledger, Mismatch, UnmatchedMove, Unpriced
from harvest_tui.session.facts import Facts

_SCHEMA = 3


def _key(facts_version: int, rules: str) -> list[object]:
    return [_SCHEMA, __version__, facts_version, rules]


def save_snapshot(path: Path, facts: Facts, facts_version: int, rules: str) -> None:
    """Write the lots and problems of `facts` (disposals are left out). A full disk only costs the snapshot."""
    ledger = facts.ledger
    body = {
        "key": _key(facts_version, rules),
        "exchanges": dict(facts.exchanges),
        "lots": columns_of(ledger.lots),
        "positions": sums_of(list(facts.positions.values())),
        "gaps": [[g.account, g.asset, str(g.quantity), g.at.timestamp(), g.event_id] for g in ledger.gaps],
        "unpriced": [[u.event_id, u.account, u.asset, u.at.timestamp()] for u in ledger.unpriced],
        "unmatched": [
            [m.event_id, m.account, m.asset, str(m.quantity), m.at.timestamp(), m.is_deposit] for m in ledger.unmatched
        ],
        "mismatches": [[m.account, m.asset, str(m.held), str(m.in_lots), list(m.causes)] for m in facts.mismatches],
    }
    scratch = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            text = json.dumps(body, separators=(",", ":")).encode()
            file.write(b"%08x\n" % crc32(text) + text)
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)


def load_snapshot(path: Path, facts_version: int, rules: str, tax_day: date) -> Facts | None:
    """The facts as last drawn; None where the file is missing, damaged, or of other facts or rules."""
    try:
        # Lots are made when they are looked at, so damage must show now.
        checksum, _, text = path.read_bytes().partition(b"\n")
        if checksum != b"%08x" % crc32(text):
            return None
        body = json.loads(text)
        if body["key"] != _key(facts_version, rules):
            return None
        return _facts(body, tax_day)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _facts(body: dict[str, Any], tax_day: date) -> Facts:
    lots = KeptLots(body["lots"])
    ledger = Ledger(
        lots=lots,
        gaps=tuple(BasisGap(a, s, Decimal(q), _at(t), e) for a, s, q, t, e in body["gaps"]),
        unpriced=tuple(Unpriced(e, a, s, _at(t)) for e, a, s, t in body["unpriced"]),
        unmatched=tuple(UnmatchedMove(e, a, s, Decimal(q), _at(t), d) for e, a, s, q, t, d in body["unmatched"]),
    )
    return Facts(
        ledger=ledger,
        positions=lots.positions(body["positions"], tax_day),
        mismatches=tuple(Mismatch(a, s, Decimal(h), Decimal(i), tuple(c)) for a, s, h, i, c in body["mismatches"]),
        balances=(),
        tax_day=tax_day,
        exchanges=body["exchanges"],
    )
