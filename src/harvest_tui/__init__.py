"""harvest_tui: a terminal monitor for crypto tax lots and the losses worth harvesting."""

__version__ = "0.1.0"
