"""What the stored rows of one Coinbase group tell: each movement of coins is one event.

Advanced trades are told twice, by v3 fills and by v2 `advanced_trade_fill` rows in the wallets they touched. Both carry
the order's id and so share a group; the fills are believed, the v2 rows only where an order has no fill.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.pages import StoredRow
from harvest_tui.core.records import USD, AccountId, Amount, Event, EventId, EventKind
from harvest_tui.exchanges.strategies.coinbase_replies import (
    JsonObject,
    asset_of,
    decimal_of,
    money_of,
    optional_decimal,
    optional_money,
    time_of,
)

_INCOME = frozenset(
    {
        "staking_reward",
        "inflation_reward",
        "earn_payout",
        "interest",
        "incentives_rewards_payout",
        "reward",
        "rewards",
        "subscription_rebate",
        "cardbuyback",
        "cardspend_reward",
    }
)
_INTERNAL = frozenset({"staking_transfer", "unstaking_transfer", "vault_withdrawal", "transfer", "request"})
_TAKEN_BACK = frozenset({"clawback", "incentives_shared_clawback"})
_PAIRED = ("trade", "buy", "sell", "wrap_asset", "unwrap_asset")
_EARN_SENDERS = frozenset({"Coinbase Earn", "Coinbase Rewards"})
_EIGHTEEN_PLACES = Decimal("1e-18")
_EIGHTH_PLACE = Decimal("1e-8")


def group_of_fill(row: JsonObject) -> str:
    """The group of a v3 fill: its order."""
    return f"order:{row['order_id']}"


def group_of_transaction(row: JsonObject) -> str:
    """The group of a v2 transaction: its order, the exchange both of whose legs it joins, or itself alone."""
    kind = row["type"]
    told = row.get(kind)
    if kind == "advanced_trade_fill" and isinstance(told, dict) and told.get("order_id"):
        return f"order:{told['order_id']}"
    if kind in _PAIRED and isinstance(told, dict) and told.get("id"):
        return f"{kind}:{told['id']}"
    if kind in ("wrap_asset", "unwrap_asset", "retail_simple_dust"):
        return f"{kind}:{row['created_at']}"
    return f"tx:{row['id']}"


def events_of_group(account: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
    """The events of one group, oldest first; a group of the account list has none."""
    kind, _, shared = group.partition(":")
    fills = [json.loads(row.payload) for row in rows if row.stream == "fills"]
    wallet_rows = [json.loads(row.payload) for row in rows if row.stream == "transactions"]
    moved = sorted((row for row in wallet_rows if _has_moved(row)), key=lambda row: (row["created_at"], row["id"]))
    if kind == "order":
        return _of_fills(account, fills, moved) if fills else _of_unfilled_order(account, moved)
    if kind in _PAIRED or kind == "retail_simple_dust":
        return _of_exchange(account, kind, shared, moved)
    return [event for row in moved for event in _of_single(account, row)]


def _has_moved(row: JsonObject) -> bool:
    """Whether the wallet's balance has this row in it: a send leaves the balance before it is confirmed."""
    return row["status"] == "completed" or (
        row["status"] == "pending" and row["type"] == "send" and money_of(row["amount"]).quantity < 0
    )


def _of_fills(account: AccountId, fills: Sequence[JsonObject], mirrors: Sequence[JsonObject]) -> list[Event]:
    reversed_trades = Counter(row["trade_id"] for row in fills if row["trade_type"] == "REVERSAL")
    told_bases = [
        abs(money_of(row["amount"]).quantity)
        for row in mirrors
        if row["amount"]["currency"] == row["advanced_trade_fill"].get("product_id", "").rpartition("-")[0]
    ]
    events: list[Event] = []
    for row in sorted(fills, key=lambda row: (time_of(row["sequence_timestamp"]), row["entry_id"])):
        if row["trade_type"] not in ("FILL", "CORRECTION"):
            continue
        if reversed_trades[row["trade_id"]] and row["trade_type"] == "FILL":
            reversed_trades[row["trade_id"]] -= 1
            continue
        event = _of_fill(account, row, told_bases, len(events))
        if event:
            events.append(event)
    return events


def _of_fill(account: AccountId, row: JsonObject, told_bases: list[Decimal], sequence: int) -> Event | None:
    base_code, _, quote_code = row["product_id"].rpartition("-")
    size, price = decimal_of(row["size"]), decimal_of(row["price"])
    if row["size_in_quote"]:
        base, quote = _base_of_quote(size, price, told_bases), size
    else:
        base, quote = size, EXACT.multiply(size, price)
    fee = Amount(decimal_of(row["commission"]), asset_of(quote_code))
    return _trade(
        account,
        row["entry_id"],
        time_of(row["trade_time"]),
        row["side"],
        Amount(base, asset_of(base_code)),
        Amount(quote, asset_of(quote_code)),
        fee,
        sequence,
    )


