"""The way back into each harvested position: what it costs now, up to which price it pays, and how long one waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.identification.rebuy import NO_WAIT, Acquired, Acquisition, Rebuy
from harvest_tui.core.identification.ticket import price_text
from harvest_tui.core.identification.waiting import PRESETS, countdown, typical_move, wait_words
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.money import plain
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import Quote
from harvest_tui.core.tax_days import days_to_long_term, tax_day
from harvest_tui.ui.format import UNKNOWN, ago, clean, count, day, exact, money, signed, trimmed
from harvest_tui.ui.widgets.lane_table import Column, dollars, fitting, header_of, role_of, row_of, units
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part as Words
from harvest_tui.ui.widgets.row_view import Piece

COLUMNS = (
    Column("#", 4, 0),
    Column("Account", 10, 5, True),
    Column("Asset", 7, 0, True),
    Column("Way back", 24, 0, True),
    Column("To restore", 11, 1),
    Column("Cash raised", 12, 8),
    Column("Costs now", 12, 4),
    Column("Drift", 10, 3),
    Column("Worth", 12, 6),
    Column("Break-even", 12, 2),
    Column("Price", 12, 7),
    Column("Early", 6, 9),
)
_HOW = {
    Acquired.BOUGHT: "bought (a recurring buy?)",
    Acquired.INCOME: "came as income (staking, reward, airdrop)",
    Acquired.MOVED_IN: "moved in from outside",
}


class Return(NamedTuple):
    """A harvested position and what it meets now: the newest price (None: there is none) and the asset's moves."""

    rebuy: Rebuy
    quote: Quote | None
    moves: Volatility | None

    @property
    def price(self) -> Decimal | None:
        """US dollars for one unit."""
        return None if self.quote is None else self.quote.price

    @property
    def cost_now(self) -> Decimal | None:
        """What the units left would cost."""
        return self.rebuy.cost_now(self.price)

    @property
    def drift(self) -> Decimal | None:
        """By how much more than they were sold for."""
        return self.rebuy.drift(self.price)


def rebuy_rows(returns: Sequence[Return], now: datetime, width: int) -> tuple[Line, list[Line]]:
    """Titles and one line a position, as many columns as fit."""
    kept = fitting(COLUMNS, width)
    return header_of(COLUMNS, kept), [row_of(COLUMNS, kept, _cells(one, now)) for one in returns]


def _cells(one: Return, now: datetime) -> tuple[Piece, ...]:
    back, drift = one.rebuy, one.drift
    words, role = way_back(one, now)
    dear = role_of(None if drift is None else drift.copy_negate())  # what costs more is bad
    return (
        (str(back.record), "muted"),
        (clean(back.account), "plain"),
        (clean(back.asset), "title"),
        (words, role),
        (units(back.left, 10), "plain" if back.left else "muted"),
        (dollars(back.cash, 11), "plain"),
        (dollars(one.cost_now, 11) if back.left else UNKNOWN, "plain"),
        (dollars(drift, 9, has_sign=True) if back.left else UNKNOWN, dear if back.left else "muted"),
        (dollars(back.benefit, 11, has_sign=True), role_of(back.benefit)),
        (UNKNOWN if back.break_even is None else _price(back.break_even), "plain"),
        (UNKNOWN if one.price is None else _price(one.price), "plain"),
        (str(len(back.early)) if back.early else "", "soon"),
    )


def _price(price: Decimal) -> str:
    return trimmed(price, 2 if price >= 10 else 8, 2)


def way_back(one: Return, now: datetime) -> tuple[str, str]:
    """Where the position stands on its way back, in a sign and a few words, and their role."""
    back, price = one.rebuy, one.price
    if back.is_restored:
        return "✓ bought back", "gain"
    left = back.remaining(now)
    if left:
        return f"◔ waits {countdown(left)}", "soon"
    if price is not None and back.break_even is not None and price > back.break_even:
        return "✗ above break-even", "loss"
    return ("◐ partly bought back" if back.bought else "○ may be bought now"), "soon" if back.bought else "plain"


def rebuy_words(one: Return, now: datetime, zone: ZoneInfo, law: str) -> list[list[Words]]:
    """The way back in full, a list of parts for each line."""
    back = one.rebuy
    name = f"{plain(back.units)} {back.asset} sold in {back.account} under record {back.record}"
    sign, role = way_back(one, now)
    lines: list[list[Words]] = [[(clean(f"{name}: {sign[2:]}", 300), "bold" if role == "plain" else f"bold ${role}")]]
    sold = f"{_instant(back.first_sold_at, zone)}"
    if back.last_sold_at != back.first_sold_at:
        sold += f" to {_instant(back.last_sold_at, zone)}"
    lines.append([f"  cash raised {money(back.cash)} after fees, {sold}"])
    if back.left:
        lines += _cost(one, now)
        lines += _wait(one, now, zone, law)
    for early in back.early:
        lines.append([("  ! early: ", "bold $soon"), clean(_early(early, back, zone), 300)])
    for bought in back.bought:
        lines.append([("  ✓ bought back: ", "$gain"), clean(_bought(bought, back, zone), 300)])
    for lot in back.new_lots:
        lines.append([("  new lot: ", "$muted"), clean(_new_lot(lot, now, zone), 300)])
    return lines


