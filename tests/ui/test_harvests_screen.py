"""The verdicts on screen, under keys alone: what became of what was written down, and what is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvest_tui.core.identification.chain import check_file
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind
from support.harvest_stage import NARROW, HarvestStage, harvest_stage, running
from support.hostile_names import HOSTILE_NAMES, is_harmless
from support.on_screen import until


async def test_before_anything_is_written_down_the_screen_says_what_to_do(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as seen:
        await seen.press("2")
        await seen.see("Nothing is written down yet.")
        assert "space marks one for sale, C writes the marked ones down" in seen.text
        await seen.press("y", "w", "e", "enter", "W", "o", "b", "i", "X")
        assert "W is for a line of the way back: tab goes there." in seen.toasts
        await seen.press("tab")
        await seen.see("Nothing that was written down is sold yet.")
        await seen.press("escape")
        await seen.see("Unrealized")


async def test_each_recorded_lot_has_a_line_and_its_story_below(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.press("2")
        await seen.see("○ waits for a sale")
        assert "2026-10-14 11:30" in seen.line("AVAX")  # the taxpayer's own clock: 15:30 in UTC
        assert "sell 410 AVAX in coinbase: a loss below 32 USD, before fees" in seen.text
        await seen.press("j", "j")
        await seen.see("sell 100 SOL in kraken: a loss below 172.5 USD")
        await seen.sell_all()
        await seen.see("verdicts 3")
        await seen.see("✓ as identified")
        avax = seen.line("AVAX  ")
        # 9,890 less 20 of fees less 13,120; the quote was 24.1, so 9,881 before fees
        assert [word for word in avax.split() if word[0] in "+−"] == ["−3,239.00", "−3,250.00", "+9.00"]
        assert "20.00" in avax and "short" in avax
        sol = seen.line("SOL  ")
        # 40 of 100 for 5,631 net, basis 6,900; the rest waits
        assert "◐ partly sold" in sol and " 60 " in sol and "−1,269.00" in sol and "−1,251.20" in sol
        # The cursor stayed on the line it was on.
        assert "40 SOL sold from the lot, as identified" in seen.text and "60 SOL left to sell" in seen.text
        await seen.see("evidence: kraken:f2; lot kraken:L2; record 1 written 2026-10-14T11:30:00-04:00")
        assert "for 5,631.00, basis 6,900.00, result −1,269.00, by kraken:f2 at 2026-10-14 12:30:00" in seen.text
        (record,) = await seen.session.harvesting.records()
        assert record.sha256[:16] in seen.text


async def test_a_new_verdict_is_told_once_wherever_one_is(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.see("Unrealized")
        await until(seen.pilot, lambda: seen.session.harvesting.watch.view().judged is not None)
        assert seen.toasts == []
        await seen.sell_all()
        told = "✓ as identified: ETH 12.4 in coinbase, loss −8,984.15 obtained of −8,823.84 (record 1)"

        def is_told() -> bool:
            seen.app.tick()
            return any("AVAX" in one for one in seen.toasts)

        await until(seen.pilot, is_told)
        assert told in seen.toasts
        assert any("partly sold: SOL 40 in kraken, loss −1,269.00 obtained" in one for one in seen.toasts)
        await seen.session.reload_facts()
        await seen.press("2")
        await seen.see("verdicts 3")
        assert len([one for one in seen.toasts if "ETH" in one]) == 1
    async with running(seen.home) as again:
        await again.press("2")
        await again.see("✓ as identified")
        assert again.toasts == []
        again.home.clock.pass_by(hours=1)
    # What a command brought in while the screen was closed is told at the next start.
    async with seen.home.session() as session:
        sale = HarvestStage(seen.home, session, again.app, again.pilot)
        await sale.tell(sale.event("f4", "kraken", ("60", "SOL"), ("8400", "USD")))
    async with running(seen.home) as third:
        await third.press("2")

        def is_told_now() -> bool:
            third.app.tick()
            return bool(third.toasts)

        await until(third.pilot, is_told_now)
        assert third.toasts == ["✓ as identified: SOL 100 in kraken, loss −3,219.00 obtained of −3,128.00 (record 1)"]


async def test_what_went_wrong_is_named_with_a_sign_and_with_who_did_it(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit((("AVAX", "coinbase", None), ("DOT", "binance", "1000")))
        # Sold before the record, as the exchange told only now; and units of the other lot moved away for good.
        early = seen.event("s", "coinbase", ("410", "AVAX"), ("9890", "USD"), minutes_ago=5)
        await seen.tell(early)
        seen.home.clock.pass_by(hours=1)
        await seen.tell(seen.event("g", "binance", ("1200", "DOT"), None, kind="gift_out"))
        await seen.press("2")
        await seen.see("✗ sold before the record")
        await seen.see("✗ eaten by another order")
        dot, avax = seen.line("DOT  "), seen.line("AVAX  ")
        assert "✗ eaten by another order" in dot and " 300 " in dot  # 1,500 less 1,200 are still there
        assert "✗ sold before the record" in avax
        assert "binance:g took 700 DOT at 2026-10-14 12:30:00" in seen.text
        assert "record 1 still waits for a sale: revoke it if there will be none" in seen.text


async def test_the_rest_of_a_record_is_revoked_with_a_reason_and_the_venue_can_be_told(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.sell_all()
        await seen.press("2")
        await seen.see("✓ as identified")
        await seen.press("X")
        assert "Nothing of record 1 is left to take back on this line." in seen.toasts
        await seen.press("j", "j", "X")
        await seen.see("Take back, from now on, what is left of record 1?")
        await seen.press("enter")
        await seen.see("a reason is asked for")
        assert len(await seen.session.harvesting.records()) == 1
        seen.home.clock.pass_by(hours=1)
        await seen.press(*"recovered", "enter")
        await seen.see("✓ sold less")
        records = await seen.session.harvesting.records()
        assert [(one.kind.value, one.about, one.reason) for one in records[1:]] == [("revoke", 1, "recovered")]
        await seen.press("i")
        await seen.see("Keep that kraken has the instruction of record 1 from now on?")
        await seen.press("enter")
        await until(seen.pilot, lambda: "Kept: kraken has the instruction." in seen.toasts)
        assert (await seen.session.harvesting.records())[2].told == ("kraken",)
        assert (await seen.session.harvesting.verify()).is_whole


async def test_a_line_leads_to_its_ticket_its_story_the_clipboard_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with harvest_stage(tmp_path) as seen:
        await seen.commit()
        await seen.sell_all()
        await seen.press("2")
        await seen.see("✓ as identified")
        await seen.press("enter")
        await seen.see("harvest › ticket: record 1")
        assert "coinbase: sell 410 AVAX" in seen.text
        await seen.press("escape", "j", "e")
        await seen.see("why: ETH in coinbase")
        await seen.see("29,455.85")  # the story of the sale, for the lot itself is gone
        await seen.press("escape", "y")
        assert seen.app.clipboard.startswith("✓ 12.4 ETH of 2026-06-14 in coinbase: as identified\n")
        assert "sha256" in seen.app.clipboard
        await seen.press("w")
        await seen.see("Write this into which new file?")
        await seen.press("enter")
        written = tmp_path / "harvest-verdict-1-2.txt"
        await until(seen.pilot, written.exists)
        await until(seen.pilot, lambda: any(one.startswith("Written: ") for one in seen.toasts))
        assert written.read_text("utf-8") == seen.app.clipboard
        await seen.press("w", "enter")
        await seen.see("exists already: choose another name")
        await seen.press("escape")
        assert "exists already" not in seen.text
        await seen.press("E", "enter")
        kept = tmp_path / "harvest-records.jsonl"
        await until(seen.pilot, lambda: f"Written: {kept.name}" in seen.toasts)
        report = check_file(kept.read_bytes())
        assert report == await seen.session.harvesting.verify() and report.sound == 1
        await seen.press("E", "enter")
        await seen.see("exists already: choose another name")


async def test_the_newest_record_is_first_and_the_cursor_stays_on_its_line(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.commit((("AVAX", "coinbase", None),))
        await seen.press("2")
        await seen.see("410 AVAX of 2026-07-18 in coinbase: waiting")
        seen.home.clock.pass_by(hours=1)
        await seen.commit((("LINK", "kraken", None),))
        await seen.see("verdicts 2")
        rows = [line.split()[0] for line in seen.lines if "waits for a sale" in line]
        assert rows == ["2", "1"]
        assert "410 AVAX of 2026-07-18 in coinbase: waiting" in seen.text


async def test_names_from_outside_reach_no_terminal(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        account = AccountId("kraken")
        events = [
            Event(
                EventId(f"kraken:h{number}"),
                account,
                EventKind.TRADE,
                seen.home.clock(),
                Amount(seen.session.portfolio().positions[account, Asset("SOL")].quantity, Asset("USD")),
                Amount(seen.session.portfolio().positions[account, Asset("SOL")].quantity, Asset(name)),
            )
            for number, name in enumerate(HOSTILE_NAMES[:6])
        ]
        await seen.tell(*events)
        await seen.session.harvesting.mark_all({lot.lot_id: None for lot in seen.session.facts().ledger.lots[-6:]})
        await seen.session.harvesting.commit()
        await seen.press("2")
        await seen.see("verdicts 6")
        for key in ("j", "j", "j", "tab", "tab", "j", "j", "j"):
            await seen.press(key)
            assert all(is_harmless(line) for line in seen.lines)
