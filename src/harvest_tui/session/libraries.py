"""What takes long to import, imported behind the first paint."""

from __future__ import annotations

from contextlib import suppress

from harvest_tui.errors import HarvestError


def import_exchange_library() -> None:
    """Loads ccxt and all that speaks it; where it cannot be, each account says so when it is asked."""
    with suppress(HarvestError):
        import harvest_tui.exchanges.client
        import harvest_tui.exchanges.history
        import harvest_tui.exchanges.live_prices  # noqa: F401
