"""What truly happened, in the words of Binance and Binance.US: raw rows by endpoint, amounts as wire text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import groupby

from harvest_tui.core.money import EXACT, ROUNDED, plain
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

Row = dict[str, object]

COM_STREAMS = (
    "trades",
    "deposits",
    "withdrawals",
    "fiat_deposits",
    "fiat_withdrawals",
    "fiat_buys",
    "fiat_sells",
    "converts",
    "dust",
    "dividends",
)

FIAT = frozenset({"USD"})
_TRADES = frozenset({HappeningKind.BUY, HappeningKind.SELL, HappeningKind.SWAP})
_FIRST_TRADE_ID = 28_000_000
_NETWORKS = {"BTC": "BTC", "ETH": "ETH", "SOL": "SOL", "LTC": "LTC", "XRP": "XRP", "USDC": "ETH", "USDT": "ETH"}


Streams = dict[str, list[Row]]
"""Raw rows by stream, oldest first."""

_TIME_KEYS = ("time", "insertTime", "createTime", "operateTime", "divTime")


def wire(value: Decimal) -> str:
    """Eight decimals as Binance writes them, or as many as the value has where it has more."""
    text = plain(value)
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(8, '0')}"


def symbol_of(market: str) -> str:
    """`BTC/USDT` as `BTCUSDT`."""
    return market.replace("/", "")


def at_ms(row: Mapping[str, object]) -> int:
    """The time an endpoint filters the row by, in ms of UTC."""
    for key in _TIME_KEYS:
        if key in row:
            return int(str(row[key]))
    applied = datetime.strptime(str(row["applyTime"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return int(applied.timestamp() * 1000)


def _leg(leg: Leg | None) -> Leg:
    if leg is None:
        raise ValueError("a happening without the side its kind must have")
    return leg


def _digest(happening: Happening, word: str) -> str:
    return sha256(f"{word}:{happening.number}:{happening.at_us}".encode()).hexdigest()


def _moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def trade_row(happening: Happening) -> Row:
    """One fill as `myTrades` tells it; fills of one instant share their order."""
    base, quote = happening.market.split("/")
    sent, received = _leg(happening.sent), _leg(happening.received)
    is_buyer = received.asset == base
    quantity, cost = (received, sent) if is_buyer else (sent, received)
    price = ROUNDED.divide(cost.quantity, quantity.quantity).quantize(Decimal("1e-8"), context=ROUNDED)
    fee = happening.fee or Leg(received.asset, Decimal(0))
    return {
        "symbol": base + quote,
        "id": _FIRST_TRADE_ID + happening.number * 17,
        "orderId": 90_000_000 + happening.at_us // 1000 % 10**9,
        "orderListId": -1,
        "price": wire(price),
        "qty": wire(quantity.quantity),
        "quoteQty": wire(cost.quantity),
        "commission": wire(fee.quantity),
        "commissionAsset": fee.asset,
        "time": happening.at_us // 1000,
        "isBuyer": is_buyer,
        "isMaker": happening.number % 3 == 0,
        "isBestMatch": True,
    }


def deposit_row(happening: Happening, *, with_id: bool) -> Row:
    """A coin deposit of `capital/deposit/hisrec`; only Binance itself gives it an id."""
    leg, booked_ms = _leg(happening.received), happening.at_us // 1000
    row: Row = {
        "amount": plain(leg.quantity),
        "coin": leg.asset,
        "network": _NETWORKS.get(leg.asset, leg.asset),
        "status": 1,
        "address": happening.address,
        "addressTag": "",
        "txId": happening.txid,
        "insertTime": booked_ms,
        "transferType": 0,
        "confirmTimes": "2/2",
    }
    if with_id:
        extra = {"completeTime": booked_ms, "unlockConfirm": 2, "walletType": 0}
        row = {"id": str(769_800_519_366_885_376 + happening.number), **row, **extra}
    return row


def withdrawal_row(happening: Happening) -> Row:
    """A coin withdrawal of `capital/withdraw/history`: `amount` is what arrives, the fee went on top of it."""
    leg = _leg(happening.sent)
    fee = happening.fee.quantity if happening.fee else Decimal(0)
    return {
        "id": _digest(happening, "withdraw")[:32],
        "amount": plain(leg.quantity),
        "transactionFee": plain(fee),
        "coin": leg.asset,
        "status": 6,
        "address": happening.address,
        "addressTag": "",
        "txId": happening.txid,
        "applyTime": _moment(happening.at_us),
        "network": _NETWORKS.get(leg.asset, leg.asset),
        "transferType": 0,
        "info": "",
        "confirmNo": 3,
        "walletType": 0,
        "txKey": "",
        "completeTime": _moment(happening.at_us + 90_000_000),
    }


def fiat_order_row(happening: Happening) -> Row:
    """A bank deposit or withdrawal of `fiat/orders`; the indicated amount of a withdrawal includes its fee."""
    is_deposit = happening.kind is HappeningKind.DEPOSIT
    leg = _leg(happening.received if is_deposit else happening.sent)
    fee = happening.fee.quantity if happening.fee else Decimal(0)
    return {
        "orderNo": _digest(happening, "fiat")[:32],
        "fiatCurrency": leg.asset,
        "indicatedAmount": plain(EXACT.add(leg.quantity, fee)),
        "amount": plain(leg.quantity),
        "totalFee": plain(fee),
        "method": "bank transfer",
        "status": "Successful",
        "createTime": happening.at_us // 1000,
        "updateTime": happening.at_us // 1000 + 60_000,
    }


def fiat_payment_row(happening: Happening) -> Row:
    """Coins bought with the cash balance, of `fiat/payments`; `sourceAmount` includes the fee."""
    sent, received = _leg(happening.sent), _leg(happening.received)
    fee = happening.fee.quantity if happening.fee else Decimal(0)
    return {
        "orderNo": _digest(happening, "payment")[:32],
        "sourceAmount": plain(EXACT.add(sent.quantity, fee)),
        "fiatCurrency": sent.asset,
        "obtainAmount": plain(received.quantity),
        "cryptoCurrency": received.asset,
        "totalFee": plain(fee),
        "price": plain(ROUNDED.divide(sent.quantity, received.quantity).quantize(Decimal("1e-8"), context=ROUNDED)),
        "status": "Completed",
        "paymentMethod": "Cash Balance",
        "createTime": happening.at_us // 1000,
        "updateTime": happening.at_us // 1000 + 2_000,
    }


def convert_row(happening: Happening) -> Row:
    """An exchange of two coins of `convert/tradeFlow`."""
    sent, received = _leg(happening.sent), _leg(happening.received)
    ratio = ROUNDED.divide(received.quantity, sent.quantity).quantize(Decimal("1e-12"), context=ROUNDED)
    inverse = ROUNDED.divide(sent.quantity, received.quantity).quantize(Decimal("1e-12"), context=ROUNDED)
    return {
        "quoteId": _digest(happening, "quote")[:32],
        "orderId": 940_708_407_462_087_195 + happening.number,
        "orderStatus": "SUCCESS",
        "fromAsset": sent.asset,
        "fromAmount": plain(sent.quantity),
        "toAsset": received.asset,
        "toAmount": plain(received.quantity),
        "ratio": plain(ratio),
        "inverseRatio": plain(inverse),
        "createTime": happening.at_us // 1000,
    }


def dust_row(sweep: Sequence[Happening], *, spelling: Mapping[str, str]) -> Row:
    """One sweep of small balances into BNB: the service charge is taken from what was transferred."""
    trans_id, total = sweep[0].txid, spelling["total"]
    id_key, amount_key = spelling["id"], spelling["amount"]
    swept_ms = sweep[0].at_us // 1000
    details: list[Row] = []
    for happening in sweep:
        detail: Row = {
            id_key: trans_id,
            "serviceChargeAmount": wire(_leg(happening.fee).quantity),
            "amount": plain(_leg(happening.sent).quantity),
            "operateTime": swept_ms,
            amount_key: wire(_leg(happening.received).quantity),
            "fromAsset": _leg(happening.sent).asset,
        }
        if spelling["names_target"]:
            detail["toAsset"] = _leg(happening.received).asset
        details.append(detail)
    charges = gained = Decimal(0)
    for happening in sweep:
        charges = EXACT.add(charges, _leg(happening.fee).quantity)
        gained = EXACT.add(gained, _leg(happening.received).quantity)
    return {
        "operateTime": swept_ms,
        total: wire(gained),
        "totalServiceChargeAmount": wire(charges),
        id_key: trans_id,
        "userAssetDribbletDetails": details,
    }


def dividend_row(happening: Happening) -> Row:
    """A reward of `asset/assetDividend`."""
    leg = _leg(happening.received)
    return {
        "id": 1_637_366_104 + happening.number,
        "amount": plain(leg.quantity),
        "asset": leg.asset,
        "divTime": happening.at_us // 1000,
        "enInfo": "Locked Rewards",
        "tranId": 29_688_859_200 + happening.number,
    }


COM_DUST = {"id": "transId", "amount": "transferedAmount", "total": "totalTransferedAmount", "names_target": ""}
US_DUST = {"id": "tranId", "amount": "transferredAmount", "total": "totalTransferredAmount", "names_target": "yes"}


def sweeps_of(history: Sequence[Happening]) -> Iterator[list[Happening]]:
    """The dust happenings, those of one sweep together."""
    dust = [happening for happening in history if happening.kind is HappeningKind.DUST]
    for _, sweep in groupby(dust, key=lambda happening: (happening.at_us, happening.txid)):
        yield list(sweep)


def is_trade(happening: Happening) -> bool:
    """True for a fill on a market."""
    return happening.kind in _TRADES


def _is_fiat(happening: Happening) -> bool:
    leg = happening.received if happening.kind is HappeningKind.DEPOSIT else happening.sent
    return leg is not None and leg.asset in FIAT


def com_streams(history: Sequence[Happening]) -> Streams:
    """Every raw row of a Binance account, oldest first, by stream."""
    kinds = HappeningKind
    found: Streams = {name: [] for name in COM_STREAMS}
    for happening in history:
        match happening.kind:
            case kinds.DEPOSIT if _is_fiat(happening):
                found["fiat_deposits"].append(fiat_order_row(happening))
            case kinds.WITHDRAWAL if _is_fiat(happening):
                found["fiat_withdrawals"].append(fiat_order_row(happening))
            case kinds.DEPOSIT:
                found["deposits"].append(deposit_row(happening, with_id=True))
            case kinds.WITHDRAWAL:
                found["withdrawals"].append(withdrawal_row(happening))
            case kinds.CONVERT | kinds.INSTANT_BUY if _is_fiat(happening):
                found["fiat_buys"].append(fiat_payment_row(happening))
            case kinds.CONVERT | kinds.INSTANT_BUY:
                found["converts"].append(convert_row(happening))
            case kinds.REWARD:
                found["dividends"].append(dividend_row(happening))
            case _ if is_trade(happening):
                found["trades"].append(trade_row(happening))
    for sweep in sweeps_of(history):
        found["dust"].append(dust_row(sweep, spelling=COM_DUST))
    return found
