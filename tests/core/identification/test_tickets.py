"""What to sell where, up to which price, in the venue's own order; and the words for a venue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from harvest_tui.core.identification.record import RecordedAccount
from harvest_tui.core.identification.rule import broker_must_be_told, rule_at, rule_of
from harvest_tui.core.identification.ticket import (
    in_venue_order,
    instruction_lines,
    price_text,
    ticket_lines,
    ticket_of,
)
from harvest_tui.core.records import AccountId
from support.identification import Recorder, lot
from support.lot_events import UTC_ZONE, at, buy, ledger

OLD, MID, NEW = lot("old", 1, 20000), lot("mid", "0.5", 30000, day=5), lot("new", 2, 50000, day=9)


@pytest.mark.parametrize(
    ("method", "order"),
    [("fifo", "old mid new"), ("lifo", "new mid old"), ("hifo", "mid new old"), ("lofo", "old new mid")],
)
def test_lots_stand_in_the_order_in_which_the_venue_uses_them_up(method: str, order: str) -> None:
    assert [one.lot_id.partition(":")[2] for one in in_venue_order([NEW, OLD, MID], method)] == order.split()


def test_a_ticket_says_what_to_sell_and_the_worst_price_that_is_still_a_loss() -> None:
    made = Recorder()
    record = made.identify(20, OLD, MID, lot("e", 10, 45000, asset="ETH", account="w2"))
    orders = ticket_of(record)
    assert [(one.account, one.asset, one.quantity) for one in orders] == [
        ("w1", "BTC", Decimal("1.5")),
        ("w2", "ETH", 10),
    ]
    # (20,000 + 30,000) / 1.5
    assert ticket_lines(orders, UTC_ZONE) == [
        "w1: sell 1.5 BTC",
        "  a loss below 33333.33 USD for one BTC, before fees",
        "  the account's own order is fifo: it uses these lots up first, in this order",
        "  1 BTC acquired 2024-01-01, basis 20000 USD, a loss below 20000, lot w1:old",
        "  0.5 BTC acquired 2024-01-06, basis 30000 USD, a loss below 60000, lot w1:mid",
        "",
        "w2: sell 10 ETH",
        "  a loss below 4500 USD for one ETH, before fees",
        "  the account's own order is fifo: it uses these lots up first, in this order",
        "  10 ETH acquired 2024-01-01, basis 45000 USD, a loss below 4500, lot w2:e",
    ]


def test_a_ticket_says_what_the_venue_would_sell_first() -> None:
    held = ledger(
        buy("old", 0, 1, "BTC", 20000), buy("mid", 5, "0.5", "BTC", 30000), buy("new", 9, 2, "BTC", 50000)
    ).lots
    record = Recorder().identify(20, MID)
    (order,) = ticket_of(record, held)
    assert order.ahead == 1
    assert ticket_lines([order], UTC_ZONE)[2].endswith(
        "it would use up 1 BTC of other lots first; the record says otherwise"
    )
    dearest = replace(record, accounts=(RecordedAccount(AccountId("w1"), "kraken", "hifo", False),))
    assert ticket_of(dearest, held)[0].ahead == 0


def test_a_ticket_without_a_basis_says_that_nobody_knows() -> None:
    (order,) = ticket_of(Recorder().identify(20, OLD, lot("x", 1, None)))
    assert order.worst_price is None
    assert "cost basis unknown" in ticket_lines([order], UTC_ZONE)[1]


def test_a_gift_is_a_loss_only_below_its_value_when_given() -> None:
    gift = lot("g", 2, 100000, loss_basis=Decimal(70000), price=40000)
    assert (gift.worst_price, gift.promised) == (35000, 0)
    assert lot("g", 2, 100000, loss_basis=Decimal(70000), price=30000).promised == -10000
    assert lot("g", 2, 100000, loss_basis=Decimal(70000), price=60000).promised == 20000


@pytest.mark.parametrize(
    ("price", "text"),
    [("33333.339", "33333.33"), ("9.123456789", "9.12345678"), ("0.00001234999", "0.00001234"), ("10.009", "10")],
)
def test_a_price_to_type_is_rounded_down(price: str, text: str) -> None:
    assert price_text(Decimal(price)) == text


def test_the_instruction_names_units_by_date_and_time_and_the_record_by_its_hash() -> None:
    made = Recorder(zone="America/New_York")
    record = made.identify(20, OLD, MID)
    lines = instruction_lines(record, AccountId("w1"))
    assert lines[1:3] == [
        "Account: w1",
        "Written: 2024-01-20T19:00:00-05:00 (America/New_York), 2024-01-21T00:00:00Z",
    ]
    assert lines[4] == ("  1. 1 BTC, acquired 2023-12-31 19:00:00 -0500 (2024-01-01T00:00:00Z), cost basis 20000 USD")
    assert lines[-1] == f"My record no. 1, SHA-256 {record.sha256}"
    with pytest.raises(ValueError, match="no lot in w2"):
        instruction_lines(record, AccountId("w2"))


def test_no_name_gets_a_control_character_into_a_ticket() -> None:
    evil = "w\x1b]52;c;x\x07\u202e\n[/]"
    record = Recorder().identify(20, lot("o\x9b2J", 1, 5, asset="B\x00C\u2028", account=evil))
    text = "".join([*ticket_lines(ticket_of(record), UTC_ZONE), *instruction_lines(record, AccountId(evil))])
    assert text.isprintable()
    assert "w]52;c;x [/]: sell 1 BC" in text


def test_own_books_are_accepted_until_the_end_of_2026_and_the_broker_is_told_from_2027() -> None:
    rule = rule_of(2026)
    assert rule.own_books_until == date(2026, 12, 31)
    assert "until 2026-12-31; from 2027-01-01 the broker must be told" in rule.words
    assert (broker_must_be_told(2026), broker_must_be_told(2027), broker_must_be_told(2040)) == (False, True, True)
    assert rule_at(at(1095 + 1), UTC_ZONE).own_books_until is None
    assert "own books alone are not enough" in rule_at(at(1095 + 1), UTC_ZONE).words
