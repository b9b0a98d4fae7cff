"""Lots that could be sold for a target, each with what its sale changes and costs, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.circumstances import PLAIN, Circumstances, Reach, Surroundings
from harvest_tui.core.harvest.costs import HarvestCosts, PositionSales, Sale, SaleDay
from harvest_tui.core.harvest.later import LaterRates
from harvest_tui.core.harvest.obstacles import against_all, against_locked, against_sale
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.records import USD
from harvest_tui.core.tax.profile import Profile

_ROUGH = Context(prec=15, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Unit costs that agree to 15 digits are one: what is left of a lot has a remainder of cutting in its last place."""


class Skip(NamedTuple):
    """A lot that is not taken, and why, in words."""

    lot: Lot
    why: str


class Candidate(NamedTuple):
    """`quantity` units of a lot, all that can be sold of it now, with what their sale changes and costs.

    `sales` are those of its position.
    """

    lot: Lot
    quantity: Decimal
    sale: Sale
    sales: PositionSales
    option: Option
    circumstances: Circumstances

    @property
    def costs(self) -> HarvestCosts:
        """What the sale costs, part by part; `option.cost` is the sum. Of a hundred thousand few are asked."""
        return self.sales.costs(self.sale)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every candidate is judged under: the lots and prices, the taxpayer, the rates later, the day."""

    portfolio: Portfolio
    profile: Profile
    rates: LaterRates
    surroundings: Surroundings
    zone: ZoneInfo
    takes_gains: bool = False

    @property
    def at(self) -> datetime:
        """The instant of the sale."""
        return self.portfolio.as_of


class _Position(NamedTuple):
    """The open lots of one account and asset, the oldest first."""

    lots: Sequence[Lot]
    around: Circumstances
    sales: PositionSales
    takes_gains: bool


_Pairs = Sequence[tuple[Lot, Candidate | None]]
_Found = tuple[list[Candidate], list[Skip]]


def candidates(setting: Setting) -> _Found:
    """Every open lot, as one that could be sold or as one that is skipped.

    Without `takes_gains` only lots at a loss are candidates, and lots before them where the venue's order demands it.
    A position is left out whole where something stands against all of it.
    """
    found: list[Candidate] = []
    skipped: list[Skip] = []
    market = _Market(setting)
    for key, lots in _by_position(setting.portfolio.ledger.lots).items():
        around = setting.surroundings.get(key, PLAIN)
        quote = setting.portfolio.quotes.get(key)
        price = None if quote is None else quote.price
        reason = against_all(lots, price, around, setting.profile.wait_days, setting.takes_gains)
        if reason or price is None:
            skipped.extend(Skip(lot, reason) for lot in lots)
            continue
        position = _Position(lots, around, market.sales(key, around, price), setting.takes_gains)
        pairs = [(lot, _candidate(position, lot, lot.quantity, rank)) for rank, lot in enumerate(lots)]
        taken, left = (_in_order if around.reach is Reach.IN_ORDER else _freely)(pairs, position)
        taken, locked = _unlocked(taken, position)
        found += taken
        skipped += left
        skipped += locked
    return found, skipped


def resized(setting: Setting, one: Candidate, quantity: Decimal) -> Candidate:
    """The same lot with other units to be sold."""
    around, lot = one.circumstances, one.lot
    day = SaleDay(setting.profile, setting.rates, setting.at, setting.zone)
    price = setting.portfolio.quotes[lot.account, lot.asset].price
    sales = PositionSales(day, lot.account, price, around.volatility, one.sale.share)
    return _resized(_Position((lot,), around, sales, setting.takes_gains), one, quantity)


class _Market:
    """What the positions' prices tell, worked out once."""

    def __init__(self, setting: Setting) -> None:
        self._day = SaleDay(setting.profile, setting.rates, setting.at, setting.zone)
        self._values: dict[PositionKey, Decimal] = {}
        self._whole = ZERO
        for key, position in setting.portfolio.positions.items():
            quote = setting.portfolio.quotes.get(key)
            if quote is not None:
                value = self._values[key] = EXACT.multiply(position.quantity, quote.price)
                self._whole = EXACT.add(self._whole, value)

    def sales(self, key: PositionKey, around: Circumstances, price: Decimal) -> PositionSales:
        """Sales of the position; its share of the whole goes to four digits."""
        share = rounded(ROUNDED.divide(self._values[key], self._whole), 4) if self._whole else ZERO
        return PositionSales(self._day, key[0], price, around.volatility, share)


