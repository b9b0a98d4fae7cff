"""What a harvest costs: fees and spread, the holding period that starts again, days out of the market, tax later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.later import RATE_PLACES, LaterRates
from harvest_tui.core.harvest.volatility import UNMEASURED, Volatility
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded, split
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax_days import first_long_term_day, long_term_on, tax_day

_times, _plus, _minus = EXACT.multiply, EXACT.add, EXACT.subtract
_ONE, _YEAR, _HALF = Decimal(1), Decimal(365), Decimal("0.5")
_MEAN_RISE = Decimal("0.4")
"""Mean of the positive part of a standard normal variable: how far a rise goes on average, in deviations."""

ASSUMED = Volatility(UNMEASURED, 0)


class Sale(NamedTuple):
    """A lot, or a part of it, sold at a price and bought back. US dollars; rates as parts of one.

    `value` is before fees, `gain` after the selling fee, a loss negative. `delayed_days` is by how much long-term
    status is put off. `fee` is of one trade, `round_trip` of both and the spread. `share` is the part of the whole
    portfolio.
    """

    value: Decimal
    gain: Decimal
    term: Term
    delayed_days: int = 0
    fee: Decimal = ZERO
    round_trip: Decimal = ZERO
    volatility: Volatility = ASSUMED
    share: Decimal = ZERO

    @property
    def loss(self) -> Decimal:
        """The loss as a positive figure; negative for a gain."""
        return EXACT.minus(self.gain)

    @property
    def basis(self) -> Decimal:
        """What the loss or gain was measured from."""
        return _minus(_times(self.value, _minus(_ONE, self.fee)), self.gain)


class HarvestCosts(NamedTuple):
    """All a harvest costs apart from this year's tax, in US dollars, exact.

    `owed_later` is today's worth of the tax that the lower basis brings, before anything a carryforward takes off it;
    below zero where a gain raises the basis.
    """

    fees: Decimal
    owed_later: Decimal
    reset: Decimal
    wait: Decimal

    @property
    def total(self) -> Decimal:
        """Their sum."""
        return _plus(_plus(self.fees, self.owed_later), _plus(self.reset, self.wait))


def delayed_days(long_from: date, day: date, wait_days: int = 0) -> int:
    """By how many days a sale on `day`, bought back after the wait, puts off long-term status; about 0 for a lot bought
    the day before, 366 for one that already has it."""
    again = first_long_term_day(day + timedelta(days=wait_days))
    return max(0, (again - max(long_from, day)).days)


def reset_rate(early_sales: Decimal, days: int, gap: Decimal, volatility: Decimal) -> Decimal:
    """What the restarted holding period costs, as a part of the value, rounded once.

    The chance of a sale within those days, times the gap between short- and long-term rates, times the mean rise of
    the price by then.
    """
    part = ROUNDED.divide(Decimal(days), _YEAR)
    chance = ROUNDED.multiply(early_sales, part)
    rise = ROUNDED.multiply(ROUNDED.multiply(_MEAN_RISE, volatility), ROUNDED.sqrt(part))
    return rounded(ROUNDED.multiply(ROUNDED.multiply(chance, max(ZERO, gap)), rise), RATE_PLACES)


def wait_rate(days: int, daily_variance: Decimal, share: Decimal, risk_aversion: Decimal) -> Decimal:
    """What days out of the market cost, as a part of the value, rounded once; nothing if bought back at once.

    Half the risk aversion times the position's share of the portfolio times the variance of those days. The price is
    taken to have no drift, as in the trigger.
    """
    variance = ROUNDED.multiply(daily_variance, Decimal(days))
    risk = ROUNDED.multiply(_HALF, ROUNDED.multiply(risk_aversion, share))
    return rounded(ROUNDED.multiply(risk, variance), RATE_PLACES)


def costs_of(sale: Sale, profile: Profile, rates: LaterRates) -> HarvestCosts:
    """Everything the sale costs apart from this year's tax."""
    reset, wait = _risk_rates(sale, profile, rates)
    return HarvestCosts(
        fees=_times(sale.round_trip, sale.value),
        owed_later=_times(rates.owed_per_dollar, sale.loss),
        reset=_times(reset, sale.value),
        wait=_times(wait, sale.value),
    )


def _risk_rates(sale: Sale, profile: Profile, rates: LaterRates) -> tuple[Decimal, Decimal]:
    gap, moves = _minus(rates.short, rates.long), sale.volatility
    reset = reset_rate(profile.early_sales, sale.delayed_days, gap, moves.yearly)
    days = profile.wait_days
    wait = wait_rate(days, moves.daily_variance, sale.share, profile.risk_aversion) if days else ZERO
    return reset, wait


