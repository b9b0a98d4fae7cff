"""What the simulated user does on one venue at one instant; each deed is booked at once and never overdraws."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from random import Random

from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.simulator.book import Book
from harvest_tui.simulator.habits import HABITS, NETWORK_FEES
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

PriceAt = Callable[[str, int], Decimal]
_SECOND = 1_000_000


def cut(value: Decimal, digits: int) -> Decimal:
    """Rounded down to so many decimals."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN, context=ROUNDED)


class Life:
    """One account and the habits of its owner. Methods return False where the account cannot afford the deed."""

    def __init__(self, venue: str, random: Random, price_at: PriceAt) -> None:
        self.venue = venue
        self.habits = HABITS[venue]
        self.book = Book(compounds=venue == "kraken")
        self._random = random
        self._ask_price = price_at
        self._prices: dict[str, Decimal] = {}
        self._prices_at_us = 0

    def _price_at(self, asset: str, at_us: int) -> Decimal:
        if at_us != self._prices_at_us:
            self._prices_at_us = at_us
            self._prices.clear()
        price = self._prices.get(asset)
        if price is None:
            price = self._prices[asset] = self._ask_price(asset, at_us)
        return price

    def worth(self, asset: str, at_us: int) -> Decimal:
        """US dollars of the free units."""
        return ROUNDED.multiply(self.book.free(asset), self._price_at(asset, at_us))

    def fund(self, at_us: int, dollars: int) -> bool:
        """A bank deposit of US dollars; turned into the quote coin where the venue has no dollar markets."""
        sum_in = Leg("USD", Decimal(dollars) + Decimal(self._random.randrange(0, 9900, 25)) / 100)
        self._book(at_us, HappeningKind.DEPOSIT, received=sum_in, txid=self.token(20), peer="bank")
        if self.habits.quote != "USD":
            price = self._price_at(self.habits.quote, at_us)
            bought = cut(ROUNDED.divide(sum_in.quantity, price), 8)
            self._book(
                at_us + 90 * _SECOND, HappeningKind.CONVERT, sent=sum_in, received=Leg(self.habits.quote, bought)
            )
        return True

    def cash_out(self, at_us: int) -> bool:
        """A bank withdrawal of some US dollars."""
        sum_out = cut(ROUNDED.multiply(self.book.free("USD"), Decimal("0.2")), 2)
        if sum_out < 20:
            return False
        fee = Leg("USD", Decimal(4)) if self.venue == "kraken" else None
        self._book(at_us, HappeningKind.WITHDRAWAL, sent=Leg("USD", sum_out), fee=fee, txid=self.token(20), peer="bank")
        return True

    def buy(self, at_us: int, coin: str, dollars: Decimal, fills: int = 1) -> bool:
        """A limit order for about so many dollars of the coin, filled in one or more parts at one instant."""
        quote = self.habits.quote
        price = self._limit_price(coin, quote, at_us, 1)
        budget = min(
            ROUNDED.divide(dollars, self._price_at(quote, at_us)),
            ROUNDED.multiply(self.book.free(quote), Decimal("0.98")),
        )
        return self._fill(at_us, HappeningKind.BUY, (coin, quote), price, ROUNDED.divide(budget, price), fills)

    def sell(self, at_us: int, coin: str, share: Decimal, fills: int = 1) -> bool:
        """A limit order that sells a share of the free units."""
        price = self._limit_price(coin, self.habits.quote, at_us, -1)
        quantity = ROUNDED.multiply(self.book.free(coin), share)
        return self._fill(at_us, HappeningKind.SELL, (coin, self.habits.quote), price, quantity, fills)

    def sell_units(self, at_us: int, coin: str, units: Decimal) -> bool:
        """A limit order that sells so many units, filled a little short of them."""
        price = self._limit_price(coin, self.habits.quote, at_us, -1)
        return self._fill(at_us, HappeningKind.SELL, (coin, self.habits.quote), price, units, 1)

    def trade(self, at_us: int, kind: HappeningKind, sent: Leg, received: Leg, market: str) -> None:
        """A trade with both sides given, and no fee."""
        self._book(at_us, kind, sent=sent, received=received, market=market)

    def swap(self, at_us: int, market: tuple[str, str], share: Decimal, buys_base: bool) -> bool:
        """A trade on a market whose quote is a coin."""
        base, quote = market
        price = self._limit_price(base, quote, at_us, 1 if buys_base else -1)
        given = ROUNDED.multiply(self.book.free(quote if buys_base else base), share)
        quantity = ROUNDED.divide(given, price) if buys_base else given
        return self._fill(at_us, HappeningKind.SWAP, market, price, quantity, 1, buys_base)

    def convert(self, at_us: int, given: str, wanted: str, share: Decimal) -> bool:
        """The venue's own one-click exchange; its margin is in the price."""
        quantity = cut(ROUNDED.multiply(self.book.free(given), share), 8)
        if ROUNDED.multiply(quantity, self._price_at(given, at_us)) < 5:
            return False
        value = ROUNDED.multiply(quantity, ROUNDED.multiply(self._price_at(given, at_us), Decimal("0.995")))
        received = cut(ROUNDED.divide(value, self._price_at(wanted, at_us)), 8)
        self._book(at_us, HappeningKind.CONVERT, sent=Leg(given, quantity), received=Leg(wanted, received))
        return True

    def instant_buy(self, at_us: int, coin: str, dollars: int) -> bool:
        """A simple buy with US dollars and a dollar fee."""
        fee = cut(Decimal(dollars) * Decimal("0.0149"), 2)
        if self.book.free("USD") < dollars + fee:
            return False
        price = ROUNDED.multiply(self._price_at(coin, at_us), Decimal("1.005"))
        received = cut(ROUNDED.divide(Decimal(dollars), price), 8)
        legs = Leg("USD", Decimal(dollars)), Leg(coin, received)
        self._book(at_us, HappeningKind.INSTANT_BUY, sent=legs[0], received=legs[1], fee=Leg("USD", fee))
        return True

    def stake(self, at_us: int, coin: str, share: Decimal) -> bool:
        """Moves free units into the staking wallet."""
        quantity = cut(ROUNDED.multiply(self.book.free(coin), share), 8)
        return self._move(at_us, HappeningKind.STAKE, coin, quantity)

    def unstake(self, at_us: int, coin: str, share: Decimal) -> bool:
        """Moves staked units back."""
        quantity = cut(ROUNDED.multiply(self.book.staked.get(coin, Decimal(0)), share), 8)
        return self._move(at_us, HappeningKind.UNSTAKE, coin, quantity)

    def reward(self, at_us: int, coin: str, yearly_rate: Decimal) -> bool:
        """A week's staking reward."""
        staked = self.book.staked.get(coin, Decimal(0))
        reward = cut(ROUNDED.divide(ROUNDED.multiply(staked, yearly_rate), Decimal(52)), self.habits.fine_rewards)
        if not reward:
            return False
        self._book(at_us, HappeningKind.REWARD, received=Leg(coin, reward))
        return True

    def sweep_dust(self, at_us: int) -> bool:
        """All small balances turned into BNB at one instant: one happening a coin, the sweep's id in `txid`.

        `received` is before the service charge, which is `fee` (2 % of it, in BNB).
        """
        coins = (*self.habits.side_coins, *self.habits.coins)
        small = [coin for coin in coins if coin != "BNB" and self.book.free(coin) and self.worth(coin, at_us) < 12]
        sweep = str(self._random.randrange(10**10, 10**11))
        done = False
        for coin in small:
            bnb = cut(ROUNDED.divide(self.worth(coin, at_us), self._price_at("BNB", at_us)), 8)
            fee = cut(ROUNDED.multiply(bnb, Decimal("0.02")), 8)
            if fee:
                sent = Leg(coin, self.book.free(coin))
                self._book(
                    at_us, HappeningKind.DUST, sent=sent, received=Leg("BNB", bnb), fee=Leg("BNB", fee), txid=sweep
                )
                done = True
        return done

    def send(self, at_us: int, coin: str, share: Decimal, peer: str) -> Happening | None:
        """A withdrawal to the address of `peer`; None where there is too little to send."""
        fee = NETWORK_FEES[coin]
        quantity = cut(ROUNDED.multiply(self.book.free(coin), share), 8)
        if quantity < fee * 4 or EXACT.add(quantity, fee) > self.book.free(coin):
            return None
        legs, txid = (Leg(coin, quantity), Leg(coin, fee)), self.chain_id(coin)
        return self._book(
            at_us, HappeningKind.WITHDRAWAL, sent=legs[0], fee=legs[1], txid=txid, address=self.address(coin), peer=peer
        )

    def receive(self, at_us: int, leg: Leg, txid: str, address: str, peer: str) -> Happening:
        """A deposit from another wallet."""
        return self._book(at_us, HappeningKind.DEPOSIT, received=leg, txid=txid, address=address, peer=peer)

    def token(self, length: int) -> str:
        """Random lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def chain_id(self, coin: str) -> str:
        """A transaction hash as the coin's chain writes it."""
        return "0x" + self.token(64) if coin in {"ETH", "USDC", "USDT"} else self.token(64)

    def address(self, coin: str) -> str:
        """A made-up address of the coin's chain."""
        return {"BTC": "bc1q", "ETH": "0x", "LTC": "ltc1q", "XRP": "r"}.get(coin, "") + self.token(38)

    def _fill(
        self,
        at_us: int,
        kind: HappeningKind,
        market: tuple[str, str],
        price: Decimal,
        quantity: Decimal,
        fills: int,
        buys_base: bool | None = None,
    ) -> bool:
        buys = kind is HappeningKind.BUY if buys_base is None else buys_base
        digits = self.habits.quantity_digits(self._price_at(market[0], at_us))
        part = cut(ROUNDED.divide(ROUNDED.multiply(quantity, Decimal("0.985")), Decimal(fills)), digits)
        if ROUNDED.multiply(part, self._price_at(market[0], at_us)) < 2:
            return False
        digits = self.habits.money_digits if market[1] in {"USD", "USDT"} else max(8, self.habits.money_digits)
        cost = EXACT.multiply(part, price)
        if -int(cost.as_tuple().exponent) > digits:
            cost = cost.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=ROUNDED)
        base, quote = Leg(market[0], part), Leg(market[1], cost)
        sent, received = (quote, base) if buys else (base, quote)
        for _ in range(fills):
            fee = self._fee(at_us, base, quote, received)
            self._book(at_us, kind, sent=sent, received=received, fee=fee, market="/".join(market))
        return True

    def _fee(self, at_us: int, base: Leg, quote: Leg, received: Leg) -> Leg:
        rate = self.habits.fee_rate
        if self.habits.pays_in_bnb:
            value = ROUNDED.multiply(quote.quantity, self._price_at(quote.asset, at_us))
            discounted = ROUNDED.multiply(ROUNDED.multiply(value, rate), Decimal("0.75"))
            in_bnb = cut(ROUNDED.divide(discounted, self._price_at("BNB", at_us)), 8)
            if in_bnb and "BNB" not in (base.asset, quote.asset) and self.book.free("BNB") > in_bnb * 3:
                return Leg("BNB", in_bnb)
            return Leg(received.asset, cut(ROUNDED.multiply(received.quantity, rate), 8))
        if received is base and self._random.random() < self.habits.base_fee_share:
            return Leg(base.asset, cut(ROUNDED.multiply(base.quantity, rate), 10))
        digits = min(14, self.habits.money_digits) if quote.asset == "USD" else 10
        return Leg(quote.asset, cut(ROUNDED.multiply(quote.quantity, rate), digits))

    def _limit_price(self, base: str, quote: str, at_us: int, side: int) -> Decimal:
        fair = ROUNDED.divide(self._price_at(base, at_us), self._price_at(quote, at_us))
        price = ROUNDED.multiply(fair, Decimal(10_000 + side * self._random.randrange(0, 9)).scaleb(-4))
        digits = self.habits.price_digits(price) if quote in {"USD", "USDT"} else 5
        return cut(price, digits)

    def _move(self, at_us: int, kind: HappeningKind, coin: str, quantity: Decimal) -> bool:
        if ROUNDED.multiply(quantity, self._price_at(coin, at_us)) < 10:
            return False
        self._book(at_us, kind, sent=Leg(coin, quantity), received=Leg(coin, quantity))
        return True

    def _book(
        self,
        at_us: int,
        kind: HappeningKind,
        *,
        sent: Leg | None = None,
        received: Leg | None = None,
        fee: Leg | None = None,
        market: str = "",
        txid: str = "",
        address: str = "",
        peer: str = "",
    ) -> Happening:
        if fee is not None and not fee.quantity:
            fee = None
        number = len(self.book.happenings) + 1
        return self.book.append(Happening(number, at_us, kind, sent, received, fee, market, txid, address, peer))
