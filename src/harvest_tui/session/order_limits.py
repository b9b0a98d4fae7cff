"""What each exchange demands of a sale for dollars and what it holds fast, for positions, from what the cache keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from harvest_tui.core.harvest.order_limits import OrderLimits
from harvest_tui.core.money import parse_decimal
from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import USD, AccountId, Asset
from harvest_tui.exchanges.assets import canonical_asset

if TYPE_CHECKING:
    from harvest_tui.store import Store

DOLLARS: tuple[Asset, ...] = (USD, Asset("USDC"), Asset("USDT"), Asset("FDUSD"))
"""What a sale for dollars may be paid in, the most welcome first."""


class OrderLimitBook:
    """Order limits by exchange. A list of markets is read from the cache once, and again when it was renewed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[datetime, Mapping[Asset, OrderLimits]]] = {}

    async def load(
        self, positions: Iterable[PositionKey], exchanges: Mapping[AccountId, str]
    ) -> dict[PositionKey, OrderLimits | None]:
        """The limits of each position at its account's exchange; None where no market there sells it for dollars.

        Left out, as nothing is known of them, are positions of accounts without an exchange and of exchanges whose
        list of markets was never kept.
        """
        wanted = [(key, exchanges.get(key[0], "")) for key in positions]
        listed = {exchange: await self._listed(exchange) for exchange in {name for _, name in wanted} if exchange}
        found: dict[PositionKey, OrderLimits | None] = {}
        for key, exchange in wanted:
            limits = listed.get(exchange)
            if limits is not None:
                found[key] = limits.get(key[1])
        return found

    async def _listed(self, exchange: str) -> Mapping[Asset, OrderLimits] | None:
        saved_at = await self._store.markets_saved_at(exchange)
        if saved_at is None:
            return None
        known = self._known.get(exchange)
        if known is None or known[0] != saved_at:
            known = self._known[exchange] = saved_at, limits_by_asset(exchange, await self._store.markets(exchange))
        return known[1]


def limits_by_asset(exchange: str, markets: Sequence[Mapping[str, Any]]) -> dict[Asset, OrderLimits]:
    """The limits on selling each asset of the exchange's open dollar markets, given as unified ccxt rows.

    An asset is found by the exchange's own code first: ccxt gives a few coins another name than the books have.
    """
    by_code: dict[Asset, OrderLimits] = {}
    by_name: dict[Asset, OrderLimits] = {}
    ranks = {currency: rank for rank, currency in enumerate(DOLLARS)}
    for market in sorted((one for one in markets if _sells_for_dollars(one)), key=lambda one: ranks[one["quote"]]):
        limits = _limits_of(market)
        by_code.setdefault(canonical_asset(exchange, str(market.get("baseId") or market["base"])), limits)
        by_name.setdefault(Asset(market["base"]), limits)
    return by_name | by_code


def _sells_for_dollars(market: Mapping[str, Any]) -> bool:
    is_spot = market.get("spot") is not False and ":" not in str(market.get("symbol", ":"))
    return is_spot and market.get("active") is not False and market.get("quote") in DOLLARS and bool(market.get("base"))


def _limits_of(market: Mapping[str, Any]) -> OrderLimits:
    """ccxt tells the step itself, not a count of decimals, for every exchange read here (`precisionMode` TICK_SIZE)."""
    return OrderLimits(
        step=_told(market, "precision", "amount"),
        least_quantity=_told(market, "limits", "amount", "min"),
        least_cost=_told(market, "limits", "cost", "min"),
        market=str(market["symbol"]),
    )


def _told(market: Mapping[str, Any], *names: str) -> Decimal | None:
    """A number above zero that the row carries as text or as a whole number, else None."""
    value: Any = market
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None
    try:
        number = parse_decimal(str(value))
    except ValueError:
        return None
    return number if number > 0 else None
