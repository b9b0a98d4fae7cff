"""Several years of one person's accounts on several venues, the same for the same seed.

Weekly buys, sells, coin-for-coin trades, converts, instant buys, staking, dust sweeps, bank moves, and coins
sent between the venues (the withdrawal and the deposit share `txid`; what arrives is what was sent, the network
fee is on top). Two realities are planted: coins that arrive from an unknown wallet (their origin is
missing everywhere) and a withdrawal to a wallet outside; both carry `peer="outside"`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush
from random import Random

from harvest_tui.core.money import ROUNDED
from harvest_tui.simulator.habits import NETWORK_FEES, rows_told
from harvest_tui.simulator.life import Life, PriceAt
from harvest_tui.simulator.prices import DAY_US
from harvest_tui.simulator.scenario import Plant
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

START_US = 1_641_202_200_000_000
"""2022-01-03 09:30 UTC."""
_WEEK_US = 7 * DAY_US
_LEAST_STEPS = 14
_SPLIT_SHARE = 0.04
"""Of the day trades, the part that fills in three at one instant."""

Deed = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much happens on a venue: steps of regular life, and further trades between them."""

    steps: int
    extra_trades: int = 0


@dataclass(slots=True)
class _Agenda:
    """Deeds by time; equal times keep the order in which they were noted."""

    heap: list[tuple[int, int, str, Deed]] = field(default_factory=list)
    noted: int = 0

    def note(self, at_us: int, venue: str, deed: Deed) -> None:
        self.noted += 1
        heappush(self.heap, (at_us, self.noted, venue, deed))


