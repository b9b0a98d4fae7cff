"""Which strategy reads which exchange; a strategy is imported when its exchange is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from harvest_tui.errors import InputError
from harvest_tui.exchanges.strategies.base import Strategy

_STRATEGIES = {
    "kraken": ("kraken", "KrakenStrategy"),
    "coinbase": ("coinbase", "CoinbaseStrategy"),
    "binance": ("binance", "BinanceStrategy"),
    "binanceus": ("binance", "BinanceUsStrategy"),
}

SUPPORTED: tuple[str, ...] = tuple(_STRATEGIES)
"""The ccxt ids whose whole history can be read."""


def strategy_class(exchange: str) -> Callable[[], Strategy]:
    """The strategy of a ccxt id; call it once a sync.

    Raises:
        InputError: no strategy reads this exchange.
    """
    if exchange not in _STRATEGIES:
        raise InputError(
            f"{exchange[:40]!r} cannot be connected", f"choose one of {', '.join(SUPPORTED)}, or import its export file"
        )
    module, name = _STRATEGIES[exchange]
    found: Callable[[], Strategy] = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    return found
