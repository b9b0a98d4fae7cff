"""Tokens of their own and coins without a price: what a disposal would do, and that nothing is counted before one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from harvest_tui.core.harvest.disposal import Offer
from support.harvest_stage import NARROW, harvest_stage, running
from support.on_screen import until
from support.planner_home import tick


async def test_lots_without_a_market_tell_what_their_disposal_would_save(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        header = [line for line in seen.lines if "Harvestable now" in line]
        assert "short −28,938 long −7,801" in header[0]  # as without them: nothing of the three is counted
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
        await seen.press("2", "tab", "tab")
        await seen.see("no market 3")
        tick(seen.session, "DEADCOIN", "0.001")
        await seen.see("no market 2")
        assert "DEADCOIN" not in seen.text
    async with harvest_stage(tmp_path / "other", rows=()) as seen:
        await seen.press("2", "shift+tab")
        await until(seen.pilot, lambda: "Every lot has a market price" in seen.text)
