"""What no market prices: tokens of their own and dead coins. Nothing of them is counted until there is a buyer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.bill import ExpectedBill
from harvest_tui.core.harvest.disposal import CHECKLIST, DisposalWorth, Disposed, Offer, disposed, worth_of
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.portfolio import Portfolio, PositionKey, term_on
from harvest_tui.core.records import USD, Asset
from harvest_tui.core.tax.answers import read_money
from harvest_tui.core.tax_days import days_to_long_term, tax_day
from harvest_tui.errors import InputError
from harvest_tui.session import FeedState, FeedStatus
from harvest_tui.session.offers import NOTHING_TOLD, Told
from harvest_tui.ui.format import UNKNOWN, clean, count, day, exact, money, signed
from harvest_tui.ui.widgets.lane_table import Column, dollars, fitting, header_of, role_of, row_of, units
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part as Words
from harvest_tui.ui.widgets.row_view import Piece

_ANSWERING = {FeedStatus.LIVE, FeedStatus.POLLING}
TOKEN = "#"
"""What stands between collection and token in the name of an asset of one unit."""
COLUMNS = (
    Column("What", 9, 3, True),
    Column("Account", 11, 6, True),
    Column("Asset", 22, 0, True),
    Column("Units", 12, 7),
    Column("Acquired", 11, 9, True),
    Column("Term", 6, 8, True),
    Column("Basis", 12, 1),
    Column("Offer", 11, 4),
    Column("Cost", 9, 5),
    Column("Loss", 12, 10),
    Column("Would save", 12, 0),
    Column("Better by", 12, 2),
)
HOW = "dollars for the whole lot, and what the disposal costs: 0, 25, or 25 cost 4.50; none takes it away"


class Illiquid(NamedTuple):
    """A lot without a market. `sale` and `worth` are of a disposal at the offer, or for nothing where there is none;
    None where the basis is unknown, or nobody has weighed the year yet."""

    lot: Lot
    told: Told = NOTHING_TOLD
    sale: Disposed | None = None
    worth: DisposalWorth | None = None

    @property
    def is_token(self) -> bool:
        """One of its kind."""
        return TOKEN in self.lot.asset


class Unpriced(NamedTuple):
    """`positions` that no market prices, and coins of which nobody knows yet whether one does."""

    positions: tuple[PositionKey, ...]
    waiting: frozenset[Asset]


def unpriced_positions(portfolio: Portfolio, feeds: Mapping[str, FeedState]) -> Unpriced:
    """What no market prices, tokens of their own first. Costs positions, not lots.

    A coin is of them only where its price is zero, or where the exchanges that were asked for it have no market and one
    of them answers now: that no price is known proves nothing.
    """
    found, waiting = [], set()
    for key in portfolio.positions:
        quote = portfolio.quotes.get(key)
        if key[1] == USD or (quote is not None and quote.price > 0 and TOKEN not in key[1]):
            continue
        if TOKEN in key[1] or quote is not None or _has_no_market(key[1], portfolio.exchanges.get(key[0], ""), feeds):
            found.append(key)
        else:
            waiting.add(key[1])
    return Unpriced(tuple(sorted(found, key=lambda key: (TOKEN not in key[1], key[1], key[0]))), frozenset(waiting))


def _has_no_market(asset: Asset, exchange: str, feeds: Mapping[str, FeedState]) -> bool:
    """An account's own exchange is asked, or every one for what lies outside of exchanges."""
    asked = [feeds[exchange]] if exchange in feeds else list(feeds.values())
    return any(feed.status in _ANSWERING for feed in asked) and all(asset in feed.unpriced for feed in asked)


def weighed(lot: Lot, told: Told, bill: ExpectedBill | None, now: datetime, zone: ZoneInfo) -> Illiquid:
    """The lot with what its disposal would do to the year."""
    sale = disposed(lot, told.terms, now, zone)
    worth = None if sale is None or bill is None else worth_of(bill, [(sale, told.terms)])
    return Illiquid(lot, told, sale, worth)


def together(rows: Sequence[Illiquid], bill: ExpectedBill | None) -> DisposalWorth | None:
    """All of them disposed of in one year: less than the sum of each, where their losses meet the same gains."""
    if bill is None:
        return None
    return worth_of(bill, [(one.sale, one.told.terms) for one in rows if one.sale is not None])


def read_offer(text: str) -> Offer | None:
    """The offer that the words tell, None for `none`. Raises InputError where they tell none or one below zero."""
    words = text.strip().lower()
    if words == "none":
        return None
    price, _, cost = words.partition("cost")
    offer = Offer(read_money(price), read_money(cost) if "cost" in words else None)
    if offer.price < 0 or (offer.cost or 0) < 0:
        raise InputError("an offer and its cost are not below zero", f"write {HOW}")
    return offer


def illiquid_rows(rows: Sequence[Illiquid], now: datetime, zone: ZoneInfo, width: int) -> tuple[Line, list[Line]]:
    """Titles and one line a lot, as many columns as fit."""
    kept = fitting(COLUMNS, width)
    return header_of(COLUMNS, kept), [row_of(COLUMNS, kept, _cells(one, now, zone)) for one in rows]


