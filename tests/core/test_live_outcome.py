"""What a live ledger hands out follows its books, stays as it was, and is made anew only where something changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from core.test_lot_properties import dollars, history_of, quantity
from harvest_tui.core.lots.ledger import Ledger
from harvest_tui.core.lots.live import LiveLedger
from harvest_tui.core.lots.matching import Scope, match
from harvest_tui.core.lots.open_lots import MANY
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.outcome import Outcome
from harvest_tui.core.lots.posting_maker import PostingMaker
from harvest_tui.core.lots.replay import Replay
from harvest_tui.core.lots.sold import PAGE
from harvest_tui.core.lots.transfers import pair_moves
from harvest_tui.core.portfolio import Position, positions_of
from harvest_tui.core.records import Event, EventId
from harvest_tui.core.valuation import NoPrices
from support.lot_events import UTC_ZONE, at, buy, event, sell

ASSETS = ("BTC", "ETH", "SOL")
TODAY = date(2025, 3, 1)


def trades(count: int, seed: int = 5) -> list[Event]:
    """Trades in three coins; two of three are purchases, so that many lots stay open."""
    random = Random(seed)
    made = []
    for number in range(count):
        do, day = (sell if number % 3 == 2 else buy), 300 * number / count
        units = quantity(random) / (500 if do is sell else 1)
        made.append(do(f"t{number}", day, units, random.choice(ASSETS), dollars(random), sequence=number))
    return made


def figures(positions: dict[object, Position]) -> list[tuple[object, ...]]:
    """Positions in a form that compares: ladders by what loses at two prices."""
    prices = (Decimal("11.5"), Decimal(40_000))
    return [
        (key, *one[:6], *([None if side is None else side.losing_at(price) for price in prices] for side in one[6:]))
        for key, one in positions.items()
    ]


def test_many_changes_at_once_and_one_by_one_give_the_ledger_and_positions_of_a_full_replay() -> None:
    history = trades(5 * MANY // 2)
    live = LiveLedger(history[::2], zone=UTC_ZONE)
    assert len(live.ledger().disposals) > PAGE
    live.revise(history)
    present = {one.event_id: one for one in history}
    random = Random(8)
    for _ in range(12):
        some = random.sample(sorted(present), 40)
        told = [replace(present[name], executed_at=at(random.randrange(300))) for name in some[:20]]
        report = live.revise(told, some[20:])
        assert report.events == 40
        present.update({one.event_id: one for one in told})
        for name in some[20:]:
            del present[name]
    expected = match(list(present.values()), zone=UTC_ZONE)
    assert live.ledger() == expected
    disposals = live.ledger().disposals
    assert disposals[100:2000:7] == tuple(expected.disposals)[100:2000:7]
    assert disposals[PAGE - 3 : 2 * PAGE + 5] == tuple(expected.disposals)[PAGE - 3 : 2 * PAGE + 5]
    assert (disposals[-1], disposals[PAGE]) == (tuple(expected.disposals)[-1], tuple(expected.disposals)[PAGE])
    with pytest.raises(IndexError):
        disposals[len(disposals)]
    for day in (TODAY, date(2026, 1, 1), TODAY):
        assert figures(live.positions(day)) == figures(positions_of(expected, day))


def test_a_ledger_handed_out_stays_as_it_is_and_shares_what_did_not_change() -> None:
    history = trades(3 * PAGE * 3)
    live = LiveLedger(history, zone=UTC_ZONE)
    before, positions = live.ledger(), live.positions(TODAY)
    expected = match(history, zone=UTC_ZONE)
    read = list(before.disposals)
    late = sell("late", 299, "0.5", "BTC", 1234)
    live.append([late])
    after, moved = live.ledger(), live.positions(TODAY)
    assert before == expected
    assert after == match([*history, late], zone=UTC_ZONE)
    same = {id(one) for one in read}
    remade = [one for one in after.disposals if id(one) not in same]
    assert {(one.account, one.asset) for one in remade} == {("w1", "BTC")}
    assert 0 < len(remade) < 20
    assert [key for key in moved if moved[key] is not positions[key]] == [("w1", "BTC")]


def test_a_position_without_any_known_basis_has_no_ladder() -> None:
    live = LiveLedger([event("d1", "deposit", 5, received=("1.5", "BTC"))], zone=UTC_ZONE)
    [position] = live.positions(TODAY).values()
    assert position == Position("w1", "BTC", 1, Decimal("1.5"), Decimal(0), Decimal(0), None, None)
    live.append([buy("b1", 6, 2, "BTC", 900)])
    assert figures(live.positions(TODAY)) == figures(positions_of(live.ledger(), TODAY))
    assert next(iter(live.positions(TODAY).values())).long is not None


def drawn(replay: Replay) -> dict[object, object]:
    """The parts of every take, as objects: one that was replayed has others."""
    return {one: one.parts for one in replay.takes()}


def books_of(history: list[Event]) -> tuple[Replay, PostingMaker]:
    maker = PostingMaker(NoPrices(), pair_moves(history))
    for one in history:
        maker.add(one)
    replay = Replay(MethodTable(Method.FIFO), UTC_ZONE, Scope.ACCOUNT.switch(UTC_ZONE))
    replay.load(maker.taken()[0])
    return replay, maker


@pytest.mark.parametrize(
    ("late", "concerned", "at_least"),
    [
        (buy("x", 300.5, 3, "ETH", 900), {("w1", "ETH")}, 0),
        (sell("x", 280, "0.01", "ETH", 900), {("w1", "ETH")}, 5),
        (event("x", "transfer", 290, sent=("0.02", "BTC"), to="w2"), {("w1", "BTC"), ("w2", "BTC")}, 3),
    ],
)
def test_only_the_books_of_a_trade_are_replayed_and_only_from_it_on(
    late: Event, concerned: set[object], at_least: int
) -> None:
    history = trades(900)
    history.append(event("m", "transfer", 250, sent=(1, "SOL"), to="w2"))
    replay, maker = books_of(history)
    outcome = Outcome(replay, UTC_ZONE)
    before = drawn(replay)
    maker.add(late)
    postings = maker.taken()[0]
    books, done = outcome.change((), postings)
    assert books == concerned
    redrawn = [one for one, parts in before.items() if one.parts is not parts]
    assert at_least <= len(redrawn) == done.redrawn
    assert all((one.account, one.asset) in concerned and one.at >= late.executed_at for one in redrawn)
    in_tails = [
        one
        for key in concerned
        for one in replay.books[key].log
        if one.at >= late.executed_at  # type: ignore[index]
    ]
    assert len(redrawn) <= done.postings <= len(in_tails) < 100


def test_an_event_told_again_as_it_was_replays_nothing() -> None:
    history = history_of(77, 60)
    live = LiveLedger(history, zone=UTC_ZONE)
    before = live.ledger()
    report = live.revise(history, [EventId("w1:nobody")])
    assert (report.events, report.books, report.postings, report.redrawn) == (0, frozenset(), 0, 0)
    assert live.ledger() == before
    assert isinstance(before, Ledger) and before.disposals


def test_a_move_told_at_another_minute_before_its_arrival_is_another_event() -> None:
    out, into = event("o", "withdrawal", 20.02, sent=(2, "BTC")), event("i", "deposit", 20, received=(2, "BTC"))
    live = LiveLedger([out, replace(into, account="w2", event_id=EventId("w2:i"))], zone=UTC_ZONE)
    live.ledger()
    later = replace(out, executed_at=at(20.03))
    assert live.revise([later]).events == 1
    assert [gap.at for gap in live.ledger().gaps] == [later.executed_at]