class SaleDay:
    """What every sale of a day shares: the taxpayer, the rates later, and from when coins bought back are long-term."""

    __slots__ = ("bought_back_long_on", "day", "gap", "owed_per_dollar", "profile", "resets", "zone")

    def __init__(self, profile: Profile, rates: LaterRates, at: datetime, zone: ZoneInfo) -> None:
        self.profile = profile
        self.zone = zone
        self.day: date = tax_day(at, zone)
        self.gap = _minus(rates.short, rates.long)
        self.owed_per_dollar = rates.owed_per_dollar
        self.bought_back_long_on = first_long_term_day(self.day + timedelta(days=profile.wait_days))
        self.resets: dict[tuple[int, Decimal], Decimal] = {}
        """Rates of the restarted holding period by days and volatility: few differ, and each takes a square root."""

    def delayed_days(self, long_from: date) -> int:
        """By how many days a sale puts off long-term status; 0 for a lot bought the day before."""
        return max(0, (self.bought_back_long_on - max(long_from, self.day)).days)

    def reset_rate(self, days: int, volatility: Decimal) -> Decimal:
        """What the restarted holding period costs, as a part of the value."""
        key = days, volatility
        known = self.resets.get(key)
        if known is None:
            known = self.resets[key] = reset_rate(self.profile.early_sales, days, self.gap, volatility)
        return known


class PositionSales:
    """Sales of lots of one account and asset at `price` in US dollars a unit, each bought back after the wait.

    `share` is the position's part of the whole portfolio.
    """

    __slots__ = ("day", "fee", "price", "round_trip", "share", "volatility", "wait")

    def __init__(
        self, day: SaleDay, account: str, price: Decimal, volatility: Volatility = ASSUMED, share: Decimal = ZERO
    ) -> None:
        profile = day.profile
        self.day = day
        self.price = price
        self.fee = profile.fee_of(account)
        self.round_trip = profile.round_trip(account)
        self.volatility = volatility
        self.share = share
        days = profile.wait_days
        self.wait = wait_rate(days, volatility.daily_variance, share, profile.risk_aversion) if days else ZERO

    def sale(self, lot: Lot, quantity: Decimal) -> Sale | None:
        """Selling `quantity` units of the lot; None where the basis is unknown.

        A gift is a loss only below its value when given, and its period then runs from the gift (IRC 1015(a)); between
        that and the giver's basis there is neither.
        """
        basis = basis_of(lot, quantity)
        if basis is None:
            return None
        day = self.day
        value = _times(quantity, self.price)
        proceeds = _times(value, _minus(_ONE, self.fee)) if self.fee else value
        gain = _minus(proceeds, basis)
        long_from = lot.long_term_on
        if lot.loss_basis is not None and gain < 0:
            gain = min(ZERO, _minus(proceeds, split(lot.loss_basis, quantity, lot.quantity)[0]))
            if gain and lot.loss_acquired_at is not None:
                long_from = long_term_on(lot.loss_acquired_at, day.zone)
        return Sale(
            value,
            gain,
            Term.LONG if day.day >= long_from else Term.SHORT,
            day.delayed_days(long_from),
            self.fee,
            self.round_trip,
            self.volatility,
            self.share,
        )

    def costs(self, sale: Sale) -> HarvestCosts:
        """Everything a sale of this position costs apart from this year's tax."""
        day, value = self.day, sale.value
        reset = day.reset_rate(sale.delayed_days, self.volatility.yearly)
        return HarvestCosts(
            _times(self.round_trip, value),
            _times(day.owed_per_dollar, EXACT.minus(sale.gain)),
            _times(reset, value) if reset else ZERO,
            _times(self.wait, value) if self.wait else ZERO,
        )


def basis_of(lot: Lot, quantity: Decimal) -> Decimal | None:
    """The part of the lot's basis that so many of its units take with them; None where it is unknown."""
    if lot.cost_basis is None or quantity == lot.quantity:
        return lot.cost_basis
    return split(lot.cost_basis, quantity, lot.quantity)[0]


def sale_of(
    lot: Lot,
    quantity: Decimal,
    price: Decimal,
    profile: Profile,
    at: datetime,
    zone: ZoneInfo,
    volatility: Volatility = ASSUMED,
    share: Decimal = ZERO,
) -> Sale | None:
    """One sale by itself, at that instant: see `PositionSales.sale`."""
    day = SaleDay(profile, _NO_RATES, at, zone)
    return PositionSales(day, lot.account, price, volatility, share).sale(lot, quantity)


_NO_RATES = LaterRates(ZERO, ZERO, ZERO)
