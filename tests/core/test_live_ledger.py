"""A ledger kept up event by event is the ledger matched from scratch, whatever comes, changes or goes."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.test_lot_properties import ACCOUNTS, MANY, SEEDS, dollars, history_of, quantity
from harvest_tui.core.lots.allocation import Allocation, Placement
from harvest_tui.core.lots.live import LiveLedger
from harvest_tui.core.lots.matching import match
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.records import AccountId, Event, EventId, NamedLot
from support.lot_events import UTC_ZONE, at, buy, event, ledger, sell, told

NEW_YORK = ZoneInfo("America/New_York")
TABLES = (
    MethodTable(Method.FIFO),
    MethodTable(Method.LIFO),
    MethodTable(Method.HIFO),
    MethodTable(Method.LOFO),
    MethodTable(Method.HIFO, by_account={AccountId("w2"): Method.FIFO}),
    MethodTable(
        Method.FIFO,
        by_year={2025: Method.HIFO},
        by_account={AccountId("w3"): Method.LOFO},
        by_account_year={(AccountId("w1"), 2024): Method.LIFO},
    ),
)


def with_named_lots(random: Random, history: list[Event]) -> list[Event]:
    """Some of what is sent names a lot of an earlier row, mostly in vain."""
    made = []
    for one in history:
        if one.sent and one.kind.value in ("trade", "spend", "transfer", "gift_out") and random.random() < 0.3:
            origin = random.choice(history).event_id
            one = replace(one, lots=(NamedLot(origin, min(one.sent.quantity, quantity(random))),))
        made.append(one)
    return made


def changed(random: Random, one: Event) -> Event:
    """The event told otherwise: another time, another amount, another value."""
    if random.random() < 0.4:
        return replace(one, executed_at=at(random.randrange(12) * 61))
    legs = {}
    for name in ("sent", "received"):
        leg = getattr(one, name)
        if leg is not None and random.random() < 0.7:
            legs[name] = replace(leg, quantity=quantity(random))
    return replace(one, value=dollars(random), **legs)


def options(random: Random) -> dict[str, object]:
    """Any order, any scope; sometimes an order of accounts or a table for the switch."""
    rows = tuple(
        Placement(AccountId(random.choice(ACCOUNTS)), EventId(f"{random.choice(ACCOUNTS)}:e{number}"), quantity(random))
        for number in range(random.randrange(3))
    )
    return {
        "method": random.choice(TABLES),
        "scope": random.choice(("account", "account", "universal", "us")),
        "zone": random.choice((UTC_ZONE, NEW_YORK)),
        "allocation": random.choice(((), (AccountId("w3"),), Allocation((AccountId("w2"),), rows))),
    }


@MANY
@given(SEEDS, st.integers(1, 30))
def test_what_is_kept_up_step_by_step_equals_a_full_replay(seed, size):
    random = Random(seed)
    chosen = options(random)
    history = with_named_lots(random, history_of(seed, size))
    random.shuffle(history)
    start = random.randrange(len(history) + 1)
    present = {one.event_id: one for one in history[:start]}
    live = LiveLedger(history[:start], **chosen)
    waiting = history[start:]
    while waiting:
        step = random.random()
        if step < 0.25 and present:
            gone = random.choice(list(present))
            live.remove([gone])
            once = present.pop(gone)
            if random.random() < 0.5:
                waiting.insert(random.randrange(len(waiting) + 1), once)
        elif step < 0.5 and present:
            other = changed(random, random.choice(list(present.values())))
            live.replace([other])
            present[other.event_id] = other
        else:
            batch = [waiting.pop() for _ in range(min(len(waiting), random.randrange(1, 4)))]
            live.append(batch)
            present.update({one.event_id: one for one in batch})
        assert live.ledger() == match(list(present.values()), **chosen)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS, st.integers(1, 30))
def test_a_what_if_sale_is_the_sale_that_follows_and_leaves_no_trace(seed, size):
    random = Random(seed)
    chosen = options(random) | {"scope": "account"}
    history = history_of(seed, size)
    live = LiveLedger(history, **chosen)
    before = live.ledger()
    units, price, account = quantity(random), dollars(random), random.choice(ACCOUNTS)
    tried = live.what_if(account, "BTC", units, price, at(900))
    assert live.ledger() == before == match(history, **chosen)
    sale = sell("what if", 900, units, "BTC", price, account=account)
    after = match([*history, sale], **chosen)
    sold = [part for part in after.disposals if part.event_id == sale.event_id]
    assert [part._replace(event_id=sale.event_id) for part in tried.disposals] == sold
    assert tried.missing == sum((gap.quantity for gap in after.gaps if gap.event_id == sale.event_id), Decimal(0))


def test_a_late_purchase_in_one_account_changes_what_a_move_brought_to_another():
    live = LiveLedger(
        [
            buy("b2", 10, 1, "BTC", 300),
            event("t1", "transfer", 20, sent=(1, "BTC"), to="w2"),
            sell("s1", 30, 1, "BTC", 500, account="w2"),
        ],
        zone=UTC_ZONE,
    )
    earlier = live.ledger()
    assert told(earlier.disposals) == [("w2:s1", "w1:b2", "1", "500", "300")]
    live.append([buy("b1", 5, 1, "BTC", 100)])
    assert told(live.ledger().disposals) == [("w2:s1", "w1:b1", "1", "500", "100")]
    assert told(earlier.disposals) == [("w2:s1", "w1:b2", "1", "500", "300")]


def test_disposals_of_an_earlier_ledger_are_those_of_its_time_even_when_read_later():
    live = LiveLedger([buy("b2", 10, 2, "BTC", 600), sell("s1", 30, 1, "BTC", 500)], zone=UTC_ZONE)
    unread = live.ledger()
    live.append([buy("b1", 5, 1, "BTC", 100)])
    live.remove([EventId("w1:b2")])
    assert told(unread.disposals) == [("w1:s1", "w1:b2", "1", "500", "300")]


def test_the_deposit_that_comes_later_turns_a_loss_of_sight_into_a_move():
    out = event("o1", "withdrawal", 20, sent=(1, "BTC"))
    live = LiveLedger([buy("b1", 5, 1, "BTC", 100), out], zone=UTC_ZONE)
    assert [move.event_id for move in live.ledger().unmatched] == ["w1:o1"]
    live.append([event("i1", "deposit", 20.1, received=(1, "BTC"), account="w2")])
    made = live.ledger()
    assert made.unmatched == ()
    assert [(lot.account, lot.origin_id, lot.cost_basis) for lot in made.lots] == [("w2", "w1:b1", 100)]
    live.remove([EventId("w2:i1")])
    assert live.ledger() == ledger(buy("b1", 5, 1, "BTC", 100), out)


def test_a_known_event_changes_nothing_and_another_of_its_name_is_refused():
    first = buy("b1", 5, 1, "BTC", 100)
    live = LiveLedger([first], zone=UTC_ZONE)
    live.append([first])
    assert live.ledger() == ledger(first)
    with pytest.raises(ValueError, match="two different events"):
        live.append([sell("s1", 9, 1, "BTC", 200), buy("b1", 5, 2, "BTC", 100)])
    assert live.ledger() == ledger(first)


def test_an_event_that_is_not_there_can_be_neither_replaced_nor_removed():
    live = LiveLedger([buy("b1", 5, 1, "BTC", 100)], zone=UTC_ZONE)
    with pytest.raises(KeyError):
        live.remove([EventId("w1:b1"), EventId("w1:b9")])
    with pytest.raises(KeyError):
        live.replace([buy("b9", 5, 1, "BTC", 100)])
    assert live.ledger() == ledger(buy("b1", 5, 1, "BTC", 100))
