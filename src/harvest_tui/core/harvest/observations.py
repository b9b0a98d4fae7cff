"""What alerts are judged by: each position's losses and their worth at one instant, and what waits in the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.costs import ASSUMED, Sale, delayed_days
from harvest_tui.core.harvest.loss_worth import LossWorth
from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.lots.ledger import Ledger, Mismatch, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.portfolio import LossLadder, Portfolio, Position, PositionKey
from harvest_tui.core.records import USD, AccountId, Asset
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax_days import tax_day, year_window

_ONE = Decimal(1)


class Observed(NamedTuple):
    """One position now, in US dollars; losses are positive. `net_benefit` is None where it cannot be known.

    `best_loss` are the dollars of loss that bring `net_benefit`. `footing` names the lots and the year's results that
    the figures stand on: it changes with them and not with the price. `is_fresh` tells whether the price is recent
    enough to speak of.
    """

    account: AccountId
    asset: Asset
    value: Decimal
    loss_short: Decimal
    loss_long: Decimal
    net_benefit: Decimal | None
    best_loss: Decimal
    footing: str
    is_fresh: bool

    @property
    def loss(self) -> Decimal:
        """Both terms together."""
        return EXACT.add(self.loss_short, self.loss_long)


class TurningLong(NamedTuple):
    """Short-term lots of a position that turn long-term on one day: their loss, and what it saves less from then on.

    `saved_less` is None where the price or the bill is not known.
    """

    account: AccountId
    asset: Asset
    long_term_on: date
    quantity: Decimal
    loss: Decimal
    saved_less: Decimal | None


class PriceAge(NamedTuple):
    """The newest price of an asset."""

    asset: Asset
    price: Decimal
    at: datetime
    source: str


class RebuyClock(NamedTuple):
    """A harvested position that may be bought back from `ends_at` on."""

    clock_id: str
    account: AccountId
    asset: Asset
    quantity: Decimal
    ends_at: datetime


class Observations(NamedTuple):
    """Everything alerts are judged by. `today` and `year_ends_at` are in the taxpayer's zone.

    `knows_benefit` tells whether the taxpayer told enough for a net benefit to mean something. `mismatches` is None
    where balances and lots are not of the same moment, so that nobody can tell.
    """

    at: datetime
    today: date
    year_ends_at: datetime
    positions: tuple[Observed, ...] = ()
    turning_long: tuple[TurningLong, ...] = ()
    mismatches: tuple[Mismatch, ...] | None = ()
    prices: tuple[PriceAge, ...] = ()
    rebuys: tuple[RebuyClock, ...] = ()
    holds_at_broker: bool = False
    knows_benefit: bool = True


class MaturingLots(NamedTuple):
    """Short-term lots of one position that turn long-term on the same day."""

    account: AccountId
    asset: Asset
    long_term_on: date
    quantity: Decimal
    losses: LossLadder


class Maturity(NamedTuple):
    """What lots tell of the calendar, apart from any price.

    `short_until` is about the day on which the short-term units of a position turn long-term, weighed by units.
    """

    groups: tuple[MaturingLots, ...]
    short_until: Mapping[PositionKey, date]


class Background(NamedTuple):
    """What is known besides the portfolio; made once as long as lots, year and profile stay."""

    profile: Profile
    bill: ExpectedBill | None
    worth: LossWorth | None
    maturity: Maturity
    volatilities: Mapping[Asset, Volatility] = {}
    brokers: frozenset[AccountId] = frozenset()
    stale_after: timedelta = timedelta(hours=24)


def maturity_of(ledger: Ledger, day: date, within_days: int) -> Maturity:
    """The short-term lots that turn long-term in the days to come, by day; one pass over the lots."""
    last = day + timedelta(days=within_days)
    groups: dict[tuple[AccountId, Asset, date], list[tuple[Decimal, Decimal]]] = {}
    weights: dict[PositionKey, tuple[Decimal, Decimal]] = {}
    for lot in ledger.lots:
        if lot.cost_basis is None or lot.long_term_on <= day:
            continue
        key = (lot.account, lot.asset)
        units, product = weights.get(key, (ZERO, ZERO))
        ordinal = Decimal(lot.long_term_on.toordinal())
        weights[key] = EXACT.add(units, lot.quantity), EXACT.fma(ordinal, lot.quantity, product)
        if lot.long_term_on <= last:
            basis = lot.cost_basis if lot.loss_basis is None else lot.loss_basis
            groups.setdefault((*key, lot.long_term_on), []).append((lot.quantity, basis))
    return Maturity(
        tuple(MaturingLots(*key, _units(lots), LossLadder(lots)) for key, lots in groups.items()),
        {
            key: date.fromordinal(int(ROUNDED.divide_int(product, units)))
            for key, (units, product) in weights.items()
            if units
        },
    )


def background_of(
    portfolio: Portfolio,
    bill: ExpectedBill | None,
    profile: Profile,
    day: date,
    *,
    within_days: int = 14,
    volatilities: Mapping[Asset, Volatility] | None = None,
    brokers: frozenset[AccountId] = frozenset(),
    stale_after: timedelta = timedelta(hours=24),
) -> Background:
    """What `observe` needs besides prices; its cost grows with the lots, so make it once per facts and tax day."""
    worth = None if bill is None else LossWorth(bill, profile)
    maturity = maturity_of(portfolio.ledger, day, within_days)
    return Background(profile, bill, worth, maturity, volatilities or {}, brokers, stale_after)


def observe(
    portfolio: Portfolio,
    known: Background,
    now: datetime,
    zone: ZoneInfo,
    rebuys: tuple[RebuyClock, ...] = (),
) -> Observations:
    """Each position at its latest quote. Cost grows with positions, never with lots or history."""
    today = tax_day(now, zone)
    whole = _sum(_value(portfolio, key) for key in portfolio.positions)
    year = "" if known.bill is None else repr((known.bill.this_year.inputs, known.bill.planned, known.bill.rates))
    fresh_from = now - known.stale_after
    positions = tuple(
        _observed(portfolio, key, known, (whole, year, fresh_from), today)
        for key in portfolio.positions
        if key in portfolio.quotes
    )
    return Observations(
        at=now,
        today=today,
        year_ends_at=year_window(today.year, zone)[1],
        positions=positions,
        turning_long=tuple(_turning(portfolio, group, known, fresh_from) for group in known.maturity.groups),
        mismatches=portfolio.mismatches,
        prices=_prices(portfolio),
        rebuys=rebuys,
        holds_at_broker=any(account in known.brokers for account, _ in portfolio.positions),
        knows_benefit=known.bill is not None and (known.profile.wages is not None or known.profile.knows_gains),
    )


def _observed(
    portfolio: Portfolio, key: PositionKey, known: Background, common: tuple[Decimal, str, datetime], today: date
) -> Observed:
    whole, year, fresh_from = common
    position, quote = portfolio.positions[key], portfolio.quotes[key]
    sales = [
        sale
        for term, losses in ((Term.SHORT, position.short), (Term.LONG, position.long))
        if losses is not None and (sale := _sale(position, losses, term, quote.price, known, whole, today)) is not None
    ]
    best = None if known.worth is None else known.worth.of(sales)
    footing = crc32(f"{position.quantity} {position.cost_basis} {year}".encode())
    return Observed(
        *key,
        value=EXACT.multiply(position.quantity, quote.price),
        loss_short=_sum(sale.loss for sale in sales if sale.term is Term.SHORT),
        loss_long=_sum(sale.loss for sale in sales if sale.term is Term.LONG),
        net_benefit=None if best is None else best.net,
        best_loss=ZERO if best is None else best.loss,
        footing=f"{footing:08x}",
        is_fresh=quote.at > fresh_from,
    )


def _sale(
    position: Position,
    losses: LossLadder,
    term: Term,
    price: Decimal,
    known: Background,
    whole: Decimal,
    today: date,
) -> Sale | None:
    """The sale of all lots of the term that lose after the selling fee, as one; None where none does."""
    profile, account = known.profile, position.account
    fee = profile.fee_of(account)
    kept = EXACT.multiply(price, EXACT.subtract(_ONE, fee))
    losing = losses.losing_at(kept)
    if not losing.units:
        return None
    value = EXACT.multiply(losing.units, price)
    until = known.maturity.short_until.get((account, position.asset), today) if term is Term.SHORT else today
    return Sale(
        value=value,
        gain=EXACT.subtract(EXACT.multiply(losing.units, kept), losing.cost_basis),
        term=term,
        delayed_days=delayed_days(until, today, profile.wait_days),
        fee=fee,
        round_trip=profile.round_trip(account),
        volatility=known.volatilities.get(position.asset, ASSUMED),
        share=ROUNDED.divide(value, whole) if profile.wait_days and whole else ZERO,
    )


def _turning(portfolio: Portfolio, group: MaturingLots, known: Background, fresh_from: datetime) -> TurningLong:
    quote = portfolio.quotes.get((group.account, group.asset))
    found = TurningLong(group.account, group.asset, group.long_term_on, group.quantity, ZERO, None)
    if quote is None or quote.at <= fresh_from:
        return found
    kept = EXACT.multiply(quote.price, EXACT.subtract(_ONE, known.profile.fee_of(group.account)))
    losing = group.losses.losing_at(kept)
    loss = EXACT.subtract(losing.cost_basis, EXACT.multiply(losing.units, kept))
    less = None if known.worth is None else known.worth.lost_by_turning_long(loss) if loss else ZERO
    return found._replace(loss=loss, saved_less=less)


def _prices(portfolio: Portfolio) -> tuple[PriceAge, ...]:
    newest: dict[Asset, PriceAge] = {}
    for (_, asset), quote in portfolio.quotes.items():
        if asset != USD and (asset not in newest or quote.at > newest[asset].at):
            newest[asset] = PriceAge(asset, quote.price, quote.at, quote.source)
    return tuple(newest.values())


def _value(portfolio: Portfolio, key: PositionKey) -> Decimal:
    quote = portfolio.quotes.get(key)
    return ZERO if quote is None else EXACT.multiply(portfolio.positions[key].quantity, quote.price)


def _units(lots: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    return _sum(quantity for quantity, _ in lots)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
