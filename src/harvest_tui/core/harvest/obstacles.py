"""What stands against selling: the reasons for which a lot is left, in words a person understands."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from harvest_tui.core.harvest.circumstances import Circumstances
from harvest_tui.core.harvest.costs import Sale
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.money import EXACT, ZERO, plain
from harvest_tui.core.tax.wash_sales import WINDOW_DAYS

_NFT = "#"


def against_all(
    lots: Sequence[Lot], price: Decimal | None, around: Circumstances, wait_days: int, takes_gains: bool
) -> str:
    """What stands against every lot of a position at `price` in US dollars a unit; "" where nothing does.

    Of a coin without value there is no loss before a real disposal (CCA 202302011). The wash-sale rule is about losses
    (IRC 1091): it defers them where the asset is bought within 30 days before or after, so also where it is bought
    back after a wait of `wait_days` within them.
    """
    if _NFT in lots[0].asset:
        return "a token of its own: its loss comes only with a real sale to an unrelated buyer"
    if price is None:
        return "no price is known"
    if price <= 0:
        return "the price is zero: a loss comes only with a real disposal, and nobody buys here"
    if not around.is_sellable:
        return "its exchange has no market against dollars"
    if around.is_mismatched:
        return "the balance does not match its lots: solve that first, or the sale may consume others"
    if around.wash_sale_rule and not takes_gains:
        if around.bought_lately > 0:
            return f"bought within {WINDOW_DAYS} days: the wash-sale rule would defer the loss"
        if wait_days <= WINDOW_DAYS:
            return (
                f"the wash-sale rule would defer the loss when it is bought back within {WINDOW_DAYS} days: "
                f"plan it with a wait of {WINDOW_DAYS + 1} days (profile set wait-days {WINDOW_DAYS + 1})"
            )
    return _against_size(lots, price, around)


def _against_size(lots: Sequence[Lot], price: Decimal, around: Circumstances) -> str:
    """Whether one order could sell anything of it."""
    held = ZERO
    for lot in lots:
        held = EXACT.add(held, lot.quantity)
    free = EXACT.subtract(held, around.locked)
    limits = around.limits
    if limits is not None and not limits.takes(held, price):
        return "dust: all of it is less than the smallest order its exchange takes"
    if free <= 0 or (limits is not None and not limits.takes(free, price)):
        return against_locked(around.locked)
    return ""


def against_locked(locked: Decimal) -> str:
    """That so many units cannot be sold."""
    return f"staked or locked: {plain(locked)} of the position cannot be sold now"


def against_sale(lot: Lot, sale: Sale | None, takes_gains: bool) -> str:
    """What stands against the sale of one lot, None for one of unknown basis; "" where nothing does."""
    if sale is None:
        return "its basis is unknown: close that gap first"
    gain = sale.gain
    if not gain and lot.loss_basis is not None:
        return "a gift between the giver's basis and its value then: neither gain nor loss"
    if not takes_gains:
        return "" if gain < 0 else "no loss to harvest"
    if gain <= 0:
        return "no gain to harvest"
    if sale.term is Term.SHORT:
        return f"a short-term gain, taxed as ordinary income: long-term from {lot.long_term_on.isoformat()}"
    return ""
