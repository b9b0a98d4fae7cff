"""What an exchange, an income or a fee was worth in US dollars, from what was told and from past prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from harvest_tui.core.money import ROUNDED, ZERO
from harvest_tui.core.records import USD, Amount, Asset, Candle, Event, EventKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE = Decimal(1)
VALUED_KINDS = frozenset(
    {
        EventKind.TRADE,
        EventKind.NFT_TRADE,
        EventKind.INCOME,
        EventKind.SPEND,
        EventKind.FEE,
        EventKind.GIFT_IN,
    }
)


class ValueSource(Protocol):
    """Past prices."""

    def price_at(self, asset: Asset, at: datetime) -> Decimal | None:
        """US dollars for one unit at that time; None where nobody knows."""
        ...


class CandleSource(ValueSource, Protocol):
    """Past prices that can say which candle each of them is read from."""

    def candle_at(self, asset: Asset, at: datetime) -> Candle | None:
        """The candle whose close is the price at that time; None where nobody knows, and for US dollars."""
        ...


class NoPrices:
    """Knows no past price but that of the dollar."""

    def price_at(self, asset: Asset, at: datetime) -> Decimal | None:
        """One for US dollars, else None."""
        return ONE if asset == USD else None

    def candle_at(self, asset: Asset, at: datetime) -> Candle | None:
        """None."""
        return None


def bucket_start(at: datetime, seconds: int) -> datetime:
    """Start of the candle of that length which holds the instant, counted from 1970 in UTC."""
    return at - (at - EPOCH) % timedelta(seconds=seconds)


class PriceHistory:
    """Past prices from candles: the close of the shortest candle that holds the instant."""

    def __init__(self, candles: Iterable[Candle]) -> None:
        self._candles: dict[tuple[Asset, int, datetime], Candle] = {}
        lengths = set()
        for candle in candles:
            self._candles[candle.asset, candle.seconds, candle.start] = candle
            lengths.add(candle.seconds)
        self._lengths = sorted(lengths)

    def price_at(self, asset: Asset, at: datetime) -> Decimal | None:
        """US dollars for one unit at that time; None where no candle holds it."""
        if asset == USD:
            return ONE
        candle = self.candle_at(asset, at)
        return None if candle is None else candle.close

    def candle_at(self, asset: Asset, at: datetime) -> Candle | None:
        """The shortest candle of the asset that holds the instant; None where there is none."""
        for seconds in self._lengths:
            candle = self._candles.get((asset, seconds, bucket_start(at, seconds)))
            if candle is not None:
                return candle
        return None


def _at_price(amount: Amount | None, at: datetime, prices: ValueSource) -> Decimal | None:
    if amount is None:
        return None
    price = prices.price_at(amount.asset, at)
    return None if price is None else ROUNDED.multiply(amount.quantity, price)


def exchange_value(event: Event, prices: ValueSource) -> Decimal | None:
    """Fair market value of the exchange in US dollars, fees apart.

    Dollars themselves come first, then the value that was told, then the price of what was received (the amount
    realized is the value of property received, IRC 1001(b)), then that of what was given.
    """
    sent, got = event.sent, event.received
    if sent is not None and sent.asset == USD:
        return sent.quantity
    if got is not None and got.asset == USD:
        return got.quantity
    if event.value is not None:
        return event.value
    received = _at_price(event.received, event.executed_at, prices)
    return received if received is not None else _at_price(event.sent, event.executed_at, prices)


def fee_value(event: Event, prices: ValueSource) -> Decimal | None:
    """Fair market value of the fee in US dollars; 0 where there is none, None where nobody told.

    A fee in a coin of the trade itself is worth what the trade says the coin is worth.
    """
    fee = event.fee
    if fee is None or not fee.quantity:
        return ZERO
    if fee.asset == USD:
        return fee.quantity
    if event.fee_value is not None:
        return event.fee_value
    implied = _implied_fee_value(event, fee, prices)
    return implied if implied is not None else _at_price(fee, event.executed_at, prices)


def _implied_fee_value(event: Event, fee: Amount, prices: ValueSource) -> Decimal | None:
    if event.kind not in (EventKind.TRADE, EventKind.NFT_TRADE):
        return None
    leg = next((leg for leg in (event.received, event.sent) if leg and leg.asset == fee.asset and leg.quantity), None)
    value = exchange_value(event, prices) if leg else None
    if leg is None or value is None:
        return None
    return ROUNDED.divide(ROUNDED.multiply(value, fee.quantity), leg.quantity)


def _wanting(event: Event, prices: ValueSource) -> Iterable[Asset]:
    if event.kind in VALUED_KINDS and exchange_value(event, prices) is None:
        for leg in (event.received, event.sent):
            if leg is not None:
                yield leg.asset
    if event.fee is not None and fee_value(event, prices) is None:
        yield event.fee.asset


def _is_told(event: Event) -> bool:
    """Whether the event plainly needs no price: a side and the fee, if any, are dollars. Most events are like that."""
    sent, received, fee = event.sent, event.received, event.fee
    return (fee is None or fee.asset == USD) and (
        (sent is not None and sent.asset == USD) or (received is not None and received.asset == USD)
    )


def needed_prices(events: Iterable[Event], known: ValueSource | None = None) -> list[tuple[Asset, datetime]]:
    """The hours at which a past price is missing, as (asset, start of the hour), each once, in order of time.

    For a coin-for-coin trade both coins are listed: either price will do, the received one is the better.
    """
    wanted = dict.fromkeys(need for _, need in needs_of(events, known))
    return sorted(wanted, key=lambda need: need[1])


def needs_of(
    events: Iterable[Event], known: ValueSource | None = None
) -> Iterator[tuple[Event, tuple[Asset, datetime]]]:
    """Each event that wants a past price with the hour it wants it of, as in `needed_prices`; some want two."""
    prices = known or NoPrices()
    for event in events:
        if not _is_told(event):
            for asset in _wanting(event, prices):
                yield event, hour_of(asset, event.executed_at)


def hour_of(asset: Asset, at: datetime) -> tuple[Asset, datetime]:
    """The hour whose price of `asset` an event at `at` needs."""
    return asset, bucket_start(at, 3600)


def hours_of_withdrawals(events: Iterable[Event]) -> Iterator[tuple[Asset, datetime]]:
    """The hours of all withdrawals: units that never arrive at the other end are disposed of at the price then."""
    for event in events:
        if event.kind is EventKind.WITHDRAWAL and event.sent is not None:
            yield hour_of(event.sent.asset, event.executed_at)