def _base_of_quote(quote: Decimal, price: Decimal, told_bases: list[Decimal]) -> Decimal:
    """Units of base in a fill sized in quote: what the wallet's own row says, else size / price to 18 places.

    The quotient has no end in general, the wallet's row is exact; the nearest is taken and used up, if it is no further
    off than rounding to 8 places or a millionth.
    """
    if not price:
        return ZERO
    computed = ROUNDED.divide(quote, price)
    blur = max(_EIGHTH_PLACE, ROUNDED.scaleb(computed, -6))
    near = [told for told in told_bases if abs(told - computed) <= blur]
    if near:
        told = min(near, key=lambda each: abs(each - computed))
        told_bases.remove(told)
        return told
    return computed.quantize(_EIGHTEEN_PLACES, rounding=ROUND_DOWN, context=ROUNDED)


def _of_unfilled_order(account: AccountId, rows: Sequence[JsonObject]) -> list[Event]:
    """Trades of an order that v3 does not list: the base wallet's rows with their own price and commission."""
    events: list[Event] = []
    for row in rows:
        told, moved = row["advanced_trade_fill"], money_of(row["amount"])
        base_code, _, quote_code = str(told.get("product_id", "")).rpartition("-")
        price, commission = optional_decimal(told.get("fill_price")), optional_decimal(told.get("commission"))
        if row["amount"]["currency"] != base_code or not quote_code or price is None:
            continue
        quote = EXACT.multiply(abs(moved.quantity), price)
        fee = Amount(abs(commission or ZERO), asset_of(quote_code))
        side = "BUY" if moved.quantity > 0 else "SELL"
        base = Amount(abs(moved.quantity), moved.asset)
        event = _trade(
            account,
            row["id"],
            time_of(row["created_at"]),
            side,
            base,
            Amount(quote, asset_of(quote_code)),
            fee,
            len(events),
        )
        if event:
            events.append(event)
    return events


def _trade(
    account: AccountId,
    native_id: str,
    at: datetime,
    side: str,
    base: Amount,
    quote: Amount,
    fee: Amount,
    sequence: int,
) -> Event | None:
    if side not in ("BUY", "SELL") or not base.quantity:
        return None
    sent, received = (quote, base) if side == "BUY" else (base, quote)
    return Event(
        EventId(f"{account}:{native_id}"),
        account,
        EventKind.TRADE,
        at,
        sent=sent,
        received=received,
        fee=fee if fee.quantity else None,
        fee_value=fee.quantity if fee.quantity and fee.asset == USD else None,
        sequence=sequence,
    )


def _of_exchange(account: AccountId, kind: str, shared: str, rows: Sequence[JsonObject]) -> list[Event]:
    """A convert, simple buy or sell, wrap or dust sweep: one exchange out of the legs in up to two wallets."""
    given = [row for row in rows if money_of(row["amount"]).quantity < 0]
    taken = [row for row in rows if money_of(row["amount"]).quantity > 0]
    if len(given) == len(taken) == 1:
        return _of_legs(account, kind, shared, given[0], taken[0])
    if kind in ("buy", "sell") and len(rows) == 1:
        return _of_outside_payment(account, kind, shared, rows[0])
    return [event for row in rows for event in _of_single(account, row)]


def _of_legs(account: AccountId, kind: str, shared: str, given: JsonObject, taken: JsonObject) -> list[Event]:
    sent, received = _absolute(given), _absolute(taken)
    fee = _told_fee(given, kind) or _told_fee(taken, kind)
    if fee and fee.asset == sent.asset and fee.quantity < sent.quantity:
        sent = Amount(EXACT.subtract(sent.quantity, fee.quantity), sent.asset)
    elif fee and fee.asset == received.asset:
        received = Amount(EXACT.add(received.quantity, fee.quantity), received.asset)
    else:
        fee = None
    if sent == received and not fee:
        return []
    is_wrap = kind in ("wrap_asset", "unwrap_asset")
    has_dollars = USD in (sent.asset, received.asset)
    return [
        Event(
            EventId(f"{account}:{shared}"),
            account,
            EventKind.CONVERT if is_wrap else EventKind.TRADE,
            time_of(given["created_at"]),
            sent=sent,
            received=received,
            fee=fee,
            fee_value=fee.quantity if fee and fee.asset == USD else None,
            value=None if has_dollars or is_wrap else _dollar_value(taken),
        )
    ]


