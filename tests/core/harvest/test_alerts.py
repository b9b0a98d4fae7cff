"""What is told, when, and in which words: each kind of alert by itself, and what no walk of prices may bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harvest_tui.core.harvest.alert_rules import AlertKind, AlertRules, Severity, milestone_due, rule_changes
from harvest_tui.core.harvest.alerts import Alert, AlertState, judge, key_of
from harvest_tui.core.harvest.observations import (
    Observations,
    Observed,
    PriceAge,
    RebuyClock,
    TurningLong,
)
from harvest_tui.core.lots.ledger import Mismatch
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.core.tax_days import year_window

NOON = datetime(2026, 3, 14, 17, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
KRAKEN, BTC, ETH = AccountId("kraken"), Asset("BTC"), Asset("ETH")
RULES = AlertRules()
HOUR = timedelta(hours=1)


def held(net: str | None = "0", loss: str = "0", asset: Asset = BTC, **more: object) -> Observed:
    benefit = None if net is None else Decimal(net)
    one = Observed(KRAKEN, asset, Decimal(20_000), Decimal(loss), Decimal(0), benefit, Decimal(loss), "lots", True)
    return one._replace(**more)


def look(at: datetime, *positions: Observed, **more: object) -> Observations:
    today = at.astimezone(ZONE).date()
    return Observations(at, today, year_window(today.year, ZONE)[1], positions)._replace(**more)


def run(*looks: Observations, rules: AlertRules = RULES, state: AlertState | None = None) -> list[Alert]:
    state, told = state or AlertState(), []
    for one in looks:
        state, alerts = judge(state, one, rules)
        told += alerts
    return told


def kinds(alerts: list[Alert]) -> list[str]:
    return [alert.kind.value for alert in alerts]


def test_a_benefit_is_told_in_dollars_after_tax_with_the_loss_that_brings_it() -> None:
    [told] = run(look(NOON, held("312.40", "4800", best_loss=Decimal("4100.005"))))
    assert told.kind is AlertKind.NET_BENEFIT and told.severity is Severity.NOTICE
    assert (told.account, told.asset, told.key) == (KRAKEN, BTC, "net_benefit/kraken/BTC")
    assert told.words == "kraken BTC: harvesting 4,100.00 USD of loss is worth 312.40 USD after tax and fees"
    assert told.figures["net_benefit"] == Decimal("312.40")
    assert told.figures["loss_short"] == Decimal("4800.00")


def test_the_threshold_itself_is_told_and_a_cent_below_is_not() -> None:
    assert kinds(run(look(NOON, held("250")))) == ["net_benefit"]
    assert run(look(NOON, held("249.99"))) == []


def test_it_is_told_again_only_below_seventy_percent_and_a_day_later() -> None:
    rules, day = replace(RULES, shrinking=None), timedelta(days=1)
    high, band, low = held("300"), held("175"), held("174.99")
    assert len(run(look(NOON, high), look(NOON + 5 * day, band), look(NOON + 9 * day, high), rules=rules)) == 1
    calm = look(NOON, high), look(NOON + HOUR, low)
    assert len(run(*calm, look(NOON + 23 * HOUR, high), rules=rules)) == 1
    assert len(run(*calm, look(NOON + day, high), look(NOON + 2 * day, high), rules=rules)) == 2


def test_a_dip_that_goes_on_after_the_quiet_day_is_told_then() -> None:
    again = [look(NOON + hours * HOUR, held("300")) for hours in (2, 12, 23, 24, 25)]
    told = run(look(NOON, held("300")), look(NOON + HOUR, held("10")), *again)
    assert [alert.at for alert in told if alert.kind is AlertKind.NET_BENEFIT] == [NOON, NOON + 24 * HOUR]


def test_a_loss_is_told_where_the_taxpayer_told_too_little_for_a_benefit() -> None:
    lost = look(NOON, held("0", "3000", value=Decimal(90_000)))
    assert run(lost) == []
    [told] = run(lost._replace(knows_benefit=False))
    said = "kraken BTC: 3,000.00 USD of loss could be harvested, 3 % of its value; "
    assert told.words == said + "what it saves cannot be told without your wages and gains (harvest-tui profile)"
    asked = replace(RULES, losses_asked=True)
    [known] = run(lost, rules=asked)
    assert known.words == said + "it is worth 0.00 USD after tax and fees as your year stands"
    [unknown] = run(look(NOON, held(None, "3000", value=Decimal(90_000))), rules=asked)
    assert unknown.words == told.words


@pytest.mark.parametrize(
    ("loss", "value", "is_told"),
    [("2999.99", "90000", False), ("600", "2000", True), ("599.99", "2000", False), ("499", "800", False)],
)
def test_a_loss_counts_in_dollars_or_as_a_part_of_the_value_but_dust_does_not(
    loss: str, value: str, is_told: bool
) -> None:
    rules = replace(RULES, losses_asked=True)
    assert bool(run(look(NOON, held("0", loss, value=Decimal(value))), rules=rules)) is is_told


def test_one_dip_is_one_alert_even_where_losses_are_asked_for() -> None:
    rules = replace(RULES, losses_asked=True, shrinking=None)
    dip = [held("300", "5000"), held("200", "3500"), held("10", "300"), held("320", "5200")]
    looks = [look(NOON + timedelta(days=number), one) for number, one in enumerate(dip)]
    assert kinds(run(*looks, rules=rules)) == ["net_benefit", "net_benefit"]
    assert kinds(run(look(NOON, held("20", "5000")), rules=rules)) == ["harvestable_loss"]


def test_a_benefit_that_vanished_because_the_lots_were_sold_has_not_shrunk() -> None:
    before, after = look(NOON, held("900")), NOON + timedelta(days=2)
    assert kinds(run(before, look(after, held("100")))) == ["net_benefit", "shrinking"]
    assert kinds(run(before, look(after, held("100", footing="fewer lots")))) == ["net_benefit"]
    assert kinds(run(before, look(after))) == ["net_benefit"]


def test_what_cannot_be_known_leaves_the_watch_as_it_is() -> None:
    high, later = held("300"), NOON + timedelta(days=3)
    for unknown in (held("0", is_fresh=False), held(None)):
        assert len(run(look(NOON, high), look(NOON + HOUR, unknown), look(later, high))) == 1
    assert run(look(NOON, held("300", is_fresh=False))) == []


def turning(days: int, less: str | None, loss: str = "2000") -> TurningLong:
    on = NOON.date() + timedelta(days=days)
    value = None if less is None else Decimal(less)
    return TurningLong(KRAKEN, ETH, on, Decimal("2.50"), Decimal(loss), value)


@pytest.mark.parametrize(
    ("days", "less", "severity"),
    [(14, "50", Severity.NOTICE), (3, "400", Severity.URGENT), (15, "400", None), (9, "49.99", None), (5, None, None)],
)
def test_a_lot_about_to_turn_long_is_told_where_its_loss_will_be_worth_less(
    days: int, less: str | None, severity: Severity | None
) -> None:
    told = run(look(NOON, turning_long=(turning(days, less),)))
    assert [alert.severity for alert in told] == ([severity] if severity else [])
    if told:
        assert f"2.5 ETH turn long-term in {days} days (2026-03-" in told[0].words
        assert told[0].words.endswith(
            f"their loss of 2,000.00 USD saves {Decimal(less or 0):.2f} USD less from then on"
        )


def test_a_lot_about_to_turn_long_is_told_once_however_the_days_pass() -> None:
    looks = [
        look(NOON + timedelta(days=passed), turning_long=(turning(14, "80"),))  # the same day of turning, ever closer
        for passed in range(13)
    ]
    assert len(run(*looks)) == 1


def test_the_end_of_the_year_is_told_on_eight_days_and_in_hours_at_last() -> None:
    first = datetime(2026, 9, 1, 12, tzinfo=UTC)
    looks = [look(first + number * 6 * HOUR, held("40", "2000")) for number in range(4 * 150)]
    told = run(*looks)
    days = ["10-01", "11-01", "12-01", "12-15", "12-24", "12-29", "12-30", "12-31"]
    assert [alert.key for alert in told] == [f"year_end/2026-{day}" for day in days]
    assert [alert.severity.value for alert in told] == ["info"] * 5 + ["urgent"] * 3
    assert [alert.figures["days_left"] for alert in told] == [91, 60, 30, 16, 7, 2, 1, 0]
    assert "ends in 16 days: 2,000.00 USD of loss could still be harvested" in told[3].words
    # Midnight in New York is 05:00 UTC; the first look of the 31st is at 06:00 UTC.
    assert (told[-1].figures["hours_left"], told[-1].at) == (23, datetime(2026, 12, 31, 6, tzinfo=UTC))
    assert "ends in 23 hours" in told[-1].words


def test_milestones_that_nobody_saw_are_not_made_up_for() -> None:
    assert kinds(run(look(datetime(2026, 12, 20, 12, tzinfo=UTC), held()))) == ["year_end"]
    assert milestone_due(date(2026, 9, 30)) is None
    assert milestone_due(date(2026, 12, 14)) == date(2026, 12, 1)
    assert run(look(datetime(2026, 12, 20, 12, tzinfo=UTC))) == []


def test_a_milestone_is_a_day_of_the_taxpayer_not_of_the_clock() -> None:
    assert run(look(datetime(2026, 10, 1, 3, 59, tzinfo=UTC), held())) == []
    assert kinds(run(look(datetime(2026, 10, 1, 4, 0, tzinfo=UTC), held()))) == ["year_end"]


def test_a_mismatch_is_told_until_it_is_gone_and_once_more_when_it_comes_back() -> None:
    one = Mismatch(KRAKEN, BTC, Decimal("1.50"), Decimal("1.2"), ("a deposit is missing", "or else"))
    day = timedelta(days=1)
    seen = [look(NOON + n * day, mismatches=(one,) if n not in (3, 4) else ()) for n in range(8)]
    told = run(*seen)
    assert [alert.at for alert in told] == [NOON, NOON + 5 * day]
    assert told[0].words == (
        "kraken BTC: the account holds 1.5 BTC, the lots add up to 1.2 BTC; perhaps a deposit is missing"
    )


def test_old_prices_are_told_together_once() -> None:
    def prices(at: datetime, *ages: int) -> tuple[PriceAge, ...]:
        names = (BTC, ETH, Asset("SOL"), Asset("ADA"), Asset("DOT"))
        return tuple(
            PriceAge(asset, Decimal(3), at - age * HOUR, "kraken") for asset, age in zip(names, ages, strict=False)
        )

    later = NOON + 2 * HOUR
    looks = [
        look(NOON, prices=prices(NOON, 1, 23, 25, 24, 300)),
        look(later, prices=prices(later, 3, 25, 27, 26, 302)),
        look(later + HOUR, prices=prices(later + HOUR, 4, 26, 0, 27, 303)),
    ]
    told = run(*looks)
    assert [alert.words.partition(":")[0] for alert in told] == ["SOL, ADA, DOT", "ETH"]
    assert "up to 12 days old" in told[0].words
    assert (told[0].asset, told[1].asset) == (None, ETH)


def test_the_new_rule_of_identification_is_told_ahead_and_when_it_holds_to_who_holds_coins_at_a_broker() -> None:
    [change] = rule_changes()
    assert change.starts == date(2027, 1, 1)
    first = datetime(2026, 10, 1, 12, tzinfo=UTC)
    looks = [look(first + timedelta(days=n), holds_at_broker=True) for n in range(200)]
    told = run(*looks)
    assert kinds(told) == ["rule_change", "rule_change"]
    assert [alert.at.date() for alert in told] == [date(2026, 11, 2), date(2027, 1, 1)]
    assert told[0].words.startswith("identification: from 2027-01-01 on (60 days from now) of coins at a broker")
    assert told[1].words.startswith("identification: since 2027-01-01 of coins at a broker")
    assert run(*(one._replace(holds_at_broker=False) for one in looks)) == []


def test_the_end_of_a_wait_is_told_once() -> None:
    clock = RebuyClock("7", KRAKEN, BTC, Decimal("0.3"), NOON)
    looks = [look(NOON + n * HOUR, rebuys=(clock,)) for n in (-2, -1, 0, 1, 30, 60)]
    [told] = run(*looks)
    assert (told.at, told.kind, told.severity) == (NOON, AlertKind.REBUY, Severity.URGENT)
    assert told.words == "kraken BTC: the wait is over, 0.3 BTC may be bought back"


def test_a_kind_that_is_off_is_never_told() -> None:
    everything = look(
        datetime(2026, 12, 20, 12, tzinfo=UTC),
        held("900", "9000"),
        turning_long=(TurningLong(KRAKEN, ETH, date(2026, 12, 25), Decimal(1), Decimal(900), Decimal(90)),),
        mismatches=(Mismatch(KRAKEN, BTC, Decimal(2), Decimal(1)),),
        prices=(PriceAge(BTC, Decimal(1), NOON, "kraken"),),
        holds_at_broker=True,
        knows_benefit=False,
    )
    assert sorted(kinds(run(everything))) == [
        "mismatch", "net_benefit", "rule_change", "stale_prices", "turning_long", "year_end",
    ]  # fmt: skip
    off = AlertRules(
        net_benefit=None, loss=None, loss_percent=None, shrinking=None, long_term_days=None, year_end=False,
        mismatches=False, stale_hours=None, rule_change_days=None, losses_asked=True,
    )  # fmt: skip
    assert run(everything, rules=off) == []


def test_a_muted_asset_is_silent_and_tells_what_still_holds_when_it_is_not_muted_any_more() -> None:
    dip = look(NOON, held("300"), held("400", asset=ETH))
    state, told = judge(AlertState(muted=frozenset({BTC})), dip, RULES)
    assert [alert.asset for alert in told] == [ETH]
    [later] = run(dip._replace(at=NOON + HOUR), state=replace(state, muted=frozenset()))
    assert later.asset == BTC


def snoozed(until: datetime | None, change: str | None) -> AlertState:
    state, _ = judge(AlertState(), look(NOON, held("300")), RULES)
    key = key_of(AlertKind.NET_BENEFIT, KRAKEN, BTC)
    watch = state.watches[key].snoozed(until, None if change is None else Decimal(change))
    return AlertState({**state.watches, key: watch})


def test_what_is_snoozed_until_a_time_is_told_again_then_if_it_still_holds() -> None:
    looks = [look(NOON + n * HOUR, held("300")) for n in (1, 2, 3, 4, 5)]
    told = run(*looks, state=snoozed(NOON + 4 * HOUR, None))
    assert [alert.at for alert in told] == [NOON + 4 * HOUR]
    over = [look(NOON + n * HOUR, held("10")) for n in (1, 2, 3, 4, 5)]
    assert kinds(run(*over, state=snoozed(NOON + 4 * HOUR, None))) == ["shrinking"]


@pytest.mark.parametrize(("benefits", "told_at"), [(("399.99", "400"), 2), (("260", "251"), None), (("500", "600"), 1)])
def test_what_is_snoozed_until_it_changes_is_told_once_it_has(benefits: tuple[str, ...], told_at: int | None) -> None:
    looks = [look(NOON + n * HOUR, held(net)) for n, net in enumerate(benefits, 1)]
    told = run(*looks, state=snoozed(None, "100"), rules=replace(RULES, shrinking=None))
    assert [alert.at for alert in told] == ([] if told_at is None else [NOON + told_at * HOUR])


def test_names_that_look_like_other_keys_share_none() -> None:
    assert key_of(AlertKind.MISMATCH, "a/b", "c") != key_of(AlertKind.MISMATCH, "a", "b/c")
    assert key_of(AlertKind.MISMATCH, "a%2Fb", "c") != key_of(AlertKind.MISMATCH, "a/b", "c")


def test_nothing_is_remembered_of_what_has_calmed_down() -> None:
    state, _ = judge(AlertState(), look(NOON, held("300")), RULES)
    assert state.watches
    state, _ = judge(state, look(NOON + HOUR, held("10")), RULES)
    assert "net_benefit/kraken/BTC" in state.watches, "the quiet day is not over"
    state, _ = judge(state, look(NOON + timedelta(days=3), held("10")), RULES)
    assert dict(state.watches) == {}

    state, _ = judge(AlertState(), look(NOON, held("300")), RULES)
    state, _ = judge(state, look(NOON + timedelta(days=3)), RULES)
    assert dict(state.watches) == {}, "the lots were sold"


def test_a_clock_that_was_put_back_silences_nothing_for_long() -> None:
    wrong = NOON + timedelta(days=4000)
    looks = [look(wrong, held("300")), look(NOON, held("10")), look(NOON + HOUR, held("300"))]
    assert [alert.at for alert in run(*looks) if alert.kind is AlertKind.NET_BENEFIT] == [wrong, NOON + HOUR]


WALKS = some.lists(
    some.tuples(some.sampled_from([0, 90, 174, 176, 230, 249, 251, 400, 900]), some.integers(1, 40)), max_size=60
)


@given(WALKS)
def test_whatever_the_walk_nothing_repeats_within_its_hysteresis_and_nothing_is_missed(
    walk: list[tuple[int, int]],
) -> None:
    state, at = AlertState(), datetime(2026, 1, 2, tzinfo=UTC)
    last: datetime | None = None
    has_calmed = True
    for net, hours in walk:
        at += hours * HOUR
        state, alerts = judge(state, look(at, held(str(net))), replace(RULES, year_end=False))
        told = [alert for alert in alerts if alert.kind is AlertKind.NET_BENEFIT]
        has_calmed = has_calmed or net < 175
        is_due = net >= 250 and has_calmed and (last is None or at - last >= 24 * HOUR)
        assert bool(told) == is_due
        if told:
            last, has_calmed = at, False


@given(WALKS)
def test_whatever_the_walk_a_fall_is_told_from_its_peak_and_once(walk: list[tuple[int, int]]) -> None:
    state, at = AlertState(), datetime(2026, 1, 2, tzinfo=UTC)
    peak, last, is_told = 0, None, False
    for net, hours in walk:
        at += hours * HOUR
        state, alerts = judge(state, look(at, held(str(net))), replace(RULES, year_end=False))
        told = [alert for alert in alerts if alert.kind is AlertKind.SHRINKING]
        if net >= 250 and net > peak:
            peak, is_told = net, False
        if told:
            assert told[0].figures["peak"] == peak and net <= Decimal("0.6") * peak
            assert not is_told and (last is None or at - last >= 24 * HOUR)
            last, is_told = at, True
        elif peak and net <= Decimal("0.6") * peak:
            assert is_told or (last is not None and at - last < 24 * HOUR)
        if net < 175:
            peak, is_told = 0, False
