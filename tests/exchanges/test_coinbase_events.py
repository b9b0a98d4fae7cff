"""What single Coinbase rows and pairs of rows mean. Row forms follow the public documentation and ccxt's samples."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from harvest_tui.core.money import plain
from harvest_tui.core.pages import StoredRow
from harvest_tui.core.records import AccountId, Amount, Event, EventKind
from harvest_tui.exchanges.strategies.coinbase import CoinbaseStrategy
from harvest_tui.exchanges.strategies.coinbase_events import group_of_fill, group_of_transaction

ACCOUNT = AccountId("cb")


def wallet_row(kind: str, amount: str, asset: str, row_id: str = "w1", **more: Any) -> dict[str, Any]:
    return {
        "id": row_id,
        "type": kind,
        "status": "completed",
        "amount": {"amount": amount, "currency": asset},
        "native_amount": {"amount": "0.00", "currency": "USD"},
        "created_at": "2024-03-29T15:48:30Z",
        **more,
    }


def fill_row(entry: str = "e1", **more: Any) -> dict[str, Any]:
    return {
        "entry_id": entry,
        "trade_id": f"t-{entry}",
        "order_id": "o1",
        "trade_time": "2024-03-29T15:48:30.091377090Z",
        "sequence_timestamp": "2024-03-29T15:48:30.092520Z",
        "trade_type": "FILL",
        "price": "21220.64",
        "size": "0.25",
        "commission": "13.26",
        "product_id": "BTC-USD",
        "size_in_quote": False,
        "side": "BUY",
        **more,
    }


def events_of(*rows: dict[str, Any]) -> list[Event]:
    """All events of the rows, grouped as they would be in the store."""
    groups: dict[str, list[StoredRow]] = {}
    for row in rows:
        is_fill = "entry_id" in row
        group = group_of_fill(row) if is_fill else group_of_transaction(row)
        stored = StoredRow(
            "fills" if is_fill else "transactions", row["entry_id" if is_fill else "id"], json.dumps(row)
        )
        groups.setdefault(group, []).append(stored)
    strategy = CoinbaseStrategy()
    return [event for group, stored in groups.items() for event in strategy.parse_group(ACCOUNT, group, stored)]


def said(amount: Amount | None) -> str:
    return "-" if amount is None else f"{plain(amount.quantity)} {amount.asset}"


def line(event: Event) -> str:
    """`kind: sent > received, fee` in one line."""
    return f"{event.kind}: {said(event.sent)} > {said(event.received)}, {said(event.fee)}"


def test_a_fill_is_told_by_price_size_and_commission_exactly() -> None:
    (bought,) = events_of(fill_row())
    assert line(bought) == "trade: 5305.16 USD > 0.25 BTC, 13.26 USD"
    assert bought.event_id == "cb:e1" and bought.fee_value == Decimal("13.26")
    assert bought.executed_at.isoformat() == "2024-03-29T15:48:30.091377+00:00"
    (sold,) = events_of(fill_row(side="SELL", product_id="ETH-BTC", price="0.05213", size="1.5", commission="0.00047"))
    assert line(sold) == "trade: 1.5 ETH > 0.078195 BTC, 0.00047 BTC"
    assert sold.fee_value is None and sold.value is None


def test_wallet_rows_of_a_filled_order_are_not_counted_again() -> None:
    told = {"order_id": "o1", "product_id": "BTC-USD", "fill_price": "21220.64", "commission": "13.26"}
    mirrors = [
        wallet_row("advanced_trade_fill", "0.25", "BTC", "w1", advanced_trade_fill=told),
        wallet_row("advanced_trade_fill", "-5318.42", "USD", "w2", advanced_trade_fill=told),
    ]
    assert len(events_of(fill_row(), *mirrors)) == 1
    (alone,) = events_of(*mirrors)
    assert line(alone) == "trade: 5305.16 USD > 0.25 BTC, 13.26 USD"
    assert alone.event_id == "cb:w1"


def test_a_fill_sized_in_quote_takes_its_base_from_the_wallet() -> None:
    fill = fill_row(size_in_quote=True, size="100", price="30000.01", commission="0.6")
    told = {"order_id": "o1", "product_id": "BTC-USD", "fill_price": "30000.01", "commission": "0.6"}
    near = wallet_row("advanced_trade_fill", "0.00333333", "BTC", advanced_trade_fill=told)
    (alone,) = events_of(fill)
    assert line(alone) == "trade: 100 USD > 0.003333332222222592 BTC, 0.6 USD"
    (exact,) = events_of(fill, near)
    assert line(exact) == "trade: 100 USD > 0.00333333 BTC, 0.6 USD"


def test_two_fills_sized_in_quote_never_share_a_wallet_row() -> None:
    told = {"order_id": "o1", "product_id": "BTC-USD"}
    fills = [fill_row(name, size_in_quote=True, size="100", price="30000") for name in ("e1", "e2")]
    rows = [
        wallet_row("advanced_trade_fill", amount, "BTC", f"w{amount}", advanced_trade_fill=told)
        for amount in ("0.00333333", "0.00333334")
    ]
    received = sorted(said(event.received) for event in events_of(*fills, *rows))
    assert received == ["0.00333333 BTC", "0.00333334 BTC"]


def test_a_reversed_fill_leaves_and_its_correction_counts() -> None:
    wrong = fill_row("e1", trade_id="t1")
    back = fill_row("e2", trade_id="t1", trade_type="REVERSAL")
    right = fill_row("e3", trade_id="t1", trade_type="CORRECTION", price="20000")
    assert [line(event) for event in events_of(wrong, back, right)] == ["trade: 5000 USD > 0.25 BTC, 13.26 USD"]


def test_a_convert_is_one_trade_of_two_wallets() -> None:
    shared = {"id": "c1", "fee": {"amount": "0.01", "currency": "ETH"}}
    given = wallet_row("trade", "-1.51", "ETH", "w1", trade=shared)
    taken = wallet_row(
        "trade", "0.0785", "BTC", "w2", trade=shared, native_amount={"amount": "3301.22", "currency": "USD"}
    )
    (event,) = events_of(given, taken)
    assert line(event) == "trade: 1.5 ETH > 0.0785 BTC, 0.01 ETH"
    assert event.event_id == "cb:c1" and event.value == Decimal("3301.22")


def test_staked_ether_becoming_ether_is_no_event() -> None:
    shared = {"id": "c1"}
    assert events_of(
        wallet_row("trade", "-2.5", "ETH2", "w1", trade=shared), wallet_row("trade", "2.5", "ETH", "w2", trade=shared)
    ) == []  # fmt: skip


def test_a_simple_buy_from_the_dollar_wallet_is_one_trade() -> None:
    told = {
        "id": "b1",
        "fee": {"amount": "2.99", "currency": "USD"},
        "subtotal": {"amount": "97.01", "currency": "USD"},
        "total": {"amount": "100.00", "currency": "USD"},
    }
    coin = wallet_row("buy", "0.0032", "BTC", "w1", buy=told)
    dollars = wallet_row("buy", "-100.00", "USD", "w2", buy=told)
    (event,) = events_of(coin, dollars)
    assert line(event) == "trade: 97.01 USD > 0.0032 BTC, 2.99 USD"
    by_card = [line(event) for event in events_of(coin)]
    assert by_card == ["deposit: - > 100 USD, -", "trade: 97.01 USD > 0.0032 BTC, 2.99 USD"]


def test_a_simple_sell_paid_out_to_a_bank_passes_the_account() -> None:
    told = {
        "id": "s1",
        "fee": {"amount": "1.50", "currency": "USD"},
        "total": {"amount": "98.50", "currency": "USD"},
    }
    lines = [line(event) for event in events_of(wallet_row("sell", "-0.0032", "BTC", sell=told))]
    assert lines == ["trade: 0.0032 BTC > 100 USD, 1.5 USD", "withdrawal: 98.5 USD > -, -"]


def test_a_send_is_what_arrived_and_its_fee_on_top() -> None:
    network = {"hash": "ab12", "transaction_fee": {"amount": "4.008308", "currency": "USDC"}}
    (event,) = events_of(
        wallet_row("send", "-14.008308", "USDC", network=network, to={"resource": "address", "address": "0x9f"})
    )
    assert line(event) == "withdrawal: 10 USDC > -, 4.008308 USDC"
    assert (event.txid, event.address) == ("ab12", "0x9f")


def test_the_network_fee_of_the_sender_is_not_ours_on_a_deposit() -> None:
    network = {"hash": "5jYu", "transaction_fee": {"amount": "0.0001", "currency": "SOL"}}
    (event,) = events_of(wallet_row("send", "1.25", "SOL", network=network))
    assert line(event) == "deposit: - > 1.25 SOL, -" and event.txid == "5jYu"


@pytest.mark.parametrize(
    ("kind", "amount", "asset", "expected"),
    [
        ("staking_reward", "0.00031", "ETH", "income: - > 0.00031 ETH, -"),
        ("inflation_reward", "0.7", "ATOM", "income: - > 0.7 ATOM, -"),
        ("interest", "1.07", "USDC", "income: - > 1.07 USDC, -"),
        ("earn_payout", "3", "GRT", "income: - > 3 GRT, -"),
        ("fiat_deposit", "114.02", "USD", "deposit: - > 114.02 USD, -"),
        ("fiat_withdrawal", "-55.5", "USD", "withdrawal: 55.5 USD > -, -"),
        ("receive", "0.5", "BTC", "deposit: - > 0.5 BTC, -"),
        ("pro_deposit", "-0.4", "BCH", "withdrawal: 0.4 BCH > -, -"),
        ("exchange_withdrawal", "0.57", "BTC", "deposit: - > 0.57 BTC, -"),
        ("clawback", "-3", "GRT", "lost: 3 GRT > -, -"),
        ("subscription", "-29.99", "USD", "fee: 29.99 USD > -, -"),
        ("something_new", "-2", "XLM", "withdrawal: 2 XLM > -, -"),
    ],
)
def test_every_kind_of_row_that_moves_units_is_an_event(kind: str, amount: str, asset: str, expected: str) -> None:
    (event,) = events_of(wallet_row(kind, amount, asset))
    assert line(event) == expected


@pytest.mark.parametrize("kind", ["staking_transfer", "unstaking_transfer", "vault_withdrawal", "transfer"])
def test_moves_between_own_wallets_are_no_events(kind: str) -> None:
    assert events_of(wallet_row(kind, "-5", "ADA", "w1"), wallet_row(kind, "5", "ADA", "w2")) == []


def test_income_has_the_dollar_value_coinbase_tells_and_none_where_it_rounds_to_nothing() -> None:
    (told,) = events_of(wallet_row("interest", "4", "USDC", native_amount={"amount": "3.99", "currency": "USD"}))
    (tiny,) = events_of(wallet_row("interest", "0.0004", "USDC"))
    (euro,) = events_of(wallet_row("interest", "4", "USDC", native_amount={"amount": "3.70", "currency": "EUR"}))
    assert (told.value, tiny.value, euro.value) == (Decimal("3.99"), None, None)


def test_wrapping_keeps_basis_and_is_no_trade() -> None:
    given = wallet_row("wrap_asset", "-1.1", "ETH", "w1")
    taken = wallet_row("wrap_asset", "1.02", "CBETH", "w2")
    assert [line(event) for event in events_of(given, taken)] == ["convert: 1.1 ETH > 1.02 CBETH, -"]


def test_rows_that_failed_or_wait_move_nothing_but_a_pending_send_has_left() -> None:
    for status in ("failed", "canceled", "expired", "waiting_for_signature"):
        assert events_of(wallet_row("send", "-2", "BTC", status=status)) == []
    assert events_of(wallet_row("send", "2", "BTC", status="pending")) == []
    (event,) = events_of(wallet_row("send", "-2", "BTC", status="pending"))
    assert event.kind is EventKind.WITHDRAWAL and event.note == "pending at Coinbase"


def test_a_row_with_odd_side_fields_still_counts_its_units() -> None:
    (event,) = events_of(wallet_row("send", "-2", "BTC", network={"transaction_fee": "none", "hash": 7}, to="friend"))
    assert line(event) == "withdrawal: 2 BTC > -, -" and event.txid == event.address == ""
