"""A scenario: what is planted in the simulated past, what the market does while one looks, and how the user acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from harvest_tui.simulator.life import Life, PriceAt
from harvest_tui.simulator.venue import HappeningKind, Leg

UNTOLD = "untold"
"""The `peer` of a deposit that the venue never tells: it is in the balance and in no row of the history."""
SLOWEST, FASTEST = 0.1, 100.0
"""How fast the market's time may run."""


class Conduct(StrEnum):
    """How the simulated user acts at the venues once something is to be sold."""

    IDLE = "does nothing"
    AS_PLANNED = "sells what the record says, after it was made, and buys it back"
    AGAINST_PLAN = "sells before the record, too little, in the wrong account, or too much"


@dataclass(frozen=True, slots=True)
class Plant:
    """A deed of the past, at an instant in microseconds of UTC; it gets that instant, or a little later one."""

    at_us: int
    venue: str
    deed: Callable[[Life, int], object]


@dataclass(frozen=True, slots=True)
class Fall:
    """The whole market falls by `percent` within seconds, `after` seconds from the moment all lots are on screen."""

    after: float
    percent: float


Sow = Callable[[PriceAt, int], Sequence[Plant]]
"""From past prices and the present, in microseconds, what is planted."""
Peg = Callable[[PriceAt, int], Mapping[str, Decimal]]
"""From the same, coins that start at another price than their path's, in US dollars a unit."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of `SCENARIOS`. `words` is its paragraph for people.

    `listed` are coins that a venue trades here besides its usual ones, so that nothing but what is planted happens to
    them. `ledger` is a ledger file that the demo's home imports: what no exchange tells.
    """

    name: str
    words: str
    sow: Sow = lambda price_at, now_us: ()
    pegs: Peg = lambda price_at, now_us: {}
    falls: tuple[Fall, ...] = ()
    conduct: Conduct = Conduct.IDLE
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: str = ""


def bought(coin: str, dollars: int) -> Callable[[Life, int], object]:
    """A bank deposit and a purchase with most of it, at the market price of the instant."""

    def deed(life: Life, at_us: int) -> None:
        life.fund(at_us, dollars * 21 // 20)
        life.buy(at_us + 60_000_000, coin, Decimal(dollars))

    return deed


def sold(coin: str, quantity: str) -> Callable[[Life, int], object]:
    """A sale of so many units at the market price of the instant."""

    def deed(life: Life, at_us: int) -> None:
        life.sell_units(at_us, coin, Decimal(quantity))

    return deed


def received(coin: str, quantity: str, peer: str) -> Callable[[Life, int], object]:
    """Coins that arrive from `peer`."""

    def deed(life: Life, at_us: int) -> None:
        life.receive(at_us, Leg(coin, Decimal(quantity)), life.chain_id(coin), life.address(coin), peer)

    return deed


def traded(
    kind: HappeningKind, sent: tuple[str, str], got: tuple[str, str], market: str
) -> Callable[[Life, int], object]:
    """A trade with both sides as `(quantity, asset)`, for coins that the market has no prices of."""

    def deed(life: Life, at_us: int) -> None:
        given = Leg(sent[1], Decimal(sent[0]))
        if given.asset == "USD":
            life.fund(at_us, int(given.quantity) + 100)
        life.trade(at_us + 60_000_000, kind, given, Leg(got[1], Decimal(got[0])), market)

    return deed
