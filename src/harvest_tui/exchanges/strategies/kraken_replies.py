"""The envelopes of Kraken's private replies, the rows in them, and its times to the last digit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from harvest_tui.core.money import parse_decimal
from harvest_tui.core.pages import RawRow
from harvest_tui.errors import BadReply

_HINT = "nothing was stored; it is asked again at the next sync"
_TIME = re.compile(r"(?P<seconds>\d{1,11})(?:\.(?P<fraction>\d{1,12}))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_REFERENCE = frozenset({"", "Unknown So"})
"""Kraken's first years carry one placeholder as the reference of unrelated rows."""


def bad(what: str) -> BadReply:
    """The error for a reply of Kraken that is not what its endpoint answers."""
    return BadReply(f"Kraken sent {what}", _HINT)


def result_of(reply: Any) -> Any:
    """The `result` of a reply without errors. Raises `BadReply` where there is none."""
    if not isinstance(reply, dict) or reply.get("error") != [] or "result" not in reply:
        raise bad("a reply without a result")
    return reply["result"]


def text_in(row: Mapping[str, Any], name: str) -> str:
    """A field that must be there as text."""
    value = row.get(name)
    if not isinstance(value, str):
        raise bad(f"a row without {name}")
    return value


def check_amount(row: Mapping[str, Any], name: str) -> None:
    """Raises `BadReply` unless the field is a plain decimal in text."""
    try:
        parse_decimal(text_in(row, name))
    except ValueError as error:
        raise bad(f"a row whose {name} is no number") from error


def time_parts(told: object) -> tuple[int, str]:
    """Whole seconds since 1970 and the digits of the fraction, as told (`1688464484.1787` as text, or an int)."""
    found = _TIME.fullmatch(str(told)) if isinstance(told, (str, int)) and not isinstance(told, bool) else None
    if found is None:
        raise bad("a row without a time")
    return int(found["seconds"]), found["fraction"] or ""


def moment(told: object) -> tuple[datetime, int]:
    """The time exact to the microsecond, and what is left of it in units of 1e-10 s to order rows by."""
    seconds, fraction = time_parts(told)
    digits = fraction.ljust(10, "0")
    return _EPOCH + timedelta(seconds=seconds, microseconds=int(digits[:6])), int(digits[6:10])


def microsecond(told: object) -> int:
    """The time in whole microseconds since 1970, later digits cut."""
    seconds, fraction = time_parts(told)
    return seconds * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def check_ledger(reply: Any) -> None:
    """A page of the ledger: rows by id, and how many there are in all."""
    result = result_of(reply)
    if not isinstance(result, dict) or "ledger" not in result:
        raise bad("a reply without a ledger")
    rows, count = result["ledger"], result.get("count")
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise bad("a ledger without a count")
    if rows == [] and count == 0:
        return
    if not isinstance(rows, dict):
        raise bad("a ledger of another shape")
    for row in rows.values():
        if not isinstance(row, dict):
            raise bad("a ledger row of another shape")
        for name in ("refid", "type", "asset"):
            text_in(row, name)
        check_amount(row, "amount")
        check_amount(row, "fee")
        time_parts(row.get("time"))


def ledger_rows(reply: Any) -> tuple[dict[str, dict[str, Any]], int]:
    """The rows by ledger id, newest first, and the count of all of them, of a reply `check_ledger` passed."""
    result = reply["result"]
    return dict(result["ledger"] or {}), result["count"]


def check_funding(reply: Any) -> None:
    """A page of deposit or withdrawal states, with or without a cursor to the next."""
    rows, _ = funding_rows(reply)
    for row in rows:
        if not isinstance(row, dict) or not text_in(row, "refid"):
            raise bad("a transfer state of another shape")
        time_parts(row.get("time"))


def funding_rows(reply: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The rows, newest first, and the cursor to older ones."""
    result = result_of(reply)
    if isinstance(result, list):
        return result, None
    lists = [value for value in result.values() if isinstance(value, list)] if isinstance(result, dict) else []
    if len(lists) != 1:
        raise bad("transfer states of another shape")
    following = result.get("next_cursor")
    if following is not None and not isinstance(following, str):
        raise bad("transfer states of another shape")
    return lists[0], following or None


def check_balances(reply: Any) -> None:
    """Balances by wallet code."""
    result = result_of(reply)
    if not isinstance(result, dict):
        raise bad("balances of another shape")
    for wallet in result.values():
        if not isinstance(wallet, dict):
            raise bad("balances of another shape")
        check_amount(wallet, "balance")
        if "hold_trade" in wallet:
            check_amount(wallet, "hold_trade")


def canonical(row: Mapping[str, Any]) -> str:
    """The row as JSON text that is the same for the same row."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def ledger_raw(ledger_id: str, row: Mapping[str, Any]) -> RawRow:
    """A ledger row for the store, grouped by its reference."""
    reference = row["refid"]
    return RawRow(ledger_id, ledger_id if reference in _NO_REFERENCE else reference, canonical(row))


def funding_raw(row: Mapping[str, Any]) -> RawRow:
    """A transfer state for the store, in the group of its ledger rows."""
    return RawRow(row["refid"], row["refid"], canonical(row))
