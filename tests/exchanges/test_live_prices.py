"""A feed under injected time: what it shows, when, and how it comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from harvest_tui.core.records import Asset, Quote
from harvest_tui.errors import BadReply, ExchangeUnreachable, HarvestError, RateLimited
from harvest_tui.exchanges.live_prices import Pace, Status, fetch_once
from harvest_tui.exchanges.price_routes import DollarBoard
from support.price_stage import BTC, ETH, GONE, MARKETS, NOON, USDT, FarExchange, Time, Told, feed_of


async def test_the_first_prices_come_from_one_request_and_the_rest_from_the_stream() -> None:
    async with feed_of() as stage:
        await stage.time.pass_by(0.5)
        assert stage.price(BTC) == Decimal(61000)
        assert stage.price(ETH) == Decimal(2500)
        await stage.tick_for(60, "61100")
        assert stage.status is Status.LIVE
        assert stage.price(BTC) == Decimal("61100.59")
        assert len(stage.far.polled_at) == 1
        assert stage.far.dialled == [(0.0, ("BTC/USD", "ETH/USD"))]
        last_at = stage.feed.state.last_at
        assert last_at is not None
        assert timedelta(0) <= stage.time.clock() - last_at <= timedelta(seconds=1)


async def test_a_quote_names_market_and_exchange_time() -> None:
    async with feed_of() as stage:
        await stage.tick_for(3)
        assert stage.published[-1] == {
            ("kraken", BTC): Quote(BTC, Decimal("61000.02"), NOON + timedelta(seconds=2), "kraken BTC/USD")
        }


async def test_a_flood_of_ticks_is_told_at_most_four_times_a_second_and_only_what_changed() -> None:
    async with feed_of() as stage:
        await stage.tick_for(2)
        stage.published.clear()
        for number in range(1000):
            stage.far.tick("BTC/USD", str(62000 + number))
            await stage.time.pass_by(0.01)
        assert 30 <= len(stage.published) <= 41
        assert all(set(batch) == {("kraken", BTC)} for batch in stage.published)
        await stage.time.pass_by(0.5)
        assert stage.price(BTC) == Decimal(62999)


@pytest.mark.parametrize("fault", ["silent", "half-open", "html page", "cut", "closed"])
async def test_a_socket_that_tells_nothing_is_not_live_after_twenty_seconds_and_is_replaced_by_asking(
    fault: str,
) -> None:
    async with feed_of() as stage:
        await stage.tick_for(30)
        assert stage.status is Status.LIVE
        if fault in ("silent", "half-open", "html page"):
            stage.far.is_silent = True
        else:
            stage.far.cut(GONE if fault == "cut" else asyncio.CancelledError())
        seconds = await stage.until(lambda: stage.status is not Status.LIVE, within=20)
        assert seconds <= (16 if stage.far.is_silent else 1)
        assert [report.status for report in stage.reports][-1] is Status.STALE
        stage.far.prices["BTC/USD"] = "61777"
        await stage.until(lambda: stage.status is Status.POLLING, within=6)
        await stage.until(lambda: stage.price(BTC) == Decimal(61777), within=6)
        assert "asking every 5 s: " in stage.feed.state.message


async def test_while_the_stream_is_silent_prices_are_asked_every_five_to_ten_seconds() -> None:
    async with feed_of() as stage:
        await stage.tick_for(5)
        stage.far.is_silent = True
        await stage.until(lambda: stage.status is Status.POLLING, within=25)
        stage.far.polled_at.clear()
        stage.reports.clear()
        await stage.time.pass_by(120)
        assert len(stage.far.dialled) >= 3
        assert stage.reports == []
        gaps = [after - before for before, after in pairwise(stage.far.polled_at)]
        assert all(5 <= gap <= 10 for gap in gaps)
        assert len(gaps) >= 11


async def test_a_silent_socket_is_dialled_anew_with_growing_waits_and_is_live_again_with_the_first_tick() -> None:
    async with feed_of() as stage:
        await stage.tick_for(5)
        stage.far.is_silent = True
        await stage.time.pass_by(400)
        dials = [at for at, _ in stage.far.dialled]
        waits = [round(after - before) for before, after in pairwise(dials)][1:]
        assert waits[0] < waits[1] < waits[2] < waits[3]
        assert waits[-1] <= 15 + 60 + 1
        stage.far.is_silent = False
        while stage.status is not Status.LIVE:
            await stage.tick_for(1)
            assert stage.time.elapsed() < 600
        polls = len(stage.far.polled_at)
        await stage.tick_for(60)
        assert len(stage.far.polled_at) == polls
        assert stage.feed.state.message == ""


async def test_a_quiet_market_is_given_five_times_its_usual_gap() -> None:
    async with feed_of() as stage:
        for number in range(12):
            stage.far.tick("BTC/USD", str(61000 + number))
            await stage.time.pass_by(10)
        assert stage.status is Status.LIVE
        await stage.time.pass_by(35)
        assert stage.status is Status.LIVE
        await stage.time.pass_by(10)
        assert stage.status is not Status.LIVE


async def test_with_the_network_gone_the_feed_is_offline_and_comes_back_by_itself() -> None:
    async with feed_of() as stage:
        await stage.tick_for(5)
        stage.far.poll_error = GONE
        stage.far.cut(GONE)
        await stage.until(lambda: stage.status is Status.OFFLINE, within=20)
        assert stage.feed.state.message == "Kraken gave no usable answer"
        last = stage.feed.state.last_at
        stage.far.polled_at.clear()
        stage.reports.clear()
        await stage.time.pass_by(900)
        assert stage.reports == []
        assert stage.status is Status.OFFLINE
        assert stage.feed.state.last_at == last
        gaps = [after - before for before, after in pairwise(stage.far.polled_at)]
        assert all(gap <= 61 for gap in gaps)
        assert gaps[-1] >= 60
        stage.far.poll_error = None
        await stage.until(lambda: stage.status is Status.POLLING, within=62)
        asked_at = stage.far.polled_at[-1]
        await stage.time.pass_by(1)
        assert any(asked_at <= dialled_at <= asked_at + 1 for dialled_at, _ in stage.far.dialled)
        stage.far.socket_error = None
        await stage.until(lambda: stage.far.open_sockets == 1, within=62)
        await stage.tick_for(2)
        assert stage.status is Status.LIVE


async def test_without_network_at_the_start_the_feed_waits_for_it() -> None:
    async with feed_of(poll_error=GONE, socket_error=GONE) as stage:
        await stage.time.pass_by(3)
        assert stage.status is Status.OFFLINE
        assert stage.published == []
        stage.far.poll_error = stage.far.socket_error = None
        await stage.until(lambda: stage.price(BTC) == Decimal(61000), within=10)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (GONE, Status.OFFLINE),
        (BadReply("Kraken sent a reply that makes no sense", "later"), Status.STALE),
        (KeyError("c"), Status.STALE),
    ],
)
async def test_a_failing_request_never_ends_the_feed(error: HarvestError | KeyError, status: Status) -> None:
    async with feed_of(poll_error=error, is_silent=True) as stage:
        await stage.time.pass_by(40)
        assert stage.status is status
        stage.far.poll_error = None
        await stage.until(lambda: stage.status is Status.POLLING, within=61)


async def test_a_request_without_an_answer_is_given_up_and_made_again() -> None:
    async with feed_of(polls_hang=True, is_silent=True) as stage:
        await stage.time.pass_by(40)
        assert stage.status is Status.OFFLINE
        assert stage.feed.state.message == "no answer in time"
        stage.far.polls_hang = False
        await stage.until(lambda: stage.price(BTC) == Decimal(61000), within=60)


async def test_an_exchange_that_asks_us_to_wait_is_left_alone_that_long() -> None:
    async with feed_of(can_watch=False, poll_error=RateLimited("Kraken asks us to slow down", "wait", 45.0)) as stage:
        await stage.time.pass_by(44)
        assert stage.far.polled_at == [0.0]
        stage.far.poll_error = None
        await stage.time.pass_by(3)
        assert len(stage.far.polled_at) == 2


async def test_an_exchange_without_a_stream_is_only_asked() -> None:
    async with feed_of(can_watch=False) as stage:
        await stage.time.pass_by(60)
        assert stage.far.dialled == []
        assert 11 <= len(stage.far.polled_at) <= 13
        assert (stage.status, stage.feed.state.message) == (Status.POLLING, "asking every 5 s")


async def test_a_wild_price_is_held_back_said_and_asked_about_until_it_is_confirmed() -> None:
    async with feed_of() as stage:
        await stage.tick_for(10)
        stage.far.tick("BTC/USD", "6100")
        await stage.time.pass_by(1)
        assert stage.price(BTC) == Decimal("61000.09")
        assert stage.feed.state.message.startswith("held back: kraken BTC/USD: 6100 after 61000")
        assert list(stage.feed.held) == [BTC]
        await stage.until(lambda: stage.price(BTC) == Decimal(6100), within=15)
        await stage.time.pass_by(1)
        assert (stage.feed.held, stage.feed.state.message) == ({}, "")


async def test_a_wild_price_that_is_taken_back_never_shows() -> None:
    async with feed_of() as stage:
        await stage.tick_for(10)
        for price in ("610", "0", "610000", "-5"):
            stage.far.tick("BTC/USD", price)
            await stage.time.pass_by(0.5)
        stage.far.tick("BTC/USD", "61001")
        await stage.time.pass_by(30)
        shown = {quote.price for batch in stage.published for quote in batch.values() if quote.asset == BTC}
        assert min(shown) >= 61000
        assert max(shown) <= 61002


async def test_other_assets_are_priced_at_once_and_the_stream_follows_them() -> None:
    async with feed_of() as stage:
        await stage.tick_for(5)
        stage.far.prices["SOL/USD"] = "180"
        stage.feed.set_assets([BTC, Asset("SOL")])
        await stage.time.pass_by(1)
        assert stage.price(Asset("SOL")) == Decimal(180)
        assert stage.far.dialled[-1][1] == ("BTC/USD", "SOL/USD")
        await stage.tick_for(5)
        assert {report.status for report in stage.reports[2:]} <= {Status.LIVE}
        dials, polls = len(stage.far.dialled), len(stage.far.polled_at)
        stage.feed.set_assets([Asset("SOL"), BTC])
        await stage.tick_for(5)
        assert (len(stage.far.dialled), len(stage.far.polled_at)) == (dials, polls)


async def test_an_account_without_coins_asks_nothing_and_wakes_up_with_the_first_coin() -> None:
    async with feed_of(assets=()) as stage:
        await stage.time.pass_by(60)
        assert (stage.far.polled_at, stage.far.dialled) == ([], [])
        stage.feed.set_assets([BTC])
        await stage.time.pass_by(1)
        assert stage.price(BTC) == Decimal(61000)


async def test_an_unlisted_asset_is_named_and_the_others_go_on() -> None:
    async with feed_of(assets=(BTC, Asset("apes#7"))) as stage:
        await stage.tick_for(2)
        assert stage.feed.unpriced == ("apes#7",)
        assert stage.price(BTC) == Decimal("61000.01")


async def test_bitcoin_moves_a_coin_that_is_priced_in_bitcoin() -> None:
    async with feed_of(assets=(Asset("ABC"),)) as stage:
        stage.far.prices["ABC/BTC"] = "0.0001"
        await stage.tick_for(2)
        assert stage.price(Asset("ABC")) == Decimal("6.100001")
        stage.far.tick("BTC/USD", "62000")
        await stage.time.pass_by(1)
        assert stage.price(Asset("ABC")) == Decimal("6.2")


async def test_a_held_stablecoin_without_a_market_is_a_dollar_and_told_rarely() -> None:
    async with feed_of(assets=(USDT, BTC)) as stage:
        await stage.tick_for(60)
        quotes = [batch["kraken", USDT] for batch in stage.published if ("kraken", USDT) in batch]
        assert {(quote.price, quote.source) for quote in quotes} == {(Decimal(1), "USDT taken as $1")}
        assert 5 <= len(quotes) <= 7


async def test_the_socket_is_renewed_once_a_day_without_a_word() -> None:
    assert Pace().renew_socket == 86_400
    async with feed_of(pace=Pace(renew_socket=1800)) as stage:
        await stage.tick_for(2)
        for step in range(250):
            stage.far.tick("BTC/USD", f"61000.{step:03}")
            await stage.time.pass_by(12)
        dials = [at for at, _ in stage.far.dialled]
        assert [round(after - before) for before, after in pairwise(dials)] == [1801]
        assert len(stage.far.polled_at) == 1
        assert [report.status for report in stage.reports] == [Status.POLLING, Status.LIVE]


async def test_a_thousand_reconnects_leave_no_task_and_no_socket_behind() -> None:
    async with feed_of(pace=Pace(last_retry=1.0)) as stage:
        await stage.tick_for(2)
        tasks = len(asyncio.all_tasks())
        for dialled in range(2, 1002):
            stage.far.cut(GONE)
            stage.far.socket_error = None
            await stage.time.pass_by(2)
            assert len(stage.far.dialled) == dialled
            await stage.tick_for(1)
        assert len(asyncio.all_tasks()) <= tasks
        assert stage.status is Status.LIVE


async def test_one_round_of_prices_needs_one_request() -> None:
    time = Time()
    far = FarExchange(time)
    board = DollarBoard()
    quotes = await fetch_once("kraken", far, MARKETS, [BTC, Asset("apes#7")], time.clock, board=board)
    assert quotes == {("kraken", BTC): Quote(BTC, Decimal(61000), NOON, "kraken BTC/USD")}
    assert board.latest("coinbase", BTC, NOON) == quotes["kraken", BTC]
    far.poll_error = GONE
    with pytest.raises(ExchangeUnreachable):
        await fetch_once("kraken", far, MARKETS, [BTC], time.clock)


def test_waits_between_tries_double_up_to_a_minute() -> None:
    assert [Pace().retry(failures) for failures in (1, 2, 3, 6, 7, 8, 10_000)] == [1, 2, 4, 32, 60, 60, 60]


def without_time(symbol: str, price: str) -> Told:
    """As Kraken tells a price: without the time it was made at."""
    return Told(symbol, Decimal(price))


async def test_what_a_client_still_holds_from_a_socket_before_is_no_news_to_a_new_feed() -> None:
    held = {"BTC/USD": without_time("BTC/USD", "59000")}
    async with feed_of(is_silent=True, poll_error=GONE, streamed=held) as stage:
        await stage.time.pass_by(20)
        assert stage.published == []


async def test_a_price_that_lay_in_the_socket_while_the_machine_slept_is_not_dated_after_the_sleep() -> None:
    async with feed_of() as stage:
        await stage.tick_for(10)
        stage.far.is_silent, stage.far.poll_error = True, GONE
        stage.far.streamed["BTC/USD"] = without_time("BTC/USD", "61500")
        stage.published.clear()
        stage.time.asleep = 7200
        await stage.time.pass_by(5)
        assert stage.published == []
        assert stage.status is not Status.LIVE
        stage.far.is_silent, stage.far.poll_error = False, None
        await stage.tick_for(90, "62000")
        assert stage.status is Status.LIVE
        assert stage.price(BTC) > 62000
