"""The markets each exchange lists, so that a start needs no download of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from harvest_tui.errors import StoreError
from harvest_tui.store.columns import chunks, marks, microseconds, moment
from harvest_tui.store.engine import Rows, Transaction


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise StoreError(f"a market holds a {type(value).__name__}", "nothing of it was stored; please report this")


async def replace_markets(
    transaction: Transaction, exchange: str, markets: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    """Puts the list in the place of the exchange's former one; an empty list is refused, never taken as "none"."""
    if not markets:
        raise StoreError(f"{exchange} told no markets at all", "the former list is kept; try again")
    rows = [(exchange, str(market["symbol"]), json.dumps(market, default=_plain)) for market in markets]
    await transaction.run("DELETE FROM market_lists WHERE exchange = ?", (exchange,))
    await transaction.run("INSERT INTO market_lists (exchange, saved_us) VALUES (?,?)", (exchange, microseconds(at)))
    await transaction.run_many("INSERT INTO markets (exchange, symbol, payload) VALUES (?,?,?)", rows)


async def markets(source: Rows, exchange: str, symbols: Sequence[str] | None) -> list[dict[str, Any]]:
    """The markets of the exchange, or those of `symbols` that it has, by symbol."""
    query = "SELECT payload FROM markets WHERE exchange = ?"
    if symbols is None:
        return [json.loads(text) for (text,) in await source.rows(f"{query} ORDER BY symbol", (exchange,))]
    found: list[dict[str, Any]] = []
    for some in chunks(sorted(set(symbols))):
        rows = await source.rows(f"{query} AND symbol IN ({marks(len(some))}) ORDER BY symbol", (exchange, *some))
        found.extend(json.loads(text) for (text,) in rows)
    return found


async def saved_at(source: Rows, exchange: str) -> datetime | None:
    """When the exchange's list was stored, None where there is none."""
    found = await source.rows("SELECT saved_us FROM market_lists WHERE exchange = ?", (exchange,))
    return moment(found[0][0]) if found else None
