"""Lots that could be sold for a target, each with what its sale changes and costs, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.circumstances import PLAIN, Circumstances, Reach, Surroundings
from harvest_tui.core.harvest.costs import HarvestCosts, Sale, costs_of, sale_of
from harvest_tui.core.harvest.later import LaterRates
from harvest_tui.core.harvest.options import Option
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, plain, rounded
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.core.records import USD, LotId
from harvest_tui.core.tax.profile import Profile

_NFT = "#"


class Skip(NamedTuple):
    """A lot that is not taken, and why, in words."""

    lot: Lot
    why: str


class Candidate(NamedTuple):
    """`quantity` units of a lot, all that can be sold of it now, with what their sale changes and costs."""

    lot: Lot
    quantity: Decimal
    sale: Sale
    costs: HarvestCosts
    option: Option
    circumstances: Circumstances


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


def candidates(setting: Setting) -> tuple[list[Candidate], list[Skip]]:
    """Every open lot, as one that could be sold or as one that is skipped.

    Without `takes_gains` only lots at a loss are candidates, and lots before them where the venue's order demands it.
    A position is left out whole where something stands against all of it.
    """
    found: list[Candidate] = []
    skipped: list[Skip] = []
    worth = _worth(setting.portfolio)
    for key, lots in _by_position(setting.portfolio.ledger.lots).items():
        around = setting.surroundings.get(key, PLAIN)
        reason = _against_all(setting, key, lots, around)
        if reason:
            skipped.extend(Skip(lot, reason) for lot in lots)
            continue
        price = setting.portfolio.quotes[key].price
        share = _share(setting.portfolio, key, worth)
        made = [_candidate(setting, lot, lot.quantity, price, around, share, rank) for rank, lot in enumerate(lots)]
        pairs = list(zip(lots, made, strict=True))
        if around.reach is Reach.IN_ORDER:
            taken, left = _in_order(pairs, around, setting)
        else:
            taken, left = _freely(pairs, setting)
        taken, locked = _unlocked(taken, lots, around, setting)
        found.extend(taken)
        skipped.extend((*left, *locked))
    return found, skipped


def _by_position(lots: Iterable[Lot]) -> dict[PositionKey, list[Lot]]:
    """Lots of each position, the oldest first."""
    grouped: dict[PositionKey, list[Lot]] = {}
    for lot in lots:
        if lot.asset != USD:
            grouped.setdefault((lot.account, lot.asset), []).append(lot)
    return grouped


def _against_all(setting: Setting, key: PositionKey, lots: Sequence[Lot], around: Circumstances) -> str:
    """What stands against every lot of the position, "" where nothing does."""
    _, asset = key
    quote = setting.portfolio.quotes.get(key)
    if _NFT in asset:
        return "a token of its own: its loss comes only with a real sale to an unrelated buyer"
    if quote is None:
        return "no price is known"
    if quote.price <= 0:
        return "the price is zero: a loss comes only with a real disposal, and nobody buys here"
    if not around.is_sellable:
        return "its exchange has no market against dollars"
    if around.is_mismatched:
        return "the balance does not match its lots: solve that first, or the sale may consume others"
    if around.is_security and around.bought_lately > 0:
        return "bought within 30 days: the wash-sale rule would defer the loss"
    return _too_small(lots, quote.price, around)


def _too_small(lots: Sequence[Lot], price: Decimal, around: Circumstances) -> str:
    limits = around.limits
    if limits is None:
        return ""
    held = ZERO
    for lot in lots:
        held = EXACT.add(held, lot.quantity)
    free = EXACT.subtract(held, around.locked)
    if limits.takes(free, price):
        return ""
    return "dust: all of it is less than the smallest order its exchange takes"


def _worth(portfolio: Portfolio) -> Decimal:
    """The value of all priced positions in US dollars."""
    whole = ZERO
    for key, position in portfolio.positions.items():
        quote = portfolio.quotes.get(key)
        if quote is not None:
            whole = EXACT.add(whole, EXACT.multiply(position.quantity, quote.price))
    return whole


def _share(portfolio: Portfolio, key: PositionKey, worth: Decimal) -> Decimal:
    """The position's part of the portfolio's value, to four digits."""
    own = EXACT.multiply(portfolio.positions[key].quantity, portfolio.quotes[key].price)
    return rounded(ROUNDED.divide(own, worth), 4) if worth else ZERO


def _candidate(
    setting: Setting,
    lot: Lot,
    quantity: Decimal,
    price: Decimal,
    around: Circumstances,
    share: Decimal,
    rank: int,
) -> Candidate | None:
    """The sale of so many units; None where the basis is unknown."""
    sale = sale_of(lot, quantity, price, setting.profile, setting.at, setting.zone, around.volatility, share)
    if sale is None:
        return None
    costs = costs_of(sale, setting.profile, setting.rates)
    is_short = sale.term is Term.SHORT
    option = Option(
        lot.lot_id,
        short_gain=sale.gain if is_short else ZERO,
        long_gain=ZERO if is_short else sale.gain,
        cost=costs.total,
        rank=rank,
    )
    return Candidate(lot, quantity, sale, costs, option, around)


def resized(setting: Setting, one: Candidate, quantity: Decimal) -> Candidate:
    """The same lot with other units to be sold."""
    price = setting.portfolio.quotes[one.lot.account, one.lot.asset].price
    made = _candidate(setting, one.lot, quantity, price, one.circumstances, one.sale.share, one.option.rank)
    assert made is not None, "a lot with a candidate has a basis"
    return made._replace(option=made.option._replace(chain=one.option.chain, place=one.option.place))


_Pairs = Sequence[tuple[Lot, Candidate | None]]


def _freely(pairs: _Pairs, setting: Setting) -> tuple[list[Candidate], list[Skip]]:
    taken: list[Candidate] = []
    skipped: list[Skip] = []
    for lot, candidate in pairs:
        why = _against(candidate, setting)
        if candidate is None or why:
            skipped.append(Skip(lot, why))
        else:
            taken.append(candidate)
    return taken, skipped


def _against(candidate: Candidate | None, setting: Setting) -> str:
    if candidate is None:
        return "its basis is unknown: close that gap first"
    gain = candidate.sale.gain
    if setting.takes_gains:
        if gain <= 0:
            return "no gain to harvest"
        if candidate.sale.term is Term.SHORT:
            return "a short-term gain: it would be taxed as ordinary income"
        return ""
    return "" if gain < 0 else "no loss to harvest"


def _in_order(pairs: _Pairs, around: Circumstances, setting: Setting) -> tuple[list[Candidate], list[Skip]]:
    """A chain: a lot can go only after all before it in the venue's order. What lies behind the last loss stays."""
    ordered = _ordered(pairs, around.lot_order)
    last = max((n for n, (_, one) in enumerate(ordered) if one is not None and not _against(one, setting)), default=-1)
    chain: list[Candidate] = []
    skipped: list[Skip] = []
    blocked = ""
    for place, (lot, candidate) in enumerate(ordered):
        if not blocked and candidate is None:
            blocked = "the venue would sell a lot of unknown basis before it"
            skipped.append(Skip(lot, _against(None, setting)))
        elif candidate is None or blocked:
            skipped.append(Skip(lot, blocked or _against(None, setting)))
        elif place > last:
            skipped.append(Skip(lot, _against(candidate, setting)))
        else:
            name = f"{lot.account}\n{lot.asset}"
            chain.append(candidate._replace(option=candidate.option._replace(chain=name, place=place)))
    return chain, skipped


