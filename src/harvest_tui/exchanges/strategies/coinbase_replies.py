"""Reading Coinbase's replies: what must be there before a reply counts as an answer, and exact values out of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvest_tui.core.money import parse_decimal
from harvest_tui.core.records import Amount, Asset
from harvest_tui.errors import BadReply

JsonObject = Mapping[str, Any]

_HINT = "nothing was stored from it; the next sync asks again"
_VAULTS = frozenset({"vault", "multisig_vault"})
_SAME_COIN = {"ETH2": "ETH", "CGLD": "CELO"}


def asset_of(code: str) -> Asset:
    """The canonical asset of a Coinbase currency code; staked `ETH2` is ether, `CGLD` is CELO."""
    return Asset(_SAME_COIN.get(code, code))


def bad(what: str) -> BadReply:
    """The error for a reply that is not what its endpoint answers."""
    return BadReply(f"Coinbase answered something unexpected: {what}", _HINT)


def _object(value: Any, what: str) -> JsonObject:
    if not isinstance(value, dict):
        raise bad(f"{what} is not an object")
    return value


def _text(row: JsonObject, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise bad(f"a row without {key}")
    return value


def decimal_of(value: Any) -> Decimal:
    """The exact value of a number that came as text or as a JSON integer; raises BadReply for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    try:
        return parse_decimal(value)
    except (TypeError, ValueError) as error:
        raise bad("a number that is none") from error


def time_of(value: Any) -> datetime:
    """The instant of an ISO 8601 text, cut to microseconds, in UTC; raises BadReply for anything else."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise bad("a time that is none") from error
    if instant.tzinfo is None:
        raise bad("a time without a zone")
    return instant.astimezone(UTC)


def money_of(value: Any) -> Amount:
    """A v2 `{amount, currency}` object, sign kept; raises BadReply for anything else."""
    money = _object(value, "an amount")
    return Amount(decimal_of(money.get("amount")), asset_of(_text(money, "currency")))


def optional_decimal(value: Any) -> Decimal | None:
    """As `decimal_of`, but None where nothing readable is told."""
    try:
        return decimal_of(value)
    except BadReply:
        return None


def optional_money(value: Any) -> Amount | None:
    """As `money_of`, but None where nothing readable is told."""
    try:
        return money_of(value)
    except BadReply:
        return None


def _listed(reply: Any, key: str) -> Sequence[JsonObject]:
    rows = _object(reply, "the reply").get(key)
    if not isinstance(rows, list):
        raise bad(f"no list of {key}")
    return [_object(row, f"a row of {key}") for row in rows]


def _check_paged(reply: JsonObject) -> None:
    pagination = _object(reply.get("pagination"), "pagination")
    if "next_uri" not in pagination:
        raise bad("pagination without next_uri")
    if pagination["next_uri"] is not None and not isinstance(pagination["next_uri"], str):
        raise bad("a next_uri that is none")
    if type(pagination.get("limit", 0)) is not int:
        raise bad("a page limit that is no number")
    if pagination["next_uri"] and not reply["data"]:
        raise bad("an empty page that says more follows")


def check_fills(reply: Any) -> None:
    """Raises BadReply unless the reply is a page of v3 fills."""
    rows = _listed(reply, "fills")
    if "cursor" not in reply or not isinstance(reply["cursor"], str | None):
        raise bad("fills without a cursor")
    for row in rows:
        for key in ("entry_id", "trade_id", "order_id", "product_id", "side", "trade_type"):
            _text(row, key)
        for key in ("price", "size", "commission"):
            decimal_of(row.get(key))
        if not isinstance(row.get("size_in_quote"), bool) or row["product_id"].count("-") < 1:
            raise bad("a fill of an unknown form")
        time_of(row.get("trade_time"))
        time_of(row.get("sequence_timestamp"))


def check_accounts(reply: Any) -> None:
    """Raises BadReply unless the reply is a page of v2 accounts."""
    rows = _listed(reply, "data")
    _check_paged(reply)
    for row in rows:
        _text(row, "id")
        money_of(row.get("balance"))
        for key in ("created_at", "updated_at"):
            if row.get(key) is not None:
                time_of(row[key])


def check_transactions(reply: Any) -> None:
    """Raises BadReply unless the reply is a page of v2 transactions, oldest first."""
    rows = _listed(reply, "data")
    _check_paged(reply)
    if reply["pagination"].get("order", "asc") != "asc":
        raise bad("newest first where oldest first was asked")
    for row in rows:
        for key in ("id", "type", "status"):
            _text(row, key)
        money_of(row.get("amount"))
        time_of(row.get("created_at"))
        if row.get("updated_at") is not None:
            time_of(row["updated_at"])


def check_permissions(reply: Any) -> None:
    """Raises BadReply unless the reply tells at least one right of the key."""
    if not {"can_view", "can_trade", "can_transfer"} & _object(reply, "the reply").keys():
        raise bad("no rights of the key")


def next_after(reply: JsonObject) -> str | None:
    """The id to go on after on a v2 page, or None on the last one."""
    pagination = reply["pagination"]
    if not pagination["next_uri"]:
        return None
    told = pagination.get("next_starting_after")
    if isinstance(told, str) and told:
        return told
    linked = parse_qs(urlsplit(pagination["next_uri"]).query).get("starting_after")
    return linked[0] if linked else str(reply["data"][-1]["id"])


def canonical(row: JsonObject) -> str:
    """The row as JSON text that is equal where the row is equal."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Wallet:
    """One v2 account as listed: its whole balance, held amounts included, and what shows that it moved."""

    wallet_id: str
    balance: Amount
    moved_mark: str
    changed_at: datetime | None
    is_unused: bool
    is_locked: bool


def wallet_of(row: JsonObject) -> Wallet:
    """The wallet of a checked v2 account row.

    `is_unused`: Coinbase lists every currency it knows; one never used has no times and holds nothing.
    `is_locked`: what is staked has a wallet `Staked SOL` (once `ETH2`), and a vault takes days to open.
    """
    balance = money_of(row["balance"])
    updated, created = row.get("updated_at"), row.get("created_at")
    return Wallet(
        wallet_id=row["id"],
        balance=balance,
        moved_mark=f"{updated or ''} {row['balance']['amount']}",
        changed_at=time_of(updated) if updated else None,
        is_unused=updated is None and created is None and not balance.quantity,
        is_locked=_is_locked(row),
    )


def _is_locked(row: JsonObject) -> bool:
    is_staked = str(row.get("name", "")).startswith("Staked ") or row["balance"]["currency"] == "ETH2"
    return is_staked or row.get("type") in _VAULTS
