"""Why a lot or a disposal is what it is: the chain adds up, and what is not proven is said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harvest_tui.core.evidence import ValueOrigin
from harvest_tui.core.lots.explanation import Beginning, DoubtKind, Explanation, LotStory, NoSuchName, UseKind
from harvest_tui.core.lots.ledger import Provenance, Term
from harvest_tui.core.lots.matching import match
from harvest_tui.core.lots.transfers import PairChoices
from harvest_tui.core.records import EventId
from harvest_tui.core.valuation import PriceHistory
from support.explained import NEW_YORK, candle, explained, story
from support.lot_events import at, buy, event, sell

D = Decimal
TWICE_MOVED = (
    buy("b1", 9.75, 2, "ETH", 5000, fee=(10, "USD")),
    sell("s1", 40, "0.5", "ETH", 1300, fee=(4, "USD")),
    event("out", "withdrawal", 50, sent=(1, "ETH"), fee=("0.002", "ETH"), fee_value="7.5", txid="0xAB"),
    event("in", "deposit", 50.01, received=(1, "ETH"), account="w2", txid="0xab"),
    event("t1", "transfer", 60, sent=("0.75", "ETH"), fee=("0.001", "ETH"), fee_value=4, account="w2", to="w3"),
    sell("s2", 420, "0.25", "ETH", 900, account="w3"),
)


def lot_of(explanation: Explanation) -> LotStory:
    [found] = explanation.lots
    return found


def last_of(name: str, *events: object, **options: object) -> LotStory:
    """The story of the lot that the units of `name` became last."""
    lot = lot_of(explained(name, *events, **options))  # type: ignore[arg-type]
    while moved := [use for use in lot.last.uses if use.next_lots]:
        lot = lot_of(explained(moved[-1].next_lots[0], *events, **options))  # type: ignore[arg-type]
    return lot


def check_sums(lot: LotStory) -> None:
    """Every lot of the chain is what became of it and what is left; a part that moves is where the next lot begins."""
    for chapter in lot.chapters:
        assert chapter.quantity == sum((use.quantity for use in chapter.uses), chapter.left)
        if chapter.cost_basis is not None:
            assert chapter.cost_basis == sum((use.cost_basis or D(0) for use in chapter.uses), chapter.cost_left)
    first = lot.chapters[0]
    assert (first.quantity, first.cost_basis) == (lot.acquisition.quantity, lot.acquisition.cost_basis)
    for parent, passage, child in zip(lot.chapters, lot.passages, lot.chapters[1:], strict=False):
        assert passage.use in parent.uses
        assert child.lot_id in passage.use.next_lots
        assert (child.quantity, child.asset) == (passage.arrived.quantity, passage.arrived.asset)
        assert child.cost_basis == passage.use.cost_basis
    assert (lot.last.left, lot.last.cost_left) == (lot.lot.quantity, lot.lot.cost_basis)


def test_a_lot_moved_twice_is_told_from_its_purchase_on_and_every_step_adds_up() -> None:
    lot = last_of("w1:b1", *TWICE_MOVED)
    check_sums(lot)
    assert [(chapter.account, chapter.quantity) for chapter in lot.chapters] == [
        ("w1", 2),
        ("w2", 1),
        ("w3", D("0.75")),
    ]
    assert lot.lot.provenance is Provenance.TRANSFERRED
    assert (lot.lot.quantity, lot.lot.cost_basis) == (D("0.5"), D("1252.5"))
    start = lot.acquisition
    assert (start.cost_basis, start.value.origin, start.is_fee_in_basis) == (5010, ValueOrigin.DOLLARS, True)
    first, second = lot.passages
    assert (first.arrival.event_id if first.arrival else None, first.has_common_txid) == ("w2:in", True)
    assert second.arrival is None
    assert [(fee.kind, fee.quantity, fee.disposal and fee.disposal.gain) for fee in first.fees] == [
        (UseKind.MOVING_FEE, D("0.002"), D("2.49"))
    ]
    assert [(use.kind, use.disposal and use.disposal.term) for use in lot.last.uses] == [(UseKind.SOLD, Term.LONG)]
    assert lot.doubts == ()


def test_the_story_of_a_moved_lot_names_times_ends_fees_and_figures() -> None:
    lines = story(explained(last_of("w1:b1", *TWICE_MOVED).lot.lot_id, *TWICE_MOVED))
    text = "\n".join(lines)
    assert lines[0] == "0.5 ETH in w3, acquired 2024-01-10"
    assert "1. Bought 2 ETH" in lines
    assert "2024-01-10 13:00:00 EST (18:00:00 UTC), in w1." in lines
    assert "Paid 5,000.00 USD and a fee of 10.00 USD for 2 ETH." in lines
    assert "Basis: 5,000.00 USD + 10.00 USD fee = 5,010.00 USD (2,505.00 USD each)." in lines
    assert (
        "Of these, 1 ETH (basis 2,505.00 USD) went on as told next; the others:"
        " 0.5 ETH sold, 0.002 ETH paid as the fee of a move, 0.498 ETH still in w1."
    ) in lines
    assert "2. Moved 1 ETH from w1 to w2" in lines
    assert "Both ends name the transaction 0xAB." in lines
    assert "0.002 ETH of this lot went as the fee, worth 7.50 USD: basis 5.01 USD, a gain of 2.49 USD" in text
    assert "3. Moved 0.75 ETH from w2 to w3" in lines
    assert "One row tells both ends of the move." in lines
    assert "4. What became of the 0.75 ETH" in lines
    sold = "0.25 ETH sold, proceeds 900.00 USD, basis 626.25 USD, a gain of 273.75 USD, long-term (event w3:s2)."
    assert f"2025-02-23: {sold}" in lines
    assert "0.5 ETH with a basis of 1,252.50 USD (2,505.00 USD each), after the above." in lines
    assert "short-term through 2025-01-10 and long-term from 2025-01-11 on." in text
    assert lines[-4:-2] == [
        "What is not proven",
        "Nothing. Every step is told by a source row, and every value by a row or a past price named above.",
    ]


def test_a_coin_for_coin_trade_is_valued_by_the_candle_that_is_named() -> None:
    swap = event("x", "trade", 100.6, sent=("1.5", "ETH"), received=("0.0625", "BTC"), fee=("0.003", "ETH"))
    prices = [candle("BTC", 100 + 14 / 24, 64_000), candle("BTC", 100, 63_000, 86_400), candle("ETH", 100, 1, 86_400)]
    told = explained("w1:x", buy("b1", 3, 2, "ETH", 4000), swap, prices=prices)
    lot = lot_of(told)
    check_sums(lot)
    assert (lot.lot.cost_basis, lot.acquisition.is_fee_in_basis) == (4000, False)
    candle_used = lot.acquisition.value.candle
    assert candle_used is not None
    assert (candle_used.close, candle_used.seconds, candle_used.source) == (64_000, 3600, "kraken BTC/USD")
    given, fee = told.takes
    # 0.003 of 1.5 ETH given for 4,000 dollars is worth 8.
    assert (given.kind, given.proceeds, given.fee.value) == (UseKind.EXCHANGED, 3992, 8)
    assert (fee.kind, fee.proceeds, fee.value.origin) == (UseKind.FEE, 8, ValueOrigin.TRADE)
    lines = story(told)
    assert "1. Received in an exchange: 0.0625 BTC" in lines
    assert (
        "Price: 1 BTC = 64,000.00 USD, the close of the hour that began 2024-04-10 14:00 UTC on kraken BTC/USD;"
        " 0.0625 BTC = 4,000.00 USD."
    ) in lines
    assert "The fee belongs to the disposal of the ETH, not to this basis." in lines
    assert "Proceeds: 4,000.00 USD less a fee of 0.003 ETH worth 8.00 USD = 3,992.00 USD." in lines


def test_income_is_worth_the_price_of_its_day_where_no_hour_is_known_and_that_is_said() -> None:
    reward = event("i1", "income", 200.2, received=("0.5", "DOT"))
    told = explained("w1:i1", reward, prices=[candle("DOT", 200, "6.9", 86_400)])
    assert lot_of(told).lot.cost_basis == D("3.45")
    assert [(doubt.kind, doubt.is_hole) for doubt in told.doubts] == [(DoubtKind.DAY_PRICE, False)]
    assert not told.has_holes
    lines = story(told)
    assert "Its value on receipt is ordinary income of 2024, and becomes the basis of the units." in lines
    price = "the close of the day that began 2024-07-19 00:00 UTC on kraken DOT/USD; 0.5 DOT = 3.45 USD."
    assert f"Price: 1 DOT = 6.90 USD, {price}" in lines


def test_a_price_that_takes_a_stablecoin_as_a_dollar_says_so() -> None:
    reward = event("i1", "income", 200.2, received=("0.5", "DOT"))
    source = "binance DOT/USDT (USDT taken as $1)"
    told = explained("w1:i1", reward, prices=[candle("DOT", 200 + 4 / 24, "7", source=source)])
    assert [doubt.kind for doubt in told.doubts] == [DoubtKind.ASSUMED_DOLLAR]
    assert any(source in line for line in story(told))


def test_income_that_nobody_priced_is_a_hole_and_no_zero() -> None:
    told = explained("w1:i1", event("i1", "income", 200, received=(4, "ODD")))
    assert lot_of(told).lot.cost_basis is None
    assert [doubt.kind for doubt in told.doubts] == [DoubtKind.NO_VALUE]
    assert told.has_holes
    lines = story(told)
    assert "Basis: unknown." in lines
    assert "No row and no past price tells what 4 ODD was worth at w1:i1." in lines


def test_a_coin_fee_of_a_purchase_is_in_the_basis_and_a_disposal_of_its_own() -> None:
    history = (
        buy("n1", 1, 5, "BNB", 1500),
        buy("b1", 2, 2, "ETH", 6000, fee=("0.02", "BNB")),
    )
    prices = [candle("BNB", 2, 350)]
    told = explained("w1:b1", *history, prices=prices)
    assert lot_of(told).lot.cost_basis == 6007
    [fee] = told.takes
    assert (fee.kind, fee.proceeds, [part.use.cost_basis for part in fee.parts]) == (UseKind.FEE, 7, [6])
    assert "Paying the fee was a disposal of the BNB, told with the same event." in story(told)


def test_a_sale_from_several_lots_says_which_and_why_and_sums_up() -> None:
    history = (
        buy("b1", 1, 1, "ETH", 2000),
        buy("b2", 2, 1, "ETH", 3000),
        buy("b3", 3, 1, "ETH", 1000),
        sell("s1", 30, "1.5", "ETH", 3600, fee=(6, "USD")),
    )
    fifo, hifo = (explained("w1:s1", *history, method=method).takes[0] for method in ("fifo", "hifo"))
    assert [(part.lot.lot_id, part.use.quantity) for part in fifo.parts] == [("w1:b1", 1), ("w1:b2", D("0.5"))]
    assert [(part.lot.lot_id, part.use.quantity) for part in hifo.parts] == [("w1:b2", 1), ("w1:b1", D("0.5"))]
    assert (fifo.open_lots, fifo.next_lot and fifo.next_lot.lot_id) == (3, "w1:b2")
    assert hifo.next_lot is not None and hifo.next_lot.lot_id == "w1:b1"
    lines = story(explained("w1:s1", *history, method="hifo"))
    order = "HIFO, the lot with the highest basis per unit goes first"
    assert f"3 lots of ETH of w1 could be used. The order in 2024 is {order}." in lines
    assert (
        "1 ETH of lot w1:b2, acquired 2024-01-02 at 3,000.00 USD each: proceeds 2,396.00 USD,"
        " basis 3,000.00 USD, a loss of 604.00 USD, short-term."
    ) in lines
    assert "Together: 1.5 ETH, proceeds 3,594.00 USD, basis 4,000.00 USD, a loss of 406.00 USD." in lines
    assert "Next in line: lot w1:b1, acquired 2024-01-01 at 2,000.00 USD each." in lines


@pytest.mark.parametrize(("method", "after"), [("fifo", "b2"), ("lifo", "b2"), ("hifo", "b1"), ("lofo", "b1")])
def test_the_lot_next_in_line_is_the_one_that_a_further_sale_takes(method: str, after: str) -> None:
    history = [
        buy("b1", 1, 1, "ETH", 2000),
        buy("b2", 2, 1, "ETH", 3000),
        buy("b3", 3, 1, "ETH", 1000),
        sell("s1", 30, 1, "ETH", 2500),
    ]
    told = explained("w1:s1", *history, method=method).takes[0]
    further = match([*history, sell("s2", 31, "0.1", "ETH", 250)], method=method, zone=NEW_YORK)
    assert told.next_lot is not None
    assert told.next_lot.lot_id == further.disposals[-1].lot_id == f"w1:{after}"


def test_lots_that_the_row_names_are_told_as_such_and_what_was_not_there_too() -> None:
    history = (
        buy("b1", 1, 1, "ETH", 2000),
        buy("b2", 2, 1, "ETH", 3000),
        sell("s1", 30, "1.25", "ETH", 3000, lots=(("w1:b2", "1.25"),)),
    )
    told = explained("w1:s1", *history)
    [take] = told.takes
    assert [(part.lot.lot_id, part.is_named) for part in take.parts] == [("w1:b2", True), ("w1:b1", False)]
    assert [(doubt.kind, doubt.amount and doubt.amount.quantity) for doubt in told.doubts] == [
        (DoubtKind.NAMED_SHORT, D("0.25"))
    ]
    assert "Lots were identified for it: 1.25 ETH of w1:b2. These go first." in story(told)


def test_a_sale_without_a_lot_is_a_gap_in_words() -> None:
    told = explained("w1:s1", buy("b1", 1, 1, "ETH", 2000), sell("s1", 30, "1.5", "ETH", 3600))
    assert told.takes[0].missing == D("0.5")
    assert told.has_holes
    assert "w1:s1 took 0.5 ETH that no lot covers: its purchase is missing." in story(told)


def test_a_conversion_carries_basis_and_date_into_another_quantity() -> None:
    history = (
        buy("b1", 1, 400, "MATIC", 800),
        event("c1", "convert", 50, sent=(300, "MATIC"), received=("290.5", "POL")),
        sell("s1", 60, "100.5", "POL", 99),
    )
    lot = last_of("w1:b1", *history)
    check_sums(lot)
    assert (lot.lot.asset, lot.lot.quantity, lot.last.cost_basis) == ("POL", 190, 600)
    assert lot.lot.acquired_at == at(1)
    assert "2. Converted 300 MATIC into 290.5 POL" in story(explained(lot.lot.lot_id, *history))


def test_a_gift_that_was_worth_less_tells_both_bases() -> None:
    gift = event("g1", "gift_in", 300, received=(2, "ETH"), acquired=-100, cost_basis=6000, value=4000)
    told = explained("w1:g1", gift)
    lot = lot_of(told)
    assert (lot.lot.cost_basis, lot.lot.loss_basis) == (6000, 4000)
    lines = story(told)
    assert "Acquired 2023-09-22 for 6,000.00 USD (3,000.00 USD each), as told by its row." in lines
    assert "Worth only 4,000.00 USD when given: a loss is measured from that value (IRC 1015(a))." in lines
    assert any("the holding period runs from the gift on 2024-10-26" in line for line in lines)


def test_an_opening_that_the_user_assumed_says_whose_word_it_is() -> None:
    opening = event("o1", "opening", 300, received=(2, "ETH"), acquired=10, cost_basis=6000)
    opening = type(opening)(**{name: getattr(opening, name) for name in opening.__slots__} | {"is_assumed": True})
    told = explained("w1:o1", opening)
    assert lot_of(told).lot.provenance is Provenance.ASSUMED
    assert [doubt.kind for doubt in told.doubts] == [DoubtKind.ASSUMED]
    assert any("as told by your own recorded assumption" in line for line in story(told))


def test_a_deposit_from_nowhere_has_no_origin_and_its_later_lots_neither() -> None:
    history = (
        event("d1", "deposit", 10, received=(3, "SOL")),
        event("t1", "transfer", 20, sent=(2, "SOL"), to="w2"),
    )
    lot = last_of("w1:d1", *history)
    assert lot.lot.cost_basis is None
    assert [doubt.kind for doubt in lot.doubts] == [DoubtKind.NO_ORIGIN]
    assert "1. Arrived from outside: 3 SOL" in story(explained(lot.lot.lot_id, *history))


def test_units_that_moved_without_a_lot_begin_with_the_move() -> None:
    history = (buy("b1", 1, 1, "SOL", 100), event("t1", "transfer", 20, sent=(4, "SOL"), to="w2"))
    lot = lot_of(explained("w1:t1", *history))
    assert (lot.acquisition.beginning, lot.lot.quantity, lot.lot.account) == (Beginning.UNCOVERED, 3, "w2")
    assert [doubt.kind for doubt in lot.doubts] == [DoubtKind.NO_ORIGIN]


def test_what_arrived_beyond_what_left_is_told_apart() -> None:
    history = (
        buy("b1", 1, 2, "SOL", 300),
        event("out", "withdrawal", 20, sent=(2, "SOL")),
        event("in", "deposit", 20.1, received=("2.25", "SOL"), account="w2"),
    )
    told = explained("w2:in", *history, pairs=PairChoices({EventId("w1:out"): EventId("w2:in")}))
    lot = lot_of(told)
    assert (lot.acquisition.beginning, lot.lot.quantity) == (Beginning.SURPLUS, D("0.25"))
    assert "More arrived than had been withdrawn; where the other 0.25 SOL came from is not known." in story(told)


def test_ends_matched_by_amount_alone_are_said_to_be_unless_the_user_confirmed_them() -> None:
    history = (
        buy("b1", 1, 2, "SOL", 300),
        event("out", "withdrawal", 20, sent=(2, "SOL")),
        event("in", "deposit", 20.1, received=(2, "SOL"), account="w2"),
    )
    confirmed = PairChoices({EventId("w1:out"): EventId("w2:in")})
    assert [doubt.kind for doubt in last_of("w1:b1", *history).doubts] == [DoubtKind.PAIRED_BY_AMOUNT]
    assert last_of("w1:b1", *history, pairs=confirmed).doubts == ()


def test_units_lost_on_the_way_are_told_with_their_price() -> None:
    history = (
        buy("b1", 1, 2, "SOL", 300),
        event("out", "withdrawal", 20, sent=(2, "SOL"), txid="t"),
        event("in", "deposit", 20.1, received=("1.99", "SOL"), account="w2", txid="t"),
    )
    told = explained("w1:out", *history, prices=[candle("SOL", 20, 200)])
    moved, burnt = told.takes
    assert (moved.kind, moved.quantity) == (UseKind.MOVED, D("1.99"))
    assert (burnt.kind, burnt.proceeds, burnt.value.value) == (UseKind.BURNT, 2, 2)


def test_a_deposit_of_a_move_leads_to_its_withdrawal() -> None:
    told = explained("w2:in", *TWICE_MOVED)
    assert told.name == "w1:out"
    assert [take.kind for take in told.takes] == [UseKind.MOVED, UseKind.MOVING_FEE]


def test_gifts_thefts_and_withdrawals_are_no_disposals_and_say_so() -> None:
    history = (
        buy("b1", 1, 9, "SOL", 900),
        event("g", "gift_out", 20, sent=(1, "SOL")),
        event("l", "lost", 21, sent=(2, "SOL")),
        event("w", "withdrawal", 22, sent=(3, "SOL")),
        event("p", "spend", 23, sent=(1, "SOL"), value=150),
    )
    lot = lot_of(explained("w1:b1", *history))
    check_sums(lot)
    assert [(use.kind, use.disposal and use.disposal.gain) for use in lot.last.uses] == [
        (UseKind.GIVEN, None),
        (UseKind.LOST, None),
        (UseKind.WITHDRAWN, None),
        (UseKind.SPENT, 50),
    ]
    assert [doubt.kind for doubt in lot.doubts] == [DoubtKind.NO_DESTINATION]


def test_a_sale_on_new_years_eve_is_in_another_year_by_utc_and_the_story_says_it() -> None:
    # 2025-01-01 02:24 UTC is 21:24 of 31 December in New York.
    told = explained("w1:b1", buy("b1", 1, 1, "ETH", 2000), sell("s1", 366.1, 1, "ETH", 2500))
    assert [doubt.kind for doubt in told.doubts] == [DoubtKind.YEAR_IN_UTC]
    assert not told.has_holes
    assert any(line.startswith("2024-12-31: 1 ETH sold") for line in story(told))


def test_a_term_that_the_utc_dates_turn_round_is_told() -> None:
    # Bought on 2 January 2024 by both; sold on 2 January 2025 in New York, on the 3rd in UTC.
    told = explained("w1:s1", buy("b1", 1.5, 1, "ETH", 2000), sell("s1", 368.1, 1, "ETH", 2500))
    assert [doubt.kind for doubt in told.doubts] == [DoubtKind.TERM_IN_UTC]
    assert any("a gain of 500.00 USD, short-term." in line for line in story(told))


def test_the_allocation_of_2025_is_a_step_of_the_chain() -> None:
    history = (
        buy("b1", 1, 1, "ETH", 2000),
        buy("b2", 2, 1, "ETH", 2600, account="w2"),
        event("t1", "transfer", 300, sent=("0.5", "ETH"), to="w2"),
        sell("s1", 500, 1, "ETH", 4000, account="w2"),
    )
    kept = lot_of(explained("w1:b1", *history, scope="us"))
    stayed, went = kept.chapters[0].uses
    assert (stayed.kind, went.kind, stayed.next_lots) == (UseKind.ALLOCATED, UseKind.ALLOCATED, ("w1:b1",))
    assert (kept.lot.account, kept.lot.quantity, kept.lot.cost_basis) == ("w1", D("0.5"), 1000)
    lot = lot_of(explained(went.next_lots[0], *history, scope="us"))
    for one in (kept, lot):
        check_sums(one)
    assert [chapter.account for chapter in lot.chapters] == ["w1", "w2"]
    assert [(use.kind, use.quantity) for use in lot.last.uses] == [(UseKind.SOLD, D("0.5"))]
    assert any("Rev. Proc. 2024-28" in line for line in story(explained(lot.lot.lot_id, *history, scope="us")))


def test_the_beginning_of_an_id_will_do_and_several_meanings_are_listed() -> None:
    history = (buy("b1", 1, 1, "ETH", 2000), buy("b22", 2, 1, "ETH", 2600), buy("b23", 2, 1, "ETH", 2600))
    assert explained("w1:b1", *history).name == "w1:b1"
    assert explained("w1:b22", *history).name == "w1:b22"
    with pytest.raises(NoSuchName) as several:
        explained("w1:b2", *history)
    assert several.value.candidates == ("w1:b22", "w1:b23")
    with pytest.raises(NoSuchName) as nothing:
        explained("w9", *history)
    assert nothing.value.candidates == ()


def test_every_lot_and_disposal_of_a_mixed_history_is_told_as_the_ledger_has_it() -> None:
    history = [
        *TWICE_MOVED,
        event("x", "trade", 100.6, sent=("0.2", "ETH"), received=("0.01", "BTC"), fee=("0.0001", "BTC")),
        event("c1", "convert", 150, sent=("0.1", "ETH"), received=("0.1", "WETH")),
        sell("s9", 160, "0.1", "ETH", 800),
    ]
    prices = [candle("BTC", 100 + 14 / 24, 60_000)]
    ledger = match(history, zone=NEW_YORK, values=PriceHistory(prices))
    assert len(ledger.lots) >= 4 and len(ledger.disposals) >= 6 and ledger.gaps == ()
    for lot in ledger.lots:
        told = lot_of(explained(lot.lot_id, *history, prices=prices))
        assert told.lot == lot
        check_sums(told)
    for disposal in ledger.disposals:
        told_takes = explained(disposal.event_id, *history, prices=prices).takes
        assert disposal in [part.use.disposal for take in told_takes for part in take.parts]
