"""What is stored of an account against what its exchange truly holds, field by field, and how far its cursors say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from harvest_tui.core.pages import StoredRow

Row = dict[str, Any]
Truth = Mapping[str, Sequence[Row]]

NOT_ASKED = {("kraken", "trades")}
"""Truth that is told elsewhere too: Kraken's ledger holds both legs and the fee of every trade."""
_TRADE_STREAMS = ("trades", "rest")


@dataclass(frozen=True)
class Difference:
    """Rows of an account by fate. `lost` counts only where the sync said it was whole; rows are canonical JSON."""

    stored: int
    true: int
    lost: tuple[str, ...]
    repeated: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        """Every row once, and no other."""
        return not (self.lost or self.repeated or self.foreign)

    def __str__(self) -> str:
        parts = [f"{word} {len(rows)}, first {rows[0]}" for word, rows in self._named() if rows]
        return "; ".join(parts) or f"{self.stored} of {self.true} rows, each once"

    def _named(self) -> list[tuple[str, tuple[str, ...]]]:
        return [("lost", self.lost), ("repeated", self.repeated), ("foreign", self.foreign)]


def _as_text(value: Any) -> Any:
    """Numbers as the text they were on the wire; an amount is the same with and without quotes."""
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _canonical(stream: str, row: Mapping[str, Any]) -> str:
    return json.dumps([stream, _as_text(dict(row))], sort_keys=True, ensure_ascii=False)


def _true_row(venue: str, stream: str, row: Row) -> str:
    """Kraken's states of transfers have no id of their own: the simulator's is only a label."""
    is_labelled = venue == "kraken" and stream in ("deposits", "withdrawals")
    return _canonical(stream, {name: value for name, value in row.items() if name != "id"} if is_labelled else row)


def _stored_row(venue: str, row: StoredRow) -> str:
    told = json.loads(row.payload, parse_float=str)
    if venue == "kraken" and row.stream == "ledger":
        told["id"] = row.native_id
    # Both streams ask the same endpoint; which of them came first does not matter.
    stream = "trades" if venue.startswith("binance") and row.stream == "rest" and "symbol" in told else row.stream
    return _canonical(stream, told)


def compare(venue: str, truth: Truth, stored: Sequence[StoredRow]) -> Difference:
    """Every stored row against every true one, to the last digit of each field."""
    true = Counter(
        _true_row(venue, stream, row)
        for stream, rows in truth.items()
        if (venue, stream) not in NOT_ASKED
        for row in rows
    )
    held = Counter(_stored_row(venue, row) for row in stored)
    extra = held - true
    return Difference(
        stored=held.total(),
        true=true.total(),
        lost=tuple((true - held).elements()),
        repeated=tuple(row for row in extra.elements() if row in true),
        foreign=tuple(row for row in extra.elements() if row not in true),
    )


def ahead(venue: str, truth: Truth, stored: Sequence[StoredRow], cursors: Mapping[str, str]) -> list[str]:
    """Rows that a stored cursor says are stored and that are not. A cursor may lag behind the rows, never lead them."""
    held = {_stored_row(venue, row) for row in stored}
    claims = {"kraken": _kraken_claims, "coinbase": _coinbase_claims}.get(venue, _binance_claims)
    missing = []
    for stream, text in cursors.items():
        for told_in, row in claims(stream, json.loads(text), truth):
            if _true_row(venue, told_in, row) not in held:
                missing.append(f"{venue} {stream} {text[:200]} claims {row}")
    return missing


Claim = tuple[str, Row]


def _kraken_claims(stream: str, told: Any, truth: Truth) -> list[Claim]:
    if stream != "ledger":
        return [(stream, row) for row in truth[stream] if int(row["time"]) * 1_000_000 <= told["covered"]]
    newest_first = sorted(truth["ledger"], key=lambda row: float(row["time"]), reverse=True)
    claimed = [row for row in newest_first if told["mark"] is not None and float(row["time"]) < told["mark"] + 1]
    gap = told["gap"]
    if gap is not None:
        after, until = gap["after"] or 0, gap["until"] or float("inf")
        within = [row for row in newest_first if after < float(row["time"]) <= until]
        claimed += within[: gap["offset"]]
    return [("ledger", row) for row in claimed]


def _coinbase_claims(stream: str, told: Any, truth: Truth) -> list[Claim]:
    if stream == "accounts":
        return [("accounts", row) for row in truth["accounts"]]
    if stream == "transactions":
        return _wallet_claims(told["wallets"], truth)
    complete, top, bottom = (_time(told.get(name)) for name in ("complete_to", "walk_top", "walk_bottom"))
    claimed = []
    for row in truth["fills"]:
        at = _time(row["sequence_timestamp"])
        assert at is not None
        is_walked = top is not None and bottom is not None and bottom < at <= top
        if is_walked or (complete is not None and at <= complete):
            claimed.append(("fills", row))
    return claimed


def _wallet_claims(wallets: Mapping[str, Any], truth: Truth) -> list[Claim]:
    claimed: list[Claim] = []
    for wallet, (_, last_id, _, _) in wallets.items():
        rows = [row for row in truth["transactions"] if row["resource_path"].split("/")[3] == wallet]
        rows.sort(key=lambda row: row["created_at"])
        last = next((row for row in rows if row["id"] == last_id), None)
        if last is not None:
            # Rows of the same second may stand on either side of it.
            claimed += [("transactions", row) for row in rows if row["created_at"] < last["created_at"] or row is last]
    return claimed


def _binance_claims(stream: str, told: Any, truth: Truth) -> list[Claim]:
    if stream == "markets":
        return []
    if stream in _TRADE_STREAMS:
        last = (told["trades"] if stream == "rest" else told)["last"]
        return [("trades", row) for row in truth["trades"] if row["id"] <= last.get(row["symbol"], -1)]
    return [(stream, row) for row in truth[stream] if told["since"] <= _binance_ms(row) < told["to"]]


def _binance_ms(row: Row) -> int:
    for name in ("insertTime", "applyTime", "createTime", "operateTime", "divTime", "time"):
        if name in row:
            at = row[name]
            return at if isinstance(at, int) else _milliseconds(at)
    raise AssertionError(f"a row without a time: {row}")


def _milliseconds(text: str) -> int:
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))
