"""The days of a lot: when it was acquired, in the taxpayer's zone."""

from __future__ import annotations

from datetime import date, timedelta

from harvest_tui.core.lots.ledger import Lot


def acquired_on(lot: Lot) -> date:
    """The tax day the lot was acquired on, in the taxpayer's zone.

    Told by the first long-term day, which the core derived in that zone: one year and one day later.
    """
    last_short = lot.long_term_on - timedelta(days=1)
    told = lot.acquired_at.date()
    for candidate in (told, told - timedelta(days=1), told + timedelta(days=1)):
        if (candidate.month, candidate.day) == (last_short.month, last_short.day):
            return candidate
    return told
