"""Balances, markets, quotes, candles and notes: what was told last, and never an empty answer for a full one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import BTC, COINBASE, KRAKEN, START, account

from harvest_tui.core.records import AccountId, Asset, Balance, Candle, Quote
from harvest_tui.errors import StoreError
from harvest_tui.store import Store

ETH = Asset("ETH")


def held(asset: Asset, quantity: str, at: datetime = START, of: AccountId = KRAKEN) -> Balance:
    return Balance(of, asset, Decimal(quantity), at)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def test_a_read_takes_the_place_of_the_one_before(store: Store) -> None:
    await store.add_account(account(COINBASE, "coinbase"))
    assert await store.save_balances(KRAKEN, [held(BTC, "0.750"), held(ETH, "3.2")], START)
    assert await store.save_balances(COINBASE, [held(BTC, "9", of=COINBASE)], START)
    assert await store.save_balances(KRAKEN, [held(BTC, "0.5", after(5))], after(5))
    assert await store.balances() == [held(BTC, "9", of=COINBASE), held(BTC, "0.5", after(5))]


@pytest.mark.parametrize("nothing", [[], [held(BTC, "0"), held(ETH, "0.00")]], ids=["no rows", "only zeros"])
async def test_a_sudden_nothing_counts_only_when_a_read_a_minute_later_agrees(
    store: Store, nothing: list[Balance]
) -> None:
    full = [held(BTC, "0.75")]
    await store.save_balances(KRAKEN, full, START)
    for seconds in (10, 11, 69.999999):
        assert not await store.save_balances(KRAKEN, nothing, after(seconds))
        assert await store.balances() == full
    assert await store.save_balances(KRAKEN, nothing, after(70))
    assert [balance for balance in await store.balances() if balance.quantity] == []


async def test_a_full_read_in_between_starts_the_minute_anew(store: Store) -> None:
    await store.save_balances(KRAKEN, [held(BTC, "0.75")], START)
    assert not await store.save_balances(KRAKEN, [], after(10))
    assert await store.save_balances(KRAKEN, [held(BTC, "0.75", after(40))], after(40))
    assert not await store.save_balances(KRAKEN, [], after(75))
    assert await store.balances() == [held(BTC, "0.75", after(40))]


async def test_an_account_that_was_always_empty_is_believed_at_once(store: Store) -> None:
    assert await store.save_balances(KRAKEN, [], START)
    assert await store.save_balances(KRAKEN, [], after(1))


async def test_the_doubt_outlives_a_restart(cache: Path, store: Store) -> None:
    await store.save_balances(KRAKEN, [held(BTC, "0.75")], START)
    assert not await store.save_balances(KRAKEN, [], after(10))
    await store.close()
    async with await Store.open(cache) as again:
        assert await again.save_balances(KRAKEN, [], after(71))


async def test_parts_of_one_asset_are_summed_not_overwritten(store: Store) -> None:
    await store.save_balances(KRAKEN, [held(BTC, "0.75"), held(BTC, "0.000000000000000000000000000001")], START)
    assert await store.balances() == [held(BTC, "0.750000000000000000000000000001")]


async def test_what_is_locked_is_summed_and_kept_beside_the_whole(store: Store) -> None:
    staked = held(BTC, "0.75000")._replace(locked=Decimal("0.7200"))
    ordered = held(BTC, "1.5")._replace(locked=Decimal("0.000000000000000000000000000001"))
    await store.save_balances(KRAKEN, [staked, ordered, held(ETH, "3.2")], START)
    locked = Decimal("0.720000000000000000000000000001")
    assert await store.balances() == [held(BTC, "2.25")._replace(locked=locked), held(ETH, "3.2")]
    await store.save_balances(KRAKEN, [held(BTC, "2.25", after(5))], after(5))
    assert [balance.locked for balance in await store.balances()] == [0]


async def test_balances_of_another_account_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="coinbase"):
        await store.save_balances(KRAKEN, [held(BTC, "1", of=COINBASE)], START)


async def test_markets_come_back_whole_or_by_symbol(store: Store) -> None:
    listed = [
        {"symbol": "ETH/USD", "id": "XETHZUSD", "precision": {"price": "0.01"}, "active": True, "info": None},
        {"symbol": "BTC/USD", "id": "XXBTZUSD", "precision": {"price": "0.1"}, "active": True, "info": None},
    ]
    assert await store.markets_saved_at("kraken") is None
    await store.save_markets("kraken", listed, START)
    await store.save_markets("binance", listed[:1], after(60))
    assert await store.markets("kraken") == [listed[1], listed[0]]
    assert await store.markets("kraken", ["ETH/USD", "DOGE/USD", "ETH/USD"]) == [listed[0]]
    assert await store.markets_saved_at("kraken") == START
    await store.save_markets("kraken", listed[:1], after(5))
    assert await store.markets("kraken") == [listed[0]]
    assert await store.markets_saved_at("kraken") == after(5)


async def test_no_markets_at_all_never_replace_a_list(store: Store) -> None:
    await store.save_markets("kraken", [{"symbol": "BTC/USD"}], START)
    with pytest.raises(StoreError, match="no markets"):
        await store.save_markets("kraken", [], after(1))
    assert await store.markets("kraken") == [{"symbol": "BTC/USD"}]


async def test_a_quote_gives_way_only_to_a_newer_one(store: Store) -> None:
    def quote(price: str, at: datetime) -> Quote:
        return Quote(BTC, Decimal(price), at, "kraken BTC/USD")

    await store.save_quotes({("kraken", BTC): quote("67012.50", after(5)), ("binance", BTC): quote("67013.1", START)})
    await store.save_quotes({("kraken", BTC): quote("1", after(4)), ("binance", BTC): quote("67014", after(9))})
    assert await store.quotes() == {
        ("kraken", BTC): quote("67012.5", after(5)),
        ("binance", BTC): quote("67014", after(9)),
    }


MIDNIGHT = datetime(2024, 3, 9, tzinfo=UTC)
DAY, HOUR = 86_400, 3_600


def candle(start: datetime, seconds: int, close: str, asset: Asset = BTC, source: str = "kraken BTC/USD") -> Candle:
    return Candle(asset, start, seconds, Decimal("5.1"), Decimal("9"), Decimal("2.05"), Decimal(close), source)


async def test_candles_are_read_by_half_open_span_and_brought_up_to_date(store: Store) -> None:
    days = [candle(MIDNIGHT + timedelta(days=n), DAY, f"{n + 3}.50") for n in range(4)]
    await store.save_candles([*days, candle(MIDNIGHT, DAY, "7", ETH)])
    await store.save_candles([candle(days[3].start, DAY, "66.1")])
    assert await store.candles(BTC, days[1].start, days[3].start) == days[1:3]
    assert await store.candles(BTC, days[3].start, days[3].start + timedelta(days=9)) == [
        candle(days[3].start, DAY, "66.1")
    ]


async def test_the_shortest_candle_a_moment_falls_into_prices_it(store: Store) -> None:
    day, hour = candle(MIDNIGHT, DAY, "60.5"), candle(MIDNIGHT + timedelta(hours=3), HOUR, "61.25")
    await store.save_candles([day, hour, candle(MIDNIGHT, DAY, "2.5", ETH)])
    tick = timedelta(microseconds=1)
    expected = {
        (BTC, MIDNIGHT - tick): None,
        (BTC, MIDNIGHT): day,
        (BTC, hour.start - tick): day,
        (BTC, hour.start): hour,
        (BTC, hour.start + timedelta(hours=1) - tick): hour,
        (BTC, hour.start + timedelta(hours=1)): day,
        (BTC, MIDNIGHT + timedelta(days=1) - tick): day,
        (BTC, MIDNIGHT + timedelta(days=1)): None,
        (Asset("DOGE"), MIDNIGHT): None,
    }
    for key, answer in expected.items():
        assert await store.candle_at(*key) == answer
    found = {key: answer for key, answer in expected.items() if answer is not None}
    assert await store.candles_at(list(expected)) == found
    assert await store.prices_at([*expected, *expected]) == {key: answer.close for key, answer in found.items()}


async def test_thousands_of_moments_are_priced_at_once(store: Store) -> None:
    await store.save_candles([candle(MIDNIGHT + timedelta(days=n), DAY, f"{n}.5") for n in range(700)])
    keys = [(BTC, MIDNIGHT + timedelta(hours=7 * n)) for n in range(2400)]
    prices = await store.prices_at(keys)
    assert prices == {key: Decimal(f"{7 * n // 24}.5") for n, key in enumerate(keys)}


async def test_a_candle_longer_than_a_day_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.save_candles([candle(MIDNIGHT, 7 * DAY, "1.5")])


async def test_notes_are_kept_replaced_and_taken_away(store: Store) -> None:
    assert await store.get_note("transfer 7") is None
    await store.set_note("transfer 7", "confirmed")
    await store.set_note("transfer 7", "refused")
    assert await store.get_note("transfer 7") == "refused"
    await store.set_note("transfer 7", None)
    assert await store.get_note("transfer 7") is None
