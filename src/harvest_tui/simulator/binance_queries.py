"""How Binance's endpoints cut a history: windows, page sizes and order, with the errors for what they do not allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harvest_tui.simulator.binance_rows import at_ms

Row = Mapping[str, object]
Serve = Callable[[str, Sequence[Row]], list[Row]]
"""(stream, all its rows newest first) -> the rows as they shall be told."""

DAY_MS = 86_400_000


class Refusal(Exception):
    """A request the endpoint answers with an error: Binance's code, its words, the HTTP status."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one request, read as the endpoint reads them."""

    params: Mapping[str, str]
    now_ms: int

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; raises Refusal where it is missing without default, or is none."""
        text = self.params.get(name)
        if text is None and default is not None:
            return default
        if text is None:
            raise Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        if not text.isascii() or not text.isdigit():
            raise Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
        return int(text)

    def text(self, name: str) -> str:
        """A text that must be there."""
        if not self.params.get(name):
            raise Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        return self.params[name]

    def limit(self, default: int, largest: int, name: str = "limit") -> int:
        """The page size; larger ones are refused."""
        limit = self.number(name, default)
        if not 0 < limit <= largest:
            raise Refusal(-1130, f"Data sent for parameter '{name}' is not valid.")
        return limit

    def window(self, longest_days: int | None, start: str = "startTime", end: str = "endTime") -> tuple[int, int]:
        """Both ends of the time asked for, inclusive. Without them the last `longest_days` (30 where any span goes)."""
        days = 30 if longest_days is None else longest_days
        last = self.number(end, self.now_ms)
        first = self.number(start, last - days * DAY_MS)
        if first > last:
            raise Refusal(-1023, "Start time is greater than end time.")
        if longest_days is not None and last - first > longest_days * DAY_MS:
            raise Refusal(-1127, f"More than {longest_days * 24} hours between startTime and endTime.")
        return first, last


def between(rows: Sequence[Row], window: tuple[int, int]) -> list[Row]:
    """The rows in the window, both ends included."""
    return [row for row in rows if window[0] <= at_ms(row) <= window[1]]


def trades_page(query: Query, rows: Sequence[Row]) -> list[Row]:
    """`myTrades` of one symbol, oldest first: from an id on, or in at most 24 hours, or the newest ones."""
    limit = query.limit(500, 1000)
    if "fromId" in query.params:
        if "startTime" in query.params or "endTime" in query.params:
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        first = query.number("fromId")
        return [row for row in rows if int(str(row["id"])) >= first][:limit]
    if "startTime" in query.params and "endTime" in query.params:
        return between(rows, query.window(1))[:limit]
    if "startTime" in query.params:
        return [row for row in rows if at_ms(row) >= query.number("startTime")][:limit]
    return list(rows[-limit:])


def capital_page(query: Query, rows: Sequence[Row]) -> list[Row]:
    """Coin deposits or withdrawals, newest first, in at most 90 days."""
    limit, offset = query.limit(1000, 1000), query.number("offset", 0)
    found = between(rows, query.window(90))
    if query.params.get("coin"):
        found = [row for row in found if row["coin"] == query.params["coin"]]
    return found[offset : offset + limit]


def converts_page(query: Query, rows: Sequence[Row]) -> dict[str, object]:
    """`convert/tradeFlow`, newest first, in at most 30 days, both ends of the window required."""
    limit = query.limit(100, 1000)
    query.number("startTime"), query.number("endTime")
    window = query.window(30)
    found = between(rows, window)
    return {
        "list": found[:limit],
        "startTime": window[0],
        "endTime": window[1],
        "limit": limit,
        "moreData": len(found) > limit,
    }


def dust_page(query: Query, rows: Sequence[Row]) -> dict[str, object]:
    """`asset/dribblet`: the newest 100 sweeps of the time asked for."""
    window = query.number("startTime", 0), query.number("endTime", query.now_ms)
    found = between(rows, window)[:100]
    return {"total": len(found), "userAssetDribblets": found}


def dividends_page(query: Query, rows: Sequence[Row], longest_days: int | None = 180) -> dict[str, object]:
    """`asset/assetDividend`, newest first; `total` counts the whole window."""
    limit = query.limit(20, 500)
    found = between(rows, query.window(longest_days))
    return {"rows": found[:limit], "total": len(found)}


def numbered_page(
    query: Query, rows: Sequence[Row], *, size: tuple[str, int, int], times: tuple[str, str]
) -> tuple[list[Row], int]:
    """Page `page` (from 1) of any span of time, newest first, and the count of all. `size`: name, default, largest."""
    name, default, largest = size
    limit = query.limit(default, largest, name)
    number = query.number("page", 1)
    found = between(rows, query.window(None, *times))
    return found[(number - 1) * limit : number * limit], len(found)
