"""Which rows the lot table has and in which order: filtered, grouped, sorted. Pure, so that a thread can do it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.portfolio import Portfolio
from harvest_tui.ui.widgets.lot_filter import EVERYTHING, LotFilter, Seen, seen_lots
from harvest_tui.ui.widgets.lot_order import LotOrder, Sorting
from harvest_tui.ui.widgets.lot_sums import Cell, Subtotal, Sums, Tally, sums_of_lots, sums_of_positions, sums_of_seen

SHORT, LONG = "short", "long"


class Wish(NamedTuple):
    """What the user wants to see. `group` is `asset`, `account`, `term` or empty; `opened` groups show their lots."""

    chosen: LotFilter = EVERYTHING
    sorting: Sorting = Sorting()
    group: str = ""
    opened: frozenset[str] = frozenset()
    opens_all: bool = False

    def shows_lots_of(self, group: str) -> bool:
        """Whether the group is unfolded; with `opens_all`, `opened` are those that are not."""
        return (group in self.opened) is not self.opens_all


class Arrangement(NamedTuple):
    """Rows of one wish: indexes of lots, and `~number` for the line of a group. `names` are those of the groups."""

    order: LotOrder
    wish: Wish
    rows: list[int]
    names: tuple[str, ...]
    tally: Tally

    def row_of(self, name: str) -> int | None:
        """The row of the group's own line."""
        return self.rows.index(~self.names.index(name)) if name in self.names else None

    def group_of(self, index: int, portfolio: Portfolio) -> str:
        """The name of the group a lot belongs to; empty without groups."""
        account, asset = self.order.positions[self.order.position_of[index]]
        match self.wish.group:
            case "asset":
                return asset
            case "account":
                return account
            case "term":
                return LONG if portfolio.tax_day >= self.order.lots[index].long_term_on else SHORT
        return ""


def as_they_come(order: LotOrder, portfolio: Portfolio) -> Arrangement:
    """Every lot in ledger order: what is shown until a large portfolio is arranged."""
    sums = sums_of_positions(range(len(order.positions)), order, portfolio)
    tally = Tally({(0, position): each for position, each in sums.items()}, order.positions, 1)
    tally.take(portfolio)
    return Arrangement(order, Wish(), list(range(len(order.lots))), (), tally)


def arrange(order: LotOrder, wish: Wish, portfolio: Portfolio) -> Arrangement:
    """The rows of the wish at these prices."""
    seen = seen_lots(wish.chosen, order, portfolio)
    if not wish.group:
        cells = {(0, position): sums for position, sums in sums_of_seen(seen, order, portfolio).items()}
        tally = Tally(cells, order.positions, 1)
        tally.take(portfolio)
        return Arrangement(order, wish, order.ordered(wish.sorting, portfolio, seen.rows), (), tally)
    names, group_of, sums = _groups(order, wish, portfolio, seen)
    tally = Tally(sums, order.positions, len(names))
    tally.take(portfolio)
    members: list[list[int]] = [[] for _ in names]
    opened = {number for number, name in enumerate(names) if wish.shows_lots_of(name)}
    if opened:
        # Lots of folded groups need no order; those of the others are sorted once, then dealt out.
        shown = [row for row in seen.rows if group_of[row] in opened]
        for row in order.ordered(wish.sorting, portfolio, shown):
            members[group_of[row]].append(row)
    rows: list[int] = []
    for number in _in_order(names, tally.groups, wish.sorting):
        rows.append(~number)
        rows += members[number]
    return Arrangement(order, wish, rows, names, tally)


def _groups(
    order: LotOrder, wish: Wish, portfolio: Portfolio, seen: Seen
) -> tuple[tuple[str, ...], Sequence[int], dict[Cell, Sums]]:
    """Names of the groups, the number of each lot's group, and the sums of each group's cells."""
    if wish.group == "term":
        return _terms(order, portfolio, seen)
    sums = sums_of_seen(seen, order, portfolio)
    place = 1 if wish.group == "asset" else 0
    numbers: dict[str, int] = {}
    group_of = {position: numbers.setdefault(order.positions[position][place], len(numbers)) for position in sums}
    cells = {(group_of[position], position): each for position, each in sums.items()}
    by_position = [group_of.get(position, -1) for position in range(len(order.positions))]
    return tuple(numbers), [by_position[position] for position in order.position_of], cells


def _terms(
    order: LotOrder, portfolio: Portfolio, seen: Seen
) -> tuple[tuple[str, ...], Sequence[int], dict[Cell, Sums]]:
    long_on, today = order.figure("long_on", portfolio), portfolio.tax_day.toordinal()
    parts = {
        SHORT: [row for row in seen.rows if long_on[row] > today],
        LONG: [row for row in seen.rows if long_on[row] <= today],
    }
    names = tuple(name for name, rows in parts.items() if rows)
    cells: dict[Cell, Sums] = {}
    for number, name in enumerate(names):
        cells |= {(number, position): sums for position, sums in sums_of_lots(parts[name], order, portfolio).items()}
    long = len(names) - 1
    return names, [long if day <= today else 0 for day in long_on], cells


def _in_order(names: Sequence[str], subtotals: Sequence[Subtotal], sorting: Sorting) -> list[int]:
    """The groups by the subtotal of the sorted column, or by name; unknown ones come last either way."""
    figures = [figure_of(subtotal, sorting.column) for subtotal in subtotals]
    if all(figure is None for figure in figures):
        is_turned = sorting.descending and sorting.column in ("asset", "account")
        return sorted(range(len(names)), key=names.__getitem__, reverse=is_turned)
    known = [number for number, figure in enumerate(figures) if figure is not None]
    known.sort(key=lambda number: figures[number] or Decimal(0), reverse=sorting.descending)
    return known + [number for number, figure in enumerate(figures) if figure is None]


def figure_of(subtotal: Subtotal, column: str) -> Decimal | None:
    """The group's own figure in a column of sums; None where it has none or it is unknown."""
    if column == "cost_basis":
        return subtotal.cost_basis if subtotal.known_quantity else None
    if subtotal.is_unpriced:
        return None
    if column == "value":
        return subtotal.value
    if column == "unrealized":
        return subtotal.unrealized if subtotal.known_quantity else None
    return subtotal.percent if column == "percent" else None
