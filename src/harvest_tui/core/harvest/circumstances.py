"""What stands around a position: who holds it, in which order its lots go, and what of it can be sold at all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from harvest_tui.core.harvest.costs import ASSUMED
from harvest_tui.core.harvest.order_limits import OrderLimits
from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.money import ZERO
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.tax.digital_assets import BrokerIdentification


class Reach(StrEnum):
    """Which lots of a position a sale can really consume."""

    ANY = "any lot that is named in a dated record before the sale"
    IN_ORDER = "lots only in the order in which the venue uses them up"


class Circumstances(NamedTuple):
    """Facts about one account's holding of one asset.

    `is_sellable` is False where its exchange has no market against dollars; `limits` are None where nobody told any.
    `locked` units cannot be sold at once. `lot_order` is the standing order of the account. `wash_sale_rule` says
    whether that rule binds the asset this year (shares of funds, tokenised stock; coins only if a law adds them);
    `bought_lately` are units still held that were bought, in any account, within its days.
    """

    reach: Reach = Reach.ANY
    lot_order: str = "fifo"
    is_sellable: bool = True
    limits: OrderLimits | None = None
    locked: Decimal = ZERO
    is_mismatched: bool = False
    wash_sale_rule: bool = False
    bought_lately: Decimal = ZERO
    volatility: Volatility = ASSUMED


PLAIN = Circumstances()
Surroundings = Mapping[PositionKey, Circumstances]
"""Positions that are not in it are `PLAIN`."""


def reach_of(is_broker: bool, takes_instructions: bool, rule: BrokerIdentification) -> Reach:
    """What a record of the owner can reach (Reg. 1.1012-1(j); Notices 2025-7 and 2026-20 accept own books until 2026).

    A wallet of one's own is always identified by one's own books. Where the broker must be told, a lot can be chosen
    only if the venue takes the instruction; else its standing order decides.
    """
    if is_broker and rule is BrokerIdentification.TELL_THE_BROKER and not takes_instructions:
        return Reach.IN_ORDER
    return Reach.ANY
