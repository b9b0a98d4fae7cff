"""The scenarios of the demo, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from harvest_tui.core.money import ROUNDED
from harvest_tui.simulator.life import PriceAt
from harvest_tui.simulator.prices import DAY_US, sensible
from harvest_tui.simulator.scenario import UNTOLD, Conduct, Fall, Plant, Scenario, bought, received, sold, traded
from harvest_tui.simulator.venue import HappeningKind

_DAYS_TO_LONG = 363
"""Bought so many days ago, units are long-term in three days: on the day after a whole year."""
_NFT_LEDGER = """\
id,time,account,kind,sent_amount,sent_asset,received_amount,received_asset,fee_amount,fee_asset,fee_value,value,acquired,cost_basis,txid,note
o1,2021-11-02T10:00:00Z,metamask,opening,,,6,ETH,,,,,2021-10-20,24600,,bought on an exchange that is gone
n1,2021-11-12T18:20:00Z,metamask,nft_trade,2.4,ETH,1,Glyphs#204,0.03,ETH,140,11100,,,0x5f1d0c,floor was 2.3 ETH
n2,2022-01-22T09:05:00Z,metamask,nft_trade,1.1,ETH,1,PaperFrogs#7731,0.02,ETH,50,2650,,,0x88e2aa,
n3,2022-04-03T21:40:00Z,metamask,nft_trade,0.75,ETH,1,PaperFrogs#118,0.015,ETH,52,2610,,,0x91c777,
"""


def _ago(now_us: int, days: float) -> int:
    return now_us - round(days * DAY_US)


def _extreme(price_at: PriceAt, now_us: int, coin: str, days: tuple[int, int], *, dearest: bool) -> int:
    """The instant, so many days ago at the most and at the least, at which the coin was dearest (or cheapest)."""
    instants = [_ago(now_us, day) for day in range(*sorted(days))]
    return (max if dearest else min)(instants, key=lambda at_us: price_at(coin, at_us))


def _turning_long(price_at: PriceAt, now_us: int) -> Sequence[Plant]:
    return (
        Plant(_ago(now_us, _DAYS_TO_LONG), "kraken", bought("AVAX", 9_000)),
        Plant(_ago(now_us, _DAYS_TO_LONG - 1), "kraken", bought("DOGE", 6_000)),
    )


def _loss_and_gain(price_at: PriceAt, now_us: int) -> Mapping[str, Decimal]:
    """AVAX at most at 70 % of what it cost, DOGE at least at 135 %."""
    paid = {coin: price_at(coin, _ago(now_us, days)) for coin, days in (("AVAX", 363), ("DOGE", 362))}
    floor = ROUNDED.multiply(paid["AVAX"], Decimal("0.7"))
    top = ROUNDED.multiply(paid["DOGE"], Decimal("1.35"))
    pegs = {"AVAX": min(floor, price_at("AVAX", now_us)), "DOGE": max(top, price_at("DOGE", now_us))}
    return {coin: sensible(float(price)) for coin, price in pegs.items()}


def _oldest_first(price_at: PriceAt, now_us: int) -> Sequence[Plant]:
    cheap = _extreme(price_at, now_us, "DOGE", (400, 1400), dearest=False)
    dear = _extreme(price_at, now_us, "DOGE", (40, 340), dearest=True)
    return Plant(cheap, "kraken", bought("DOGE", 5_000)), Plant(dear, "kraken", bought("DOGE", 14_000))


def _missing_deposit(price_at: PriceAt, now_us: int) -> Sequence[Plant]:
    return (
        Plant(_ago(now_us, 700), "kraken", received("AVAX", "160", UNTOLD)),
        Plant(_ago(now_us, 420), "kraken", sold("AVAX", "45")),
        Plant(_ago(now_us, 330), "kraken", bought("AVAX", 4_000)),
    )


def _dead_coin(price_at: PriceAt, now_us: int) -> Sequence[Plant]:
    buy = traded(HappeningKind.BUY, ("8400", "USD"), ("5250.5", "DEADX"), "DEADX/USD")
    return (Plant(_ago(now_us, 1500), "kraken", buy),)


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "crash",
            "A crash day. Ten seconds after the lots are there the market falls by 14 percent, then by 12, then by 9. "
            "Losses that were not worth selling for pass the trigger: an alert says so, once for each, and the planner "
            "(p) shows what the best set saves while the prices move. Mark it with A, write it down with C.",
            falls=(Fall(10, 14), Fall(30, 12), Fall(55, 9)),
        ),
        Scenario(
            "turning-long",
            "Two lots on Kraken turn long-term within days. AVAX is a loss: it offsets the short-term gains of this "
            "year at the ordinary rate now and is worth less once it is long-term, so it should not wait. DOGE is a "
            "gain: sold now it is taxed at the ordinary rate, in a few days at the lower one, so it should. The "
            "planner puts a price on both clocks.",
            sow=_turning_long,
            pegs=_loss_and_gain,
            listed={"kraken": ("AVAX", "DOGE")},
        ),
        Scenario(
            "oldest-first",
            "Kraken sells the oldest units first, and here those are a gain: DOGE bought cheaply years ago lies before "
            "DOGE bought dearly. A plain sale would realize the gain and leave the loss. Mark the dear lot, write it "
            "down (C) before the sale, and the simulated you sells that many units at the venue: with the record the "
            "sale takes the dear lot, without one the deep loss is out of reach.",
            sow=_oldest_first,
            conduct=Conduct.AS_PLANNED,
            listed={"kraken": ("DOGE",)},
        ),
        Scenario(
            "missing-deposit",
            "Kraken holds AVAX that came by a deposit which its history does not tell. A later sale has no purchase "
            "behind it and the balance is larger than the lots: both stand under problems (!) with what to do about "
            "them, nothing is guessed, and the AVAX that was bought is not proposed for sale until you give a reason.",
            sow=_missing_deposit,
            listed={"kraken": ("AVAX",)},
        ),
        Scenario(
            "dead-coin",
            "Kraken still holds 5,250.5 DEADX, bought for $8,400, which no market trades any more. It has no price, so "
            "it is worth nothing certain: no value is counted, no saving is promised, and the loss is real only once "
            "somebody who is a stranger to you has bought the coins.",
            sow=_dead_coin,
        ),
        Scenario(
            "nft",
            "A wallet of your own, read from a ledger file, holds three NFTs bought with ether in 2021 and 2022. No "
            "exchange prices them and no unit stands for another: each is a lot of its own, without a value until "
            "there is a buyer, and at the end perhaps a collectible.",
            ledger=_NFT_LEDGER,
        ),
        Scenario(
            "as-planned",
            "You sell exactly what you wrote down. After the market has fallen, mark lots (space, or A for the best "
            "set) and write them down with C. Some seconds later the simulated you sells those units at their venue in "
            "two fills, the next sync finds them and the verdict is as identified; then the units are bought back, "
            "and the new lots start new clocks.",
            falls=(Fall(6, 18),),
            conduct=Conduct.AS_PLANNED,
        ),
        Scenario(
            "against-plan",
            "You do not keep to what you wrote down. The first lot you mark is sold before any record is made; of what "
            "you then write down, one position is sold in part, the next in another account, the next beyond what was "
            "recorded. Each verdict says what happened, who took the units and what is left to sell.",
            falls=(Fall(6, 18),),
            conduct=Conduct.AGAINST_PLAN,
        ),
    )
}
"""Every scenario that `harvest-tui demo --scenario` knows."""
