"""Named plans under keys alone: made, copied, renamed, deleted, compared; and targets that are typed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harvest_tui.core.harvest.targets import Aim
from support.harvest_stage import NARROW, WIDE, harvest_stage
from support.on_screen import until
from support.planner_home import tick
from support.sample_portfolio import NOW


async def test_plans_are_made_copied_renamed_switched_and_deleted(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        plans = seen.session.harvesting
        await seen.press("space", "P")
        await seen.see("harvest › 1 plan, at work on plan")
        assert "d duplicates it, so that two ways can be compared" in seen.text
        await seen.press("d", "enter")
        await seen.see("a plan needs a name of 1 to 40 printable characters")
        await seen.press(*"deep", "enter")
        await seen.see("2 plans, at work on deep")
        assert [len(one.marks) for one in plans.plans.plans] == [1, 1]
        await seen.press("n", *"deep", "enter")
        await seen.see("there already is a plan called 'deep'")
        await seen.press("2", "enter")
        await seen.see("3 plans, at work on deep2")
        await seen.press("r")
        await seen.see("What is deep2 called from now on?")  # the cursor went along with what was made
        await seen.press("escape", "k", "k", "r")
        await seen.see("What is plan called from now on?")
        await seen.press(*["backspace"] * 4, *"mild", "enter")
        await until(seen.pilot, lambda: [one.name for one in plans.plans.plans] == ["mild", "deep", "deep2"])
        await seen.press("enter")
        await seen.see("at work on mild")
        await seen.press("X")
        await seen.see("Delete plan mild with 1 mark?")
        await seen.press("escape", "X", "enter")
        await seen.see("2 plans, at work on deep")
        await seen.press("u")
        await seen.see("3 plans, at work on mild")
        await seen.press("ctrl+r")
        await seen.see("2 plans, at work on deep")
        await seen.press("X", "enter")
        await until(seen.pilot, lambda: len(plans.plans.plans) == 1)
        await seen.press("X", "enter")
        await seen.see("the last plan cannot be deleted")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["140x40", "80x24"])
async def test_two_plans_stand_beside_each_other_before_and_after(tmp_path: Path, size: tuple[int, int]) -> None:
    async with harvest_stage(tmp_path, size) as seen:
        await seen.press("space", "P", "d", *"deep", "enter")
        await seen.see("at work on deep")
        await seen.press("escape", "A")
        await until(seen.pilot, lambda: len(seen.session.harvesting.marked()) == 5)
        await seen.press("P", "k")
        mild, deep = seen.line(" plan  "), seen.line("▸")
        # One lot of ETH loses 8,942.30 after fees; the best set takes the tax of 19,850.00 down by 2,940.00.
        assert "8,942.30" in mild and "17,725.69" in mild and "+638.21" in mild
        assert "deep" in deep and "16,910.00" in deep and "12,650.00" in deep
        assert "federal tax 19,850.00 → 17,725.69" in seen.text
        assert "against deep: 5 lots otherwise, tax +815.69, net benefit −220.65" in seen.text
        assert "UNI in binance: not marked here, all 300 in deep" in seen.text
        await seen.press("equals_sign", "j")
        await seen.see("against plan: 5 lots otherwise, tax −815.69, net benefit +220.65")


@pytest.mark.parametrize(
    ("typed", "aim", "said"),
    [
        ("loss 5000", (Aim.LOSS, Decimal(5000)), "so much loss: 5,000.00"),
        ("loss:$1,234.50", (Aim.LOSS, Decimal("1234.50")), "so much loss: 1,234.50"),
        ("gain 3000", (Aim.GAIN, Decimal(3000)), "untaxed long-term gains"),
        ("offset gains", (Aim.OFFSET_GAINS, Decimal(0)), "offset this year's gains"),
    ],
)
async def test_a_target_is_typed(tmp_path: Path, typed: str, aim: tuple[Aim, Decimal], said: str) -> None:
    keys = {" ": "space", ":": "colon", "$": "dollar_sign", ",": "comma", ".": "full_stop"}
    async with harvest_stage(tmp_path) as seen:
        await seen.press("ctrl+t")
        await seen.see("What shall the best set be chosen for?")
        await seen.press(*(keys.get(one, one) for one in typed), "enter")
        await seen.see(f"Best set for {said}")
        assert seen.session.planner._aim == aim


async def test_a_target_that_makes_no_sense_can_be_mended(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.press("ctrl+t", *"loss", "enter")
        await seen.see("how much loss is not told: write dollars, for example loss 5000")
        await seen.press("space", "0", "enter")
        await seen.see("that target aims at nothing")
        await seen.press(*["backspace"] * 6, *"best", "space", "9", "enter")
        await seen.see("best takes no amount")
        await seen.press("backspace", "backspace", "enter")
        await seen.see("Best set for largest net benefit")


async def test_a_plan_is_named_once_where_it_is_written_down(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path) as seen:
        await seen.press("space", "C")
        await seen.see("Write down plan: 1 lot")
        await seen.press("escape", "P", "d", *"deep", "enter")
        await seen.see("at work on deep")
        await seen.press("escape", "C")
        await seen.see("Write down plan deep: 1 lot")


async def test_a_gift_is_marked_as_losing_only_below_its_value_at_the_gift(tmp_path: Path) -> None:
    given = f"G1,{(NOW - timedelta(days=90)).isoformat()},kraken,gift_in,,,3,GIFTED,60,2025-01-02T00:00:00Z,400"
    async with harvest_stage(tmp_path, rows=(given,)) as seen:
        tick(seen.session, "GIFTED", "24.1")  # 72.30: below the giver's 400, above the 60 that losses count from
        await seen.press("f", *"gifted", "enter", "M")
        await until(seen.pilot, lambda: "No lot of GIFTED loses at this price." in seen.toasts)
        tick(seen.session, "GIFTED", "10")
        await seen.see("−370.00▼")
        await seen.press("M")
        await until(seen.pilot, lambda: [one.mark.asset for one in seen.session.harvesting.marked()] == ["GIFTED"])
