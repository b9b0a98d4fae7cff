"""Whatever is decided on whatever history: nothing breaks, and no unit comes or goes but by what was told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from harvest_tui.core.lots.decisions import Assumption, Decision, DecisionKind, State, apply_decisions
from harvest_tui.core.lots.live import LiveLedger
from harvest_tui.core.lots.matching import match
from harvest_tui.core.lots.moves import moves_of
from harvest_tui.core.records import AccountId, Asset, Event, EventId
from support.lot_events import UTC_ZONE, at, buy, event, sell

ACCOUNTS = [AccountId("w1"), AccountId("w2")]
UNITS = st.sampled_from(["1", "0.5", "0.25", "0.999999999999999999"])
NAMES = [f"{account}:{name}" for account in (*ACCOUNTS, "gone") for name in range(6)]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    events = []
    for name in range(draw(st.integers(1, 6))):
        account, day, units = draw(st.sampled_from(ACCOUNTS)), draw(st.integers(0, 40)) / 4, draw(UNITS)
        make = draw(st.sampled_from(["buy", "sell", "in", "out"]))
        if make == "buy":
            events.append(buy(str(name), day, units, "BTC", 700, account=account))
        elif make == "sell":
            events.append(sell(str(name), day, units, "BTC", 900, account=account))
        elif make == "in":
            events.append(event(str(name), "deposit", day, received=(units, "BTC"), account=account))
        else:
            events.append(event(str(name), "withdrawal", day, sent=(units, "BTC"), account=account))
    return events


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    made: list[Decision] = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        kind = draw(st.sampled_from(DecisionKind))
        one, other = EventId(draw(st.sampled_from(NAMES))), EventId(draw(st.sampled_from(NAMES)))
        what = Assumption(
            draw(st.sampled_from([*ACCOUNTS, AccountId("gone")])),
            Asset("BTC"),
            Decimal(draw(UNITS)),
            date(2023, 12, 25),
            Decimal("33.3"),
            draw(st.sampled_from([None, one])),
        )
        made.append(
            Decision(
                number,
                kind,
                at(0),
                one if kind in ("confirm", "split", "external") else None,
                other if kind in ("confirm", "split") else None,
                what if kind == "assume" else None,
                draw(st.integers(1, number)) if kind == "undo" else None,
            )
        )
    return made


def total(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


@settings(max_examples=400, deadline=None)
@given(histories(), decisions())
def test_units_are_what_was_told_and_assumed(history: list[Event], told: list[Decision]) -> None:
    applied = apply_decisions(history, ACCOUNTS, told, UTC_ZONE)
    made = match(applied.events, zone=UTC_ZONE, pairs=applied.choices)
    live = LiveLedger(applied.events, zone=UTC_ZONE, pairs=applied.choices).ledger()
    assert (live.lots, live.gaps, live.unmatched) == (made.lots, made.gaps, made.unmatched)

    by_id = {one.event_id: one for one in history}
    added = [
        one.assumption.quantity
        for one in told
        if one.assumption
        and applied.states[one.number] is State.APPLIED
        and not (one.assumption.about and by_id[one.assumption.about].kind == "deposit")
    ]
    moves = moves_of(applied.events, applied.choices)
    came = total([one.received.quantity for one in history if one.received and one.received.asset == "BTC"])
    went = total([one.sent.quantity for one in history if one.sent and one.sent.asset == "BTC"])
    missing = total([gap.quantity for gap in made.gaps])
    held = total([lot.quantity for lot in made.lots])
    assert held == came + total(added) - went + missing
    ends = [(pair.likeness.withdrawal.event_id, pair.likeness.deposit.event_id) for pair in moves.pairs]
    assert len({name for pair in ends for name in pair}) == 2 * len(ends), "an end has one other end"
    assert len({lot.lot_id for lot in made.lots}) == len(made.lots)


@settings(max_examples=200, deadline=None)
@given(histories(), decisions())
def test_a_history_with_everything_taken_back_is_the_history_as_told(
    history: list[Event], told: list[Decision]
) -> None:
    made = [one for one in told if one.kind != "undo"]
    undoing = [Decision(100 + one.number, DecisionKind.UNDO, at(0), undoes=one.number) for one in made]
    applied = apply_decisions(history, ACCOUNTS, [*made, *undoing], UTC_ZONE)
    assert match(applied.events, zone=UTC_ZONE, pairs=applied.choices) == match(history, zone=UTC_ZONE)
    assert set(applied.states.values()) <= {State.UNDONE}
