"""What an account holds, summed per asset over the exchange's wallets, with the part that cannot be sold at once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import AccountId, Asset, Balance


class Holdings:
    """Units as the wallets of one account tell them, one after the other."""

    def __init__(self) -> None:
        self._held: dict[Asset, Decimal] = {}
        self._locked: dict[Asset, Decimal] = {}

    def add(self, asset: Asset, units: Decimal, locked: Decimal = ZERO) -> None:
        """Counts a wallet of `units`, `locked` of which are no part of what an order could sell now."""
        self._held[asset] = EXACT.add(self._held.get(asset, ZERO), units)
        if locked:
            self._locked[asset] = EXACT.add(self._locked.get(asset, ZERO), locked)

    def balances(self, account: AccountId, at: datetime) -> list[Balance]:
        """A balance for each asset that was told of. No more is locked than is held, and never less than nothing."""
        return [
            Balance(account, asset, units, at, max(ZERO, min(units, self._locked.get(asset, ZERO))))
            for asset, units in self._held.items()
        ]
