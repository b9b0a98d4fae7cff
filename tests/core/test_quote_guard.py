"""What the guard lets through and what it holds back, as a story of ticks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.quote_guard import CONFIRMATIONS, Held, QuoteGuard, Tick
from harvest_tui.core.records import Asset

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
BTC = Asset("BTC")


def tick(price: str | None, second: float = 0.0, *, venue: str = "kraken", **changes: object) -> Tick:
    at = NOON + timedelta(seconds=second)
    value = None if price is None else Decimal(price)
    usual = Tick(BTC, venue, f"{venue} BTC/USD", value, value, at, at)
    return replace(usual, **changes)  # type: ignore[arg-type]


def calm_guard(*, until: int = 5) -> QuoteGuard:
    """Has seen five ordinary prices near 61,000."""
    guard = QuoteGuard()
    for second, price in enumerate(["61000", "61020", "60990", "61010", "61005"][:until]):
        assert guard.judge(tick(price, second)).is_accepted
    return guard


@dataclass
class Headline:
    """The price a person reads: it only follows accepted ticks."""

    guard: QuoteGuard
    price: Decimal = Decimal("61005")
    flagged: str = ""

    def hear(self, heard: Tick) -> None:
        verdict = self.guard.judge(heard)
        if verdict.is_accepted:
            assert heard.price is not None
            self.price = heard.price
        else:
            assert verdict.held is not None
            self.flagged = verdict.why


ATTACKS: dict[str, list[Tick]] = {
    "zero": [tick("0", 10), tick("0", 11), tick("0", 12), tick("0", 13)],
    "negative": [tick("-61000", 10), tick("-61000", 11), tick("-61000", 12)],
    "not a number": [tick("NaN", 10), tick("NaN", 11), tick("NaN", 12)],
    "infinite": [tick("Infinity", 10), tick("Infinity", 11), tick("Infinity", 12)],
    "absurd exponent": [tick("1E+900", 10), tick("1E+900", 11), tick("1E-900", 12)],
    "crossed book": [tick("61000", 10 + n, bid=Decimal(61500), ask=Decimal(60500)) for n in range(4)],
    "from the future": [tick("90000", 10 + n, arrived_at=NOON + timedelta(seconds=4)) for n in range(4)],
    "one spike": [tick("610000", 10)],
    "two falls and back": [tick("610", 10), tick("611", 11), tick("61000", 12), tick("610", 13), tick("611", 14)],
    "spikes that disagree": [tick("122000", 10), tick("183000", 11), tick("244000", 12), tick("122000", 13)],
    "an old price again": [tick("49000", n - 30, arrived_at=NOON + timedelta(seconds=10 + n)) for n in range(3)],
    "one wild trade repeated": [tick("610", 10 + n, bid=Decimal(60990), ask=Decimal(61010)) for n in range(9)],
    "spike, nonsense, spike": [tick("610", 10), tick("0", 11), tick("610", 12), tick("0", 13), tick("610", 14)],
    "the same tick read thrice": [tick("610", 10), tick("610", 10), tick("610", 10), tick("610", 10)],
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_of_bad_ticks_leaves_the_headline_unchanged_and_says_so(attack: list[Tick]) -> None:
    headline = Headline(calm_guard())
    for heard in attack:
        headline.hear(heard)
    assert Decimal(60000) < headline.price < Decimal(62000)
    assert headline.flagged.startswith("kraken BTC/USD: ")


def test_a_jump_is_believed_at_the_third_tick_in_a_row() -> None:
    guard = calm_guard()
    verdicts = [guard.judge(tick(price, 10 + n)) for n, price in enumerate(["42000", "41800", "41900"])]
    assert [verdict.held for verdict in verdicts] == [Held.JUMP, Held.JUMP, None]
    assert guard.judge(tick("41700", 14)).is_accepted
    assert verdicts[0].why == "kraken BTC/USD: 42000 after 61005, waiting for a confirmation"


def test_after_a_confirmed_jump_the_way_back_is_a_jump_again() -> None:
    guard = calm_guard()
    for second in range(10, 13):
        guard.judge(tick("42000", second))
    assert guard.judge(tick("61000", 13)).held is Held.JUMP


def test_an_ordinary_tick_between_starts_the_count_anew() -> None:
    guard = calm_guard()
    held = [
        guard.judge(tick(price, 10 + n)).held for n, price in enumerate(["42000", "42000", "61000", "42000", "42000"])
    ]
    assert held == [Held.JUMP, Held.JUMP, None, Held.JUMP, Held.JUMP]


def test_a_fall_that_goes_on_is_believed_once_three_ticks_agree() -> None:
    guard = calm_guard()
    falling = ["48000", "44000", "43500", "43200"]
    assert [guard.judge(tick(price, 10 + n)).is_accepted for n, price in enumerate(falling)] == [
        False,
        False,
        False,
        True,
    ]


def test_a_second_venue_that_says_the_same_confirms_a_jump_at_once() -> None:
    guard = calm_guard()
    assert guard.judge(tick("61010", 6, venue="coinbase")).is_accepted
    assert guard.judge(tick("42000", 10)).held is Held.JUMP
    assert guard.judge(tick("42100", 11, venue="coinbase")).is_accepted
    assert guard.judge(tick("42050", 12)).is_accepted


def test_a_second_venue_confirms_nothing_when_it_is_a_minute_old_or_says_something_else() -> None:
    guard = calm_guard()
    guard.judge(tick("42000", 5, venue="coinbase"))
    assert guard.judge(tick("42000", 66)).held is Held.JUMP
    guard.judge(tick("61000", 67, venue="binance"))
    assert guard.judge(tick("42000", 68)).held is Held.JUMP


def test_the_first_price_of_a_market_is_compared_with_other_venues() -> None:
    guard = calm_guard()
    assert guard.judge(tick("6100", 6, venue="coinbase")).held is Held.JUMP
    assert guard.judge(tick("61100", 7, venue="binance")).is_accepted


def test_a_market_in_another_currency_is_compared_in_dollars() -> None:
    guard = calm_guard()
    in_ether = tick("20.5", 6, venue="binance", source="binance BTC/ETH", dollars=Decimal("60885"))
    assert guard.judge(in_ether).is_accepted
    assert guard.judge(replace(in_ether, price=Decimal("205"), dollars=Decimal("608850"))).held is Held.JUMP


@pytest.mark.parametrize(
    ("price", "is_accepted"), [("73200", True), ("73201", False), ("48800", True), ("48799", False)]
)
def test_twenty_percent_against_the_median_is_the_line(price: str, is_accepted: bool) -> None:
    guard = QuoteGuard()
    for second, usual in enumerate(["55000", "61000", "61000", "61000", "65000"]):
        guard.judge(tick(usual, second))
    assert guard.judge(tick(price, 9)).is_accepted is is_accepted


def test_the_median_forgets_all_but_the_last_five() -> None:
    guard = QuoteGuard()
    for second in range(20):
        assert guard.judge(tick(str(100 + 5 * second), second)).is_accepted
    assert guard.judge(tick("120", 30)).held is Held.JUMP


@pytest.mark.parametrize(("seconds_ahead", "held"), [(5.0, None), (5.1, Held.FROM_FUTURE)])
def test_a_price_may_be_five_seconds_ahead_of_our_clock(seconds_ahead: float, held: Held | None) -> None:
    heard = tick("61000", seconds_ahead, arrived_at=NOON)
    assert QuoteGuard().judge(heard).held is held


def test_after_our_clock_was_set_back_prices_dated_by_it_are_believed_again_at_once() -> None:
    guard = calm_guard()
    assert guard.judge(tick("61200", -7200)).is_accepted
    assert guard.judge(tick("61210", -7199)).is_accepted
    assert guard.judge(tick("61190", -7200, arrived_at=NOON - timedelta(seconds=7198))).held is Held.OUT_OF_ORDER


def test_a_book_with_an_empty_side_is_not_crossed() -> None:
    assert QuoteGuard().judge(tick("61000", bid=Decimal(60990), ask=Decimal(0))).is_accepted


def test_a_tick_without_a_price_is_held() -> None:
    assert QuoteGuard().judge(tick(None)).held is Held.NO_PRICE


def test_a_forgotten_venue_starts_from_nothing() -> None:
    guard = calm_guard()
    guard.forget("kraken")
    assert guard.judge(tick("42000", 10)).is_accepted


@given(st.lists(st.decimals(allow_nan=True, allow_infinity=True), min_size=1, max_size=30))
def test_whatever_is_told_only_positive_finite_prices_pass_and_nothing_raises(prices: list[Decimal]) -> None:
    guard = QuoteGuard()
    for second, price in enumerate(prices):
        verdict = guard.judge(replace(tick("1", second), price=price, dollars=None))
        assert not verdict.is_accepted or (price.is_finite() and price > 0)


@given(st.lists(st.sampled_from(["61000", "61100", "610000", "6100", "0"]), max_size=40))
def test_no_unusual_price_passes_before_it_was_said_three_times(prices: list[str]) -> None:
    guard, run, was_confirmed = calm_guard(), 0, False
    for second, price in enumerate(prices, start=10):
        run = run + 1 if price == "610000" else 0
        was_confirmed = was_confirmed or run >= CONFIRMATIONS
        if guard.judge(tick(price, second)).is_accepted and price == "610000":
            assert was_confirmed
