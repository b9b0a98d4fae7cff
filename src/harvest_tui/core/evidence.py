"""What an exchange, an income or a fee was worth, with who said so: the reasons behind `valuation`'s figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from harvest_tui.core.money import ROUNDED, ZERO
from harvest_tui.core.records import USD, Amount, Candle, Event, EventKind
from harvest_tui.core.valuation import CandleSource, exchange_value, fee_value

ASSUMED_DOLLAR = "taken as $1"
"""What the source of a candle says where a stablecoin without a market counts as one dollar."""
DAY_SECONDS = 86_400


class ValueOrigin(StrEnum):
    """Who says what something was worth."""

    DOLLARS = "dollars"
    TOLD = "told"
    TRADE = "trade"
    PRICE = "price"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value in US dollars and its origin: dollars paid, the row's own word, the trade itself, or a past price.

    With a past price, `priced` is what was valued and `candle` what its price was read from. `value` is None where
    nobody knows it; `NONE` is for a fee that was not charged.
    """

    value: Decimal | None
    origin: ValueOrigin
    priced: Amount | None = None
    candle: Candle | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether the price rests on a stablecoin counting as one dollar."""
        return self.candle is not None and ASSUMED_DOLLAR in self.candle.source

    @property
    def is_of_the_day(self) -> bool:
        """Whether the price is that of a day and not of the hour."""
        return self.candle is not None and self.candle.seconds >= DAY_SECONDS


def priced(amount: Amount | None, at: datetime, prices: CandleSource) -> Evidence | None:
    """The amount at the past price of that time; None where there is none."""
    candle = None if amount is None else prices.candle_at(amount.asset, at)
    if amount is None or candle is None:
        return None
    return Evidence(ROUNDED.multiply(amount.quantity, candle.close), ValueOrigin.PRICE, amount, candle)


def value_evidence(event: Event, prices: CandleSource) -> Evidence:
    """Why the exchange is worth what `valuation.exchange_value` says."""
    value = exchange_value(event, prices)
    if any(leg is not None and leg.asset == USD for leg in (event.sent, event.received)):
        return Evidence(value, ValueOrigin.DOLLARS)
    if event.value is not None:
        return Evidence(value, ValueOrigin.TOLD)
    for leg in (event.received, event.sent):
        found = priced(leg, event.executed_at, prices)
        if found is not None:
            return found
    return Evidence(value, ValueOrigin.UNKNOWN)


def fee_evidence(event: Event, prices: CandleSource) -> Evidence:
    """Why the fee is worth what `valuation.fee_value` says."""
    fee, value = event.fee, fee_value(event, prices)
    if fee is None or not fee.quantity:
        return Evidence(ZERO, ValueOrigin.NONE)
    if fee.asset == USD:
        return Evidence(value, ValueOrigin.DOLLARS)
    if event.fee_value is not None:
        return Evidence(value, ValueOrigin.TOLD)
    is_of_the_trade = event.kind in (EventKind.TRADE, EventKind.NFT_TRADE) and any(
        leg is not None and leg.asset == fee.asset and leg.quantity for leg in (event.sent, event.received)
    )
    if is_of_the_trade and value is not None:
        return Evidence(value, ValueOrigin.TRADE, fee)
    return priced(fee, event.executed_at, prices) or Evidence(value, ValueOrigin.UNKNOWN)
