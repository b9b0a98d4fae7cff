"""Binance and Binance.US: one body with two sets of endpoints."""

from harvest_tui.simulator.binance_com import BinanceVenue
from harvest_tui.simulator.binance_us import BinanceUsVenue

__all__ = ["BinanceUsVenue", "BinanceVenue"]
