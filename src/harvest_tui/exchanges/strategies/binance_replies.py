"""Reading Binance's replies: what must be there before a reply counts as an answer, and exact values out of rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from harvest_tui.core.money import parse_decimal
from harvest_tui.core.records import Amount, Asset
from harvest_tui.errors import BadReply
from harvest_tui.exchanges.assets import canonical_asset
from harvest_tui.exchanges.strategies.base import Check

JsonObject = Mapping[str, Any]
Rows = Callable[[Any], Sequence[JsonObject]]
"""The rows of a reply; raises BadReply unless the envelope of its endpoint is there."""

_HINT = "nothing was stored from it; the next sync asks again"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND_STAMP = 10**11
SUCCESS = "000000"


def bad(what: str) -> BadReply:
    """The error for a reply that is not what its endpoint answers."""
    return BadReply(f"Binance answered something unexpected: {what}", _HINT)


def object_of(value: Any, what: str) -> JsonObject:
    """The value as a JSON object; raises BadReply for anything else."""
    if not isinstance(value, dict):
        raise bad(f"{what} is not an object")
    return value


def text_of(row: JsonObject, key: str) -> str:
    """A text that must be there and not empty."""
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise bad(f"a row without {key}")
    return value


def id_of(row: JsonObject, *keys: str) -> str:
    """The first of the keys that holds an id, text or a whole number, as text."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value:
            return value
    raise bad(f"a row without {keys[0]}")


def decimal_of(value: Any) -> Decimal:
    """The exact value of a number that came as text or as a JSON integer, not below zero."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    try:
        number = parse_decimal(value)
    except (TypeError, ValueError) as error:
        raise bad("a number that is none") from error
    if number < 0:
        raise bad("an amount below zero")
    return number


def amount_of(row: JsonObject, key: str, asset_key: str) -> Amount:
    """`row[key]` units of the coin that `row[asset_key]` names."""
    return Amount(decimal_of(row.get(key)), asset_of(text_of(row, asset_key)))


def asset_of(code: str) -> Asset:
    """The canonical asset of a Binance code: `LDBTC` in Simple Earn is BTC, `LDO` is itself."""
    return canonical_asset("binance", code)


def ms_of(row: JsonObject, *keys: str) -> int:
    """The first of the keys that holds a time, in ms since 1970.

    Whole numbers are ms (or seconds where they are too small for that), texts are `2021-04-15 12:09:16` in UTC.
    """
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value if value > _LAST_SECOND_STAMP else value * 1000
        if isinstance(value, str) and value:
            return _written_ms(value)
    raise bad(f"a row without {keys[0]}")


def _written_ms(text: str) -> int:
    try:
        written = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise bad("a time that is none") from error
    return round((written - _EPOCH) / timedelta(milliseconds=1))


def instant(ms: int) -> datetime:
    """The aware UTC time of ms since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def ms_at(moment: datetime) -> int:
    """Whole ms since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def bare_list(reply: Any) -> Sequence[JsonObject]:
    """The rows of a reply that is a JSON array of objects."""
    if not isinstance(reply, list):
        raise bad("no list of rows")
    return [object_of(row, "a row") for row in reply]


def listed_under(key: str, *others: str) -> Rows:
    """Rows under `key` of an object that has `others` too."""

    def rows(reply: Any) -> Sequence[JsonObject]:
        told = object_of(reply, "the reply")
        if missing := [name for name in (key, *others) if name not in told]:
            raise bad(f"a reply without {missing[0]}")
        return bare_list(told[key])

    return rows


def data_rows(reply: Any) -> Sequence[JsonObject]:
    """Rows under `data` of a reply that says it succeeded and how many rows there are."""
    told = object_of(reply, "the reply")
    if told.get("code") != SUCCESS or told.get("success") is not True:
        raise bad("a reply that does not say it succeeded")
    total_of(told)
    return bare_list(told.get("data"))


def total_of(reply: JsonObject) -> int:
    """The count of all rows that a paged reply tells."""
    total = reply.get("total")
    if isinstance(total, str) and total.isascii() and total.isdigit():
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise bad("a page without its total")
    return total


def check_account(reply: Any) -> None:
    """Raises BadReply unless the reply is a spot account with its balances."""
    told = object_of(reply, "the reply")
    if not isinstance(told.get("canTrade"), bool):
        raise bad("an account without its state")
    for row in listed_under("balances", "updateTime")(reply):
        text_of(row, "asset")
        decimal_of(row.get("free"))
        decimal_of(row.get("locked"))


def check_positions(amount_key: str) -> Check:
    """A check for a page of Simple Earn positions."""

    def check(reply: Any) -> None:
        for row in listed_under("rows", "total")(reply):
            amount_of(row, amount_key, "asset")
        total_of(reply)

    return check


def check_staking(reply: Any) -> None:
    """Raises BadReply unless the reply tells the staked coins of Binance.US."""
    told = object_of(reply, "the reply")
    if told.get("code") != SUCCESS:
        raise bad("a reply that does not say it succeeded")
    for row in bare_list(told.get("data")):
        amount_of(row, "stakingAmount", "asset")


def check_markets(reply: Any) -> None:
    """Raises BadReply unless the reply lists markets."""
    rows = listed_under("symbols")(reply)
    if not rows:
        raise bad("no markets at all")
    for row in rows:
        for key in ("symbol", "baseAsset", "quoteAsset", "status"):
            text_of(row, key)


def check_restrictions(reply: Any) -> None:
    """Raises BadReply unless the reply tells at least one right of the key."""
    told = object_of(reply, "the reply")
    if not {"enableReading", "enableWithdrawals", "enableSpotAndMarginTrading"} & told.keys():
        raise bad("no rights of the key")


def check_trades(symbol: str) -> Check:
    """A check for a page of `myTrades`: trades of `symbol` with rising ids."""

    def check(reply: Any) -> None:
        for row in bare_list(reply):
            if row.get("symbol") != symbol or not isinstance(row.get("isBuyer"), bool):
                raise bad("a trade of another form or market")
            trade_id(row)
            ms_of(row, "time")
            amount_of(row, "commission", "commissionAsset")
            for key in ("price", "qty", "quoteQty"):
                decimal_of(row.get(key))

    return check


def trade_id(row: JsonObject) -> int:
    """The id of a trade within its market."""
    value = row.get("id")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise bad("a trade without id")
    return value


def canonical(row: JsonObject) -> str:
    """The row as JSON text that is equal where the row is equal."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
