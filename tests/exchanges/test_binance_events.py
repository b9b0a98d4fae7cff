"""What Binance's raw rows mean: rows as its documents show them, events as the ledger wants them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from harvest_tui.core.pages import StoredRow
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventKind
from harvest_tui.errors import BadReply
from harvest_tui.exchanges.strategies.binance_events import events_of, trade_group

ME = AccountId("spot")

FILL = {
    "symbol": "LDOBTC",
    "id": 28457,
    "orderId": 100234,
    "price": "0.00004000",
    "qty": "12.50000000",
    "quoteQty": "0.00050000",
    "commission": "0.00001234",
    "commissionAsset": "BNB",
    "time": 1718452800123,
    "isBuyer": True,
    "isMaker": False,
    "isBestMatch": True,
}


def told(group: str, *rows: dict[str, Any]) -> list[Event]:
    stored = [StoredRow(f"stream-{number}", "id", json.dumps(row)) for number, row in enumerate(rows)]
    return events_of(ME, group, stored)


def amount(quantity: str, asset: str) -> Amount:
    return Amount(Decimal(quantity), Asset(asset))


def test_a_fill_has_its_fee_on_top_in_whatever_coin_it_was_paid() -> None:
    (event,) = told(trade_group("LDOBTC", "LDO", "BTC", 28457), FILL)
    assert event.kind is EventKind.TRADE
    assert event.executed_at == datetime(2024, 6, 15, 12, 0, 0, 123000, UTC)
    assert (event.sent, event.received) == (amount("0.0005", "BTC"), amount("12.5", "LDO"))
    assert event.fee == amount("0.00001234", "BNB")
    assert event.event_id == "spot:trade-LDOBTC-LDO-BTC-28457"


def test_a_sale_gives_the_base_and_a_fee_of_nothing_is_none() -> None:
    (event,) = told(trade_group("LDOBTC", "LDO", "BTC", 28457), {**FILL, "isBuyer": False, "commission": "0.00000000"})
    assert (event.sent, event.received) == (amount("12.5", "LDO"), amount("0.0005", "BTC"))
    assert event.fee is None


def test_the_amount_of_a_withdrawal_is_what_arrives_and_its_fee_left_besides() -> None:
    row = {
        "id": "69e53ad3",
        "amount": "28.75",
        "transactionFee": "0.25",
        "coin": "XRP",
        "status": 6,
        "address": "r3T75",
        "txId": "19A5B",
        "applyTime": "2021-04-15 12:09:16",
    }
    (event,) = told("withdrawal:69e53ad3", row)
    assert (event.sent, event.fee) == (amount("28.75", "XRP"), amount("0.25", "XRP"))
    assert (event.txid, event.address) == ("19A5B", "r3T75")
    assert event.executed_at == datetime(2021, 4, 15, 12, 9, 16, tzinfo=UTC)
    assert told("withdrawal:69e53ad3", {**row, "status": 1}) == []
    assert told("withdrawal:69e53ad3", {**row, "status": 5}) == []


@pytest.mark.parametrize(("status", "count"), [(0, 0), (1, 1), (2, 0), (6, 1), (7, 0)])
def test_a_deposit_counts_once_it_is_credited(status: int, count: int) -> None:
    row = {"amount": "4500", "coin": "USDT", "status": status, "txId": "t", "insertTime": 1618394381000}
    assert len(told("deposit:1", row)) == count


def test_a_card_pays_with_money_that_came_in_for_it_and_the_cash_balance_does_not() -> None:
    row = {
        "orderNo": "353fca443f06466db0c4dc89f94f027a",
        "sourceAmount": "20.0",
        "fiatCurrency": "EUR",
        "obtainAmount": "4.462",
        "cryptoCurrency": "LUNA",
        "totalFee": "0.2",
        "price": "4.437472",
        "status": "Completed",
        "paymentMethod": "Credit Card",
        "createTime": 1624529919000,
    }
    paid, bought = told("fiat_buy:353f", row)
    assert (paid.kind, paid.received) == (EventKind.DEPOSIT, amount("20", "EUR"))
    assert (bought.sent, bought.fee) == (amount("19.8", "EUR"), amount("0.2", "EUR"))
    assert bought.received == amount("4.462", "LUNA")
    assert paid.sequence < bought.sequence
    (only,) = told("fiat_buy:353f", {**row, "paymentMethod": "Cash Balance"})
    assert only.received == bought.received
    assert told("fiat_buy:353f", {**row, "status": "Failed"}) == []


def test_a_sweep_is_one_trade_a_coin_with_the_charge_in_bnb() -> None:
    details = [
        {
            "fromAsset": "LTC",
            "amount": "0.000006",
            "transferedAmount": "0.00000267",
            "serviceChargeAmount": "0.00000005",
        },
        {
            "fromAsset": "ETH",
            "amount": "0.15949157",
            "transferedAmount": "0.00072426",
            "serviceChargeAmount": "0.00001448",
        },
    ]
    row = {"operateTime": "1627575731000", "transId": "70899815863", "userAssetDribbletDetails": details}
    first, second = told("dust:70899815863", row)
    assert (first.sent, first.received) == (amount("0.000006", "LTC"), amount("0.00000267", "BNB"))
    assert second.fee == amount("0.00001448", "BNB")
    assert first.event_id != second.event_id
    assert first.executed_at == datetime(2021, 7, 29, 16, 22, 11, tzinfo=UTC)


def test_dust_of_binance_us_may_become_another_coin() -> None:
    detail = {
        "fromAsset": "DOGE",
        "toAsset": "USDT",
        "amount": "3.5",
        "transferredAmount": "0.42",
        "serviceChargeAmount": "0.0084",
        "operateTime": 1676541800000,
        "tranId": 7,
    }
    (event,) = told("dust:7", {"operateTime": 1676541800000, "tranId": 7, "userAssetDribbletDetails": [detail]})
    assert (event.received, event.fee) == (amount("0.42", "USDT"), amount("0.0084", "USDT"))


def test_a_one_click_order_books_its_fee_once_on_either_side() -> None:
    row = {
        "orderId": "1000238000",
        "orderStatus": "SUCCESS",
        "fromCoin": "USD",
        "fromAmount": "1000.5",
        "toCoin": "ETH",
        "toAmount": "0.5",
        "feeCoin": "USD",
        "feeAmount": "0.5",
        "createTime": 1641916714,
    }
    (buy,) = told("us_order:ocbs:1000238000", row)
    assert (buy.sent, buy.fee) == (amount("1000", "USD"), amount("0.5", "USD"))
    assert buy.executed_at == datetime(2022, 1, 11, 15, 58, 34, tzinfo=UTC)
    sale = {**row, "fromCoin": "ETH", "fromAmount": "0.5", "toCoin": "USD", "toAmount": 995, "feeAmount": 5}
    (sold,) = told("us_order:ocbs:1000238000", sale)
    assert (sold.received, sold.fee) == (amount("1000", "USD"), amount("5", "USD"))


def test_a_reward_that_two_histories_tell_is_booked_once() -> None:
    reward = {"asset": "SOL", "amount": "0.00123", "time": 1700000000000, "tranId": 5}
    distribution = {"asset": "SOL", "amount": "0.00123", "divTime": 1700000000000, "tranId": 5}
    (event,) = told("income:SOL:5", reward, distribution)
    assert (event.kind, event.received) == (EventKind.INCOME, amount("0.00123", "SOL"))


def test_earning_coins_are_the_same_coin_and_ldo_is_itself() -> None:
    (event,) = told("income:1:2:LDBTC", {"asset": "LDBTC", "amount": "0.1", "divTime": 1700000000000, "tranId": 2})
    assert event.received == amount("0.1", "BTC")
    (event,) = told("income:1:2:LDO", {"asset": "LDO", "amount": "0.1", "divTime": 1700000000000, "tranId": 2})
    assert event.received == amount("0.1", "LDO")


@pytest.mark.parametrize("value", [None, "", "NaN", "-1", "1e999", {"value": "1"}, 1.5, True])
def test_a_row_whose_amount_is_none_is_no_data(value: object) -> None:
    row = {"amount": value, "coin": "USDT", "status": 1, "txId": "t", "insertTime": 1618394381000}
    with pytest.raises(BadReply):
        told("deposit:1", row)
