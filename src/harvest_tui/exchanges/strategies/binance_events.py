"""What Binance's raw rows mean: trades, moves, converts, dust and rewards as events. Moves to Earn are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from harvest_tui.core.money import EXACT
from harvest_tui.core.pages import StoredRow
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.exchanges.strategies.binance_replies import (
    JsonObject,
    amount_of,
    asset_of,
    bad,
    bare_list,
    decimal_of,
    id_of,
    instant,
    ms_of,
    text_of,
)

_BNB = Asset("BNB")
_CREDITED = (1, 6)
_LEFT = (4, 6)
_DONE = frozenset({"Successful", "Finished", "Completed", "SUCCESS"})
_FROM_OUTSIDE = "paid outside the account"


@dataclass(frozen=True, slots=True)
class Told:
    """An event before it belongs to an account: `ms` is its time since 1970."""

    kind: EventKind
    ms: int
    sent: Amount | None = None
    received: Amount | None = None
    fee: Amount | None = None
    txid: str = ""
    address: str = ""
    note: str = ""
    sequence: int = 0


def _fee(amount: Amount) -> Amount | None:
    return amount if amount.quantity else None


def _less(amount: Amount, part: Amount) -> Amount:
    if part.quantity > amount.quantity:
        raise bad("a fee larger than its amount")
    return replace(amount, quantity=EXACT.subtract(amount.quantity, part.quantity))


def trade(row: JsonObject, base: str, quote: str) -> list[Told]:
    """A fill: the fee came on top, in whatever coin `commissionAsset` names."""
    coins = Amount(decimal_of(row.get("qty")), asset_of(base))
    money = Amount(decimal_of(row.get("quoteQty")), asset_of(quote))
    if not isinstance(row.get("isBuyer"), bool):
        raise bad("a trade without its side")
    sent, received = (money, coins) if row["isBuyer"] else (coins, money)
    fee = _fee(amount_of(row, "commission", "commissionAsset"))
    return [Told(EventKind.TRADE, ms_of(row, "time"), sent, received, fee, sequence=int(id_of(row, "id")))]


def deposit(row: JsonObject) -> list[Told]:
    """Coins that came in; nothing while they are not credited."""
    received, at = amount_of(row, "amount", "coin"), ms_of(row, "insertTime")
    if row.get("status") not in _CREDITED:
        return []
    return [Told(EventKind.DEPOSIT, at, received=received, txid=_word(row, "txId"), address=_word(row, "address"))]


def withdrawal(row: JsonObject) -> list[Told]:
    """Coins that left. `amount` is what arrives, the network fee was taken besides it."""
    sent, at = amount_of(row, "amount", "coin"), ms_of(row, "applyTime")
    fee = _fee(amount_of(row, "transactionFee", "coin"))
    if row.get("status") not in _LEFT:
        return []
    return [Told(EventKind.WITHDRAWAL, at, sent, fee=fee, txid=_word(row, "txId"), address=_word(row, "address"))]


def fiat_deposit(row: JsonObject) -> list[Told]:
    """Money from a bank: `amount` is what was credited, any fee stayed outside the account."""
    received, at = amount_of(row, "amount", "fiatCurrency"), ms_of(row, "createTime")
    return [Told(EventKind.DEPOSIT, at, received=received, txid=_order(row))] if _is_done(row) else []


def fiat_withdrawal(row: JsonObject) -> list[Told]:
    """Money to a bank: `amount` arrives, the fees (`totalFee`, or two of Binance.US) were taken besides it."""
    sent, at = amount_of(row, "amount", "fiatCurrency"), ms_of(row, "createTime")
    fees = [decimal_of(row[key]) for key in ("totalFee", "transactionFee", "platformFee") if row.get(key) is not None]
    total = Amount(EXACT.subtract(sent.quantity, sent.quantity), sent.asset)
    for fee in fees:
        total = replace(total, quantity=EXACT.add(total.quantity, fee))
    return [Told(EventKind.WITHDRAWAL, at, sent, fee=_fee(total), txid=_order(row))] if _is_done(row) else []


def fiat_buy(row: JsonObject) -> list[Told]:
    """Coins for money. `sourceAmount` includes the fee; money of a card came in for this very purchase."""
    paid, got = amount_of(row, "sourceAmount", "fiatCurrency"), amount_of(row, "obtainAmount", "cryptoCurrency")
    fee, at = amount_of(row, "totalFee", "fiatCurrency"), ms_of(row, "createTime")
    if not _is_done(row):
        return []
    bought = Told(EventKind.TRADE, at, _less(paid, fee), got, _fee(fee), sequence=1)
    if row.get("paymentMethod") == "Cash Balance":
        return [bought]
    return [Told(EventKind.DEPOSIT, at, received=paid, note=_FROM_OUTSIDE), bought]


def fiat_sell(row: JsonObject) -> list[Told]:
    """Money for coins: `obtainAmount` is what was credited, its fee already taken."""
    sold, got = amount_of(row, "sourceAmount", "cryptoCurrency"), amount_of(row, "obtainAmount", "fiatCurrency")
    return [Told(EventKind.TRADE, ms_of(row, "createTime"), sold, got)] if _is_done(row) else []


def convert(row: JsonObject) -> list[Told]:
    """One coin into another; the price holds the margin, there is no fee."""
    sent, received = amount_of(row, "fromAmount", "fromAsset"), amount_of(row, "toAmount", "toAsset")
    return [Told(EventKind.TRADE, ms_of(row, "createTime"), sent, received)] if _is_done(row) else []


def us_order(row: JsonObject) -> list[Told]:
    """An OTC or one-click order of Binance.US: both amounts are after the fee where it is in their coin."""
    sent, received = amount_of(row, "fromAmount", "fromCoin"), amount_of(row, "toAmount", "toCoin")
    fee = amount_of(row, "feeAmount", "feeCoin") if row.get("feeCoin") else None
    at = ms_of(row, "createTime")
    if not _is_done(row):
        return []
    if fee is not None and fee.asset == sent.asset:
        sent = _less(sent, fee)
    elif fee is not None and fee.asset == received.asset:
        received = replace(received, quantity=EXACT.add(received.quantity, fee.quantity))
    return [Told(EventKind.TRADE, at, sent, received, None if fee is None else _fee(fee))]


def dust(row: JsonObject) -> list[Told]:
    """One trade for each coin that was swept; the service charge is taken from what it gave."""
    found = []
    for number, detail in enumerate(bare_list(row.get("userAssetDribbletDetails"))):
        target = asset_of(detail["toAsset"]) if detail.get("toAsset") else _BNB
        gained = next((detail[key] for key in ("transferedAmount", "transferredAmount") if key in detail), None)
        sent, received = amount_of(detail, "amount", "fromAsset"), Amount(decimal_of(gained), target)
        fee = _fee(Amount(decimal_of(detail.get("serviceChargeAmount")), target))
        at = ms_of({**row, **detail}, "operateTime")
        found.append(Told(EventKind.TRADE, at, sent, received, fee, note="dust sweep", sequence=number))
    return found


def income(row: JsonObject) -> list[Told]:
    """A reward, interest, rebate or airdrop."""
    received, at = amount_of(row, "amount", "asset"), ms_of(row, "divTime", "time")
    note = next((row[key] for key in ("enInfo", "category") if isinstance(row.get(key), str)), "")
    return [Told(EventKind.INCOME, at, received=received, note=note)] if received.quantity else []


_READERS: Mapping[str, Callable[[JsonObject], list[Told]]] = {
    "deposit": deposit,
    "withdrawal": withdrawal,
    "fiat_deposit": fiat_deposit,
    "fiat_withdrawal": fiat_withdrawal,
    "fiat_buy": fiat_buy,
    "fiat_sell": fiat_sell,
    "convert": convert,
    "us_order": us_order,
    "dust": dust,
    "income": income,
}


def trade_group(symbol: str, base: str, quote: str, number: int) -> str:
    """The group of one fill. It names both coins as the market list told them, because the row does not."""
    return f"trade:{symbol}:{base}:{quote}:{number}"


def events_of(account: AccountId, group: str, rows: Sequence[StoredRow]) -> list[Event]:
    """The events of one group. Two streams may tell the same row: the same thing is booked once."""
    kind, _, rest = group.partition(":")
    told: dict[Told, None] = {}
    for row in rows:
        for event in _read(kind, rest, json.loads(row.payload)):
            told[event] = None
    tail = rest.replace(":", "-")
    name = f"{account}:{kind}-{tail}"
    return [_event(account, name if len(told) == 1 else f"{name}-{n}", event) for n, event in enumerate(told, 1)]


def _read(kind: str, rest: str, row: JsonObject) -> list[Told]:
    if kind == "trade":
        _, base, quote, _ = rest.split(":")
        return trade(row, base, quote)
    if kind not in _READERS:
        raise bad("a stored row of an unknown kind")
    return _READERS[kind](row)


def _event(account: AccountId, name: str, told: Told) -> Event:
    return Event(
        event_id=EventId(name),
        account=account,
        kind=told.kind,
        executed_at=instant(told.ms),
        sent=told.sent,
        received=told.received,
        fee=told.fee,
        txid=told.txid,
        address=told.address,
        note=told.note,
        sequence=told.sequence,
    )


def _is_done(row: JsonObject) -> bool:
    return text_of(row, next((key for key in ("orderStatus", "status") if key in row), "status")) in _DONE


def _order(row: JsonObject) -> str:
    return id_of(row, "orderNo", "orderId")


def _word(row: JsonObject, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
