"""What a buyer would pay for what no market prices, and the evidence of a disposal, as the user told them by lot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.money import parse_decimal, plain
from harvest_tui.core.records import LotId
from harvest_tui.session.marking import checked_reason

if TYPE_CHECKING:
    from harvest_tui.core.harvest.disposal import Offer
    from harvest_tui.session.home import Home

_OFFERS = "offers"
"""The note that holds them, by lot."""


class Told(NamedTuple):
    """The offer for a lot, None before there is one, and who bought it in which transaction."""

    offer: Offer | None = None
    evidence: str = ""

    @property
    def terms(self) -> Offer:
        """The offer, or nothing paid at no cost told."""
        from harvest_tui.core.harvest.disposal import NO_OFFER

        return NO_OFFER if self.offer is None else self.offer


NOTHING_TOLD = Told()


class Offers:
    """Kept in the home; each verb raises ReadOnlyStore where nothing can be written."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._told: dict[LotId, Told] | None = None
        self.version = 0
        """Grows with every change, and once they are read."""

    @property
    def told(self) -> Mapping[LotId, Told]:
        """What is known; nothing before `load`."""
        return {} if self._told is None else self._told

    def of(self, lot_id: LotId) -> Told:
        """What was told of the lot."""
        return self.told.get(lot_id, NOTHING_TOLD)

    async def load(self) -> None:
        """Reads them once."""
        if self._told is None:
            note = await self._home.store.get_note(_OFFERS)
            self._told = {LotId(lot): _read(kept) for lot, kept in json.loads(note or "{}").items()}
            self.version += 1

    async def offer(self, lot_id: LotId, offer: Offer | None) -> None:
        """Keeps an offer for the lot; None takes it away."""
        await self.load()
        await self._keep(lot_id, self.of(lot_id)._replace(offer=offer))

    async def evidence(self, lot_id: LotId, words: str) -> None:
        """Keeps who bought the lot in which transaction. Raises InputError where that is too long or not text."""
        await self.load()
        await self._keep(lot_id, self.of(lot_id)._replace(evidence=checked_reason(words)))

    async def _keep(self, lot_id: LotId, told: Told) -> None:
        kept = {**self.told, lot_id: told}
        kept = {lot: one for lot, one in kept.items() if one != NOTHING_TOLD}
        note = json.dumps({lot: _written(one) for lot, one in sorted(kept.items())}) if kept else None
        await self._home.store.set_note(_OFFERS, note)
        self._told = kept
        self.version += 1


def _written(told: Told) -> dict[str, str | None]:
    offer = told.offer
    return {
        "price": None if offer is None else plain(offer.price),
        "cost": None if offer is None or offer.cost is None else plain(offer.cost),
        "evidence": told.evidence,
    }


def _read(kept: Mapping[str, str | None]) -> Told:
    from harvest_tui.core.harvest.disposal import Offer

    price, cost = kept["price"], kept["cost"]
    offer = None if price is None else Offer(parse_decimal(price), None if cost is None else parse_decimal(cost))
    return Told(offer, kept["evidence"] or "")