def _by_position(lots: Iterable[Lot]) -> dict[PositionKey, list[Lot]]:
    """Lots of each position, the oldest first."""
    grouped: dict[PositionKey, list[Lot]] = {}
    for lot in lots:
        if lot.asset != USD:
            grouped.setdefault((lot.account, lot.asset), []).append(lot)
    return grouped


def _candidate(position: _Position, lot: Lot, quantity: Decimal, rank: int) -> Candidate | None:
    """The sale of so many units; None where the basis is unknown."""
    sale = position.sales.sale(lot, quantity)
    if sale is None:
        return None
    cost, gain, is_short = position.sales.costs(sale).total, sale.gain, sale.term is Term.SHORT
    option = Option(lot.lot_id, gain if is_short else ZERO, ZERO if is_short else gain, cost, rank)
    return Candidate(lot, quantity, sale, position.sales, option, position.around)


def _resized(position: _Position, one: Candidate, quantity: Decimal) -> Candidate:
    made = _candidate(position, one.lot, quantity, one.option.rank)
    assert made is not None, "a lot with a candidate has a basis"
    return made._replace(option=made.option._replace(chain=one.option.chain, place=one.option.place))


def _against(lot: Lot, candidate: Candidate | None, position: _Position) -> str:
    return against_sale(lot, None if candidate is None else candidate.sale, position.takes_gains)


def _freely(pairs: _Pairs, position: _Position) -> _Found:
    taken: list[Candidate] = []
    skipped: list[Skip] = []
    for lot, candidate in pairs:
        why = _against(lot, candidate, position)
        if candidate is None or why:
            skipped.append(Skip(lot, why))
        else:
            taken.append(candidate)
    return taken, skipped


def _in_order(pairs: _Pairs, position: _Position) -> _Found:
    """A chain: a lot can go only after all before it in the venue's order. What lies behind the last loss stays."""
    ordered = _ordered(pairs, position.around.lot_order)
    reasons = [_against(lot, candidate, position) for lot, candidate in ordered]
    last = max((place for place, why in enumerate(reasons) if not why), default=-1)
    blocked = next((place for place, (_, candidate) in enumerate(ordered) if candidate is None), len(ordered))
    chain: list[Candidate] = []
    skipped: list[Skip] = []
    for place, ((lot, candidate), why) in enumerate(zip(ordered, reasons, strict=True)):
        if candidate is None or (why and (place > last or place > blocked)):
            skipped.append(Skip(lot, why))
        elif place > blocked:
            skipped.append(Skip(lot, "its venue would sell a lot of unknown basis before it"))
        else:
            name = f"{lot.account}\n{lot.asset}"
            chain.append(candidate._replace(option=candidate.option._replace(chain=name, place=place)))
    while chain and _against(chain[-1].lot, chain[-1], position):
        useless = chain.pop()
        skipped.append(Skip(useless.lot, _against(useless.lot, useless, position)))
    return chain, skipped


def _ordered(pairs: _Pairs, order: str) -> list[tuple[Lot, Candidate | None]]:
    """The lots as the venue uses them up: they come by age, and of one unit cost the older goes first.

    Unknown basis goes last by cost, whichever the direction, as in the books.
    """
    if order == "fifo":
        return list(pairs)
    if order == "lifo":
        return list(reversed(pairs))
    sign = -1 if order == "hifo" else 1

    def turn(pair: tuple[Lot, Candidate | None]) -> tuple[bool, Decimal]:
        lot = pair[0]
        if lot.cost_basis is None:
            return True, ZERO
        return False, _ROUGH.multiply(Decimal(sign), _ROUGH.divide(lot.cost_basis, lot.quantity))

    return sorted(pairs, key=turn)


def _unlocked(taken: list[Candidate], position: _Position) -> _Found:
    """What of the candidates the unlocked units cover.

    Units are alike, so the largest result by unit is given them first; in a chain its order decides.
    """
    locked = position.around.locked
    if not locked:
        return taken, []
    free = EXACT.minus(locked)
    for lot in position.lots:
        free = EXACT.add(free, lot.quantity)
    kept: list[Candidate] = []
    skipped: list[Skip] = []
    for one in sorted(taken, key=_turn):
        if free <= 0:
            skipped.append(Skip(one.lot, against_locked(locked)))
        else:
            kept.append(one if one.quantity <= free else _resized(position, one, free))
        free = EXACT.subtract(free, one.quantity)
    return kept, skipped


def _turn(one: Candidate) -> tuple[int, Fraction, str]:
    if one.option.chain:
        return one.option.place, Fraction(0), one.lot.lot_id
    return 0, -abs(Fraction(one.sale.gain) / Fraction(one.quantity)), one.lot.lot_id
