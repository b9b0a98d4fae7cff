"""Wash sales over any history of one share: no loss is lost, and a count unit by unit comes to the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.core.lots.ledger import Disposal
from harvest_tui.core.lots.matching import match
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.core.tax.wash_sales import Acquisition, WashRule, acquisitions_of, every_asset, wash

ZONE = ZoneInfo("America/New_York")
STOCK = Asset("M")


def event(name: str, day: int, kind: str, sent: Amount | None, received: Amount | None, **more: object) -> Event:
    at = datetime(2025, 1, 1, 15, tzinfo=UTC) + timedelta(day)
    return Event(
        EventId(f"w:{name}"),
        AccountId("w"),
        EventKind(kind),
        at,
        sent=sent,
        received=received,
        **more,  # type: ignore[arg-type]
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Purchases, income and sales of one share over a hundred days, never more sold than held."""
    events: list[Event] = []
    held = day = 0
    for number in range(draw(st.integers(3, 16))):
        day += draw(st.integers(0, 14))
        what = draw(st.sampled_from(["buy", "buy", "income", "sell", "sell", "sell"]))
        units, price = draw(st.integers(1, 9)), draw(st.integers(3, 60))
        if what == "sell" and held:
            units = min(units, held)
            held -= units
            amounts = Amount(Decimal(units), STOCK), Amount(Decimal(units * price), USD)
            events.append(event(f"e{number:02}", day, "trade", *amounts))
        elif what == "income":
            held += units
            paid = Amount(Decimal(units), STOCK)
            events.append(event(f"e{number:02}", day, "income", None, paid, value=Decimal(units * price)))
        else:
            held += units
            amounts = Amount(Decimal(units * price), USD), Amount(Decimal(units), STOCK)
            events.append(event(f"e{number:02}", day, "trade", *amounts))
    return events


def total(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


METHODS = st.sampled_from(["fifo", "lifo", "hifo"])


@settings(max_examples=400, deadline=None)
@given(histories(), METHODS, st.integers(0, 40), st.randoms(use_true_random=False))
def test_losses_are_split_moved_and_never_lost(events: list[Event], method: str, window: int, random: object) -> None:
    disposals = match(events, method=method, zone=ZONE).disposals
    acquisitions = acquisitions_of(events)
    rule = WashRule(window, every_asset)
    result = wash(disposals, acquisitions, rule, ZONE)

    for sale in result.sales:
        assert sale.loss == sale.disallowed + sale.surviving  # type: ignore[operator]
        assert sale.disallowed >= 0 and sale.surviving >= 0  # type: ignore[operator]
        assert sale.disallowed == total(one.added_basis for one in sale.replacements)
        assert total(one.quantity for one in sale.replacements) <= sale.disposal.quantity
    used: dict[EventId, Decimal] = {}
    for sale in result.sales:
        for one in sale.replacements:
            used[one.origin_id] = used.get(one.origin_id, Decimal(0)) + one.quantity
            assert one.origin_id != sale.disposal.origin_id
    assert all(used.get(one.origin_id, Decimal(0)) <= one.quantity for one in acquisitions)
    # What the return does not show now is in the basis of what is held.
    shown = total(sale.gain for sale in result.sales)
    assert shown == total(one.gain for one in disposals) + result.deferred
    assert total(sale.disposal.quantity for sale in result.sales) == total(one.quantity for one in disposals)

    shuffled, others = list(disposals), list(acquisitions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(others)  # type: ignore[attr-defined]
    assert wash(shuffled, others, rule, ZONE) == result


def unit_by_unit(disposals: Sequence[Disposal], acquisitions: Sequence[Acquisition], window: int) -> Fraction:
    """The disallowed loss by the plainest way: every unit a thing of its own."""
    units = [
        {"origin": one.origin_id, "at": one.acquired_at, "carry": Fraction(0), "used": 0, "gone": None}
        for one in sorted(acquisitions, key=lambda one: (one.acquired_at, one.origin_id))
        for _ in range(int(one.quantity))
    ]
    disallowed, turn = Fraction(0), 0
    ordered = sorted(disposals, key=lambda one: (one.disposed_at, one.acquired_at, one.event_id, one.lot_id))
    taken: dict[int, list[dict[str, object]]] = {}
    for at in sorted({one.disposed_at for one in ordered}):
        batch = [one for one in ordered if one.disposed_at == at]
        for one in batch:
            here = [unit for unit in units if unit["origin"] == one.origin_id and unit["gone"] is None]
            here.sort(key=lambda unit: unit["used"] or 10**9)  # type: ignore[return-value]
            taken[id(one)] = here[: int(one.quantity)]
            for unit in taken[id(one)]:
                unit["gone"] = at
        for one in batch:
            each = Fraction(one.gain or 0) / Fraction(one.quantity)
            for unit in taken[id(one)]:
                loss = unit["carry"] - each  # type: ignore[operator]
                if loss <= 0:
                    continue
                for other in units:
                    days = abs((other["at"].astimezone(ZONE).date() - at.astimezone(ZONE).date()).days)  # type: ignore[attr-defined]
                    is_free = not other["used"] and (other["gone"] is None or other["gone"] > at)  # type: ignore[operator]
                    if is_free and days <= window and other["origin"] != one.origin_id:
                        turn += 1
                        other["used"], other["carry"] = turn, loss
                        disallowed += loss
                        break
    return disallowed


@settings(max_examples=400, deadline=None)
@given(histories(), METHODS, st.integers(0, 40))
def test_the_whole_equals_what_a_count_unit_by_unit_gives(events: list[Event], method: str, window: int) -> None:
    disposals, acquisitions = match(events, method=method, zone=ZONE).disposals, acquisitions_of(events)
    result = wash(disposals, acquisitions, WashRule(window, every_asset), ZONE)
    expected = unit_by_unit(disposals, acquisitions, window)
    assert abs(Fraction(result.disallowed) - expected) < Fraction(1, 10**12)


@settings(max_examples=50, deadline=None)
@given(histories())
def test_coins_are_left_alone_under_the_law_of_today(events: list[Event]) -> None:
    disposals = match(events, zone=ZONE).disposals
    result = wash(disposals, acquisitions_of(events), WashRule(), ZONE)
    assert (result.disallowed, result.carried) == (0, ())
    assert total(sale.gain for sale in result.sales) == total(one.gain for one in disposals)