def _cells(one: Illiquid, now: datetime, zone: ZoneInfo) -> tuple[Piece, ...]:
    lot, offer, worth = one.lot, one.told.offer, one.worth
    today = tax_day(now, zone)
    loss = None if one.sale is None else EXACT.minus(one.sale.gain)
    saves = None if worth is None else EXACT.add(worth.saved_now, worth.saved_hoped)
    net = None if worth is None else worth.net
    return (
        ("◇ token" if one.is_token else "○ coin", "muted"),
        (clean(lot.account), "plain"),
        (clean(lot.asset), "title"),
        (units(lot.quantity, 11), "plain"),
        (day(tax_day(lot.acquired_at, zone)), "muted"),
        (term_on(lot, today).value, "muted"),
        (dollars(lot.cost_basis, 11), "plain"),
        ("no buyer" if offer is None else dollars(offer.price, 10), "soon" if offer is None else "plain"),
        (UNKNOWN if offer is None or offer.cost is None else dollars(offer.cost, 8), "plain"),
        (dollars(loss, 11), "plain"),
        (dollars(saves, 11), "plain"),
        (dollars(net, 11, has_sign=True), role_of(net)),
    )


def illiquid_words(one: Illiquid, now: datetime, zone: ZoneInfo) -> list[list[Words]]:
    """The lot, what its disposal would do, and what makes that disposal hold; a list of parts for each line."""
    lot, today = one.lot, tax_day(now, zone)
    left = days_to_long_term(lot.long_term_on, today)
    clock = f"long-term in {count(left, 'day')}" if left else "long-term"
    head = f"{exact(lot.quantity)} {lot.asset} in {lot.account}, acquired {tax_day(lot.acquired_at, zone)}, {clock}"
    lines: list[list[Words]] = [[(clean(head, 300), "bold")]]
    lines += _worth(one)
    lines.append(
        [
            (
                "  Holding it is no loss, however worthless (CCA 202302011): only a sale is. Nothing is bought back.",
                "$muted",
            )
        ]
    )
    done = one.told.evidence
    for place, (what, why) in enumerate(CHECKLIST, 1):
        sign = "✓" if place == len(CHECKLIST) and done else "□"
        lines.append([(f"  {sign} {what}: ", "bold $soon" if sign == "□" else "bold $gain"), why])
    if done:
        lines.append([("    ", ""), clean(done, 500)])
    kind = "nft_trade" if one.is_token else "trade"
    lines.append([(f"  Once it is sold: import a row `{kind}` with txid, address and a note of the buyer.", "$muted")])
    return lines


def _worth(one: Illiquid) -> list[list[Words]]:
    offer, worth = one.told.terms, one.worth
    if one.lot.cost_basis is None:
        return [[("  its basis is unknown: what a disposal would lose cannot be told; solve that first (!)", "$soon")]]
    said = "for nothing (no buyer yet: not counted anywhere)" if one.told.offer is None else f"for {money(offer.price)}"
    cost = "a cost that nobody told" if offer.cost is None else f"a cost of {money(offer.cost)}"
    if one.sale is None or worth is None:
        return [[f"  disposed of {said} at {cost}; the year is not weighed yet"]]
    term = "short" if one.sale.term is Term.SHORT else "long"
    lines: list[list[Words]] = [
        [f"  disposed of {said} at {cost}: {term}-term result {signed(one.sale.gain)}"],
        [
            ("  would save ", "$muted"),
            money(worth.saved_now),
            (" this year", "$muted"),
            *([f" and perhaps {money(worth.saved_hoped)}"] if worth.saved_hoped else []),
            ("; better than keeping it by ", "$muted"),
            (signed(worth.net), _style(worth.net)),
        ],
    ]
    return lines


def _style(value: Decimal) -> str:
    return f"${role_of(value)}" if value else ""


def sum_words(rows: Sequence[Illiquid], worth: DisposalWorth | None) -> str:
    """What is in the lane, and what all of it would do in one year."""
    if worth is None:
        return ""
    waiting = sum(one.told.offer is None for one in rows)
    saves = EXACT.add(worth.saved_now, worth.saved_hoped)
    without = f"; {count(waiting, 'lot')} without a buyer" if waiting else ""
    return f"all together: loss {money(worth.loss)}, would save {money(saves)}, net {signed(worth.net)}{without}"


def checklist_text(one: Illiquid) -> str:
    """The disposal as a list to keep with the evidence, to copy."""
    lot, offer = one.lot, one.told.terms
    lines = [
        f"Disposal of {plain(lot.quantity)} {lot.asset} in {lot.account}, lot {lot.lot_id}",
        f"basis {UNKNOWN if lot.cost_basis is None else plain(lot.cost_basis)} USD, price {plain(offer.price)} USD, "
        f"cost {UNKNOWN if offer.cost is None else plain(offer.cost)} USD",
        *(f"[ ] {what}: {why}" for what, why in CHECKLIST),
        f"evidence: {one.told.evidence or '(transaction id, buyer)'}",
    ]
    return "".join(f"{clean(line, 600)}\n" for line in lines)
