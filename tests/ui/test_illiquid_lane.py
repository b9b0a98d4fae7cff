"""Tokens of their own and coins without a price: what a disposal would do, and that nothing is counted before one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.harvest.disposal import Offer
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.session import FeedState, FeedStatus
from harvest_tui.ui.widgets.illiquid_lines import unpriced_positions
from support.harvest_stage import NARROW, harvest_stage, running
from support.on_screen import until
from support.planner_home import tick
from support.sample_portfolio import NOW, make_lot, make_portfolio

_BOUGHT = (NOW - timedelta(days=200)).isoformat()


async def test_lots_without_a_market_tell_what_their_disposal_would_save(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        header = [line for line in seen.lines if "Harvestable now" in line]
        assert "short −28,938 long −7,801" in header[0]  # as without them: nothing of the three is counted
        seen.ask_in_vain("DEADCOIN")
        await seen.press("2", "tab", "tab")
        await seen.see("no market 3")
        await seen.see("1,296.00")
        punks, apes, coin = seen.line("punks#4412"), seen.line("apes#9"), seen.line("DEADCOIN")
        # 24 cents of every dollar, for the year has 7,850 of short-term gain in that bracket
        assert "◇ token" in punks and "no buyer" in punks and "5,400.00" in punks and "1,296.00" in punks
        assert "◇ token" in apes and "504.00" in apes
        assert "○ coin" in coin and "9,000" in coin and "290.53" in coin
        # All three lose 8,710.55: 7,850 at 24 cents and the rest at 22.
        assert "3 lots without a market: no value is counted until there is a buyer" in seen.text
        assert "all together: loss 8,710.55, would save 2,073.32, net +2,073.32; 3 lots without a buyer" in seen.text
        assert "(no buyer yet: not counted anywhere)" in seen.text
        assert "Nothing is bought back." in seen.text and "IRC 267" in seen.text
        for what in (
            "The buyer is unrelated",
            "It leaves your addresses",
            "There is no way back",
            "The evidence is kept",
        ):
            assert f"□ {what}" in seen.text


async def test_an_offer_and_its_cost_are_weighed_against_the_tax_saved_and_kept(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.press("2", "tab", "tab", "j")
        await seen.see("1 punks#4412 in binance, acquired 2026-03-28, long-term in 166 days")
        await seen.press("o")
        await seen.see("What would an unrelated buyer pay for punks#4412 in binance, all of it?")
        await seen.press(*"-5", "enter")
        await seen.see("an offer and its cost are not below zero")
        await seen.press("backspace", "backspace", *"a lot", "enter")
        await seen.see("not an amount in dollars")
        await seen.press(*["backspace"] * 5, *"150 cost 30", "enter")
        # 150 less 30 of gas less 5,400 of basis loses 5,280, worth 1,267.20; and 120 are in hand.
        await seen.see("1,267.20")
        row = seen.line("punks#4412")
        assert "150.00" in row and "30.00" in row and "+1,387.20" in row
        assert "disposed of for 150.00 at a cost of 30.00: short-term result −5,280.00" in seen.text
        await seen.press("b", *"0xbeef", "space", *"marta", "enter")
        await seen.see("✓ The evidence is kept")
        assert "0xbeef marta" in seen.text
        await seen.press("y")
        assert "evidence: 0xbeef marta" in seen.app.clipboard and "[ ] The buyer is unrelated" in seen.app.clipboard
        assert seen.session.harvesting.marked() == ()
    async with running(seen.home, NARROW) as again:
        await again.session.harvesting.offers.load()
        (told,) = again.session.harvesting.offers.told.values()
        assert (told.offer, told.evidence) == (Offer(Decimal(150), Decimal(30)), "0xbeef marta")
        await again.press("2", "tab", "tab")
        await again.see("+1,387.20")
        await again.press("j", "o", *"none", "enter")
        await again.see("(no buyer yet: not counted anywhere)")


async def test_a_lane_without_lots_says_so_and_a_price_takes_a_coin_out_of_it(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        seen.ask_in_vain("DEADCOIN")
        await seen.press("2", "tab", "tab")
        await seen.see("no market 3")
        tick(seen.session, "DEADCOIN", "0.001")
        await seen.see("no market 2")
        assert "DEADCOIN" not in seen.text
    async with harvest_stage(tmp_path / "other", rows=()) as seen:
        await seen.press("2", "shift+tab")
        await until(seen.pilot, lambda: "Every lot has a market price" in seen.text)


async def test_a_coin_that_only_lacks_a_price_is_not_called_dead_and_nothing_of_it_is_weighed(tmp_path: Path) -> None:
    waits = "1 coin has no price yet: connect an exchange or wait for prices"
    async with harvest_stage(tmp_path) as seen:
        await seen.press("2", "tab", "tab")
        await seen.see(waits)
        await seen.see("no market 2")
        assert "DEADCOIN" not in seen.text
        # 7,500 of the two tokens at 24 cents: nothing of the coin's 1,210.55
        await seen.see("all together: loss 7,500.00, would save 1,800.00")
        seen.ask_in_vain("DEADCOIN")
        await seen.see("no market 3")
        assert waits not in seen.text
        seen.ask_in_vain("ELSE")  # a market that has not told its first price
        await seen.see("no market 2")
        assert waits in seen.text
    unpriced = [
        f"U{place},{_BOUGHT},kraken,opening,,,2,{coin},,{_BOUGHT},90" for place, coin in enumerate(("X1", "X2"))
    ]
    async with harvest_stage(tmp_path / "other", NARROW, unpriced) as seen:
        await seen.press("2", "shift+tab")
        await seen.see("2 coins have no price yet: connect an exchange or wait for prices")
        assert "No lot is known to be without a market" in seen.text


def test_only_an_exchange_that_was_asked_and_answers_shows_that_a_coin_has_no_market() -> None:
    coin, here = Asset("DEADX"), AccountId("kraken")
    portfolio = make_portfolio((make_lot(1, "DEADX", "kraken", "90", "810", 40),), quotes={})

    def dead_by(*feeds: FeedState) -> bool:
        found = unpriced_positions(portfolio, {feed.exchange: feed for feed in feeds})
        assert ((here, coin) in found.positions) != (coin in found.waiting)
        return bool(found.positions)

    live, offline = FeedStatus.LIVE, FeedStatus.OFFLINE
    assert not dead_by()
    assert not dead_by(FeedState("kraken", live))
    assert dead_by(FeedState("kraken", live, unpriced=(coin,)))
    assert dead_by(FeedState("kraken", FeedStatus.POLLING, unpriced=(coin,)))
    assert not dead_by(FeedState("kraken", offline, unpriced=(coin,)))
    assert dead_by(FeedState("kraken", live, unpriced=(coin,)), FeedState("binance", offline)), "binance is not asked"
    assert dead_by(FeedState("binance", live, unpriced=(coin,))), "no feed of its own: every exchange is asked"
    assert not dead_by(FeedState("binance", live, unpriced=(coin,)), FeedState("coinbase", live)), (
        "coinbase has a market"
    )
