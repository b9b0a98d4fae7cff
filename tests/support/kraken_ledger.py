"""Kraken's ledger as a server keeps it, asked without a wire: 50 rows a page, newest first, by offset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harvest_tui.exchanges.strategies.base import Check, Endpoint

PAGE = 50


class KrakenLedger:
    """Answers `Ledgers` as documented: `start` exclusive, `end` inclusive, `ofs` into the newest first."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.page = PAGE
        self.asked: list[dict[str, str | int]] = []
        self.before_answer: Callable[[int], None] = lambda number: None

    def add(self, ledger_id: str, at: str, *, refid: str = "", kind: str = "earn", amount: str = "1.25") -> None:
        """Books a row."""
        self.rows[ledger_id] = {
            "refid": refid or f"R{ledger_id}",
            "time": at,
            "type": kind,
            "subtype": "reward",
            "aclass": "currency",
            "asset": "SOL",
            "amount": amount,
            "fee": "0.0000000000",
            "balance": "7.5000000000",
        }

    @property
    def requests(self) -> int:
        """Calls answered so far."""
        return len(self.asked)

    async def call(self, endpoint: Endpoint, params: Mapping[str, str | int], check: Check) -> Any:
        """The page that `params` ask for."""
        assert endpoint.implicit == "privatePostLedgers"
        self.before_answer(len(self.asked))
        self.asked.append(dict(params))
        start, end = float(params.get("start", -1)), float(params.get("end", 1e12))
        inside = [(key, row) for key, row in self.rows.items() if start < float(row["time"]) <= end]
        inside.sort(key=lambda pair: (float(pair[1]["time"]), pair[0]), reverse=True)
        offset = int(params.get("ofs", 0))
        reply = {"error": [], "result": {"ledger": dict(inside[offset : offset + self.page]), "count": len(inside)}}
        check(reply)
        return reply
