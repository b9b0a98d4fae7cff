"""What truly happened, in the words only Binance.US uses: fiat payments, one-click and OTC orders, staking."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from harvest_tui.core.money import EXACT, ROUNDED, plain
from harvest_tui.simulator.binance_rows import (
    FIAT,
    US_DUST,
    Row,
    Streams,
    deposit_row,
    dust_row,
    is_trade,
    sweeps_of,
    trade_row,
    withdrawal_row,
)
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

US_STREAMS = (
    "trades",
    "deposits",
    "withdrawals",
    "fiat_deposits",
    "fiat_withdrawals",
    "otc",
    "ocbs",
    "dust",
    "distributions",
    "staking_rewards",
)


def _fiat_row(happening: Happening, leg: Leg) -> Row:
    fee = happening.fee.quantity if happening.fee else Decimal(0)
    return {
        "orderId": f"{4_000_000_000 + happening.number}",
        "paymentAccount": "bank-1234",
        "paymentChannel": "PRIME_TRUST",
        "paymentMethod": "ACH",
        "orderStatus": "Successful",
        "fiatCurrency": leg.asset,
        "amount": plain(leg.quantity),
        "transactionFee": plain(fee),
        "platformFee": "0",
        "createTime": happening.at_us // 1000,
    }


def _order_row(happening: Happening, sent: Leg, received: Leg) -> Row:
    ratio = ROUNDED.divide(received.quantity, sent.quantity).quantize(Decimal("1e-8"), context=ROUNDED)
    return {
        "quoteId": f"{15_848_645_308 + happening.number}",
        "orderId": f"{10_002_380 + happening.number}",
        "orderStatus": "SUCCESS",
        "fromCoin": sent.asset,
        "fromAmount": plain(sent.quantity),
        "toCoin": received.asset,
        "toAmount": plain(received.quantity),
        "ratio": plain(ratio),
        "createTime": happening.at_us // 1000,
    }


def _ocbs_row(happening: Happening, sent: Leg, received: Leg) -> Row:
    fee = happening.fee or Leg(sent.asset, Decimal(0))
    paid = Leg(sent.asset, EXACT.add(sent.quantity, fee.quantity))
    return {**_order_row(happening, paid, received), "feeCoin": fee.asset, "feeAmount": plain(fee.quantity)}


def _reward_row(happening: Happening, leg: Leg) -> Row:
    return {
        "asset": leg.asset,
        "amount": plain(leg.quantity),
        "usdValue": "1.01",
        "time": happening.at_us // 1000,
        "tranId": 123_123 + happening.number,
        "autoRestaked": False,
    }


def _told(happening: Happening) -> tuple[str, Row] | None:
    kinds, sent, received = HappeningKind, happening.sent, happening.received
    if is_trade(happening):
        return "trades", trade_row(happening)
    if happening.kind is kinds.DEPOSIT and received is not None:
        if received.asset in FIAT:
            return "fiat_deposits", _fiat_row(happening, received)
        return "deposits", deposit_row(happening, with_id=False)
    if happening.kind is kinds.WITHDRAWAL and sent is not None:
        if sent.asset in FIAT:
            return "fiat_withdrawals", _fiat_row(happening, sent)
        return "withdrawals", withdrawal_row(happening)
    if happening.kind is kinds.REWARD and received is not None:
        return "staking_rewards", _reward_row(happening, received)
    if happening.kind in (kinds.CONVERT, kinds.INSTANT_BUY) and sent is not None and received is not None:
        if sent.asset in FIAT:
            return "ocbs", _ocbs_row(happening, sent, received)
        return "otc", _order_row(happening, sent, received)
    return None


def us_streams(history: Sequence[Happening]) -> Streams:
    """Every raw row of a Binance.US account, oldest first, by stream."""
    found: Streams = {name: [] for name in US_STREAMS}
    for happening in history:
        told = _told(happening)
        if told is not None:
            stream, row = told
            found[stream].append(row)
    for sweep in sweeps_of(history):
        found["dust"].append(dust_row(sweep, spelling=US_DUST))
    return found
