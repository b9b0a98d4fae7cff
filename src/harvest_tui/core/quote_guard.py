"""Holds back prices that cannot be true, until they are confirmed, so that one bad tick never moves a total.

Pure: times come with the ticks. One guard serves all feeds of a run, because a second venue that says
the same confirms a jump at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from harvest_tui.core.money import ROUNDED, plain
from harvest_tui.core.records import Asset

JUMP = Decimal("0.20")
"""A larger change against the median of the last five prices waits for a confirmation."""
AGREEMENT = Decimal("0.05")
"""Two prices at most this far apart say the same."""
MEMORY = 5
CONFIRMATIONS = 3
FUTURE_LIMIT = timedelta(seconds=5)
WITNESS_AGE = timedelta(seconds=60)
"""An older price of another venue confirms nothing."""
_LARGEST_EXPONENT = 30


class Held(StrEnum):
    """Why a price is held back."""

    NO_PRICE = "no price"
    NOT_FINITE = "not a number"
    NOT_POSITIVE = "zero or negative"
    CROSSED = "bid above ask"
    FROM_FUTURE = "dated in the future"
    OUT_OF_ORDER = "older than the price before it"
    OFF_BOOK = "far from bid and ask"
    JUMP = "jump"


@dataclass(frozen=True, slots=True)
class Tick:
    """One price as a venue told it.

    `price`, `bid` and `ask` are in the market's own quote currency; `dollars` is the price in US dollars, None
    where that is not known. `source` is the market (`kraken BTC/USD`), unique to it. `made_at` is the
    exchange's time where it tells one, else the arrival.
    """

    asset: Asset
    venue: str
    source: str
    price: Decimal | None
    dollars: Decimal | None
    made_at: datetime
    arrived_at: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a tick: accepted (`held` is None), or held back with the reason in words for people."""

    tick: Tick
    held: Held | None = None
    why: str = ""

    @property
    def is_accepted(self) -> bool:
        """The price may be shown and summed."""
        return self.held is None


@dataclass(frozen=True, slots=True)
class Witness:
    """The newest believable dollar price of one venue, accepted or waiting."""

    dollars: Decimal
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class MarketMemory:
    """What is known of one market: the last accepted prices, and the prices in a row that wait."""

    accepted: tuple[Decimal, ...] = ()
    last_made_at: datetime | None = None
    waiting: tuple[Decimal, ...] = ()
    waiting_made_at: datetime | None = None


@dataclass(slots=True)
class QuoteGuard:
    """Judges ticks one after the other. State is one small value a market and one a venue and asset."""

    markets: dict[str, MarketMemory] = field(default_factory=dict)
    witnesses: dict[Asset, dict[str, Witness]] = field(default_factory=dict)

    def judge(self, tick: Tick) -> Verdict:
        """Accepts the tick or holds it back; remembers it either way."""
        memory = self.markets.get(tick.source, MarketMemory())
        fault = _impossible(tick)
        if fault is not None:
            self.markets[tick.source] = replace(memory, waiting=(), waiting_made_at=None)
            return fault
        # A time that is still to come was told by a clock that has been set back since: it orders nothing.
        if memory.last_made_at is not None and tick.made_at < memory.last_made_at <= tick.arrived_at + FUTURE_LIMIT:
            return Verdict(tick, Held.OUT_OF_ORDER, f"{tick.source}: {Held.OUT_OF_ORDER}")
        verdict, self.markets[tick.source] = _weigh(tick, memory, self._others(tick))
        if tick.dollars is not None and verdict.held is not Held.OFF_BOOK:
            self.witnesses.setdefault(tick.asset, {})[tick.venue] = Witness(tick.dollars, tick.arrived_at)
        return verdict

    def forget(self, venue: str) -> None:
        """Drops a venue's markets, as when its account is removed."""
        for source in [source for source in self.markets if source.split(" ", 1)[0] == venue]:
            del self.markets[source]
        for by_venue in self.witnesses.values():
            by_venue.pop(venue, None)

    def _others(self, tick: Tick) -> list[Decimal]:
        """Dollar prices of the same asset that other venues told within the last minute."""
        return [
            witness.dollars
            for venue, witness in self.witnesses.get(tick.asset, {}).items()
            if venue != tick.venue and tick.arrived_at - witness.arrived_at <= WITNESS_AGE
        ]


