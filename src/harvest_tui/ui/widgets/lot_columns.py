"""The columns of the lot table, how wide each is, and which give way on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from rich.cells import cell_len

from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.core.portfolio import Portfolio, PositionKey
from harvest_tui.ui.format import clean, number


class Column(NamedTuple):
    """`gives_way` orders the columns that are dropped, lowest first; 0 is never dropped."""

    key: str
    title: str
    gives_way: int = 0
    is_number: bool = False
    is_live: bool = False


COLUMNS = (
    Column("account", "Account", 8),
    Column("asset", "Asset"),
    Column("acquired", "Acquired", 2),
    Column("held", "Held", 9),
    Column("quantity", "Quantity", 6, is_number=True),
    Column("unit_cost", "Unit cost", 3, is_number=True),
    Column("cost_basis", "Cost basis", 5, is_number=True),
    Column("price", "Price", 7, is_number=True, is_live=True),
    Column("value", "Value", 4, is_number=True, is_live=True),
    Column("unrealized", "Unrealized", is_number=True, is_live=True),
    Column("percent", "%", is_number=True, is_live=True),
    Column("term", "Term", 1),
)
BY_KEY = {column.key: column for column in COLUMNS}

AGE_CELLS = 4
GUTTER = 2
"""Cells left of the first column, kept for marks."""


class Measures(NamedTuple):
    """How much room the figures at hand need, in cells."""

    account: int = 7
    asset: int = 5
    quantity_whole: int = 3
    price_whole: int = 3
    price_places: int = 2
    cost_whole: int = 6
    value_whole: int = 6
    unrealized_whole: int = 8

    def covers(self, other: Measures) -> bool:
        """Whether everything `other` needs fits here."""
        return other.joined(self) == self

    def joined(self, other: Measures) -> Measures:
        """Room for both."""
        return Measures(*map(max, self, other))


class Placed(NamedTuple):
    """A column at cell `x`; a figure has `whole` cells before its point and `places` after it."""

    column: Column
    x: int
    width: int
    whole: int = 0
    places: int = 0


def measure(portfolio: Portfolio, keys: Iterable[PositionKey] | None = None) -> Measures:
    """Room for these positions (all by default): their number counts, not that of the lots."""
    account, asset, largest_lot = 7, 5, Decimal(1)
    prices: list[Decimal] = []
    cost = value = gain = Decimal(0)
    for key in portfolio.positions if keys is None else keys:
        position = portfolio.positions[key]
        account = max(account, cell_len(clean(position.account, 24)))
        asset = max(asset, cell_len(clean(position.asset, 12)))
        for ladder in (position.short, position.long):
            if ladder is not None:
                prices += [unit for unit in ladder.unit_cost_range() if unit > 0]
        largest_lot = max(largest_lot, ROUNDED.divide(position.quantity, Decimal(min(position.lot_count, 2))))
        cost = max(cost, position.cost_basis)
        quote = portfolio.quotes.get(key)
        if quote is not None and quote.price > 0:
            prices.append(quote.price)
            worth = EXACT.multiply(position.quantity, quote.price)
            value = max(value, worth)
            gain = max(gain, abs(EXACT.subtract(worth, position.cost_basis)))
    least, most = min(prices, default=Decimal(100)), max(prices, default=Decimal(100))
    return Measures(
        account=min(account, 24),
        asset=min(asset, 12),
        quantity_whole=min(_whole(largest_lot), 9),
        price_whole=min(_whole(most), 9),
        price_places=max(2, min(8, 3 - least.adjusted())),
        cost_whole=max(6, min(_whole(cost), 13)),
        value_whole=max(6, min(_whole(value), 13)),
        unrealized_whole=max(8, min(_whole(max(gain, cost)) + 1, 14)),
    )


def measure_prices(portfolio: Portfolio, keys: Iterable[PositionKey]) -> Measures:
    """The room that the prices of these positions need: what is no price of theirs was measured before."""
    least: Decimal | None = None
    most = value = gain = Decimal(0)
    for key in keys:
        quote = portfolio.quotes.get(key)
        if quote is None or quote.price <= 0:
            continue
        position, price = portfolio.positions[key], quote.price
        least = price if least is None or price < least else least
        most = max(most, price)
        worth = EXACT.multiply(position.quantity, price)
        value = max(value, worth)
        gain = max(gain, abs(EXACT.subtract(worth, position.cost_basis)))
    if least is None:
        return Measures()
    return Measures(
        price_whole=min(_whole(most), 9),
        price_places=max(2, min(8, 3 - least.adjusted())),
        value_whole=max(6, min(_whole(value), 13)),
        unrealized_whole=max(8, min(_whole(gain) + 1, 14)),
    )


class PriceSpans:
    """The least and the highest price of each position that columns were measured for."""

    def __init__(self) -> None:
        self._spans: dict[PositionKey, tuple[Decimal, Decimal]] = {}

    def further(self, portfolio: Portfolio, keys: Iterable[PositionKey]) -> list[PositionKey]:
        """Those whose price lies beyond: no figure at a price in between is wider than at both ends."""
        found = []
        for key in keys:
            quote = portfolio.quotes.get(key)
            if quote is None or key not in portfolio.positions:
                continue
            price, span = quote.price, self._spans.get(key)
            if span is None or not span[0] <= price <= span[1]:
                self._spans[key] = (price, price) if span is None else (min(span[0], price), max(span[1], price))
                found.append(key)
        return found


def _whole(value: Decimal) -> int:
    return len(number(value, 0))


def _widths(measures: Measures, quantity_places: int, account: int, asset: int) -> dict[str, tuple[int, int, int]]:
    price = measures.price_whole + 1 + measures.price_places
    quantity = max(len(BY_KEY["quantity"].title), measures.quantity_whole + 1 + quantity_places)
    return {
        "account": (account, 0, 0),
        "asset": (asset, 0, 0),
        "acquired": (10, 0, 0),
        "held": (10, 0, 0),
        "quantity": (quantity, quantity - quantity_places - 1, quantity_places),
        "unit_cost": (max(9, price), max(9, price) - measures.price_places - 1, measures.price_places),
        "cost_basis": (max(10, measures.cost_whole + 3), max(7, measures.cost_whole), 2),
        "price": (price + AGE_CELLS, measures.price_whole, measures.price_places),
        "value": (measures.value_whole + 3, measures.value_whole, 2),
        "unrealized": (measures.unrealized_whole + 4, measures.unrealized_whole, 2),
        "percent": (8, 5, 1),
        "term": (5, 0, 0),
    }


def lay_out(
    width: int, measures: Measures, *, show_all: bool = False, chosen: Sequence[Column] = COLUMNS
) -> tuple[Placed, ...]:
    """The `chosen` columns that fit into `width` cells, from left to right; all of them with `show_all`.

    First decimals of the quantity give way, then whole columns in their fixed order; room that is
    left goes to the names.
    """
    account, asset = min(measures.account, 8), min(measures.asset, 6)
    columns = list(chosen)
    places = 8
    while not show_all:
        sizes = _widths(measures, places, account, asset)
        if GUTTER + sum(sizes[column.key][0] + 1 for column in columns) - 1 <= width:
            break
        if places > 5:
            places -= 1
            continue
        droppable = [column for column in columns if column.gives_way]
        if not droppable or len(columns) == 1:
            break
        first = min(droppable, key=lambda column: column.gives_way)
        columns = [column for column in columns if column is not first]
    sizes = _widths(measures, places, account, asset)
    return _place([(column, *sizes[column.key]) for column in columns], width, measures)


def _place(sized: list[tuple[Column, int, int, int]], width: int, measures: Measures) -> tuple[Placed, ...]:
    room = width - GUTTER - sum(cells + 1 for _, cells, _, _ in sized) + 1
    wanted = {"account": measures.account, "asset": measures.asset}
    widths, wide_gaps = [], set[str]()
    for column, cells, _, _ in sized:
        more = max(0, min(wanted.get(column.key, cells) - cells, room))
        widths.append(cells + more)
        room -= more
    for column, *_ in sorted(sized[1:], key=lambda each: not each[0].is_number):
        if room > 0:
            wide_gaps.add(column.key)
            room -= 1
    placed, x = [], GUTTER - 1
    for (column, _, whole, decimals), cells in zip(sized, widths, strict=True):
        x += 2 if column.key in wide_gaps else 1
        placed.append(Placed(column, x, cells, whole, decimals))
        x += cells
    return tuple(placed)


def width_of(placed: tuple[Placed, ...]) -> int:
    """Cells the whole row takes."""
    return placed[-1].x + placed[-1].width if placed else GUTTER
