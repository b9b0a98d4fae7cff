"""Whatever is bought, recorded, sold and moved in whatever order: no unit is identified or judged twice."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.core.identification.assignment import assign, sale_of
from harvest_tui.core.identification.drafting import open_claims
from harvest_tui.core.identification.rebuy import rebuys
from harvest_tui.core.identification.record import Record, RecordKind
from harvest_tui.core.records import Event
from support.identification import Loop, Recorder, loop, lot
from support.lot_events import buy, event, sell

ACCOUNTS = ("w1", "w2")
SOME = [Decimal("0.1"), Decimal("0.25"), Decimal("1"), Decimal("1.75"), Decimal(3)]
units = st.sampled_from(SOME)
accounts = st.sampled_from(ACCOUNTS)
days = st.integers(0, 60)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Record]]:
    """Lots of two accounts, then sales, moves, fees and purchases at any time, and up to four records of the lots."""
    events = [
        buy(f"b{number}", number, draw(units), "BTC", draw(st.integers(1, 9)) * 1000, account=draw(accounts))
        for number in range(draw(st.integers(1, 6)))
    ]
    lots = list(events)
    for number in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(["sale", "sale", "sale", "swap", "transfer", "gift_out", "spend", "buy", "named"]))
        day, size, account = draw(days), draw(units), draw(accounts)
        name = f"{kind}{number}"
        if kind in ("sale", "named"):
            fee = draw(st.sampled_from([None, (3, "USD"), ("0.01", "BTC")]))
            worth = 5 if fee and fee[1] == "BTC" else None
            own = ((lots[0].event_id, size),) if kind == "named" else ()
            events.append(
                sell(name, day, size, "BTC", size * 3000, account=account, fee=fee, fee_value=worth, lots=own)
            )
        elif kind == "buy":
            events.append(buy(name, day, size, "BTC", size * 2500, account=account))
        else:
            word = {"swap": "trade"}.get(kind, kind)
            got = (size * 10, "ETH") if kind == "swap" else None
            value = None if kind in ("transfer", "gift_out") else size * 2800
            to = ACCOUNTS[account == "w1"] if kind == "transfer" else None
            events.append(event(name, word, day, sent=(size, "BTC"), received=got, value=value, account=account, to=to))
    return events, draw(recorded(lots))


@st.composite
def recorded(draw: st.DrawFn, lots: list[Event]) -> list[Record]:
    made = Recorder(clock_ahead=draw(st.sampled_from([None, Decimal("2.5"), Decimal("-30")])))
    day = Decimal(0)
    for _ in range(draw(st.integers(0, 4))):
        day += draw(st.integers(0, 20))
        about = [one for one in made.records if one.kind is RecordKind.IDENTIFY]
        if about and draw(st.integers(0, 3)) == 0:
            made.revoke(int(day), draw(st.sampled_from(about)))
            continue
        chosen = draw(st.lists(st.sampled_from(lots), min_size=1, max_size=3, unique_by=lambda one: one.event_id))
        made.identify(
            int(day),
            *(
                lot(one.event_id.partition(":")[2], draw(units), 5000, account=one.account, price=3000)
                for one in chosen
            ),
        )
    return made.records


def check_that_no_more_is_identified_than_was_recorded_or_sold(
    events: list[Event], records: list[Record], made: Loop
) -> None:
    found = assign(events, records)
    sold = {event.event_id: sale_of(event) for event in events}
    for name, pieces in found.pieces.items():
        amount = sold[name]
        assert amount is not None
        assert sum(piece.quantity for piece in pieces) <= amount.quantity
    for (number, place), used in found.used().items():
        assert 0 < used <= records[number - 1].lots[place].quantity
    assert all(left > 0 for left in open_claims(events, records).values())
    for before, after in zip(events, made.events, strict=True):
        if after.lots and not before.lots:
            assert after.sent is not None
            assert sum(named.quantity for named in after.lots) <= after.sent.quantity


def check_that_every_recorded_unit_is_judged_once(records: list[Record], made: Loop) -> None:
    assert len(made.verdicts) == sum(len(record.lots) for record in records)
    for one in made.verdicts:
        counted = (one.identified, one.strayed, one.lost, one.revoked, one.left)
        assert min(counted) >= 0
        assert sum(counted) == one.lot.quantity
        assert sum(part.quantity for part in one.parts) == one.sold
        assert sum(culprit.quantity for culprit in one.culprits) <= one.lot.quantity
    open_units = {}
    for held in made.ledger.lots:
        key = (held.account, held.asset, held.origin_id)
        open_units[key] = open_units.get(key, 0) + held.quantity
    waiting = {}
    for one in made.verdicts:
        key = (one.lot.account, one.lot.asset, one.lot.origin_id)
        waiting[key] = waiting.get(key, 0) + one.left
    assert all(left <= open_units.get(key, 0) for key, left in waiting.items())


def check_that_no_part_of_a_sale_is_told_in_two_verdicts(events: list[Event], made: Loop) -> None:
    told: dict[str, Decimal] = {}
    for one in made.verdicts:
        for part in (*one.parts, *one.beyond_parts):
            told[part.event_id] = told.get(part.event_id, Decimal(0)) + part.quantity
    sent = {event.event_id: sale_of(event) for event in events}
    assert all(quantity <= sent[name].quantity for name, quantity in told.items())  # type: ignore[union-attr]


def check_that_no_purchase_restores_more_than_it_bought_and_no_position_more_than_it_sold(
    events: list[Event], made: Loop
) -> None:
    found = rebuys(made.verdicts, events, made.ledger)
    bought: dict[str, Decimal] = {}
    for one in found:
        assert one.units == one.left + sum(it.restores for it in one.bought)
        assert one.left >= 0
        for it in one.bought:
            bought[it.event_id] = bought.get(it.event_id, Decimal(0)) + it.restores
    got = {event.event_id: event.received for event in events}
    assert all(quantity <= got[name].quantity for name, quantity in bought.items())  # type: ignore[union-attr]


@settings(max_examples=300, deadline=None)
@given(histories())
def test_what_was_recorded_sold_and_bought_is_each_counted_once(history: tuple[list[Event], list[Record]]) -> None:
    events, records = history
    made = loop(events, records)
    check_that_no_more_is_identified_than_was_recorded_or_sold(events, records, made)
    check_that_every_recorded_unit_is_judged_once(records, made)
    check_that_no_part_of_a_sale_is_told_in_two_verdicts(events, made)
    check_that_no_purchase_restores_more_than_it_bought_and_no_position_more_than_it_sold(events, made)


@settings(max_examples=200, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_arrival(
    history: tuple[list[Event], list[Record]], chance: random.Random
) -> None:
    events, records = history
    shuffled, other = list(events), list(records)
    chance.shuffle(shuffled)
    chance.shuffle(other)
    one, two = loop(events, records), loop(shuffled, other)
    assert one.verdicts == two.verdicts
    assert one.ledger == two.ledger
    assert rebuys(one.verdicts, events, one.ledger) == rebuys(two.verdicts, shuffled, two.ledger)
