"""Totals that follow the prices: a tick costs what the positions that moved cost, not what all of them do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import compress
from operator import is_not
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio, Position, PositionKey, Totals
from harvest_tui.core.records import Quote

_NO_QUOTES: Mapping[PositionKey, Quote] = {}


class _Share(NamedTuple):
    """What one position adds to the totals at one price, in US dollars."""

    value: Decimal = ZERO
    unrealized: Decimal = ZERO
    short: Decimal = ZERO
    long: Decimal = ZERO
    unpriced: int = 1


def moved(
    before: Mapping[PositionKey, Quote], after: Mapping[PositionKey, Quote], keys: Sequence[PositionKey]
) -> list[int]:
    """The numbers of the keys whose quote is another one."""
    others = compress(range(len(keys)), map(is_not, map(before.get, keys), map(after.get, keys)))
    return [number for number in others if _differ(before.get(keys[number]), after.get(keys[number]))]


def _differ(old: Quote | None, new: Quote | None) -> bool:
    return old is None or new is None or old.price != new.price or old != new


class RunningTotals:
    """`Portfolio.totals`, the same to the last digit, for one portfolio after the other."""

    def __init__(self) -> None:
        self._positions: Mapping[PositionKey, Position] | None = None
        self._keys: tuple[PositionKey, ...] = ()
        self._quotes = _NO_QUOTES
        self._shares: list[_Share] = []
        self._totals = Totals()

    def of(self, portfolio: Portfolio) -> Totals:
        """The totals at the portfolio's prices, in US dollars."""
        if portfolio.positions is not self._positions:
            self._begin(portfolio)
        changed = moved(self._quotes, portfolio.quotes, self._keys) if portfolio.quotes is not self._quotes else []
        self._quotes = portfolio.quotes
        if changed:
            self._take(portfolio, changed)
        return self._totals

    def _begin(self, portfolio: Portfolio) -> None:
        positions = portfolio.positions
        self._positions, self._keys, self._quotes = positions, tuple(positions), _NO_QUOTES
        self._shares = [_Share()] * len(self._keys)
        cost, unknown = ZERO, 0
        for position in positions.values():
            cost = EXACT.add(cost, position.cost_basis)
            unknown += position.known_quantity != position.quantity
        self._totals = Totals(cost_basis=cost, unpriced=len(self._keys), unknown_basis=unknown)

    def _take(self, portfolio: Portfolio, changed: Iterable[int]) -> None:
        add, subtract = EXACT.add, EXACT.subtract
        cost, value, unrealized, short, long, unpriced, unknown = self._totals
        for number in changed:
            key = self._keys[number]
            old, new = self._shares[number], _share(portfolio.positions[key], portfolio.quotes.get(key))
            self._shares[number] = new
            value = add(value, subtract(new.value, old.value))
            unrealized = add(unrealized, subtract(new.unrealized, old.unrealized))
            short = add(short, subtract(new.short, old.short))
            long = add(long, subtract(new.long, old.long))
            unpriced += new.unpriced - old.unpriced
        self._totals = Totals(cost, value, unrealized, short, long, unpriced, unknown)


def _share(position: Position, quote: Quote | None) -> _Share:
    if quote is None:
        return _Share()
    price = quote.price
    value = EXACT.multiply(position.quantity, price)
    known = value if position.known_quantity is position.quantity else EXACT.multiply(position.known_quantity, price)
    return _Share(
        value,
        EXACT.subtract(known, position.cost_basis),
        position.short.loss_at(price) if position.short else ZERO,
        position.long.loss_at(price) if position.long else ZERO,
        0,
    )