def _of_outside_payment(account: AccountId, kind: str, shared: str, row: JsonObject) -> list[Event]:
    """A simple buy paid by card or bank, or a sell paid out to one: the money passes the account on the way."""
    total, fee, coin = optional_money(row[kind].get("total")), _told_fee(row, kind), _absolute(row)
    if total is None:
        return _of_single(account, row)
    at, charged = time_of(row["created_at"]), fee.quantity if fee else ZERO
    trade_id, money_id = EventId(f"{account}:{shared}"), EventId(f"{account}:{shared}:money")
    fee_value = charged if fee and fee.asset == USD else None
    if kind == "buy":
        spent = Amount(EXACT.subtract(total.quantity, charged), total.asset)
        return [
            Event(money_id, account, EventKind.DEPOSIT, at, received=total),
            Event(
                trade_id,
                account,
                EventKind.TRADE,
                at,
                sent=spent,
                received=coin,
                fee=fee,
                fee_value=fee_value,
                sequence=1,
            ),
        ]
    earned = Amount(EXACT.add(total.quantity, charged), total.asset)
    return [
        Event(trade_id, account, EventKind.TRADE, at, sent=coin, received=earned, fee=fee, fee_value=fee_value),
        Event(money_id, account, EventKind.WITHDRAWAL, at, sent=total, sequence=1),
    ]


def _absolute(row: JsonObject) -> Amount:
    moved = money_of(row["amount"])
    return Amount(abs(moved.quantity), moved.asset)


def _told_fee(row: JsonObject, kind: str) -> Amount | None:
    told = row.get(kind)
    fee = optional_money(told.get("fee")) if isinstance(told, dict) else None
    return Amount(abs(fee.quantity), fee.asset) if fee and fee.quantity else None


def _dollar_value(row: JsonObject) -> Decimal | None:
    """The row's value in US dollars as Coinbase tells it to the cent; None where it rounds to nothing."""
    native = optional_money(row.get("native_amount"))
    return abs(native.quantity) if native and native.asset == USD and native.quantity else None


def _of_single(account: AccountId, row: JsonObject) -> list[Event]:
    moved, kind = money_of(row["amount"]), row["type"]
    if kind in _INTERNAL or not moved.quantity:
        return []
    if moved.quantity < 0:
        return [_of_outgoing(account, row, Amount(-moved.quantity, moved.asset))]
    is_income = kind in _INCOME or _is_earned(row)
    return [
        Event(
            EventId(f"{account}:{row['id']}"),
            account,
            EventKind.INCOME if is_income else EventKind.DEPOSIT,
            time_of(row["created_at"]),
            received=moved,
            value=_dollar_value(row) if is_income else None,
            txid=_of_chain(row, "hash"),
            address=_other_side(row),
            url=_of_chain(row, "transaction_url"),
            note=_note(row),
        )
    ]


def _of_outgoing(account: AccountId, row: JsonObject, gone: Amount) -> Event:
    event_id, at, kind = EventId(f"{account}:{row['id']}"), time_of(row["created_at"]), row["type"]
    if kind in _TAKEN_BACK:
        return Event(event_id, account, EventKind.LOST, at, sent=gone, note=_note(row))
    if kind in ("subscription", "retail_simple_dust"):
        meaning = EventKind.FEE if gone.asset == USD else EventKind.SPEND
        value = None if gone.asset == USD else _dollar_value(row)
        return Event(event_id, account, meaning, at, sent=gone, value=value, note=_note(row))
    arrived, fee = _less_fee(row, gone)
    return Event(
        event_id,
        account,
        EventKind.WITHDRAWAL,
        at,
        sent=Amount(arrived, gone.asset),
        fee=Amount(fee, gone.asset) if fee else None,
        fee_value=fee if fee and gone.asset == USD else None,
        txid=_of_chain(row, "hash"),
        address=_other_side(row),
        url=_of_chain(row, "transaction_url"),
        note=_note(row),
    )


def _less_fee(row: JsonObject, gone: Amount) -> tuple[Decimal, Decimal]:
    """What arrives of a withdrawal, and its fee. Coinbase counts the fee within the row's amount."""
    network = row.get("network")
    fee = optional_money(network.get("transaction_fee")) if isinstance(network, dict) else None
    fee = fee or _told_fee(row, row["type"])
    if fee is None or fee.asset != gone.asset or not 0 < fee.quantity < gone.quantity:
        return gone.quantity, ZERO
    return EXACT.subtract(gone.quantity, fee.quantity), fee.quantity


def _is_earned(row: JsonObject) -> bool:
    sender = row.get("from")
    return isinstance(sender, dict) and sender.get("name") in _EARN_SENDERS


def _of_chain(row: JsonObject, key: str) -> str:
    network = row.get("network")
    told = network.get(key) if isinstance(network, dict) else None
    return told if isinstance(told, str) else ""


def _other_side(row: JsonObject) -> str:
    """The address the units went to or came from, as far as told."""
    other = row.get("to") or row.get("from")
    told = other.get("address") if isinstance(other, dict) else None
    return told if isinstance(told, str) else ""


def _note(row: JsonObject) -> str:
    """Says what Coinbase called a row that is neither a plain send nor a fiat move."""
    if row["status"] == "pending":
        return "pending at Coinbase"
    return "" if row["type"] in ("send", "receive", "fiat_deposit", "fiat_withdrawal") else f"Coinbase {row['type']}"
