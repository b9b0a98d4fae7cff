"""What each account holds of an asset, at the latest price: one line an account and their sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import AccountId
from harvest_tui.ui.format import aligned, arrow_of, clean, clip, result_role
from harvest_tui.ui.widgets.asset_page import AssetPage
from harvest_tui.ui.widgets.line_list import Line

_NARROW = 110


class Holding(NamedTuple):
    """Units, and US dollars where they are known: a sum leaves out what is not."""

    name: str
    order: str
    lots: int
    units: Decimal
    locked: Decimal
    basis: Decimal
    value: Decimal | None
    unrealized: Decimal | None
    short: Decimal | None
    long: Decimal | None
    old: str = ""


def holdings(page: AssetPage, portfolio: Portfolio, stale: Mapping[AccountId, str]) -> list[Holding]:
    """One for each account, and the sum where there are several."""
    orders = {group.account: group.use.order for group in page.groups}
    pool = orders.get(None, "")
    found = []
    for one in page.positions:
        quote = portfolio.quotes.get((one.account, one.asset))
        value = unrealized = short = long = None
        if quote is not None:
            price = quote.price
            value = EXACT.multiply(one.quantity, price)
            unrealized = EXACT.subtract(EXACT.multiply(one.known_quantity, price), one.cost_basis)
            short = one.short.loss_at(price) if one.short else ZERO
            long = one.long.loss_at(price) if one.long else ZERO
        found.append(
            Holding(one.account, (orders.get(one.account) or pool).upper(), one.lot_count, one.quantity,
                    page.locked.get(one.account, ZERO), one.cost_basis, value, unrealized, short, long,
                    stale.get(one.account, ""))
        )  # fmt: skip
    return [*found, _sum(found)] if len(found) > 1 else found


def _sum(found: list[Holding]) -> Holding:
    return Holding(
        "in all",
        "",
        sum(one.lots for one in found),
        _total(one.units for one in found) or ZERO,
        _total(one.locked for one in found) or ZERO,
        _total(one.basis for one in found) or ZERO,
        _total(one.value for one in found),
        _total(one.unrealized for one in found),
        _total(one.short for one in found),
        _total(one.long for one in found),
    )


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    total = None
    for value in values:
        if value is not None:
            total = value if total is None else EXACT.add(total, value)
    return total


def header(width: int) -> Line:
    """The titles over `holding_line`."""
    titles = ["Account   "]
    if width >= _NARROW:
        titles += ["Order", " Lots", "       Units ", "      Locked ", "   Cost basis"]
    else:
        titles.append("       Units ")
    titles += ["        Value", "  Unrealized ", "Loss short ", " Loss long "]
    return ((" " + " ".join(titles), "header"),)


def holding_line(one: Holding, width: int) -> Line:
    """One account; columns that do not fit are left out."""
    role = "stale" if one.old else "plain"
    line = [(" " + clip(clean(one.name), 10) + " ", "title")]
    if width >= _NARROW:
        line += [(clip(one.order, 5) + " ", "muted"), (f"{one.lots:,}".rjust(5) + " ", "plain")]
    line.append((aligned(one.units, 8, 4, 0) + " ", "plain"))
    if width >= _NARROW:
        locked = aligned(one.locked, 8, 4, 0) if one.locked else " " * 13
        line += [(locked + " ", "soon"), (aligned(one.basis, 10, 2, 2) + " ", "plain")]
    figure = "stale" if one.old else result_role(one.unrealized)
    line += [
        (aligned(one.value, 10, 2, 2) + " ", role),
        (aligned(one.unrealized, 9, 2, 2, sign=True) + arrow_of(one.unrealized) + " ", figure),
        (aligned(one.short, 8, 2, 2) + " ", "loss" if one.short else "muted"),
        (aligned(one.long, 8, 2, 2), "loss" if one.long else "muted"),
    ]
    return tuple(line)
