"""What the simulated user does on each venue: coins, markets, fees, and how exactly quantities are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from harvest_tui.simulator.venue import HappeningKind


@dataclass(frozen=True, slots=True)
class Habits:
    """Trading life on one venue. `fee_rate` is a share of the cost; digits are decimals after the point."""

    quote: str
    coins: tuple[str, ...]
    side_coins: tuple[str, ...]
    crosses: tuple[tuple[str, str], ...]
    stakes: tuple[str, ...]
    fee_rate: Decimal
    money_digits: int
    base_fee_share: float = 0.0
    pays_in_bnb: bool = False
    has_instant_buys: bool = False
    has_dust: bool = False
    lot_steps: bool = False
    """Quantities follow Binance's lot steps, so that price x quantity ends within 8 decimals."""
    fine_rewards: int = 8
    """Decimals of staking rewards."""

    def quantity_digits(self, price: Decimal) -> int:
        """Decimals of a traded quantity at this price."""
        if not self.lot_steps:
            return 8
        return 5 if price >= 10_000 else 4 if price >= 1_000 else 3 if price >= 50 else 2

    def price_digits(self, price: Decimal) -> int:
        """Decimals of a limit price."""
        if price >= 1_000:
            return 1 if self.fine_rewards == 10 else 2
        return 2 if price >= 50 else 4 if price >= 1 else 6


HABITS: Mapping[str, Habits] = {
    "kraken": Habits(
        quote="USD",
        coins=("BTC", "ETH", "SOL", "ADA", "DOT", "LINK"),
        side_coins=("XRP", "LTC"),
        crosses=(("ETH", "BTC"), ("SOL", "ETH"), ("SOL", "BTC"), ("LTC", "BTC")),
        stakes=("SOL", "DOT", "ETH"),
        fee_rate=Decimal("0.0026"),
        money_digits=4,
        base_fee_share=0.08,
        has_instant_buys=True,
        fine_rewards=10,
    ),
    "coinbase": Habits(
        quote="USD",
        coins=("BTC", "ETH", "SOL", "AVAX", "LINK", "DOGE"),
        side_coins=("LTC", "XRP"),
        crosses=(("ETH", "BTC"), ("SOL", "ETH"), ("SOL", "BTC"), ("LINK", "ETH")),
        stakes=("ETH", "SOL"),
        fee_rate=Decimal("0.006"),
        money_digits=18,
        has_instant_buys=True,
        fine_rewards=18,
    ),
    "binance": Habits(
        quote="USDT",
        coins=("BTC", "ETH", "SOL", "BNB", "ADA", "AVAX"),
        side_coins=("XRP", "LTC", "ATOM", "POL"),
        crosses=(("ETH", "BTC"), ("SOL", "ETH"), ("BNB", "BTC"), ("SOL", "BTC")),
        stakes=("SOL", "ADA"),
        fee_rate=Decimal("0.001"),
        money_digits=8,
        pays_in_bnb=True,
        has_dust=True,
        lot_steps=True,
    ),
    "binanceus": Habits(
        quote="USD",
        coins=("BTC", "ETH", "SOL", "BNB", "DOGE", "ADA"),
        side_coins=("XRP", "LTC", "ATOM"),
        crosses=(("ETH", "BTC"), ("SOL", "ETH"), ("BNB", "BTC"), ("SOL", "BTC")),
        stakes=("SOL", "ADA"),
        fee_rate=Decimal("0.0038"),
        money_digits=8,
        pays_in_bnb=True,
        has_dust=True,
        lot_steps=True,
    ),
}

TRADES = frozenset({HappeningKind.BUY, HappeningKind.SELL, HappeningKind.SWAP})

NETWORK_FEES: Mapping[str, Decimal] = {
    "BTC": Decimal("0.0002"),
    "ETH": Decimal("0.0015"),
    "SOL": Decimal("0.01"),
    "LTC": Decimal("0.002"),
    "XRP": Decimal("0.25"),
}
"""What a withdrawal costs in its own coin; only these coins travel between venues."""


def markets_of(venue: str) -> list[tuple[str, str]]:
    """(base, quote) of every market of the venue, in a fixed order."""
    habits = HABITS[venue]
    stables = [coin for coin in ("USDC", "USDT") if coin != habits.quote]
    found = [(coin, habits.quote) for coin in (*habits.coins, *habits.side_coins, *stables)]
    if venue == "binanceus":
        found += [(coin, "USDT") for coin in ("BTC", "ETH", "SOL")]
    return found + list(habits.crosses)


def rows_told(venue: str, kind: HappeningKind) -> int:
    """About how many raw rows the venue tells of a happening.

    Kraken's ledger has a row for each side; Coinbase has a fill and a row in each of two wallets.
    """
    two_sided = kind in TRADES or kind in {HappeningKind.CONVERT, HappeningKind.INSTANT_BUY}
    moves = kind in {HappeningKind.STAKE, HappeningKind.UNSTAKE}
    if venue == "coinbase" and kind in TRADES:
        return 3
    return 2 if (venue == "kraken" and (two_sided or moves)) or (venue == "coinbase" and moves) else 1