def _ordered(pairs: _Pairs, order: str) -> list[tuple[Lot, Candidate | None]]:
    """The lots as the venue uses them up; they come by age."""
    if order == "fifo":
        return list(pairs)
    if order == "lifo":
        return list(reversed(pairs))

    def unit_cost(pair: tuple[Lot, Candidate | None]) -> Fraction:
        lot = pair[0]
        return Fraction(lot.cost_basis or ZERO) / Fraction(lot.quantity)

    return sorted(pairs, key=unit_cost, reverse=order == "hifo")


def _unlocked(
    taken: list[Candidate],
    lots: Sequence[Lot],
    around: Circumstances,
    setting: Setting,
) -> tuple[list[Candidate], list[Skip]]:
    """What of the candidates the unlocked units cover; units are alike, so the deepest losses are given them first."""
    if not around.locked:
        return taken, []
    free = EXACT.minus(around.locked)
    for lot in lots:
        free = EXACT.add(free, lot.quantity)
    kept: list[Candidate] = []
    skipped: list[Skip] = []
    for one in sorted(taken, key=_turn):
        if free <= 0:
            skipped.append(
                Skip(one.lot, f"staked or locked: {plain(around.locked)} of the position cannot be sold now")
            )
        elif one.quantity <= free:
            kept.append(one)
        else:
            kept.append(resized(setting, one, free))
        free = EXACT.subtract(free, one.quantity)
    return kept, skipped


def _turn(one: Candidate) -> tuple[int, Fraction, LotId]:
    """In a chain its place, else the deepest loss by unit first."""
    if one.option.chain:
        return one.option.place, Fraction(0), one.lot.lot_id
    return 0, Fraction(one.sale.gain) / Fraction(one.quantity), one.lot.lot_id
