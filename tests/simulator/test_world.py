"""The true histories that the simulator tells, and its prices."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from harvest_tui.core.money import EXACT
from harvest_tui.simulator.book import Book, net_changes
from harvest_tui.simulator.generator import START_US
from harvest_tui.simulator.habits import rows_told
from harvest_tui.simulator.live import LiveMarket
from harvest_tui.simulator.prices import DAY_US, PriceHistory
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg
from harvest_tui.simulator.world import World

NOW_US = time.time_ns() // 1000
ALL = ("kraken", "coinbase", "binance", "binanceus")


@pytest.fixture(scope="module")
def world() -> World:
    return World.generate(5, ALL, None, NOW_US)


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    told = [World.generate(seed, ("kraken", "coinbase"), 120, NOW_US) for seed in (3, 3, 4)]

    assert told[0].history("kraken") == told[1].history("kraken")
    assert told[0].history("coinbase") == told[1].history("coinbase")
    assert told[0].history("kraken") != told[2].history("kraken")


@pytest.mark.parametrize("venue", ALL)
def test_happenings_are_dense_in_order_and_never_overdraw(world: World, venue: str) -> None:
    held: dict[str, Decimal] = defaultdict(Decimal)
    history = world.history(venue)
    for happening in history:
        for asset, change in net_changes(happening).items():
            held[asset] = EXACT.add(held[asset], change)
            assert held[asset] >= 0

    assert [happening.number for happening in history] == list(range(1, len(history) + 1))
    assert history == sorted(history, key=lambda happening: (happening.at_us, happening.number))
    assert history[0].at_us >= START_US
    assert NOW_US - 30 * DAY_US < history[-1].at_us < NOW_US - 2 * DAY_US
    assert {asset: quantity for asset, quantity in held.items() if quantity} == world.balances(venue)


@pytest.mark.parametrize("venue", ALL)
def test_a_life_has_every_kind_of_event_its_venue_knows(world: World, venue: str) -> None:
    kinds = Counter(happening.kind for happening in world.history(venue))
    absent = set(HappeningKind) - set(kinds)

    assert absent == ({HappeningKind.DUST} if venue in {"kraken", "coinbase"} else {HappeningKind.INSTANT_BUY})
    assert kinds[HappeningKind.BUY] > 200
    assert kinds[HappeningKind.REWARD] > 200


def test_what_leaves_one_venue_arrives_at_another_with_the_same_txid_less_the_fee(world: World) -> None:
    arrivals = {
        (venue, happening.txid): happening
        for venue in ALL
        for happening in world.history(venue)
        if happening.kind is HappeningKind.DEPOSIT and happening.peer in ALL
    }
    departures = [
        (venue, happening)
        for venue in ALL
        for happening in world.history(venue)
        if happening.kind is HappeningKind.WITHDRAWAL and happening.peer in ALL
    ]

    assert len(departures) > 40
    assert len(arrivals) == len(departures)
    for source, sent in departures:
        got = arrivals[sent.peer, sent.txid]
        assert (got.received, got.peer, got.address) == (sent.sent, source, sent.address)
        assert sent.fee is not None and sent.sent is not None and sent.fee.asset == sent.sent.asset
        assert 0 < got.at_us - sent.at_us < 3 * 3600 * 1_000_000


def test_two_realities_are_planted(world: World) -> None:
    outside = [(venue, h.kind) for venue in ALL for h in world.history(venue) if h.peer == "outside"]

    assert outside == [("kraken", HappeningKind.DEPOSIT), ("binanceus", HappeningKind.WITHDRAWAL)]


@pytest.mark.parametrize("rows", [150, 3000])
def test_the_number_of_raw_rows_is_close_to_what_was_asked(rows: int) -> None:
    world = World.generate(9, ALL, rows, NOW_US)

    for venue in ALL:
        told = sum(rows_told(venue, happening.kind) for happening in world.history(venue))
        assert abs(told - rows) <= rows * 0.03 + 5, venue


def test_fees_come_in_quote_in_base_and_in_bnb_and_some_fills_share_their_instant() -> None:
    world = World.generate(9, ("kraken", "binance"), 1200, NOW_US)
    trades = {v: [h for h in world.history(v) if h.kind is HappeningKind.BUY] for v in world.venues}
    fees = {venue: Counter(h.fee.asset if h.fee else "" for h in told) for venue, told in trades.items()}

    assert fees["binance"]["BNB"] > 50
    assert fees["kraken"]["USD"] > 50
    assert any(h.fee and h.received and h.fee.asset == h.received.asset for h in trades["kraken"])
    assert max(Counter(h.at_us for h in trades["binance"]).values()) == 3


def test_some_quantities_are_finer_than_a_binary_float(world: World) -> None:
    quantities = [h.received.quantity for h in world.history("coinbase") if h.received is not None]

    assert sum(Decimal(repr(float(quantity))) != quantity for quantity in quantities) > 50


def test_at_present_prices_there_are_gains_and_sizeable_losses_short_and_long(world: World) -> None:
    results: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for venue in ALL:
        for happening in world.history(venue):
            if happening.kind is HappeningKind.BUY and happening.received and happening.sent:
                value = happening.received.quantity * world.live_price(happening.received.asset)
                result = value - happening.sent.quantity
                term = "long" if NOW_US - happening.at_us > 366 * DAY_US else "short"
                results[term, "gain" if result > 0 else "loss"] += result

    assert {key for key in results if abs(results[key]) > 500} == {
        ("short", "gain"),
        ("short", "loss"),
        ("long", "gain"),
        ("long", "loss"),
    }


def test_a_book_refuses_to_overdraw_and_to_go_back_in_time() -> None:
    book = Book()
    book.append(Happening(0, 2_000, HappeningKind.DEPOSIT, None, Leg("USD", Decimal("75.50"))))

    with pytest.raises(ValueError, match="not enough USD"):
        book.append(Happening(0, 3_000, HappeningKind.WITHDRAWAL, Leg("USD", Decimal("75.51")), None))
    with pytest.raises(ValueError, match="older"):
        book.append(Happening(0, 1_000, HappeningKind.DEPOSIT, None, Leg("USD", Decimal("3"))))
    assert book.held == {"USD": Decimal("75.50")}


def test_bitcoin_follows_its_real_days_and_never_leaves_their_range() -> None:
    prices = PriceHistory(1)
    number = 19_068  # 2022-03-17
    day = prices.day("BTC", number)

    assert (day.open, day.close) != (day.low, day.high)
    assert prices.day("BTC", number) == PriceHistory(2).day("BTC", number)
    for hour in range(24):
        assert day.low <= prices.at("BTC", number * DAY_US + hour * 3_600_000_000) <= day.high
    assert prices.day("SOL", number) != PriceHistory(2).day("SOL", number)


def test_a_crash_drops_coins_within_seconds_and_leaves_the_dollar_coins() -> None:
    clock = [NOW_US]
    market = LiveMarket(PriceHistory(5), 5, lambda: clock[0])
    before = {coin: market.price(coin) for coin in ("BTC", "SOL", "USDC")}

    market.crash(40)
    for _ in range(80):
        clock[0] += 250_000
        after = {coin: market.price(coin) for coin in before}

    assert Decimal("0.55") < after["BTC"] / before["BTC"] < Decimal("0.65")
    assert Decimal("0.55") < after["SOL"] / before["SOL"] < Decimal("0.65")
    assert abs(after["USDC"] / before["USDC"] - 1) < Decimal("0.001")


def test_a_price_that_is_set_holds_but_for_the_walk_from_there() -> None:
    clock = [NOW_US]
    market = LiveMarket(PriceHistory(5), 5, lambda: clock[0])

    market.set_price("SOL", Decimal("33.21"))
    clock[0] += 1_000_000

    assert Decimal("33.0") < market.price("SOL") < Decimal("33.4")


def test_candles_cover_the_span_and_fit_the_price_of_the_moment() -> None:
    world = World.generate(5, ("kraken",), 60, NOW_US)
    start = (NOW_US // DAY_US - 9) * DAY_US

    bars = world.candles("SOL", "USD", 3600, start, start + DAY_US)

    assert [bar.start_us for bar in bars] == [start + hour * 3_600_000_000 for hour in range(24)]
    for bar in bars:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.open == world.price("SOL", bar.start_us)
    assert world.candles("ETH", "BTC", 86_400, start, start + 1)[0].close < Decimal("0.2")
