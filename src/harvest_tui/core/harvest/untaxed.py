"""How much long-term gain costs no tax this year: up to the top of the 0 % bracket."""

from __future__ import annotations

from decimal import Decimal

from harvest_tui.core.harvest.federal_surface import FederalSurface
from harvest_tui.core.harvest.later import USUAL, LaterRates
from harvest_tui.core.harvest.surface import TaxSurface
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import TaxInputs


def untaxed_long_gain(inputs: TaxInputs) -> Decimal:
    """Dollars of further long-term gain up to the top of the 0 % bracket, from the year so far (IRC 1(h)(1)(B)).

    A gain first meets net losses and long-term losses that offset short-term gains; what follows is preferred income.
    Where none of it would be untaxed, only what leaves the tax as it is counts: losses that saved nothing. Cut to the
    cent. Raises ValueError, in words, for a year without parameters.
    """
    surface = FederalSurface(inputs)
    net_short = EXACT.subtract(inputs.short_gain, inputs.carry_short)
    net_long = EXACT.subtract(EXACT.add(inputs.long_gain, inputs.collectibles_gain), inputs.carry_long)
    met = max(ZERO, EXACT.minus(net_long), EXACT.minus(EXACT.add(net_short, net_long)))
    beyond = _flat(surface, inputs.short_gain, EXACT.add(inputs.long_gain, met))
    return EXACT.add(met, beyond) if beyond else _flat(surface, inputs.short_gain, inputs.long_gain)


def _flat(surface: TaxSurface, short: Decimal, long: Decimal) -> Decimal:
    """Dollars of long-term gain from there on that leave the tax as it is."""
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
