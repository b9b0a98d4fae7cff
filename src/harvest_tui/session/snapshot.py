"""The last lot table as a file, so that the first paint waits for no replay. Derived: dropped when it does not fit."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from harvest_tui import __version__
from harvest_tui.core.lots.kept import NOTHING_SEEN, KeptLots, LadderKey, columns_of, sums_of
from harvest_tui.core.lots.ledger import BasisGap, Ledger, Mismatch, UnmatchedMove, Unpriced
from harvest_tui.core.portfolio import LossSeen
from harvest_tui.core.records import Account, Quote
from harvest_tui.session.facts import Facts, QuoteKey, Rules, quotes_of, rules_of

if TYPE_CHECKING:
    from pathlib import Path

    from harvest_tui.settings import Locations, Settings

_SCHEMA = 6


class Picture(NamedTuple):
    """What was shown last: facts derived from `facts_version` of the store under `rules`, and the last prices."""

    facts: Facts
    accounts: tuple[Account, ...]
    quotes: Mapping[QuoteKey, Quote]
    facts_version: int
    rules: Rules

    def fits(self, facts_version: int, rules: Rules, now: datetime) -> bool:
        """Whether deriving anew would give the same facts."""
        today = now.astimezone(rules.zone).date()
        return (self.facts_version, repr(self.rules), self.facts.tax_day) == (facts_version, repr(rules), today)


def save_picture(locations: Locations, picture: Picture) -> None:
    """Write lots and problems (disposals are left out), accounts and prices. A full disk only costs the picture."""
    facts = picture.facts
    ledger = facts.ledger
    body = {
        "key": [_SCHEMA, __version__],
        "version": picture.facts_version,
        "rules": repr(picture.rules),
        "accounts": [
            [a.account, a.exchange, a.added_at.timestamp(), a.rights, a.lot_order, a.tier] for a in picture.accounts
        ],
        "exchanges": dict(facts.exchanges),
        "positions": sums_of(list(facts.positions.values())),
        "gaps": [[g.account, g.asset, str(g.quantity), g.at.timestamp(), g.event_id] for g in ledger.gaps],
        "unpriced": [[u.event_id, u.account, u.asset, u.at.timestamp()] for u in ledger.unpriced],
        "unmatched": [
            [m.event_id, m.account, m.asset, str(m.quantity), m.at.timestamp(), m.is_deposit] for m in ledger.unmatched
        ],
        "mismatches": [[m.account, m.asset, str(m.held), str(m.in_lots), list(m.causes)] for m in facts.mismatches],
    }
    # One column after the other: as a whole, in words, the lots take as much room as the rest of the program.
    _write(locations.snapshot, body, [_json(column) for column in columns_of(ledger.lots)])
    save_quotes(locations, picture)


def save_quotes(locations: Locations, picture: Picture) -> None:
    """Write the last prices alone, with what the lots of that picture lose at them."""
    rows = [[*key, str(quote.price), quote.at.timestamp(), quote.source] for key, quote in picture.quotes.items()]
    body = {"key": [_SCHEMA, __version__], "quotes": rows, "of": _of(picture), "losses": _losses(picture)}
    _write(_prices(locations), body)


def _of(picture: Picture) -> list[object]:
    return [picture.facts_version, picture.facts.tax_day.isoformat()]


def _losses(picture: Picture) -> list[list[object]]:
    facts = picture.facts
    shown = quotes_of(picture.quotes, facts.positions, facts.exchanges)
    rows: list[list[object]] = []
    for (account, asset), quote in shown.items():
        position = facts.positions[account, asset]
        for is_long, ladder in ((False, position.short), (True, position.long)):
            if ladder is not None:
                rows.append([account, asset, is_long, *map(str, ladder.seen_at(quote.price))])
    return rows


def _prices(locations: Locations) -> Path:
    return locations.snapshot.with_name("prices.json")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _write(path: Path, body: dict[str, Any], columns: Sequence[bytes] = ()) -> None:
    """Writes the body and, each on a line of its own, columns."""
    lines = [_json(body), *columns]
    checksum = reduce(lambda sofar, line: crc32(b"\n" + line, sofar), lines, 0)
    scratch = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(b"%08x" % checksum)
            file.writelines(part for line in lines for part in (b"\n", line))
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)


def _read(path: Path) -> tuple[dict[str, Any], list[list[Any]]]:
    # Lots are made when they are looked at, so damage must show now.
    whole = path.read_bytes()
    if whole[:8] != b"%08x" % crc32(memoryview(whole)[8:]):
        raise ValueError("damaged")
    body, *columns = map(json.loads, whole.splitlines()[1:])
    if body["key"] != [_SCHEMA, __version__]:
        raise ValueError("of another version")
    return body, columns


def load_picture(locations: Locations, settings: Settings, now: datetime) -> Picture | None:
    """What was shown last, under the same rules; None where the file is missing, damaged or of other rules."""
    try:
        body, columns = _read(locations.snapshot)
        accounts = tuple(Account(a, e, _at(t), *rest) for a, e, t, *rest in body["accounts"])
        rules = rules_of(settings, accounts)
        if body["rules"] != repr(rules):
            return None
        today = now.astimezone(rules.zone).date()
        quotes, seen = _load_quotes(locations, [body["version"], today.isoformat()])
        return Picture(_facts(body, columns, today, seen), accounts, quotes, int(body["version"]), rules)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _load_quotes(locations: Locations, of: list[object]) -> tuple[dict[QuoteKey, Quote], Mapping[LadderKey, LossSeen]]:
    """The last prices with their times, and what the lots `of` that picture lost; none where the file is damaged."""
    try:
        body, _ = _read(_prices(locations))
        quotes = {(e, s): Quote(s, Decimal(price), _at(t), source) for e, s, price, t, source in body["quotes"]}
        if body["of"] != of:
            return quotes, NOTHING_SEEN
        return quotes, {(a, s, is_long): LossSeen(*map(Decimal, told)) for a, s, is_long, *told in body["losses"]}
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return {}, NOTHING_SEEN


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _facts(
    body: dict[str, Any], columns: Sequence[list[Any]], tax_day: date, seen: Mapping[LadderKey, LossSeen]
) -> Facts:
    lots = KeptLots(columns)
    ledger = Ledger(
        lots=lots,
        gaps=tuple(BasisGap(a, s, Decimal(q), _at(t), e) for a, s, q, t, e in body["gaps"]),
        unpriced=tuple(Unpriced(e, a, s, _at(t)) for e, a, s, t in body["unpriced"]),
        unmatched=tuple(UnmatchedMove(e, a, s, Decimal(q), _at(t), d) for e, a, s, q, t, d in body["unmatched"]),
    )
    return Facts(
        ledger=ledger,
        positions=lots.positions(body["positions"], tax_day, seen),
        mismatches=tuple(Mismatch(a, s, Decimal(h), Decimal(i), tuple(c)) for a, s, h, i, c in body["mismatches"]),
        balances=(),
        tax_day=tax_day,
        exchanges=body["exchanges"],
    )
