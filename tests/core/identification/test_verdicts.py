"""What came of each recorded lot, with the figures, through the real engine."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.identification.verdict_words import facts, heading, loss_kept, signed
from harvest_tui.core.money import plain
from support.identification import Recorder, loop, lot
from support.lot_events import UTC_ZONE, buy, event, sell

OLD = buy("old", 0, 1, "BTC", 20000)
DEAR = buy("dear", 10, 1, "BTC", 60000)
BOUGHT = [OLD, DEAR]


def one_dear(quantity: object = 1, cost: object = 60000, known: float | None = 19) -> Recorder:
    """A record of day 20 of the dear lot, 60,000 a coin, at a quote of 30,000."""
    made = Recorder()
    made.identify(20, lot("dear", quantity, cost, day=10), known=known)
    return made


def units(verdict: Verdict) -> tuple[str, ...]:
    """Sold from the lot, from others, lost, taken back, left, and sold on top."""
    one = verdict
    return tuple(map(plain, (one.identified, one.strayed, one.lost, one.revoked, one.left, one.beyond)))


def money(verdict: Verdict) -> tuple[str, ...]:
    """Promised, obtained, slippage, its rate in percent, fees."""
    rate = None if verdict.slippage_rate is None else verdict.slippage_rate * 100
    return tuple(map(signed, (verdict.promised, verdict.obtained, verdict.slippage, rate, verdict.fees)))


def culprits(verdict: Verdict) -> list[tuple[str, str]]:
    return [(one.event_id, plain(one.quantity)) for one in verdict.culprits]


def test_nothing_sold_is_waiting() -> None:
    (found,) = loop(BOUGHT, one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("waiting", ("0", "0", "0", "0", "1", "0"))
    assert (found.obtained, found.slippage, found.sold_at) == (None, None, None)
    assert facts(found, UTC_ZONE) == ["1 BTC left to sell"]


def test_one_right_sale_is_as_identified_with_slippage_and_fee() -> None:
    sale = sell("s", 21, 1, "BTC", 29700, fee=(50, "USD"))
    (found,) = loop([*BOUGHT, sale], one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("as identified", ("1", "0", "0", "0", "0", "0"))
    assert money(found) == ("-30,000.00", "-30,350.00", "-300.00", "-1.00", "+50.00")
    assert found.proceeds == 29650
    assert [(part.lot_id, part.quantity) for part in found.parts] == [("w1:dear", 1)]
    assert heading(found, UTC_ZONE) == "1 BTC of 2024-01-11 in w1: as identified"
    assert facts(found, UTC_ZONE) == [
        "1 BTC sold from the lot, as identified",
        "result -30,350.00 of -30,000.00 USD promised at the quote",
        "price -300.00 USD against the quote (-1.00 %)",
        "fees 50 USD",
    ]


def test_partial_fills_are_partly_sold_and_promise_their_share() -> None:
    fills = [sell("a", 21, "0.25", "BTC", 7400, fee=(10, "USD")), sell("b", 22, "0.5", "BTC", 14900, fee=(20, "USD"))]
    (found,) = loop([*BOUGHT, *fills], one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("partly sold", ("0.75", "0", "0", "0", "0.25", "0"))
    assert money(found) == ("-22,500.00", "-22,730.00", "-200.00", "-0.89", "+30.00")
    assert found.sold_at == (fills[0].executed_at, fills[1].executed_at)
    assert signed(loss_kept(found)) == "+1.01"


def test_a_part_sold_and_the_rest_revoked_is_sold_less() -> None:
    made = one_dear()
    made.revoke(22, made.records[0])
    found, *_ = loop(
        [*BOUGHT, sell("a", 21, "0.25", "BTC", 7500), sell("b", 23, 1, "BTC", 30000)], made.records
    ).verdicts
    assert (found.outcome, units(found)) == ("sold less than recorded", ("0.25", "0", "0", "0.75", "0", "0"))


def test_a_record_revoked_before_any_sale_is_revoked() -> None:
    made = one_dear()
    made.revoke(21, made.records[0])
    (found,) = loop([*BOUGHT, sell("s", 22, 1, "BTC", 30000)], made.records).verdicts
    assert (found.outcome, units(found)) == ("revoked", ("0", "0", "0", "1", "0", "0"))


def test_one_order_of_more_units_is_sold_more_and_its_lots_are_told() -> None:
    sale = sell("s", 21, "0.8", "BTC", 24000, fee=(16, "USD"))
    (found,) = loop([*BOUGHT, sale], one_dear("0.5", 30000).records).verdicts
    assert (found.outcome, units(found)) == ("sold more than recorded", ("0.5", "0", "0", "0", "0", "0.3"))
    assert [(part.lot_id, plain(part.quantity), plain(part.gain or 0)) for part in found.beyond_parts] == [
        ("w1:old", "0.3", "2994")
    ]
    assert money(found) == ("-15,000.00", "-15,010.00", "+0.00"[1:], "+0.00"[1:], "+10.00")
    assert "0.3 BTC more were sold than recorded, by fifo from lot w1:old" in facts(found, UTC_ZONE)


def test_a_further_fill_within_the_hour_is_sold_more_and_one_on_another_day_is_not() -> None:
    whole = sell("a", 21, 1, "BTC", 30000)
    soon, late = sell("b", 21.02, "0.5", "BTC", 15000), sell("b", 22, "0.5", "BTC", 15000)
    assert loop([*BOUGHT, whole, soon], one_dear().records).verdicts[0].beyond == Decimal("0.5")
    assert loop([*BOUGHT, whole, late], one_dear().records).outcomes == ["as identified"]


def test_a_fill_before_the_record_is_told_as_such_with_what_it_took() -> None:
    sale = sell("s", 19.9, 1, "BTC", 30000)
    (found,) = loop([*BOUGHT, sale], one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("sold before the record", ("0", "0", "0", "0", "1", "0"))
    assert culprits(found) == [("w1:s", "1")]
    assert facts(found, UTC_ZONE)[-1] == "record 1 still waits for a sale: revoke it if there will be none"


def test_a_sale_that_was_known_when_the_record_was_made_is_not_held_against_it() -> None:
    sale = sell("s", 18, 1, "BTC", 30000)
    assert loop([*BOUGHT, sale], one_dear(known=18).records).outcomes == ["waiting"]


def test_a_lot_that_a_late_told_sale_had_used_up_was_sold_before_the_record() -> None:
    made = Recorder()
    made.identify(20, lot("old", 1, 20000), known=19)
    early = sell("early", 15, "0.75", "BTC", 20000)
    (waiting,) = loop([*BOUGHT, early], made.records).verdicts
    assert (waiting.outcome, units(waiting)) == ("sold before the record", ("0", "0", "0.75", "0", "0.25", "0"))
    assert culprits(waiting) == [("w1:early", "0.75")]
    (sold,) = loop([*BOUGHT, early, sell("s", 21, 1, "BTC", 30000)], made.records).verdicts
    assert (sold.outcome, units(sold)) == ("sold before the record", ("0.25", "0.75", "0", "0", "0", "0"))
    assert culprits(sold) == [("w1:early", "0.75")]


def test_a_sale_in_another_account_is_named_and_leaves_the_lot_where_it_is() -> None:
    there = buy("x", 1, 2, "BTC", 40000, account="w2")
    sale = sell("s", 21, "0.6", "BTC", 18000, account="w2")
    (found,) = loop([*BOUGHT, there, sale], one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("sold in another account", ("0", "0", "0", "0", "1", "0"))
    assert culprits(found) == [("w2:s", "0.6")]
    assert found.culprits[0].account == "w2"


def test_a_right_sale_clears_the_one_in_the_other_account() -> None:
    there = buy("x", 1, 2, "BTC", 40000, account="w2")
    sales = [sell("s", 21, 1, "BTC", 30000, account="w2"), sell("t", 22, 1, "BTC", 30000)]
    assert loop([*BOUGHT, there, *sales], one_dear().records).outcomes == ["as identified"]


def test_a_lot_that_a_withdrawal_took_was_eaten_by_it() -> None:
    made = Recorder()
    made.identify(20, lot("old", 1, 20000))
    gone = event("out", "withdrawal", 21, sent=("0.4", "BTC"))
    (waiting,) = loop([*BOUGHT, gone], made.records).verdicts
    assert (waiting.outcome, units(waiting)) == ("eaten by another order", ("0", "0", "0.4", "0", "0.6", "0"))
    assert culprits(waiting) == [("w1:out", "0.4")]
    (sold,) = loop([*BOUGHT, gone, sell("s", 22, 1, "BTC", 30000)], made.records).verdicts
    assert (sold.outcome, units(sold)) == ("eaten by another order", ("0.6", "0.4", "0", "0", "0", "0"))
    assert [(part.lot_id, plain(part.quantity)) for part in sold.parts] == [("w1:old", "0.6"), ("w1:dear", "0.4")]
    # 1 BTC at 30,000 against 0.6 * 20,000 + 0.4 * 60,000.
    assert money(sold)[:2] == ("+10,000.00", "-6,000.00")
    assert "0.4 BTC sold, but by fifo from lot w1:dear" in facts(sold, UTC_ZONE)


def test_an_order_that_names_the_lot_eats_it() -> None:
    named = sell("n", 21, "0.5", "BTC", 15000, lots=(("w1:dear", "0.5"),))
    (found,) = loop([*BOUGHT, named, sell("s", 22, 1, "BTC", 30000)], one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("eaten by another order", ("0.5", "0.5", "0", "0", "0", "0"))
    assert culprits(found) == [("w1:n", "0.5")]


def test_a_fee_in_the_coin_eats_the_oldest_lot() -> None:
    made = Recorder()
    made.identify(20, lot("old", 1, 20000))
    fills = [
        sell("a", 21, "0.5", "BTC", 15000, fee=("0.001", "BTC"), fee_value=30),
        sell("b", 22, "0.5", "BTC", 15000, fee=("0.001", "BTC"), fee_value=30),
    ]
    (found,) = loop([*BOUGHT, *fills], made.records).verdicts
    assert (found.outcome, units(found)) == ("eaten by another order", ("0.999", "0.001", "0", "0", "0", "0"))
    assert culprits(found) == [("w1:a", "0.001")]
    assert money(found)[4] == "+60.00"


def test_a_lot_that_is_not_in_the_history_any_more_is_said_to_be_gone() -> None:
    made = Recorder()
    made.identify(20, lot("never", 1, 60000))
    (found,) = loop(BOUGHT, made.records).verdicts
    assert (found.outcome, units(found)) == ("the lot is not in the history", ("0", "0", "1", "0", "0", "0"))
    (sold,) = loop([*BOUGHT, sell("s", 21, 1, "BTC", 30000)], made.records).verdicts
    assert (sold.outcome, units(sold)) == ("fell to the account's method", ("0", "1", "0", "0", "0", "0"))
    assert (culprits(sold), sold.obtained) == ([], 10000)


def test_units_that_no_lot_covers_have_no_result() -> None:
    (found,) = loop([DEAR, sell("s", 21, "1.5", "BTC", 45000)], one_dear().records).verdicts
    assert (found.outcome, units(found)) == ("sold more than recorded", ("1", "0", "0", "0", "0", "0.5"))
    assert [(part.lot_id, part.gain) for part in found.beyond_parts] == [(None, None)]
    assert found.obtained == -30000


def test_a_sale_the_broker_was_not_told_of_fell_to_the_method() -> None:
    made = Recorder(is_broker=True)
    made.identify(1000, lot("dear", 1, 60000, day=10))
    (found,) = loop([*BOUGHT, sell("s", 1100, 1, "BTC", 30000)], made.records).verdicts
    assert (found.outcome, units(found)) == ("fell to the account's method", ("0", "1", "0", "0", "0", "0"))
    assert (found.is_bound, found.obtained) == (False, 10000)
    assert any("broker had to be told" in line for line in facts(found, UTC_ZONE))


def test_without_a_quote_or_a_basis_what_was_promised_is_unknown() -> None:
    made = Recorder()
    made.identify(20, lot("dear", "0.5", 30000, day=10, price=None), lot("old", "0.5", None))
    found = loop([*BOUGHT, sell("s", 21, 1, "BTC", 30000)], made.records).verdicts
    assert [money(one)[0] for one in found] == ["-", "-"]
    assert [one.obtained for one in found] == [-15000, 5000]
    assert [one.slippage for one in found] == [None, 0]


def test_lines_of_one_sale_share_its_value_and_fee_to_the_last_cent() -> None:
    made = Recorder()
    made.identify(20, lot("dear", "0.3", 18000, day=10), lot("old", "0.4", 8000))
    sale = sell("s", 21, "0.7", "BTC", 20000, fee=(10, "USD"))
    found = loop([*BOUGHT, sale], made.records).verdicts
    assert found[0].value is not None and found[1].value is not None
    assert found[0].value + found[1].value == 20000
    assert (found[0].fees or 0) + (found[1].fees or 0) == 10
    assert (found[0].obtained or 0) + (found[1].obtained or 0) == 19990 - 26000


def test_two_records_of_one_lot_are_judged_one_after_the_other() -> None:
    made = Recorder()
    made.identify(20, lot("dear", "0.5", 30000, day=10))
    made.identify(21, lot("dear", "0.5", 30000, day=10))
    gone = event("out", "gift_out", 22, sent=("0.7", "BTC"), lots=(("w1:dear", "0.7"),))
    found = loop([*BOUGHT, gone], made.records).verdicts
    assert [(one.outcome.value, units(one)) for one in found] == [
        ("eaten by another order", ("0", "0", "0.2", "0", "0.3", "0")),
        ("eaten by another order", ("0", "0", "0.5", "0", "0", "0")),
    ]
    assert [culprits(one) for one in found] == [[("w1:out", "0.2")], [("w1:out", "0.5")]]


def test_a_lot_that_is_short_takes_nothing_from_the_lots_of_other_lines() -> None:
    made = Recorder()
    made.identify(20, lot("gone", "0.5", 30000, day=11), lot("dear", "0.5", 30000, day=10))
    bought = [*BOUGHT, buy("gone", 11, "0.5", "BTC", 30000)]
    away = event("out", "gift_out", 20.5, sent=("0.5", "BTC"), lots=(("w1:gone", "0.5"),))
    short, whole = loop([*bought, away, sell("s", 21, 1, "BTC", 30000)], made.records).verdicts
    assert (short.outcome, units(short)) == ("eaten by another order", ("0", "0.5", "0", "0", "0", "0"))
    assert [part.lot_id for part in short.parts] == ["w1:old"]
    assert (whole.outcome, [part.lot_id for part in whole.parts]) == ("as identified", ["w1:dear"])


def test_a_sale_on_top_is_told_in_the_verdict_of_one_record() -> None:
    made = Recorder()
    made.identify(20, lot("dear", "0.5", 30000, day=10))
    made.identify(20, lot("old", "0.5", 10000))
    fills = [
        sell("a", 21, "0.5", "BTC", 15000),
        sell("b", 21.01, "0.5", "BTC", 15000),
        sell("c", 21.02, 1, "BTC", 30000),
    ]
    found = loop([*BOUGHT, *fills], made.records).verdicts
    assert [plain(one.beyond) for one in found] == ["0", "1"]
    assert found[0].outcome == "as identified"


def test_a_sale_that_names_its_own_lots_is_not_on_top_of_anything() -> None:
    named = sell("n", 21.01, "0.5", "BTC", 15000, lots=(("w1:old", "0.5"),))
    assert loop([*BOUGHT, sell("a", 21, 1, "BTC", 30000), named], one_dear().records).outcomes == ["as identified"]


def test_what_one_event_took_is_held_against_it_once() -> None:
    made = Recorder()
    made.identify(20, lot("dear", "0.5", 30000, day=10), lot("dear", "0.5", 30000, day=10))
    gone = event("out", "gift_out", 22, sent=(1, "BTC"), lots=(("w1:dear", 1),))
    found = loop([*BOUGHT, gone], made.records).verdicts
    assert [culprits(one) for one in found] == [[("w1:out", "0.5")], [("w1:out", "0.5")]]
    early = sell("early", 15, "0.6", "BTC", 20000)
    made = Recorder()
    made.identify(20, lot("old", "0.5", 10000), known=19)
    made.identify(20, lot("old", "0.5", 10000), known=19)
    later = sell("later", 16, "0.1", "BTC", 3000)
    found = loop([*BOUGHT, early, later], made.records).verdicts
    assert [(plain(one.lost), culprits(one)) for one in found] == [
        ("0.2", [("w1:later", "0.1"), ("w1:early", "0.1")]),
        ("0.5", [("w1:early", "0.5")]),
    ]
