"""What Kraken's ledger rows mean, told as small ledgers."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from harvest_tui.core.pages import StoredRow
from harvest_tui.core.records import AccountId, Event, EventKind
from harvest_tui.exchanges.strategies.kraken import KrakenStrategy

ACCOUNT = AccountId("my kraken")
AT = "1688464484.1787"


def row(
    ledger_id: str, kind: str, asset: str, amount: str, fee: str = "0.0000", *, subtype: str = "", time: str = AT
) -> StoredRow:
    told = {"refid": "TREF", "time": time, "type": kind, "subtype": subtype, "asset": asset}
    return StoredRow("ledger", ledger_id, json.dumps({**told, "amount": amount, "fee": fee, "balance": "1"}))


def state(stream: str, txid: str, info: str) -> StoredRow:
    return StoredRow(stream, "TREF", json.dumps({"refid": "TREF", "txid": txid, "info": info, "status": "Success"}))


def events(*rows: StoredRow) -> list[Event]:
    return list(KrakenStrategy().parse_group(ACCOUNT, "TREF", rows))


def told(event: Event) -> tuple[object, ...]:
    """An event as text: kind, sent, received, fee."""
    return (
        event.kind.value,
        *(f"{leg.quantity} {leg.asset}" if leg else None for leg in (event.sent, event.received, event.fee)),
    )


def test_a_purchase_has_its_dollar_fee_besides_what_was_given() -> None:
    (event,) = events(
        row("L1", "trade", "ZUSD", "-200.9398", "0.5224"), row("L2", "trade", "XXBT", "0.0043512400", "0.0000000000")
    )
    assert told(event) == ("trade", "200.9398 USD", "0.0043512400 BTC", "0.5224 USD")
    assert event.event_id == "my kraken:TREF"


def test_a_fee_taken_in_the_coin_that_was_bought_is_a_fee_in_that_coin() -> None:
    (event,) = events(
        row("L1", "trade", "ZUSD", "-200.0000"), row("L2", "trade", "XETH", "0.1234567890", "0.0003209876")
    )
    assert told(event) == ("trade", "200.0000 USD", "0.1234567890 ETH", "0.0003209876 ETH")


def test_a_coin_for_coin_trade_is_one_trade() -> None:
    (event,) = events(row("L1", "trade", "XXBT", "-0.5"), row("L2", "trade", "XETH", "7.25", "0.01885"))
    assert told(event) == ("trade", "0.5 BTC", "7.25 ETH", "0.01885 ETH")


def test_fees_on_both_legs_are_both_kept() -> None:
    trade, fee = events(row("L1", "trade", "ZUSD", "-90.0", "0.2"), row("L2", "trade", "SOL", "3.0", "0.004"))
    assert told(trade) == ("trade", "90.0 USD", "3.0 SOL", "0.004 SOL")
    assert told(fee) == ("fee", "0.2 USD", None, None)


def test_half_a_trade_is_no_event_yet() -> None:
    assert events(row("L1", "trade", "ZUSD", "-200.0000", "0.5")) == []


def test_an_instant_purchase_is_a_trade_with_its_fee() -> None:
    (event,) = events(row("L1", "spend", "ZUSD", "-50.0000", "0.7450"), row("L2", "receive", "DOT", "9.1234567800"))
    assert told(event) == ("trade", "50.0000 USD", "9.1234567800 DOT", "0.7450 USD")


def test_a_side_too_small_for_its_decimals_is_still_a_side() -> None:
    (event,) = events(row("L1", "trade", "SHIB", "-1.00000"), row("L2", "trade", "ZUSD", "0.0000"))
    assert told(event) == ("trade", "1.00000 SHIB", "0.0000 USD", None)


def test_coins_swept_into_one_share_it_without_residue() -> None:
    sweep = events(
        row("L1", "spend", "ADA", "-3.1", subtype="dustsweeping"),
        row("L2", "spend", "DOT", "-0.2", subtype="dustsweeping"),
        row("L3", "spend", "XXRP", "-1.7", subtype="dustsweeping"),
        row("L4", "receive", "ZUSD", "1.0000", "0.03", subtype="dustsweeping"),
    )
    trades = [event for event in sweep if event.kind is EventKind.TRADE]
    assert [event.sent.asset for event in trades if event.sent] == ["ADA", "DOT", "XRP"]
    assert sum(event.received.quantity for event in trades if event.received) == Decimal("1.0000")
    assert [told(event) for event in sweep if event.kind is EventKind.FEE] == [("fee", "0.03 USD", None, None)]
    assert len({event.event_id for event in sweep}) == 4


@pytest.mark.parametrize(
    ("kind", "subtype", "asset"),
    [("staking", "", "DOT28.S"), ("earn", "reward", "ETH.B"), ("reward", "", "XXBT"), ("transfer", "", "FLR")],
)
def test_rewards_and_airdrops_are_income(kind: str, subtype: str, asset: str) -> None:
    (event,) = events(row("L9", kind, asset, "0.0412345678", subtype=subtype))
    assert event.kind is EventKind.INCOME
    assert event.received is not None
    assert event.received.quantity == Decimal("0.0412345678")
    assert event.event_id == "my kraken:L9"


def test_the_share_kraken_keeps_of_a_reward_is_never_income() -> None:
    (event,) = events(row("L9", "earn", "SOL03.S", "0.50", "0.10", subtype="reward"))
    assert told(event) == ("income", None, "0.40 SOL", None)


@pytest.mark.parametrize(
    "rows",
    [
        (row("L1", "transfer", "DOT", "-5.5", subtype="spottostaking"),),
        (row("L2", "transfer", "DOT28.S", "5.5", subtype="stakingfromspot"),),
        (
            row("L3", "earn", "XETH", "-2.5", subtype="allocation"),
            row("L4", "earn", "ETH.B", "2.5", subtype="allocation"),
        ),
        (
            row("L5", "earn", "ETH2.S", "-2.5", subtype="migration"),
            row("L6", "earn", "ETH", "2.5", subtype="migration"),
        ),
        (row("L7", "deposit", "DOT.S", "5.5"),),
        (row("L8", "trade", "ETH2", "-1.5"), row("L9", "trade", "XETH", "1.5")),
    ],
)
def test_moves_between_wallets_of_one_coin_are_no_event(rows: tuple[StoredRow, ...]) -> None:
    assert events(*rows) == []


def test_a_deposit_has_the_chain_words_of_its_state() -> None:
    (event,) = events(row("L1", "deposit", "XXBT", "0.3456789000"), state("deposits", "9f3c", "bc1qxyz"))
    assert told(event) == ("deposit", None, "0.3456789000 BTC", None)
    assert (event.txid, event.address) == ("9f3c", "bc1qxyz")


def test_a_withdrawal_has_its_network_fee_on_top() -> None:
    (event,) = events(
        row("L1", "withdrawal", "XXBT", "-0.3000000000", "0.0002000000"), state("withdrawals", "77ab", "bc1qother")
    )
    assert told(event) == ("withdrawal", "0.3000000000 BTC", None, "0.0002000000 BTC")
    assert event.txid == "77ab"


def test_a_deposit_without_its_state_is_a_deposit_all_the_same() -> None:
    (event,) = events(row("L1", "deposit", "ZUSD", "3476.0000"))
    assert (told(event)[2], event.txid) == ("3476.0000 USD", "")


def test_a_state_without_its_ledger_row_is_no_event() -> None:
    assert events(state("deposits", "9f3c", "bc1qxyz")) == []


def test_a_withdrawal_that_was_taken_back_is_no_event() -> None:
    back = row("L2", "withdrawal", "XXBT", "0.3", "-0.0002", time="1688464999.5")
    assert events(row("L1", "withdrawal", "XXBT", "-0.3", "0.0002"), back) == []


def test_an_adjustment_is_told_as_a_move_whose_other_end_nobody_knows() -> None:
    assert told(*events(row("L1", "adjustment", "XXBT", "0.01"))) == ("deposit", None, "0.01 BTC", None)
    assert told(*events(row("L1", "adjustment", "XXBT", "-0.01"))) == ("withdrawal", "0.01 BTC", None, None)


def test_a_rollover_is_a_fee() -> None:
    assert told(*events(row("L1", "rollover", "ZUSD", "0.0000", "0.0213"))) == ("fee", "0.0213 USD", None, None)


@pytest.mark.parametrize(
    ("wire", "moment", "order"),
    [
        ("1688464484.1787", datetime(2023, 7, 4, 9, 54, 44, 178_700, UTC), 0),
        ("1688464484.178712", datetime(2023, 7, 4, 9, 54, 44, 178_712, UTC), 0),
        ("1688464484.1787123456", datetime(2023, 7, 4, 9, 54, 44, 178_712, UTC), 3456),
        ("1688464484", datetime(2023, 7, 4, 9, 54, 44, 0, UTC), 0),
        ("1795046861.000001", datetime(2026, 11, 19, 0, 7, 41, 1, UTC), 0),
    ],
)
def test_times_are_read_from_their_text_to_the_microsecond(wire: str, moment: datetime, order: int) -> None:
    (event,) = events(row("L1", "staking", "SOL03.S", "0.5", time=wire))
    assert event.executed_at == moment
    assert event.sequence == order
