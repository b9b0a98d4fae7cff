"""Kraken's deposit and withdrawal states: transaction ids and addresses for what the ledger tells."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from harvest_tui.core.pages import Page
from harvest_tui.core.records import AccountId
from harvest_tui.exchanges.strategies.base import Caller, Endpoint
from harvest_tui.exchanges.strategies.kraken_replies import check_funding, funding_raw, funding_rows, time_parts

FUNDING = {
    "deposits": Endpoint("POST", r"/0/private/DepositStatus", "privatePostDepositStatus"),
    "withdrawals": Endpoint("POST", r"/0/private/WithdrawStatus", "privatePostWithdrawStatus"),
}
_PAGE = 500
_OVERLAP_SECONDS = 86_400
"""A state carries the time of the request, the ledger that of the booking, up to a day later."""
_PENDING_SECONDS = 14 * 86_400
_SETTLED = frozenset({"Success", "Failure", "Canceled", "Cancelled"})


def covered_until(cursor: str | None) -> int | None:
    """Ledger rows up to this microsecond have their states stored."""
    return None if cursor is None else json.loads(cursor)["covered"]


async def funding_pages(
    caller: Caller, account: AccountId, stream: str, cursor: str | None, newest: int, now: datetime
) -> AsyncIterator[Page]:
    """Every state since the covered time, newest first, for ledger rows up to `newest` (microseconds).

    States still under way keep the covered time before them, so that the next sync asks for them again.
    """
    covered = covered_until(cursor)
    params: dict[str, str | int] = {"cursor": "true", "limit": _PAGE}
    if covered is not None:
        params["start"] = max(0, covered // 1_000_000 - _OVERLAP_SECONDS)
    reached = newest
    while True:
        reply = await caller.call(FUNDING[stream], params, check_funding)
        rows, following = funding_rows(reply)
        reached = min([reached, *(second * 1_000_000 - 1 for second in _pending(rows, now))])
        is_last = following is None or not rows
        yield Page(
            account=account,
            stream=stream,
            rows=tuple(funding_raw(row) for row in rows),
            cursor=json.dumps({"covered": reached}) if is_last else None,
            is_last=is_last,
            endpoint=FUNDING[stream].path.rpartition("/")[2],
            fetched_at=now,
        )
        if is_last or following is None:
            return
        params = {**params, "cursor": following}


def _pending(rows: list[dict[str, Any]], now: datetime) -> list[int]:
    oldest = int(now.timestamp()) - _PENDING_SECONDS
    seconds = [time_parts(row["time"])[0] for row in rows if _is_pending(row)]
    return [second for second in seconds if second > oldest]


def _is_pending(row: Mapping[str, Any]) -> bool:
    return row.get("status") not in _SETTLED