def _impossible(tick: Tick) -> Verdict | None:
    """A verdict on what no confirmation can heal, or None."""
    numbers = [value for value in (tick.price, tick.bid, tick.ask, tick.dollars) if value is not None]
    held = None
    if tick.price is None:
        held = Held.NO_PRICE
    elif not all(value.is_finite() and (not value or abs(value.adjusted()) <= _LARGEST_EXPONENT) for value in numbers):
        held = Held.NOT_FINITE
    elif tick.price <= 0 or (tick.dollars is not None and tick.dollars <= 0):
        held = Held.NOT_POSITIVE
    elif tick.bid is not None and tick.ask is not None and tick.bid > tick.ask > 0:
        held = Held.CROSSED
    elif tick.made_at - tick.arrived_at > FUTURE_LIMIT:
        ahead = (tick.made_at - tick.arrived_at).total_seconds()
        return Verdict(tick, Held.FROM_FUTURE, f"{tick.source}: dated {ahead:.0f} s ahead; check this computer's clock")
    return None if held is None else Verdict(tick, held, f"{tick.source}: {held}")


def _weigh(tick: Tick, memory: MarketMemory, others: list[Decimal]) -> tuple[Verdict, MarketMemory]:
    """The verdict on a possible price, and the market's memory after it."""
    price = tick.price
    assert price is not None
    usual = _median(memory.accepted) if memory.accepted else _usual_elsewhere(tick, others)
    if usual is None or not _apart(price, usual, JUMP):
        return Verdict(tick), _accept(tick, price, memory.accepted)
    if tick.dollars is not None and any(not _apart(tick.dollars, other, AGREEMENT) for other in others):
        return Verdict(tick), _accept(tick, price, ())
    if _is_off_book(tick, price):
        # A single wild trade stays the "last" of every update after it: repeats of it confirm nothing.
        return Verdict(tick, Held.OFF_BOOK, f"{tick.source}: {plain(price)} is {Held.OFF_BOOK}"), memory
    waiting = _waiting(tick, price, memory)
    if len(waiting) >= CONFIRMATIONS:
        return Verdict(tick), _accept(tick, price, ())
    why = f"{tick.source}: {plain(price)} after {plain(usual)}, waiting for a confirmation"
    return Verdict(tick, Held.JUMP, why), replace(memory, waiting=waiting, waiting_made_at=tick.made_at)


def _accept(tick: Tick, price: Decimal, before: tuple[Decimal, ...]) -> MarketMemory:
    return MarketMemory(accepted=(*before, price)[-MEMORY:], last_made_at=tick.made_at)


def _waiting(tick: Tick, price: Decimal, memory: MarketMemory) -> tuple[Decimal, ...]:
    """Unusual prices in a row that agree with one another, this one included.

    The same tick seen again counts once.
    """
    if memory.waiting and tick.made_at == memory.waiting_made_at and price == memory.waiting[-1]:
        return memory.waiting
    if memory.waiting and not _apart(price, memory.waiting[-1], AGREEMENT):
        return (*memory.waiting, price)
    return (price,)


def _usual_elsewhere(tick: Tick, others: list[Decimal]) -> Decimal | None:
    """For a first price: the median of the other venues, in the market's own currency."""
    if not others or not tick.dollars or tick.price is None:
        return None
    return ROUNDED.divide(ROUNDED.multiply(_median(tuple(others)), tick.price), tick.dollars)


def _is_off_book(tick: Tick, price: Decimal) -> bool:
    """The last trade lies far outside a book that is itself narrow."""
    if not tick.bid or not tick.ask or tick.bid < 0 or tick.ask < 0:
        return False
    middle = ROUNDED.divide(ROUNDED.add(tick.bid, tick.ask), Decimal(2))
    return not _apart(tick.bid, tick.ask, AGREEMENT * 2) and _apart(price, middle, JUMP)


def _median(prices: tuple[Decimal, ...]) -> Decimal:
    ordered = sorted(prices)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return ROUNDED.divide(ROUNDED.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _apart(price: Decimal, reference: Decimal, share: Decimal) -> bool:
    """The price is further from the reference than that share of it."""
    difference = abs(ROUNDED.subtract(price, reference))
    return difference > ROUNDED.multiply(reference, share)