class Generator:
    """Lives the lives of one person on all venues side by side, in order of time."""

    def __init__(
        self, seed: int, paces: Mapping[str, Pace], price_at: PriceAt, end_us: int, plants: Sequence[Plant] = ()
    ) -> None:
        self._random = Random(f"{seed}:{','.join(paces)}")
        self._end_us = end_us
        self._paces = paces
        self._plants = plants
        self._agenda = _Agenda()
        self.lives = {venue: Life(venue, Random(f"{seed}:{venue}"), price_at) for venue in paces}

    def run(self) -> dict[str, Life]:
        """The lives with their books filled up to the end."""
        for venue, pace in self._paces.items():
            stride = (self._end_us - START_US) // pace.steps
            offset = len(venue) * 900_000_000
            for step in range(pace.steps):
                at_us = START_US + step * stride + offset + self._random.randrange(3 * 3600) * 1_000_000
                self._agenda.note(at_us, venue, self._step(venue, step))
            for _ in range(pace.extra_trades):
                at_us = self._random.randrange(START_US + stride // 2, self._end_us)
                self._agenda.note(at_us, venue, self._extra_trade(venue))
        self._plant()
        for plant in self._plants:
            self._agenda.note(plant.at_us, plant.venue, partial(plant.deed, self.lives[plant.venue]))
        while self._agenda.heap:
            at_us, _, venue, deed = heappop(self._agenda.heap)
            happened = self.lives[venue].book.happenings
            deed(max(at_us, happened[-1].at_us + 1_000) if happened else at_us)
        return self.lives

    def _step(self, venue: str, step: int) -> Deed:
        """A week of regular life: what falls on this step, some minutes apart."""
        life, random = self.lives[venue], self._random
        habits = life.habits

        def live(at_us: int) -> None:
            deeds: list[Deed] = []
            if step % 4 == 0:
                deeds.append(lambda at: life.fund(at, random.randrange(1_100, 1_900, 100)))
            for coin in habits.stakes:
                deeds.append(lambda at, coin=coin: life.reward(at, coin, Decimal("0.05")))  # type: ignore[misc]
            for place in range(1 + step % 2):
                coin = habits.coins[(step + place * 2) % len(habits.coins)]
                dollars = Decimal(random.randrange(90, 420))
                deeds.append(lambda at, coin=coin, dollars=dollars: life.buy(at, coin, dollars))  # type: ignore[misc]
            deeds.extend(self._occasions(life, step))
            for number, deed in enumerate(deeds):
                deed(at_us + number * 420_000_000 + random.randrange(180_000_000))

        return live

    def _occasions(self, life: Life, step: int) -> list[Deed]:
        """What happens only now and then."""
        random, habits = self._random, life.habits
        coins, side = habits.coins, habits.side_coins
        some = coins[(step // 3) % len(coins)]
        other = coins[(step // 3 + 1) % len(coins)]
        stake = habits.stakes[(step // 13) % len(habits.stakes)]
        market = habits.crosses[(step // 7) % len(habits.crosses)]
        share = Decimal(random.randrange(8, 40)) / 100
        nearly_all = Decimal(random.randrange(985, 998)) / 1000
        occasions: list[tuple[bool, Deed]] = [
            (step % 8 == 1, lambda at: life.buy(at, side[(step // 8) % len(side)], Decimal(random.randrange(60, 160)))),
            (step % 5 == 3, lambda at: life.sell(at, some, share)),
            (step % 8 == 5, lambda at: life.sell(at, side[(step // 8) % len(side)], nearly_all)),
            (step % 7 == 5, lambda at: life.swap(at, market, share / 2, step % 2 == 0)),
            (step % 10 == 6, lambda at: life.convert(at, some, other, share / 2)),
            (
                habits.has_instant_buys and step % 6 == 2,
                lambda at: life.instant_buy(at, some, random.randrange(50, 400, 25)),
            ),
            (step % 13 == 4, lambda at: life.stake(at, stake, Decimal("0.5"))),
            (step % 39 == 11, lambda at: life.unstake(at, stake, Decimal("0.4"))),
            (habits.has_dust and step % 24 == 10, life.sweep_dust),
            (step % 9 == 7, lambda at: self._travel(life, at, step)),
            (step % 20 == 12, life.cash_out),
        ]
        return [deed for is_due, deed in occasions if is_due]

    def _extra_trade(self, venue: str) -> Deed:
        """A day trade: a buy while there is money, else a sale; now and then a swap or several fills at once."""
        life, random = self.lives[venue], self._random

        def trade(at_us: int) -> None:
            habits = life.habits
            luck, coin = random.random(), random.choice(habits.coins)
            share = Decimal(random.randrange(20, 120)) / 1000
            if luck < 0.06 and life.swap(at_us, random.choice(habits.crosses), share, random.random() < 0.5):
                return
            fills = 3 if random.random() < _SPLIT_SHARE else 1
            funds = life.worth(habits.quote, at_us)
            dollars = min(Decimal(random.randrange(25, 260)), ROUNDED.multiply(funds, Decimal("0.3")))
            if luck < 0.55 and life.buy(at_us, coin, dollars, fills):
                return
            start = habits.coins.index(coin)
            for name in (*habits.coins[start:], *habits.coins[:start]):
                if life.sell(at_us, name, share, fills):
                    return
            life.fund(at_us, 900)

        return trade

    def _travel(self, life: Life, at_us: int, step: int) -> None:
        """Coins sent to another venue of the same person; nothing where there is none."""
        names = list(self.lives)
        if len(names) < 2:
            return
        target = names[(names.index(life.venue) + 1 + step // 9 % (len(names) - 1)) % len(names)]
        shared = [coin for coin in NETWORK_FEES if coin in self._traded(life.venue) & self._traded(target)]
        coin = max(shared, key=lambda name: life.worth(name, at_us))
        sent = life.send(at_us, coin, Decimal(self._random.randrange(10, 35)) / 100, target)
        if sent is None or sent.sent is None:
            return
        minutes = self._random.randrange(4, 70)
        self._agenda.note(at_us + minutes * 60_000_000, target, self._arrival(life.venue, target, sent, sent.sent))

    def _arrival(self, source: str, target: str, sent: Happening, leg: Leg) -> Deed:
        life = self.lives[target]
        return lambda at_us: life.receive(at_us, leg, sent.txid, sent.address, source)

    def _traded(self, venue: str) -> set[str]:
        habits = self.lives[venue].habits
        return {*habits.coins, *habits.side_coins}

    def _plant(self) -> None:
        """The two realities of the module's docstring, on the first and on the last venue."""
        names = list(self.lives)
        first, last = self.lives[names[0]], self.lives[names[-1]]
        span = self._end_us - START_US
        gift = Leg("ETH", Decimal("0.41825137"))
        self._agenda.note(
            START_US + span * 2 // 5,
            first.venue,
            lambda at: first.receive(at, gift, first.chain_id("ETH"), first.address("ETH"), "outside"),
        )
        self._agenda.note(
            START_US + span * 3 // 5, last.venue, lambda at: last.send(at, "BTC", Decimal("0.12"), "outside")
        )


def generate(
    seed: int,
    venues: Sequence[str],
    rows: int | None,
    price_at: PriceAt,
    end_us: int,
    plants: Sequence[Plant] = (),
) -> dict[str, Life]:
    """Lives with weekly steps, or with about `rows` raw rows a venue: mostly trades where there are many.

    `plants` of venues that have no account here are left out.
    """
    sown = [plant for plant in plants if plant.venue in venues]
    weekly = max(_LEAST_STEPS, (end_us - START_US) // _WEEK_US)
    paces = {venue: Pace(weekly) for venue in venues}
    lives = Generator(seed, paces, price_at, end_us, sown).run()
    if rows is None:
        return lives
    slower = {
        name: Pace(max(_LEAST_STEPS, min(weekly, weekly * rows * 2 // 5 // told(lives[name])))) for name in venues
    }
    if slower != paces:
        lives = Generator(seed, slower, price_at, end_us, sown).run()
    return Generator(
        seed, {name: _with_extra(slower[name], lives[name], rows) for name in venues}, price_at, end_us, sown
    ).run()


def told(life: Life) -> int:
    """About how many raw rows the venue tells of this life."""
    return sum(rows_told(life.venue, happening.kind) for happening in life.book.happenings)


def _with_extra(pace: Pace, life: Life, rows: int) -> Pace:
    missing = (rows - told(life)) / rows_told(life.venue, HappeningKind.BUY)
    return Pace(pace.steps, max(0, round(missing / (1 + 2 * _SPLIT_SHARE))))