def _cost(one: Return, now: datetime) -> list[list[Words]]:
    back = one.rebuy
    if one.quote is None:
        return [[("  no price is known now: what buying back costs cannot be told", "$soon")]]
    at = f"{_price(one.quote.price)} ({clean(one.quote.source, 40)}, {ago(one.quote.at, now)})"
    drift = one.drift
    turn = "" if drift is None else f", {signed(drift)} against the {plain(back.left)} sold"
    lines: list[list[Words]] = [[f"  {exact(back.left)} cost {money(one.cost_now)} now at {at}{turn}"]]
    if back.benefit is None or back.break_even is None:
        lines.append([("  the record does not say what the sale was worth, so there is no break-even price", "$muted")])
        return lines
    lines.append(
        [
            f"  the sale is worth {signed(back.benefit)} in tax after all costs; break-even {_price(back.break_even)}: "
            "above it buying back costs more than that"
        ]
    )
    return lines


def _wait(one: Return, now: datetime, zone: ZoneInfo, law: str) -> list[list[Words]]:
    back = one.rebuy
    lines: list[list[Words]] = []
    if back.wait > NO_WAIT:
        left = back.remaining(now)
        state = f"{countdown(left)} left, until {_instant(back.ends_at, zone)}" if left else "it is over"
        lines.append([("  wait ", "$muted"), f"{wait_words(back.wait)}: {state}"])
    else:
        lines.append([("  wait ", "$muted"), "none: buying back at once is the default"])
    lines.append([(f"  {law}", "$muted")])
    lines.append([("  risk ", "$muted"), risk_words(one), ("   W", "bold $soon"), (" sets the wait", "$muted")])
    return lines


def risk_words(one: Return) -> str:
    """How far the price usually moves the units left in a day and over the waits that one may choose."""
    value, moves = one.cost_now, one.moves
    if typical_move(value, moves) is None:
        return "unknown without a price"
    waits = dict.fromkeys([*PRESETS[1:], *([one.rebuy.wait] if one.rebuy.wait else [])])
    told = [f"{wait_words(wait)} ±{money(typical_move(value, moves, wait))}" for wait in sorted(waits)]
    sure = "" if moves is not None and moves.returns else " (volatility assumed: too few daily prices)"
    return f"a usual move of the price is {', '.join(told)}{sure}"


def _early(one: Acquisition, back: Rebuy, zone: ZoneInfo) -> str:
    counts = f", {plain(one.restores)} of it counted as bought back" if one.restores else ""
    return (
        f"{plain(one.quantity)} {back.asset} {_HOW[one.how]} in {one.account} on {_instant(one.at, zone)} "
        f"({one.event_id}), before the wait was over{counts}"
    )


def _bought(one: Acquisition, back: Rebuy, zone: ZoneInfo) -> str:
    return (
        f"{plain(one.restores)} of {plain(one.quantity)} {back.asset} in {one.account} on {_instant(one.at, zone)} "
        f"for {money(one.cost)} ({one.event_id})"
    )


def _new_lot(lot: Lot, now: datetime, zone: ZoneInfo) -> str:
    left = days_to_long_term(lot.long_term_on, tax_day(now, zone))
    clock = f"in {count(left, 'day')}" if left else "it is"
    return (
        f"{lot.lot_id}: {plain(lot.quantity)} {lot.asset}, basis {money(lot.cost_basis)}, long-term from "
        f"{day(lot.long_term_on)} ({clock})"
    )


def _instant(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def order_text(one: Return, now: datetime, zone: ZoneInfo) -> str:
    """What to buy by hand, to copy: units, limit price and from when on. Nothing here places an order."""
    back = one.rebuy
    if back.is_restored:
        return f"{back.account}: nothing to buy, {plain(back.units)} {back.asset} are bought back\n"
    lines = [f"{back.account}: buy {plain(back.left)} {back.asset}"]
    if back.break_even is not None and back.break_even > 0:
        lines.append(
            f"  limit {price_text(back.break_even)} USD for one {back.asset}: above it the harvest is eaten up"
        )
    if back.remaining(now) > timedelta(0):
        lines.append(
            f"  not before {_instant(back.ends_at, zone)} ({zone.key}), as chosen: wait {wait_words(back.wait)}"
        )
    lines.append(f"  restores what record {back.record} sold; a new lot with a new holding period")
    return "".join(f"{clean(line, 300)}\n" for line in lines)


def quote_for(back: Rebuy, quotes: Mapping[PositionKey, Quote]) -> Quote | None:
    """The price of the account's own position, else the newest of the asset anywhere."""
    own = quotes.get((back.account, back.asset))
    others = [quote for (_, asset), quote in quotes.items() if asset == back.asset]
    return own or max(others, key=lambda quote: quote.at, default=None)
