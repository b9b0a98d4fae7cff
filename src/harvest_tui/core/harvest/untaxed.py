"""How much long-term gain costs no tax this year: up to the top of the 0 % bracket."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.harvest.later import USUAL, LaterRates
from harvest_tui.core.harvest.surface import TaxSurface
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax.profile import Profile


def untaxed_long_gain(surface: TaxSurface, short: Decimal, long: Decimal) -> Decimal:
    """Dollars of further long-term gain that leave the year's tax as it is, from the year's results so far.

    What first uses up a net loss counts too, if that loss saved nothing. Cut to the cent.
    """
    here = surface.at(short, long)
    free = ZERO
    for mark in _bends(surface, short, long):
        if surface.at(short, EXACT.add(long, mark)) > here:
            break
        free = mark
    return free


def taxed_later(rates: LaterRates, profile: Profile) -> LaterRates:
    """The rates for those who harvest gains: a higher basis is worth something only if a later sale is taxed.

    Who pays nothing now is taken to pay the usual 15 % then, state tax on top, unless a rate was told.
    """
    if profile.later_rate is not None:
        return rates
    long = max(rates.long, EXACT.add(USUAL, profile.state_rate))
    return rates._replace(long=long, short=max(rates.short, long))


def _bends(surface: TaxSurface, short: Decimal, long: Decimal) -> list[Decimal]:
    """Gains at which the tax may bend, rising; between two of them it is linear."""
    found = set()
    for a, b, at in surface.edges():
        if b:
            value = EXACT.add(EXACT.multiply(Decimal(a), short), EXACT.multiply(Decimal(b), long))
            found.add(rounded(ROUNDED.divide(EXACT.subtract(at, value), Decimal(b)), 2))
    return sorted(mark for mark in found if mark > 0)
