"""Realized results year by year, out of the facts on screen: a year is worked out once and kept until they change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.tax_days import tax_year
from harvest_tui.session.home import Home

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from harvest_tui.core.lots.ledger import Ledger
    from harvest_tui.core.lots.realized import Realized
    from harvest_tui.core.records import EventId
    from harvest_tui.session.profile_watch import ProfileWatch


class Booked(Home, Protocol):
    """A home with the user's choices."""

    profile_watch: ProfileWatch


class Results:
    """Reads what the ledger holds; nothing is matched again for it."""

    def __init__(self, home: Booked) -> None:
        self._home = home
        self._version = -1
        self._years: tuple[int, ...] = ()
        self._known: dict[int, Realized] = {}

    async def years(self) -> tuple[int, ...]:
        """The tax years with a disposal or a gap, and the present one, the oldest first."""
        home = self._home
        self._follow()
        this = tax_year(home.now(), home.rules().zone)
        if not self._years:
            version = self._version
            found = await asyncio.to_thread(_years, home.facts().ledger, home.rules().zone)
            if version != self._version:
                return tuple(sorted({*found, this}))
            self._years = found
        return tuple(sorted({*self._years, this}))

    async def of(self, year: int) -> Realized | None:
        """The results of the tax year; None as long as the sales have not been read since the program began.

        Cautions are those about the disposals themselves: what an allocation lacks, `load_realized` tells.
        """
        from harvest_tui.core.lots.form_8949 import ExpectedForms
        from harvest_tui.core.lots.realized import realized_in
        from harvest_tui.session.realized import brokers_of

        home = self._home
        self._follow()
        ledger, version = home.facts().ledger, self._version
        if isinstance(ledger.lots, KeptLots):
            return None  # the picture of the last run has no sales in it
        known = self._known.get(year)
        if known is None:
            rules, settings = home.rules(), home.profile_watch.settings
            names = await asyncio.to_thread(_named, ledger, year, rules.zone)
            events = await home.store.named_events(names)
            brokers = brokers_of(settings, home.accounts())
            forms = ExpectedForms(brokers, {event.event_id: event for event in events}, rules.zone)
            known = await asyncio.to_thread(realized_in, ledger, forms, year)
            if version == self._version:
                self._known[year] = known
        return known

    def _follow(self) -> None:
        if self._version != self._home.facts_version:
            self._version = self._home.facts_version
            self._years, self._known = (), {}


def _years(ledger: Ledger, zone: ZoneInfo) -> tuple[int, ...]:
    sold = {tax_year(one.disposed_at, zone) for one in ledger.disposals}
    return tuple(sorted(sold | {tax_year(one.at, zone) for one in ledger.gaps}))


def _named(ledger: Ledger, year: int, zone: ZoneInfo) -> list[EventId]:
    """The sales of the year and the purchases that they are of, which their boxes depend on."""
    sold = [one for one in ledger.disposals if abs(one.disposed_at.year - year) <= 1]
    of_year = [one for one in sold if tax_year(one.disposed_at, zone) == year]
    return sorted({one.event_id for one in of_year} | {one.origin_id for one in of_year})
