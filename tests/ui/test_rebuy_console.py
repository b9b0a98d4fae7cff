"""The way back in, on screen: what it costs now, up to which price it pays, how long one waits, and what came early."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.records import AccountId, Asset
from support.harvest_stage import NARROW, harvest_stage
from support.on_screen import until
from support.planner_home import tick


async def test_a_sold_position_tells_what_buying_it_back_costs_and_up_to_which_price_it_pays(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        recorded = {lot.asset: lot.net_benefit for lot in (await seen.session.harvesting.records())[0].lots}
        await seen.sell_all()
        await seen.press("2", "tab")
        await seen.see("way back 3")
        avax = seen.line("AVAX  ")
        worth = recorded[Asset("AVAX")]
        assert worth is not None and worth > 100
        assert "○ may be bought now" in avax and "9,870.00" in avax and "9,881.00" in avax
        assert "−9.00" in avax  # costs 9,881 now, was sold for 9,890 before fees
        assert f"+{worth:,.2f}" in avax
        assert f"{(9890 + worth) / 410:,.2f}" in avax
        # Nothing of it is held any more, and its price is followed all the same.
        assert (AccountId("coinbase"), Asset("AVAX")) not in seen.session.portfolio().positions
        tick(seen.session, "AVAX", "26")
        await seen.see("10,660.00")
        assert "✗ above break-even" in seen.line("AVAX  ") and "+770.00" in seen.line("AVAX  ")
        seen.home.clock.pass_by(seconds=5)
        tick(seen.session, "AVAX", "20")
        await seen.see("8,200.00")
        assert "○ may be bought now" in seen.line("AVAX  ") and "−1,690.00" in seen.line("AVAX  ")


async def test_no_wait_is_the_default_and_the_law_asks_for_none(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.sell_all()
        await seen.press("2", "tab")
        await seen.see("none: buying back at once is the default")
        assert "Today's law asks for no wait on coins: IRC 1091 covers stock and securities." in seen.text
        # ETH, 80 % a year where no daily prices are kept: 12.4 at 2,388.40, 0.8 / sqrt(365) a day, sqrt(31) days
        assert "24 h ±1,240.14, 31 days ±6,904.83 (volatility assumed: too few daily prices)" in seen.text


async def test_a_wait_is_typed_counts_down_and_ends(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.sell_all()
        await seen.press("2", "tab", "W")
        await seen.see("How long to wait before ETH is bought back? Now none. Risk: a usual move of the price is 24 h")
        await seen.press(*"soon", "enter")
        await seen.see("not a time to wait: 'soon': write none, 24h, 31d, or any like 36h or 5d")
        await seen.press(*["backspace"] * 4, *"400d", "enter")
        await seen.see("a wait is none, or up to 366 days")
        await seen.press(*["backspace"] * 4, *"36h", "enter")
        # The sale is an hour old.
        await seen.see("◔ waits 1d 11h 00m")
        assert "36 h: 1d 11h 00m left, until 2026-10-16 00:30" in seen.text
        assert "36 h ±1,518.86" in seen.text
        seen.home.clock.pass_by(hours=34, minutes=1)
        await seen.see("◔ waits 0h 59m")
        seen.home.clock.pass_by(minutes=59)
        await seen.see("36 h: it is over")
        assert "○ may be bought now" in seen.line("ETH  ")
        await seen.press("W")
        await seen.see("Now 36 h.")
        await seen.press(*"none", "enter")
        await seen.see("none: buying back at once is the default")
        assert await seen.session.harvesting.waits() == {}
        await seen.press("W", *"31d", "enter")
        await until(seen.pilot, lambda: "ETH waits 31 days." in seen.toasts)
        assert await seen.session.harvesting.waits() == {Asset("ETH"): timedelta(days=31)}


async def test_what_came_back_early_is_named_and_the_rebuy_has_its_new_lot_and_clock(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.sell_all()
        await seen.session.harvesting.set_wait(Asset("ETH"), timedelta(hours=24))
        await seen.tell(
            seen.event("r1", "coinbase", None, ("0.02", "ETH"), kind="income", value="47.77"),
            seen.event("d1", "binance", None, ("0.5", "ETH"), kind="deposit"),
            seen.event("b1", "kraken", ("4900", "USD"), ("2", "ETH"), ("12", "USD")),
        )
        await seen.press("2", "tab")
        await seen.see("! early: 0.02 ETH came as income (staking, reward, airdrop) in coinbase on 2026-10-14 13:30")
        await seen.see("! early: 0.5 ETH moved in from outside in binance")
        await seen.see("! early: 2 ETH bought (a recurring buy?) in kraken")
        eth = seen.line("ETH  ")
        assert " 10.4 " in eth and eth.rstrip().endswith("3")
        seen.home.clock.pass_by(hours=30)
        await seen.tell(seen.event("b2", "coinbase", ("25000", "USD"), ("11", "ETH"), ("37.5", "USD")))
        await seen.see("✓ bought back")
        # 10.4 of the 11 bought at 25,037.50 in all
        await seen.see("10.4 of 11 ETH in coinbase on 2026-10-15 19:30 for 23,671.82 (coinbase:b2)")
        await seen.see("new lot: coinbase:b2: 11 ETH, basis 25,037.50, long-term from 2027-10-16 (in 366 days)")
        await seen.press("y")
        assert seen.app.clipboard == "coinbase: nothing to buy, 12.4 ETH are bought back\n"
        await seen.press("e")
        await seen.see("why: ETH in kraken")


async def test_the_order_to_copy_has_units_and_limit_and_nothing_places_it(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as seen:
        await seen.commit()
        await seen.sell_all()
        await seen.press("2", "tab")
        await seen.see("way back 3")
        row = next(one for one in (await seen.session.harvesting.judged()).rebuys if one.asset == "ETH")
        assert row.break_even is not None
        await seen.press("y")
        limit = int(row.break_even * 100) / Decimal(100)  # cut down, so that it never promises more than it holds
        assert seen.app.clipboard.startswith(
            f"coinbase: buy 12.4 ETH\n  limit {limit} USD for one ETH: above it the harvest is eaten up\n"
        )
        assert "not before" not in seen.app.clipboard
        await seen.session.harvesting.set_wait(Asset("ETH"), timedelta(days=31))
        await seen.see("◔ waits")
        await seen.press("y")
        assert "not before 2026-11-14 11:30 (America/New_York), as chosen: wait 31 days\n" in seen.app.clipboard
