"""Prices in US dollars: the latest quote of each exchange, and candles of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from harvest_tui.core.records import Asset, Candle, Quote
from harvest_tui.store.columns import chunks, microseconds, moment, number_text
from harvest_tui.store.engine import Row, Rows, Transaction

Moment = tuple[Asset, datetime]

_CANDLE = "asset, start_us, seconds, open, high, low, close, source"
_LONGEST_US = 86_400_000_000
"""No candle is longer than a day; the table refuses it."""


async def save_quotes(transaction: Transaction, quotes: Mapping[tuple[str, Asset], Quote]) -> None:
    """Keeps each quote unless a newer one is held."""
    await transaction.run_many(
        """INSERT INTO quotes (exchange, asset, price, at_us, source) VALUES (?,?,?,?,?)
        ON CONFLICT (exchange, asset) DO UPDATE SET price = excluded.price, at_us = excluded.at_us,
            source = excluded.source WHERE excluded.at_us >= at_us""",
        [
            (exchange, asset, number_text(quote.price), microseconds(quote.at), quote.source)
            for (exchange, asset), quote in quotes.items()
        ],
    )


async def quotes(source: Rows) -> dict[tuple[str, Asset], Quote]:
    """The latest quote of every exchange and asset."""
    found = await source.rows("SELECT exchange, asset, price, at_us, source FROM quotes ORDER BY exchange, asset")
    return {
        (exchange, Asset(asset)): Quote(Asset(asset), Decimal(price), moment(at_us), told_by)
        for exchange, asset, price, at_us, told_by in found
    }


async def save_candles(transaction: Transaction, candles: Sequence[Candle]) -> None:
    """Keeps the candles; one that is held already is brought up to date (today's candle still grows)."""
    transaction.touched.candles += [(candle.asset, candle.start, candle.seconds) for candle in candles]
    await transaction.run_many(
        f"INSERT OR REPLACE INTO candles ({_CANDLE}) VALUES (?,?,?,?,?,?,?,?)",
        [
            (
                candle.asset,
                microseconds(candle.start),
                candle.seconds,
                *(number_text(price) for price in (candle.open, candle.high, candle.low, candle.close)),
                candle.source,
            )
            for candle in candles
        ],
    )


def _candle(row: Row) -> Candle:
    asset, start_us, seconds, first, high, low, last, source = row
    prices = Decimal(first), Decimal(high), Decimal(low), Decimal(last)
    return Candle(Asset(asset), moment(start_us), seconds, *prices, source)


async def candles(source: Rows, asset: Asset, start: datetime, end: datetime) -> list[Candle]:
    """Candles that begin at or after `start` and before `end`, in order of time."""
    found = await source.rows(
        f"SELECT {_CANDLE} FROM candles WHERE asset = ? AND start_us >= ? AND start_us < ? "
        "ORDER BY start_us, seconds, source",
        (asset, microseconds(start), microseconds(end)),
    )
    return [_candle(row) for row in found]


async def candles_at(source: Rows, keys: Sequence[Moment]) -> dict[Moment, Candle]:
    """The candle each moment falls into, the shortest where there are several; moments without one are left out."""
    wanted = {(asset, microseconds(at)): (asset, at) for asset, at in keys}
    answers: dict[Moment, Candle] = {}
    for some in chunks(list(wanted), 200):
        pairs = ",".join(["(?,?)"] * len(some))
        found = await source.rows(
            f"""WITH wanted (coin, at_us) AS (VALUES {pairs})
            SELECT at_us, {_CANDLE} FROM wanted CROSS JOIN candles
            ON asset = coin AND start_us BETWEEN at_us - {_LONGEST_US} + 1 AND at_us
                AND start_us + seconds * 1000000 > at_us
            ORDER BY seconds, source""",
            [value for pair in some for value in pair],
        )
        for at_us, *row in found:
            answers.setdefault(wanted[row[0], at_us], _candle(row))
    return answers
