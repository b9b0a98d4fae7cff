"""The simulated user at the venues: orders that fill at the market price. The monitor itself knows no such thing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from harvest_tui.core.money import EXACT, ROUNDED, plain
from harvest_tui.simulator.habits import HABITS
from harvest_tui.simulator.life import cut
from harvest_tui.simulator.process import SimulatorProcess

_MONEY_DIGITS = 8
"""Decimals of a fill's cost and fee: what every venue here can tell."""


class Customer:
    """Sells and buys by market orders, with the venue's usual fee in dollars on top."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        self._simulator = simulator

    async def sell(self, venue: str, asset: str, quantity: Decimal, price: Decimal | None = None) -> Decimal:
        """Sells so many units at a price in US dollars (the market's where none is given); the dollars it fetched
        before the fee. Raises ValueError where fewer are free."""
        return await self._trade("sell", venue, asset, quantity, price)

    async def buy(self, venue: str, asset: str, quantity: Decimal, price: Decimal | None = None) -> Decimal:
        """Buys so many units, from a bank deposit where the account has too little; the dollars paid before the fee."""
        return await self._trade("buy", venue, asset, quantity, price)

    async def sell_in_parts(self, venue: str, asset: str, parts: Sequence[Decimal]) -> None:
        """One sale after the other, each at the market price of its moment."""
        for part in parts:
            if part > 0:
                await self.sell(venue, asset, part)

    async def free(self, venue: str, asset: str) -> Decimal:
        """Units that an order can sell now."""
        held = await self._simulator.free(venue)
        return Decimal(held.get(asset, "0"))

    async def _trade(self, kind: str, venue: str, asset: str, quantity: Decimal, price: Decimal | None) -> Decimal:
        quote = HABITS[venue].quote
        if price is None:
            price = Decimal(await self._simulator.price(asset))
            price = ROUNDED.divide(price, Decimal(await self._simulator.price(quote)))
        cost = EXACT.multiply(quantity, price) if quote == "USD" else ROUNDED.multiply(quantity, price)
        cost = cost.quantize(Decimal(1).scaleb(-_MONEY_DIGITS), rounding=ROUND_HALF_UP, context=ROUNDED)
        fee = cut(ROUNDED.multiply(cost, HABITS[venue].fee_rate), _MONEY_DIGITS)
        coins, money = [plain(quantity), asset], [plain(cost), quote]
        if kind == "buy":
            await self._fund(venue, quote, EXACT.add(cost, fee))
        sides = {"sent": coins, "received": money} if kind == "sell" else {"sent": money, "received": coins}
        told = {"kind": kind, "market": f"{asset}/{quote}", **sides}
        if fee:
            told["fee"] = [plain(fee), quote]
        await self._simulator.happen(venue, told)
        return cost

    async def _fund(self, venue: str, quote: str, wanted: Decimal) -> None:
        missing = EXACT.subtract(wanted, await self.free(venue, quote))
        if missing > 0:
            sum_in = [plain(cut(EXACT.add(missing, Decimal(1)), 2)), quote]
            bank = {"txid": f"{int(missing):020x}", "peer": "bank"}
            await self._simulator.happen(venue, {"kind": "deposit", "received": sum_in, **bank})
