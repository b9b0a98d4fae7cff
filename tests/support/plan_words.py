"""Short words for plans: `lot("b1", cost=..., ...)`, `occasion(lots, prices, person(...))`, `reasons(plan)`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.circumstances import Circumstances
from harvest_tui.core.harvest.plan import Occasion, Plan, make_plan, target_of
from harvest_tui.core.harvest.targets import Aim
from harvest_tui.core.lots.ledger import Ledger, Lot, Provenance
from harvest_tui.core.portfolio import Portfolio, PositionKey, positions_of
from harvest_tui.core.records import AccountId, Asset, EventId, LotId, Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.year_so_far import year_so_far
from harvest_tui.core.tax_days import long_term_on
from support.harvest_words import dec

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def lot(
    name: str,
    cost: object,
    quantity: object = 1,
    asset: str = "BTC",
    account: str = "kraken",
    acquired: date = date(2026, 6, 1),
    **more: Any,
) -> Lot:
    """An open lot; `cost` None is an unknown basis."""
    at = datetime(acquired.year, acquired.month, acquired.day, 15, tzinfo=UTC)
    return Lot(
        LotId(name),
        EventId(name),
        AccountId(account),
        Asset(asset),
        at,
        long_term_on(at, ZONE),
        dec(quantity),
        None if cost is None else dec(cost),
        Provenance.PROVEN,
        **more,
    )


def key(asset: str = "BTC", account: str = "kraken") -> PositionKey:
    return AccountId(account), Asset(asset)


def occasion(
    lots: list[Lot],
    prices: dict[str, object],
    profile: Profile,
    around: dict[PositionKey, Circumstances] | None = None,
    now: datetime = NOW,
) -> Occasion:
    """What a plan for these lots is made from; prices by asset."""
    ledger = Ledger(tuple(sorted(lots, key=lambda one: one.acquired_at)))
    day = now.astimezone(ZONE).date()
    positions = positions_of(ledger, day)
    quotes = {one: Quote(one[1], dec(prices[one[1]]), now, "file") for one in positions if one[1] in prices}
    portfolio = Portfolio(ledger, positions, (), (), quotes, now, day)
    return Occasion(portfolio, year_so_far(ledger, profile, day.year, ZONE), profile, around or {}, ZONE)


def plan_of(told: Occasion, aim: Aim = Aim.BEST, amount: object = 0) -> Plan:
    """The plan for an aim."""
    return make_plan(told, target_of(aim, dec(amount), told))


def reasons(plan: Plan) -> dict[str, str]:
    """Why each lot is left."""
    return {skip.lot.lot_id: skip.why for skip in plan.skipped}


def sold(plan: Plan) -> dict[str, str]:
    """The units of each mark, in plain text."""
    return {mark.lot.lot_id: f"{mark.quantity.normalize():f}" for mark in plan.marks}
